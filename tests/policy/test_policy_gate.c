/* uses: sori_lua sori_base */
/* What a decision hands to the send gate for later: that a reply is a first word, and what would
 * stop it while it waits for its turn. */
#include "policy/bundle.h"

#define BUNDLE(guide, head)                                                                           \
    {                                                                                                 \
        "init.lua", "sori.guide " guide "\nreturn { \"rules/care\" }", "rules/care.lua",              \
            "local care = sori.policy \"care\"\n"                                                     \
            "care:label { [\"topic.refund\"] = { \"환불\" }, [\"other.word\"] = { \"환불\" } }\n" \
            "care:rule \"draft\" { when = { kind = \"message\" }, "                                   \
            "act = reply { \"sorry\", approve = true } }\n"                                           \
            "care:rule \"all\" { when = {}, act = reply \"sorry\" }\nreturn care\n",                  \
            "replies/sorry.ko.md", "---\n" head "\n---\n죄송합니다.\n", "replies/sorry.en.md",        \
            "---\nholding: false\n---\nSorry.\n", NULL                                                \
    }

/* The first reply of the decision. */
static struct buf reply_to(const char *const *files, const char *json) {
    struct policy *p = must_load(files);
    struct buf d = decide(p, json), reply = {0};
    struct rec_field f;
    for (struct sori_str rest = buf_view(&d); rec_next(&rest, &f) == 1;)
        if (f.tag == DEC_INTENT && reply.len == 0) buf_str(&reply, f.s);
    assert_true(reply.len > 0);
    buf_free(&d);
    policy_free(p);
    return reply;
}

static void a_first_word(void **state) {
    (void)state;
    const char *holding[] = BUNDLE("{}", "holding: true"),
               *plain[] = BUNDLE("{}", "holding: false");
    struct buf a = reply_to(holding, "{\"lang\": \"ko\"}"),
               b = reply_to(plain, "{\"lang\": \"ko\"}"),
               c = reply_to(holding, "{\"lang\": \"en\"}");
    assert_int_equal(rec_get_int(buf_view(&a), INTENT_HOLDING, 0), 1);
    assert_int_equal(rec_get_int(buf_view(&b), INTENT_HOLDING, 0), 0);
    assert_int_equal(rec_get_int(buf_view(&c), INTENT_HOLDING, 0), 0); /* a file is a file */
    buf_free(&a), buf_free(&b), buf_free(&c);
}

/* "topic.refund topic.delivery 5 300", or "" where nothing is asked. */
static void surge_is(const char *guide, const char *json, const char *wanted) {
    char init[200];
    snprintf(init, sizeof init, "sori.guide %s\nreturn { \"rules/care\" }", guide);
    const char *files[] = BUNDLE("{}", "max: 60");
    files[1] = init;
    struct buf reply = reply_to(files, json), got = {0};
    struct sori_str surge = rec_get_rec(buf_view(&reply), INTENT_SURGE), rest = surge;
    struct rec_field f;
    while (surge.len && rec_next(&rest, &f) == 1)
        if (f.tag == 3) buf_printf(&got, "%.*s ", STR(f.s));
    if (surge.len)
        buf_printf(&got, "%lld %lld", (long long)rec_get_int(surge, 1, -1),
                   (long long)rec_get_int(surge, 2, -1));
    assert_string_equal(got.data ? got.data : "", wanted);
    buf_free(&reply), buf_free(&got);
}

static void what_it_is_about(void **state) {
    (void)state;
    static const char guide[] = "{ surge = { at_least = 5, times = 3 } }";
    surge_is(guide, "{\"text\": \"환불이요\"}", "topic.refund 5 300");
    surge_is("{ surge = { times = 2.5, at_least = 1 } }",
             "{\"text\": \"환불\", \"labels\": {\"topic.delivery\": 0.9, \"topic.price\": 0.2}}",
             "topic.refund topic.delivery 1 250");
    surge_is(guide, "{\"text\": \"안녕하세요\"}", "");
    surge_is("{}", "{\"text\": \"환불이요\"}", "");
    /* What a person lets go is theirs to judge. */
    surge_is(guide, "{\"text\": \"환불이요\", \"kind\": \"message\"}", "");
}

static void mistakes(void **state) {
    (void)state;
    static const struct {
        const char *guide, *head, *wanted;
    } wrong[] = {
        {"{}", "holding: yes", "holding: true is expected"},
        {"{ surge = 5 }", "max: 9", "guide: surge"},
        {"{ surge = { at_least = 5 } }", "max: 9",
         "guide: surge: both are needed, { at_least = 5, times = 3 }"},
        {"{ surge = { at_least = 0, times = 3 } }", "max: 9",
         "guide: surge.at_least: a whole number from 1 to 1000000 is expected"},
        {"{ surge = { at_least = 5, times = -1 } }", "max: 9",
         "guide: surge.times: a number up to 1000 is expected"},
        {"{ surge = { at_lest = 5, times = 3 } }", "max: 9", "did you mean 'at_least'?"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        char init[200], reply[200];
        snprintf(init, sizeof init, "sori.guide %s\nreturn { \"rules/care\" }", wrong[i].guide);
        snprintf(reply, sizeof reply, "---\n%s\n---\n죄송합니다.\n", wrong[i].head);
        const char *files[] = BUNDLE("{}", "max: 60");
        files[1] = init;
        files[5] = reply;
        struct buf errors = {0};
        struct policy *p = load(files, &errors);
        if (p || !strstr(errors.data, wrong[i].wanted))
            fail_msg("%s, %s: %s", wrong[i].guide, wrong[i].head,
                     errors.data ? errors.data : "loads");
        buf_free(&errors);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_first_word),
        cmocka_unit_test(what_it_is_about),
        cmocka_unit_test(mistakes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
