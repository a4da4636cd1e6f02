/* Replies held against the ten checks, for the policy tests. */
#ifndef TESTS_POLICY_CHECKS_H
#define TESTS_POLICY_CHECKS_H

#include "policy/bundle.h"

#define GUIDE_FILES(guide, rules, ko_head, ko, en_head, en)                                        \
    {                                                                                              \
        "init.lua", "sori.guide " guide "\nreturn { \"rules/care\" }", "rules/care.lua",           \
            "local care = sori.policy \"care\"\n" rules "\nreturn care\n", "replies/say.ko.md",    \
            "---\n" ko_head "\n---\n" ko "\n", "replies/say.en.md",                                \
            "---\n" en_head "\n---\n" en "\n", NULL                                                \
    }

/* One check of the first reply of a decision: "+why" where it is passed, "-why" where not. */
static inline char *checked(struct policy *p, const char *json, const char *check) {
    struct buf facts = facts_of(json), out = {0}, said = {0};
    policy_checks(p, buf_view(&facts), &out);
    struct sori_str one = rec_get_rec(buf_view(&out), CHECKED_INTENT);
    struct rec_field f;
    size_t count = 0;
    while (rec_next(&one, &f) == 1) {
        if (f.tag != CHECKED_CHECK) continue;
        count++;
        if (str_is(rec_get_str(f.s, 1), check))
            buf_printf(&said, "%c%.*s", rec_get_int(f.s, 2, 0) ? '+' : '-',
                       STR(rec_get_str(f.s, 3)));
    }
    if (count != 10) fail_msg("%zu checks for %s", count, json);
    buf_free(&facts);
    buf_free(&out);
    return said.data;
}

/* What the decision itself says: the names of what failed, and whether it waits. */
static inline bool waits(struct policy *p, const char *json, const char *check) {
    struct buf d = decide(p, json);
    struct sori_str intent = {0}, rest = buf_view(&d);
    struct rec_field f;
    bool named = false;
    while (rec_next(&rest, &f) == 1)
        if (f.tag == DEC_INTENT && rec_get_int(f.s, INTENT_VERB, 0) == VERB_REPLY) intent = f.s;
    assert_true(intent.len > 0);
    for (rest = intent; rec_next(&rest, &f) == 1;)
        if (f.tag == INTENT_CHECK && f.type == REC_REC)
            named |= str_is(rec_get_str(f.s, 1), check) && rec_get_str(f.s, 2).len > 0;
    bool approve = rec_get_int(intent, INTENT_APPROVE, 0) == 1;
    if (named && !approve) fail_msg("%s: %s failed and nobody is asked", json, check);
    buf_free(&d);
    return named;
}

static inline void expect(struct policy *p, const char *check, const char *json,
                          const char *wanted) {
    char *got = checked(p, json, check);
    if (!got || strcmp(got, wanted) != 0) {
        fprintf(stderr, "%s: %s\n  got    %s\n  wanted %s\n", check, json, got, wanted);
        fail();
    }
    if (waits(p, json, check) != (wanted[0] == '-')) fail_msg("%s: %s", check, json);
    free(got);
}

#define KO   "\"lang\": \"ko\""
#define EN   "\"lang\": \"en\""
#define RULE "care:rule \"say\" { when = {}, act = { reply \"say\" } }"

#endif
