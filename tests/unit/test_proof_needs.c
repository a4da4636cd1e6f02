/* uses: sori_proof sori_lua sori_supervise sori_base */
/* What a candidate needs, and which decisions were made before it was there. */
#include "proof/needs.h"
#include "reader/reader.h"
#include "supervise/messages.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static const char about[] =
    "{\"cells\": [{\"cell\": \"sorries\", \"per\": \"contact\"}],"
    " \"labels\": [{\"label\": \"tone.negative\"}, {\"label\": \"topic.x\"}]}";

static void put_generation(struct buf *plan, int64_t id, bool same, int lacks) {
    size_t mark = rec_begin(plan, PLAN_GENERATION);
    rec_int(plan, 1, id);
    rec_int(plan, 2, same);
    if (lacks >= 0) rec_int(plan, 3, lacks);
    rec_end(plan, mark);
}

static struct needs needs_of(void) {
    struct needs n = {0};
    struct buf plan = {0}, facts = {0};
    needs_read(&n, str_c(about));
    put_generation(&plan, 1, false, 0);
    put_generation(&plan, 4, true, -1);
    put_generation(&plan, 5, true, 2);
    for (int i = 0; i < 2; i++) {
        size_t mark = rec_begin(&facts, 1);
        rec_str(&facts, 1, i ? SORI_STR("answers") : SORI_STR("kind"));
        rec_int(&facts, 2, i ? 5000 : 0);
        rec_end(&facts, mark);
    }
    rec_str(&plan, PLAN_FACTS, buf_view(&facts));
    needs_plan(&n, buf_view(&plan));
    buf_free(&plan);
    buf_free(&facts);
    return n;
}

static size_t missed(const struct needs *n, int64_t generation, int64_t at, uint64_t asked,
                     struct sori_str out[NEEDS_MOST]) {
    struct past p = {.generation = generation, .at = at};
    return needs_missed(n, &p, asked, out);
}

static void tells_what_was_not_there_then(void **state) {
    (void)state;
    struct needs n = needs_of();
    struct sori_str out[NEEDS_MOST];
    assert_int_equal(n.n, 4); /* the cell, two labels, and the fact that is younger */
    assert_true(n.older && needs_same(&n, 4) && needs_same(&n, 5));
    assert_true(!needs_same(&n, 1) && !needs_same(&n, 2) && !needs_same(&n, 0));
    assert_int_equal(missed(&n, 1, 9000, 1, out), 1);
    assert_true(str_is(out[0], "cell sorries"));
    assert_int_equal(missed(&n, 4, 9000, 1, out), 0); /* it had that cell */
    assert_int_equal(missed(&n, 5, 9000, 7, out), 1);
    assert_true(str_is(out[0], "label topic.x"));
    assert_int_equal(missed(&n, 4, 4999, 8, out), 1); /* the fact came later */
    assert_true(str_is(out[0], "answers"));
    assert_int_equal(missed(&n, 4, 5000, 8, out), 0);
    assert_int_equal(missed(&n, 1, 1, 0, out), 0); /* what nobody asked for */
    assert_int_equal(missed(&n, 1, 4000, 15, out), 2);
    needs_free(&n);
}

static void watches_only_where_something_lacked(void **state) {
    (void)state;
    struct needs n = needs_of(), nothing = {0};
    struct buf watch = {0}, plan = {0};
    struct rec_field f;
    size_t count = 0;
    needs_watch(&n, &watch);
    for (struct sori_str rest = buf_view(&watch); rec_next(&rest, &f) == 1;)
        assert_true(f.tag == DECIDE_WATCH && str_is(f.s, n.name[count++]));
    assert_int_equal(count, 4);
    buf_clear(&watch);
    needs_read(&nothing, str_c(about));
    put_generation(&plan, 1, true, -1);
    needs_plan(&nothing, buf_view(&plan));
    needs_watch(&nothing, &watch);
    assert_int_equal(watch.len, 0);
    needs_free(&n);
    needs_free(&nothing);
    buf_free(&watch);
    buf_free(&plan);
}

static void too_many_are_left_out(void **state) {
    (void)state;
    struct needs n = {0};
    struct buf text = {0};
    buf_puts(&text, "{\"cells\": [");
    for (int i = 0; i < 300; i++) buf_printf(&text, "%s{\"cell\": \"c%d\"}", i ? "," : "", i);
    buf_puts(&text, "]}");
    needs_read(&n, buf_view(&text));
    assert_true(n.n < NEEDS_MOST); /* facts still find room */
    needs_read(&n, SORI_STR("no JSON"));
    needs_free(&n);
    buf_free(&text);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(tells_what_was_not_there_then),
                                       cmocka_unit_test(watches_only_where_something_lacked),
                                       cmocka_unit_test(too_many_are_left_out)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
