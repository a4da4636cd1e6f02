/* sori policy test: the bundle's own tests, by the engine that runs it live, without a core. */
#include "cli/policy_words.h"
#include "lua/policy.h"

#include <stdio.h>

static int run_test(const char *dir, bool json) {
    struct buf bundle = {0}, env = {0}, report = {0};
    struct policy_report counts = {0};
    struct err err = {""};
    int code = CLI_OK;
    if (!policy_folder(dir, &bundle, &env, &err))
        code = cli_fail(CLI_REFUSED, "%s", err.text);
    else {
        bool ok = policy_test(buf_view(&bundle), buf_view(&env), json, &report, &counts);
        fwrite(report.data, 1, report.len, ok || json ? stdout : stderr);
        if (!ok) code = CLI_REFUSED;
    }
    buf_free(&bundle);
    buf_free(&env);
    buf_free(&report);
    return code;
}

int policy_form_test(int argc, char **argv) {
    const struct cli_help help = {
        "sori policy test DIR [--json]",
        "Loads the policy in DIR and runs its *_test.lua. Departments and languages come from the\n"
        "sori.lua beside DIR; without one any will do."};
    struct cli_opt opts[] = {CLI_OPT_JSON};
    int words = cli_parse(argc, argv, &help, opts, sizeof opts / sizeof *opts);
    if (words < 0) return cli_parsed(words);
    if (words != 1) return cli_usage(&help, "expected the folder of a policy");
    return run_test(argv[1], opts[0].value != NULL);
}
