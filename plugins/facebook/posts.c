#include "facebook/poll.h"

#include <stdlib.h>

struct watched *posts_find(struct posts *p, struct sori_str id) {
    for (size_t i = 0; i < p->count; i++)
        if (s_eq(p->items[i].id, id)) return &p->items[i];
    return NULL;
}

struct watched *posts_add(struct posts *p, struct arena *a, struct sori_str id, int64_t said_at) {
    struct watched *there = posts_find(p, id);
    if (there) return there;
    if (p->count == p->room) {
        p->room = p->room ? p->room * 2 : 64;
        p->items = realloc(p->items, p->room * sizeof *p->items);
        if (!p->items) abort();
    }
    said_at -= said_at % 1000;
    size_t at = 0;
    while (at < p->count && p->items[at].said_at >= said_at) at++;
    memmove(p->items + at + 1, p->items + at, (p->count - at) * sizeof *p->items);
    p->items[at] = (struct watched){.id = arena_copy(a, id),
                                    .said_at = said_at,
                                    .comments = -1,
                                    .shares = -1,
                                    .reactions = -1,
                                    .due = true};
    p->count++;
    p->changed = true;
    return &p->items[at];
}

void posts_trim(struct posts *p, int64_t since) {
    size_t n = 0;
    for (size_t i = 0; i < p->count; i++) {
        const struct watched *w = &p->items[i];
        if (w->due || (n < POSTS_MAX && w->said_at >= since)) p->items[n++] = *w;
    }
    if (n != p->count) p->changed = true;
    p->count = n;
}

/* One line a post: "ID SAID NEWEST SWEPT COMMENTS SHARES REACTIONS DIGEST FLAGS"; times in seconds,
 * unknown counts as "-". */
static int64_t field(struct sori_str *line) {
    struct sori_str part = {NULL, 0};
    return s_next(line, ' ', &part) ? s_number(part) : -1;
}

void posts_load(struct posts *p, struct arena *a, struct sori_str state) {
    *p = (struct posts){0};
    struct sori_str line, id;
    while (s_next(&state, '\n', &line)) {
        if (!s_next(&line, ' ', &id) || !fb_good_id(id)) continue;
        int64_t said_at = field(&line);
        if (said_at < 0) continue;
        struct watched *w = posts_add(p, a, id, said_at * 1000);
        int64_t newest = field(&line), swept = field(&line);
        w->newest = newest > 0 ? newest * 1000 : 0;
        w->swept = swept > 0 ? swept * 1000 : 0;
        w->comments = field(&line);
        w->shares = field(&line);
        w->reactions = field(&line);
        w->digest = (uint32_t)field(&line);
        int64_t flags = field(&line);
        w->due = flags < 0 || (flags & 1);
        w->sweep = flags >= 0 && (flags & 2);
        w->trouble = flags >= 0 && (flags & 4);
    }
    p->changed = false;
}

static void put_count(struct text *out, int64_t n) {
    if (n < 0)
        text_lit(out, " -");
    else
        text_format(out, " %lld", (long long)n);
}

void posts_store(struct posts *p, struct text *out) {
    for (size_t i = 0; i < p->count && out->len < 64000 - 700; i++) {
        const struct watched *w = &p->items[i];
        text_str(out, w->id);
        put_count(out, w->said_at / 1000);
        put_count(out, w->newest / 1000);
        put_count(out, w->swept / 1000);
        put_count(out, w->comments);
        put_count(out, w->shares);
        put_count(out, w->reactions);
        put_count(out, w->digest);
        put_count(out, (w->due ? 1 : 0) | (w->sweep ? 2 : 0) | (w->trouble ? 4 : 0));
        text_char(out, '\n');
    }
}

void posts_free(struct posts *p) {
    free(p->items);
    *p = (struct posts){0};
}
