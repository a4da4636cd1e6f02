/* Asks an engine of net from a test and waits for the answer. */
#ifndef TEST_NET_ASK_H
#define TEST_NET_ASK_H

#include "net/engine.h"
#include "supervise/messages.h"
#include "sori/host.h"

#include <event2/event.h>
#include <stdlib.h>

struct asked {
    bool done;
    enum sori_status status;
    struct buf answer;
    int64_t http_status, sent;
    const char *why; /* NUL-terminated */
    char *why_text;
};

static void asked_done(void *ctx, enum sori_status status, struct sori_str answer) {
    struct asked *a = ctx;
    a->done = true;
    a->status = status;
    buf_clear(&a->answer);
    buf_str(&a->answer, answer);
    a->http_status = rec_get_int(buf_view(&a->answer), ANS_STATUS, 0);
    a->sent = rec_get_int(buf_view(&a->answer), ANS_SENT, 0);
    free(a->why_text);
    a->why_text = mem_text(rec_get_str(buf_view(&a->answer), ANS_WHY));
    a->why = a->why_text;
}

/* Runs one request to its end. Free with asked_free. */
static inline struct asked ask_record(struct event_base *base, struct engine *e,
                                      struct buf *request) {
    struct asked a = {0};
    engine_http(e, buf_view(request), asked_done, &a);
    while (!a.done) event_base_loop(base, EVLOOP_ONCE);
    return a;
}

static inline struct sori_str asked_body(const struct asked *a) {
    return rec_get_str(buf_view(&a->answer), ANS_BODY);
}

static inline struct sori_str asked_header(const struct asked *a, const char *name) {
    struct sori_str r = buf_view(&a->answer);
    struct rec_field f;
    while (rec_next(&r, &f) == 1)
        if (f.tag == ANS_HEADER && str_is(rec_get_str(f.s, PAIR_NAME), name))
            return rec_get_str(f.s, PAIR_VALUE);
    return (struct sori_str){0};
}

static inline void asked_free(struct asked *a) {
    buf_free(&a->answer);
    free(a->why_text);
    *a = (struct asked){0};
}

#endif
