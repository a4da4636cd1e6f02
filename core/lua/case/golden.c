/* Golden decisions: whole decisions as text, kept beside the tests in tests/golden/NAME_test.txt,
 * one section a case under a line "== name of the case". */
#include "lua/policy_inner.h"

#include <stdlib.h>

enum { DIFF_LINES = 400 };

void case_print(struct sori_str decision, struct buf *out) {
    struct rec_field f;
    buf_puts(out, decision_word(rec_get_int(decision, DEC_STATUS, 0)));
    if (rec_get_str(decision, DEC_RULE).len)
        buf_printf(out, " by \"%.*s\"", STR(rec_get_str(decision, DEC_RULE)));
    if (rec_get_str(decision, DEC_OUTCOME).len)
        buf_printf(out, ": %.*s", STR(rec_get_str(decision, DEC_OUTCOME)));
    buf_putc(out, '\n');
    if (rec_get_str(decision, DEC_DIRECTION).len)
        buf_printf(out, "  direction %.*s\n", STR(rec_get_str(decision, DEC_DIRECTION)));
    for (struct sori_str rest = decision; rec_next(&rest, &f) == 1;) {
        if (f.tag == DEC_LABEL && f.type == REC_STR) buf_printf(out, "  label %.*s\n", STR(f.s));
        if (f.tag == DEC_NOTE && f.type == REC_STR) buf_printf(out, "  note \"%.*s\"\n", STR(f.s));
    }
    while (rec_next(&decision, &f) == 1)
        if (f.tag == DEC_INTENT && f.type == REC_REC) act_print(out, f.s);
}

void case_golden_path(const char *file, struct buf *out) {
    const char *slash = strrchr(file, '/'), *base = slash ? slash + 1 : file;
    size_t stem = strlen(base);
    if (stem > 4) stem -= 4; /* .lua */
    buf_printf(out, "%.*sgolden/%.*s.txt", (int)(base - file), file, (int)stem, base);
}

/* The next line without its end, which may be that of another system. False at the end. */
static bool next_line(struct sori_str *rest, struct sori_str *line) {
    if (rest->len == 0) return false;
    const char *end = memchr(rest->ptr, '\n', rest->len);
    line->ptr = rest->ptr;
    line->len = end ? (size_t)(end - rest->ptr) : rest->len;
    size_t taken = line->len + (end != NULL);
    rest->ptr += taken;
    rest->len -= taken;
    if (line->len && line->ptr[line->len - 1] == '\r') line->len--;
    return true;
}

static bool heads(struct sori_str line) { return str_starts(line, SORI_STR("== ")); }

int case_golden_find(const struct policy *p, const struct policy_case *item,
                     struct sori_str *text) {
    struct buf path = {0};
    struct sori_str rest = {0}, line;
    case_golden_path(item->file, &path);
    for (size_t i = 0; i < p->file_count; i++)
        if (strcmp(p->files[i].path, path.data) == 0) rest = p->files[i].bytes;
    buf_free(&path);
    int number = 0, found = 0;
    while (!found && next_line(&rest, &line)) {
        number++;
        if (heads(line) && str_is((struct sori_str){line.ptr + 3, line.len - 3}, item->name))
            found = number;
    }
    *text = rest;
    text->len = 0;
    struct sori_str left = rest;
    while (found && next_line(&left, &line) && !heads(line)) text->len = rest.len - left.len;
    return found;
}

/* Sections that no case asks for any more. */
static void stale_in(const struct policy *p, const struct file *file, struct buf *out) {
    struct sori_str rest = file->bytes, line;
    for (int number = 1; next_line(&rest, &line); number++) {
        if (!heads(line)) continue;
        struct sori_str name = {line.ptr + 3, line.len - 3};
        bool asked = false;
        for (size_t i = 0; i < p->case_count && !asked; i++) {
            struct buf path = {0};
            case_golden_path(p->cases[i].file, &path);
            asked = p->cases[i].golden && strcmp(path.data, file->path) == 0 &&
                    str_is(name, p->cases[i].name);
            buf_free(&path);
        }
        if (asked) continue;
        buf_printf(out, "%s:%d: no case has a golden decision \"", file->path, number);
        plain_put(out, name);
        buf_puts(out, "\"; --update takes it out\n");
    }
}

void case_golden_stale(const struct policy *p, struct buf *out) {
    for (size_t i = 0; i < p->file_count; i++) {
        size_t n = strlen(p->files[i].path);
        if (n > 4 && strcmp(p->files[i].path + n - 4, ".txt") == 0) stale_in(p, &p->files[i], out);
    }
}

/* ---- the difference ---- */

struct lines {
    struct sori_str at[DIFF_LINES];
    size_t count;
    bool more;
};

static void cut_lines(struct sori_str text, struct lines *out) {
    out->count = 0;
    out->more = false;
    for (struct sori_str line; next_line(&text, &line);) {
        if (out->count == DIFF_LINES) {
            out->more = true;
            return;
        }
        out->at[out->count++] = line;
    }
    /* A section ends with an empty line or the file. */
    while (out->count && out->at[out->count - 1].len == 0) out->count--;
}

static void put_line(struct buf *out, char mark, struct sori_str line) {
    buf_printf(out, "      %c ", mark);
    plain_put(out, line);
    buf_putc(out, '\n');
}

/* The longest common run of lines, from the ends: [i][k] is of the lines from i and k on. */
static uint16_t *common(const struct lines *a, const struct lines *b) {
    size_t w = b->count + 1;
    uint16_t *n = mem_get((a->count + 1) * w * sizeof *n);
    for (size_t i = a->count; i-- > 0;)
        for (size_t k = b->count; k-- > 0;) {
            uint16_t down = n[(i + 1) * w + k], right = n[i * w + k + 1];
            n[i * w + k] = str_eq(a->at[i], b->at[k]) ? (uint16_t)(n[(i + 1) * w + k + 1] + 1)
                           : down > right             ? down
                                                      : right;
        }
    return n;
}

void case_diff(struct sori_str expected, struct sori_str came, struct buf *out) {
    struct lines *a = mem_get(sizeof *a), *b = mem_get(sizeof *b);
    cut_lines(expected, a);
    cut_lines(came, b);
    uint16_t *n = common(a, b);
    size_t w = b->count + 1;
    for (size_t i = 0, k = 0; i < a->count || k < b->count;) {
        if (i < a->count && k < b->count && str_eq(a->at[i], b->at[k])) {
            put_line(out, ' ', a->at[i++]);
            k++;
        } else if (k == b->count || (i < a->count && n[(i + 1) * w + k] >= n[i * w + k + 1]))
            put_line(out, '-', a->at[i++]);
        else
            put_line(out, '+', b->at[k++]);
    }
    if (a->more || b->more) buf_printf(out, "      … more than %d lines\n", DIFF_LINES);
    free(n);
    free(a);
    free(b);
}
