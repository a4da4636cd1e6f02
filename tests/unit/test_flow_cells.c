/* uses: sori_flow sori_gate sori_store sori_supervise sori_conf sori_lua sori_base */
/* Cells as facts: those of a case are known while it is open, and to nobody else. */
#include "unit/clock_world.h"

#include "flow/window.h"

static struct kase *count_in(const struct head *h, const char *cell, int64_t scope, int64_t value) {
    struct buf d = {0};
    struct contact *p = who(h);
    struct entry *e = entry_new(&core, 16);
    entry_conn(e, &conn);
    e->contact = p;
    e->interaction = h->h.id;
    e->kind = ENTRY_SAID;
    e->said_at = e->heard_at = e->at = core_now(&core);
    e->fresh = true;
    person_load(&core, p);
    e->seq = flow_journal(&core, ENTRY_SAID, p->id, h->h.id, NIL, SORI_STR("test"),
                          (struct sori_str){0}, (struct sori_str){0}, NIL);
    rec_int(&d, DEC_STATUS, DECISION_DECIDED);
    size_t mark = rec_begin(&d, DEC_INTENT);
    rec_int(&d, INTENT_VERB, VERB_HOLD);
    rec_end(&d, mark);
    mark = rec_begin(&d, DEC_INTENT);
    rec_int(&d, INTENT_VERB, VERB_ADD);
    rec_str(&d, INTENT_NAME, str_c(cell));
    rec_int(&d, INTENT_VALUE, value);
    rec_int(&d, INTENT_SCOPE, scope);
    rec_end(&d, mark);
    effect_apply(&core, e, (struct sori_str){0}, buf_view(&d));
    buf_free(&d);
    entry_free(&core, e);
    return p->kase;
}

/* "sorries 1, talks 2" as the policy would see it of that person's next word. */
static const char *cells_of(const struct head *h) {
    static char text[200];
    if (!core.windows) core.windows = windows_start(core.store, core_now(&core));
    struct buf facts = {0};
    struct entry *e = entry_new(&core, 16);
    struct rec_field f;
    size_t n = 0;
    entry_conn(e, &conn);
    e->contact = who(h);
    e->interaction = h->h.id;
    e->kind = ENTRY_SAID;
    e->at = core_now(&core);
    facts_put(&core, e, &facts);
    text[0] = 0;
    for (struct sori_str rest = buf_view(&facts); rec_next(&rest, &f) == 1;)
        if (f.tag == FACT_CELL)
            n += (size_t)snprintf(text + n, sizeof text - n, "%s%.*s %lld", n ? ", " : "",
                                  STR(rec_get_str(f.s, 1)), (long long)rec_get_int(f.s, 2, 0));
    entry_free(&core, e);
    buf_free(&facts);
    return text;
}

static void a_case_takes_its_cells_along(void **state) {
    (void)state;
    struct head *h = hear("a", "kim", clock_now());
    count_in(h, "sorries", 0, 1);
    struct kase *k = count_in(h, "talks", 1, 2);
    assert_string_equal(cells_of(h), "sorries 1, talks 2");
    int64_t first = k->id;
    kase_close(&core, who(h), 1, h->h.id);
    assert_null(who(h)->kase);
    assert_string_equal(cells_of(h), "sorries 1");
    /* Another case begins anew, though the contact never left the memory. */
    who(h)->last_kase = NIL;
    k = count_in(h, "sorries", 0, 1);
    assert_true(k->id != first);
    assert_string_equal(cells_of(h), "sorries 2");
    count_in(h, "talks", 1, 5);
    assert_string_equal(cells_of(h), "sorries 2, talks 5");
}

int main(void) {
    const struct CMUnitTest tests[] = {TEST(a_case_takes_its_cells_along)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
