/* connection add: a person is led through a plugin's guide, or everything is given by options. What
 * was asked for is tried with the platform before anything is written. */
#include "cli/connection/guide.h"

#include "cli/plugin/once.h"
#include "conf/value.h"
#include "sori/plugin.h"
#include "supervise/messages.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SETS_MAX = 64, SLOTS_MAX = 16, ALLOWS_MAX = 32 };

/* ---- sori.lua as it is ---- */

static bool read_conf(struct connecting *x, struct err *err) {
    struct buf path = {0};
    struct stat st;
    buf_printf(&path, "%s/sori.lua", x->workspace);
    bool ok = true;
    if (stat(path.data, &st) == 0 && st.st_uid != geteuid())
        ok = err_set(err,
                     "%s belongs to another user (uid %u): run as that one, or Sori could not "
                     "read the credentials",
                     path.data, (unsigned)st.st_uid);
    buf_free(&path);
    return ok && connection_conf(x->workspace, &x->conf, err);
}

static bool is_named(const struct conf *conf, const char *name) {
    for (size_t i = 0; i < conf->connection_count; i++)
        if (str_is(conf->connections[i].name, name)) return true;
    return false;
}

static bool check_name(const struct connecting *x, const char *name, struct err *err) {
    if (!value_name(str_c(name)))
        return err_set(
            err,
            "\"%s\" cannot be a connection's name: small letters, digits and dashes were "
            "expected, at most 64",
            name);
    if (is_named(&x->conf, name))
        return err_set(err,
                       "there is a connection \"%s\" already; give this one another name: sori "
                       "connection add %s NAME",
                       name, x->channel);
    return true;
}

static bool ask_name(struct connecting *x, struct buf *name, struct err *err) {
    for (;;) {
        struct buf prompt = {0};
        bool taken = is_named(&x->conf, x->channel);
        buf_puts(&prompt, "A name for this connection, as it stands in addresses and files");
        if (!taken) buf_printf(&prompt, " [%s]", x->channel);
        buf_puts(&prompt, "\n  > ");
        bool told = terminal_ask(x->terminal, prompt.data, false, name);
        buf_free(&prompt);
        if (!told) return err_set(err, "stopped; nothing was written");
        if (!name->len && !taken) buf_puts(name, x->channel);
        if (check_name(x, name->data, err)) return true;
        printf("  %s\n", err->text);
    }
}

/* ---- what was given on the command line ---- */

/* --set of a list may be repeated: each is a line of it. */
static bool take_set(struct connecting *x, const char *set, struct err *err) {
    static const char *const own[] = {"every", "mode", "site"};
    const char *eq = strchr(set, '=');
    if (!eq || eq == set) return err_set(err, "--set %s: expected KEY=VALUE", set);
    struct sori_str name = {set, (size_t)(eq - set)}, value = str_c(eq + 1);
    struct sori_str d = buf_view(&x->descriptor), option = option_find(d, name);
    struct given *to = &x->options;
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        if (!option.len && str_is(name, own[i])) to = &x->own;
    if (slot_find(d, name).len)
        return err_set(err,
                       "--set %.*s: this is a credential, which has no place on a command line: "
                       "--slot %.*s=FILE, or - for standard input",
                       STR(name), STR(name));
    bool list = rec_get_int(option, OPT_TYPE, 0) == SORI_OPTION_LIST || str_is(name, "site");
    const struct given_value *before = given_find(to, name);
    if (before && !list) return err_set(err, "--set %.*s: given twice", STR(name));
    struct buf all = {0};
    if (before) buf_printf(&all, "%.*s\n", STR(buf_view(&before->value)));
    buf_str(&all, value);
    given_set(to, name, buf_view(&all));
    char *word = mem_text(name);
    bool ok = to == &x->own || value_check(d, word, buf_view(&all), err) ||
              err_prefix(err, "--set %s", word);
    free(word);
    buf_free(&all);
    return ok;
}

static bool take_slot(struct connecting *x, const char *given, bool *stdin_taken, struct err *err) {
    const char *eq = strchr(given, '=');
    if (!eq || eq == given || !eq[1])
        return err_set(err, "--slot: expected NAME=FILE, or NAME=- for standard input");
    struct sori_str name = {given, (size_t)(eq - given)};
    struct sori_str slot = slot_find(buf_view(&x->descriptor), name);
    if (!slot.len)
        return err_set(err,
                       "--slot %.*s: %s has no such credential; `sori plugin info %s` lists "
                       "them",
                       STR(name), x->channel, x->channel);
    if (!strcmp(eq + 1, "-") && *stdin_taken)
        return err_set(err, "--slot %.*s=-: standard input holds one credential only", STR(name));
    *stdin_taken |= !strcmp(eq + 1, "-");
    struct buf typed = {0}, bytes = {0};
    bool ok = secret_file(eq + 1, &typed, err) && secret_build(slot, buf_view(&typed), &bytes, err);
    ok = (ok && connecting_stage(x, name, buf_view(&bytes), err)) ||
         (!ok && err_prefix(err, "--slot"));
    secret_forget(&typed);
    secret_forget(&bytes);
    return ok;
}

static bool take_allow(struct connecting *x, const char *allow, struct err *err) {
    (void)x;
    return value_allow(str_c(allow)) ||
           err_set(err, "--allow %s: an exact HOST:PORT or an absolute folder was expected", allow);
}

struct words {
    const char *sets[SETS_MAX], *slots[SLOTS_MAX], *allows[ALLOWS_MAX];
};

static bool take_all(struct connecting *x, const struct cli_opt *opts, struct err *err) {
    bool ok = true, stdin_taken = false;
    for (size_t i = 0; ok && i < opts[1].all_n; i++) ok = take_set(x, opts[1].all[i], err);
    for (size_t i = 0; ok && i < opts[3].all_n; i++) ok = take_allow(x, opts[3].all[i], err);
    for (size_t i = 0; ok && i < opts[2].all_n; i++)
        ok = take_slot(x, opts[2].all[i], &stdin_taken, err);
    return ok;
}

/* ---- the whole ---- */

static bool prepare(struct connecting *x, struct err *err) {
    if (!read_conf(x, err) || !cli_plugin_of(x->workspace, x->channel, &x->so, err) ||
        !once_descriptor(x->so.data, &x->descriptor, err))
        return false;
    struct sori_str id = rec_get_str(buf_view(&x->descriptor), DESC_ID);
    if (!rec_get_str(buf_view(&x->descriptor), DESC_ID).len || !str_is(id, x->channel))
        return err_set(err, "%s says that it is \"%.*s\"", x->so.data, STR(id));
    struct rec_field f;
    for (struct sori_str d = buf_view(&x->descriptor); rec_next(&d, &f) == 1;)
        if (f.tag == DESC_INTERFACE && f.type == REC_STR && str_is(f.s, SORI_CONNECTOR_ID))
            return true;
    return err_set(err, "%s is no channel: it does not connect to anything", x->channel);
}

static void put_end(const struct connecting *x) {
    const struct given_value *mode = given_find(&x->own, SORI_STR("mode"));
    printf("connection \"%s\" is connected: it stands in sori.lua%s.\n", x->name,
           x->secrets.count ? ", its credentials in secrets/" : "");
    if (!mode || str_is(buf_view(&mode->value), "approve"))
        puts("Every reply waits for a person (mode = \"approve\"); what was said before now is "
             "recorded and never answered.");
    printf("`sori connection check %s` looks again whenever you like.\n", x->name);
}

static int run(struct connecting *x, const struct cli_opt *opts, const char *name, bool yes) {
    struct err err = {.text = ""};
    struct buf asked = {0};
    bool ok = prepare(x, &err);
    if (ok && !name && x->terminal) {
        ok = ask_name(x, &asked, &err);
        name = asked.data;
    } else if (ok) {
        name = name ? name : x->channel;
        ok = check_name(x, name, &err);
    }
    x->name = name;
    ok = ok && take_all(x, opts, &err);
    int code = ok ? guide_lead(x, yes, &err) : x->stop->stopped ? CLI_FAILED : CLI_REFUSED;
    if (code != CLI_OK) cli_fail(0, "%s", err.text);
    if (code == CLI_OK || x->written) put_end(x);
    buf_free(&asked);
    return x->written ? CLI_OK : code;
}

int connection_add(int argc, char **argv) {
    static const struct cli_help help = {
        .usage = "sori connection add CHANNEL [NAME] [-w DIR]\n"
                 "sori connection add CHANNEL [NAME] --set KEY=VALUE… --slot NAME=FILE|-… [--yes]",
        .about =
            "Leads through connecting a channel: what to create at the platform, each option and\n"
            "credential, and a look at the platform with them, explained. Then the block is put\n"
            "at the end of sori.lua and the credentials into secrets/, and a running Sori takes\n"
            "it on. Until then nothing is written; Ctrl-C leaves everything as it was.\n"
            "Without a terminal everything is given by options. Credentials are read from files\n"
            "or standard input, never from the command line."};
    struct words words;
    struct cli_opt opts[] = {CLI_OPT_WORKSPACE,
                             {.name = "set",
                              .takes = "KEY=VALUE",
                              .help = "an option, or mode, every, site; repeat it",
                              .all = words.sets,
                              .all_cap = SETS_MAX},
                             {.name = "slot",
                              .takes = "NAME=FILE|-",
                              .help = "a credential from a file or standard input",
                              .all = words.slots,
                              .all_cap = SLOTS_MAX},
                             {.name = "allow",
                              .takes = "HOST:PORT",
                              .help = "a private address or a folder that it may reach",
                              .all = words.allows,
                              .all_cap = ALLOWS_MAX},
                             {.name = "yes",
                              .help = "ask nothing: defaults are taken, and what a check misses is "
                                      "only told"}};
    int n = cli_parse(argc, argv, &help, opts, sizeof opts / sizeof *opts);
    if (n < 0) return cli_parsed(n);
    if (n < 1) return cli_usage(&help, "which channel? `sori plugin list` shows them");
    if (n > 2) return cli_usage(&help, "'%s' is one word too many", argv[3]);
    struct buf workspace = {0};
    struct err err;
    if (!cli_workspace(opts[0].value, &workspace, &err)) return cli_usage(&help, "%s", err.text);
    bool yes = opts[4].value != NULL;
    bool asks = !yes && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
    struct terminal terminal;
    struct connecting x = {.workspace = workspace.data,
                           .channel = argv[1],
                           .allows = opts[3].all,
                           .allow_count = opts[3].all_n,
                           .stop = &terminal,
                           .terminal = asks ? &terminal : NULL};
    terminal_open(&terminal);
    int code = run(&x, opts, n == 2 ? argv[2] : NULL, yes);
    connecting_unstage(&x);
    terminal_close(&terminal);
    conf_close(&x.conf);
    given_free(&x.options);
    given_free(&x.own);
    given_free(&x.secrets);
    buf_free(&x.so);
    buf_free(&x.descriptor);
    buf_free(&workspace);
    return code;
}
