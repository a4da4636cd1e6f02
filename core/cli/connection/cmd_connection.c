/* sori connection add|check|authorise. */
#include "cli/connection/connection.h"

#include <string.h>

int cmd_connection(int argc, char **argv);

int cmd_connection(int argc, char **argv) {
    static const struct {
        const char *word;
        int (*run)(int, char **);
    } forms[] = {{"add", connection_add},
                 {"check", connection_check},
                 {"authorise", connection_authorise},
                 {"authorize", connection_authorise}};
    static const char *const words[] = {"add", "check", "authorise", NULL};
    const struct cli_help help = {
        "sori connection add CHANNEL [NAME] [--set KEY=VALUE]… [--slot NAME=FILE|-]…\n"
        "sori connection check [NAME] [--json]\n"
        "sori connection authorise NAME [SLOT]",
        "Connects a channel step by step, each tested with the platform's real answer; says later\n"
        "what of a connection is missing; and fetches a new token where one was lost or refused,\n"
        "with everything else as it is. `sori status` lists the connections, `sori plugin\n"
        "list` the channels."};
    if (argc < 2) return cli_usage(&help, "connection what?");
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        if (strcmp(argv[1], forms[i].word) == 0) return forms[i].run(argc - 1, argv + 1);
    if (argv[1][0] == '-') {
        int n = cli_parse(argc, argv, &help, NULL, 0);
        return n < 0 ? cli_parsed(n) : cli_usage(&help, "connection what?");
    }
    const char *near = cli_nearest(argv[1], words);
    return near ? cli_usage(&help, "connection %s? Perhaps you meant %s", argv[1], near)
                : cli_usage(&help, "connection %s? There is add, check and authorise", argv[1]);
}
