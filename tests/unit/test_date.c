/* uses: blog_code */
#include "common/date.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static void expect(const char *text, const char *utc) {
    int64_t ms;
    char shown[32] = "no date";
    if (date_parse(s_of(text), &ms)) date_format(ms, shown);
    if (strcmp(shown, utc) != 0) fail_msg("\"%s\": want %s, have %s", text, utc, shown);
}

static void mail_dates(void **state) {
    (void)state;
    expect("Sun, 22 Nov 2026 09:56:03 +0900", "2026-11-22T00:56:03");
    expect("22 Nov 2026 00:56 GMT", "2026-11-22T00:56:00");
    expect("Thu, 9 Feb 06 23:59:45 EST", "2006-02-10T04:59:45");
    expect("9 Feb 96 23:59:45 PDT", "1996-02-10T06:59:45");
    expect("Sun, 22 Nov 2026 09:56:03 KST", "2026-11-22T00:56:03");
    expect("Sun, 22 Nov 2026 09:56:03 GMT+9", "2026-11-22T00:56:03");
    expect("Sun, 22 Nov 2026 09:56:03 +09:00", "2026-11-22T00:56:03");
    expect("Mon, 22 Nov 2026 09:56:03", "2026-11-22T09:56:03");
    expect("Thu(why) , 9(th) Feb(ruary (the second)) 2006 23:59:45 +0000", "2006-02-09T23:59:45");
    expect("Thu Feb  9 23:59:45 2006", "2006-02-09T23:59:45");
    expect("9-Feb-2006 11:59:45 pm", "2006-02-09T23:59:45");
    expect("Thu, 29 Feb 2024 00:00:00 Z", "2024-02-29T00:00:00");
}

static void iso_dates(void **state) {
    (void)state;
    expect("2026-11-22T09:56:03+09:00", "2026-11-22T00:56:03");
    expect("2026-11-22t00:56:03.250z", "2026-11-22T00:56:03");
    expect("2026-11-22 09:56:03 +0900", "2026-11-22T00:56:03");
    expect("2026-11-22T09:56+0900", "2026-11-22T00:56:00");
    expect("2026-11-22", "2026-11-22T00:00:00");
    expect("2026-11", "2026-11-01T00:00:00");
    expect("2026", "2026-01-01T00:00:00");
    expect("20261122T005603Z", "2026-11-22T00:56:03");
    expect("2026-326", "2026-11-22T00:00:00");
    expect("2026-W47-7", "2026-11-22T00:00:00");
    expect("2026W47", "2026-11-16T00:00:00");
    expect("2021-W53-7", "2022-01-09T00:00:00");
    expect("2009-W01-1", "2008-12-29T00:00:00");
}

static void korean_dates(void **state) {
    (void)state;
    expect("2004-05-28 오후 11:23:17", "2004-05-28T14:23:17");
    expect("2004-05-28 오전 12:05:00", "2004-05-27T15:05:00");
    expect("2004년 05월 28일  23:31:57", "2004-05-28T14:31:57");
    expect("2004년 5월 28일", "2004-05-27T15:00:00");
}

static void no_dates(void **state) {
    (void)state;
    const char *const none[] = {"",
                                "yesterday",
                                "2003-07-32T15:51:30-05:00",
                                "2003-02-29",
                                "2003-13-01T15:51:30Z",
                                "2003-07-01T24:00:00Z",
                                "2003-07-01T01:55:60Z",
                                "Thu, 31 Jun 2006 10:00:00 GMT",
                                "Thu, 09 Feb 2006 25:59:45 GMT",
                                "99999999999999999999",
                                "2004년"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) expect(none[i], "no date");
}

static void any_bytes_end(void **state) {
    (void)state;
    static const char letters[] = "0123456789-:+TZ WJanFeb,()\\.년오후";
    srand(3);
    for (int i = 0; i < 50000; i++) {
        char text[24];
        size_t n = (size_t)(rand() % 24);
        for (size_t k = 0; k < n; k++) text[k] = letters[(size_t)rand() % (sizeof letters - 1)];
        int64_t ms = 0;
        if (date_parse((struct sori_str){text, n}, &ms)) {
            char shown[32];
            date_format(ms, shown);
            assert_true(ms > -63000000000000 && ms < 253500000000000);
        }
    }
}

static void out_and_in(void **state) {
    (void)state;
    for (int64_t ms = -62135596800000; ms < 253402300799000; ms += 86400000ll * 31 + 61000) {
        char shown[32];
        int64_t back;
        date_format(ms, shown);
        assert_true(date_parse(s_of(shown), &back));
        assert_int_equal(back, ms);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mail_dates),    cmocka_unit_test(iso_dates),
        cmocka_unit_test(korean_dates),  cmocka_unit_test(no_dates),
        cmocka_unit_test(any_bytes_end), cmocka_unit_test(out_and_in),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
