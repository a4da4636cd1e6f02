/* reload and rollback: what would change, what did, or every reason why not. */
#include "cli/cli.h"
#include "reader/reader.h"

#include <stdlib.h>

/* The first error's length: its line, and those that go on with it, further in. */
static size_t error_length(struct sori_str errors) {
    size_t n = 0;
    do {
        const char *end = memchr(errors.ptr + n, '\n', errors.len - n);
        n = end ? (size_t)(end - errors.ptr) : errors.len;
    } while (n + 1 < errors.len && errors.ptr[n + 1] == ' ' && ++n);
    return n;
}

/* "fate" as JSON: what a script asks for. */
static void print_json(const struct cli_told *told, int code, bool plan) {
    struct sori_str rest = buf_view(&told->rest), fate = rec_get_rec(rest, TELL_FATE),
                    text = rec_get_str(rest, TELL_TEXT), error = rec_get_str(rest, TELL_ERROR);
    struct rec_field f;
    json_t *changes = json_array(), *errors = json_array();
    for (struct sori_str all = rec_get_str(fate, 2); rec_next(&all, &f) == 1;) {
        if (f.tag != REPORT_CHANGE || f.type != REC_REC) continue;
        struct sori_str op = rec_get_str(f.s, CHANGE_OP), kind = rec_get_str(f.s, CHANGE_KIND),
                        name = rec_get_str(f.s, CHANGE_NAME),
                        detail = rec_get_str(f.s, CHANGE_DETAIL);
        json_array_append_new(changes, json_pack("{s:s%, s:s%, s:s%, s:s%}", "op", op.ptr, op.len,
                                                 "kind", kind.ptr, kind.len, "name",
                                                 name.ptr ? name.ptr : "", name.len, "detail",
                                                 detail.ptr ? detail.ptr : "", detail.len));
    }
    /* What stands above the errors is none of them. */
    const char *first = error.len ? memchr(error.ptr, '\n', error.len) : NULL;
    if (first && first > error.ptr && first[-1] == ':') {
        if (!text.len) text = (struct sori_str){error.ptr, (size_t)(first - error.ptr) - 1};
        error.len -= (size_t)(first - error.ptr) + 1;
        error.ptr = first + 1;
    }
    while (error.len) {
        size_t n = error_length(error);
        if (n) json_array_append_new(errors, json_stringn(error.ptr, n));
        n += n < error.len;
        error.ptr += n;
        error.len -= n;
    }
    json_t *all = json_pack("{s:b, s:b, s:I, s:o, s:o, s:s%}", "ok", code == CLI_OK, "plan", plan,
                            "generation", (json_int_t)rec_get_int(fate, 1, 0), "changes", changes,
                            "errors", errors, "text", text.ptr ? text.ptr : "", text.len);
    if (all) json_dumpf(all, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(all);
}

static int ask(const struct cli_help *help, const char *word, struct cli_opt *opts, size_t n,
               int argc, char **argv, bool number) {
    int words = cli_parse(argc, argv, help, opts, n);
    if (words < 0) return cli_parsed(words);
    if (words > (number ? 1 : 0))
        return cli_usage(help, "'%s' is one word too many", argv[number ? 2 : 1]);
    char *end = NULL;
    if (words == 1 && (strtoll(argv[1], &end, 10) <= 0 || *end))
        return cli_usage(help,
                         "'%s' is no generation: a number was expected, as 'sori history' "
                         "shows it",
                         argv[1]);
    struct buf workspace = {0};
    struct err err;
    if (!cli_workspace(opts[0].value, &workspace, &err)) return cli_usage(help, "%s", err.text);
    struct cli_ask q = {.name = word};
    struct cli_told told = {.code = 0};
    bool plan = n > 3 && opts[3].value;
    if (opts[2].value) cli_ask_arg(&q, "why", str_c(opts[2].value));
    if (plan) cli_ask_arg(&q, "plan", SORI_STR("1"));
    if (words == 1) cli_ask_arg(&q, "to", str_c(argv[1]));
    int code = cli_query(workspace.data, &q, &told);
    struct sori_str text = rec_get_str(buf_view(&told.rest), TELL_TEXT);
    if (opts[1].value)
        print_json(&told, code, plan);
    else if (text.len)
        printf("%.*s\n", STR(text));
    cli_ask_free(&q);
    cli_told_free(&told);
    buf_free(&workspace);
    return code;
}

#define OPT_WHY                                                                                    \
    { .name = "why", .takes = "TEXT", .help = "for the history: what it is good for" }

int cmd_reload(int argc, char **argv);
int cmd_reload(int argc, char **argv) {
    static const struct cli_help help = {
        .usage = "sori reload [--plan] [--why TEXT] [-w DIR] [--json]",
        .about =
            "Takes what is on disk now: configuration, policy, models and plugins are read once,\n"
            "proven beside the ones that run, and swapped in between two interactions; or refused\n"
            "with every file:line (exit code 3), and what runs goes on untouched. With --plan\n"
            "nothing is changed: it is proven all the same, and what would change is printed."};
    struct cli_opt opts[] = {CLI_OPT_WORKSPACE,
                             CLI_OPT_JSON,
                             OPT_WHY,
                             {.name = "plan", .help = "say what would change, change nothing"}};
    return ask(&help, "reload", opts, 4, argc, argv, false);
}

int cmd_rollback(int argc, char **argv);
int cmd_rollback(int argc, char **argv) {
    static const struct cli_help help = {
        .usage = "sori rollback [GENERATION] [--why TEXT] [-w DIR] [--json]",
        .about =
            "Takes back the last reload: the generation before decides again, or the one that is\n"
            "named ('sori history' has their numbers), with the plugins and models of then. The\n"
            "files on disk stay as they are and stay away, over a restart too, until one of them\n"
            "is saved with a change or 'sori reload' takes them; 'status' and 'history' say so."};
    struct cli_opt opts[] = {CLI_OPT_WORKSPACE, CLI_OPT_JSON, OPT_WHY};
    return ask(&help, "rollback", opts, 3, argc, argv, true);
}
