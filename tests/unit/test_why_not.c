/* uses: sori_base */
/* The reason for one verb, out of what connectors say for all of them. */
#include "base/buf.h"
#include "base/enums.h"
#include "base/why_not.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static void one_reason_of_several(void **state) {
    (void)state;
    static const char two[] =
        "hide, like: 우리 글이 아닙니다; reply: the hours are over; ask a person; "
        "reply_privately: in no way";
    static const struct {
        const char *all;
        int64_t verb;
        const char *reason;
    } cases[] = {
        {"reply: it came from a file", VERB_REPLY, "it came from a file"},
        {two, VERB_HIDE, "우리 글이 아닙니다"},
        {two, VERB_LIKE, "우리 글이 아닙니다"},
        {two, VERB_REPLY, "the hours are over; ask a person"},
        {two, VERB_PRIVATE_REPLY, "in no way"},
        {"hide, reply privately: no", VERB_PRIVATE_REPLY, "no"},
        {"reply: by hand: https://x.test/a; by hand: b", VERB_REPLY,
         "by hand: https://x.test/a; by hand: b"},
        /* Given for others alone, or without a name: as it stands. */
        {two, VERB_DELETE, two},
        {"too old", VERB_REPLY, "too old"},
        {"reply, song: x", VERB_REPLY, "reply, song: x"},
        {"reply:", VERB_REPLY, "reply:"},
        {"reply: ", VERB_REPLY, "reply: "},
        {"; ", VERB_REPLY, "; "},
        {": x", VERB_REPLY, ": x"},
        {"", VERB_REPLY, "no reason given"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sori_str got = why_not(str_c(cases[i].all), cases[i].verb);
        if (!str_is(got, cases[i].reason)) fail_msg("%zu: %.*s", i, STR(got));
    }
}

static void any_bytes_end(void **state) {
    (void)state;
    static const char letters[] = "reply: like, hide; \xff";
    srand(5);
    for (int i = 0; i < 20000; i++) {
        size_t n = (size_t)rand() % 40;
        char *text = malloc(n + 1); /* of its very size, so that a look behind it is noticed */
        assert_non_null(text);
        for (size_t k = 0; k < n; k++) text[k] = letters[(size_t)rand() % (sizeof letters - 1)];
        struct sori_str all = {text, n}, got = why_not(all, VERB_REPLY);
        assert_true(got.len > 0);
        if (n) assert_true(got.ptr >= text && got.ptr + got.len <= text + n);
        free(text);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_reason_of_several),
        cmocka_unit_test(any_bytes_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
