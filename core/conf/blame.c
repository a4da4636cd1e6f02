#include "conf/inner.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { BLAMES_MAX = 200 };

void blame(struct blames *b, int line, const char *format, ...) {
    if (b->count == BLAMES_MAX) return; /* nobody reads that many */
    char text[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    struct buf plain = {0};
    plain_put(&plain, str_c(text));
    b->items = mem_grow(b->items, (b->count + 1) * sizeof *b->items);
    b->items[b->count] = (struct blame){line, b->count, mem_text(buf_view(&plain))};
    b->count++;
    buf_free(&plain);
}

static int by_line(const void *a, const void *b) {
    const struct blame *x = a, *y = b;
    if (x->line != y->line) return x->line < y->line ? -1 : 1;
    return x->order < y->order ? -1 : 1;
}

void blames_print(struct blames *b, const char *name, struct buf *errors) {
    if (b->count) qsort(b->items, b->count, sizeof *b->items, by_line);
    for (size_t i = 0; i < b->count; i++) {
        bool again = i && b->items[i].line == b->items[i - 1].line &&
                     strcmp(b->items[i].text, b->items[i - 1].text) == 0;
        if (!again) buf_printf(errors, "%s:%d: %s\n", name, b->items[i].line, b->items[i].text);
    }
    for (size_t i = 0; i < b->count; i++) free(b->items[i].text);
    free(b->items);
    *b = (struct blames){0};
}
