/* What the files of the frame share. */
#ifndef FAKE_INNER_H
#define FAKE_INNER_H

#include "fake/fake.h"

#include <pthread.h>

struct stream; /* one open answer of a name */
struct sending;

struct fake {
    const struct fake_site *site;
    int port;
    pthread_mutex_t lock;
    pthread_cond_t news; /* of streams and of what is to be sent */
    json_t *settings, *world, *requests, *faults, *deliveries, *series, *beats;
    uint64_t random;
    struct stream *streams;
    struct sending *sendings;
};

/* fake_faults.c: the first scripted fault that fits, used up by one; NULL where none does.
 * Borrowed. */
json_t *fault_take(struct fake *f, const struct ask *a);
/* Fills the answer that it states. False where it states none. */
bool fault_answer(struct fake *f, const json_t *fault, struct reply *r);

/* fake_control.c: what is below /_fake/. */
void control_serve(struct fake *f, const struct ask *a, struct reply *r);
bool request_fits(const json_t *row, const struct ask *a);

/* fake_stream.c: opens one; freed by stream_close. stream_read is called without the lock, and
 * blocks: bytes, 0 never, -1 at the end. */
struct stream *stream_open(struct fake *f, const char *name, const struct buf *first);
long stream_read(struct stream *s, char *out, size_t room);
void stream_close(struct stream *s);

/* fake_send.c */
void sending_begin(struct fake *f);

#endif
