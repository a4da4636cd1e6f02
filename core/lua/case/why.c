/* Why did the rule that a test expects not decide? */
#include "lua/policy_inner.h"

static int rule_number(const struct policy *p, struct sori_str name) {
    for (size_t i = 0; i < p->rule_count; i++)
        if (!p->rules[i].note && str_is(name, p->rules[i].name)) return (int)i;
    return -1;
}

static void no_such_rule(const struct policy *p, struct sori_str name, struct buf *out) {
    const char *names[RULES_MAX];
    size_t n = 0;
    for (size_t i = 0; i < p->rule_count; i++)
        if (!p->rules[i].note) names[n++] = p->rules[i].name;
    const char *near = nearest_word(name, names, n);
    buf_printf(out, "    there is no rule \"%.*s\"", STR(name));
    if (near) buf_printf(out, "; did you mean \"%s\"?", near);
    buf_putc(out, '\n');
}

static bool put_failed(struct policy *p, const struct rule *rule, struct buf *out) {
    bool all = true;
    for (size_t i = 0; i < rule->cond_count; i++) {
        if (cond_holds(p, &p->facts, &rule->conds[i])) continue;
        struct buf seen = {0};
        cond_seen(p, &p->facts, &rule->conds[i], &seen);
        buf_printf(out, "      ✗ %s: wanted %.*s, saw ", rule->conds[i].key,
                   STR(rule->conds[i].wanted));
        plain_put(out, buf_view(&seen));
        buf_putc(out, '\n');
        buf_free(&seen);
        all = false;
    }
    return all;
}

void case_why(struct policy *p, struct sori_str facts, struct sori_str name, struct buf *out) {
    int number = rule_number(p, name);
    if (number < 0) {
        no_such_rule(p, name, out);
        return;
    }
    const struct rule *rule = &p->rules[number];
    struct verdict v;
    policy_run(p, facts, &v, NULL); /* leaves the facts as the rules saw them */
    buf_printf(out, "    the rule \"%s\" (%.*s) does not decide:\n", rule->name, STR(rule->where));
    if (fact_has(&p->facts, FACT_ORIGIN) && p->facts.f[FACT_ORIGIN].i != ORIGIN_PERSON) {
        buf_puts(out, "      ✗ origin: no rule fires on what our own side said\n");
        return;
    }
    if (!put_failed(p, rule, out)) return;
    if (v.rule && v.rule != rule && v.rule->note)
        buf_printf(out, "      the note \"%s\" (%.*s) was stopped before any rule was asked\n",
                   v.rule->name, STR(v.rule->where));
    else if (v.rule && v.rule < rule)
        buf_printf(out, "      \"%s\" (%.*s) comes first and decides\n", v.rule->name,
                   STR(v.rule->where));
    else if (rule->check != LUA_NOREF && v.rule != rule)
        buf_printf(out, "      ✗ check: %s\n", rule->why);
    else
        buf_puts(out, "      its conditions hold; what it does was stopped\n");
}
