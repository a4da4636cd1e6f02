/* A core loop with nothing but guests in it: starts them, calls them, keeps what they said. */
#ifndef GUEST_LAB_H
#define GUEST_LAB_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/record.h"
#include "sori/status.h"
#include "supervise/guest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* One guest and its memory. */
struct lab {
    struct event_base *base;
    struct guest *guest;
    struct obituary obituary; /* of the last death */
    struct buf hello, sinks, done;
    uint32_t ready, lost, dones, status, last_call;
    int64_t lost_at, ready_at;
    /* Answers every W_HTTP; NULL: 200 with an empty body. */
    void (*http)(struct lab *lab, const struct wire_msg *msg);
    unsigned requests;
};

static inline const char *lab_build(void) {
    const char *build = getenv("SORI_BUILD");
    assert_non_null(build);
    return build;
}

static inline void lab_on_ready(void *ctx, struct guest *g, struct sori_str hello) {
    (void)g;
    struct lab *lab = ctx;
    lab->ready++;
    lab->ready_at = clock_mono();
    buf_clear(&lab->hello);
    buf_str(&lab->hello, hello);
}

static inline void lab_on_part(void *ctx, struct guest *g, const struct wire_msg *msg) {
    struct lab *lab = ctx;
    if (msg->head.type == W_SINK) {
        buf_str(&lab->sinks, msg->payload);
        return;
    }
    lab->requests++;
    if (lab->http) {
        lab->http(lab, msg);
        return;
    }
    struct buf answer = {0};
    rec_int(&answer, ANS_STATUS, 200);
    guest_http_done(g, msg->head.call, msg->head.sub, SORI_OK, buf_view(&answer));
    buf_free(&answer);
}

static inline void lab_on_done(void *ctx, struct guest *g, const struct wire_msg *msg) {
    (void)g;
    struct lab *lab = ctx;
    lab->dones++;
    lab->status = msg->head.status;
    lab->last_call = msg->head.call;
    buf_clear(&lab->done);
    buf_str(&lab->done, msg->payload);
}

static inline void lab_on_lost(void *ctx, struct guest *g, const struct obituary *o) {
    (void)g;
    struct lab *lab = ctx;
    lab->lost++;
    lab->lost_at = clock_mono();
    lab->obituary = *o;
}

static inline void lab_start(struct lab *lab, struct event_base *base, enum guest_kind kind,
                             const char *name, const char *plugin, bool once) {
    *lab = (struct lab){.base = base};
    char bin[4096];
    snprintf(bin, sizeof bin, "%s/bin", lab_build());
    struct guest_spec spec = {.kind = kind, .name = name, .plugin = plugin, .once = once};
    struct guest_events events = {lab, lab_on_ready, lab_on_part, lab_on_done, lab_on_lost};
    struct err err;
    lab->guest = guest_start(base, bin, &spec, &events, &err);
    if (!lab->guest) fail_msg("%s", err.text);
}

/* Runs the loop until `*count` reaches `want`, or `ms` have passed. */
static inline bool lab_until(struct lab *lab, const uint32_t *count, uint32_t want, int64_t ms) {
    int64_t end = clock_mono() + ms;
    while (*count < want && clock_mono() < end) {
        struct timeval tick = {.tv_usec = 20000};
        event_base_loopexit(lab->base, &tick);
        event_base_dispatch(lab->base);
    }
    return *count >= want;
}

static inline uint32_t lab_call(struct lab *lab, enum wire_method method, const struct buf *payload,
                                int64_t deadline) {
    struct buf b = {0};
    if (payload) buf_put(&b, payload->data, payload->len);
    rec_int(&b, CALL_NOW, 1795316700000);
    rec_int(&b, CALL_DEADLINE, deadline);
    uint32_t id = guest_call(lab->guest, method, buf_view(&b), deadline, -1);
    buf_free(&b);
    return id;
}

/* A call from beginning to end: true when it was done, false when the guest died of it. */
static inline bool lab_ask(struct lab *lab, enum wire_method method, const struct buf *payload,
                           int64_t deadline) {
    uint32_t dones = lab->dones, lost = lab->lost;
    buf_clear(&lab->sinks);
    assert_int_not_equal(lab_call(lab, method, payload, deadline), 0);
    int64_t end = clock_mono() + deadline + 8000;
    while (lab->dones == dones && lab->lost == lost && clock_mono() < end)
        (void)lab_until(lab, &lab->dones, dones + 1, 20);
    assert_true(lab->dones != dones || lab->lost != lost);
    return lab->dones != dones;
}

static inline void lab_end(struct lab *lab) {
    guest_kill(&lab->guest);
    buf_free(&lab->hello);
    buf_free(&lab->sinks);
    buf_free(&lab->done);
}

/* The path of build/FOLDER/NAME.so; static memory of the test. */
static inline const char *lab_so(char *path, size_t size, const char *folder, const char *name) {
    snprintf(path, size, "%s/%s/%s.so", lab_build(), folder, name);
    return path;
}

#endif
