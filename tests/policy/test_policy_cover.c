/* uses: sori_lua sori_base */
/* What the coverage of a policy says, held against what the engine decides: for random small
 * policies every fact record of every cell is decided, and nothing may be claimed that differs. */
#include "lua/cover/seen.h"
#include "lua/policy_inner.h"
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
    if (chance(3) == 0) buf_puts(&b, "care:label { [\"topic.delivery\"] = \"배송\" }\n");
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

static void in_time(struct buf *rules) {
    const char *files[] = {"init.lua", "return { \"rules/care\" }", "rules/care.lua", rules->data,
                           NULL};
    struct policy *p = must_load(files);
    int64_t start = clock_cpu_us();
    struct cover *c = cover_make(p);
    int64_t took = (clock_cpu_us() - start) / 1000;
    print_message("%zu rules, %zu cells, %zu pairs in %lld ms%s\n", c->rule_count, c->cell_count,
                  c->pair_count, (long long)took, c->unfinished ? ", not all of it shown" : "");
    assert_int_equal(c->rule_count, RULES_MAX);
#ifndef SORI_SANITIZED
    assert_true(took < 1000);
#endif
    cover_free(c);
    policy_free(p);
    buf_clear(rules);
}

/* 512 rules, over everything, and as intricate as they come: within a second. */
static void as_many_as_there_can_be(void **state) {
    (void)state;
    struct buf text = {0};
    buf_puts(&text,
             "local care = sori.policy \"care\"\n"
             "care:cell { sorries = { per = \"contact\", type = \"int\", keep = \"9d\" } }\n");
    for (int i = 0; i < RULES_MAX; i++) {
        buf_printf(&text, "care:rule \"%d\" { when = { ", i);
        random_when(&text);
        buf_printf(&text, "open_cases = { at_least = %u, below = %u }, answers = %u, ", chance(20),
                   20 + chance(20), chance(30));
        buf_printf(&text, "lang = { \"l%u\", \"l%u\" } }, act = { tag \"t%d\" } }\n", chance(40),
                   chance(40), i);
    }
    buf_puts(&text, "return care\n");
    in_time(&text);
    buf_puts(&text, "local care = sori.policy \"care\"\n");
    for (int i = 0; i < 12; i++)
        buf_printf(&text,
                   "care:cell { c%d = { per = \"contact\", type = \"int\", keep = \"9d\" } }\n", i);
    for (int i = 0; i < RULES_MAX; i++) {
        buf_printf(&text,
                   "care:rule \"%d\" { when = { on = { \"said\", \"edited\", \"removed\" }, ", i);
        if (i % 3)
            some_of(&text, "tone", (const char *const[]){"positive", "neutral", "negative"}, 3);
        for (int k = 0; k < 12; k++)
            if (chance(3))
                buf_printf(&text, "c%d = { %s = %u }, ", k, chance(2) ? "below" : "at_least",
                           chance(9));
        buf_printf(&text, "}, act = { tag \"t%d\" } }\n", i);
    }
    buf_puts(&text, "return care\n");
    in_time(&text);
    buf_free(&text);
}

/* ---- the bundled policy ---- */

static void some_words(struct policy *p, struct buf *text) {
    buf_clear(text);
    for (unsigned n = chance(4); n-- > 0 && p->book.lists;) {
        unsigned list = chance((unsigned)p->book.lists);
        if (!p->book.count[list]) continue;
        struct sori_str word = p->book.shown[list][chance((unsigned)p->book.count[list])];
        for (size_t i = 0; i < word.len; i++)
            if (word.ptr[i] != '*') buf_putc(text, word.ptr[i]);
        buf_putc(text, ' ');
    }
}

/* Facts as the flow makes them, of a cell, all else by chance. */
static void some_facts(struct policy *p, const struct cover_cell *c, struct buf *f) {
    static const uint8_t yes_or_no[] = {FACT_INFLUENCER,  FACT_PRIVATE,  FACT_CAN_REPLY,
                                        FACT_CAN_PRIVATE, FACT_CAN_LIKE, FACT_CAN_HIDE,
                                        FACT_CAN_DELETE},
                         always[] = {FACT_SPOKE,          FACT_FIRST_AT,
                                     FACT_HEARD_AT,       FACT_NOW,
                                     FACT_NEGATIVES_HOUR, FACT_NEGATIVES_USUAL,
                                     FACT_OPEN_CASES,     FACT_ID},
                         maybe[] = {FACT_REACH,       FACT_TONE_SURE, FACT_ANSWERS, FACT_WAITED,
                                    FACT_WINDOW_LEFT, FACT_CRISIS,    FACT_CASE};
    struct buf text = {0};
    buf_clear(f);
    rec_int(f, FACT_ON, c->on);
    rec_int(f, FACT_KIND, c->kind);
    rec_int(f, FACT_RELATIONSHIP, c->relation);
    if (c->tone) rec_int(f, FACT_TONE, c->tone);
    rec_int(f, FACT_ORIGIN, ORIGIN_PERSON);
    rec_int(f, FACT_MODE, chance(3));
    rec_str(f, FACT_CHANNEL, str_c(chance(2) ? "x" : "blog"));
    rec_str(f, FACT_CONNECTION, str_c("shop"));
    for (size_t i = 0; i < sizeof yes_or_no; i++) rec_int(f, yes_or_no[i], chance(2));
    for (size_t i = 0; i < sizeof always; i++) rec_int(f, always[i], chance(100));
    for (size_t i = 0; i < sizeof maybe; i++)
        if (chance(2)) rec_int(f, maybe[i], maybe[i] == FACT_CASE ? chance(5) : chance(20000));
    some_words(p, &text);
    rec_str(f, FACT_TEXT, buf_view(&text));
    for (size_t i = 0; i < p->cell_count; i++)
        if (chance(2)) cell_put(f, p->cells[i].name, chance(5));
    buf_free(&text);
}

static void the_bundled_policy(void **state) {
    (void)state;
    struct buf bundle = {0}, env = {0}, errors = {0}, facts = {0}, decision = {0};
    struct err err = {""};
    rec_int(&env, ENV_OPEN, POLICY_OPEN_DEPARTMENTS | POLICY_OPEN_LABELS);
    rec_str(&env, ENV_LANG, str_c("ko"));
    rec_str(&env, ENV_LANG, str_c("en"));
    if (!bundle_read("scripts/policy", &bundle, &err)) fail_msg("%s", err.text);
    struct policy *p = policy_load(buf_view(&bundle), buf_view(&env), &errors);
    if (!p) fail_msg("%s", errors.data);
    struct cover *c = cover_make(p);
    for (int i = 0; i < 40000; i++) {
        const struct cover_cell *cell = &c->cells[chance((unsigned)c->cell_count)];
        some_facts(p, cell, &facts);
        buf_clear(&decision);
        policy_decide(p, buf_view(&facts), &decision);
        int64_t status = rec_get_int(buf_view(&decision), DEC_STATUS, 0);
        struct sori_str rule = rec_get_str(buf_view(&decision), DEC_RULE);
        assert_ptr_equal(&c->cells[cover_cell_of(c, buf_view(&facts))], cell);
        if (status == DECISION_DECIDED && cell->state == COVER_EMPTY) fail_msg("%.*s", STR(rule));
        if (status == DECISION_NONE && cell->state == COVER_WHOLE)
            fail_msg("%s %s", entry_word(cell->on), kind_word(cell->kind));
        for (size_t k = 0; k < c->rule_count; k++)
            if (c->rules[k].never && str_is(rule, c->rules[k].name)) fail_msg("%.*s", STR(rule));
    }
    cover_free(c);
    policy_free(p);
    buf_free(&bundle), buf_free(&env), buf_free(&errors), buf_free(&facts), buf_free(&decision);
}

/* ---- facts that were ---- */

static void add(struct cover_seen *s, const char *json) {
    struct buf facts = facts_of(json);
    cover_seen_add(s, buf_view(&facts), true);
    buf_free(&facts);
}

static void equal_facts(void **state) {
    (void)state;
    const char *files[] = FILES(
        "care:rule \"reach\" { when = { tone = \"negative\", influencer = true }, act = { assign "
        "\"lead\" } }\n"
        "care:rule \"long\" { when = { tone = \"negative\" }, check = { why = \"it is long\", "
        "function(i) return #i.text > 20 end }, act = { assign \"support\" } }\n"
        "care:rule \"odd\" { when = { tone = \"negative\", id = { 7, 9 } }, act = { hold \"odd\" } "
        "}\n"
        "care:rule \"code\" { when = { tone = \"positive\" }, act = function(i) if i.id % 2 == 0 "
        "then return reply \"sorry\" end return assign \"lead\" end }\n"
        "care:note \"all\" { when = {}, act = { tag \"a\" } }\n");
    struct policy *p = must_load(files);
    struct cover *c = cover_make(p);
    struct cover_seen *s = cover_seen_new(p, c);
    add(s, "{\"id\": 1, \"tone\": \"negative\", \"text\": \"별로\"}");
    add(s, "{\"id\": 1, \"tone\": \"negative\", \"text\": \"별로\"}");
    add(s, "{\"id\": 2, \"tone\": \"negative\", \"text\": \"별로\", \"contact\": {\"influencer\": "
           "true}}");
    add(s, "{\"id\": 3, \"tone\": \"negative\", \"text\": \"정말 정말 정말 정말 별로\"}");
    add(s, "{\"id\": 7, \"tone\": \"negative\", \"text\": \"별로\"}");
    add(s, "{\"id\": 4, \"tone\": \"positive\", \"text\": \"좋아요\"}");
    add(s, "{\"id\": 5, \"tone\": \"positive\", \"text\": \"좋아요\"}");
    add(s, "{\"id\": 6, \"tone\": \"positive\", \"text\": \"좋아요\", \"kind\": \"message\"}");
    add(s, "{\"id\": 6, \"origin\": \"us-by-hand\", \"tone\": \"positive\"}");
    cover_seen_end(s);
    assert_int_equal(s->count, 8);
    assert_int_equal(s->rules[0], 1);
    assert_int_equal(s->rules[4], 8);
    /* Four ways for the negative comments are six pairs, two for the positive ones one. */
    assert_int_equal(s->unequal_count, 7);
    size_t unstated = 0, by_code = 0, by_check = 0, by_influencer = 0;
    for (size_t i = 0; i < s->unequal_count; i++) {
        const struct cover_unequal *u = &s->unequal[i];
        unstated += !u->stated;
        by_code += strcmp(u->by, "nothing: what the rule does is code") == 0;
        by_check += strcmp(u->by, "a check: it is long") == 0;
        by_influencer += strcmp(u->by, "influencer: true against false") == 0;
    }
    /* By code; and by an id, which is no reason. */
    assert_int_equal(unstated, 2);
    assert_int_equal(s->unstated, 2);
    assert_false(s->unequal[0].stated || s->unequal[1].stated);
    assert_int_equal(by_code, 1);
    assert_int_equal(by_check, 2);
    assert_int_equal(by_influencer, 3);
    int cell = -1;
    for (size_t i = 0; i < c->cell_count; i++)
        if (c->cells[i].on == ENTRY_SAID && c->cells[i].kind == KIND_COMMENT &&
            c->cells[i].relation == RELATION_NEUTRAL && c->cells[i].tone == TONE_NEGATIVE)
            cell = (int)i;
    assert_int_equal(s->cells[cell], 5);
    cover_seen_free(s);
    cover_free(c);
    policy_free(p);
}

/* What can never match says why. */
static void reasons(void **state) {
    (void)state;
    const char *files[] = FILES(
        "care:cell { sorries = { per = \"contact\", type = \"int\", keep = \"9d\" } }\n"
        "care:rule \"a\" { when = { kind = \"reaction\" }, act = {} }\n"
        "care:rule \"b\" { when = { kind = \"share\", share = \"simple\" }, act = {} }\n"
        "care:rule \"c\" { when = { origin = \"us-by-rule\" }, act = {} }\n"
        "care:rule \"d\" { when = { on = \"overdue\", tone = \"negative\" }, act = {} }\n"
        "care:rule \"e\" { when = { on = \"human\" }, act = {} }\n"
        "care:rule \"f\" { when = { sorries = { at_least = 5, below = 2 } }, act = {} }\n"
        "care:note \"g\" { when = { reach = { above = 9, below = 3 } }, act = { tag \"a\" } }\n"
        "care:rule \"h\" { when = { tone = \"negative\" }, act = {} }\n"
        "care:rule \"i\" { when = { tone = \"negative\", words = \"배송\" }, act = {} }\n"
        "care:rule \"j\" { when = { tone = \"positive\", sorries = { below = 3 } }, act = {} }\n"
        "care:rule \"k\" { when = { tone = \"positive\", sorries = { at_least = 3 } }, act = {} }\n"
        "care:rule \"l\" { when = { tone = \"positive\" }, act = {} }\n"
        "care:rule \"m\" { when = { tone = \"unsure\" }, act = {} }\n");
    static const char *const why[] = {
        "kind: reaction: reactions are counted and never reach a policy",
        "share: simple: simple shares are counted and never reach a policy",
        "origin: us-by-rule: no rule fires on what our own side said",
        "tone: negative: a tone is known of what is said or edited only",
        "on: human: nothing is decided about such entries",
        "sorries: at least 5, below 2: no value is all of that",
        "reach: above 9, below 3: no value is all of that",
        NULL,
        "\"h\" (rules/care.lua:10) comes first and decides whatever this one could",
        NULL,
        NULL,
        "the rules before it together decide whatever this one could",
        NULL};
    struct policy *p = must_load(files);
    struct cover *c = cover_make(p);
    for (size_t i = 0; i < c->rule_count; i++) {
        assert_int_equal(c->rules[i].never, why[i] != NULL);
        if (why[i] && !str_is(c->rules[i].why, why[i])) fail_msg("%.*s", STR(c->rules[i].why));
    }
    assert_int_equal(c->never, 9);
    cover_free(c);
    policy_free(p);
}

/* Two rules of which both can hold: are they told apart by their order alone? */
static void told_apart(const char *first, const char *second, bool wanted) {
    struct buf rules = {0};
    buf_printf(&rules,
               "local care = sori.policy \"care\"\n"
               "care:rule \"a\" { when = { influencer = true, kind = \"comment\" }, %s }\n"
               "care:rule \"b\" { when = { reach = { at_least = 9 }, tone = \"negative\" }, %s "
               "}\nreturn care\n",
               first, second);
    const char *files[] = {"init.lua", "return { \"rules/care\" }", "rules/care.lua",
                           rules.data, "replies/sorry.ko.md",       "죄송합니다",
                           NULL};
    struct policy *p = must_load(files);
    struct cover *c = cover_make(p);
    if (c->pair_count != wanted) fail_msg("%s: %zu pairs", rules.data, c->pair_count);
    if (wanted) {
        assert_int_equal(c->pairs[0].first, 0);
        assert_int_equal(c->pairs[0].second, 1);
        assert_int_equal(c->pairs[0].cells, 8); /* said and edited, four relationships */
        const struct cover_cell *cell = &c->cells[c->pairs[0].example];
        assert_int_equal(cell->kind, KIND_COMMENT);
        assert_int_equal(cell->tone, TONE_NEGATIVE);
    }
    cover_free(c);
    policy_free(p);
    buf_free(&rules);
}

static void order_alone(void **state) {
    (void)state;
    static const struct {
        const char *first, *second;
        bool apart;
    } rows[] = {
        {"act = { tag \"a\" }", "act = { tag \"b\" }", true},
        {"act = { tag \"a\" }", "act = { tag \"a\" }", false},
        {"act = { hold \"ask the lead\" }", "act = { hold \"ask nobody\" }", true},
        {"act = { alert \"{text}\" }", "act = { alert \"{url}\" }", true},
        {"act = { alert \"a {text}\" }", "act = { alert \"a {text}\" }", false},
        {"act = {}, direction = \"monitor\"", "act = {}, direction = \"let_stand\"", true},
        {"act = {}, direction = \"monitor\"", "act = {}, direction = \"monitor\"", false},
        {"act = { reply \"sorry\" }", "act = { reply { \"sorry\", approve = true } }", true},
        {"act = { reply \"sorry\" }",
         "act = { reply { \"sorry\", approve = { relationship = \"anti\" } } }", true},
        {"act = { reply { \"sorry\", approve = { relationship = \"loyal\" } } }",
         "act = { reply { \"sorry\", approve = { relationship = \"anti\" } } }", true},
        {"act = { reply { \"sorry\", approve = { relationship = \"anti\" } } }",
         "act = { reply { \"sorry\", approve = { relationship = \"anti\" } } }", false},
        {"act = { reply \"sorry\" }", "act = { reply { \"sorry\", slot = 1 } }", true},
        {"act = function(i) return tag \"a\" end", "act = function(i) return tag \"a\" end", true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        told_apart(rows[i].first, rows[i].second, rows[i].apart);
    /* Who asks for more, first, and who asks for less, behind: that is no accident of order. */
    const char *narrower[] =
        FILES("care:rule \"a\" { when = { tone = \"negative\", influencer = true }, act = { tag "
              "\"a\" } }\n"
              "care:rule \"b\" { when = { tone = \"negative\" }, act = { tag \"b\" } }\n"
              "care:rule \"c\" { when = { tone = \"positive\" }, act = { tag \"c\" } }\n");
    struct policy *p = must_load(narrower);
    struct cover *c = cover_make(p);
    assert_int_equal(c->pair_count, 0);
    cover_free(c);
    policy_free(p);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(random_policies),
                                       cmocka_unit_test(as_many_as_there_can_be),
                                       cmocka_unit_test(the_bundled_policy),
                                       cmocka_unit_test(equal_facts),
                                       cmocka_unit_test(reasons),
                                       cmocka_unit_test(order_alone)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
