/* sori plugin list|info|check|try. */
#include "cli/plugin/words.h"

#include <string.h>

int cmd_plugin(int argc, char **argv);

int cmd_plugin(int argc, char **argv) {
    static const struct {
        const char *word;
        int (*run)(int, char **);
    } forms[] = {{"list", plugin_list},
                 {"info", plugin_info},
                 {"check", plugin_check_file},
                 {"try", plugin_try}};
    static const char *const words[] = {"list", "info", "check", "try", NULL};
    const struct cli_help help = {
        "sori plugin list [-w DIR] [--json]\n"
        "sori plugin info NAME|PATH [-w DIR] [--json]\n"
        "sori plugin check NAME|PATH [-w DIR] [--json]\n"
        "sori plugin try NAME|PATH --set KEY=VALUE… [--allow HOST:PORT|FOLDER]… [--decode FILE]",
        "Plugins are looked at and tried in a fenced process. Those of the workspace, where\n"
        "there is one, go before those that come with Sori."};
    if (argc < 2) return cli_usage(&help, "plugin what?");
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        if (strcmp(argv[1], forms[i].word) == 0) return forms[i].run(argc - 1, argv + 1);
    if (argv[1][0] == '-') {
        int n = cli_parse(argc, argv, &help, NULL, 0);
        return n < 0 ? cli_parsed(n) : cli_usage(&help, "plugin what?");
    }
    const char *near = cli_nearest(argv[1], words);
    return near ? cli_usage(&help, "plugin %s? Perhaps you meant %s", argv[1], near)
                : cli_usage(&help, "plugin %s? There is list, info, check and try", argv[1]);
}
