/* run: the keeper in the foreground. */
#include "cli/cli.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int cmd_run(int argc, char **argv);
int cmd_run(int argc, char **argv) {
    static const struct cli_help help = {
        .usage = "sori run [-w DIR]",
        .about = "Runs a workspace in the foreground: one line an interaction, Ctrl-C stops it\n"
                 "cleanly. As a service, start sorid WORKSPACE instead."};
    struct cli_opt opts[] = {CLI_OPT_WORKSPACE};
    int n = cli_parse(argc, argv, &help, opts, 1);
    if (n < 0) return cli_parsed(n);
    if (n > 1) return cli_usage(&help, "'%s' is one word too many", argv[2]);
    struct buf workspace = {0}, sorid = {0};
    struct err err;
    const char *given = opts[0].value ? opts[0].value : n == 1 ? argv[1] : NULL;
    if (!cli_workspace(given, &workspace, &err)) return cli_usage(&help, "%s", err.text);
    if (!cli_bin(&sorid, &err)) return cli_fail(CLI_FAILED, "%s", err.text);
    buf_puts(&sorid, "/sorid");
    fflush(NULL);
    execl(sorid.data, "sorid", "--foreground", workspace.data, (char *)NULL);
    return cli_fail(CLI_FAILED, "%s: %s", sorid.data, strerror(errno));
}
