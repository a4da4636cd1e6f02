/* pause, resume: one word to the core each. */
#include "cli/cli.h"

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
