#include "conf/conf.h"

#include "base/calendar.h"
#include "base/enums.h"

#include <stdlib.h>

static const int64_t every_default = 120000, rollback_default = 1000;

static void open_connection(struct conf *c, struct sori_str record) {
    c->connections = mem_grow(c->connections, (c->connection_count + 1) * sizeof *c->connections);
    c->connections[c->connection_count++] = (struct conf_connection){
        .name = rec_get_str(record, CONN_NAME),
        .channel = rec_get_str(record, CONN_CHANNEL),
        .every = rec_get_int(record, CONN_EVERY, every_default),
        .mode = (int)rec_get_int(record, CONN_MODE, MODE_APPROVE),
        .line = (int)rec_get_int(record, CONN_LINE, 0),
        .record = record,
    };
}

static void open_workspace(struct conf *c, struct sori_str record) {
    struct rec_field f;
    c->name = rec_get_str(record, 1);
    struct sori_str zone = rec_get_str(record, 2);
    if (zone.len) c->timezone = zone;
    while (rec_next(&record, &f) == 1)
        if (f.tag == 3 && c->lang_count < sizeof c->lang / sizeof *c->lang)
            c->lang[c->lang_count++] = f.s;
}

static void open_calendar(struct conf *c, struct sori_str record) {
    c->calendars = mem_grow(c->calendars, (c->calendar_count + 1) * sizeof *c->calendars);
    c->calendars[c->calendar_count++] =
        (struct conf_calendar){rec_get_str(record, CAL_NAME), record};
}

static void open_keeps(struct conf *c, struct sori_str record) {
    c->keeps = mem_grow(c->keeps, (c->keep_count + 1) * sizeof *c->keeps);
    c->keeps[c->keep_count++] = (struct conf_keeps){rec_get_str(record, 1), rec_get_str(record, 2)};
}

struct sori_str conf_calendar_of(const struct conf *c, struct sori_str department) {
    struct sori_str workspace = {0};
    for (size_t i = 0; i < c->keep_count; i++) {
        if (department.len && str_eq(c->keeps[i].department, department))
            return c->keeps[i].calendar;
        if (!c->keeps[i].department.len) workspace = c->keeps[i].calendar;
    }
    return workspace;
}

/* Times are added to a span: one that is longer than ten years, or less than none, is no span. */
static int64_t span_of(struct sori_str record, uint32_t tag, int64_t usual) {
    static const int64_t most = (int64_t)3652 * 86400000;
    int64_t ms = rec_get_int(record, tag, usual);
    return ms < 0 || ms > most ? usual : ms;
}

static void open_limits(struct conf *c, struct sori_str record) {
    c->contact_gap = span_of(record, LIMIT_CONTACT_GAP, c->contact_gap);
    c->hour = rec_get_int(record, LIMIT_HOUR, c->hour);
    c->horizon = span_of(record, LIMIT_HORIZON, c->horizon);
    c->spool_max = rec_get_int(record, LIMIT_SPOOL, c->spool_max);
    c->raw_keep = span_of(record, LIMIT_RAW_KEEP, c->raw_keep);
    c->due_soon = span_of(record, LIMIT_DUE_SOON, c->due_soon);
}

bool conf_open(struct buf *record, struct conf *c, struct err *err) {
    *c = (struct conf){.bytes = *record,
                       .timezone = SORI_STR("UTC"),
                       .contact_gap = 600000,
                       .hour = 60,
                       .horizon = 7 * (int64_t)86400000,
                       .spool_max = (int64_t)1 << 30,
                       .raw_keep = 7 * (int64_t)86400000,
                       .max_change = -1,
                       .rollback = rollback_default,
                       .watch = true,
                       .due_soon = 15 * 60000};
    *record = (struct buf){0};
    struct sori_str r = buf_view(&c->bytes);
    struct rec_field f;
    if (!rec_valid(r, 4)) {
        conf_close(c);
        return err_set(err, "the configuration's record is broken");
    }
    while (rec_next(&r, &f) == 1) {
        if (f.type != REC_REC) continue;
        if (f.tag == CONF_WORKSPACE) open_workspace(c, f.s);
        if (f.tag == CONF_CONNECTION) open_connection(c, f.s);
        if (f.tag == CONF_LIMITS) open_limits(c, f.s);
        if (f.tag == CONF_CALENDAR) open_calendar(c, f.s);
        if (f.tag == CONF_KEEPS) open_keeps(c, f.s);
        if (f.tag == CONF_RELOAD) {
            c->max_change = rec_get_int(f.s, 1, c->max_change);
            c->rollback = rec_get_int(f.s, 2, c->rollback);
            c->watch = rec_get_int(f.s, 3, 1) != 0;
        }
        if (f.tag == CONF_METRICS) c->metrics_listen = rec_get_str(f.s, 1);
        if (f.tag != CONF_GATE) continue;
        c->gate_listen = rec_get_str(f.s, 1);
        c->gate_public = rec_get_str(f.s, 2);
    }
    if (c->lang_count == 0) c->lang[c->lang_count++] = SORI_STR("en");
    return true;
}

void conf_close(struct conf *c) {
    free(c->connections);
    free(c->calendars);
    free(c->keeps);
    buf_free(&c->bytes);
    *c = (struct conf){0};
}
