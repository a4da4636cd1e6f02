/* sori policy test: the bundle's own tests, by the engine that runs it live, without a core. */
#include "cli/folder.h"
#include "cli/policy/words.h"
#include "lua/case/case.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const struct cli_help help = {
    "sori policy test DIR [--update] [--watch] [--json]",
    "Loads the policy in DIR and runs its *_test.lua: each case in two fresh states, in two "
    "orders.\n"
    "Then it says which rules, lines and cells (kind × relationship × tone of what is said) no "
    "case\n"
    "reaches. A case with golden = true keeps its whole decision in tests/golden/; --update shows\n"
    "the differences and writes what is decided now. --watch runs again whenever something is\n"
    "saved. Departments and languages come from the sori.lua beside DIR; without one any will do.\n"
    "Levels mean what they mean with the live models where that workspace runs; else a precision\n"
    "is its own score."};

/* One run over what is on disk now; NULL where the folder cannot be read. */
static struct case_run *run_once(const char *dir) {
    struct buf bundle = {0}, env = {0};
    struct err err = {""};
    struct case_run *run = NULL;
    if (policy_folder_live(dir, &bundle, &env, &err))
        run = case_run_all(buf_view(&bundle), buf_view(&env), true);
    else
        cli_fail(CLI_REFUSED, "%s", err.text);
    buf_free(&bundle);
    buf_free(&env);
    return run;
}

static bool is_well(const struct case_run *run) {
    return run && !run->errors[0] && run->failed == 0;
}

/* For people, in one place, failures first. */
static void print(const struct case_run *run, bool json) {
    struct buf report = {0};
    if (json)
        case_put_json(run, &report);
    else
        case_put_text(run, &report);
    fwrite(report.data, 1, report.len, stdout);
    fflush(stdout);
    buf_free(&report);
}

static int test(const char *dir, bool json, bool update) {
    struct case_run *run = run_once(dir);
    bool written = true;
    if (run && update && !run->errors[0]) {
        if (!json && run->failed) print(run, false);
        written = policy_golden_write(dir, run, json ? stderr : stdout);
        case_run_free(run);
        run = run_once(dir);
    }
    bool well = is_well(run);
    if (run) print(run, json);
    case_run_free(run);
    return !written ? CLI_FAILED : well ? CLI_OK : CLI_REFUSED;
}

static int watch(const char *dir, bool json, bool update) {
    struct err err;
    int fd = folder_open(dir, &err), code = CLI_OK;
    if (fd < 0) return cli_fail(CLI_FAILED, "%s", err.text);
    enum folder_news news = FOLDER_CHANGED;
    while (news == FOLDER_CHANGED) {
        if (!json && isatty(STDOUT_FILENO)) fputs("\033[H\033[2J\033[3J", stdout);
        fflush(stdout);
        struct case_run *run = run_once(dir);
        if (run && update && !run->errors[0] && policy_golden_write(dir, run, stdout)) {
            case_run_free(run);
            run = run_once(dir);
        }
        if (run) print(run, json);
        code = is_well(run) ? CLI_OK : CLI_REFUSED;
        case_run_free(run);
        if (!json) puts("— waiting for a change; Ctrl-C ends");
        fflush(stdout);
        news = folder_wait(fd, dir);
    }
    close(fd);
    if (news == FOLDER_GONE) return cli_fail(CLI_FAILED, "%s: is not there any more", dir);
    if (isatty(STDOUT_FILENO)) putchar('\n');
    return code;
}

int policy_form_test(int argc, char **argv) {
    struct cli_opt opts[] = {
        CLI_OPT_JSON,
        {.name = "update", .letter = 'u', .help = "write what is decided now as golden decisions"},
        {.name = "watch", .help = "run again whenever something is saved"}};
    int words = cli_parse(argc, argv, &help, opts, sizeof opts / sizeof *opts);
    if (words < 0) return cli_parsed(words);
    if (words != 1) return cli_usage(&help, "expected the folder of a policy");
    bool json = opts[0].value != NULL, update = opts[1].value != NULL;
    return opts[2].value ? watch(argv[1], json, update) : test(argv[1], json, update);
}
