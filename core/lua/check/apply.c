/* What comes of the checks: a reply that fails one waits for a person, accounts show all ten, and
 * the lint of texts asks the same guide. */
#include "lua/check/check.h"

static bool speaks(struct sori_str intent, int64_t *verb) {
    *verb = rec_get_int(intent, INTENT_VERB, 0);
    return *verb == VERB_REPLY || *verb == VERB_PRIVATE_REPLY || *verb == VERB_PUBLISH;
}

/* What it is about, so that the core can look at the windows again before it leaves. */
static void put_surge(const struct checking *c, struct buf *out) {
    const struct policy *p = c->p;
    static const struct sori_str kind = {"topic.", 6};
    struct rec_field f;
    if (!c->g->surge_least) return;
    size_t before = out->len, mark = rec_begin(out, INTENT_SURGE);
    rec_int(out, 1, c->g->surge_least);
    rec_int(out, 2, c->g->surge_times);
    size_t head = out->len;
    for (size_t i = 0; i < p->listed_count; i++) {
        uint16_t n = p->listed[i].number;
        bool there = c->f->listed >> n & 1 && c->f->score[n] > 0;
        if (there && str_starts(p->listed[i].name, kind)) rec_str(out, 3, p->listed[i].name);
    }
    for (struct sori_str rest = c->f->record; rec_next(&rest, &f) == 1;) {
        if (f.tag != FACT_LABEL || f.type != REC_REC) continue;
        struct sori_str topic = rec_get_str(f.s, 1);
        bool there = rec_get_int(f.s, 2, 0) >= LABEL_PRESENT;
        if (there && str_starts(topic, kind)) rec_str(out, 3, topic);
    }
    bool any = out->len > head;
    rec_end(out, mark);
    if (!any) out->len = before;
}

/* The intention with what failed; true where something was added. */
static bool hold(struct policy *p, struct sori_str intent, int direction, struct buf *out) {
    struct checking c = check_begin(p, intent, direction);
    size_t mark = rec_begin(out, DEC_INTENT);
    buf_str(out, intent);
    size_t before = out->len;
    if (p->guide->people) {
        size_t same = rec_begin(out, INTENT_SAME);
        rec_int(out, 1, p->guide->people);
        rec_int(out, 2, p->guide->within);
        rec_end(out, same);
    }
    if (check_cheerful(&c)) rec_int(out, INTENT_CHEERFUL, 1);
    if (!c.approve) put_surge(&c, out);
    bool failed = false;
    for (int i = 0; i < CHECKS; i++) {
        buf_clear(c.why);
        if (check_ask(&c, (enum check)i)) continue;
        if (!failed && !c.approve) rec_int(out, INTENT_APPROVE, 1);
        failed = true;
        size_t one = rec_begin(out, INTENT_CHECK);
        rec_str(out, 1, str_c(check_names[i]));
        rec_str(out, 2, buf_view(c.why));
        rec_end(out, one);
    }
    bool added = out->len > before;
    rec_end(out, mark);
    return added;
}

void checks_apply(struct policy *p, int direction) {
    struct sori_str rest = buf_view(&p->intents);
    struct rec_field f;
    struct buf *out = &p->guide->intents;
    bool changed = false;
    int64_t verb;
    buf_clear(out);
    while (rec_next(&rest, &f) == 1)
        if (speaks(f.s, &verb))
            changed |= hold(p, f.s, direction, out);
        else
            rec_rec(out, DEC_INTENT, f.s);
    if (!changed) return;
    struct buf old = p->intents;
    p->intents = *out;
    *out = old;
}

/* Says how the reply stood with one check: what it failed is written in it. */
static bool stood(struct checking *c, int n) {
    struct sori_str rest = c->intent;
    struct rec_field f;
    buf_clear(c->why);
    while (rec_next(&rest, &f) == 1)
        if (f.tag == INTENT_CHECK && f.type == REC_REC &&
            str_is(rec_get_str(f.s, 1), check_names[n])) {
            buf_str(c->why, rec_get_str(f.s, 2));
            return false;
        }
    return check_ask(c, (enum check)n);
}

typedef void put_check(struct buf *out, const char *name, bool passed, struct sori_str why);

static void account(struct policy *p, struct sori_str intent, int direction, put_check *put,
                    struct buf *out) {
    int64_t verb;
    if (!speaks(intent, &verb)) return;
    struct checking c = check_begin(p, intent, direction);
    c.tell = true;
    for (int i = 0; i < CHECKS; i++) {
        bool passed = stood(&c, i);
        put(out, check_names[i], passed, buf_view(c.why));
    }
}

static void print_check(struct buf *out, const char *name, bool passed, struct sori_str why) {
    buf_printf(out, "    %s %s: %.*s\n", passed ? "✓" : "✗", name, STR(why));
}

void checks_print(struct policy *p, struct sori_str intent, int direction, struct buf *out) {
    account(p, intent, direction, print_check, out);
}

static void record_check(struct buf *out, const char *name, bool passed, struct sori_str why) {
    size_t mark = rec_begin(out, CHECKED_CHECK);
    rec_str(out, 1, str_c(name));
    rec_int(out, 2, passed);
    rec_str(out, 3, why);
    rec_end(out, mark);
}

void checks_put(struct policy *p, struct sori_str intent, int direction, struct buf *out) {
    account(p, intent, direction, record_check, out);
}

/* ---- for the lint ---- */

static const struct guide_list *searched(struct policy *p, enum guide_set set, struct sori_str key,
                                         struct sori_str text) {
    const struct guide_list *l = guide_list(p->guide, set, key);
    if (!l) l = guide_list(p->guide, set, SORI_STR("any"));
    words_search(&p->guide->book, text, &p->guide->ours);
    return l;
}

bool guide_bans(struct policy *p, struct sori_str lang, struct sori_str text,
                struct sori_str *word) {
    *word = guide_found(p->guide, &p->guide->ours, searched(p, SET_BANNED, lang, text));
    if (!word->len)
        *word = guide_found(p->guide, &p->guide->ours,
                            guide_list(p->guide, SET_BANNED, SORI_STR("any")));
    return word->len > 0;
}

bool guide_apologises(struct policy *p, struct sori_str lang, struct sori_str text) {
    const struct guide_list *l = searched(p, SET_APOLOGY, lang, text);
    return !l || l->number < 0 || guide_found(p->guide, &p->guide->ours, l).len > 0;
}
