/* Tables whose columns line up where some characters take two places. */
#include "cli/cli.h"

#include "base/utf8.h"

#include <stdlib.h>

struct cli_cell {
    char *text;
    enum cli_color color;
};

void cli_table_open(struct cli_table *t, const char *const *heads) {
    *t = (struct cli_table){.heads = heads};
    while (heads[t->columns]) t->columns++;
}

void cli_table_cell(struct cli_table *t, enum cli_color color, struct sori_str text) {
    if (t->count == t->cap) {
        t->cap = t->cap ? t->cap * 2 : 64;
        t->cells = mem_grow(t->cells, t->cap * sizeof *t->cells);
    }
    struct buf line = {0};
    cli_put_cut(&line, text, 1000);
    t->cells[t->count++] = (struct cli_cell){mem_text(buf_view(&line)), color};
    buf_free(&line);
}

void cli_table_close(struct cli_table *t) {
    for (size_t i = 0; i < t->count; i++) free(t->cells[i].text);
    free(t->cells);
    *t = (struct cli_table){0};
}

enum { GAP = 2, NARROWEST = 8 };

static void widths(const struct cli_table *t, size_t room, size_t *width) {
    for (size_t c = 0; c < t->columns; c++) width[c] = utf8_width(str_c(t->heads[c]));
    for (size_t i = 0; i < t->count; i++) {
        size_t w = utf8_width(str_c(t->cells[i].text)), c = i % t->columns;
        if (w > width[c]) width[c] = w;
    }
    for (;;) {
        size_t total = 0, widest = 0;
        for (size_t c = 0; c < t->columns; c++) {
            total += width[c] + (c ? GAP : 0);
            if (width[c] > width[widest]) widest = c;
        }
        if (total <= room || width[widest] <= NARROWEST) return;
        width[widest]--; /* a little each, so that wide ones end alike */
    }
}

static void put_row(struct buf *b, const struct cli_table *t, const size_t *width, bool color,
                    const struct cli_cell *row) {
    for (size_t c = 0; c < t->columns; c++) {
        struct buf cell = {0};
        size_t used = cli_put_cut(&cell, str_c(row ? row[c].text : t->heads[c]), width[c]);
        cli_paint(b, color, row ? row[c].color : CLI_DIM, buf_view(&cell));
        buf_free(&cell);
        if (c + 1 == t->columns) break;
        for (size_t pad = used; pad < width[c] + GAP; pad++) buf_putc(b, ' ');
    }
    while (b->len > 0 && b->data[b->len - 1] == ' ') b->len--;
    buf_putc(b, '\n');
}

void cli_table_print(struct cli_table *t, FILE *out) {
    if (t->columns == 0) return;
    size_t *width = mem_get(t->columns * sizeof *width);
    widths(t, cli_columns(out), width);
    bool color = cli_is_color(out);
    struct buf b = {0};
    put_row(&b, t, width, color, NULL);
    for (size_t i = 0; i + t->columns <= t->count; i += t->columns)
        put_row(&b, t, width, color, t->cells + i);
    fwrite(b.data, 1, b.len, out);
    buf_free(&b);
    free(width);
}
