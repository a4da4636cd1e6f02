/* How a proven candidate takes the place of the live generation, in between two entries: unchanged
 * workers are not touched, changed ones end after the call in their hands. */
#include "flow/person/office.h"
#include "flow/generation/reload.h"

#include "flow/channel/connection.h"

#include "base/clock.h"
#include "base/log.h"

#include <stdlib.h>
#include <string.h>

enum { RENEW_MS = 10000, IMPORTS_MOST = 128 };

/* ---- connections ---- */

/* New processes, but not in the middle of a call: a poll is read again and costs time, a send whose
 * answer was on its way becomes a doubt. */
static void renew(struct conn *conn) {
    conn->poll_renew = conn->poll != NULL;
    conn->act_renew = conn->act != NULL;
    conn->renew_by = clock_mono() + RENEW_MS;
    if (!conn->poll) conn->poll_due = 0;
    if (!conn->act) conn->act_due = 0;
}

static bool same_workers(const struct conn *conn, struct sori_str record) {
    struct buf old = {0}, new = {0};
    plan_workers_of(buf_view(&conn->record), &old);
    plan_workers_of(record, &new);
    bool same = str_eq(buf_view(&old), buf_view(&new));
    buf_free(&old);
    buf_free(&new);
    return same;
}

static void apply_connection(struct core *c, struct generation *g, const struct conf_connection *k,
                             bool anew) {
    struct buf ignored = {0};
    struct plugin *p = plugin_by_id(c, k->channel);
    struct conn *conn = conn_by_name(c, k->name);
    if (conn && conn->plugin != p) {
        conn_free(c, conn);
        conn = NULL;
    }
    bool same = conn && !anew && same_workers(conn, k->record);
    if (!conn) conn = conn_make(c, p, k->name);
    if (conn->every > k->every && conn->poll_due > clock_mono() + k->every)
        conn->poll_due = clock_mono() + k->every;
    conn->wanted = g;
    conn->mode = k->mode;
    conn->every = k->every;
    buf_clear(&conn->record);
    buf_str(&conn->record, k->record);
    if (same) return; /* untouched: neither its processes nor its schedule */
    buf_clear(&conn->options);
    conf_options(k->record, buf_view(&p->descriptor), CREATE_OPTION, &conn->options, &ignored);
    buf_free(&ignored);
    renew(conn);
    if (conn->state == CONN_STOPPED) conn->state = CONN_WAITING;
}

struct imports {
    char **name;
    size_t n;
};

static void collect(void *ctx, const void *row) {
    struct imports *k = ctx;
    const struct row_connection *r = row;
    if (!str_is(r->plugin, "import")) return;
    k->name = mem_grow(k->name, (k->n + 1) * sizeof *k->name);
    k->name[k->n++] = mem_text(r->name);
}

/* Connections of files given by hand live in the store alone: what they left in the spool must
 * still find them. There may be more than have room: the newest stay. */
static void keep_imports(struct core *c, struct generation *g) {
    struct imports k = {0};
    struct plugin *p = plugin_by_id(c, SORI_STR("import"));
    store_connections(c->store, collect, &k);
    for (size_t i = 0; i < k.n; i++) {
        struct conn *conn = conn_by_name(c, str_c(k.name[i]));
        bool room = p && k.n - i <= IMPORTS_MOST;
        if (!conn && room) conn = conn_make(c, p, str_c(k.name[i]));
        if (conn && room) conn->wanted = g;
        free(k.name[i]);
    }
    free(k.name);
}

static void apply_connections(struct core *c, struct generation *g, bool anew) {
    for (size_t i = 0; i < g->conf.connection_count; i++)
        apply_connection(c, g, &g->conf.connections[i], anew);
    keep_imports(c, g);
    for (size_t i = c->conn_count; i-- > 0;)
        if (c->conn[i]->wanted != g) conn_free(c, c->conn[i]);
}

/* From the tick: no callback of its processes is under way. */
static void renew_tick(struct core *c) {
    int64_t now = clock_mono();
    for (size_t i = 0; i < c->conn_count; i++) {
        struct conn *conn = c->conn[i];
        bool late = now > conn->renew_by;
        if (conn->poll_renew && (!conn->poll_call || late)) {
            poll_stop(c, conn);
            conn->poll_renew = false;
            conn->poll_due = 0;
        }
        /* An act has a deadline of its own: no second one cuts a send short. */
        if (conn->act_renew && conn->act_action == NIL && !conn->act_settles) {
            act_stop(c, conn);
            conn->act_renew = false;
            conn->act_due = 0;
        }
    }
    for (size_t i = 0; i < c->plugin_count; i++) {
        struct plugin *p = c->plugin[i];
        if (!p->renew || p->decode_call) continue;
        if (p->decode) guest_kill(&p->decode);
        p->decode_ready = p->renew = false;
    }
}

/* ---- plugins ---- */

/* Other bytes in the same place: what waits for its decoder waits for the new one. */
static void apply_plugin(struct core *c, struct generation *g, struct plugin *new) {
    struct plugin *p = plugin_by_id(c, str_c(new->id));
    if (!p) {
        SORI_ASSERT(c->plugin_count < sizeof c->plugin / sizeof *c->plugin);
        c->plugin[c->plugin_count++] = new;
        return;
    }
    struct plugin old = *p;
    p->path = new->path;
    memcpy(p->hash, new->hash, sizeof p->hash);
    p->descriptor = new->descriptor;
    p->renew = p->decode != NULL;
    new->path = old.path;
    new->descriptor = old.descriptor;
    buf_free(&new->descriptor);
    free(new->path);
    free(new->id);
    free(new);
    for (size_t i = 0; i < c->conn_count; i++) {
        struct conn *conn = c->conn[i];
        struct buf ignored = {0};
        if (conn->plugin != p) continue;
        conn_learn(conn);
        buf_clear(&conn->options);
        conf_options(buf_view(&conn->record), buf_view(&p->descriptor), CREATE_OPTION,
                     &conn->options, &ignored);
        buf_free(&ignored);
        renew(conn);
    }
    (void)g;
}

/* ---- models ---- */

static void drop_models(struct core *c) {
    for (size_t i = c->model_count; i-- > 0;) {
        struct model *m = c->model[i];
        bool needed = m->wanted && (m->wanted == c->active || m->wanted == c->next);
        if (!needed && !m->batches && !m->first) model_free(c, m);
    }
}

/* One that still has texts in hand stays, behind those that get the new ones. */
static void models_to_front(struct core *c, const struct generation *g) {
    for (size_t i = 0, front = 0; i < c->model_count; i++) {
        struct model *m = c->model[i];
        m->shared = false;
        if (m->wanted != g) continue;
        c->model[i] = c->model[front];
        c->model[front++] = m;
    }
}

void generation_give_up(struct core *c, struct reload *r) {
    for (size_t i = 0; i < c->model_count; i++) {
        struct model *m = c->model[i];
        if (m->wanted != r->next) continue;
        m->wanted = m->shared ? c->active : NULL;
        m->shared = false;
    }
}

/* ---- the swap ---- */

static int64_t put_manifest(struct core *c, struct generation *g) {
    struct err err;
    struct rec_field f;
    struct buf b = {0};
    rec_str(&b, MANIFEST_CONFIG, buf_view(&g->config_source));
    rec_str(&b, MANIFEST_BUNDLE, buf_view(&g->bundle));
    rec_rec(&b, MANIFEST_ENV, buf_view(&g->env));
    for (size_t i = 0; i < c->model_count; i++)
        if (c->model[i]->wanted == g && c->model[i]->id)
            rec_str(&b, MANIFEST_MODEL, str_c(c->model[i]->id));
    for (struct sori_str all = buf_view(&g->parts); rec_next(&all, &f) == 1;)
        if (rec_get_int(f.s, PART_KIND, 0) == PART_PLUGIN)
            rec_str(&b, MANIFEST_PLUGIN, rec_get_str(f.s, PART_NAME));
    buf_str(&b, buf_view(&g->parts));
    int64_t id = blob_put(c->store, buf_view(&b), &err);
    buf_free(&b);
    return id;
}

static int64_t put_report(struct core *c, struct sori_str lines) {
    struct err err;
    return lines.len ? blob_put(c->store, lines, &err) : NIL;
}

bool generation_swap(struct core *c, struct reload *r, struct sori_str lines) {
    struct generation *g = r->next, *old = c->active;
    struct row_generation row;
    struct err err;
    flow_commit(c);
    int64_t live = store_active_generation(c->store), manifest = put_manifest(c, g);
    bool same = live != NIL && store_generation(c->store, live, &row) && row.manifest == manifest;
    if (same && old) return false; /* the same bytes: the live one goes on, nobody is restarted */
    bool anew = old && !str_eq(old->conf.timezone, g->conf.timezone);
    if (old)
        story_end(c, old);
    else if (live != NIL && !same)
        story_close_row(c, live, false);
    if (same)
        story_resume(c, g, live);
    else
        story_begin(c, g, r->wish, manifest, put_report(c, lines));
    r->next = c->next = NULL;
    office_open(c, g);
    c->active = g;
    kase_walk_begin(c);
    g->ready = true;
    if (old) {
        old->drain_since = clock_mono();
        old->drains_after = c->draining;
        c->draining = old;
    }
    for (size_t i = 0; i < r->found_n; i++) apply_plugin(c, g, r->found[i]);
    r->found_n = 0;
    apply_connections(c, g, anew);
    models_to_front(c, g);
    drop_models(c);
    probation_begin(c, g);
    flow_commit(c);
    if (!c->net && !route_start(c, &err))
        log_line(LOG_ERROR, "net", "%s", err.text);
    else if (old)
        route_configure(c);
    keeper_tell(c);
    decide_pump(c);
    poll_pump(c);
    return true;
}

void generation_tick(struct core *c) {
    conn_tick(c);
    renew_tick(c);
    model_tick(c);
    drop_models(c);
    probation_tick(c);
    for (struct generation **p = &c->draining; *p;) {
        struct generation *g = *p;
        if (g->open_batches) { /* their own deadline ends them, and its worker with them */
            p = &g->drains_after;
            continue;
        }
        *p = g->drains_after;
        if (g->id && c->reload) c->reload->drain_ms = clock_mono() - g->drain_since;
        story_over(c, g);
        generation_free(c, g);
    }
}
