#include "worker/worker.h"

#include "base/utf8.h"

#include <stdlib.h>

enum { ID_MOST = 4096, FACT_NAME_MOST = 128, SAID_MOST = 1 << 20 };

static void create(struct worker *w) {
    struct sori_str p = w->call.payload;
    pairs_read(&w->pairs, p, CREATE_OPTION);
    struct sori_config config = {.struct_size = sizeof config,
                                 .connection = rec_get_str(p, CREATE_CONNECTION),
                                 .options = pairs_view(&w->pairs),
                                 .timezone = rec_get_str(p, CREATE_TIMEZONE)};
    enum sori_status status = SORI_BUG;
    if (w->self)
        call_why(w, "create was asked for twice");
    else
        status = w->plugin.connector->create(&w->host, &config, &w->self);
    w->made = status == SORI_OK;
    worker_close_fence(w);
    call_done(w, status);
}

static void poll(struct worker *w) {
    struct sori_str p = w->call.payload;
    pairs_read(&w->pairs, p, POLL_CURSOR);
    pairs_read(&w->more_pairs, p, POLL_TASK);
    size_t n = w->more_pairs.count;
    struct sori_task *tasks = n ? mem_get(n * sizeof *tasks) : NULL;
    for (size_t i = 0; i < n; i++)
        tasks[i] = (struct sori_task){w->more_pairs.items[i].name, w->more_pairs.items[i].value};
    struct sori_poll poll = {.struct_size = sizeof poll,
                             .task_stride = sizeof *tasks,
                             .cursors = pairs_view(&w->pairs),
                             .tasks = tasks,
                             .task_count = n,
                             .limit = (uint32_t)rec_get_int(p, POLL_LIMIT, 100),
                             .live_from = rec_get_int(p, POLL_LIVE_FROM, 0),
                             .missed_from = rec_get_int(p, POLL_MISSED_FROM, 0),
                             .missed_to = rec_get_int(p, POLL_MISSED_TO, 0)};
    struct sori_sink sink = sink_table(w);
    sink_begin(w);
    shelf_begin(&w->cursors, p, POLL_CURSOR);
    shelf_begin(&w->states, p, POLL_STATE);
    enum sori_status status = w->plugin.connector->poll(w->self, &poll, &sink);
    free(tasks);
    shelf_write(&w->cursors, &w->sink.out, SINK_CURSOR);
    shelf_write(&w->states, &w->done, DONE_STATE);
    sink_flush(w);
    call_done(w, status);
}

static void decode_one(struct worker *w, struct sori_str d, const struct sori_sink *sink,
                       int64_t fallback) {
    int64_t index = rec_get_int(d, DEL_INDEX, fallback);
    blackbox_item(w->box, index);
    pairs_read(&w->pairs, d, DEL_OPTION);
    pairs_read(&w->more_pairs, d, DEL_HEADER);
    struct sori_delivery delivery = {.struct_size = sizeof delivery,
                                     .connection = rec_get_str(d, DEL_CONNECTION),
                                     .options = pairs_view(&w->pairs),
                                     .form = rec_get_str(d, DEL_FORM),
                                     .path = rec_get_str(d, DEL_PATH),
                                     .query = rec_get_str(d, DEL_QUERY),
                                     .headers = pairs_view(&w->more_pairs),
                                     .body = rec_get_str(d, DEL_BODY),
                                     .received_at = rec_get_int(d, DEL_AT, 0)};
    buf_clear(&w->call.why);
    enum sori_status status = w->plugin.connector->decode(w->self, &delivery, sink);
    call_blame(w, M_DECODE, status);
    sink_end(w, index, status);
    buf_clear(&w->call.why); /* it belonged to this delivery */
}

static void decode(struct worker *w) {
    struct sori_sink sink = sink_table(w);
    struct sori_str record = w->call.payload;
    struct rec_field f;
    sink_begin(w);
    for (int64_t i = 0; rec_next(&record, &f) == 1;)
        if (f.tag == DECODE_DELIVERY && f.type == REC_REC) decode_one(w, f.s, &sink, i++);
    sink_flush(w);
    call_done(w, SORI_OK);
}

static void on_made(const struct sori_result *result, struct sori_str id, struct sori_str url) {
    struct worker *w = result->ctx;
    if (rec_get_str(buf_view(&w->done), DONE_NATIVE).ptr) return; /* once */
    if (id.ptr && id.len <= ID_MOST) rec_str(&w->done, DONE_NATIVE, id);
    if (url.ptr && url.len <= ID_MOST) rec_str_opt(&w->done, DONE_URL, url);
}

static void act(struct worker *w, bool look) {
    struct sori_str p = w->call.payload;
    pairs_read(&w->pairs, p, ACT_ARG);
    struct sori_action action = {.struct_size = sizeof action,
                                 .verb = (uint32_t)rec_get_int(p, ACT_VERB, 0),
                                 .id = rec_get_str(p, ACT_ID),
                                 .space = rec_get_str(p, ACT_SPACE),
                                 .native_id = rec_get_str(p, ACT_NATIVE),
                                 .kind = (uint32_t)rec_get_int(p, ACT_KIND, 0),
                                 .target = rec_get_str(p, ACT_TARGET),
                                 .parent = rec_get_str(p, ACT_PARENT),
                                 .url = rec_get_str(p, ACT_URL),
                                 .author_id = rec_get_str(p, ACT_AUTHOR),
                                 .text = rec_get_str(p, ACT_TEXT),
                                 .args = pairs_view(&w->pairs),
                                 .since = rec_get_int(p, ACT_SINCE, 0),
                                 .said_at = rec_get_int(p, ACT_SAID_AT, 0),
                                 .attempt = (uint32_t)rec_get_int(p, ACT_ATTEMPT, 1),
                                 .by = (uint32_t)rec_get_int(p, ACT_BY, SORI_ORIGIN_US_BY_RULE)};
    struct sori_result result = {.struct_size = sizeof result, .ctx = w, .made = on_made};
    const struct sori_connector *c = w->plugin.connector;
    call_done(w,
              look ? c->reconcile(w->self, &action, &result) : c->act(w->self, &action, &result));
}

static void on_say(const struct sori_health *health, enum sori_log_level level,
                   struct sori_str line) {
    struct worker *w = health->ctx;
    if (!line.ptr || line.len > ID_MOST || w->done.len > SAID_MOST) return;
    size_t mark = rec_begin(&w->done, DONE_LINE);
    rec_int(&w->done, 1, (int64_t)level);
    rec_str(&w->done, 2, line);
    rec_end(&w->done, mark);
}

static void on_fact(const struct sori_health *health, struct sori_str name, struct sori_str value) {
    struct worker *w = health->ctx;
    if (!name.ptr || !name.len || name.len > FACT_NAME_MOST || value.len > ID_MOST ||
        (value.len && !value.ptr) || !utf8_valid(name) || !utf8_valid(value) ||
        w->done.len > SAID_MOST)
        return;
    pairs_put(&w->done, DONE_FACT, name, value);
}

static void health(struct worker *w) {
    struct sori_health health = {
        .struct_size = sizeof health, .ctx = w, .say = on_say, .fact = on_fact};
    call_done(w, w->plugin.connector->health(w->self, &health));
}

void connector_serve(struct worker *w) {
    const struct sori_connector *c = w->plugin.connector;
    uint32_t m = w->call.method;
    if (m == M_CREATE) {
        create(w);
        return;
    }
    if (!w->made) {
        call_why(w, "there is no instance: create was not asked for, or failed");
        call_done(w, SORI_BUG);
    } else if (m == M_POLL && c->poll) {
        poll(w);
    } else if (m == M_DECODE && c->decode) {
        decode(w);
    } else if ((m == M_ACT && c->act) || (m == M_RECONCILE && c->reconcile)) {
        act(w, m == M_RECONCILE);
    } else if (m == M_HEALTH && c->health) {
        health(w);
    } else {
        call_why(w, "%s has no such function", w->plugin.desc->id);
        call_done(w, SORI_PERMANENT);
    }
}
