/* uses: sori_flow sori_gate sori_store sori_supervise sori_conf sori_lua sori_base */
/* Ceilings over what is on disk and what this life remembers: turns one after the other, clocks
 * that were set forwards and back, people who do not count. */
#include "flow/act/act.h"
#include "flow/act/ceiling.h"
#include "flow/command/look.h"

#include "flow_world.h"

#include <string.h>

enum { MIN = 60000, HOUR = 60 * MIN, DAY = 24 * HOUR };

static int64_t now;

static int settle(void **state) {
    begin(state);
    now = core_now(&core);
    generation.id++;
    generation.conf.contact_gap = 10 * MIN;
    generation.conf.hour = 4;
    return 0;
}

static struct contact *person(void) {
    core.ids.contact++;
    struct contact *p = mem_get(sizeof *p);
    *p = (struct contact){.id = core.ids.contact, .replied_at = NIL, .loaded = true};
    map_put(&core.contacts, (uint64_t)p->id, p);
    return p;
}

static struct row_action *add(struct contact *p, int state, int64_t sent_at, const char *actor) {
    struct row_action *a = store_add_action(&core.batch);
    *a = (struct row_action){.id = ++core.ids.action,
                             .interaction = core.ids.action,
                             .verb = VERB_REPLY,
                             .connection = conn.id,
                             .contact = p ? p->id : NIL,
                             .kase = NIL,
                             .kase_version = NIL,
                             .state = state,
                             .due = now,
                             .epoch = NIL,
                             .lease_until = NIL,
                             .sent_at = sent_at,
                             .actor = str_c(actor)};
    flow_dirty(&core);
    return a;
}

/* What was said some time ago, to somebody new. */
static struct contact *said(int64_t ago, const char *actor) {
    struct contact *p = person();
    add(p, ACTION_DONE, now - ago, actor);
    flow_commit(&core);
    return p;
}

static struct row_action action_to(struct contact *p, int turn) {
    return (struct row_action){.id = ++core.ids.action,
                               .connection = conn.id,
                               .contact = p ? p->id : NIL,
                               .sent_at = NIL,
                               .turn = turn};
}

/* Asks for a reply decided now; its turn in ms from now, 0 at once, -1 never. */
static struct turn_told told;
static const char *const why = told.why;
static int64_t turn_of(struct contact *p, int turn) {
    struct row_action a = action_to(p, turn);
    switch (ceiling_ask(&core, &conn, &a, now, &told)) {
    case TURN_NOW: return 0;
    case TURN_LATER: return told.due - now;
    default: return -1;
    }
}
/* Within a second, since clocks go on. */
static void is_about(int64_t wanted, int64_t got) {
    if (got < wanted - 1000 || got > wanted + 1000)
        fail_msg("about %lld ms, not %lld (%s)", (long long)wanted, (long long)got, why);
}

static void the_hour_fills_up(void **state) {
    (void)state;
    assert_int_equal(turn_of(person(), 0), 0);
    for (int64_t i = 0; i < 4; i++) said(50 * MIN - i * 10 * MIN, "");
    said(5 * MIN, "김하늘");
    is_about(10 * MIN, turn_of(person(), 0)); /* when the oldest is an hour old */
    assert_non_null(strstr(why, "waits for its turn: 4 replies an hour on shop (limits.hour)"));
    is_about(25 * MIN, turn_of(person(), 0)); /* and then a quarter of an hour apart */
    is_about(40 * MIN, turn_of(person(), 0));
}

static void people_do_not_count(void **state) {
    (void)state;
    for (int64_t i = 0; i < 9; i++) said(MIN, "김하늘");
    assert_int_equal(turn_of(person(), 0), 0);
}

/* Its turn has come, but the one before it left a moment ago. */
static void no_burst_when_turns_have_come(void **state) {
    (void)state;
    assert_int_equal(turn_of(person(), TURN_FOR_HOUR), 0);
    ceiling_spoke(&core, conn.id, person(), true);
    is_about(15 * MIN, turn_of(person(), TURN_FOR_HOUR));
    is_about(30 * MIN, turn_of(person(), TURN_FOR_HOUR));
}

/* The wall's clock says that all was long ago; this life knows better. */
static void the_clock_was_set_forwards(void **state) {
    (void)state;
    struct contact *p = person();
    for (int i = 0; i < 4; i++) {
        add(p, ACTION_DONE, now - 3 * HOUR, "");
        ceiling_spoke(&core, conn.id, p, true);
    }
    flow_commit(&core);
    is_about(HOUR, turn_of(person(), 0));
    is_about(10 * MIN, turn_of(p, 0));
}

/* What was said is in the future: how long ago it was is not known, so it was just now. */
static void the_clock_was_set_back(void **state) {
    (void)state;
    struct contact *p = said(-2 * DAY, "");
    is_about(10 * MIN, turn_of(p, 0));
    for (int i = 0; i < 3; i++) said(-2 * DAY - i * MIN, "");
    int64_t turn = turn_of(person(), 0);
    assert_true(turn > 0 && turn <= HOUR + 1000);
}

static void one_after_the_other(void **state) {
    (void)state;
    generation.conf.hour = 1000;
    struct contact *p = said(3 * MIN, "");
    is_about(7 * MIN, turn_of(p, 0));
    assert_non_null(strstr(why, "one reply to a person in 10 min (limits.contact_gap)"));
    is_about(17 * MIN, turn_of(p, 0));
    is_about(27 * MIN, turn_of(p, 0));
    assert_int_equal(turn_of(person(), 0), 0);
    struct contact *by_hand = said(3 * MIN, "김하늘");
    assert_int_equal(turn_of(by_hand, 0), 0);
    by_hand->replied_at = now - 3 * MIN;
    is_about(3 * MIN, ceiling_hand(&core, by_hand));
    assert_int_equal(ceiling_hand(&core, p), NIL);
}

/* Another lane speaks to the same person just now. */
static void two_lanes(void **state) {
    (void)state;
    struct contact *p = person();
    struct conn other = {.id = 2, .name = "other", .act_action = 7, .act_contact = p->id};
    core.conn[core.conn_count++] = &other;
    is_about(1000, turn_of(p, 0));
    other.act_action = NIL;
    assert_int_equal(turn_of(p, 0), 0);
}

static void a_turn_that_comes_too_late(void **state) {
    (void)state;
    generation.conf.hour = 1;
    said(MIN, "");
    for (int64_t i = 0; i < 24; i++) is_about(59 * MIN + i * HOUR, turn_of(person(), 0));
    assert_int_equal(turn_of(person(), 0), -1);
    assert_string_equal(why,
                        "its turn would come in 24 h: 1 replies an hour on shop (limits.hour)");
    generation.conf.hour = 0;
    assert_int_equal(turn_of(person(), 0), -1);
    assert_string_equal(why, "rules may not speak at all (limits.hour = 0)");
}

struct seen {
    size_t waiting, due;
};
static void look(void *ctx, const void *row) {
    struct seen *s = ctx;
    const struct row_action *a = row;
    s->waiting++;
    s->due += a->due <= core_now(&core);
}

/* Turns of an earlier life are kept; a change of the limits looks for new ones. */
static void turns_over_restarts_and_reloads(void **state) {
    (void)state;
    struct row_action *a = add(person(), ACTION_READY, NIL, "");
    a->due = now + 40 * MIN;
    a->turn = TURN_FOR_HOUR;
    flow_commit(&core);
    is_about(55 * MIN, turn_of(person(), 0));
    ceiling_look(&core);
    generation.id++;
    ceiling_look(&core); /* nothing of the limits changed */
    struct seen s = {0};
    flow_commit(&core);
    store_actions(core.store, 1u << ACTION_READY, NIL, 10, look, &s);
    assert_true(s.waiting == 1 && s.due == 0);
    generation.id++;
    generation.conf.hour = 60;
    ceiling_look(&core);
    flow_commit(&core);
    s = (struct seen){0};
    store_actions(core.store, 1u << ACTION_READY, NIL, 10, look, &s);
    assert_true(s.waiting == 1 && s.due == 1);
    assert_int_equal(turn_of(person(), 0), 0);
}

/* The same words: each person once, from the store at first, the oldest forgotten in the end. */
static void the_same_words(void **state) {
    (void)state;
    enum { WORDS = 77, OTHER = 78 };
    struct contact *p[8];
    for (int i = 0; i < 8; i++) {
        p[i] = person();
        add(p[i], i % 2 ? ACTION_DONE : ACTION_UNKNOWN, now - (i < 5 ? 10 * MIN : 3 * HOUR),
            i % 3 ? "" : "김하늘")
            ->text_hash = WORDS;
    }
    add(person(), ACTION_DONE, now - MIN, "")->text_hash = OTHER;
    add(person(), ACTION_FAILED, now - MIN, "")->text_hash = WORDS;
    flow_commit(&core);
    int64_t new = person()->id;
    assert_int_equal(same_people(&core, WORDS, new, HOUR, 100), 5);
    assert_int_equal(same_people(&core, WORDS, new, 4 * HOUR, 100), 8);
    assert_int_equal(same_people(&core, WORDS, new, 4 * HOUR, 3), 3);
    assert_int_equal(same_people(&core, WORDS, p[0]->id, HOUR, 100), 4);
    assert_int_equal(same_people(&core, OTHER, new, HOUR, 100), 1);
    assert_int_equal(same_people(&core, 79, new, HOUR, 100), 0);
    /* Spans that no honest policy names. */
    assert_int_equal(same_people(&core, WORDS, new, INT64_MAX, 100), 8);
    assert_int_equal(same_people(&core, WORDS, new, INT64_MIN, 100), 0);
    struct row_action a = {.contact = new, .text_hash = WORDS};
    same_said(&core, &a);
    same_said(&core, &a);
    a.contact = p[0]->id;
    same_said(&core, &a);
    assert_int_equal(same_people(&core, WORDS, NIL, HOUR, 100), 6);
    for (a.contact = 1000; a.contact < 71000; a.contact++) {
        a.text_hash = a.contact % 1000 + 1000;
        same_said(&core, &a);
    }
    assert_int_equal(same_people(&core, WORDS, NIL, HOUR, 100), 0);
    assert_int_equal(same_people(&core, 1999, NIL, HOUR, 10000), 66);
}

/* What an earlier life said is found again whichever connection said it, and the newest first where
 * there is more than is remembered. */
static void the_same_words_of_an_earlier_life(void **state) {
    (void)state;
    enum { WORDS = 77, MANY = 66000 };
    struct conn other = {.id = 2, .name = "other", .plugin = &plugin, .act_action = NIL};
    core.conn[core.conn_count++] = &other;
    for (int i = 0; i < 5; i++) add(person(), ACTION_DONE, now - MIN, "")->text_hash = WORDS;
    struct row_action *old = add(person(), ACTION_DONE, now - 20 * (int64_t)DAY, "");
    old->text_hash = WORDS;
    old->connection = other.id;
    for (int i = 0; i < MANY; i++) {
        add(person(), ACTION_DONE, now - 2 * (int64_t)DAY, "")->text_hash = 1000;
        if (i % 1000 == 0) flow_commit(&core);
    }
    flow_commit(&core);
    int64_t new = person()->id;
    assert_int_equal(same_people(&core, WORDS, new, DAY, 100), 5);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_hour_fills_up, settle, end),
        cmocka_unit_test_setup_teardown(people_do_not_count, settle, end),
        cmocka_unit_test_setup_teardown(no_burst_when_turns_have_come, settle, end),
        cmocka_unit_test_setup_teardown(the_clock_was_set_forwards, settle, end),
        cmocka_unit_test_setup_teardown(the_clock_was_set_back, settle, end),
        cmocka_unit_test_setup_teardown(one_after_the_other, settle, end),
        cmocka_unit_test_setup_teardown(two_lanes, settle, end),
        cmocka_unit_test_setup_teardown(a_turn_that_comes_too_late, settle, end),
        cmocka_unit_test_setup_teardown(the_same_words_of_an_earlier_life, settle, end),
        cmocka_unit_test_setup_teardown(the_same_words, settle, end),
        cmocka_unit_test_setup_teardown(turns_over_restarts_and_reloads, settle, end)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
