/* sori policy coverage: which cells of event × kind × relationship × tone have a rule, which rules
 * can never match, which only their order tells apart; and what history says about all of it. */
#include "cli/policy/coverage.h"

#include "base/clock.h"
#include "cli/policy/words.h"
#include "reader/reader.h"
#include "supervise/messages.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct cli_help help = {
    "sori policy coverage DIR [--since 30d | --no-history] [--all] [--json]\n"
    "                         [--max-empty N] [--max-never N] [--max-unequal N] [-w DIR]",
    "Cells of event × kind × relationship × tone that no rule decides, decides in part or wholly;\n"
    "rules that can never match, with the reason; rules of one cell that only their order tells\n"
    "apart. Reactions and simple shares are counted and never reach a policy. A rule with a check\n"
    "covers a cell in part, because a check is code. All that comes from the rules alone.\n"
    "Where the workspace runs (-w, else the one beside DIR, else $SORI_WORKSPACE), its history is\n"
    "decided again by the policy in DIR, as the facts stood then: cells and rules that were never\n"
    "reached, and equal facts (kind, relationship, tone, topics, in private or not) that are\n"
    "decided unequally. The tests of the policy count as facts too. Beyond a --max the exit code\n"
    "is 5."};

enum { LIMITS = 3 };
struct limit {
    const char *option;
    unsigned long most, found;
    bool given;
};

struct asked {
    const char *dir, *workspace;
    int64_t since; /* ms UTC */
    bool all, json, history;
    struct limit limits[LIMITS];
};

static bool read_limit(const struct cli_opt *opt, struct limit *l) {
    l->option = opt->name;
    l->given = opt->value != NULL;
    if (!l->given) return true;
    char *end;
    l->most = strtoul(opt->value, &end, 10);
    return opt->value[0] >= '0' && opt->value[0] <= '9' && *end == 0 && l->most <= 1000000;
}

static int judge(const struct limit *limits) {
    int code = CLI_OK;
    for (size_t i = 0; i < LIMITS; i++)
        if (limits[i].given && limits[i].found > limits[i].most)
            code = cli_fail(CLI_LIMIT, "--%s %lu: there are %lu", limits[i].option, limits[i].most,
                            limits[i].found);
    return code;
}

/* ---- history ---- */

struct history {
    struct buf plan; /* PLAN_… of the running core */
    bool there;
    char without[200]; /* why not */
};

static bool ask(const char *workspace, const char *name, const char *const *names,
                const int64_t *values, struct cli_told *told, struct err *err) {
    struct cli_ask question = {.name = name};
    for (size_t i = 0; names[i]; i++) {
        char number[24];
        snprintf(number, sizeof number, "%lld", (long long)values[i]);
        cli_ask_arg(&question, names[i], str_c(number));
    }
    struct cli_core *core = cli_connect(workspace, err);
    bool ok = core && cli_tell(core, &question, told, err);
    if (ok && told->code != CLI_OK)
        ok = err_set(err, "%.*s", STR(rec_get_str(buf_view(&told->rest), TELL_ERROR)));
    cli_disconnect(core);
    cli_ask_free(&question);
    return ok;
}

static void open_history(const struct asked *a, struct history *h) {
    static const char *const names[] = {"since", NULL};
    struct cli_told told = {.code = 0};
    struct err err = {""};
    if (!a->history) return;
    if (!a->workspace)
        snprintf(h->without, sizeof h->without,
                 "no workspace is beside the policy, and none was named (-w DIR)");
    else if (!ask(a->workspace, "history-plan", names, &a->since, &told, &err))
        snprintf(h->without, sizeof h->without, "%.180s", err.text);
    else {
        buf_str(&h->plan, rec_get_rec(buf_view(&told.rest), TELL_PLAN));
        h->there = rec_get_int(buf_view(&h->plan), PLAN_LIVE, 0) > 0;
        if (!h->there) snprintf(h->without, sizeof h->without, "nothing was decided yet");
    }
    cli_told_free(&told);
}

/* A piece of it. The reader may be busy, or just starting: the same again, a little later. */
static bool ask_piece(const char *workspace, int64_t from, int64_t to, struct cli_told *told,
                      struct err *err) {
    enum { TRIES = 20, AGAIN_US = 300000 };
    static const char *const names[] = {"from", "to", NULL};
    const int64_t values[] = {from, to};
    for (int i = 0; i < TRIES; i++) {
        if (i) usleep(AGAIN_US);
        *told = (struct cli_told){.code = 0};
        if (ask(workspace, "history", names, values, told, err)) return true;
        cli_told_free(told);
    }
    *told = (struct cli_told){.code = 0};
    return false;
}

/* Reads it a piece at a time; each ends where the next begins. */
static bool read_history(const struct asked *a, const struct history *h, struct coverage *c,
                         struct cover_seen *seen, struct err *err) {
    int64_t from = rec_get_int(buf_view(&h->plan), PLAN_FROM, 1),
            to = rec_get_int(buf_view(&h->plan), PLAN_TO, 0), begin = from;
    bool ok = true, more = true;
    while (ok && more && from <= to) {
        struct cli_told told;
        struct rec_field f;
        more = false;
        ok = ask_piece(a->workspace, from, to, &told, err);
        for (struct sori_str at = buf_view(&told.rest); ok && rec_next(&at, &f) == 1;) {
            if (f.tag != TELL_PAST || f.type != REC_REC) continue;
            struct sori_str facts = rec_get_str(f.s, PAST_FACTS);
            from = rec_get_int(f.s, PAST_SEQ, from) + 1;
            more = true;
            if (facts.len == 0) continue;
            int64_t before = seen->count;
            cover_seen_add(seen, facts, true);
            c->decisions += seen->count - before;
        }
        cli_told_free(&told);
        if (to > begin)
            cli_progress("history: %d %%", (int)((from - begin) * 100 / (to - begin + 1)));
    }
    cli_progress_end();
    return ok;
}

/* ---- the report ---- */

static void print(const struct coverage *c, const struct asked *a) {
    if (!a->json) {
        coverage_put_text(c, a->all, stdout);
        return;
    }
    json_t *o = coverage_to_json(c);
    json_dumpf(o, stdout, JSON_INDENT(2));
    putchar('\n');
    json_decref(o);
}

static int report(struct asked *a, struct policy *p, struct history *h) {
    struct err err = {""};
    struct cover *cover = cover_make(p);
    struct cover_seen *seen = cover_seen_new(p, cover);
    struct coverage c = {.dir = a->dir, .cover = cover, .seen = seen, .history = h->there};
    int code = CLI_OK;
    if (h->there && !read_history(a, h, &c, seen, &err))
        code = cli_fail(CLI_FAILED, "the history cannot be read: %s", err.text);
    if (code == CLI_OK) {
        cover_seen_tests(seen);
        cover_seen_end(seen);
        c.without = h->without[0] ? h->without : NULL;
        print(&c, a);
        a->limits[0].found = cover->empty;
        a->limits[1].found = cover->never;
        a->limits[2].found = seen->unstated;
        code = judge(a->limits);
    }
    cover_seen_free(seen);
    cover_free(cover);
    return code;
}

static int cover(struct asked *a) {
    struct buf bundle = {0}, env = {0}, errors = {0};
    struct history h = {.there = false};
    struct err err = {""};
    struct policy *p = NULL;
    int code = CLI_OK;
    open_history(a, &h);
    if (!policy_folder(a->dir, &bundle, &env, &err))
        code = cli_fail(CLI_REFUSED, "%s", err.text);
    else {
        /* With history, levels mean what they mean with the models that are live. */
        struct sori_str live = rec_get_rec(buf_view(&h.plan), PLAN_ENV);
        p = policy_load(buf_view(&bundle), h.there ? live : buf_view(&env), &errors);
        if (!p) fwrite(errors.data, 1, errors.len, stderr);
        code = p ? report(a, p, &h) : CLI_REFUSED;
    }
    policy_free(p);
    buf_free(&bundle);
    buf_free(&env);
    buf_free(&errors);
    buf_free(&h.plan);
    return code;
}

/* The workspace that the policy's folder lies in, else where every command looks for one; empty
 * where there is none at all. */
static void beside(const char *dir, struct buf *out) {
    buf_printf(out, "%s/../sori.lua", dir);
    bool there = access(out->data, R_OK) == 0;
    buf_clear(out);
    struct err none;
    if (there)
        buf_printf(out, "%s/..", dir);
    else if (!cli_workspace(NULL, out, &none))
        buf_clear(out);
}

int policy_form_coverage(int argc, char **argv) {
    struct cli_opt opts[] = {
        CLI_OPT_JSON,
        CLI_OPT_WORKSPACE,
        {.name = "since", .takes = "SPAN", .help = "history of that span alone, like 30d"},
        {.name = "no-history", .help = "from the rules and tests alone"},
        {.name = "all", .letter = 'a', .help = "print whole lists, however long they are"},
        {.name = "max-empty", .takes = "N", .help = "at most so many cells without a rule"},
        {.name = "max-never", .takes = "N", .help = "at most so many rules that never match"},
        {.name = "max-unequal", .takes = "N", .help = "at most so many unequal pairs"}};
    struct asked a = {.json = false};
    struct buf workspace = {0};
    struct err err = {""};
    int64_t span = 0;
    int words = cli_parse(argc, argv, &help, opts, sizeof opts / sizeof *opts);
    if (words < 0) return cli_parsed(words);
    if (words != 1) return cli_usage(&help, "expected the folder of a policy");
    if (opts[2].value && (!clock_parse_span(str_c(opts[2].value), &span) || span <= 0))
        return cli_usage(&help, "--since: a span like 30d was expected, not '%s'", opts[2].value);
    for (size_t i = 0; i < LIMITS; i++)
        if (!read_limit(&opts[5 + i], &a.limits[i]))
            return cli_usage(&help, "--%s: a number was expected, not '%s'", opts[5 + i].name,
                             opts[5 + i].value);
    if (opts[1].value && !cli_workspace(opts[1].value, &workspace, &err))
        return cli_usage(&help, "%s", err.text);
    if (!opts[1].value) beside(argv[1], &workspace);
    a.dir = argv[1];
    a.workspace = workspace.len ? workspace.data : NULL;
    a.since = span ? clock_now() - span : 0;
    a.json = opts[0].value != NULL;
    a.all = opts[4].value != NULL;
    a.history = opts[3].value == NULL;
    int code = cover(&a);
    buf_free(&workspace);
    return code;
}
