/* The tests of a bundle: each item in two fresh states, in two orders, then against what its author
 * expected. What the tests reach is counted from the same decisions, and lines in a third state
 * that nobody judges. */
#include "lua/case/case.h"
#include "lua/case/lines.h"
#include "lua/cover/cover.h"
#include "lua/policy_inner.h"

#include <stdio.h>
#include <stdlib.h>

struct made {
    struct case_run run;
    struct arena arena;
};

struct tally {
    struct policy *a, *b;
    struct made *made;
    struct case_run *run;
};

static const char *keep_text(struct tally *t, const struct buf *b) {
    char *text = arena_get(&t->made->arena, b->len + 1);
    if (b->len) memcpy(text, b->data, b->len);
    return text;
}

static const char *keep_name(struct tally *t, const char *name) {
    char *text = arena_get(&t->made->arena, strlen(name) + 1);
    return strcpy(text, name);
}

/* ---- one item ---- */

/* "decided by "a name"" → a name */
static struct sori_str golden_rule(struct sori_str text) {
    static const char head[] = "decided by \"";
    size_t n = sizeof head - 1;
    const char *line = text.len ? memchr(text.ptr, '\n', text.len) : NULL;
    if (line) text.len = (size_t)(line - text.ptr);
    if (!str_starts(text, str_c(head))) return (struct sori_str){0};
    const char *end = memrchr(text.ptr + n, '"', text.len - n);
    return end ? (struct sori_str){text.ptr + n, (size_t)(end - text.ptr) - n}
               : (struct sori_str){0};
}

/* Compared line by line, so that an editor may change line ends and what stands behind. */
static bool same_golden(struct sori_str kept, struct sori_str came) {
    while (kept.len && strchr("\r\n", kept.ptr[kept.len - 1])) kept.len--;
    while (came.len && came.ptr[came.len - 1] == '\n') came.len--;
    if (!kept.len || !memchr(kept.ptr, '\r', kept.len)) return str_eq(kept, came);
    struct buf plain = {0};
    for (size_t i = 0; i < kept.len; i++)
        if (kept.ptr[i] != '\r' || i + 1 == kept.len || kept.ptr[i + 1] != '\n')
            buf_putc(&plain, kept.ptr[i]);
    bool same = str_eq(buf_view(&plain), came);
    buf_free(&plain);
    return same;
}

static void judge_golden(struct tally *t, const struct policy_case *item, struct case_result *r,
                         struct buf *diff, struct sori_str *rule) {
    struct buf path = {0};
    struct sori_str kept;
    struct sori_str came = str_c(r->decided);
    if (!item->golden) return;
    int line = case_golden_find(t->a, item, &kept);
    case_golden_path(item->file, &path);
    r->golden = true;
    r->golden_same = line && same_golden(kept, came);
    if (!line) {
        buf_printf(diff,
                   "    no golden decision is kept in %s yet; `sori policy test DIR --update` "
                   "writes this one:\n",
                   path.data);
        case_diff((struct sori_str){0}, came, diff);
    } else if (!r->golden_same) {
        buf_printf(diff,
                   "    the golden decision (%s:%d) is another one; where this is meant, `sori "
                   "policy test DIR --update`:\n",
                   path.data, line);
        case_diff(kept, came, diff);
        struct sori_str wanted = golden_rule(kept);
        if (wanted.len && !str_eq(wanted, golden_rule(came))) *rule = wanted;
    }
    buf_free(&path);
}

static void put_difference(struct sori_str one, struct sori_str two, struct buf *diff) {
    struct buf a = {0}, b = {0};
    buf_puts(diff, "    two fresh states decided differently: the policy keeps something between "
                   "decisions\n");
    case_print(one, &a);
    case_print(two, &b);
    if (str_eq(buf_view(&a), buf_view(&b)))
        buf_puts(diff, "      what they decided is the same, what they saw on the way is not\n");
    else
        case_diff(buf_view(&a), buf_view(&b), diff);
    buf_free(&a);
    buf_free(&b);
}

/* What was decided, and where the rule stands that did. */
static void put_decided(struct buf *out, const char *text, struct sori_str where) {
    bool first = true;
    for (const char *at = text; *at; first = false) {
        size_t n = strcspn(at, "\n");
        buf_printf(out, "    %s%.*s", first ? "decided: " : "", (int)n, at);
        if (first && where.len) buf_printf(out, " (%.*s)", STR(where));
        buf_putc(out, '\n');
        at += n + (at[n] != 0);
    }
}

static void judge(struct tally *t, size_t i, struct sori_str one, struct sori_str two) {
    const struct policy_case *item = &t->a->cases[i];
    struct case_result *r = &t->run->items[i];
    struct buf diff = {0}, text = {0};
    struct sori_str rule = {0};
    case_print(one, &text);
    *r = (struct case_result){.name = keep_name(t, item->name),
                              .file = keep_name(t, item->file),
                              .line = item->line,
                              .decided = keep_text(t, &text)};
    r->ok = case_meets(t->a, item, one, &diff, &rule);
    judge_golden(t, item, r, &diff, &rule);
    r->ok &= !r->golden || r->golden_same;
    if (!str_eq(one, two)) {
        r->ok = false;
        put_difference(one, two, &diff);
    }
    if (rule.len) case_why(t->a, item->facts, rule, &diff);
    if (!r->ok && !(r->golden && !r->golden_same))
        put_decided(&diff, r->decided, rec_get_str(one, DEC_WHERE));
    r->diff = keep_text(t, &diff);
    *(r->ok ? &t->run->passed : &t->run->failed) += 1;
    buf_free(&diff);
    buf_free(&text);
}

/* ---- what was reached ---- */

struct reached {
    bool rule[RULES_MAX];
    bool *cell;
    struct cover *cover;
};

static void reach_rule(const struct policy *p, struct reached *r, struct sori_str name, bool note) {
    for (size_t i = 0; i < p->rule_count; i++)
        if (p->rules[i].note == note && str_is(name, p->rules[i].name)) r->rule[i] = true;
}

static void reach(const struct policy *p, struct reached *r, const struct policy_case *item,
                  struct sori_str decision) {
    struct rec_field f;
    int cell = cover_cell_of(r->cover, item->facts);
    if (cell >= 0) r->cell[cell] = true;
    if (rec_get_int(decision, DEC_STATUS, 0) == DECISION_DECIDED)
        reach_rule(p, r, rec_get_str(decision, DEC_RULE), false);
    while (rec_next(&decision, &f) == 1)
        if (f.tag == DEC_NOTE && f.type == REC_STR) reach_rule(p, r, f.s, true);
}

static void count_reached(struct tally *t, const struct reached *r) {
    const struct policy *p = t->a;
    struct case_run *run = t->run;
    run->missed = arena_get(&t->made->arena, (p->rule_count + 1) * sizeof *run->missed);
    for (size_t i = 0; i < p->rule_count; i++) {
        struct buf line = {0};
        run->rules++;
        run->rules_hit += r->rule[i];
        if (r->rule[i]) continue;
        buf_printf(&line, "%.*s: %s", STR(p->rules[i].where), p->rules[i].what);
        run->missed[run->missed_count++] = keep_text(t, &line);
        buf_free(&line);
    }
    for (size_t i = 0; i < r->cover->cell_count; i++)
        if (r->cover->cells[i].on == ENTRY_SAID) {
            run->cells++;
            run->cells_hit += r->cell[i];
        }
}

/* ---- all ---- */

static void run_both(struct tally *t, bool cover) {
    size_t n = t->a->case_count;
    struct buf *one = mem_get((n + 1) * sizeof *one), *two = mem_get((n + 1) * sizeof *two);
    t->run->items = arena_get(&t->made->arena, (n + 1) * sizeof *t->run->items);
    t->run->count = n;
    for (size_t i = 0; i < n; i++) policy_decide(t->a, t->a->cases[i].facts, &one[i]);
    for (size_t i = n; i-- > 0;) policy_decide(t->b, t->b->cases[i].facts, &two[i]);
    if (cover) {
        struct reached *r = mem_get(sizeof *r);
        r->cover = cover_make(t->a);
        r->cell = mem_get((r->cover->cell_count + 1) * sizeof *r->cell);
        for (size_t i = 0; i < n; i++) reach(t->a, r, &t->a->cases[i], buf_view(&one[i]));
        count_reached(t, r);
        cover_free(r->cover);
        free(r->cell);
        free(r);
    }
    for (size_t i = 0; i < n; i++) {
        judge(t, i, buf_view(&one[i]), buf_view(&two[i]));
        buf_free(&one[i]);
        buf_free(&two[i]);
    }
    free(one);
    free(two);
}

static void run_lines(struct tally *t, struct sori_str bundle, struct sori_str env) {
    struct line_book *book = line_book_new();
    struct buf errors = {0}, decision = {0};
    struct policy *p = policy_load_lines(bundle, env, &errors, line_book_see, book);
    for (size_t i = 0; p && i < p->case_count; i++) {
        buf_clear(&decision);
        policy_decide(p, p->cases[i].facts, &decision);
    }
    line_book_tell(book, &t->made->arena, t->run);
    policy_free(p);
    line_book_free(book);
    buf_free(&errors);
    buf_free(&decision);
}

struct case_run *case_run_all(struct sori_str bundle, struct sori_str env, bool cover) {
    struct made *made = mem_get(sizeof *made);
    struct tally t = {.made = made, .run = &made->run};
    struct buf errors = {0}, warnings = {0};
    t.a = policy_load(bundle, env, &errors);
    t.b = t.a ? policy_load(bundle, env, &errors) : NULL;
    if (t.a && t.b) {
        buf_str(&warnings, buf_view(&t.a->warnings));
        case_golden_stale(t.a, &warnings);
        run_both(&t, cover);
        if (cover) run_lines(&t, bundle, env);
        made->run.covered = cover;
    }
    made->run.errors = keep_text(&t, &errors);
    made->run.warnings = keep_text(&t, &warnings);
    policy_free(t.a);
    policy_free(t.b);
    buf_free(&errors);
    buf_free(&warnings);
    return &made->run;
}

void case_run_free(struct case_run *run) {
    if (!run) return;
    struct made *made = (struct made *)run;
    arena_free(&made->arena);
    free(made);
}
