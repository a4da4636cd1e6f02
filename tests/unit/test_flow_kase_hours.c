/* uses: sori_flow sori_gate sori_store sori_supervise sori_conf sori_lua sori_base */
/* What the clock of a case goes on with: when the case opens again, moves, or hours change. */
#include "unit/clock_world.h"

/* Who writes again within a week of the end comes back to the same case, and to who had it. */
static void a_closed_case_opens_again(void **state) {
    (void)state;
    struct head *h = hear("a", "kim", clock_now() - 2 * HOUR);
    struct kase *k = DECIDE(h, ENTRY_SAID, {VERB_ASSIGN, "shut", NULL, 0});
    struct contact *p = who(h);
    int64_t id = k->id, version = k->version;
    k->owner = intern(&core, SORI_STR("지민"));
    kase_close(&core, p, core.ids.seq, k->last_interaction);
    flow_commit(&core);
    assert_null(p->kase);
    assert_int_equal(core.open_kases, 0);
    int64_t said = clock_now() - MINUTE;
    k = DECIDE(hear("b", "kim", said), ENTRY_SAID, {VERB_HOLD, NULL, "again", 0});
    assert_int_equal(k->id, id);
    assert_true(k->version > version);
    assert_int_equal(k->state, KASE_OPEN);
    assert_string_equal(k->owner, "지민");
    assert_int_equal(core.open_kases, 1);
    /* A promise of its own, on the calendar of the department that had it. */
    assert_int_equal(k->due, midnight(2) + HOUR);
    assert_int_equal(k->promised, k->due);
    assert_int_equal(k->waiting_since, said);
    /* Long after that it is another matter. */
    kase_close(&core, p, core.ids.seq, k->last_interaction);
    p->closed_at -= (int64_t)8 * 24 * HOUR;
    flow_commit(&core);
    k = DECIDE(hear("c", "kim", said), ENTRY_SAID, {VERB_HOLD, NULL, "new", 0});
    assert_int_equal(k->id, id + 1);
    assert_null(k->owner);
}

/* ---- other hours ---- */

static void another_department_goes_on_with_what_is_left(void **state) {
    (void)state;
    int64_t said = clock_now() - 20 * MINUTE;
    struct kase *k = DECIDE(hear("a", "kim", said), ENTRY_SAID, {VERB_ASSIGN, "day", NULL, 0});
    assert_int_equal(k->due, said + HOUR);
    kase_department(&core, k, SORI_STR("shut"));
    assert_in_range(k->due, midnight(2) + 40 * MINUTE - 5000, midnight(2) + 40 * MINUTE);
    assert_int_equal(k->promised, k->due);
    assert_int_equal(state_of(k), CLOCK_RUNNING);
    /* What was told to be due soon is, and is not told again. */
    size_t soon = timers(ENTRY_DUE_SOON);
    struct kase *l =
        DECIDE(hear("d", "choi", said - 30 * MINUTE), ENTRY_SAID, {VERB_ASSIGN, "day", NULL, 0});
    assert_int_equal(timers(ENTRY_DUE_SOON), soon + 1);
    kase_department(&core, l, SORI_STR("shut"));
    assert_int_equal(state_of(l), CLOCK_DUE_SOON);
    assert_int_equal(timers(ENTRY_DUE_SOON), soon + 1);
    /* Nothing moves where the calendar is the same, where it is late, or where the policy named
     * one.
     */
    l = DECIDE(hear("b", "lee", said - HOUR), ENTRY_SAID, {VERB_ASSIGN, "day", NULL, 0});
    int64_t due = l->due;
    kase_department(&core, l, SORI_STR("shut"));
    assert_int_equal(l->due, due);
    l = DECIDE(hear("c", "park", said), ENTRY_SAID, {VERB_CLOCK, "day", NULL, HOUR});
    due = l->due;
    kase_department(&core, l, SORI_STR("shut"));
    assert_int_equal(l->due, due);
}

static void walk(void) {
    flow_commit(&core);
    for (int i = 0; i < 10; i++) kase_walk(&core);
    assert_int_equal(core.walk_from, 0);
}

static void other_hours_go_on_with_what_is_left(void **state) {
    for (int forgotten = 0; forgotten < 2; forgotten++) {
        if (forgotten) {
            end_hours(state);
            begin_hours(state);
        }
        int64_t said = clock_now() - 20 * MINUTE;
        struct head *h = hear("a", "kim", said), *other = hear("b", "lee", said);
        struct kase *k = DECIDE(h, ENTRY_SAID, {VERB_ASSIGN, "day", NULL, 0});
        struct kase *l = DECIDE(other, ENTRY_SAID, {VERB_ASSIGN, "nobody", NULL, 0});
        int64_t contact = k->contact;
        walk();
        assert_int_equal(k->due, said + HOUR); /* the same hours: nothing moves */
        if (forgotten) {
            struct contact *p = map_get(&core.contacts, (uint64_t)contact);
            map_del(&core.contacts, (uint64_t)contact); /* as after a start of Sori */
            free(p->kase);
            free(p);
        }
        hours(" }\ndepartment \"day\" { hours = \"mon-sun 00:00-24:00\", holidays = { %s } }\n",
              days(0, 3));
        walk();
        k = kase_of_contact(&core, contact);
        assert_in_range(k->due, midnight(3) + 40 * MINUTE - 5000, midnight(3) + 40 * MINUTE);
        assert_int_equal(l->due, said + HOUR);
        /* And back to no hours at all. */
        hours(" }\n");
        walk();
        assert_in_range(k->due, said + HOUR - 5000, said + HOUR + 5000);
        assert_int_equal(k->calendar, NIL);
    }
}

/* ---- what hangs on a case ---- */

static const struct row_action *only_action(void) {
    assert_int_equal(core.batch.action_n, 1);
    return &core.batch.action[0];
}

static void two_cases_become_one(void **state) {
    (void)state;
    int64_t now = clock_now();
    struct head *nobody = hear("a", "", now - 30 * MINUTE);
    struct contact *from = who(nobody);
    conn.mode = MODE_APPROVE;
    conn.flags = SORI_CONNECTOR_ACTS;
    struct kase *k = DECIDE(nobody, ENTRY_SAID, {VERB_REPLY, NULL, "죄송합니다", 0});
    conn.mode = MODE_OBSERVE;
    conn.flags = 0;
    assert_int_equal(only_action()->state, ACTION_WAITING);
    struct contact *to = who(hear("b", "kim", now));
    struct kase *t = DECIDE(hear("b", "kim", now), ENTRY_SAID, {VERB_CLOCK, NULL, NULL, HOUR});
    for (int flushed = 0; flushed < 2; flushed++) {
        if (flushed) flow_commit(&core);
        int64_t due = k->due;
        if (!flushed) {
            kase_move(&core, from, to);
            assert_int_equal(only_action()->kase, t->id);
            assert_int_equal(only_action()->contact, to->id);
            assert_int_equal(only_action()->state, ACTION_WAITING);
            assert_int_equal(t->due, due); /* the sooner one */
            assert_int_equal(t->waiting_since, now - 30 * MINUTE);
            assert_null(from->kase);
            struct contact *third = who(hear("c", "lee", now));
            DECIDE(hear("c", "lee", now), ENTRY_SAID, {VERB_HOLD, NULL, "x", 0});
            from = to;
            to = third;
            t = third->kase;
            k = from->kase;
        } else {
            kase_move(&core, from, to);
            flow_commit(&core);
            struct row_action a;
            assert_true(store_action(core.store, 1, &a));
            assert_int_equal(a.kase, t->id);
            assert_int_equal(a.contact, to->id);
            assert_int_equal(a.state, ACTION_WAITING);
            struct row_kase closed;
            assert_true(store_kase(core.store, 2, &closed));
            assert_int_equal(closed.state, KASE_CLOSED);
        }
    }
}

/* A reply that needs nobody is made without a case; who takes over speaks instead. */
static void a_reply_without_a_case_is_withdrawn(void **state) {
    (void)state;
    struct head *h = hear("a", "kim", clock_now());
    conn.mode = MODE_AUTO;
    conn.flags = SORI_CONNECTOR_ACTS;
    struct kase *k = DECIDE(h, ENTRY_SAID, {VERB_REPLY, NULL, "감사합니다", 0});
    conn.mode = MODE_OBSERVE;
    conn.flags = 0;
    assert_null(k);
    flow_commit(&core);
    k = kase_open(&core, who(h), core.ids.seq, h->h.id, NULL);
    kase_taken_over(&core, k, h->h.id, "a person took the case over");
    flow_commit(&core);
    struct row_action a;
    assert_true(store_action(core.store, 1, &a));
    assert_int_equal(a.state, ACTION_WITHDRAWN);
}

static struct row_timer due_timer;
static void note_timer(void *ctx, const void *row) {
    (void)ctx;
    if (((const struct row_timer *)row)->kind == ENTRY_FOLLOW_UP)
        due_timer = *(const struct row_timer *)row;
}

/* A follow-up lives through what colleagues do, and dies when the person writes. */
static void a_follow_up_is_for_who_stays_silent(void **state) {
    (void)state;
    for (int writes = 0; writes < 2; writes++) {
        struct head *h = hear(writes ? "b" : "a", writes ? "lee" : "kim", clock_now());
        struct kase *k = DECIDE(h, ENTRY_SAID, {VERB_FOLLOW_UP, NULL, NULL, 1},
                                {VERB_CLOCK, NULL, NULL, 10 * HOUR});
        k->version++;
        if (writes) hear("c", "lee", clock_now());
        flow_commit(&core);
        due_timer = (struct row_timer){0};
        store_timers(core.store, clock_now() + 5, 100, note_timer, NULL);
        assert_int_equal(due_timer.subject, k->id);
        assert_int_equal(due_timer.version, NIL);
        const struct contact *p = who(h);
        assert_true((p->last_seq > due_timer.seq) == (writes == 1));
        *store_add_del_timer(&core.batch) = (struct del_timer){due_timer.id};
        flow_dirty(&core);
    }
}

/* A case of before calendars: its clock runs on the wall, and is as late as it was. */
static void rows_of_before(void **state) {
    (void)state;
    struct head *h = hear("a", "kim", clock_now());
    struct contact *p = who(h);
    int64_t due = clock_now() + 30 * MINUTE;
    flow_commit(&core);
    *store_add_kase(&core.batch) = (struct row_kase){.id = ++core.ids.kase,
                                                     .contact = p->id,
                                                     .version = 3,
                                                     .opened_seq = h->h.said,
                                                     .last_seq = h->h.said,
                                                     .waiting_since = due - HOUR,
                                                     .due = due,
                                                     .left_ms = NIL,
                                                     .clock = NIL,
                                                     .started = NIL,
                                                     .soon = NIL,
                                                     .promised = NIL,
                                                     .answered_at = NIL,
                                                     .calendar = NIL};
    flow_dirty(&core);
    flow_commit(&core);
    p->loaded = false;
    person_load(&core, p);
    assert_int_equal(state_of(p->kase), CLOCK_RUNNING);
    assert_int_equal(p->kase->promised, due);
}

static void hours_are_a_fact(void **state) {
    (void)state;
    evaluate_start(&core);
    assert_true(office_is_open(&core, NULL));
    assert_true(office_is_open(&core, "day"));
    assert_false(office_is_open(&core, "shut"));
    struct kase *k =
        DECIDE(hear("a", "kim", clock_now()), ENTRY_SAID, {VERB_ASSIGN, "shut", NULL, 0});
    struct entry e = {.conn = &conn, .contact = who(hear("a", "kim", 0)), .said_at = NIL};
    struct buf facts = {0};
    facts_put(&core, &e, &facts);
    assert_int_equal(rec_get_int(buf_view(&facts), FACT_HOURS_OPEN, -1), 0);
    assert_int_equal(rec_get_int(buf_view(&facts), FACT_CLOCK, -1), CLOCK_RUNNING);
    assert_int_equal(rec_get_int(buf_view(&facts), FACT_DUE, -1), k->due);
    buf_free(&facts);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_closed_case_opens_again),
        TEST(another_department_goes_on_with_what_is_left),
        TEST(other_hours_go_on_with_what_is_left),
        TEST(two_cases_become_one),
        TEST(a_reply_without_a_case_is_withdrawn),
        TEST(a_follow_up_is_for_who_stays_silent),
        TEST(rows_of_before),
        TEST(hours_are_a_fact),
    };
    return cmocka_run_group_tests_name("what a clock goes on with", tests, NULL, NULL);
}
