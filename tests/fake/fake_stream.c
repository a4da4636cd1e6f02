/* Answers that do not end: what is sent to a name goes out on every open connection of it. */
#include "fake/fake_inner.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

struct chunk {
    struct chunk *next;
    size_t len, at;
    char bytes[];
};
struct stream {
    struct fake *fake;
    struct stream *next;
    struct chunk *first;
    char name[64];
    int64_t written; /* when something was last written, ms */
    bool cut;
};

static void push(struct stream *s, const char *bytes, size_t len) {
    struct chunk **end = &s->first, *c = mem_get(sizeof *c + len);
    memcpy(c->bytes, bytes, len);
    c->len = len;
    while (*end) end = &(*end)->next;
    *end = c;
}

struct stream *stream_open(struct fake *f, const char *name, const struct buf *first) {
    struct stream *s = mem_get(sizeof *s);
    s->fake = f;
    memcpy(s->name, name, strlen(name) + 1);
    s->written = fake_now();
    s->next = f->streams;
    f->streams = s;
    if (first->len) push(s, first->data, first->len);
    return s;
}

void stream_close(struct stream *s) {
    struct fake *f = s->fake;
    pthread_mutex_lock(&f->lock);
    struct stream **at = &f->streams;
    while (*at != s) at = &(*at)->next;
    *at = s->next;
    pthread_mutex_unlock(&f->lock);
    while (s->first) {
        struct chunk *c = s->first;
        s->first = c->next;
        free(c);
    }
    free(s);
}

static int64_t beat_of(const struct stream *s) {
    const json_t *ms = json_object_get(s->fake->beats, s->name);
    return ms ? json_integer_value(ms) : 20000;
}

static long take(struct stream *s, char *out, size_t room) {
    struct chunk *c = s->first;
    size_t n = c->len - c->at < room ? c->len - c->at : room;
    memcpy(out, c->bytes + c->at, n);
    c->at += n;
    if (c->at == c->len) {
        s->first = c->next;
        free(c);
    }
    s->written = fake_now();
    return (long)n;
}

/* Also wakes up by itself, so that a changed beat is seen soon. */
static void wait_a_little(struct fake *f) {
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += 50 * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    pthread_cond_timedwait(&f->news, &f->lock, &until);
}

long stream_read(struct stream *s, char *out, size_t room) {
    struct fake *f = s->fake;
    long n = 0;
    pthread_mutex_lock(&f->lock);
    while (n == 0) {
        int64_t beat = beat_of(s);
        if (s->first) {
            n = take(s, out, room);
        } else if (s->cut) {
            n = -1;
        } else if (beat > 0 && fake_now() - s->written >= beat) {
            push(s, "\r\n", 2);
        } else {
            wait_a_little(f);
        }
    }
    pthread_mutex_unlock(&f->lock);
    return n;
}

void fake_stream_send(struct fake *f, const char *name, const char *bytes, size_t len) {
    for (struct stream *s = f->streams; s; s = s->next)
        if (strcmp(s->name, name) == 0 && len) push(s, bytes, len);
    pthread_cond_broadcast(&f->news);
}

void fake_stream_cut(struct fake *f, const char *name) {
    for (struct stream *s = f->streams; s; s = s->next)
        if (strcmp(s->name, name) == 0) s->cut = true;
    pthread_cond_broadcast(&f->news);
}

unsigned fake_stream_count(const struct fake *f, const char *name) {
    unsigned n = 0;
    for (const struct stream *s = f->streams; s; s = s->next)
        n += strcmp(s->name, name) == 0 && !s->cut;
    return n;
}

void fake_stream_beat(struct fake *f, const char *name, int64_t ms) {
    json_object_set_new(f->beats, name, json_integer(ms));
}
