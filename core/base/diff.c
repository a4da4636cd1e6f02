/* Myers' greedy walk: the shortest way from one text to the other by whole lines. Where the two
 * have so little in common that it would take long, all between the common ends counts as new. */
#include "base/diff.h"

#include "base/hash.h"

#include <stdlib.h>

enum { STEPS_MAX = 1500, CONTEXT = 3 };

struct line {
    struct sori_str text; /* with its line break, where it has one */
    uint64_t digest;
};
struct text {
    struct line *lines;
    size_t count;
};
/* Which lines stay: for each line of the old text its place in the new one, or -1. */
struct match {
    struct text old, new;
    long *to;
};

static struct text split(struct sori_str s) {
    struct text t = {0};
    size_t cap = 0;
    while (s.len) {
        const char *end = memchr(s.ptr, '\n', s.len);
        size_t n = end ? (size_t)(end - s.ptr) + 1 : s.len;
        if (t.count == cap) {
            cap = cap ? cap * 2 : 64;
            t.lines = mem_grow(t.lines, cap * sizeof *t.lines);
        }
        struct sori_str one = {s.ptr, n};
        t.lines[t.count++] = (struct line){one, hash_digest(one)};
        s.ptr += n;
        s.len -= n;
    }
    return t;
}

static bool same(const struct match *m, long old, long new) {
    const struct line *a = &m->old.lines[old], *b = &m->new.lines[new];
    return a->digest == b->digest && str_eq(a->text, b->text);
}

/* Walks back along the furthest points of each step and notes the lines that stay. */
static void trace(struct match *m, long from, long n, long k_end, int **steps, int d) {
    long x = n, k = k_end;
    for (; d > 0; d--) {
        const int *v = steps[d - 1] + d; /* v[-d+1 … d-1] of the step before, centred */
        bool down = k == -d || (k != d && v[k - 1] < v[k + 1]);
        long before = down ? k + 1 : k - 1;
        long start = down ? v[before] : v[before] + 1;
        while (x > start) {
            x--;
            m->to[from + x] = from + x - k;
        }
        x = v[before];
        k = before;
    }
    while (x > 0) {
        x--;
        m->to[from + x] = from + x;
    }
}

/* The middle, between the common beginning and end: `n` old lines against `p` new ones. */
static void middle(struct match *m, long from, long n, long p) {
    long most = n + p < STEPS_MAX ? n + p : STEPS_MAX;
    int **steps = mem_get((size_t)(most + 1) * sizeof *steps);
    int d = 0;
    bool found = n == 0 || p == 0;
    for (; d <= most && !found; d++) {
        /* Centred at d + 1, so that the neighbours of the outermost diagonals exist. */
        int *v = mem_get((size_t)(2 * d + 3) * sizeof *v);
        steps[d] = v;
        v += d + 1;
        const int *old = d ? steps[d - 1] + d : NULL;
        for (long k = -d; k <= d && !found; k += 2) {
            bool down = d && (k == -d || (k != d && old[k - 1] < old[k + 1]));
            long x = !d ? 0 : down ? old[k + 1] : old[k - 1] + 1;
            while (x < n && x - k < p && same(m, from + x, from + x - k)) x++;
            v[k] = (int)x;
            if (x >= n && x - k >= p) {
                found = true;
                trace(m, from, n, k, steps, d);
            }
        }
    }
    for (int i = 0; i < d; i++) free(steps[i]);
    free(steps);
}

static struct match find(struct sori_str old, struct sori_str new) {
    struct match m = {split(old), split(new), NULL};
    m.to = mem_get((m.old.count + 1) * sizeof *m.to);
    long n = (long)m.old.count, p = (long)m.new.count, head = 0, tail = 0;
    for (long i = 0; i < n; i++) m.to[i] = -1;
    while (head < n && head < p && same(&m, head, head)) {
        m.to[head] = head;
        head++;
    }
    while (tail < n - head && tail < p - head && same(&m, n - 1 - tail, p - 1 - tail)) {
        m.to[n - 1 - tail] = p - 1 - tail;
        tail++;
    }
    middle(&m, head, n - head - tail, p - head - tail);
    return m;
}

static void done(struct match *m) {
    free(m->old.lines);
    free(m->new.lines);
    free(m->to);
}

struct diff_count diff_count(struct sori_str old, struct sori_str new) {
    struct match m = find(old, new);
    size_t kept = 0;
    for (size_t i = 0; i < m.old.count; i++) kept += m.to[i] >= 0;
    struct diff_count n = {m.new.count - kept, m.old.count - kept};
    done(&m);
    return n;
}

/* ---- as text ---- */

/* One line of both texts together. */
struct edit {
    char mark; /* ' ', '-', '+' */
    struct sori_str text;
    size_t old, new; /* lines of each before this one */
};

static struct edit *edits_of(const struct match *m, size_t *count) {
    struct edit *all = mem_get((m->old.count + m->new.count + 1) * sizeof *all);
    size_t n = 0, o = 0, w = 0;
    while (o < m->old.count || w < m->new.count) {
        bool gone = o < m->old.count && m->to[o] < 0;
        bool came =
            w < m->new.count && (o == m->old.count || (m->to[o] >= 0 && (size_t)m->to[o] > w));
        struct edit *e = &all[n++];
        *e = (struct edit){gone   ? '-'
                           : came ? '+'
                                  : ' ',
                           gone || !came ? m->old.lines[o].text : m->new.lines[w].text, o, w};
        o += e->mark != '+';
        w += e->mark != '-';
    }
    *count = n;
    return all;
}

static void put_line(const struct edit *e, struct buf *out) {
    buf_putc(out, e->mark);
    buf_str(out, e->text);
    if (!e->text.len || e->text.ptr[e->text.len - 1] != '\n')
        buf_puts(out, "\n\\ No newline at end of file\n");
}

static void put_hunk(const struct edit *all, size_t from, size_t to, struct buf *out) {
    size_t old = 0, new = 0;
    for (size_t i = from; i < to; i++) {
        old += all[i].mark != '+';
        new += all[i].mark != '-';
    }
    buf_printf(out, "@@ -%zu,%zu +%zu,%zu @@\n", all[from].old + (old > 0), old,
               all[from].new + (new > 0), new);
    for (size_t i = from; i < to; i++) put_line(&all[i], out);
}

void diff_unified(struct sori_str old, struct sori_str new, const char *name, struct buf *out) {
    if (str_eq(old, new) && !old.ptr == !new.ptr) return;
    struct match m = find(old, new);
    size_t count, at = 0;
    struct edit *all = edits_of(&m, &count);
    buf_printf(out, "--- %s%s\n+++ %s%s\n", old.ptr ? "a/" : "/dev/null", old.ptr ? name : "",
               new.ptr ? "b/" : "/dev/null", new.ptr ? name : "");
    while (at < count) {
        if (all[at].mark == ' ') {
            at++;
            continue;
        }
        size_t from = at > CONTEXT ? at - CONTEXT : 0, last = at;
        for (size_t i = at; i < count && i <= last + 2 * CONTEXT + 1; i++)
            if (all[i].mark != ' ') last = i;
        size_t to = last + 1 + CONTEXT < count ? last + 1 + CONTEXT : count;
        put_hunk(all, from, to, out);
        at = to;
    }
    free(all);
    done(&m);
}
