/* plugin list, info, check: descriptors, read in a fenced process. */
#include "cli/plugin/once.h"
#include "cli/plugin/words.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

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

static int list_folder(const char *dir, bool json) {
    static const char *const heads[] = {"NAME", "VERSION", "KIND", "WHAT IT IS", NULL};
    struct dirent **entries = NULL;
    int n = scandir(dir, &entries, is_plugin, alphasort);
    if (n < 0) return cli_fail(CLI_FAILED, "%s cannot be listed", dir);
    struct cli_table table;
    json_t *rows = json_array();
    cli_table_open(&table, heads);
    for (int i = 0; i < n; i++) {
        struct buf path = {0}, d = {0};
        struct err err;
        buf_printf(&path, "%s/%s", dir, entries[i]->d_name);
        bool ok = once_descriptor(path.data, &d, &err);
        if (json)
            json_array_append_new(rows, ok ? plugin_to_json(buf_view(&d))
                                           : broken_json(entries[i]->d_name, &err));
        else
            list_row(&table, entries[i]->d_name, buf_view(&d), ok ? NULL : &err);
        buf_free(&path);
        buf_free(&d);
        free(entries[i]);
    }
    free(entries);
    if (json)
        print_json(json_incref(rows));
    else
        cli_table_print(&table, stdout);
    json_decref(rows);
    cli_table_close(&table);
    return CLI_OK;
}

int plugin_list(int argc, char **argv) {
    const struct cli_help help = {"sori plugin list [--json]", "Shows the plugins that come with "
                                                               "Sori."};
    struct cli_opt opts[] = {CLI_OPT_JSON};
    int n = cli_parse(argc, argv, &help, opts, 1);
    if (n < 0) return cli_parsed(n);
    if (n > 0) return cli_usage(&help, "list takes no argument");
    struct buf dir = {0};
    struct err err;
    int code = cli_installed("plugins", &dir, &err) ? list_folder(dir.data, opts[0].value != NULL)
                                                    : cli_fail(CLI_FAILED, "%s", err.text);
    buf_free(&dir);
    return code;
}

/* ---- info, check ---- */

/* The descriptor of the plugin that the one argument names; an exit code otherwise. */
static int read_one(const char *name, struct buf *d, struct err *err) {
    struct buf so = {0};
    int code = CLI_OK;
    if (!cli_plugin(name, &so, err) || !once_descriptor(so.data, d, err))
        code = cli_fail(CLI_REFUSED, "%s", err->text);
    buf_free(&so);
    return code;
}

int plugin_info(int argc, char **argv) {
    const struct cli_help help = {"sori plugin info NAME|PATH [--json]",
                                  "Shows what a plugin says of itself: options, hosts, "
                                  "credentials, ways in, verbs, setups, and its guide."};
    struct cli_opt opts[] = {CLI_OPT_JSON};
    int n = cli_parse(argc, argv, &help, opts, 1);
    if (n < 0) return cli_parsed(n);
    if (n != 1) return cli_usage(&help, "which plugin?");
    struct buf d = {0}, text = {0};
    struct err err;
    int code = read_one(argv[1], &d, &err);
    if (code == CLI_OK && opts[0].value)
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
    const struct cli_help help = {"sori plugin check NAME|PATH [--json]",
                                  "Loads a plugin in a fenced process and checks its tables. "
                                  "Exit code 3 where it is refused."};
    struct cli_opt opts[] = {CLI_OPT_JSON};
    int n = cli_parse(argc, argv, &help, opts, 1);
    if (n < 0) return cli_parsed(n);
    if (n != 1) return cli_usage(&help, "which plugin?");
    struct buf d = {0}, kinds = {0};
    struct err err;
    int code = read_one(argv[1], &d, &err);
    if (opts[0].value) {
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
