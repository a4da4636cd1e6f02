/* pause, resume, reload, rollback, backup: one word to the core each. */
#include "cli/cli.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int steer(const char *word, const struct cli_help *help, int argc, char **argv) {
    struct cli_opt opts[] = {CLI_OPT_WORKSPACE, CLI_OPT_JSON};
    int n = cli_parse(argc, argv, help, opts, 2);
    if (n < 0) return cli_parsed(n);
    if (n > 0) return cli_usage(help, "'%s' is one word too many", argv[1]);
    struct buf workspace = {0};
    struct err err;
    if (!cli_workspace(opts[0].value, &workspace, &err)) return cli_usage(help, "%s", err.text);
    struct cli_ask ask = {.name = word};
    int code = cli_command(workspace.data, &ask, opts[1].value != NULL);
    buf_free(&workspace);
    return code;
}

#define STEER(name, about_)                                                                        \
    int cmd_##name(int argc, char **argv);                                                         \
    int cmd_##name(int argc, char **argv) {                                                        \
        static const struct cli_help help = {.usage = "sori " #name " [-w DIR] [--json]",          \
                                             .about = about_};                                     \
        return steer(#name, &help, argc, argv);                                                    \
    }

STEER(pause,
      "Stops everything outgoing within a second. Hearing and deciding go on; 'sori resume'\n"
      "lets it go out again, whatever was restarted in between.")
STEER(resume, "Lets go out again what 'sori pause' stopped.")
STEER(reload,
      "Reads policy and configuration again, proves them beside the ones that run, and\n"
      "swaps between two interactions; or refuses with file:line (exit code 3) and goes on\n"
      "untouched.")
STEER(rollback, "Takes back the last reload: the generation before decides again.")

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
    int code = cli_command(workspace.data, &ask, opts[1].value != NULL);
    buf_free(&workspace);
    buf_free(&file);
    return code;
}
