/* One fact record, one decision. Conditions are held against the facts in C; Lua runs only for
 * `check` and for acts that are functions. */
#include "lua/check/check.h"
#include "base/hash.h"

/* ---- calls into Lua ---- */

/* Stack: the rule (light), its function, the interaction. Reads the acts inside the protected call:
 * they may raise. */
static int call_act(lua_State *L) {
    struct policy *p = policy_of(L);
    const struct rule *rule = lua_touserdata(L, 1);
    struct act *acts;
    size_t count;
    lua_call(L, 1, 2);
    struct reader r = {p, rule->file, rule->line, NULL, &p->scratch, &p->outcome};
    if (!lua_isnil(L, -1))
        return complain(&r, rule->line, "act: one value is returned, not several: { a, b }"), 0;
    if (lua_isnil(L, -2)) return 0;
    if (!read_acts(&r, -2, &acts, &count)) return 0;
    for (size_t i = 0; i < count; i++) {
        if (rule->note && acts[i].verb < VERB_ASSIGN)
            return complain(&r, acts[i].line, "a note may not speak, and %s does",
                            verb_word(acts[i].verb)),
                   0;
        act_render(p, &p->facts, &acts[i], &p->intents);
    }
    return 0;
}

static void cut_line(struct buf *b) {
    while (b->len && b->data[b->len - 1] == '\n') b->data[--b->len] = 0;
}

/* Calls with what is on the stack; false where the entry must be held, `outcome` says why. */
static bool guarded_call(struct policy *p, const struct rule *rule, int args, int results) {
    lua_State *L = sandbox_lua(p->box);
    struct buf error = {0}, changed = {0};
    if (p->at) p->at(p->at_ctx, rule->name, rule->line);
    p->in_hand = &p->facts;
    buf_clear(&p->outcome);
    bool ok = sandbox_call(p->box, args, results, &error);
    p->in_hand = NULL;
    if (!ok)
        buf_printf(&p->outcome, "%s: %s", rule->what, error.data);
    else if (p->outcome.len) { /* complaints of read_acts */
        cut_line(&p->outcome);
        buf_str(&error, buf_view(&p->outcome));
        buf_clear(&p->outcome);
        buf_printf(&p->outcome, "%s: %s", rule->what, error.data);
        lua_pop(L, results);
        ok = false;
    }
    if (!sandbox_upvalues_same(L, &changed)) {
        if (ok) {
            lua_pop(L, results);
            buf_printf(&p->outcome,
                       "%s: changed the variable %s; nothing is kept between decisions but cells",
                       rule->what, changed.data);
        }
        ok = false;
    }
    buf_free(&error);
    buf_free(&changed);
    return ok;
}

static bool run_check(struct policy *p, const struct rule *rule, bool *yes) {
    lua_State *L = sandbox_lua(p->box);
    lua_rawgeti(L, LUA_REGISTRYINDEX, rule->check);
    lua_rawgeti(L, LUA_REGISTRYINDEX, p->proxy);
    if (!guarded_call(p, rule, 1, 1)) return false;
    *yes = lua_toboolean(L, -1);
    lua_pop(L, 1);
    buf_putc(&p->trace, *yes ? '+' : '-');
    return true;
}

static bool run_acts(struct policy *p, const struct rule *rule) {
    if (rule->act_function == LUA_NOREF) {
        for (size_t i = 0; i < rule->act_count; i++)
            act_render(p, &p->facts, &rule->acts[i], &p->intents);
        return true;
    }
    lua_State *L = sandbox_lua(p->box);
    lua_pushcfunction(L, call_act);
    lua_pushlightuserdata(L, (void *)(uintptr_t)rule);
    lua_rawgeti(L, LUA_REGISTRYINDEX, rule->act_function);
    lua_rawgeti(L, LUA_REGISTRYINDEX, p->proxy);
    return guarded_call(p, rule, 3, 0);
}

/* ---- the run ---- */

static void explain_cond(struct policy *p, const struct cond *c, bool holds, struct buf *out) {
    buf_printf(out, "  %s %s: wanted %.*s, saw ", holds ? "✓" : "✗", c->key, STR(c->wanted));
    cond_seen(p, &p->facts, c, out);
    buf_putc(out, '\n');
    tried_cond(p, c, holds);
}

/* Does it rest on the words of the text? */
static bool asks_words(const struct facts *f, const struct cond *c) {
    return c->op == COND_WORDS || (c->op == COND_LABEL && f->listed >> c->index & 1) ||
           (c->op == COND_SURGE && f->listed);
}

/* Do the conditions hold? The trace gets each value seen until one does not. */
static bool conds_hold(struct policy *p, size_t number, struct buf *explain) {
    const struct rule *rule = &p->rules[number];
    bool all = true;
    char head[2] = {(char)(number & 0xff), (char)(number >> 8)};
    buf_put(&p->trace, head, 2);
    for (size_t i = 0; i < rule->cond_count && (all || explain); i++) {
        bool holds = cond_holds(p, &p->facts, &rule->conds[i]);
        if (all) cond_trace(p, &p->facts, &rule->conds[i], &p->trace);
        if (all && p->facts.exhausted && asks_words(&p->facts, &rule->conds[i]))
            p->words_stopped = true;
        if (explain) explain_cond(p, &rule->conds[i], holds, explain);
        all &= holds;
    }
    return all;
}

/* Rules whose words are not in the text. Not where the search was given up: nobody knows then. */
static void without_words(const struct policy *p, rule_set out) {
    const struct facts *f = &p->facts;
    for (size_t i = 0; i < p->listed_count && !f->exhausted; i++) {
        uint16_t n = p->listed[i].number;
        if (!(f->listed >> n & 1) || f->score[n] > 0) continue;
        for (size_t w = 0; w * 64 < p->rule_count; w++) out[w] &= ~p->needs[n][w];
    }
}

static void candidates(const struct policy *p, rule_set out) {
    static const uint8_t tag[DIMS] = {FACT_ON, FACT_KIND, FACT_TONE, FACT_RELATIONSHIP};
    const uint64_t *row[DIMS];
    for (int d = 0; d < DIMS; d++) {
        int64_t v = fact_has(&p->facts, tag[d]) ? p->facts.f[tag[d]].i : DIM_VALUES;
        row[d] = p->index[d][v >= 0 && v <= DIM_VALUES ? v : DIM_VALUES];
    }
    for (size_t w = 0; w * 64 < p->rule_count; w++)
        out[w] = row[0][w] & row[1][w] & row[2][w] & row[3][w];
    without_words(p, out);
}

/* Holds one rule or note against the facts. False where the entry must be held. */
static bool try_rule(struct policy *p, size_t number, struct verdict *v, struct buf *explain) {
    const struct rule *rule = &p->rules[number];
    p->words_stopped = false;
    bool yes = conds_hold(p, number, explain);
    if (p->words_stopped) {
        v->rule = rule;
        buf_clear(&p->outcome);
        buf_printf(&p->outcome,
                   "%s: %s:%d: words: stopped: %d comparisons with one text are used up",
                   rule->what, rule->file, rule->line, WORD_STEPS);
        return false;
    }
    if (explain && rule->check != LUA_NOREF && !yes)
        buf_printf(explain, "  · check: %s: not asked\n", rule->why);
    if (!yes) return true;
    if (rule->check != LUA_NOREF) {
        v->rule = rule;
        if (!run_check(p, rule, &yes)) return false;
        v->rule = NULL;
        if (explain) buf_printf(explain, "  %s check: %s\n", yes ? "✓" : "✗", rule->why);
        tried_check(p, yes);
        if (!yes) return true;
    }
    if (rule->note) {
        const struct rule *decided = v->rule;
        v->rule = rule;
        if (!run_acts(p, rule)) return false;
        v->rule = decided;
        if (v->note_count < ACTS_MAX) v->notes[v->note_count++] = rule;
        if (explain) buf_puts(explain, "  → applies\n");
        tried_fired(p);
        return true;
    }
    v->rule = rule;
    v->status = DECISION_DECIDED;
    if (explain) buf_puts(explain, "  → decides\n");
    tried_fired(p);
    return true;
}

/* Notes first, all of them; then rules until one decides. Returns false where it must be held. */
static bool try_all(struct policy *p, struct verdict *v, struct buf *explain) {
    rule_set set = {0};
    candidates(p, set);
    for (int notes = 1; notes >= 0; notes--)
        for (size_t i = 0; i < p->rule_count; i++) {
            const struct rule *rule = &p->rules[i];
            bool in = set[i / 64] >> (i % 64) & 1;
            if (!set[i / 64] && !explain) {
                i |= 63;
                continue;
            }
            if (rule->note != (notes == 1) || (!in && !explain)) continue;
            if (explain) buf_printf(explain, "%s (%s:%d)\n", rule->what, rule->file, rule->line);
            tried_begin(p, rule);
            if (!in) {
                /* What the index ruled out is not part of the trace. */
                size_t mark = p->trace.len;
                conds_hold(p, i, explain);
                p->trace.len = mark;
                tried_end(p);
                continue;
            }
            bool went_on = try_rule(p, i, v, explain);
            tried_end(p);
            if (!went_on) return false;
            if (v->status == DECISION_DECIDED) return run_acts(p, v->rule);
        }
    return true;
}

static void close_trace(struct policy *p, struct verdict *v) {
    char status = (char)v->status;
    buf_put(&p->trace, &status, 1);
    buf_str(&p->trace, buf_view(&p->intents));
    /* The digest of the bundle makes equal numbers of rules of two bundles differ. */
    buf_put(&p->trace, p->digest, 64);
    v->trace = hash_digest(buf_view(&p->trace));
}

static int direction_of_verdict(const struct verdict *v);

void policy_run(struct policy *p, struct sori_str record, struct verdict *v, struct buf *explain) {
    v->status = DECISION_NONE;
    v->rule = NULL;
    v->note_count = 0;
    buf_clear(&p->trace);
    buf_clear(&p->intents);
    buf_clear(&p->outcome);
    arena_reset(&p->scratch);
    if (!facts_read(p, &p->facts, record)) {
        v->status = DECISION_HELD;
        buf_puts(&p->outcome, "the facts of this entry cannot be read");
    } else if (fact_has(&p->facts, FACT_ORIGIN) && p->facts.f[FACT_ORIGIN].i != ORIGIN_PERSON) {
        if (explain)
            buf_printf(explain, "said by our own side (%s): no rule fires\n",
                       origin_word(p->facts.f[FACT_ORIGIN].i));
    } else {
        sandbox_begin(p->box, &sandbox_entry_limits);
        labels_find(p, explain);
        bool decided = try_all(p, v, explain);
        if (decided && p->intents.len > DECISION_MAX) {
            buf_clear(&p->outcome);
            buf_printf(&p->outcome, "%s:%d: stopped: what is decided is larger than %d KiB",
                       v->rule ? v->rule->file : "init.lua", v->rule ? v->rule->line : 1,
                       DECISION_MAX >> 10);
            decided = false;
        }
        if (decided) checks_apply(p, direction_of_verdict(v));
        if (!decided) {
            v->status = DECISION_HELD;
            v->note_count = 0;
            buf_clear(&p->intents);
        }
    }
    close_trace(p, v);
}

static int direction_of_verdict(const struct verdict *v) {
    if (v->status == DECISION_DECIDED && v->rule->direction) return v->rule->direction;
    for (size_t i = v->note_count; i-- > 0;)
        if (v->notes[i]->direction) return v->notes[i]->direction;
    return 0;
}

void policy_decide(struct policy *p, struct sori_str facts, struct buf *decision) {
    struct verdict v;
    policy_run(p, facts, &v, NULL);
    rec_int(decision, DEC_STATUS, v.status);
    if (v.rule) {
        rec_str(decision, DEC_RULE, str_c(v.rule->name));
        rec_str(decision, DEC_WHERE, v.rule->where);
    }
    int direction = direction_of_verdict(&v);
    if (direction) rec_str(decision, DEC_DIRECTION, str_c(direction_word(direction)));
    labels_put(p, decision);
    for (size_t i = 0; i < v.note_count; i++) rec_str(decision, DEC_NOTE, str_c(v.notes[i]->name));
    buf_str(decision, buf_view(&p->intents));
    if (v.status == DECISION_HELD) rec_str(decision, DEC_OUTCOME, buf_view(&p->outcome));
    rec_int(decision, DEC_TRACE, (int64_t)v.trace);
}

void policy_explain(struct policy *p, struct sori_str facts, struct buf *text) {
    struct verdict v;
    policy_run(p, facts, &v, text);
    buf_printf(text, "decision: %s", decision_word(v.status));
    if (v.rule) buf_printf(text, " by %s (%s:%d)", v.rule->what, v.rule->file, v.rule->line);
    if (v.status == DECISION_HELD) buf_printf(text, ": %s", p->outcome.data);
    buf_putc(text, '\n');
    int direction = direction_of_verdict(&v);
    if (direction) buf_printf(text, "  direction %s\n", direction_word(direction));
    if (v.status == DECISION_DECIDED && p->intents.len == 0)
        buf_puts(text, "  says and does nothing\n");
    struct sori_str rest = buf_view(&p->intents);
    struct rec_field f;
    while (rec_next(&rest, &f) == 1) {
        act_print(text, f.s);
        checks_print(p, f.s, direction, text);
    }
}

void policy_checks(struct policy *p, struct sori_str facts, struct buf *out) {
    struct verdict v;
    policy_run(p, facts, &v, NULL);
    struct sori_str rest = buf_view(&p->intents);
    struct rec_field f;
    while (rec_next(&rest, &f) == 1) {
        size_t before = out->len, mark = rec_begin(out, CHECKED_INTENT);
        rec_int(out, CHECKED_VERB, rec_get_int(f.s, INTENT_VERB, 0));
        rec_int(out, CHECKED_SLOT, rec_get_int(f.s, INTENT_SLOT, 0));
        size_t head = out->len;
        checks_put(p, f.s, direction_of_verdict(&v), out);
        bool speaks = out->len > head;
        rec_end(out, mark);
        if (!speaks) out->len = before; /* stays inside */
    }
}
