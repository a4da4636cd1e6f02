/* sori policy test|try|save|coverage|backtest|shadow|types: a bundle, run by the engine that runs
 * it live. */
#include "cli/policy/words.h"

#include <string.h>

int cmd_policy(int argc, char **argv);

int cmd_policy(int argc, char **argv) {
    static const struct {
        const char *word;
        int (*run)(int, char **);
    } forms[] = {{"test", policy_form_test},         {"try", policy_form_try},
                 {"save", policy_form_save},         {"coverage", policy_form_coverage},
                 {"backtest", policy_form_backtest}, {"shadow", policy_form_shadow},
                 {"types", policy_form_types}};
    static const char *const words[] = {"test",     "try",    "save",  "coverage",
                                        "backtest", "shadow", "types", NULL};
    const struct cli_help help = {
        "sori policy test DIR [--update] [--watch] [--json]\n"
        "sori policy try DIR --interaction FILE.json [--json]\n"
        "sori policy save ID [--name NAME] [--to DIR] [--keep KIND]… [--now] [--json]\n"
        "sori policy coverage DIR [--since 30d | --no-history] [--max-empty N] [--json]\n"
        "sori policy backtest DIR [--since 30d] [--closed] [--max-change 5%] [--json]\n"
        "sori policy shadow [DIR] [--stop] [--json]\n"
        "sori policy types",
        "A policy is run by the engine that runs it live. `sori policy FORM --help` tells more."};
    if (argc < 2) return cli_usage(&help, "policy what?");
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        if (strcmp(argv[1], forms[i].word) == 0) return forms[i].run(argc - 1, argv + 1);
    if (argv[1][0] == '-') {
        int n = cli_parse(argc, argv, &help, NULL, 0);
        return n < 0 ? cli_parsed(n) : cli_usage(&help, "policy what?");
    }
    const char *near = cli_nearest(argv[1], words);
    return near ? cli_usage(&help, "policy %s? Perhaps you meant %s", argv[1], near)
                : cli_usage(&help,
                            "policy %s? There is test, try, save, coverage, backtest, shadow and "
                            "types",
                            argv[1]);
}
