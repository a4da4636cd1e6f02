/* sori policy backtest: what a policy would have decided. */
#include "cli/policy/models.h"
#include "cli/policy/report.h"
#include "cli/policy/words.h"

#include "base/clock.h"
#include "lua/policy.h"
#include "proof/backtest.h"

#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

enum { SAMPLES = 10, SAMPLES_MOST = 1000, NICE = 5 };

struct run {
    struct event_base *base;
    const char *what;
    int64_t limit;
    bool json;
    int code;
};

static void progress(void *ctx, const struct report *r, int64_t done) {
    (void)ctx;
    cli_progress("%lld %% · %lld decisions · %lld change", (long long)(done / 100),
                 (long long)r->compared,
                 (long long)(r->changed + r->asked_changed + r->rescored_changed));
}

static void over(void *ctx, enum backtest_end end, struct report *r, struct sori_str why) {
    struct run *run = ctx;
    cli_progress_end();
    event_base_loopbreak(run->base);
    if (end != BACKTEST_DONE) {
        run->code = end == BACKTEST_REFUSED ? CLI_REFUSED : CLI_FAILED;
        while (why.len && why.ptr[why.len - 1] == '\n') why.len--;
        cli_fail(0, "%.*s", STR(why));
        return;
    }
    run->code = run->limit >= 0 && report_share(r) > run->limit ? CLI_LIMIT : CLI_OK;
    if (run->json)
        policy_report_json(r, run->what, run->limit);
    else
        policy_report_text(r, run->what, run->limit);
}

static bool is_running(const char *workspace) {
    struct err err;
    struct cli_core *core = cli_connect(workspace, &err);
    cli_disconnect(core);
    return core != NULL;
}

static int go(struct run *run, struct backtest_spec *spec, const char *workspace) {
    struct buf socket = {0}, bin = {0};
    struct err err = {""};
    struct backtest_events events = {.ctx = run, .progress = progress, .over = over};
    buf_printf(&socket, "%s/data/sori.sock", workspace);
    struct cli_core *core = cli_connect(workspace, &err);
    if (core) cli_ask_zone(workspace);
    int code = core ? CLI_OK : cli_fail(CLI_NO_CORE, "%s", err.text);
    cli_disconnect(core);
    if (core && cli_bin(&bin, &err)) {
        spec->socket = socket.data;
        spec->bin = bin.data;
        (void)setpriority(PRIO_PROCESS, 0, NICE);
        run->base = event_base_new();
        struct backtest *b = run->base ? backtest_begin(run->base, spec, &events, &err) : NULL;
        if (b) event_base_dispatch(run->base);
        code = b ? run->code : cli_fail(CLI_FAILED, "%s", err.text);
        backtest_end(&b);
        if (run->base) event_base_free(run->base);
    } else if (core) {
        code = cli_fail(CLI_FAILED, "%s", err.text);
    }
    buf_free(&socket);
    buf_free(&bin);
    return code;
}

/* A whole number of samples; -1 where it is none. */
static int64_t samples_of(const char *text) {
    char *end;
    if (!text) return SAMPLES;
    long n = strtol(text, &end, 10);
    return *text && !*end && n >= 0 && n <= SAMPLES_MOST ? n : -1;
}

int policy_form_backtest(int argc, char **argv) {
    const struct cli_help help = {
        "sori policy backtest DIR [--since 30d] [--closed] [--max-change 5%] [--sample N]\n"
        "                     [--rescore] [--json] [-w DIR]",
        "Decides what was decided once more, by the policy in DIR, from the facts as they stood\n"
        "then, on all processors, and tells what would be decided otherwise. Nothing is sent and\n"
        "nothing live is touched. A decision changes where its status, its direction or what it\n"
        "does (its intentions, in order, with every word and value) is another one than the live\n"
        "policy's; another name of a rule for the same is a rename, and told apart. What was\n"
        "past, held or quarantined then has nothing to compare with and is told apart, and so is\n"
        "what asks for a fact, label or cell that did not exist then.\n"
        "With --rescore what had no scores then, or not those of today's models, is read by them\n"
        "once more, decided by both policies and counted apart.\n"
        "Departments, languages and labels are those of the live configuration.\n"
        "Exit code 5: more than --max-change differs; 3: the policy in DIR is refused."};
    struct cli_opt opts[] = {
        CLI_OPT_WORKSPACE,
        CLI_OPT_JSON,
        {.name = "since", .takes = "SPAN", .help = "how far back: 30d, 12h; else all there is"},
        {.name = "closed",
         .help = "cells evolve by what this policy decides; else as they were recorded"},
        {.name = "max-change", .takes = "PERCENT", .help = "exit with 5 where more differs: 5%"},
        {.name = "sample", .takes = "N", .help = "how many changes to show (10)"},
        {.name = "rescore", .help = "scores that are missing then come from today's models"}};
    int words = cli_parse(argc, argv, &help, opts, sizeof opts / sizeof *opts);
    if (words < 0) return cli_parsed(words);
    if (words != 1) return cli_usage(&help, "expected the folder of a policy");
    int64_t span = 0, limit = -1, samples = samples_of(opts[5].value);
    if (opts[2].value && (!clock_parse_span(str_c(opts[2].value), &span) || span <= 0))
        return cli_usage(&help, "--since %s: write a span like 30d or 12h", opts[2].value);
    if (opts[4].value && !policy_share(opts[4].value, &limit))
        return cli_usage(&help, "--max-change %s: write a share like 5%% or 0.5%%", opts[4].value);
    if (samples < 0)
        return cli_usage(&help, "--sample %s: a number from 0 to %d was expected", opts[5].value,
                         SAMPLES_MOST);
    struct buf workspace = {0}, bundle = {0};
    struct err err = {""};
    int code;
    if (!cli_workspace(opts[0].value, &workspace, &err)) {
        code = cli_usage(&help, "%s", err.text);
    } else if (!bundle_read(argv[1], &bundle, &err)) {
        code = cli_fail(CLI_REFUSED, "%s", err.text);
    } else {
        struct run run = {.what = argv[1], .limit = limit, .json = opts[1].value != NULL};
        struct backtest_spec spec = {.bundle = buf_view(&bundle),
                                     .since = span ? clock_now() - span : 0,
                                     .closed = opts[3].value != NULL,
                                     .samples = (size_t)samples};
        struct rescore_model models[POLICY_MODELS_MOST];
        int n = opts[6].value ? policy_models(workspace.data, models, &err) : 0;
        spec.models = models;
        spec.model_count = n > 0 ? (size_t)n : 0;
        if (n >= 0)
            code = go(&run, &spec, workspace.data);
        else
            code = cli_fail(is_running(workspace.data) ? CLI_FAILED : CLI_NO_CORE, "%s", err.text);
        policy_models_free(models, n);
    }
    buf_free(&workspace);
    buf_free(&bundle);
    return code;
}
