/* restore: an empty workspace's store from a backup. */
#include "cli/cli.h"

#include "base/file.h"
#include "store/store.h"

#include <stdlib.h>
#include <unistd.h>

int cmd_restore(int argc, char **argv);
int cmd_restore(int argc, char **argv) {
    static const struct cli_help help = {
        .usage = "sori restore FILE [-w DIR] [--json]",
        .about =
            "Makes the store of a workspace that has none from a backup. Actions that were in\n"
            "flight when it was taken become unknown: each waits for reconcile or a person, and\n"
            "none is sent blindly again."};
    struct cli_opt opts[] = {CLI_OPT_WORKSPACE, CLI_OPT_JSON};
    int n = cli_parse(argc, argv, &help, opts, 2);
    if (n < 0) return cli_parsed(n);
    if (n != 1) return cli_usage(&help, "restore: one file was expected");
    struct buf workspace = {0}, data = {0}, findings = {0};
    struct err err;
    if (!cli_workspace(opts[0].value, &workspace, &err)) return cli_usage(&help, "%s", err.text);
    struct cli_core *core = cli_connect(workspace.data, &err);
    if (core) {
        cli_disconnect(core);
        return cli_fail(CLI_FAILED, "Sori is running in %s; stop it first", workspace.data);
    }
    buf_printf(&data, "%s/data", workspace.data);
    int code = CLI_OK;
    if (!store_check(argv[1], &findings, &err))
        code = cli_fail(CLI_FAILED, "%s is not a sound backup: %s\n%.*s", argv[1], err.text,
                        STR(buf_view(&findings)));
    else if (!file_make_dir(data.data, 0700, &err) || !store_restore(data.data, argv[1], &err))
        code = cli_fail(CLI_FAILED, "%s", err.text);
    else if (opts[1].value)
        puts("{\"ok\":true}");
    else
        printf("restored into %s; 'sori check --store' looks it over, 'sori run' goes on\n",
               workspace.data);
    buf_free(&workspace);
    buf_free(&data);
    buf_free(&findings);
    return code;
}
