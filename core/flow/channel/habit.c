#include "flow/channel/habit.h"

#include <inttypes.h>
#include <stdlib.h>

enum { DAY_MS = 86400000 };

int64_t habit_usual(const struct habit *h) {
    int64_t most = 0;
    for (size_t i = 0; i < HABIT_DAYS; i++)
        if (h->longest[i] > most) most = h->longest[i];
    return most;
}

/* Days that are over make room for this one. */
static void turn_day(struct habit *h, int64_t today) {
    if (!h->day_seen) h->day_seen = today;
    for (; h->day_seen < today; h->day_seen++) {
        if (today - h->day_seen > HABIT_DAYS) h->day_seen = today - HABIT_DAYS;
        h->longest[(h->day_seen + 1) % HABIT_DAYS] = 0;
    }
}

enum habit_news habit_look(struct habit *h, bool heard, int64_t now) {
    turn_day(h, now / DAY_MS);
    if (heard) {
        int64_t gap = h->heard_at ? now - h->heard_at : 0;
        int64_t *longest = &h->longest[h->day_seen % HABIT_DAYS];
        if (gap > *longest) *longest = gap;
        h->heard_at = now;
        bool back = h->broken;
        h->broken = false;
        return back ? HABIT_BACK : HABIT_NO_NEWS;
    }
    int64_t habit = habit_usual(h), least = habit * HABIT_TIMES;
    if (least < HABIT_LEAST) least = HABIT_LEAST;
    if (h->broken || !habit || !h->heard_at || now - h->heard_at < least) return HABIT_NO_NEWS;
    h->broken = true;
    return HABIT_BROKEN;
}

void habit_write(const struct habit *h, struct buf *out) {
    buf_printf(out, "%" PRId64 " %" PRId64, h->heard_at, h->day_seen);
    for (size_t i = 0; i < HABIT_DAYS; i++) buf_printf(out, " %" PRId64, h->longest[i]);
}

void habit_read(struct habit *h, struct sori_str kept) {
    char *text = mem_text(kept), *at = text;
    *h = (struct habit){0};
    h->heard_at = strtoll(at, &at, 10);
    h->day_seen = strtoll(at, &at, 10);
    for (size_t i = 0; i < HABIT_DAYS; i++) h->longest[i] = strtoll(at, &at, 10);
    free(text);
}
