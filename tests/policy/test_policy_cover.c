/* uses: sori_lua sori_base */
/* What the coverage of a policy says, held against what the engine decides: for random small
 * policies every fact record of every cell is decided, and nothing may be claimed that differs. */
#include "lua/cover.h"
#include "policy/bundle.h"

#include "base/clock.h"
#include "base/enums.h"
#include "base/item.h"

/* ---- random policies ---- */

static uint64_t seed = 20261122;
static unsigned chance(unsigned n) {
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(seed >> 33) % n;
}

static void some_of(struct buf *b, const char *key, const char *const *words, unsigned n) {
    unsigned set = 1 + chance((1u << n) - 1);
    buf_printf(b, "%s = { ", key);
    for (unsigned i = 0; i < n; i++)
        if (set >> i & 1) buf_printf(b, "\"%s\", ", words[i]);
    buf_puts(b, "}, ");
}

static void random_when(struct buf *b) {
    static const char *const on[] = {"said", "edited", "removed", "overdue", "human"},
                             *const kind[] = {"comment", "share",    "mention",
                                              "message", "reaction", "unknown"},
                             *const tone[] = {"positive", "neutral", "negative", "unsure"},
                             *const relation[] = {"neutral", "consumer", "loyal", "anti"},
                             *const channel[] = {"x", "blog"},
                             *const reach[] = {"at_least = 5", "below = 5", "above = 9, below = 3"};
    if (chance(3) == 0) some_of(b, "on", on, 5);
    if (chance(2)) some_of(b, "kind", kind, 6);
    if (chance(2)) some_of(b, "tone", tone, 4);
    if (chance(3) == 0) some_of(b, "relationship", relation, 4);
    if (chance(3) == 0) buf_printf(b, "influencer = %s, ", chance(2) ? "true" : "false");
    if (chance(5) == 0) buf_printf(b, "reach = { %s }, ", reach[chance(3)]);
    if (chance(4) == 0) buf_printf(b, "sorries = { %s = 1 }, ", chance(2) ? "below" : "at_least");
    if (chance(5) == 0) buf_printf(b, "channel = \"%s\", ", channel[chance(2)]);
    if (chance(5) == 0) buf_printf(b, "label = { [\"topic.delivery\"] = 0.%u }, ", 4 + chance(3));
    if (chance(4) == 0) buf_printf(b, "words = { \"%s\" }, ", chance(2) ? "배송" : "환불");
}

static char *random_rules(bool checks) {
    struct buf b = {0};
    unsigned n = 1 + chance(9);
    buf_puts(&b, "care:cell { sorries = { per = \"contact\", type = \"int\", keep = \"9d\" } }\n");
    for (unsigned i = 0; i < n; i++) {
        buf_printf(&b, "care:rule \"%u\" { when = { ", i);
        random_when(&b);
        buf_puts(&b, "}, ");
        if (checks && chance(3) == 0)
            buf_puts(&b, "check = { why = \"titled\", function(i) return i.title end }, ");
        buf_printf(&b, "act = { tag \"t%u\" } }\n", i);
    }
    return b.data;
}

/* ---- all fact records that differ for such policies ---- */

struct grid {
    struct policy *p;
    bool checks;
    unsigned decided, none;
    bool won[16];        /* rules that decided in this cell */
    bool won_at_all[16]; /* anywhere */
    struct buf facts, decision;
};

static void decide_point(struct grid *g, const int *at, int on, int kind, int relation, int tone) {
    static const int scores[] = {-1, 1000, 4500, 5500, 9000};
    struct buf *f = &g->facts;
    buf_clear(f);
    buf_clear(&g->decision);
    rec_int(f, FACT_ON, on);
    rec_int(f, FACT_KIND, kind);
    rec_int(f, FACT_ORIGIN, ORIGIN_PERSON);
    if (relation >= 0) rec_int(f, FACT_RELATIONSHIP, relation);
    if (relation >= 0) rec_int(f, FACT_INFLUENCER, at[0]);
    if (tone >= 0) rec_int(f, FACT_TONE, tone);
    if (at[1]) rec_int(f, FACT_REACH, at[1] == 1 ? 2 : 10);
    rec_str(f, FACT_CHANNEL, str_c(at[3] == 0 ? "x" : at[3] == 1 ? "blog" : "facebook"));
    rec_str(f, FACT_TEXT,
            str_c(at[5] == 0   ? "안녕하세요"
                  : at[5] == 1 ? "배송이 늦어요"
                  : at[5] == 2 ? "환불해 주세요"
                               : "배송도 늦고 환불도 안 돼요"));
    if (at[6]) rec_str(f, FACT_TITLE, str_c("제목"));
    if (scores[at[4]] >= 0) {
        size_t mark = rec_begin(f, FACT_LABEL);
        rec_str(f, 1, str_c("topic.delivery"));
        rec_int(f, 2, scores[at[4]]);
        rec_end(f, mark);
    }
    if (at[2]) {
        size_t mark = rec_begin(f, FACT_CELL);
        rec_str(f, 1, str_c("sorries"));
        rec_int(f, 2, 1);
        rec_end(f, mark);
    }
    policy_decide(g->p, buf_view(f), &g->decision);
    struct sori_str rule = rec_get_str(buf_view(&g->decision), DEC_RULE);
    if (rec_get_int(buf_view(&g->decision), DEC_STATUS, 0) != DECISION_DECIDED) {
        g->none++;
        return;
    }
    g->decided++;
    int n = rule.ptr[0] - '0';
    g->won[n] = g->won_at_all[n] = true;
}

static void decide_all(struct grid *g, int on, int kind, int relation, int tone) {
    static const int sizes[] = {2, 3, 2, 3, 5, 4, 2};
    int at[7] = {0};
    g->decided = g->none = 0;
    memset(g->won, 0, sizeof g->won);
    for (;;) {
        decide_point(g, at, on, kind, relation, tone);
        int i = 0;
        for (; i < 7; i++) {
            /* What nothing asks for need not be varied. */
            bool fixed = (i == 6 && !g->checks) || (i == 0 && relation < 0);
            if (!fixed && ++at[i] < sizes[i]) break;
            at[i] = 0;
        }
        if (i == 7) return;
    }
}

static bool tell(const char *rules, const struct cover_cell *c, const char *what) {
    print_error("%s\n%s %s %s %s: %s\n", rules, entry_word(c->on), kind_word(c->kind),
                relation_word(c->relation), tone_word(c->tone), what);
    return false;
}

static bool cell_is_right(struct grid *g, const struct cover_cell *c, const char *rules) {
    unsigned winners = 0;
    decide_all(g, c->on, c->kind, c->relation, c->tone ? c->tone : -1);
    for (int i = 0; i < 16; i++) winners += g->won[i];
    if (c->state == COVER_EMPTY && g->decided) return tell(rules, c, "empty, and a rule decided");
    if (c->state == COVER_WHOLE && g->none) return tell(rules, c, "whole, and no rule decided");
    if (winners > c->rules) return tell(rules, c, "more rules decided than were said");
    if (g->checks) return true; /* what a check says is not computed */
    if (c->state == COVER_PARTLY && (!g->none || !g->decided))
        return tell(rules, c, "partly, and it is not");
    if (winners != c->rules) return tell(rules, c, "fewer rules decided than were said");
    return true;
}

/* Kinds that nobody knows, pages without a person, texts without a tone: no cells, yet decided. */
static void decide_elsewhere(struct grid *g) {
    static const int on[] = {ENTRY_SAID, ENTRY_EDITED, ENTRY_REMOVED, ENTRY_OVERDUE};
    for (size_t e = 0; e < 4; e++)
        for (int kind = 0; kind < KIND_COUNT; kind++)
            for (int relation = -1; relation < RELATION_COUNT; relation++)
                for (int tone = -1; tone < TONE_COUNT; tone++) {
                    bool cell = kind != KIND_UNKNOWN && relation >= 0 && tone > 0;
                    if (kind == KIND_REACTION || tone == 0 || cell || (e > 1 && tone >= 0))
                        continue;
                    decide_all(g, on[e], kind, relation, tone);
                }
}

static void one_policy(bool checks) {
    char *rules = random_rules(checks);
    const char *files[] = {"init.lua", "return { \"rules/care\" }", "rules/care.lua", NULL, NULL};
    struct buf text = {0};
    buf_printf(&text, "local care = sori.policy \"care\"\n%sreturn care\n", rules);
    files[3] = text.data;
    struct grid g = {.p = must_load(files), .checks = checks};
    struct cover *c = cover_make(g.p);
    assert_false(c->unfinished);
    for (size_t i = 0; i < c->cell_count; i++)
        if (!cell_is_right(&g, &c->cells[i], rules)) fail();
    decide_elsewhere(&g);
    for (size_t i = 0; i < c->rule_count; i++) {
        if (c->rules[i].never && g.won_at_all[i])
            fail_msg("%s\nnever matches, and did: %zu: %.*s", rules, i, STR(c->rules[i].why));
        if (!checks && !c->rules[i].never && !g.won_at_all[i])
            fail_msg("%s\nnever matched, and it was not said: %zu", rules, i);
    }
    cover_free(c);
    policy_free(g.p);
    buf_free(&g.facts), buf_free(&g.decision), buf_free(&text);
    free(rules);
}

static void random_policies(void **state) {
    (void)state;
    for (int i = 0; i < 10; i++) one_policy(i % 3 == 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(random_policies)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
