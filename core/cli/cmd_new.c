/* new workspace, new policy: a folder to begin with, that runs as it is. */
#include "cli/cli.h"
#include "cli/new_editor.h"

#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char config[] =
    "-- What Sori listens to and how. Declarative: every mistake is told with file and line by\n"
    "-- `sori check`, and a running Sori takes changes on by itself, or refuses them untouched.\n"
    "\n"
    "-- Hours: clocks run in them alone, and the policy asks whether anybody is there. holidays: "
    "\"kr\",\n"
    "-- dates such as \"2026-12-24\" or \"2026-12-24 09:00-12:00\", or a list of both.\n"
    "workspace { name = \"%s\", timezone = \"Asia/Seoul\", languages = { \"ko\", \"en\" },\n"
    "            hours = \"mon-fri 09:00-18:00\", holidays = \"kr\" }\n"
    "\n"
    "-- How voices are heard. mode: observe (decide, say nothing), approve (replies wait for a\n"
    "-- person; the default), auto. What is older than a connection is recorded and never "
    "answered.\n"
    "--\n"
    "-- connection \"shop-blog\" { channel = \"blog\", url = \"https://blog.example.kr\", user = "
    "\"sori\",\n"
    "--                          every = \"2m\", mode = \"approve\" }\n"
    "--   Its password goes into secrets/shop-blog.password (mode 0600), never in here. A private\n"
    "--   address must be named: allow = { \"127.0.0.1:8801\" }.\n"
    "\n"
    "-- Who is told what tone: one model a language. Below the floor it is unsure, and a person "
    "looks.\n"
    "classifier \"tone\" { plugin = \"ngram\", models = { ko = \"tone.ko\", en = \"tone.en\" } }\n"
    "\n"
    "-- Who cases are given to by the policy. What a department leaves out is as the workspace has "
    "it.\n"
    "-- Calendars that several share:\n"
    "--   calendar \"night\" { hours = \"mon-sun 22:00-06:00\" }\n"
    "--   department \"watch\" { calendar = \"night\" }\n"
    "department \"support\" { hours = \"mon-fri 09:00-12:00 13:00-18:00\" }\n"
    "department \"lead\" { }\n"
    "department \"marketing\" { }\n"
    "\n"
    "-- Webhooks and trackbacks come in here; behind a proxy that speaks TLS.\n"
    "-- gate { listen = \"127.0.0.1:8080\", public = \"https://hooks.example.kr\" }\n"
    "\n"
    "-- /healthz, /readyz and /metrics.\n"
    "-- metrics { listen = \"127.0.0.1:9464\" }\n";

enum { FILE_MAX = 16 << 20 };

static bool copy_file(const char *from, const char *to, struct err *err) {
    struct buf bytes = {0};
    bool ok = file_read(from, FILE_MAX, false, &bytes, err) &&
              file_write(to, buf_view(&bytes), 0644, err);
    buf_free(&bytes);
    return ok;
}

/* Files and folders below `from`; nothing hidden but what linters look for, no links. */
static bool copy_tree(const char *from, const char *to, int depth, struct err *err) {
    if (!file_make_dir(to, 0755, err)) return false;
    DIR *dir = opendir(from);
    if (!dir) return err_set(err, "%s: %s", from, strerror(errno));
    struct dirent *e;
    bool ok = true;
    while (ok && (e = readdir(dir))) {
        if (e->d_name[0] == '.' && strcmp(e->d_name, ".luacheckrc") != 0) continue;
        struct buf a = {0}, b = {0};
        struct stat st;
        buf_printf(&a, "%s/%s", from, e->d_name);
        buf_printf(&b, "%s/%s", to, e->d_name);
        if (lstat(a.data, &st) != 0)
            ok = err_set(err, "%s: %s", a.data, strerror(errno));
        else if (S_ISDIR(st.st_mode) && depth > 0)
            ok = copy_tree(a.data, b.data, depth - 1, err);
        else if (S_ISREG(st.st_mode))
            ok = copy_file(a.data, b.data, err);
        buf_free(&a);
        buf_free(&b);
    }
    closedir(dir);
    return ok;
}

static bool is_empty(const char *path) {
    DIR *dir = opendir(path);
    if (!dir) return errno == ENOENT;
    int found = 0;
    for (struct dirent *e; (e = readdir(dir));)
        found += strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
    closedir(dir);
    return found == 0;
}

/* The folder's own name as a Lua string. */
static void put_name(struct buf *b, const char *dir) {
    size_t len = strlen(dir);
    while (len > 1 && dir[len - 1] == '/') len--;
    size_t from = len;
    while (from > 0 && dir[from - 1] != '/') from--;
    for (size_t i = from; i < len; i++)
        if ((unsigned char)dir[i] >= ' ' && dir[i] != '"' && dir[i] != '\\') buf_putc(b, dir[i]);
}

static bool put_folder(const char *dir, const char *name, unsigned mode, struct err *err) {
    struct buf path = {0};
    buf_printf(&path, "%s/%s", dir, name);
    bool ok = file_make_dir(path.data, mode, err);
    buf_free(&path);
    return ok;
}

static bool copy_installed(const char *what, const char *to, struct err *err) {
    struct buf from = {0};
    bool ok = cli_installed(what, &from, err) && copy_tree(from.data, to, 4, err);
    buf_free(&from);
    return ok;
}

static bool put_copy(const char *dir, const char *what, struct err *err) {
    struct buf to = {0};
    buf_printf(&to, "%s/%s", dir, what);
    bool ok = copy_installed(what, to.data, err);
    buf_free(&to);
    return ok;
}

/* Beside the sori.lua that names the departments. */
static bool put_editor(const char *dir, struct err *err) {
    struct buf policy = {0};
    buf_printf(&policy, "%s/policy", dir);
    bool ok = new_editor(policy.data, err) && new_editor_above(dir, err);
    buf_free(&policy);
    return ok;
}

static bool put_config(const char *dir, struct err *err) {
    struct buf text = {0}, path = {0};
    for (const char *p = config; *p; p++) {
        if (p[0] == '%' && p[1] == 's') {
            put_name(&text, dir);
            p++;
        } else {
            buf_putc(&text, *p);
        }
    }
    buf_printf(&path, "%s/sori.lua", dir);
    bool ok = file_write(path.data, buf_view(&text), 0644, err);
    buf_free(&text);
    buf_free(&path);
    return ok;
}

/* sori.lua comes after all that it needs: a folder is a workspace only when it is whole. */
static bool make_workspace(const char *dir, struct err *err) {
    return file_make_dir(dir, 0755, err) && put_folder(dir, "secrets", 0700, err) &&
           put_folder(dir, "data", 0700, err) && put_copy(dir, "policy", err) &&
           put_copy(dir, "models", err) && put_config(dir, err) && put_editor(dir, err);
}

static bool make_policy(const char *dir, struct err *err) {
    return copy_installed("policy", dir, err) && new_editor(dir, err);
}

int cmd_new(int argc, char **argv);
int cmd_new(int argc, char **argv) {
    static const struct cli_help help = {
        .usage = "sori new workspace DIR [--json]\nsori new policy DIR [--json]",
        .about = "workspace makes a folder with a commented configuration, the bundled policy and\n"
                 "models, and places for secrets and data. It runs as it is; edit sori.lua to\n"
                 "connect a channel. policy makes a copy of the bundled policy alone. Both have\n"
                 "what editors and luacheck want to know of it."};
    struct cli_opt opts[] = {CLI_OPT_JSON};
    int n = cli_parse(argc, argv, &help, opts, 1);
    if (n < 0) return cli_parsed(n);
    bool policy = n == 2 && strcmp(argv[1], "policy") == 0;
    if (n != 2 || (!policy && strcmp(argv[1], "workspace") != 0))
        return cli_usage(&help, "new: 'workspace DIR' or 'policy DIR' was expected");
    if (!is_empty(argv[2]))
        return cli_fail(CLI_FAILED, "%s: it exists and is not an empty folder", argv[2]);
    struct err err;
    if (!(policy ? make_policy : make_workspace)(argv[2], &err))
        return cli_fail(CLI_FAILED, "%s", err.text);
    if (opts[0].value)
        puts("{\"ok\":true}");
    else if (policy)
        printf("%s is ready.\n  sori policy test %s   runs its tests\n", argv[2], argv[2]);
    else
        printf("%s is ready.\n  sori check -w %s   looks it over\n  sori run -w %s     begins\n",
               argv[2], argv[2], argv[2]);
    return CLI_OK;
}
