/* sori policy save: a real decision becomes a test of the policy, without the persons in it. */
#include "base/clock.h"
#include "base/enums.h"
#include "base/item.h"
#include "cli/policy/words.h"
#include "cli/story.h"
#include "lua/case/save.h"
#include "reader/reader.h"

#include <stdlib.h>
#include <string.h>

static const struct cli_help help = {
    "sori policy save ID [--name NAME] [--to DIR] [--keep KIND]… [--entry SEQ] [--now] [--json]\n  "
    "                     [-w DIR]",
    "Adds the newest decision about an interaction to tests/saved_test.lua of the policy: the "
    "facts\n"
    "as they stood then, and what was decided. Names, e-mail, phone, card, account, resident and\n"
    "order numbers, addresses, handles and links become made-up ones of the same form, the same\n"
    "one wherever it stands. Where that would change the decision nothing is saved: --keep KIND\n"
    "(name, email, phone, resident, card, account, order, address, handle, url) leaves that kind "
    "as\n"
    "it is. A name that stands there like any other word is not found: read what is shown."};

enum { LUA_MOST = 256 << 10, KEEPS = 16 };
static const char test_path[] = "tests/saved_test.lua";

struct save {
    const char *workspace, *name, *to;
    unsigned keep;
    int64_t entry;
    bool now, json;
    struct cli_told told;
    json_t *row;
    int64_t seq, generation;
    struct sori_str facts;  /* as they stood then */
    struct policy *then;    /* the policy of then */
    struct policy *target;  /* the one that gets the test */
    struct buf bundle, env; /* of it */
    struct buf masked, decision;
    struct mask *mask;
};

/* The newest decision that a policy made, or the one that was asked for. */
static bool choose(struct save *s, struct err *err) {
    const json_t *decisions = json_object_get(s->row, "decisions");
    for (size_t i = json_array_size(decisions); i-- > 0;) {
        const json_t *d = json_array_get(decisions, i);
        int64_t seq = cli_int(d, "seq", 0);
        struct sori_str facts = cli_blob(&s->told, "facts", seq);
        if (facts.len == 0 || (s->entry && s->entry != seq)) continue;
        s->seq = seq;
        s->generation = cli_int(d, "generation", 0);
        s->facts = facts;
        return true;
    }
    if (s->entry)
        return err_set(err, "entry %lld is no decision of a policy about it; sori why names them",
                       (long long)s->entry);
    return err_set(err, "no policy has decided about it, or its facts are no longer kept");
}

static bool load_both(struct save *s, struct err *err) {
    struct buf errors = {0};
    s->then = policy_load_kept(cli_blob(&s->told, "bundle", s->generation),
                               cli_blob(&s->told, "env", s->generation), &errors);
    bool ok = s->then || err_set(err,
                                 "the policy of then (generation %lld) is no longer kept or "
                                 "does not load any more",
                                 (long long)s->generation);
    buf_clear(&errors);
    ok = ok && policy_folder(s->to, &s->bundle, &s->env, err);
    /* The test must hold at a reload, where levels rest on the models. */
    if (ok) policy_live_labels(s->workspace, &s->env);
    if (ok && !(s->target = policy_load(buf_view(&s->bundle), buf_view(&s->env), &errors))) {
        fwrite(errors.data, 1, errors.len, stderr);
        ok = err_set(err, "%s: this policy does not load, so that no test is added", s->to);
    }
    buf_free(&errors);
    return ok;
}

/* ---- masking ---- */

/* Masks with `keep` and says whether what is decided stays the same. */
static bool stays(struct save *s, unsigned keep, struct sori_str decided, struct mask **kept,
                  struct buf *masked) {
    struct buf again = {0};
    struct mask *m = mask_new(keep);
    buf_clear(masked);
    case_mask(m, s->facts, masked);
    policy_decide(s->then, buf_view(masked), &again);
    bool same = case_same(decided, buf_view(&again));
    buf_free(&again);
    if (kept)
        *kept = m;
    else
        mask_free(m);
    return same;
}

/* Which kinds change the decision when they are masked? */
static void blame(struct save *s, struct sori_str decided) {
    struct buf list = {0}, scratch = {0};
    for (int k = 0; k < MASK_KINDS; k++) {
        if (s->keep >> k & 1 || !mask_count(s->mask, (enum mask_kind)k)) continue;
        unsigned others = ((1u << MASK_KINDS) - 1) & ~(1u << k);
        if (!stays(s, others | s->keep, decided, NULL, &scratch))
            buf_printf(&list, "%s%s", list.len ? " --keep " : "", mask_word((enum mask_kind)k));
    }
    if (list.len)
        cli_fail(CLI_REFUSED,
                 "without the persons in it another decision would be made; --keep %s leaves that "
                 "as it is",
                 list.data);
    else
        cli_fail(CLI_REFUSED,
                 "without the persons in it another decision would be made, by several "
                 "kinds together; --keep them one by one");
    buf_free(&list);
    buf_free(&scratch);
}

static int mask_all(struct save *s) {
    struct buf decided = {0}, small = {0};
    policy_decide(s->then, s->facts, &decided);
    bool same = stays(s, s->keep, buf_view(&decided), &s->mask, &s->masked);
    if (!same) blame(s, buf_view(&decided));
    case_small_id(s->then, buf_view(&s->masked), &small);
    buf_clear(&s->masked);
    buf_str(&s->masked, buf_view(&small));
    policy_decide(s->now ? s->target : s->then, buf_view(&s->masked), &s->decision);
    buf_free(&decided);
    buf_free(&small);
    return same ? CLI_OK : CLI_REFUSED;
}

/* ---- the test ---- */

static bool name_taken(struct sori_str file, const char *name) {
    struct buf quoted = {0};
    buf_printf(&quoted, "saved:case(\"%s\")", name);
    bool taken = file.len && memmem(file.ptr, file.len, quoted.data, quoted.len) != NULL;
    buf_free(&quoted);
    return taken;
}

/* "T10 unhappy (comment, negative)", with a number behind where it is taken. */
static void choose_name(const struct save *s, struct sori_str file, struct buf *out) {
    struct sori_str facts = buf_view(&s->masked),
                    rule = rec_get_str(buf_view(&s->decision), DEC_RULE);
    struct buf base = {0};
    int64_t tone = rec_get_int(facts, FACT_TONE, 0);
    if (s->name)
        buf_puts(&base, s->name);
    else
        buf_printf(&base, "%.*s (%s%s%s)", STR(rule.len ? rule : SORI_STR("no rule")),
                   kind_word(rec_get_int(facts, FACT_KIND, 0)), tone ? ", " : "",
                   tone ? tone_word(tone) : "");
    buf_puts(out, base.data);
    for (int n = 2; name_taken(file, out->data); n++) {
        buf_clear(out);
        buf_printf(out, "%s %d", base.data, n);
    }
    buf_free(&base);
}

static struct sori_str file_of(struct sori_str bundle, const char *path) {
    struct rec_field f;
    while (rec_next(&bundle, &f) == 1)
        if (f.tag == BUNDLE_FILE && f.type == REC_REC &&
            str_is(rec_get_str(f.s, BUNDLE_PATH), path))
            return rec_get_str(f.s, BUNDLE_BYTES);
    return (struct sori_str){0};
}

/* The bundle with that file in it, in the place of an older one. */
static void with_file(struct sori_str bundle, const char *path, struct sori_str bytes,
                      struct buf *out) {
    struct rec_field f;
    while (rec_next(&bundle, &f) == 1)
        if (f.tag == BUNDLE_FILE && f.type == REC_REC &&
            !str_is(rec_get_str(f.s, BUNDLE_PATH), path))
            rec_rec(out, BUNDLE_FILE, f.s);
    size_t mark = rec_begin(out, BUNDLE_FILE);
    rec_str(out, BUNDLE_PATH, str_c(path));
    rec_str(out, BUNDLE_BYTES, bytes);
    rec_end(out, mark);
}

static const struct case_result *result_of(const struct case_run *run, const char *name) {
    for (size_t i = 0; i < run->count; i++)
        if (strcmp(run->items[i].file, test_path) == 0 && strcmp(run->items[i].name, name) == 0)
            return &run->items[i];
    return NULL;
}

/* Does the policy that gets the test pass it? */
static int prove(const struct save *s, struct sori_str file, const char *name) {
    struct buf bundle = {0};
    with_file(buf_view(&s->bundle), test_path, file, &bundle);
    struct case_run *run = case_run_all(buf_view(&bundle), buf_view(&s->env), false);
    const struct case_result *r = result_of(run, name);
    int code = CLI_OK;
    if (run->errors[0])
        code = cli_fail(CLI_REFUSED, "the test would not load:\n%s", run->errors);
    else if (!r)
        code =
            cli_fail(CLI_FAILED, "%s: something else is written where the test belongs", test_path);
    else if (!r->ok)
        code = cli_fail(CLI_REFUSED,
                        "the policy in %s decides this otherwise now, so that the test would fail "
                        "and keep it from going live:\n%s--now expects what it decides now",
                        s->to, r->diff);
    case_run_free(run);
    buf_free(&bundle);
    return code;
}

static void compose(const struct save *s, struct sori_str old, const char *name, struct buf *file,
                    struct buf *left) {
    buf_str(file, old);
    if (old.len == 0)
        buf_puts(
            file,
            "-- Real decisions, kept by `sori policy save`. The persons in them are made up.\n\n"
            "local saved = sori.policy \"saved\"\n");
    else if (old.ptr[old.len - 1] != '\n')
        buf_putc(file, '\n');
    buf_putc(file, '\n');
    case_write(s->target, buf_view(&s->masked), buf_view(&s->decision), name, file, left);
}

/* ---- what was masked, for people ---- */

/* Unchanged texts as well: somebody must read whether a person is left in them. */
static void show_text(const char *label, struct sori_str was, struct sori_str is) {
    enum { SHOWN = 1000 };
    struct buf b = {0};
    if (was.len == 0) return;
    buf_printf(&b, "  %-12s ", label);
    cli_put_cut(&b, was, SHOWN);
    if (!str_eq(was, is)) {
        buf_puts(&b, "\n            → ");
        cli_put_cut(&b, is, SHOWN);
    }
    puts(b.data);
    buf_free(&b);
}

static void show(const struct save *s, const char *name, const struct buf *left) {
    static const struct {
        uint32_t tag;
        const char *label;
    } texts[] = {
        {FACT_AUTHOR, "author"}, {FACT_OWNER, "owner"},         {FACT_TITLE, "title"},
        {FACT_TEXT, "text"},     {FACT_PARENT_TEXT, "answers"}, {FACT_TARGET_TITLE, "about"},
        {FACT_URL, "link"}};
    struct buf counts = {0};
    for (int k = 0; k < MASK_KINDS; k++)
        if (mask_count(s->mask, (enum mask_kind)k))
            buf_printf(&counts, "%s%s %u", counts.len ? ", " : "", mask_word((enum mask_kind)k),
                       mask_count(s->mask, (enum mask_kind)k));
    printf("masked: %s\n", counts.len ? counts.data : "nothing was found");
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        show_text(texts[i].label, rec_get_str(s->facts, texts[i].tag),
                  rec_get_str(buf_view(&s->masked), texts[i].tag));
    if (left->len) printf("left out, because the policy does not declare it: %s\n", left->data);
    printf("%s/%s: \"%s\" added\n", s->to, test_path, name);
    buf_free(&counts);
}

/* For programs: what was written where, and how much of whom was masked. */
static void show_json(const struct save *s, const char *name, const struct buf *left) {
    json_t *counts = json_object(), *o;
    for (int k = 0; k < MASK_KINDS; k++)
        if (mask_count(s->mask, (enum mask_kind)k))
            json_object_set_new(counts, mask_word((enum mask_kind)k),
                                json_integer((json_int_t)mask_count(s->mask, (enum mask_kind)k)));
    struct sori_str text = rec_get_str(buf_view(&s->masked), FACT_TEXT);
    o = json_pack("{s:s, s:o, s:s%, s:s}", "name", name, "masked", counts, "text",
                  text.ptr ? text.ptr : "", text.len, "left_out", left->len ? left->data : "");
    json_object_set_new(o, "file", json_sprintf("%s/%s", s->to, test_path));
    json_dumpf(o, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(o);
}

static int write_test(struct save *s) {
    struct sori_str old = file_of(buf_view(&s->bundle), test_path);
    struct buf file = {0}, name = {0}, left = {0};
    struct err err = {""};
    choose_name(s, old, &name);
    compose(s, old, name.data, &file, &left);
    int code = prove(s, buf_view(&file), name.data);
    if (code == CLI_OK && !policy_file_write(s->to, test_path, buf_view(&file), &err))
        code = cli_fail(CLI_FAILED, "%s", err.text);
    if (code == CLI_OK && s->json)
        show_json(s, name.data, &left);
    else if (code == CLI_OK)
        show(s, name.data, &left);
    buf_free(&file);
    buf_free(&name);
    buf_free(&left);
    return code;
}

static int save(struct save *s, const char *id) {
    struct err err = {""};
    struct cli_ask ask = {.name = "why"};
    cli_ask_arg(&ask, "id", str_c(id));
    int code = cli_query(s->workspace, &ask, &s->told);
    struct sori_str at = buf_view(&s->told.rows);
    s->row = cli_next_row(&at);
    cli_ask_free(&ask);
    if (code != CLI_OK || !s->row) return code;
    if (!choose(s, &err) || !load_both(s, &err)) return cli_fail(CLI_REFUSED, "%s", err.text);
    code = mask_all(s);
    return code == CLI_OK ? write_test(s) : code;
}

static bool read_keeps(const struct cli_opt *opt, unsigned *keep) {
    for (size_t i = 0; i < opt->all_n; i++)
        for (const char *at = opt->all[i]; *at;) {
            size_t n = strcspn(at, ",");
            int kind = mask_of((struct sori_str){at, n});
            if (kind < 0) {
                cli_usage(
                    &help,
                    "--keep %.*s: expected name, email, phone, resident, card, account, order, "
                    "address, handle or url",
                    (int)n, at);
                return false;
            }
            *keep |= 1u << kind;
            at += n + (at[n] != 0);
        }
    return true;
}

static void free_save(struct save *s) {
    policy_free(s->then);
    policy_free(s->target);
    mask_free(s->mask);
    json_decref(s->row);
    cli_told_free(&s->told);
    struct buf *const bufs[] = {&s->bundle, &s->env, &s->masked, &s->decision};
    for (size_t i = 0; i < sizeof bufs / sizeof *bufs; i++) buf_free(bufs[i]);
}

int policy_form_save(int argc, char **argv) {
    const char *keeps[KEEPS];
    struct cli_opt opts[] = {
        CLI_OPT_WORKSPACE,
        {.name = "name", .letter = 'n', .takes = "NAME", .help = "of the test"},
        {.name = "to", .takes = "DIR", .help = "the policy; else that of the workspace"},
        {.name = "keep",
         .letter = 'k',
         .takes = "KIND",
         .help = "leave this kind as it is; may be repeated",
         .all = keeps,
         .all_cap = KEEPS},
        {.name = "entry", .takes = "SEQ", .help = "the decision on that entry, not the newest"},
        {.name = "now", .help = "expect what the policy decides now"},
        CLI_OPT_JSON};
    struct save s = {.now = false};
    char *end = NULL;
    struct buf workspace = {0}, to = {0};
    struct err err;
    int words = cli_parse(argc, argv, &help, opts, sizeof opts / sizeof *opts);
    if (words < 0) return cli_parsed(words);
    if (words != 1) return cli_usage(&help, "one id was expected");
    if (!read_keeps(&opts[3], &s.keep)) return CLI_USAGE;
    if (opts[4].value && (strtoll(opts[4].value, &end, 10) <= 0 || *end))
        return cli_usage(&help,
                         "--entry '%s' is no entry: a number was expected, as 'sori why' "
                         "shows it",
                         opts[4].value);
    if (!cli_workspace(opts[0].value, &workspace, &err)) return cli_usage(&help, "%s", err.text);
    if (opts[2].value)
        buf_puts(&to, opts[2].value);
    else
        buf_printf(&to, "%s/policy", workspace.data);
    s.workspace = workspace.data;
    s.name = opts[1].value;
    s.to = to.data;
    s.entry = opts[4].value ? strtoll(opts[4].value, NULL, 10) : 0;
    s.now = opts[5].value != NULL;
    s.json = opts[6].value != NULL;
    int code = save(&s, argv[1]);
    free_save(&s);
    buf_free(&workspace);
    buf_free(&to);
    return code;
}
