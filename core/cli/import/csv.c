#include "cli/import/csv.h"

/* Where in a row the walk is. A quote opens only where a field begins, so that an inch sign in the
 * middle of a field ( 5" ) does not swallow the rest of the file. */
enum place { FIELD_START, PLAIN, QUOTED, QUOTE_IN_QUOTED };

static enum place step(enum place at, char c) {
    if (at == QUOTED) return c == '"' ? QUOTE_IN_QUOTED : QUOTED;
    if (at == QUOTE_IN_QUOTED && c == '"') return QUOTED;
    if (at == FIELD_START && c == '"') return QUOTED;
    bool ends = c == ',' || c == ';' || c == '\t' || c == '\n' || c == '\r';
    return ends ? FIELD_START : PLAIN;
}

/* A line break is \n, \r\n or a lone \r; inside quotes it belongs to the field. Every call begins
 * at the beginning of a row. */
size_t csv_take(struct csv_cut *cut, struct sori_str bytes, size_t max, bool end) {
    enum place at = FIELD_START;
    int64_t line = cut->line, best_line = 0;
    size_t best = 0, look = bytes.len < max ? bytes.len : max;
    for (size_t i = 0; i < look; i++) {
        char c = bytes.ptr[i];
        bool quoted = cut->csv && at == QUOTED;
        if (cut->csv) at = step(at, c);
        if (c != '\n' && c != '\r') continue;
        bool more_follows = i + 1 < bytes.len ? bytes.ptr[i + 1] == '\n' : !end;
        if (c == '\r' && more_follows) continue; /* the row ends with its \n */
        line++;
        if (quoted) continue;
        best = i + 1;
        best_line = line;
    }
    if (end && look == bytes.len && best < bytes.len) { /* the last row has no line break */
        best = bytes.len;
        best_line = line;
    }
    if (best > 0) cut->line = best_line;
    return best;
}
