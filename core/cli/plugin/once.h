/* A fenced worker for the length of a command: started, asked a few things in turn, ended. */
#ifndef CLI_ONCE_H
#define CLI_ONCE_H

#include "cli/cli.h"
#include "supervise/guest.h"

struct once {
    struct event_base *base;
    struct guest *guest;
    struct buf hello;  /* its W_HELLO */
    struct buf result; /* payload of the last W_DONE */
    struct buf sink;   /* W_SINK payloads of the last call, in order */
    uint32_t status;   /* of the last W_DONE */
    enum { ONCE_WAITING, ONCE_READY, ONCE_DONE, ONCE_LOST } state;
    char lost[2048]; /* why it died, for people */
};

/* Starts a worker and waits for its hello. `model` may be NULL. False with `err` naming what went
 * wrong; then there is nothing to close. */
bool once_open(struct once *o, enum guest_kind kind, const char *plugin, const char *model,
               struct err *err);
/* One call; `result`, `sink` and `status` are filled. False where the worker died or took too long.
 */
bool once_call(struct once *o, enum wire_method method, struct sori_str payload, int64_t deadline,
               struct err *err);
void once_close(struct once *o);

/* A plugin's descriptor (DESC_… record) by its .so, appended to `out`. */
bool once_descriptor(const char *so, struct buf *out, struct err *err);

#endif
