/* sori policy shadow: a policy that decides beside the live one and sends nothing. */
#include "cli/policy/report.h"
#include "cli/policy/words.h"

#include "lua/policy.h"
#include "reader/reader.h"

#include <stdlib.h>

/* The report of the answer, or nothing. */
static struct sori_str report_of(const struct cli_told *told) {
    struct rec_field f;
    for (struct sori_str rest = buf_view(&told->rest); rec_next(&rest, &f) == 1;)
        if (f.tag == TELL_BLOB && f.type == REC_REC && str_is(rec_get_str(f.s, 1), "report"))
            return rec_get_str(f.s, 2);
    return (struct sori_str){0};
}

static void show(const struct cli_told *told, bool json) {
    struct report r = {0};
    struct sori_str text = rec_get_str(buf_view(&told->rest), TELL_TEXT), report = report_of(told);
    char *what = mem_text(text);
    if (!report.len) {
        if (json) {
            json_t *o = json_pack("{s:s}", "begun", what);
            json_dumpf(o, stdout, JSON_COMPACT);
            putchar('\n');
            json_decref(o);
        } else
            printf("%s\n", what);
    } else {
        report_get(report, &r);
        if (json)
            policy_report_json(&r, what, -1);
        else
            policy_report_text(&r, what, -1);
    }
    report_free(&r);
    free(what);
}

int policy_form_shadow(int argc, char **argv) {
    const struct cli_help help = {
        "sori policy shadow [DIR] [--stop] [--json] [-w DIR]",
        "Lets the policy in DIR decide beside the live one, on what is heard from now on. It "
        "sends\n"
        "nothing and changes nothing; it reads what the live policy's cells hold. Where it cannot\n"
        "keep up it leaves out, and tells how much: the live flow never waits for it.\n"
        "The same command, or the one without DIR, shows how it differs so far, as `sori policy\n"
        "backtest` does; the report goes on over reloads of the live policy and restarts of Sori,\n"
        "and says when some seconds got lost. --stop shows it for the last time and ends the\n"
        "shadow."};
    struct cli_opt opts[] = {
        CLI_OPT_WORKSPACE, CLI_OPT_JSON, {.name = "stop", .help = "end it, with its last report"}};
    int words = cli_parse(argc, argv, &help, opts, sizeof opts / sizeof *opts);
    if (words < 0) return cli_parsed(words);
    if (words > 1) return cli_usage(&help, "expected one folder of a policy at most");
    struct buf workspace = {0}, bundle = {0};
    struct cli_told told = {.code = 0};
    struct err err = {""};
    int code;
    if (!cli_workspace(opts[0].value, &workspace, &err)) {
        code = cli_usage(&help, "%s", err.text);
    } else if (words == 1 && !bundle_read(argv[1], &bundle, &err)) {
        code = cli_fail(CLI_REFUSED, "%s", err.text);
    } else {
        struct cli_ask ask = {.name = "shadow", .body = buf_view(&bundle)};
        if (words == 1) cli_ask_arg(&ask, "what", str_c(argv[1]));
        if (opts[2].value) cli_ask_arg(&ask, "stop", SORI_STR("1"));
        cli_ask_zone(workspace.data);
        code = cli_query(workspace.data, &ask, &told);
        if (code == CLI_OK) show(&told, opts[1].value != NULL);
        cli_ask_free(&ask);
    }
    cli_told_free(&told);
    buf_free(&workspace);
    buf_free(&bundle);
    return code;
}
