#include "base/arena.h"

#include "base/buf.h"

#include <stdlib.h>

struct arena_block {
    struct arena_block *next;
    size_t size;
    _Alignas(8) char bytes[];
};

enum { BLOCK = 256 * 1024 };

void *arena_get(struct arena *a, size_t size) {
    size = (size + 7) & ~(size_t)7;
    if (!a->head || a->used + size > a->head->size) {
        size_t room = size > BLOCK ? size : BLOCK;
        struct arena_block *b = mem_grow(NULL, sizeof *b + room);
        b->next = a->head;
        b->size = room;
        a->head = b;
        a->used = 0;
    }
    void *p = a->head->bytes + a->used;
    a->used += size;
    memset(p, 0, size);
    return p;
}

struct sori_str arena_copy(struct arena *a, struct sori_str s) {
    if (!s.ptr) return s;
    char *p = arena_get(a, s.len + 1);
    if (s.len) memcpy(p, s.ptr, s.len);
    return (struct sori_str){p, s.len};
}

void arena_reset(struct arena *a) {
    if (!a->head) return;
    struct arena_block *b = a->head->next;
    while (b) {
        struct arena_block *next = b->next;
        free(b);
        b = next;
    }
    a->head->next = NULL;
    a->used = 0;
}

void arena_free(struct arena *a) {
    arena_reset(a);
    free(a->head);
    *a = (struct arena){0};
}
