/* check: configuration, plugins, models and policy as a reload would take them, without a core;
 * with --store the database instead. */
#include "cli/connection/check_slot.h"
#include "cli/plugin/once.h"

#include "base/calendar.h"
#include "base/clock.h"
#include "base/file.h"
#include "conf/conf.h"
#include "lua/policy.h"
#include "sori/plugin.h"
#include "store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct check {
    const char *dir;
    struct conf conf;
    struct buf errors; /* a line each */
    struct buf notes;  /* what is right, a line each */
    struct buf red;    /* allowed private addresses, a line each */
    struct buf bundle, env;
    bool days_told;
};

/* ---- configuration ---- */

static bool check_config(struct check *c) {
    struct buf path = {0}, source = {0}, record = {0};
    struct err err = {.text = ""};
    buf_printf(&path, "%s/sori.lua", c->dir);
    bool ok = file_read(path.data, 1 << 20, false, &source, &err);
    if (!ok) buf_printf(&c->errors, "%s\n", err.text);
    ok = ok && conf_read(buf_view(&source), "sori.lua", &record, &c->errors);
    if (ok && !conf_open(&record, &c->conf, &err)) {
        buf_printf(&c->errors, "%s\n", err.text);
        ok = false;
    }
    buf_free(&path);
    buf_free(&source);
    if (ok)
        buf_printf(&c->notes, "sori.lua: %.*s, %zu connection%s\n", STR(c->conf.name),
                   c->conf.connection_count, c->conf.connection_count == 1 ? "" : "s");
    return ok;
}

/* ---- folders that are nobody else's ---- */

static void check_folders(struct check *c) {
    static const char *const folders[] = {"data", "secrets"};
    for (size_t i = 0; i < 2; i++) {
        struct buf path = {0};
        buf_printf(&path, "%s/%s", c->dir, folders[i]);
        unsigned mode = file_open_to_others(path.data);
        if (mode)
            buf_printf(&c->errors,
                       "%s: others than its owner can open it (mode %04o): run `chmod 700` on it, "
                       "or start Sori, which does so\n",
                       path.data, mode);
        buf_free(&path);
    }
}

/* ---- connections against their plugins ---- */

static bool plugin_path(struct check *c, struct sori_str name, struct buf *out, struct err *err) {
    char *word = mem_text(name);
    bool ok = cli_plugin_of(c->dir, word, out, err);
    free(word);
    return ok;
}

static void check_secret(struct check *c, struct sori_str connection, struct sori_str slot,
                         bool required, int64_t kind) {
    struct buf path = {0};
    struct stat st;
    struct err err;
    buf_printf(&path, "%s/secrets/%.*s.%.*s", c->dir, STR(connection), STR(slot));
    if (stat(path.data, &st) != 0) {
        if (required)
            buf_printf(&c->errors,
                       "connection \"%.*s\": its credential is missing; put it into "
                       "secrets/%.*s.%.*s (mode 0600)\n",
                       STR(connection), STR(connection), STR(slot));
    } else if (st.st_mode & 077) {
        buf_printf(&c->errors, "%s: others may read it; chmod 600 it\n", path.data);
    } else if (kind != SORI_SLOT_TEXT && !check_slot(path.data, kind, &err)) {
        buf_printf(&c->errors, "%s\n", err.text);
    }
    buf_free(&path);
}

static void check_connection(struct check *c, const struct conf_connection *k) {
    struct buf so = {0}, descriptor = {0}, options = {0};
    struct err err;
    if (plugin_path(c, k->channel, &so, &err) && once_descriptor(so.data, &descriptor, &err)) {
        conf_options(k->record, buf_view(&descriptor), CREATE_OPTION, &options, &c->errors);
        struct sori_str at = buf_view(&descriptor);
        struct rec_field f;
        while (rec_next(&at, &f) == 1)
            if (f.tag == DESC_SLOT && f.type == REC_REC)
                check_secret(c, k->name, rec_get_str(f.s, 1), rec_get_int(f.s, 3, 0) != 0,
                             rec_get_int(f.s, 4, SORI_SLOT_TEXT));
    } else {
        buf_printf(&c->errors, "sori.lua:%d: connection \"%.*s\": %s\n", k->line, STR(k->name),
                   err.text);
    }
    struct sori_str at = k->record;
    struct rec_field f;
    while (rec_next(&at, &f) == 1)
        if (f.tag == CONN_ALLOW && f.type == REC_STR)
            buf_printf(&c->red, "connection \"%.*s\" may reach %.*s\n", STR(k->name), STR(f.s));
    buf_free(&so);
    buf_free(&descriptor);
    buf_free(&options);
}

/* ---- models: what the policy may name ---- */

static bool model_path(struct check *c, struct sori_str name, struct buf *out, struct err *err) {
    buf_clear(out);
    buf_printf(out, "%s/models/%.*s", c->dir, STR(name));
    if (access(out->data, R_OK) != 0) {
        if (!cli_installed("models", out, err)) return false;
        buf_printf(out, "/%.*s", STR(name));
    }
    char *real = realpath(out->data, NULL);
    if (!real) return err_set(err, "the model \"%.*s\" is missing: %s", STR(name), out->data);
    buf_clear(out);
    buf_puts(out, real);
    free(real);
    return true;
}

static void put_labels(struct check *c, struct sori_str lang, struct sori_str created) {
    struct rec_field f;
    while (rec_next(&created, &f) == 1) {
        if (f.tag != LABELS_LABEL || f.type != REC_REC) continue;
        struct buf full = {0};
        buf_printf(&full, "%.*s.%.*s", STR(rec_get_str(f.s, 1)), STR(rec_get_str(f.s, 2)));
        size_t mark = rec_begin(&c->env, ENV_LABEL);
        rec_str(&c->env, 1, buf_view(&full));
        buf_str(&c->env, rec_get_rec(f.s, 4));
        rec_str(&c->env, 3, lang);
        rec_end(&c->env, mark);
        buf_free(&full);
    }
}

static void check_model(struct check *c, struct sori_str classifier, struct sori_str plugin,
                        struct sori_str lang, struct sori_str name) {
    struct buf so = {0}, model = {0}, create = {0};
    struct err err;
    struct once o;
    bool ok = plugin_path(c, plugin, &so, &err) && model_path(c, name, &model, &err) &&
              once_open(&o, GUEST_CLASSIFIER, so.data, model.data, &err);
    if (ok) {
        rec_str(&create, CREATE_MODEL, buf_view(&model));
        ok = once_call(&o, M_CREATE, buf_view(&create), 10000, &err);
        if (ok && o.status != 0)
            ok = err_set(&err, "%.*s", STR(rec_get_str(buf_view(&o.result), DONE_WHY)));
        if (ok) put_labels(c, lang, buf_view(&o.result));
        once_close(&o);
    }
    if (!ok) buf_printf(&c->errors, "classifier \"%.*s\": %s\n", STR(classifier), err.text);
    buf_free(&so);
    buf_free(&model);
    buf_free(&create);
}

/* What is set by date (elections, single extra days) is known for a while only: said once. */
static void check_calendar(struct check *c, struct sori_str record) {
    rec_str(&c->env, ENV_CALENDAR, rec_get_str(record, CAL_NAME));
    struct calendar cal;
    if (c->days_told || !calendar_read(record, &cal)) return;
    c->days_told = calendar_ends(&cal, clock_now());
    if (c->days_told) {
        calendar_put_end(&c->notes, &cal);
        buf_putc(&c->notes, '\n');
    }
    calendar_free(&cal);
}

static void check_models(struct check *c) {
    struct sori_str all = buf_view(&c->conf.bytes);
    for (struct rec_field f; rec_next(&all, &f) == 1;) {
        if (f.type != REC_REC) continue;
        if (f.tag == CONF_CONNECTION) rec_str(&c->env, ENV_CHANNEL, rec_get_str(f.s, CONN_CHANNEL));
        if (f.tag == CONF_DEPARTMENT) rec_str(&c->env, ENV_DEPARTMENT, rec_get_str(f.s, 1));
        if (f.tag == CONF_CALENDAR) check_calendar(c, f.s);
        if (f.tag != CONF_CLASSIFIER) continue;
        struct sori_str one = f.s;
        for (struct rec_field m; rec_next(&one, &m) == 1;)
            if (m.tag == 3 && m.type == REC_REC)
                check_model(c, rec_get_str(f.s, 1), rec_get_str(f.s, 2), rec_get_str(m.s, 1),
                            rec_get_str(m.s, 2));
    }
    for (size_t i = 0; i < c->conf.lang_count; i++) rec_str(&c->env, ENV_LANG, c->conf.lang[i]);
    rec_str(&c->env, ENV_TIMEZONE, c->conf.timezone);
}

/* ---- policy ---- */

static void check_policy(struct check *c) {
    struct buf path = {0}, report = {0};
    struct err err;
    buf_printf(&path, "%s/policy", c->dir);
    struct policy *p = NULL;
    if (!bundle_read(path.data, &c->bundle, &err))
        buf_printf(&c->errors, "%s\n", err.text);
    else
        p = policy_load(buf_view(&c->bundle), buf_view(&c->env), &c->errors);
    struct policy_report counts = {0};
    if (p && !policy_test(buf_view(&c->bundle), buf_view(&c->env), false, &report, &counts))
        buf_printf(&c->errors, "policy: %u of its %u own tests fail\n%.*s", counts.failed,
                   counts.failed + counts.passed, STR(buf_view(&report)));
    else if (p)
        buf_printf(&c->notes, "policy: loads, %u of its own tests pass\n", counts.passed);
    if (p) policy_plan(p, &c->notes);
    if (p) policy_warnings(p, &c->notes);
    if (p) policy_free(p);
    buf_free(&path);
    buf_free(&report);
}

/* ---- telling ---- */

static json_t *lines(const struct buf *b) {
    json_t *list = json_array();
    struct sori_str rest = buf_view(b);
    while (rest.len > 0) {
        const char *end = memchr(rest.ptr, '\n', rest.len);
        size_t len = end ? (size_t)(end - rest.ptr) : rest.len;
        if (len > 0) json_array_append_new(list, json_stringn(rest.ptr, len));
        rest.ptr += len + (end != NULL);
        rest.len -= len + (end != NULL);
    }
    return list;
}

static int tell(struct check *c, bool json) {
    bool ok = c->errors.len == 0;
    if (json) {
        json_t *out = json_pack("{s:b, s:o, s:o, s:o}", "ok", ok, "errors", lines(&c->errors),
                                "private", lines(&c->red), "notes", lines(&c->notes));
        json_dumpf(out, stdout, JSON_COMPACT);
        putchar('\n');
        json_decref(out);
        return ok ? CLI_OK : CLI_REFUSED;
    }
    struct buf red = {0};
    printf("%.*s", STR(buf_view(&c->notes)));
    cli_paint(&red, cli_is_color(stdout), CLI_RED, buf_view(&c->red));
    printf("%.*s", STR(buf_view(&red)));
    buf_free(&red);
    fflush(stdout);
    if (ok)
        puts("all is well");
    else
        fprintf(stderr, "%.*s", STR(buf_view(&c->errors)));
    return ok ? CLI_OK : CLI_REFUSED;
}

static int check_workspace(const char *dir, bool json) {
    struct check c = {.dir = dir};
    bool conf = check_config(&c);
    check_folders(&c);
    if (conf) {
        for (size_t i = 0; i < c.conf.connection_count; i++)
            check_connection(&c, &c.conf.connections[i]);
        check_models(&c);
        check_policy(&c);
        conf_close(&c.conf);
    }
    int code = tell(&c, json);
    buf_free(&c.errors);
    buf_free(&c.notes);
    buf_free(&c.red);
    buf_free(&c.bundle);
    buf_free(&c.env);
    return code;
}

static int check_store(const char *dir, bool json) {
    struct buf path = {0};
    struct check c = {.dir = dir};
    struct err err = {.text = ""};
    buf_printf(&path, "%s/data/sori.db", dir);
    if (access(path.data, F_OK) != 0) {
        int missing = cli_fail(CLI_FAILED, "%s is not there yet; 'sori run' makes it", path.data);
        buf_free(&path);
        return missing;
    }
    bool ok = store_check(path.data, &c.errors, &err);
    if (!ok && err.text[0]) buf_printf(&c.errors, "%s\n", err.text);
    if (ok) buf_printf(&c.notes, "%s: sound\n", path.data);
    int code = tell(&c, json);
    buf_free(&path);
    buf_free(&c.errors);
    buf_free(&c.notes);
    return code == CLI_OK ? CLI_OK : CLI_FAILED;
}

int cmd_check(int argc, char **argv);
int cmd_check(int argc, char **argv) {
    static const struct cli_help help = {
        .usage = "sori check [--store] [-w DIR] [--json]",
        .about = "Looks a workspace over as a reload would: configuration with file:line, options\n"
                 "against each plugin, credentials, models, the policy and its own tests. Private\n"
                 "addresses that a connection may reach are shown in red. Exit code 3 where\n"
                 "something is wrong. With --store: the database, running or not, read-only."};
    struct cli_opt opts[] = {
        CLI_OPT_WORKSPACE, CLI_OPT_JSON, {.name = "store", .help = "the database instead"}};
    int n = cli_parse(argc, argv, &help, opts, 3);
    if (n < 0) return cli_parsed(n);
    if (n > 0) return cli_usage(&help, "'%s' is one word too many", argv[1]);
    struct buf workspace = {0};
    struct err err;
    if (!cli_workspace(opts[0].value, &workspace, &err)) return cli_usage(&help, "%s", err.text);
    bool json = opts[1].value != NULL;
    int code =
        opts[2].value ? check_store(workspace.data, json) : check_workspace(workspace.data, json);
    buf_free(&workspace);
    return code;
}
