/* sori model train|eval|explain. */
#include "cli/model/model.h"

int cmd_model(int argc, char **argv);

int cmd_model(int argc, char **argv) {
    static const char *const words[] = {"train", "eval", "explain", NULL};
    const struct cli_help help = {
        "sori model train --task NAME [--lang CODE] FILE.tsv[.gz][:WEIGHT]… -o MODEL\n"
        "sori model eval MODEL FILE.tsv[.gz] [--floor P] [--open] [--json]\n"
        "sori model explain MODEL TEXT [--json]",
        "Trains, measures and explains the models of classifier plugins."};
    if (argc < 2) return cli_usage(&help, "model what?");
    const char *word = argv[1];
    if (strcmp(word, "train") == 0) return model_train(argc - 1, argv + 1);
    if (strcmp(word, "eval") == 0) return model_eval(argc - 1, argv + 1);
    if (strcmp(word, "explain") == 0) return model_explain(argc - 1, argv + 1);
    if (word[0] == '-') {
        int n = cli_parse(argc, argv, &help, NULL, 0);
        return n < 0 ? cli_parsed(n) : cli_usage(&help, "model what?");
    }
    const char *near = cli_nearest(word, words);
    return near ? cli_usage(&help, "model %s? Perhaps you meant %s", word, near)
                : cli_usage(&help, "model %s? There is train, eval and explain", word);
}
