/* connection authorise: a new token for a connection that is there, where the old one was lost,
 * refused or taken back. All else stays as it is; what waited goes on. */
#include "cli/connection/allow.h"

#include "base/file.h"
#include "cli/plugin/once.h"
#include "sori/plugin.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FILE_MOST = 4096 };

/* ---- which ---- */

static bool find_connection(struct connecting *x, const char *name,
                            const struct conf_connection **found, struct err *err) {
    for (size_t i = 0; i < x->conf.connection_count; i++)
        if (str_is(x->conf.connections[i].name, name)) *found = &x->conf.connections[i];
    return *found || err_set(err, "there is no connection \"%s\"; sori.lua names them", name);
}

static bool has_file(const struct connecting *x, struct sori_str slot) {
    struct buf path = {0};
    buf_printf(&path, "%s/secrets/%s.%.*s", x->workspace, x->name, STR(slot));
    bool there = access(path.data, F_OK) == 0;
    buf_free(&path);
    return there;
}

/* The one that was asked for, or the only one, or the only one that is in use. */
static bool find_slot(const struct connecting *x, const char *name, struct sori_str *slot,
                      struct err *err) {
    struct sori_str at = buf_view(&x->descriptor), any = {0}, used = {0};
    size_t all = 0, in_use = 0;
    struct rec_field f;
    *slot = (struct sori_str){0};
    while (rec_next(&at, &f) == 1) {
        if (f.tag != DESC_SLOT || f.type != REC_REC || !rec_get_str(f.s, 6).len) continue;
        if (name && str_is(rec_get_str(f.s, 1), name)) *slot = f.s;
        any = f.s;
        all++;
        if (!has_file(x, rec_get_str(f.s, 1))) continue;
        used = f.s;
        in_use++;
    }
    if (!name) *slot = all == 1 ? any : in_use == 1 ? used : (struct sori_str){0};
    if (slot->len) return true;
    if (!all || name)
        return err_set(
            err,
            "%s%s%s is made at the platform: write the new one to secrets/%s.%s with mode "
            "0600 (`sori plugin info %s` lists the credentials)",
            name ? "the credential " : "every credential of ", name ? name : "",
            name ? "" : x->channel, x->name, name ? name : "NAME", x->channel);
    return err_set(err, "%s has several credentials: name one; `sori plugin info %s` lists them",
                   x->name, x->channel);
}

/* ---- the application, as the old file names it ---- */

static json_t *old_file(const struct connecting *x, struct sori_str slot) {
    struct buf path = {0}, bytes = {0};
    struct err none;
    buf_printf(&path, "%s/secrets/%s.%.*s", x->workspace, x->name, STR(slot));
    buf_room(&bytes, FILE_MOST + 1);
    json_t *file = file_read(path.data, FILE_MOST, true, &bytes, &none)
                       ? json_loadb(bytes.data, bytes.len, 0, NULL)
                       : NULL;
    secret_forget(&bytes);
    buf_free(&path);
    return file;
}

static const char *text_of(const json_t *file, const char *name) {
    const char *text = json_string_value(json_object_get(file, name));
    return text && *text ? text : NULL;
}

/* True where the same application is to be asked for; a redirect address is needed with it. */
static bool same_client(struct connecting *x, const json_t *file, bool *stopped) {
    static const char *const words[] = {"keep it", "change it", NULL};
    if (!text_of(file, "client_id") || !text_of(file, "redirect_uri")) return false;
    printf("The application is %s, its redirect address %s.\n", text_of(file, "client_id"),
           text_of(file, "redirect_uri"));
    int chosen = terminal_choose(x->terminal, words);
    *stopped = chosen < 0;
    return chosen == 0;
}

/* ---- the whole ---- */

static void tell_core(const struct connecting *x) {
    struct err err;
    json_t *health = core_health(x->workspace, x->name, &err);
    struct buf b = {0};
    if (health) health_put(&b, health, cli_is_color(stdout));
    if (health && str_is(cli_text(health, "status"), "ok"))
        buf_puts(&b, "The running Sori uses it; what waited for it goes on.\n");
    fwrite(b.data ? b.data : "", 1, b.len, stdout);
    buf_free(&b);
    json_decref(health);
}

static int run(struct connecting *x, const char *slot_name) {
    struct err err = {.text = ""};
    const struct conf_connection *conn = NULL;
    struct sori_str slot;
    bool ok =
        connection_conf(x->workspace, &x->conf, &err) && find_connection(x, x->name, &conn, &err);
    char *channel = mem_text(conn ? conn->channel : (struct sori_str){0});
    x->channel = channel;
    ok = ok && cli_plugin_of(x->workspace, channel, &x->so, &err) &&
         once_descriptor(x->so.data, &x->descriptor, &err) && find_slot(x, slot_name, &slot, &err);
    int code = CLI_REFUSED;
    if (ok) {
        json_t *file = old_file(x, rec_get_str(slot, 1));
        struct authorising a = {.x = x, .slot = slot, .record = conn->record};
        bool stopped = false;
        if (same_client(x, file, &stopped)) {
            a.client_id = text_of(file, "client_id");
            a.client_secret = text_of(file, "client_secret");
            a.redirect = text_of(file, "redirect_uri");
        }
        enum authorised end = stopped ? AUTHORISE_STOPPED : authorise(&a);
        json_decref(file);
        code = CLI_FAILED;
        if (end != AUTHORISED)
            err_set(&err, "%s; the token of before stays where it is",
                    end == AUTHORISE_STOPPED ? "stopped" : "given up");
        else if (connecting_replace(x, rec_get_str(slot, 1), &err))
            code = CLI_OK;
    }
    if (code == CLI_OK)
        tell_core(x);
    else
        cli_fail(0, "%s", err.text);
    free(channel);
    return code;
}

int connection_authorise(int argc, char **argv) {
    static const struct cli_help help = {
        .usage = "sori connection authorise NAME [SLOT] [-w DIR]",
        .about =
            "Fetches a new token for a connection: shows the platform's page on which a person\n"
            "allows the application, takes the address back to which the browser was sent, and\n"
            "redeems the code in it. Until the new token is here the old one stays; a running\n"
            "Sori uses the new one at once, and what was held back leaves then. It needs a\n"
            "terminal: what is pasted is not shown."};
    struct cli_opt opts[] = {CLI_OPT_WORKSPACE};
    int n = cli_parse(argc, argv, &help, opts, 1);
    if (n < 0) return cli_parsed(n);
    if (n < 1) return cli_usage(&help, "which connection? `sori status` lists them");
    if (n > 2) return cli_usage(&help, "'%s' is one word too many", argv[3]);
    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
        return cli_usage(&help, "it needs a terminal, in which a person answers");
    struct buf workspace = {0};
    struct err err;
    if (!cli_workspace(opts[0].value, &workspace, &err)) return cli_usage(&help, "%s", err.text);
    struct terminal terminal;
    struct connecting x = {
        .workspace = workspace.data, .name = argv[1], .stop = &terminal, .terminal = &terminal};
    terminal_open(&terminal);
    int code = run(&x, n == 2 ? argv[2] : NULL);
    connecting_unstage(&x);
    terminal_close(&terminal);
    conf_close(&x.conf);
    given_free(&x.secrets);
    buf_free(&x.so);
    buf_free(&x.descriptor);
    buf_free(&workspace);
    return code;
}
