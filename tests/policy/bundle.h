/* Bundles from a list of files, for the policy tests. */
#ifndef TESTS_POLICY_BUNDLE_H
#define TESTS_POLICY_BUNDLE_H

#include "base/enums.h"
#include "base/item.h"
#include "lua/policy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

/* path, text, path, text, …, NULL. */
static inline struct buf make_bundle(const char *const *files) {
    struct buf b = {0};
    for (; *files; files += 2) {
        size_t mark = rec_begin(&b, BUNDLE_FILE);
        rec_str(&b, BUNDLE_PATH, str_c(files[0]));
        rec_str(&b, BUNDLE_BYTES, str_c(files[1]));
        rec_end(&b, mark);
    }
    return b;
}

static inline void add_label(struct buf *env, const char *label, int precision, int threshold) {
    size_t mark = rec_begin(env, ENV_LABEL);
    rec_str(env, 1, str_c(label));
    for (int i = 0; i < 3 && precision; i++) {
        size_t point = rec_begin(env, 2);
        rec_int(env, 1, precision - 1000 * i);
        rec_int(env, 2, threshold - 1500 * i);
        rec_end(env, point);
    }
    rec_end(env, mark);
}

/* Departments support and lead; ko, en; labels tone.* and intent.complaint with a calibration of
 * 90 % at 0.80, 80 % at 0.65, 70 % at 0.50. */
static inline struct buf make_env(void) {
    struct buf e = {0};
    rec_str(&e, ENV_DEPARTMENT, str_c("support"));
    rec_str(&e, ENV_DEPARTMENT, str_c("lead"));
    rec_str(&e, ENV_DEPARTMENT, str_c("marketing"));
    rec_str(&e, ENV_LANG, str_c("ko"));
    rec_str(&e, ENV_LANG, str_c("en"));
    add_label(&e, "tone.negative", 9000, 8000);
    add_label(&e, "tone.positive", 9000, 8000);
    add_label(&e, "intent.complaint", 9000, 8000);
    add_label(&e, "topic.delivery", 0, 0);
    return e;
}

static inline struct policy *load(const char *const *files, struct buf *errors) {
    struct buf bundle = make_bundle(files), env = make_env();
    struct policy *p = policy_load(buf_view(&bundle), buf_view(&env), errors);
    buf_free(&bundle);
    buf_free(&env);
    return p;
}

/* One rule file of that text and a reply in two languages. */
#define FILES(text)                                                                                \
    {                                                                                              \
        "init.lua", "return { \"rules/care\" }", "rules/care.lua",                                 \
            "local care = sori.policy \"care\"\n" text "\nreturn care\n", "replies/sorry.ko.md",   \
            "---\nslot author: text, at most 4, else 고객\nmax: 60\n---\n{author}님, "          \
            "죄송합니다.\n---\n{author}님, 미안합니다.\n",                                         \
            "replies/sorry.en.md", "---\nslot author: text\n---\nSorry, {author}. {{ok}}\n", NULL  \
    }

static inline struct policy *must_load(const char *const *files) {
    struct buf errors = {0};
    struct policy *p = load(files, &errors);
    if (!p) {
        fprintf(stderr, "%s", errors.data);
        fail();
    }
    buf_free(&errors);
    return p;
}

static inline struct buf facts_of(const char *json) {
    struct buf facts = {0};
    struct err err = {""};
    if (!policy_facts_from_json(str_c(json), &facts, &err)) fail_msg("%s: %s", json, err.text);
    return facts;
}

static inline struct buf decide(struct policy *p, const char *json) {
    struct buf facts = facts_of(json), decision = {0};
    policy_decide(p, buf_view(&facts), &decision);
    buf_free(&facts);
    return decision;
}

#endif
