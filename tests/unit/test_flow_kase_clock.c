/* uses: sori_flow sori_gate sori_store sori_supervise sori_conf sori_lua sori_base */
/* The clock of a case in the flow: from when it counts, on which calendar, what pauses and ends it.
 */
#include "unit/clock_world.h"

/* ---- from when, and for how long ---- */

static void it_counts_from_their_own_time(void **state) {
    (void)state;
    int64_t now = clock_now(), said = now - 20 * MINUTE;
    struct kase *k = DECIDE(hear("a", "kim", said), ENTRY_SAID, {VERB_HOLD, NULL, "look", 0});
    assert_int_equal(k->due, said + HOUR);
    assert_int_equal(k->soon, said + 45 * MINUTE);
    assert_int_equal(k->waiting_since, said);
    assert_int_equal(k->promised, k->due);
    assert_int_equal(state_of(k), CLOCK_RUNNING);
    assert_int_equal(timers(ENTRY_DUE_SOON), 1);
    assert_int_equal(timers(ENTRY_OVERDUE), 1);
    /* A platform's clock that is ahead does not give us time. */
    k = DECIDE(hear("b", "lee", now + 5 * HOUR), ENTRY_SAID, {VERB_HOLD, NULL, "look", 0});
    assert_in_range(k->due, now + HOUR, clock_now() + HOUR);
    /* No time of theirs: when we heard of it. */
    k = DECIDE(hear("c", "park", 0), ENTRY_SAID, {VERB_HOLD, NULL, "look", 0});
    assert_in_range(k->due, now + HOUR, clock_now() + HOUR);
}

static void what_is_heard_late_is_late(void **state) {
    (void)state;
    int64_t said = clock_now() - 2 * HOUR;
    struct kase *k = DECIDE(hear("a", "kim", said), ENTRY_SAID, {VERB_HOLD, NULL, "look", 0});
    assert_int_equal(k->due, said + HOUR);
    assert_int_equal(state_of(k), CLOCK_BREACHED);
    assert_int_equal(timers(ENTRY_DUE_SOON), 0);
    assert_int_equal(timers(ENTRY_OVERDUE), 1);
    /* Less than a quarter is left: it says at once that it is due soon. */
    said = clock_now() - 50 * MINUTE;
    k = DECIDE(hear("b", "lee", said), ENTRY_SAID, {VERB_HOLD, NULL, "look", 0});
    assert_int_equal(state_of(k), CLOCK_DUE_SOON);
    assert_int_equal(timers(ENTRY_DUE_SOON), 1);
    /* A clock that is shorter than that is never due soon. */
    k = DECIDE(hear("c", "park", clock_now()), ENTRY_SAID, {VERB_CLOCK, NULL, NULL, 10 * MINUTE});
    assert_int_equal(k->soon, NIL);
    assert_int_equal(timers(ENTRY_DUE_SOON), 1);
}

static void the_departments_hours(void **state) {
    (void)state;
    int64_t said = clock_now() - 20 * MINUTE;
    /* Whatever the order: one clock, on the calendar of who it is given to, as long as is said. */
    struct kase *k = DECIDE(hear("a", "kim", said), ENTRY_SAID, {VERB_HOLD, NULL, "look", 0},
                            {VERB_CLOCK, NULL, NULL, 4 * HOUR}, {VERB_ASSIGN, "shut", NULL, 0});
    assert_int_equal(k->due, midnight(2) + 4 * HOUR);
    assert_int_equal(k->soon, midnight(2) + 4 * HOUR - 15 * MINUTE);
    assert_string_equal(k->department, "shut");
    assert_int_equal(k->calendar, office_of(&core, "shut", NULL)->blob);
    assert_int_equal(state_of(k), CLOCK_RUNNING);
    assert_int_equal(timers(ENTRY_OVERDUE), 1);
    /* Without hours: the wall. */
    k = DECIDE(hear("b", "lee", said), ENTRY_SAID, {VERB_ASSIGN, "nobody", NULL, 0});
    assert_int_equal(k->due, said + HOUR);
    assert_int_equal(k->calendar, NIL);
    /* A calendar that the policy names. */
    k = DECIDE(hear("c", "park", said), ENTRY_SAID, {VERB_ASSIGN, "shut", NULL, 0},
               {VERB_CLOCK, "day", NULL, 2 * HOUR});
    assert_int_equal(k->due, said + 2 * HOUR);
    assert_string_equal(k->named, "day");
}

/* A policy's worker that was taken over may name anything: nothing of it lives as long as the core.
 */
static void names_of_no_configuration_are_not_remembered(void **state) {
    (void)state;
    struct kase *k =
        DECIDE(hear("n", "kim", clock_now()), ENTRY_SAID, {VERB_ASSIGN, "day", NULL, 0});
    size_t known = core.strings.count;
    for (int i = 0; i < 50; i++) {
        char name[16], native[16];
        snprintf(name, sizeof name, "forged%d", i);
        snprintf(native, sizeof native, "n%d", i);
        DECIDE(hear(native, "kim", clock_now()), ENTRY_SAID, {VERB_ASSIGN, name, NULL, 0},
               {VERB_CLOCK, name, NULL, MINUTE * (50 - i)});
        DECIDE(hear(native, native, clock_now()), ENTRY_SAID, {VERB_CLOCK, name, NULL, HOUR},
               {VERB_ASSIGN, name, NULL, 0});
    }
    assert_string_equal(k->department, "day");
    assert_null(k->named);
    assert_int_equal(core.strings.count, known);
}

static void who_waits_does_not_wait_longer(void **state) {
    (void)state;
    int64_t said = clock_now() - 30 * MINUTE;
    struct kase *k = DECIDE(hear("a", "kim", said), ENTRY_SAID, {VERB_CLOCK, NULL, NULL, HOUR});
    int64_t due = k->due, version = k->version;
    DECIDE(hear("b", "kim", said + 20 * MINUTE), ENTRY_SAID, {VERB_CLOCK, NULL, NULL, HOUR});
    assert_int_equal(k->due, due);
    assert_int_equal(k->version, version);
    DECIDE(hear("c", "kim", said + 25 * MINUTE), ENTRY_SAID, {VERB_CLOCK, NULL, NULL, 10 * MINUTE});
    assert_int_equal(k->due, said + 35 * MINUTE);
    assert_int_equal(k->promised, k->due);
    /* Late stays late, however often they ask again … */
    k = DECIDE(hear("d", "lee", clock_now() - 3 * HOUR), ENTRY_SAID,
               {VERB_CLOCK, NULL, NULL, HOUR});
    due = k->due;
    DECIDE(hear("e", "lee", clock_now()), ENTRY_SAID, {VERB_CLOCK, NULL, NULL, HOUR});
    assert_int_equal(k->due, due);
    /* … and where its entry says so a new clock begins, with the promise broken all the same. */
    DECIDE(hear("d", "lee", 0), ENTRY_OVERDUE, {VERB_CLOCK, NULL, NULL, 30 * MINUTE});
    assert_in_range(k->due, core.now + 29 * MINUTE, core.now + 30 * MINUTE);
    assert_int_equal(state_of(k), CLOCK_BREACHED);
    assert_int_equal(k->promised, due);
}

/* ---- standing and ending ---- */

static void a_rule_pauses_and_the_person_goes_on(void **state) {
    (void)state;
    int64_t said = clock_now() - 10 * MINUTE;
    struct kase *k = DECIDE(hear("a", "kim", said), ENTRY_SAID,
                            {VERB_PAUSE_CLOCK, NULL, "asked for the order number", 0},
                            {VERB_ASSIGN, "day", NULL, 0});
    assert_int_equal(state_of(k), CLOCK_PAUSED);
    assert_int_equal(k->state, KASE_PENDING);
    assert_int_equal(k->due, NIL);
    assert_in_range(k->left_ms, 50 * MINUTE - 5000, 50 * MINUTE);
    assert_int_equal(k->promised, NIL); /* nothing is broken, and nothing promised meanwhile */
    assert_string_equal(k->paused, "asked for the order number");
    assert_int_equal(timers(ENTRY_OVERDUE), 0);
    int64_t left = k->left_ms;
    /* No rule needs to match: they have written. */
    decide(hear("b", "kim", clock_now()), ENTRY_SAID, NULL, 0);
    assert_int_equal(k->state, KASE_OPEN);
    assert_int_equal(state_of(k), CLOCK_RUNNING);
    assert_int_equal(k->due, k->started + left);
    assert_int_equal(k->promised, k->due);
    assert_null(k->paused);
    /* What is left counts in open hours: given to who is closed, it waits for the morning. */
    kase_pause(&core, k, KASE_PENDING, SORI_STR("somebody asked"));
    left = k->left_ms;
    kase_department(&core, k, SORI_STR("shut"));
    decide(hear("c", "kim", clock_now()), ENTRY_SAID, NULL, 0);
    assert_int_equal(k->due, midnight(2) + left);
}

/* The question that it stands for was refused: nobody was asked anything. */
static void a_failed_question_lets_it_go_on(void **state) {
    (void)state;
    struct head *h = hear("a", "kim", clock_now());
    struct kase *k = DECIDE(h, ENTRY_SAID, {VERB_PAUSE_CLOCK, NULL, "asked", 0});
    struct row_action a = {.seq = core.ids.seq, .interaction = h->h.id, .contact = k->contact};
    act_needs_person(&core, &a, "refused: the post is closed");
    assert_int_equal(k->state, KASE_OPEN);
    assert_int_equal(state_of(k), CLOCK_RUNNING);
    /* What a rule says meanwhile does not end the waiting; a person's answer does. */
    kase_pause(&core, k, KASE_PENDING, SORI_STR("asked"));
    kase_answered(&core, who(h), NIL, h->h.id, NIL, NIL, false);
    assert_int_equal(k->state, KASE_PENDING);
    kase_answered(&core, who(h), NIL, h->h.id, NIL, NIL, true);
    assert_int_equal(k->state, KASE_ANSWERED);
    assert_int_equal(state_of(k), CLOCK_MET);
}

static void what_was_late_is_late_when_it_wakes(void **state) {
    (void)state;
    struct kase *k =
        DECIDE(hear("a", "kim", clock_now() - 2 * HOUR), ENTRY_SAID, {VERB_HOLD, NULL, "x", 0});
    int64_t promised = k->promised;
    kase_pause(&core, k, KASE_SNOOZED, SORI_STR("asleep"));
    assert_true(k->left_ms < 0);
    kase_resume(&core, k);
    assert_int_equal(k->due, k->started);
    assert_int_equal(k->promised, promised);
    assert_int_equal(state_of(k), CLOCK_BREACHED);
}

static void a_rule_stops_it(void **state) {
    (void)state;
    struct kase *k = DECIDE(hear("a", "kim", clock_now()), ENTRY_SAID,
                            {VERB_STOP_CLOCK, NULL, NULL, 0}, {VERB_HOLD, NULL, "to read", 0});
    assert_int_equal(state_of(k), CLOCK_STOPPED);
    assert_int_equal(k->state, KASE_OPEN);
    assert_int_equal(timers(ENTRY_OVERDUE), 0);
    /* Nobody waits, whatever else is done about it … */
    kase_open(&core, who(hear("a", "kim", 0)), core.ids.seq, k->last_interaction, "refused");
    assert_int_equal(state_of(k), CLOCK_STOPPED);
    /* … until they write again, and somebody is needed. */
    DECIDE(hear("b", "kim", clock_now()), ENTRY_SAID, {VERB_HOLD, NULL, "again", 0});
    assert_int_equal(state_of(k), CLOCK_RUNNING);
}

static struct sori_item by_hand(const char *id, const char *parent, int64_t said_at) {
    return (struct sori_item){.struct_size = sizeof(struct sori_item),
                              .kind = SORI_KIND_COMMENT,
                              .native_id = str_c(id),
                              .parent = str_c(parent),
                              .author_id = SORI_STR("us"),
                              .origin = SORI_ORIGIN_US_BY_HAND,
                              .text = SORI_STR("바로 보내 드리겠습니다"),
                              .said_at = said_at};
}

static bool told(const char *part) {
    for (size_t i = 0; i < core.batch.journal_n; i++) {
        const struct row_journal *j = &core.batch.journal[i];
        if (j->kind == ENTRY_OUTCOME && j->text.len &&
            memmem(j->text.ptr, j->text.len, part, strlen(part)))
            return true;
    }
    return false;
}

/* The hour ended, the alert was given; then the answer of half a minute before is polled. */
static void an_answer_by_hand_counts_by_its_own_time(void **state) {
    (void)state;
    int64_t said = clock_now() - HOUR - 2000;
    struct kase *k = DECIDE(hear("a", "kim", said), ENTRY_SAID, {VERB_ASSIGN, "day", NULL, 0});
    assert_int_equal(state_of(k), CLOCK_BREACHED);
    DECIDE(hear("a", "kim", 0), ENTRY_OVERDUE, {VERB_ALERT, NULL, "day: 1 h without an answer", 0},
           {VERB_CLOCK, NULL, NULL, 30 * MINUTE});
    int64_t version = k->version;
    struct sori_item answer = by_hand("r", "a", said + HOUR - 30000);
    record_item(&core, &conn, &answer, (struct arrival){NIL, NIL});
    assert_int_equal(k->state, KASE_ANSWERED);
    assert_true(k->version > version); /* its timers are dead */
    assert_int_equal(k->answered_at, said + HOUR - 30000);
    assert_int_equal(state_of(k), CLOCK_MET);
    assert_true(told("the alert is withdrawn: answered in time, at "));
    assert_string_equal(k->reason, "withdrawn, answered in time: day: 1 h without an answer");
    /* After the hour it is late, and no alert was wrong. */
    struct kase *l = DECIDE(hear("b", "lee", said), ENTRY_SAID, {VERB_ALERT, NULL, "late", 0});
    answer = by_hand("s", "b", said + HOUR + 1);
    record_item(&core, &conn, &answer, (struct arrival){NIL, NIL});
    assert_int_equal(state_of(l), CLOCK_BREACHED);
    assert_string_equal(l->reason, "late");
    /* To the very instant it is in time. */
    l = DECIDE(hear("c", "park", said), ENTRY_SAID, {VERB_ALERT, NULL, "late", 0});
    answer = by_hand("t", "c", said + HOUR);
    record_item(&core, &conn, &answer, (struct arrival){NIL, NIL});
    assert_int_equal(state_of(l), CLOCK_MET);
}

/* The answer comes between the timer and the decision about it: nothing follows. */
static void an_alert_that_was_answered_says_nothing(void **state) {
    (void)state;
    struct head *h = hear("a", "kim", clock_now() - HOUR);
    struct kase *k = DECIDE(h, ENTRY_SAID, {VERB_ASSIGN, "day", NULL, 0});
    kase_answered(&core, who(h), core.ids.seq, h->h.id, NIL, NIL, true);
    DECIDE(h, ENTRY_OVERDUE, {VERB_ASSIGN, "lead", NULL, 0}, {VERB_ALERT, NULL, "late", 0});
    assert_int_equal(k->state, KASE_ANSWERED);
    assert_string_equal(k->department, "day");
    assert_true(told("what the clock said is withdrawn"));
}

static void an_answer_to_older_words_leaves_newer_ones(void **state) {
    (void)state;
    int64_t now = clock_now();
    struct kase *k =
        DECIDE(hear("a", "kim", now - 30 * MINUTE), ENTRY_SAID, {VERB_HOLD, NULL, "x", 0});
    DECIDE(hear("b", "kim", now - 10 * MINUTE), ENTRY_SAID, {VERB_HOLD, NULL, "x", 0});
    struct sori_item answer = by_hand("r", "a", now - 20 * MINUTE);
    record_item(&core, &conn, &answer, (struct arrival){NIL, NIL});
    assert_int_equal(k->state, KASE_OPEN);
    answer = by_hand("s", "a", now - 5 * MINUTE);
    record_item(&core, &conn, &answer, (struct arrival){NIL, NIL});
    assert_int_equal(k->state, KASE_ANSWERED);
    assert_int_equal(state_of(k), CLOCK_MET);
    /* They write again: a new promise, from then on. */
    DECIDE(hear("c", "kim", now - MINUTE), ENTRY_SAID, {VERB_HOLD, NULL, "x", 0});
    assert_int_equal(k->state, KASE_OPEN);
    assert_int_equal(k->due, now - MINUTE + HOUR);
    assert_int_equal(k->answered_at, NIL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(it_counts_from_their_own_time),
        TEST(what_is_heard_late_is_late),
        TEST(the_departments_hours),
        TEST(names_of_no_configuration_are_not_remembered),
        TEST(who_waits_does_not_wait_longer),
        TEST(a_rule_pauses_and_the_person_goes_on),
        TEST(a_failed_question_lets_it_go_on),
        TEST(what_was_late_is_late_when_it_wakes),
        TEST(a_rule_stops_it),
        TEST(an_answer_by_hand_counts_by_its_own_time),
        TEST(an_alert_that_was_answered_says_nothing),
        TEST(an_answer_to_older_words_leaves_newer_ones),
    };
    return cmocka_run_group_tests_name("the clock of a case", tests, NULL, NULL);
}
