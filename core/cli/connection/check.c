/* connection check: is each connection sound, down to the layer that is missing. A running core
 * looks itself; without one the plugin is run once. */
#include "cli/connection/connection.h"

#include "sori/connector.h"
#include "supervise/messages.h"

#include "cli/plugin/once.h"

#include <stdlib.h>
#include <string.h>

struct check {
    const char *workspace;
    struct conf conf;
    json_t *status; /* of the running core; NULL: none runs */
    bool json, color, well;
    json_t *out;
};

/* What a running core tells of all connections; NULL where none runs. */
static json_t *core_status(const char *workspace) {
    struct err err;
    struct cli_ask ask = {.name = "status"};
    struct cli_told told = {.code = 0};
    struct cli_core *core = cli_connect(workspace, &err);
    json_t *status = NULL;
    if (core && cli_tell(core, &ask, &told, &err)) {
        struct sori_str at = buf_view(&told.rows);
        status = cli_next_row(&at);
    }
    cli_disconnect(core);
    cli_ask_free(&ask);
    cli_told_free(&told);
    return status;
}

static json_t *row_of(const json_t *status, struct sori_str name) {
    size_t i;
    json_t *row;
    json_array_foreach(json_object_get(status, "connections"), i,
                       row) if (str_eq(cli_text(row, "name"), name)) return row;
    return NULL;
}

static json_t *look(struct check *c, const struct conf_connection *k, struct err *err) {
    struct buf so = {0}, descriptor = {0}, secrets = {0};
    char *channel = mem_text(k->channel), *name = mem_text(k->name);
    char *zone = mem_text(c->conf.timezone);
    json_t *health = NULL;
    bool ok = cli_plugin_of(c->workspace, channel, &so, err) &&
              once_descriptor(so.data, &descriptor, err);
    bool looks = ok && rec_get_int(buf_view(&descriptor), DESC_FLAGS, 0) & SORI_CONNECTOR_POLLS;
    buf_printf(&secrets, "%s/secrets", c->workspace);
    struct health_want want = {.so = so.data,
                               .name = name,
                               .secrets = secrets.data,
                               .timezone = zone,
                               .record = k->record};
    if (ok && !looks)
        health = json_pack("{s:s, s:s, s:[{s:s, s:s}], s:{}}", "status", "ok", "why", "", "lines",
                           "level", "info", "text",
                           "its channel is only received: there is nothing to look at", "facts");
    else if (ok)
        health = c->status ? core_health(c->workspace, name, err) : health_once(&want, err);
    free(channel);
    free(name);
    free(zone);
    buf_free(&so);
    buf_free(&descriptor);
    buf_free(&secrets);
    return health;
}

static void put_title(struct check *c, const struct conf_connection *k, const json_t *row,
                      bool well, struct buf *b) {
    cli_paint(b, c->color, CLI_BOLD, k->name);
    buf_printf(b, "  %.*s  ", STR(k->channel));
    cli_paint(b, c->color, well ? CLI_GREEN : CLI_RED,
              well ? SORI_STR("all well") : SORI_STR("something is missing"));
    if (row) buf_printf(b, "  %.*s", STR(cli_text(row, "state")));
    if (cli_text(row, "reason").len) buf_puts(b, ": ");
    cli_put_cut(b, cli_text(row, "reason"), 1000);
    buf_putc(b, '\n');
}

static void print_one(struct check *c, const struct conf_connection *k, const json_t *row,
                      const json_t *health, bool well, const struct err *err) {
    struct buf b = {0};
    put_title(c, k, row, well, &b);
    if (health) {
        health_put(&b, health, c->color);
    } else {
        buf_puts(&b, "  ");
        cli_paint(&b, c->color, CLI_RED, str_c(err->text));
        buf_putc(&b, '\n');
    }
    if (row) connection_put(&b, row, c->color);
    fwrite(b.data, 1, b.len, stdout);
    buf_free(&b);
}

static json_t *as_json(const struct conf_connection *k, const json_t *row, json_t *health,
                       bool well, const struct err *err) {
    json_t *one = json_object();
    json_object_set_new(one, "name", json_stringn(k->name.ptr, k->name.len));
    json_object_set_new(one, "channel", json_stringn(k->channel.ptr, k->channel.len));
    json_object_set_new(one, "ok", json_boolean(well));
    if (health)
        json_object_set(one, "health", health);
    else
        json_object_set_new(one, "error", json_string(err->text));
    if (row) json_object_set(one, "connection", (json_t *)(uintptr_t)row);
    return one;
}

static void check_one(struct check *c, const struct conf_connection *k) {
    struct err err = {.text = ""};
    const json_t *row = c->status ? row_of(c->status, k->name) : NULL;
    json_t *health = NULL;
    if (c->status && !row)
        err_set(&err, "the running Sori has not taken it on: `sori status` says why, `sori reload` "
                      "tries again");
    else
        health = look(c, k, &err);
    bool well = health && health_is_well(health) && !str_is(cli_text(row, "state"), "broken") &&
                !cli_int(row, "silent_habit_ms", 0);
    c->well &= well;
    if (c->json)
        json_array_append_new(c->out, as_json(k, row, health, well, &err));
    else
        print_one(c, k, row, health, well, &err);
    json_decref(health);
}

static int check_all(struct check *c, const char *only) {
    size_t looked = 0;
    for (size_t i = 0; i < c->conf.connection_count; i++) {
        const struct conf_connection *k = &c->conf.connections[i];
        if (only && !str_is(k->name, only)) continue;
        const char *zone_taken = getenv("TZ");
        if (!looked && !c->json && zone_taken && str_is(c->conf.timezone, zone_taken)) {
            struct buf line = {0}, zone = {0};
            buf_printf(&line, "times are those of %.*s\n", STR(c->conf.timezone));
            cli_paint(&zone, c->color, CLI_DIM, buf_view(&line));
            fwrite(zone.data, 1, zone.len, stdout);
            buf_free(&line);
            buf_free(&zone);
        }
        if (looked++ && !c->json) putchar('\n');
        check_one(c, k);
        fflush(stdout);
    }
    if (only && !looked)
        return cli_fail(CLI_FAILED, "there is no connection \"%s\"; sori.lua names them", only);
    if (c->json) {
        json_t *all = json_pack("{s:b, s:O}", "ok", c->well, "connections", c->out);
        json_dumpf(all, stdout, JSON_COMPACT);
        putchar('\n');
        json_decref(all);
    } else if (!looked) {
        puts("there is no connection yet: sori connection add CHANNEL");
    }
    return c->well ? CLI_OK : CLI_FAILED;
}

int connection_check(int argc, char **argv) {
    static const struct cli_help help = {
        .usage = "sori connection check [NAME] [-w DIR] [--json]",
        .about =
            "Asks each platform how its connection is: whose token it is, until when, what it\n"
            "may do, and which layer of what must be subscribed is missing, with what to do\n"
            "about it. A running Sori looks itself, and its budgets, streams and gaps are\n"
            "shown; without one the plugin is run once. Exit code 0: all is well; 1: not."};
    struct cli_opt opts[] = {CLI_OPT_WORKSPACE, CLI_OPT_JSON};
    int n = cli_parse(argc, argv, &help, opts, 2);
    if (n < 0) return cli_parsed(n);
    if (n > 1) return cli_usage(&help, "'%s' is one word too many", argv[2]);
    struct buf workspace = {0};
    struct err err;
    if (!cli_workspace(opts[0].value, &workspace, &err)) return cli_usage(&help, "%s", err.text);
    struct check c = {.workspace = workspace.data,
                      .json = opts[1].value != NULL,
                      .color = cli_is_color(stdout),
                      .well = true};
    int code = CLI_REFUSED;
    if (connection_conf(workspace.data, &c.conf, &err)) {
        c.status = core_status(workspace.data);
        c.out = json_array();
        code = check_all(&c, n == 1 ? argv[1] : NULL);
        json_decref(c.out);
        json_decref(c.status);
        conf_close(&c.conf);
    } else {
        cli_fail(0, "%s", err.text);
    }
    buf_free(&workspace);
    return code;
}
