#include "proof/report.h"

#include "base/enums.h"
#include "base/hash.h"
#include "base/item.h"
#include "lua/policy.h"
#include "supervise/messages.h"

#include <stdlib.h>

void past_read(struct sori_str record, struct past *out) {
    struct rec_field f;
    *out = (struct past){0};
    while (rec_next(&record, &f) == 1) {
        switch (f.tag) {
        case PAST_SEQ: out->seq = f.i; break;
        case PAST_AT: out->at = f.i; break;
        case PAST_GENERATION: out->generation = f.i; break;
        case PAST_STATUS: out->status = f.i; break;
        case PAST_FACTS: out->facts = f.s; break;
        case PAST_RESULT: out->result = f.s; break;
        case PAST_CONTACT: out->contact = f.i; break;
        case PAST_INTERACTION: out->interaction = f.i; break;
        default: break;
        }
    }
}

/* ---- counts ---- */

struct count *counts_of(struct counts *c, struct sori_str name) {
    uint64_t key = hash_digest(name);
    size_t at = (size_t)(uintptr_t)map_get(&c->by_name, key);
    if (at) return &c->items[at - 1];
    if (c->n >= COUNTS_MOST && !str_is(name, "(others)")) return counts_of(c, SORI_STR("(others)"));
    if ((c->n & (c->n - 1)) == 0)
        c->items = mem_grow(c->items, (c->n ? 2 * c->n : 1) * sizeof *c->items);
    c->items[c->n++] = (struct count){.name = mem_text(name)};
    map_put(&c->by_name, key, (void *)(uintptr_t)c->n);
    return &c->items[c->n - 1];
}

static int more_changed(const void *a, const void *b) {
    const struct count *x = a, *y = b;
    if (x->changed != y->changed) return x->changed < y->changed ? 1 : -1;
    return strcmp(x->name, y->name);
}

void counts_sort(struct counts *c) {
    if (c->n) qsort(c->items, c->n, sizeof *c->items, more_changed);
    map_clear(&c->by_name);
    for (size_t i = 0; i < c->n; i++)
        map_put(&c->by_name, hash_digest(str_c(c->items[i].name)), (void *)(uintptr_t)(i + 1));
}

static void counts_free(struct counts *c) {
    for (size_t i = 0; i < c->n; i++) free(c->items[i].name);
    free(c->items);
    map_free(&c->by_name);
}

const char *report_by_word(enum report_by by) {
    static const char *const words[] = {"rule",    "kind",      "relationship", "tone",
                                        "channel", "direction", "entry"};
    return words[by];
}

static void sample_free(struct sample *s) {
    buf_free(&s->facts);
    buf_free(&s->then);
    buf_free(&s->now);
    buf_free(&s->why);
}

void report_free(struct report *r) {
    for (size_t i = 0; i < BY_COUNT; i++) counts_free(&r->by[i]);
    counts_free(&r->moves);
    counts_free(&r->renames);
    counts_free(&r->unknown);
    for (size_t i = 0; i < r->sample_n; i++) sample_free(&r->samples[i]);
    free(r->samples);
    *r = (struct report){0};
}

/* ---- one decision ---- */

bool report_takes(struct report *r, const struct past *p) {
    bool made = p->status == DECISION_DECIDED || p->status == DECISION_NONE;
    if (made && p->facts.len) return true;
    int64_t *apart = p->status == DECISION_PAST          ? &r->past
                     : p->status == DECISION_HELD        ? &r->held
                     : p->status == DECISION_QUARANTINED ? &r->quarantined
                                                         : &r->bare;
    ++*apart;
    return false;
}

static struct sori_str rule_of(struct sori_str decision) {
    struct sori_str rule = rec_get_str(decision, DEC_RULE);
    if (rule.len) return rule;
    return rec_get_int(decision, DEC_STATUS, 0) == DECISION_HELD ? SORI_STR("(held)")
                                                                 : SORI_STR("(no rule)");
}

static struct sori_str direction_of_decision(struct sori_str decision) {
    struct sori_str word = rec_get_str(decision, DEC_DIRECTION);
    return word.len ? word : SORI_STR("(none)");
}

static void add_both(struct counts *c, struct sori_str then, struct sori_str now, bool changed) {
    struct count *k = counts_of(c, then);
    k->then++;
    k->changed += changed;
    bool other = !str_eq(then, now);
    if (other) k = counts_of(c, now);
    k->now++;
    k->changed += changed && other;
}

static void add_word(struct counts *c, const char *word, bool changed) {
    struct sori_str name = word && word[0] ? str_c(word) : SORI_STR("(unknown)");
    add_both(c, name, name, changed);
}

static void add_dims(struct report *r, const struct past *p, struct sori_str base,
                     struct sori_str now, bool changed) {
    int64_t kind = 0, tone = 0, relation = -1, on = 0;
    struct sori_str channel = {0};
    struct rec_field f;
    for (struct sori_str rest = p->facts; rec_next(&rest, &f) == 1;) {
        switch (f.tag) {
        case FACT_KIND: kind = f.i; break;
        case FACT_TONE: tone = f.i; break;
        case FACT_RELATIONSHIP: relation = f.i; break;
        case FACT_ON: on = f.i; break;
        case FACT_CHANNEL: channel = f.s; break;
        default: break;
        }
    }
    add_word(&r->by[BY_KIND], kind_word(kind), changed);
    add_word(&r->by[BY_TONE], tone_word(tone), changed);
    add_word(&r->by[BY_RELATIONSHIP], relation < 0 ? "" : relation_word(relation), changed);
    add_word(&r->by[BY_ENTRY], entry_word(on), changed);
    if (!channel.len) channel = SORI_STR("(unknown)");
    add_both(&r->by[BY_CHANNEL], channel, channel, changed);
    add_both(&r->by[BY_RULE], rule_of(base), rule_of(now), changed);
    add_both(&r->by[BY_DIRECTION], direction_of_decision(base), direction_of_decision(now),
             changed);
}

static size_t add_move(struct report *r, struct sori_str base, struct sori_str now) {
    struct buf name = {0};
    change_move(base, now, &name);
    struct count *k = counts_of(&r->moves, buf_view(&name));
    k->changed++;
    buf_free(&name);
    return (size_t)(k - r->moves.items);
}

/* Which sample gives way to the first one of another kind: one of the kind that has most. */
static struct sample *least_missed(struct report *r) {
    size_t best = 0, best_at = 0;
    for (size_t i = 0; i < r->sample_n; i++) {
        size_t n = 0;
        for (size_t k = 0; k < r->sample_n; k++) n += r->samples[k].move == r->samples[i].move;
        if (n >= best) {
            best = n;
            best_at = i;
        }
    }
    return best > 1 ? &r->samples[best_at] : NULL;
}

static void add_sample(struct report *r, const struct past *p, struct sori_str base,
                       struct sori_str now, size_t move) {
    struct sample *s = NULL;
    if (r->sample_n < r->sample_max) {
        if (!r->samples) r->samples = mem_get(r->sample_max * sizeof *r->samples);
        s = &r->samples[r->sample_n++];
    } else if (r->sample_max && r->moves.items[move].changed == 1) {
        s = least_missed(r);
        if (s) sample_free(s);
    }
    if (!s) return;
    *s = (struct sample){.seq = p->seq, .interaction = p->interaction, .move = move};
    buf_str(&s->facts, p->facts);
    buf_str(&s->then, base);
    buf_str(&s->now, now);
}

void report_add(struct report *r, const struct past *p, struct sori_str base, struct sori_str now,
                const struct sori_str *missed, size_t missed_n) {
    enum change change = change_of(base, now);
    bool asks = missed_n > 0 && !p->rescored, apart = asks || p->rescored,
         changed = change == CHANGES_MEANING && !apart;
    r->compared++;
    if (!r->first_at || p->at < r->first_at) r->first_at = p->at;
    if (p->at > r->last_at) r->last_at = p->at;
    r->asked += asks;
    r->rescored += p->rescored;
    for (size_t i = 0; i < missed_n; i++) counts_of(&r->unknown, missed[i])->then++;
    add_dims(r, p, base, now, changed);
    if (change == CHANGES_NOTHING) return;
    if (change == CHANGES_NAME) {
        struct buf name = {0};
        buf_printf(&name, "%.*s → %.*s", STR(rule_of(base)), STR(rule_of(now)));
        counts_of(&r->renames, buf_view(&name))->changed++;
        buf_free(&name);
        r->renamed++;
        return;
    }
    r->changed += changed;
    r->asked_changed += asks;
    r->rescored_changed += p->rescored;
    r->stopped += rec_get_int(now, DEC_STATUS, 0) == DECISION_HELD;
    add_sample(r, p, base, now, add_move(r, base, now));
}

int64_t report_share(const struct report *r) {
    int64_t differ = r->changed + r->asked_changed + r->rescored_changed;
    if (!r->compared || !differ) return 0;
    return (differ * 10000 + r->compared - 1) / r->compared;
}
