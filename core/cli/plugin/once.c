#include "cli/plugin/once.h"

#include <event2/event.h>
#include <string.h>

static void on_ready(void *ctx, struct guest *g, struct sori_str hello) {
    struct once *o = ctx;
    (void)g;
    buf_clear(&o->hello);
    buf_str(&o->hello, hello);
    o->state = ONCE_READY;
    event_base_loopbreak(o->base);
}

static void on_part(void *ctx, struct guest *g, const struct wire_msg *msg) {
    struct once *o = ctx;
    (void)g;
    if (msg->head.type == W_SINK) buf_str(&o->sink, msg->payload);
}

static void on_done(void *ctx, struct guest *g, const struct wire_msg *msg) {
    struct once *o = ctx;
    (void)g;
    buf_str(&o->result, msg->payload);
    o->status = msg->head.status;
    o->state = ONCE_DONE;
    event_base_loopbreak(o->base);
}

static void on_lost(void *ctx, struct guest *g, const struct obituary *death) {
    struct once *o = ctx;
    (void)g;
    o->state = ONCE_LOST;
    snprintf(o->lost, sizeof o->lost, "%s%s%s", death->what, death->trace[0] ? "\n" : "",
             death->trace);
    event_base_loopbreak(o->base);
}

static void run(struct once *o) {
    o->state = ONCE_WAITING;
    while (o->state == ONCE_WAITING && event_base_loop(o->base, EVLOOP_ONCE) == 0) continue;
}

bool once_open(struct once *o, enum guest_kind kind, const char *plugin, const char *model,
               struct err *err) {
    *o = (struct once){.base = event_base_new()};
    struct buf bin = {0};
    if (!o->base || !cli_bin(&bin, err)) return false;
    struct guest_spec spec = {.kind = kind,
                              .name = plugin ? plugin : "worker",
                              .plugin = plugin,
                              .model = model,
                              .once = true};
    struct guest_events events = {
        .ctx = o, .ready = on_ready, .part = on_part, .done = on_done, .lost = on_lost};
    o->guest = guest_start(o->base, bin.data, &spec, &events, err);
    buf_free(&bin);
    if (o->guest) run(o);
    if (o->state == ONCE_READY) return true;
    if (o->state == ONCE_LOST) err_set(err, "%s: %s", spec.name, o->lost);
    once_close(o);
    return false;
}

bool once_call(struct once *o, enum wire_method method, struct sori_str payload, int64_t deadline,
               struct err *err) {
    buf_clear(&o->result);
    buf_clear(&o->sink);
    if (!guest_call(o->guest, method, payload, deadline, -1))
        return err_set(err, "%s: the worker takes no call", guest_name(o->guest));
    run(o);
    if (o->state == ONCE_DONE) return true;
    return err_set(err, "%s: %s", guest_name(o->guest), o->lost);
}

void once_close(struct once *o) {
    if (o->guest) guest_kill(&o->guest);
    if (o->base) event_base_free(o->base);
    buf_free(&o->hello);
    buf_free(&o->result);
    buf_free(&o->sink);
    *o = (struct once){0};
}

bool once_descriptor(const char *so, struct buf *out, struct err *err) {
    struct once o;
    if (!once_open(&o, GUEST_SCAN, so, NULL, err)) return false;
    struct sori_str descriptor = rec_get_rec(buf_view(&o.hello), HELLO_PLUGIN);
    bool ok = descriptor.len > 0 || err_set(err, "%s: it says nothing about itself", so);
    buf_str(out, descriptor);
    once_close(&o);
    return ok;
}
