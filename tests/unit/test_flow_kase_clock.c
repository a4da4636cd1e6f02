/* uses: sori_flow sori_gate sori_store sori_supervise sori_conf sori_lua sori_base */
/* The clock of a case in the flow: from when it counts, on which calendar, what pauses and ends it,
 * and what it goes on with when hours change. */
#include "flow/act.h"
#include "flow/office.h"
#include "flow/record.h"

#include "base/clock.h"
#include "flow_world.h"
#include "lua/policy.h"

#include <stdio.h>

enum { MINUTE = 60000, HOUR = 60 * MINUTE };

/* ---- a world with hours ---- */

/* Days from today on, as dates that are closed: "2026-11-22", "2026-11-23". */
static const char *days(int from, int count) {
    static char text[256];
    size_t n = 0;
    for (int i = from; i < from + count; i++) {
        struct buf b = {0};
        clock_rfc3339(&b, clock_now() + (int64_t)i * 24 * HOUR);
        n += (size_t)snprintf(text + n, sizeof text - n, "%s\"%.10s\"", i > from ? ", " : "",
                              b.data);
        buf_free(&b);
    }
    return text;
}

/* The first instant of a day from today on, UTC. */
static int64_t midnight(int day) {
    int64_t now = clock_now();
    return now - now % (24 * HOUR) + (int64_t)day * 24 * HOUR;
}

static void hours(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void hours(const char *format, ...) {
    char text[2048];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    struct buf source = {0}, record = {0}, errors = {0};
    buf_printf(&source, "workspace { name = \"a\", timezone = \"UTC\"%s", text);
    if (!conf_read(buf_view(&source), "sori.lua", &record, &errors)) fail_msg("%s", errors.data);
    office_close(&generation);
    conf_close(&generation.conf);
    assert_true(conf_open(&record, &generation.conf, NULL));
    office_open(&core, &generation);
    kase_walk_begin(&core);
    buf_free(&source);
    buf_free(&errors);
}

/* "shut": closed today and tomorrow. "day": always open. The workspace says nothing. */
static void usual_hours(void) {
    hours(" }\ncalendar \"day\" { hours = \"mon-sun 00:00-24:00\" }\n"
          "department \"day\" { calendar = \"day\" }\n"
          "department \"shut\" { hours = \"mon-sun 00:00-24:00\", holidays = { %s } }\n",
          days(0, 2));
}

static int begin_hours(void **state) {
    begin(state);
    usual_hours();
    return 0;
}

static int end_hours(void **state) {
    office_close(&generation);
    conf_close(&generation.conf);
    generation.conf = (struct conf){.bytes = {0}};
    return end(state);
}

/* ---- words and decisions ---- */

static struct head *hear(const char *id, const char *author, int64_t said_at) {
    struct sori_item item = {.struct_size = sizeof item,
                             .kind = SORI_KIND_COMMENT,
                             .native_id = str_c(id),
                             .author_id = str_c(author),
                             .text = SORI_STR("배송이 늦어요"),
                             .said_at = said_at};
    record_item(&core, &conn, &item, (struct arrival){NIL, NIL});
    return head_seen(&core, record_space(&core, &conn, &item), item.native_id);
}

static struct contact *who(const struct head *h) {
    struct row_author row;
    assert_true(person_row(&core, h->h.author, &row));
    return person_contact(&core, row.contact);
}

struct want {
    int verb;
    const char *name, *text;
    int64_t value;
};

/* A decision about the word (or about its case's clock) takes effect. */
static struct kase *decide(const struct head *h, int kind, const struct want *wants, size_t n) {
    struct buf d = {0};
    struct contact *p = who(h);
    struct entry *e = entry_new(&core, 16);
    entry_conn(e, &conn);
    e->contact = p;
    e->interaction = h->h.id;
    e->kind = kind;
    e->said_at = h->h.said_at;
    e->heard_at = e->at = core_now(&core);
    e->fresh = true;
    e->can = SORI_CAN_REPLY;
    e->rev = h->h.rev;
    person_load(&core, p);
    e->kase = p->kase ? p->kase->id : NIL;
    /* The word itself was decided as past: this is an entry of its own. */
    e->seq = flow_journal(&core, kind, p->id, h->h.id, e->kase, SORI_STR("test"),
                          (struct sori_str){0}, (struct sori_str){0}, NIL);
    rec_int(&d, DEC_STATUS, n ? DECISION_DECIDED : DECISION_NONE);
    for (size_t i = 0; i < n; i++) {
        size_t mark = rec_begin(&d, DEC_INTENT);
        rec_int(&d, INTENT_VERB, wants[i].verb);
        if (wants[i].name) rec_str(&d, INTENT_NAME, str_c(wants[i].name));
        if (wants[i].text) rec_str(&d, INTENT_TEXT, str_c(wants[i].text));
        if (wants[i].value) rec_int(&d, INTENT_VALUE, wants[i].value);
        rec_end(&d, mark);
    }
    effect_apply(&core, e, (struct sori_str){0}, buf_view(&d));
    buf_free(&d);
    entry_free(&core, e);
    return p->kase;
}
#define DECIDE(h, kind, ...)                                                                       \
    decide(h, kind, (const struct want[]){__VA_ARGS__},                                            \
           sizeof((const struct want[]){__VA_ARGS__}) / sizeof(struct want))

static size_t timers(int kind) {
    size_t n = 0;
    flow_dirty(&core);
    kase_flush(&core);
    for (size_t i = 0; i < core.batch.timer_n; i++) n += core.batch.timer[i].kind == kind;
    return n;
}

static int state_of(const struct kase *k) {
    core_now(&core);
    return kase_clock_state(&core, k);
}

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
    kase_answered(&core, who(h), NIL, h->h.id, NIL, false);
    assert_int_equal(k->state, KASE_PENDING);
    kase_answered(&core, who(h), NIL, h->h.id, NIL, true);
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
    kase_answered(&core, who(h), core.ids.seq, h->h.id, NIL, true);
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

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin_hours, end_hours)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(it_counts_from_their_own_time),
        TEST(what_is_heard_late_is_late),
        TEST(the_departments_hours),
        TEST(who_waits_does_not_wait_longer),
        TEST(a_rule_pauses_and_the_person_goes_on),
        TEST(a_failed_question_lets_it_go_on),
        TEST(what_was_late_is_late_when_it_wakes),
        TEST(a_rule_stops_it),
        TEST(an_answer_by_hand_counts_by_its_own_time),
        TEST(an_alert_that_was_answered_says_nothing),
        TEST(an_answer_to_older_words_leaves_newer_ones),
        TEST(a_closed_case_opens_again),
        TEST(another_department_goes_on_with_what_is_left),
        TEST(other_hours_go_on_with_what_is_left),
        TEST(two_cases_become_one),
        TEST(a_reply_without_a_case_is_withdrawn),
        TEST(a_follow_up_is_for_who_stays_silent),
        TEST(rows_of_before),
        TEST(hours_are_a_fact),
    };
    return cmocka_run_group_tests_name("the clock of a case", tests, NULL, NULL);
}
