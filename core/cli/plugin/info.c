/* plugin list, info, check: descriptors, read in a fenced process. */
#include "cli/plugin/once.h"
#include "cli/plugin/words.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void print_json(json_t *j) {
    json_dumpf(j, stdout, JSON_INDENT(2));
    putchar('\n');
    json_decref(j);
}

/* ---- list ---- */

static int is_plugin(const struct dirent *e) {
    size_t n = strlen(e->d_name);
    return n > 3 && strcmp(e->d_name + n - 3, ".so") == 0;
}

static void list_row(struct cli_table *t, const char *file, struct sori_str d,
                     const struct err *err) {
    struct buf kinds = {0};
    if (err) {
        cli_table_cell(t, CLI_RED, str_c(file));
        cli_table_cell(t, CLI_PLAIN, str_c(""));
        cli_table_cell(t, CLI_RED, str_c("refused"));
        cli_table_cell(t, CLI_PLAIN, str_c(err->text));
        return;
    }
    plugin_put_kinds(&kinds, d);
    cli_table_cell(t, CLI_BOLD, rec_get_str(d, DESC_ID));
    cli_table_cell(t, CLI_PLAIN, rec_get_str(d, DESC_VERSION));
    cli_table_cell(t, CLI_PLAIN, buf_view(&kinds));
    cli_table_cell(t, CLI_PLAIN, rec_get_str(d, DESC_SUMMARY));
    buf_free(&kinds);
}

static json_t *broken_json(const char *file, const struct err *err) {
    return json_pack("{s:s, s:s}", "file", file, "error", err->text);
}

struct list {
    struct cli_table table;
    json_t *rows;
    bool json;
};

/* The plugins of a folder, but for those that `instead` has too (may be NULL). */
static bool list_folder(struct list *l, const char *dir, const char *instead) {
    struct dirent **entries = NULL;
    int n = scandir(dir, &entries, is_plugin, alphasort);
    for (int i = 0; i < n; i++) {
        struct buf path = {0}, d = {0};
        struct err err;
        if (instead) buf_printf(&path, "%s/%s", instead, entries[i]->d_name);
        if (!instead || access(path.data, R_OK) != 0) {
            buf_clear(&path);
            buf_printf(&path, "%s/%s", dir, entries[i]->d_name);
            bool ok = once_descriptor(path.data, &d, &err);
            if (l->json)
                json_array_append_new(l->rows, ok ? plugin_to_json(buf_view(&d))
                                                  : broken_json(entries[i]->d_name, &err));
            else
                list_row(&l->table, entries[i]->d_name, buf_view(&d), ok ? NULL : &err);
        }
        buf_free(&path);
        buf_free(&d);
        free(entries[i]);
    }
    free(entries);
    return n >= 0;
}

/* `own`: the workspace's folder of plugins, where it has one. */
static int list_all(const char *installed, const char *own, bool json) {
    static const char *const heads[] = {"NAME", "VERSION", "KIND", "WHAT IT IS", NULL};
    struct list l = {.rows = json_array(), .json = json};
    cli_table_open(&l.table, heads);
    const char *failed = own && !list_folder(&l, own, NULL) ? own : NULL;
    if (!list_folder(&l, installed, own)) failed = installed;
    if (failed)
        cli_fail(0, "%s cannot be listed", failed);
    else if (json)
        print_json(json_incref(l.rows));
    else
        cli_table_print(&l.table, stdout);
    json_decref(l.rows);
    cli_table_close(&l.table);
    return failed ? CLI_FAILED : CLI_OK;
}

int plugin_list(int argc, char **argv) {
    const struct cli_help help = {"sori plugin list [-w DIR] [--json]",
                                  "Shows the plugins of the workspace, where there is one, and "
                                  "those that come with Sori."};
    struct cli_opt opts[] = {CLI_OPT_WORKSPACE, CLI_OPT_JSON};
    int n = cli_parse(argc, argv, &help, opts, 2);
    if (n < 0) return cli_parsed(n);
    if (n > 0) return cli_usage(&help, "list takes no argument");
    struct buf dir = {0}, own = {0};
    struct err err;
    bool there = cli_workspace(opts[0].value, &own, &err);
    if (!there && opts[0].value) {
        buf_free(&own);
        return cli_usage(&help, "%s", err.text);
    }
    buf_puts(&own, "/plugins");
    there = there && access(own.data, R_OK) == 0;
    int code = cli_installed("plugins", &dir, &err)
                   ? list_all(dir.data, there ? own.data : NULL, opts[1].value != NULL)
                   : cli_fail(CLI_FAILED, "%s", err.text);
    buf_free(&dir);
    buf_free(&own);
    return code;
}

int plugin_find(const char *name, const char *given, struct buf *so, struct err *err) {
    struct buf workspace = {0};
    bool there = cli_workspace(given, &workspace, err);
    int code = given && !there ? CLI_USAGE : CLI_OK;
    if (code == CLI_OK &&
        !(there && !strchr(name, '/') ? cli_plugin_of(workspace.data, name, so, err)
                                      : cli_plugin(name, so, err)))
        code = CLI_REFUSED;
    buf_free(&workspace);
    return code;
}

/* ---- info, check ---- */

/* The descriptor of the plugin that the one argument names; an exit code otherwise. */
static int read_one(const char *name, const char *given, struct buf *d, struct err *err) {
    struct buf so = {0};
    int code = plugin_find(name, given, &so, err);
    if (code == CLI_OK && !once_descriptor(so.data, d, err)) code = CLI_REFUSED;
    if (code != CLI_OK) cli_fail(0, "%s", err->text);
    buf_free(&so);
    return code;
}

int plugin_info(int argc, char **argv) {
    const struct cli_help help = {"sori plugin info NAME|PATH [-w DIR] [--json]",
                                  "Shows what a plugin says of itself: options, hosts, "
                                  "credentials, ways in, verbs, setups, and its guide."};
    struct cli_opt opts[] = {CLI_OPT_WORKSPACE, CLI_OPT_JSON};
    int n = cli_parse(argc, argv, &help, opts, 2);
    if (n < 0) return cli_parsed(n);
    if (n != 1) return cli_usage(&help, "which plugin?");
    struct buf d = {0}, text = {0};
    struct err err;
    int code = read_one(argv[1], opts[0].value, &d, &err);
    if (code == CLI_OK && opts[1].value)
        print_json(plugin_to_json(buf_view(&d)));
    else if (code == CLI_OK) {
        plugin_put_text(&text, buf_view(&d), cli_is_color(stdout));
        fwrite(text.data, 1, text.len, stdout);
    }
    buf_free(&d);
    buf_free(&text);
    return code;
}

int plugin_check_file(int argc, char **argv) {
    const struct cli_help help = {"sori plugin check NAME|PATH [-w DIR] [--json]",
                                  "Loads a plugin in a fenced process and checks its tables. "
                                  "Exit code 3 where it is refused."};
    struct cli_opt opts[] = {CLI_OPT_WORKSPACE, CLI_OPT_JSON};
    int n = cli_parse(argc, argv, &help, opts, 2);
    if (n < 0) return cli_parsed(n);
    if (n != 1) return cli_usage(&help, "which plugin?");
    struct buf d = {0}, kinds = {0};
    struct err err;
    int code = read_one(argv[1], opts[0].value, &d, &err);
    if (opts[1].value) {
        json_t *o = json_pack("{s:b, s:s, s:s}", "ok", code == CLI_OK, "plugin", argv[1], "error",
                              code == CLI_OK ? "" : err.text);
        print_json(o);
    } else if (code == CLI_OK) {
        plugin_put_kinds(&kinds, buf_view(&d));
        printf("%.*s %.*s is a sound plugin (%.*s)\n", STR(rec_get_str(buf_view(&d), DESC_ID)),
               STR(rec_get_str(buf_view(&d), DESC_VERSION)), STR(buf_view(&kinds)));
    }
    buf_free(&d);
    buf_free(&kinds);
    return code;
}
