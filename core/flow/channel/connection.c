/* Connections at run time: found by name or id, made once, their state said where it changes. */
#include "flow/channel/live.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/utf8.h"

#include <stdlib.h>

enum { CREATE_MS = 10000 };

enum { REASON_MOST = 1024 };

struct conn *conn_by_name(struct core *c, struct sori_str name) {
    for (size_t i = 0; i < c->conn_count; i++)
        if (str_is(name, c->conn[i]->name)) return c->conn[i];
    return NULL;
}

struct conn *conn_by_id(struct core *c, int64_t id) {
    for (size_t i = 0; i < c->conn_count; i++)
        if (c->conn[i]->id == id) return c->conn[i];
    return NULL;
}

struct plugin *plugin_by_id(struct core *c, struct sori_str id) {
    for (size_t i = 0; i < c->plugin_count; i++)
        if (str_is(id, c->plugin[i]->id)) return c->plugin[i];
    return NULL;
}

struct conn_ctx *conn_ctx(struct core *c, struct conn *conn) {
    if (!conn->ctx) {
        conn->ctx = mem_get(sizeof *conn->ctx);
        *conn->ctx = (struct conn_ctx){.core = c, .conn = conn};
    }
    return conn->ctx;
}

struct guest *lane_start(struct core *c, const struct plugin *p, const struct conn *conn,
                         const char *lane, const struct guest_events *events) {
    struct err err;
    struct buf name = {0};
    buf_printf(&name, "%s/%s%s%s", p->id, conn ? conn->name : "", conn ? "/" : "", lane);
    struct guest_spec spec = {.kind = GUEST_CONNECTOR, .name = name.data, .plugin = p->path};
    struct guest *g = guest_start(c->base, c->bin, &spec, events, &err);
    if (!g) log_line(LOG_ERROR, name.data, "cannot be started: %s", err.text);
    buf_free(&name);
    return g;
}

static void conn_create_payload(struct core *c, struct conn *conn, struct buf *b) {
    rec_str(b, CREATE_CONNECTION, str_c(conn->name));
    buf_str(b, buf_view(&conn->options)); /* already pairs under CREATE_OPTION */
    rec_str(b, CREATE_TIMEZONE, c->active ? c->active->conf.timezone : SORI_STR("UTC"));
    rec_int(b, CALL_NOW, core_now(c));
}

void lane_ready(void *ctx, struct guest *g, struct sori_str hello) {
    struct conn_ctx *x = ctx;
    (void)hello;
    struct buf b = {0};
    conn_create_payload(x->core, x->conn, &b);
    guest_call(g, M_CREATE, buf_view(&b), CREATE_MS, -1);
    buf_free(&b);
}

static void write_row(struct core *c, struct conn *conn) {
    *store_add_connection(&c->batch) = (struct row_connection){
        .id = conn->id,
        .name = keep(c, str_c(conn->name)),
        .plugin = str_c(conn->plugin->id),
        .space = conn->space ? conn->space : NIL,
        .live_from = conn->live_from,
        .state = conn->state,
        .reason = conn->reason ? keep(c, str_c(conn->reason)) : (struct sori_str){0},
        .epoch = store_epoch(c->store)};
    flow_dirty(c);
}

void conn_state(struct core *c, struct conn *conn, int state, const char *reason) {
    bool same = reason && conn->reason ? strcmp(reason, conn->reason) == 0 : reason == conn->reason;
    if (conn->state == state && same) return;
    if (conn->state != state || state == CONN_BROKEN)
        log_line(state == CONN_BROKEN ? LOG_ERROR : LOG_INFO, conn->name, "%s%s%s",
                 conn_word(state), reason && *reason ? ": " : "", reason ? reason : "");
    conn->state = state;
    if (!same) {
        free(conn->reason);
        conn->reason = reason ? mem_text(utf8_cut(str_c(reason), REASON_MOST)) : NULL;
    }
    write_row(c, conn);
}

static void take_cursor(void *ctx, const void *row) {
    const struct row_cursor *r = row;
    named_put(ctx, r->name, r->value);
}

void conn_learn(struct conn *conn) {
    conn->flags = 0;
    memset(conn->verb_flags, 0, sizeof conn->verb_flags);
    memset(conn->verb_settle, 0, sizeof conn->verb_settle);
    memset(conn->verb_max, 0, sizeof conn->verb_max);
    struct rec_field f;
    for (struct sori_str d = buf_view(&conn->plugin->descriptor); rec_next(&d, &f) == 1;) {
        if (f.tag == DESC_FLAGS) conn->flags = (uint32_t)f.i;
        if (f.tag != DESC_VERB || f.type != REC_REC) continue;
        int64_t verb = rec_get_int(f.s, 1, 0);
        if (verb <= 0 || verb >= 10) continue;
        conn->verb_flags[verb] = rec_get_int(f.s, 2, 0);
        conn->verb_settle[verb] = rec_get_int(f.s, 3, 0);
        conn->verb_max[verb] = rec_get_int(f.s, 4, 0);
    }
}

struct conn *conn_make(struct core *c, struct plugin *plugin, struct sori_str name) {
    struct conn *conn = mem_get(sizeof *conn);
    struct row_connection row;
    conn->plugin = plugin;
    conn->name = mem_text(name);
    conn->mode = MODE_APPROVE;
    conn->act_action = NIL;
    conn->state = CONN_WAITING;
    bool known = store_connection(c->store, name, &row);
    if (known) {
        conn->id = row.id;
        conn->space = row.space == NIL ? 0 : row.space;
        conn->live_from = row.live_from;
        store_cursors(c->store, conn->id, 0, take_cursor, &conn->cursors);
        store_cursors(c->store, conn->id, 1, take_cursor, &conn->kept);
    } else {
        conn->id = ++c->ids.connection;
        conn->live_from = core_now(c);
    }
    conn_learn(conn);
    SORI_ASSERT(c->conn_count < sizeof c->conn / sizeof *c->conn);
    c->conn[c->conn_count++] = conn;
    if (!known) write_row(c, conn);
    return conn;
}

void conn_free(struct core *c, struct conn *conn) {
    poll_stop(c, conn);
    act_stop(c, conn);
    for (size_t i = 0; i < c->conn_count; i++)
        if (c->conn[i] == conn) c->conn[i] = c->conn[--c->conn_count];
    conn->state = CONN_STOPPED;
    conn->gone = c->gone_conns;
    c->gone_conns = conn;
}

static void named_free(struct named_list *list) {
    for (size_t i = 0; i < list->count; i++) {
        free(list->items[i].name);
        buf_free(&list->items[i].value);
    }
    free(list->items);
}

/* From the tick: no callback of its processes is under way. */
void conn_tick(struct core *c) {
    for (struct conn **p = &c->gone_conns; *p;) {
        struct conn *conn = *p;
        if (conn->held) {
            p = &conn->gone;
            continue;
        }
        *p = conn->gone;
        poll_stop(c, conn); /* a late decision may have woken them */
        act_stop(c, conn);
        live_free(c, conn);
        named_free(&conn->cursors);
        named_free(&conn->kept);
        buf_free(&conn->options);
        buf_free(&conn->record);
        buf_free(&conn->poll_cursors);
        buf_free(&conn->handed);
        free(conn->ctx);
        free(conn->reason);
        free(conn->name);
        free(conn);
    }
}

bool named_put(struct named_list *list, struct sori_str name, struct sori_str value) {
    for (size_t i = 0; i < list->count; i++)
        if (str_is(name, list->items[i].name)) {
            if (str_eq(buf_view(&list->items[i].value), value)) return false;
            buf_clear(&list->items[i].value);
            buf_str(&list->items[i].value, value);
            return true;
        }
    list->items = mem_grow(list->items, (list->count + 1) * sizeof *list->items);
    struct named *n = &list->items[list->count++];
    *n = (struct named){.name = mem_text(name)};
    buf_str(&n->value, value);
    return true;
}
