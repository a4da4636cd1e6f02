/* uses: sori_flow sori_gate sori_store sori_supervise sori_conf sori_lua sori_base */
/* Silence that is longer than a connection's habit is told, once; and again only after it was heard
 * in between. */
#include "flow/channel/habit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define MINUTE 60000ll
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)
#define START  (20000 * DAY)

/* Looks every minute until `to`, as the pump does; how often it was told. */
static int look_until(struct habit *h, int64_t *now, int64_t to, int64_t *told_at) {
    int told = 0;
    for (; *now < to; *now += MINUTE) {
        if (habit_look(h, false, *now) != HABIT_BROKEN) continue;
        told++;
        *told_at = *now;
    }
    return told;
}

/* Heard every `gap`, `times` times. */
static void hear(struct habit *h, int64_t *now, int64_t gap, int times) {
    int64_t told_at = 0;
    for (int i = 0; i < times; i++) {
        assert_int_equal(look_until(h, now, *now + gap, &told_at), 0);
        assert_int_equal(habit_look(h, true, *now), HABIT_NO_NEWS);
    }
}

static void silence_is_told_once(void **state) {
    (void)state;
    struct habit h = {0};
    int64_t now = START, told_at = 0;
    hear(&h, &now, 30 * MINUTE, 20);
    assert_int_equal(habit_usual(&h), 30 * MINUTE);
    int64_t last = now;
    assert_int_equal(look_until(&h, &now, last + DAY / 2, &told_at), 1);
    assert_int_equal(told_at, last + 2 * HOUR); /* four times the longest */
    assert_true(h.broken);
    /* It is heard: said once; and silent again it is told again, by its new habit. */
    assert_int_equal(habit_look(&h, true, now), HABIT_BACK);
    assert_int_equal(habit_look(&h, true, now + 1), HABIT_NO_NEWS);
    assert_false(h.broken);
    assert_int_equal(habit_usual(&h), DAY / 2);
    last = now + 1;
    assert_int_equal(look_until(&h, &now, last + 4 * (DAY / 2) - MINUTE, &told_at), 0);
    assert_int_equal(look_until(&h, &now, last + 5 * (DAY / 2), &told_at), 1);
}

/* One that talks all the time may be quiet for an hour. */
static void an_hour_is_the_least(void **state) {
    (void)state;
    struct habit h = {0};
    int64_t now = START, told_at = 0;
    hear(&h, &now, MINUTE, 100);
    int64_t last = now;
    assert_int_equal(look_until(&h, &now, last + HOUR, &told_at), 0);
    assert_int_equal(look_until(&h, &now, last + 2 * HOUR, &told_at), 1);
    assert_int_equal(told_at, last + HOUR);
}

static void without_a_habit_nothing_is_told(void **state) {
    (void)state;
    struct habit h = {0};
    int64_t now = START, told_at = 0;
    assert_int_equal(look_until(&h, &now, now + DAY, &told_at), 0); /* never heard */
    assert_int_equal(habit_look(&h, true, now), HABIT_NO_NEWS);
    assert_int_equal(look_until(&h, &now, now + DAY, &told_at), 0); /* heard once */
}

/* A long silence of last week, a holiday, says nothing about this one. */
static void old_days_are_forgotten(void **state) {
    (void)state;
    struct habit h = {0};
    int64_t now = START, told_at = 0;
    hear(&h, &now, 20 * HOUR, 2);
    assert_int_equal(habit_usual(&h), 20 * HOUR);
    hear(&h, &now, HOUR, 24 * 6);
    assert_int_equal(habit_usual(&h), 20 * HOUR);
    hear(&h, &now, HOUR, 24 * 3);
    assert_int_equal(habit_usual(&h), HOUR);
    int64_t last = now;
    assert_int_equal(look_until(&h, &now, last + 6 * HOUR, &told_at), 1);
    assert_int_equal(told_at, last + 4 * HOUR);
    /* Silent for more than a week: told once all the same, and its end too. */
    assert_int_equal(look_until(&h, &now, last + 30 * DAY, &told_at), 0);
    assert_int_equal(habit_look(&h, true, now), HABIT_BACK);
}

static void it_is_kept(void **state) {
    (void)state;
    struct habit h = {0}, again = {.broken = true};
    int64_t now = START, told_at = 0;
    hear(&h, &now, 2 * HOUR, 30);
    struct buf b = {0};
    habit_write(&h, &b);
    habit_read(&again, buf_view(&b));
    buf_free(&b);
    assert_int_equal(again.heard_at, h.heard_at);
    assert_int_equal(again.day_seen, h.day_seen);
    assert_memory_equal(again.longest, h.longest, sizeof h.longest);
    assert_false(again.broken);
    int64_t last = now;
    assert_int_equal(look_until(&again, &now, last + DAY, &told_at), 1);
    assert_int_equal(told_at, last + 8 * HOUR);
    habit_read(&again, str_c("no numbers"));
    assert_int_equal(again.heard_at + again.day_seen + habit_usual(&again), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(silence_is_told_once),
        cmocka_unit_test(an_hour_is_the_least),
        cmocka_unit_test(without_a_habit_nothing_is_told),
        cmocka_unit_test(old_days_are_forgotten),
        cmocka_unit_test(it_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
