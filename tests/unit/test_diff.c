/* uses: sori_base */
/* Differences of texts: exact counts, hunks as `diff -u` writes them, and a patch that, applied,
 * gives the new text whatever the two are. */
#include "base/diff.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static void golden(const char *a, const char *b, const char *wanted) {
    struct buf out = {0};
    diff_unified(str_c(a), str_c(b), "rules/care.lua", &out);
    assert_string_equal(out.data ? out.data : "", wanted);
    buf_free(&out);
}

static void as_diff_u_writes_it(void **state) {
    (void)state;
    golden("a\nb\n", "a\nb\n", "");
    golden(
        "one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\n",
        "one\ntwo\nthree\nfour\nfünf\nsix\nseven\neight\nnine\n",
        "--- a/rules/care.lua\n+++ b/rules/care.lua\n@@ -2,7 +2,8 @@\n two\n three\n four\n-five\n"
        "+fünf\n six\n seven\n eight\n+nine\n");
    golden("", "죄송합니다",
           "--- a/rules/care.lua\n+++ b/rules/care.lua\n@@ -0,0 +1,1 @@\n"
           "+죄송합니다\n\\ No newline at end of file\n");
    struct buf out = {0};
    diff_unified((struct sori_str){0}, str_c("x\n"), "new.lua", &out);
    assert_string_equal(out.data, "--- /dev/null\n+++ b/new.lua\n@@ -0,0 +1,1 @@\n+x\n");
    buf_clear(&out);
    diff_unified(str_c("x\n"), (struct sori_str){0}, "old.lua", &out);
    assert_string_equal(out.data, "--- a/old.lua\n+++ /dev/null\n@@ -1,1 +0,0 @@\n-x\n");
    buf_free(&out);
}

/* Applies the hunks to `old`. */
static void apply(const char *old, const char *patch, struct buf *out) {
    const char *o = old, *p = strchr(patch, '\n');
    p = p ? strchr(p + 1, '\n') : NULL;
    size_t line = 1;
    while (p && *++p) {
        const char *end = strchr(p, '\n');
        size_t from;
        if (sscanf(p, "@@ -%zu", &from) == 1) {
            size_t n = 0;
            assert_int_equal(sscanf(p, "@@ -%*u,%zu", &n), 1);
            for (from += n == 0; line < from; line++) {
                const char *e = strchr(o, '\n');
                buf_put(out, o, (size_t)(e - o) + 1);
                o = e + 1;
            }
        } else {
            const char *e = strchr(o, '\n');
            size_t n = e ? (size_t)(e - o) + 1 : 0;
            if (*p != '+') {
                assert_memory_equal(p + 1, o, n);
                o += n;
                line++;
            }
            if (*p != '-') buf_put(out, p + 1, (size_t)(end - p));
        }
        p = end;
    }
    buf_puts(out, o);
}

static void any_two_texts(void **state) {
    (void)state;
    srand(7);
    for (int round = 0; round < 3000; round++) {
        struct buf a = {0}, b = {0}, patch = {0}, again = {0};
        int n = rand() % 40, letters = 1 + rand() % 6, change = rand() % 5;
        for (int i = 0; i < n; i++) buf_printf(&a, "%c\n", 'a' + rand() % letters);
        for (int i = 0; i < n; i++) {
            if (rand() % 5 >= change) buf_put(&b, a.data + 2 * i, 2);
            if (rand() % 8 < change) buf_printf(&b, "%c\n", 'a' + rand() % letters);
        }
        buf_puts(&a, "");
        buf_puts(&b, "");
        diff_unified(buf_view(&a), buf_view(&b), "x", &patch);
        if (patch.len) {
            apply(a.data, patch.data, &again);
            if (strcmp(again.data, b.data) != 0)
                fail_msg("%s--- of\n%s--- and\n%s", patch.data, a.data, b.data);
        } else
            assert_true(a.len == b.len && memcmp(a.data, b.data, a.len) == 0);
        struct diff_count count = diff_count(buf_view(&a), buf_view(&b));
        assert_int_equal((long)b.len - (long)a.len, 2 * ((long)count.added - (long)count.removed));
        buf_free(&a);
        buf_free(&b);
        buf_free(&patch);
        buf_free(&again);
    }
}

static void nothing_in_common_ends_soon(void **state) {
    (void)state;
    struct buf a = {0}, b = {0};
    for (int i = 0; i < 5000; i++) {
        buf_printf(&a, "old %d\n", i);
        buf_printf(&b, "new %d\n", i);
    }
    struct diff_count n = diff_count(buf_view(&a), buf_view(&b));
    assert_int_equal(n.added, 5000);
    assert_int_equal(n.removed, 5000);
    n = diff_count(str_c("a\nb\nc\n"), str_c("a\nx\nc\n"));
    assert_int_equal(n.added, 1);
    assert_int_equal(n.removed, 1);
    buf_free(&a);
    buf_free(&b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_diff_u_writes_it),
        cmocka_unit_test(any_two_texts),
        cmocka_unit_test(nothing_in_common_ends_soon),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
