/* sori policy coverage: which cells of event × kind × relationship × tone have a rule, which rules
 * can never match, and which only their order tells apart. */
#include "cli/policy_coverage.h"

#include "cli/policy_words.h"

#include <stdlib.h>
#include <string.h>

static const struct cli_help help = {
    "sori policy coverage DIR [--all] [--json] [--max-empty N] [--max-never N]",
    "Computes from the rules in DIR, without a core: cells of event × kind × relationship × tone\n"
    "that no rule decides, decide in part or wholly; rules that can never match, with the reason;\n"
    "and rules of one cell that only their order tells apart. Reactions and simple shares are\n"
    "counted and never reach a policy. A rule with a check covers a cell in part, because a check\n"
    "is code. With --max-empty or --max-never the exit code is 5 where there are more."};

struct limit {
    const char *option;
    unsigned most, found;
    bool given;
};

static bool read_limit(const struct cli_opt *opt, struct limit *l) {
    l->option = opt->name;
    l->given = opt->value != NULL;
    if (!l->given) return true;
    char *end;
    unsigned long n = strtoul(opt->value, &end, 10);
    l->most = (unsigned)n;
    return opt->value[0] >= '0' && opt->value[0] <= '9' && *end == 0 && n <= 1000000;
}

static int judge(const struct limit *limits, size_t n) {
    int code = CLI_OK;
    for (size_t i = 0; i < n; i++)
        if (limits[i].given && limits[i].found > limits[i].most)
            code = cli_fail(CLI_LIMIT, "--%s %u: there are %u", limits[i].option, limits[i].most,
                            limits[i].found);
    return code;
}

static void print(const struct coverage *c, bool all, bool json) {
    if (!json) {
        coverage_put_text(c, all, stdout);
        return;
    }
    json_t *o = coverage_to_json(c);
    json_dumpf(o, stdout, JSON_INDENT(2));
    putchar('\n');
    json_decref(o);
}

static int cover(const char *dir, bool all, bool json, struct limit *limits, size_t n) {
    struct buf bundle = {0}, env = {0}, errors = {0};
    struct err err = {""};
    struct policy *p = NULL;
    int code = CLI_OK;
    if (!policy_folder(dir, &bundle, &env, &err))
        code = cli_fail(CLI_REFUSED, "%s", err.text);
    else if (!(p = policy_load(buf_view(&bundle), buf_view(&env), &errors))) {
        fwrite(errors.data, 1, errors.len, stderr);
        code = CLI_REFUSED;
    } else {
        struct cover *c = cover_make(p);
        struct coverage found = {.dir = dir, .cover = c};
        print(&found, all, json);
        limits[0].found = c->empty;
        limits[1].found = c->never;
        code = judge(limits, n);
        cover_free(c);
    }
    policy_free(p);
    buf_free(&bundle);
    buf_free(&env);
    buf_free(&errors);
    return code;
}

int policy_form_coverage(int argc, char **argv) {
    struct cli_opt opts[] = {
        CLI_OPT_JSON,
        {.name = "all", .letter = 'a', .help = "print whole lists, however long they are"},
        {.name = "max-empty", .takes = "N", .help = "exit with 5 where more cells have no rule"},
        {.name = "max-never", .takes = "N", .help = "exit with 5 where more rules never match"}};
    struct limit limits[2] = {{0}};
    int words = cli_parse(argc, argv, &help, opts, sizeof opts / sizeof *opts);
    if (words < 0) return cli_parsed(words);
    if (words != 1) return cli_usage(&help, "expected the folder of a policy");
    for (size_t i = 0; i < 2; i++)
        if (!read_limit(&opts[2 + i], &limits[i]))
            return cli_usage(&help, "--%s: a number was expected, not '%s'", opts[2 + i].name,
                             opts[2 + i].value);
    return cover(argv[1], opts[1].value != NULL, opts[0].value != NULL, limits, 2);
}
