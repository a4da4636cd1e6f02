#include "lua/case/lines.h"

#include <stdlib.h>

enum { FILES = 64, HAS_CODE = 1, RAN = 2, LINES_MAX = 1 << 20 };

struct page {
    char *file;
    uint8_t *line;
    size_t count;
};

struct line_book {
    struct page page[FILES];
    size_t count, last;
};

struct line_book *line_book_new(void) {
    return mem_get(sizeof(struct line_book));
}

void line_book_free(struct line_book *book) {
    for (size_t i = 0; i < book->count; i++) {
        free(book->page[i].file);
        free(book->page[i].line);
    }
    free(book);
}

static bool is_test(const char *file) {
    size_t n = strlen(file);
    return n > 9 && strcmp(file + n - 9, "_test.lua") == 0;
}

static struct page *page_of(struct line_book *book, const char *file) {
    if (book->last < book->count && strcmp(book->page[book->last].file, file) == 0)
        return &book->page[book->last];
    for (book->last = 0; book->last < book->count; book->last++)
        if (strcmp(book->page[book->last].file, file) == 0) return &book->page[book->last];
    if (book->count == FILES) return NULL;
    book->page[book->count].file = mem_text(str_c(file));
    return &book->page[book->count++];
}

void line_book_see(void *ctx, const char *file, int line, bool ran) {
    if (is_test(file) || line < 1 || line > LINES_MAX) return;
    struct page *page = page_of(ctx, file);
    if (!page) return;
    size_t at = (size_t)line;
    if (at >= page->count) {
        if (ran) return; /* a line without code of its own */
        size_t count = at * 2 + 64;
        page->line = mem_grow(page->line, count);
        memset(page->line + page->count, 0, count - page->count);
        page->count = count;
    }
    page->line[at] |= ran ? RAN : HAS_CODE;
}

static int by_file(const void *a, const void *b) {
    return strcmp(((const struct page *)a)->file, ((const struct page *)b)->file);
}

static struct case_lines tell(const struct page *page, struct arena *arena) {
    struct case_lines out = {0};
    for (size_t i = 0; i < page->count; i++) {
        if (!(page->line[i] & HAS_CODE)) continue;
        out.lines++;
        out.ran += (page->line[i] & RAN) != 0;
    }
    int *missed = arena_get(arena, (out.lines - out.ran + 1) * sizeof *missed);
    for (size_t i = 0; i < page->count; i++)
        if (page->line[i] == HAS_CODE) missed[out.missed_count++] = (int)i;
    char *file = arena_get(arena, strlen(page->file) + 1);
    out.file = strcpy(file, page->file);
    out.missed = missed;
    return out;
}

void line_book_tell(struct line_book *book, struct arena *arena, struct case_run *run) {
    qsort(book->page, book->count, sizeof *book->page, by_file);
    run->files = arena_get(arena, (book->count + 1) * sizeof *run->files);
    for (size_t i = 0; i < book->count; i++) {
        struct case_lines one = tell(&book->page[i], arena);
        if (one.lines == 0) continue;
        run->files[run->file_count++] = one;
        run->lines += one.lines;
        run->lines_hit += one.ran;
    }
}
