/* backup: a consistent copy, made by the core and read back here, where it holds nobody up. */
#include "cli/cli.h"

#include "store/store.h"

#include <limits.h>
#include <unistd.h>

static int print_json(const char *file) {
    json_t *made = json_pack("{s:b, s:s}", "ok", 1, "file", file);
    if (!made) return cli_fail(CLI_FAILED, "%s: its name is no UTF-8", file);
    json_dumpf(made, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(made);
    return CLI_OK;
}

/* The core copied; whether the copy is sound is seen here. */
static int read_back(const char *file, bool json) {
    struct buf findings = {0};
    struct err err = {0};
    int code = CLI_OK;
    cli_progress("copied; reading %s back", file);
    bool sound = store_check(file, &findings, &err);
    cli_progress_end();
    if (!sound)
        code = cli_fail(CLI_FAILED, "%s was written and is not sound: %s\n%.*s", file, err.text,
                        STR(buf_view(&findings)));
    else if (json)
        code = print_json(file);
    else
        printf("backup written to %s, read back and sound\n", file);
    buf_free(&findings);
    return code;
}

int cmd_backup(int argc, char **argv);
int cmd_backup(int argc, char **argv) {
    static const struct cli_help help = {
        .usage = "sori backup FILE [-w DIR] [--json]",
        .about = "Writes a consistent copy of the store while Sori goes on working. FILE must not\n"
                 "exist. 'sori restore FILE' makes an empty workspace's store from it."};
    struct cli_opt opts[] = {CLI_OPT_WORKSPACE, CLI_OPT_JSON};
    int n = cli_parse(argc, argv, &help, opts, 2);
    if (n < 0) return cli_parsed(n);
    if (n != 1) return cli_usage(&help, "backup: one file was expected");
    struct buf workspace = {0}, file = {0};
    struct err err;
    if (!cli_workspace(opts[0].value, &workspace, &err)) return cli_usage(&help, "%s", err.text);
    char here[PATH_MAX];
    if (argv[1][0] != '/' && getcwd(here, sizeof here)) buf_printf(&file, "%s/", here);
    buf_puts(&file, argv[1]);
    if (access(file.data, F_OK) == 0) {
        int code = cli_fail(CLI_FAILED, "%s exists already; a backup never writes over", file.data);
        buf_free(&workspace);
        buf_free(&file);
        return code;
    }
    struct cli_ask ask = {.name = "backup"};
    cli_ask_arg(&ask, "file", buf_view(&file));
    struct cli_told told = {.code = 0};
    int code = cli_query(workspace.data, &ask, &told);
    if (code == CLI_OK) code = read_back(file.data, opts[1].value != NULL);
    cli_ask_free(&ask);
    cli_told_free(&told);
    buf_free(&workspace);
    buf_free(&file);
    return code;
}
