/* A flow whose cases run on office hours, for tests of their clocks. */
#ifndef UNIT_CLOCK_WORLD_H
#define UNIT_CLOCK_WORLD_H

#include "flow/act/act.h"
#include "flow/person/office.h"
#include "flow/record.h"

#include "base/clock.h"
#include "flow_world.h"
#include "lua/policy.h"

#include <stdio.h>

enum { MINUTE = 60000, HOUR = 60 * MINUTE };

/* ---- a world with hours ---- */

/* Days from today on, as dates that are closed: "2026-11-22", "2026-11-23". */
static inline const char *days(int from, int count) {
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
static inline int64_t midnight(int day) {
    int64_t now = clock_now();
    return now - now % (24 * HOUR) + (int64_t)day * 24 * HOUR;
}

static inline void hours(const char *format, ...) __attribute__((format(printf, 1, 2)));
static inline void hours(const char *format, ...) {
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
static inline void usual_hours(void) {
    hours(" }\ncalendar \"day\" { hours = \"mon-sun 00:00-24:00\" }\n"
          "department \"day\" { calendar = \"day\" }\n"
          "department \"shut\" { hours = \"mon-sun 00:00-24:00\", holidays = { %s } }\n",
          days(0, 2));
}

static inline int begin_hours(void **state) {
    begin(state);
    usual_hours();
    return 0;
}

static inline int end_hours(void **state) {
    office_close(&generation);
    conf_close(&generation.conf);
    generation.conf = (struct conf){.bytes = {0}};
    return end(state);
}

/* ---- words and decisions ---- */

static inline struct head *hear(const char *id, const char *author, int64_t said_at) {
    struct sori_item item = {.struct_size = sizeof item,
                             .kind = SORI_KIND_COMMENT,
                             .native_id = str_c(id),
                             .author_id = str_c(author),
                             .text = SORI_STR("배송이 늦어요"),
                             .said_at = said_at};
    record_item(&core, &conn, &item, (struct arrival){NIL, NIL});
    return head_seen(&core, record_space(&core, &conn, &item), item.native_id);
}

static inline struct contact *who(const struct head *h) {
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
static inline struct kase *decide(const struct head *h, int kind, const struct want *wants,
                                  size_t n) {
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

static inline size_t timers(int kind) {
    size_t n = 0;
    flow_dirty(&core);
    kase_flush(&core);
    for (size_t i = 0; i < core.batch.timer_n; i++) n += core.batch.timer[i].kind == kind;
    return n;
}

static inline int state_of(const struct kase *k) {
    core_now(&core);
    return kase_clock_state(&core, k);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin_hours, end_hours)

#endif
