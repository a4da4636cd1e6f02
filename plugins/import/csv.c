#include "csv.h"

static size_t line_end(struct sori_str s) {
    size_t n = 0;
    while (n < s.len && s.ptr[n] != '\n' && s.ptr[n] != '\r') n++;
    return n;
}

static size_t skip_newline(struct sori_str s, size_t at) {
    if (at < s.len && s.ptr[at] == '\r') at++;
    if (at < s.len && s.ptr[at] == '\n') at++;
    return at;
}

/* Reads a quoted field that begins at `at`: the offset behind its closing quote, or 0 where it is
 * never closed. */
static size_t quoted(struct sori_str s, size_t at, struct arena *a, struct sori_str *field,
                     int64_t *lines) {
    struct text t = {0};
    for (size_t i = at + 1; i < s.len; i++) {
        bool doubled = s.ptr[i] == '"' && i + 1 < s.len && s.ptr[i + 1] == '"';
        if (s.ptr[i] == '"' && !doubled) {
            *field = text_keep(&t, a);
            return i + 1;
        }
        bool lone_cr = s.ptr[i] == '\r' && (i + 1 == s.len || s.ptr[i + 1] != '\n');
        if (s.ptr[i] == '\n' || lone_cr) ++*lines;
        text_char(&t, s.ptr[i]);
        i += doubled;
    }
    text_free(&t);
    return 0;
}

static void broken(struct csv_row *row, const char *why) {
    if (!row->wrong) row->wrong = why;
}

static void add(struct csv_row *row, struct sori_str field) {
    if (row->count < CSV_COLUMNS)
        row->field[row->count++] = field;
    else
        broken(row, "more than 256 columns");
}

bool csv_next(struct sori_str *rest, char delimiter, struct arena *a, struct csv_row *row) {
    struct sori_str s = *rest;
    size_t at = 0;
    row->count = 0;
    row->lines = 1;
    row->wrong = NULL;
    if (s.len == 0) return false;
    for (;;) {
        struct sori_str field = {s.ptr + at, 0};
        if (at < s.len && s.ptr[at] == '"') {
            size_t end = quoted(s, at, a, &field, &row->lines);
            if (end == 0) {
                broken(row, "a quote is opened and never closed");
                row->lines = 1;
                at = line_end(s);
                break;
            }
            at = end;
            while (at < s.len && s.ptr[at] == ' ') at++;
            bool over =
                at == s.len || s.ptr[at] == delimiter || s.ptr[at] == '\n' || s.ptr[at] == '\r';
            if (!over) broken(row, "text behind a closing quote");
        }
        size_t from = at;
        while (at < s.len && s.ptr[at] != delimiter && s.ptr[at] != '\n' && s.ptr[at] != '\r') at++;
        if (field.len == 0 && at > from) field = (struct sori_str){s.ptr + from, at - from};
        add(row, field);
        if (at == s.len || s.ptr[at] != delimiter) break;
        at++;
    }
    row->raw = s_head(s, at);
    *rest = s_from(s, skip_newline(s, at));
    return true;
}

char csv_delimiter(struct sori_str header) {
    static const char candidates[] = ",;\t";
    size_t count[3] = {0}, best = 0;
    bool inside = false;
    for (size_t i = 0; i < header.len; i++) {
        if (header.ptr[i] == '"') inside = !inside;
        if (!inside && (header.ptr[i] == '\n' || header.ptr[i] == '\r')) break;
        for (size_t c = 0; c < 3 && !inside; c++) count[c] += header.ptr[i] == candidates[c];
    }
    for (size_t c = 1; c < 3; c++)
        if (count[c] > count[best]) best = c;
    return candidates[best];
}
