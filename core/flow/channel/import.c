/* Files by hand: chunks of whole rows go into a spool segment of the core's own, durable before
 * the command is told so, and take the way of every delivery from there. How far a file has come is
 * kept by its SHA-256, so that the same command goes on after a break. */
#include "flow/receive.h"

#include "base/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { SEGMENT_BYTES = 64 << 20, LANE_IMPORT = 2, CONNECTIONS_MOST = 256 };

/* Which connection a command means: the one that it names, else the only one of the channel, else
 * "import", which is made when the first file comes. */
static struct sori_str named(struct command *cmd) {
    struct core *c = cmd->core;
    struct sori_str name = control_arg(cmd, "connection");
    const struct conn *only = NULL;
    size_t found = 0;
    if (name.len) return name;
    for (size_t i = 0; i < c->conn_count; i++)
        if (c->conn[i]->wanted == c->active && strcmp(c->conn[i]->plugin->id, "import") == 0) {
            only = c->conn[i];
            found++;
        }
    return found == 1 ? str_c(only->name) : SORI_STR("import");
}

static struct conn *connection(struct command *cmd) {
    struct core *c = cmd->core;
    struct sori_str name = named(cmd);
    struct conn *conn = conn_by_name(c, name);
    if (conn && strcmp(conn->plugin->id, "import") == 0) return conn;
    struct plugin *p = plugin_by_id(c, SORI_STR("import"));
    if (conn) {
        control_tell(cmd, 1,
                     "connection \"%.*s\" belongs to the channel %s; files are imported into one "
                     "of the channel import",
                     STR(name), conn->plugin->id);
        return NULL;
    }
    if (!p || !str_is(name, "import")) {
        control_tell(cmd, 1,
                     p ? "there is no connection \"%.*s\": leave --connection out, or write "
                         "connection \"%.*s\" { channel = \"import\" } into sori.lua"
                       : "the import plugin is missing beside the others (\"%.*s\" cannot be made)",
                     STR(name), STR(name));
        return NULL;
    }
    if (c->conn_count >= CONNECTIONS_MOST) {
        control_tell(cmd, 1,
                     "%d connections are the most that one Sori takes; import into one of them",
                     CONNECTIONS_MOST);
        return NULL;
    }
    conn = conn_make(c, p, name);
    conn->mode = MODE_OBSERVE; /* what a file says has no channel to answer on */
    conn->wanted = c->active;
    conn_state(c, conn, CONN_READY, NULL);
    return conn;
}

static void put_payload(struct command *cmd, struct conn *conn, struct buf *b) {
    static const char *const kept[] = {"format", "file",     "first-line", "header",
                                       "map",    "encoding", "repeats"};
    rec_str(b, DEL_CONNECTION, str_c(conn->name));
    rec_str(b, DEL_FORM, SORI_STR("import"));
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
        struct sori_str value = control_arg(cmd, kept[i]);
        if (!value.len) continue;
        size_t mark = rec_begin(b, DEL_HEADER);
        rec_str(b, PAIR_NAME, str_c(kept[i]));
        rec_str(b, PAIR_VALUE, value);
        rec_end(b, mark);
    }
    rec_str(b, DEL_BODY, cmd->body);
    rec_int(b, DEL_AT, core_now(cmd->core));
}

static struct sori_str mark_name(struct command *cmd) {
    struct buf name = {0};
    buf_printf(&name, "sha:%.*s", STR(control_arg(cmd, "sha")));
    struct sori_str kept = keep(cmd->core, buf_view(&name));
    buf_free(&name);
    return kept;
}

static void remember_offset(struct command *cmd, struct conn *conn) {
    struct buf value = {0};
    buf_printf(&value, "%.*s %.*s", STR(control_arg(cmd, "next-offset")),
               STR(control_arg(cmd, "next-line")));
    *store_add_cursor(&cmd->core->batch) =
        (struct row_cursor){.connection = conn->id,
                            .lane = LANE_IMPORT,
                            .name = mark_name(cmd),
                            .value = keep(cmd->core, buf_view(&value)),
                            .at = core_now(cmd->core)};
    buf_free(&value);
    flow_dirty(cmd->core);
}

void import_chunk(struct command *cmd) {
    struct core *c = cmd->core;
    struct err err;
    struct buf payload = {0};
    struct conn *conn = connection(cmd);
    if (!conn) return;
    if (!c->own_spool)
        c->own_spool = spool_create(c->spool, SEGMENT_BYTES, c->active->conf.spool_max, &err);
    put_payload(cmd, conn, &payload);
    bool ok = c->own_spool &&
              (cmd->body.len == 0 || spool_append(c->own_spool, buf_view(&payload), &err));
    buf_free(&payload);
    if (!ok) {
        control_tell(cmd, 1, "busy: %s", err.text);
        return;
    }
    if (!spool_sync(c->own_spool, &err)) {
        log_line(LOG_ERROR, "import", "%s; ending, since a failed sync is final", err.text);
        _exit(70);
    }
    if (control_arg(cmd, "sha").len) remember_offset(cmd, conn);
    control_tell(cmd, 0, "kept");
    receive_pump(c);
}

struct wanted {
    struct sori_str name;
    char value[64];
};

static void find_mark(void *ctx, const void *row) {
    struct wanted *w = ctx;
    const struct row_cursor *r = row;
    if (str_eq(r->name, w->name)) snprintf(w->value, sizeof w->value, "%.*s", STR(r->value));
}

void import_offset(struct command *cmd) {
    struct core *c = cmd->core;
    struct conn *conn = conn_by_name(c, named(cmd));
    struct wanted w = {.name = mark_name(cmd)};
    long long offset = 0, line = 0;
    flow_commit(c);
    w.name = mark_name(cmd);
    if (conn) store_cursors(c->store, conn->id, LANE_IMPORT, find_mark, &w);
    if (sscanf(w.value, "%lld %lld", &offset, &line) != 2) offset = line = 0;
    struct buf json = {0};
    buf_printf(&json, "{\"offset\":%lld,\"line\":%lld}", offset, line);
    control_tell_json(cmd, NULL, buf_view(&json));
    buf_free(&json);
}

void import_status(struct command *cmd) {
    struct core *c = cmd->core;
    struct conn *conn = conn_by_name(c, named(cmd));
    struct buf json = {0};
    receive_pump(c);
    /* Pending: not yet drained, not yet decided. */
    bool unread =
        c->tail && !spool_finished(c->spool, c->segment)
            ? false
            : spool_next(c->spool, c->segment) >= 0 && spool_finished(c->spool, c->segment);
    size_t pending = c->window + aside_waiting(c) + c->entries + (unread ? 1 : 0) +
                     (c->undecided_from != NIL ? 1 : 0);
    struct sori_str name = named(cmd); /* of a connection, or a word of ours: plain letters */
    buf_printf(&json,
               "{\"connection\":\"%.*s\",\"pending\":%zu,\"recorded\":%lld,\"seen\":%lld,"
               "\"rejected\":%lld}",
               STR(conn ? str_c(conn->name) : name), pending, (long long)(conn ? conn->heard : 0),
               (long long)(conn ? conn->seen : 0), (long long)(conn ? conn->rejected : 0));
    control_tell_json(cmd, NULL, buf_view(&json));
    buf_free(&json);
}
