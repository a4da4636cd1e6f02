#include "flow/person/office.h"

#include "base/log.h"

#include <stdlib.h>

static int64_t put(struct core *c, struct sori_str record) {
    struct err err;
    int64_t blob = blob_put(c->store, record, &err);
    if (blob == NIL) log_line(LOG_ERROR, "core", "a calendar could not be kept: %s", err.text);
    return blob;
}

static void warn(const struct generation *g, int64_t now) {
    for (size_t i = 0; i < g->office_count; i++) {
        if (!calendar_ends(&g->office[i].calendar, now)) continue;
        struct buf b = {0};
        calendar_put_end(&b, &g->office[i].calendar);
        log_line(LOG_WARN, "core", "%.*s", STR(buf_view(&b)));
        buf_free(&b);
        return;
    }
}

void office_open(struct core *c, struct generation *g) {
    const struct conf *conf = &g->conf;
    g->office = mem_get((conf->calendar_count + 1) * sizeof *g->office);
    for (size_t i = 0; i < conf->calendar_count; i++) {
        struct office *o = &g->office[g->office_count];
        if (!calendar_read(conf->calendars[i].record, &o->calendar)) {
            log_line(LOG_ERROR, "core", "calendar \"%.*s\" cannot be read: no clock runs on it",
                     STR(conf->calendars[i].name));
            continue;
        }
        o->blob = put(c, conf->calendars[i].record);
        o->from = o->until = INT64_MIN;
        g->office_count++;
    }
    warn(g, core_now(c));
}

void office_close(struct generation *g) {
    for (size_t i = 0; i < g->office_count; i++) calendar_free(&g->office[i].calendar);
    free(g->office);
    g->office = NULL;
    g->office_count = 0;
}

static struct office *by_name(struct generation *g, struct sori_str name) {
    for (size_t i = 0; i < g->office_count; i++)
        if (str_eq(g->office[i].calendar.name, name)) return &g->office[i];
    return NULL;
}

static bool has_department(const struct conf *conf, struct sori_str name) {
    struct rec_field f;
    for (struct sori_str all = buf_view(&conf->bytes); rec_next(&all, &f) == 1;)
        if (f.tag == CONF_DEPARTMENT && f.type == REC_REC && str_eq(rec_get_str(f.s, 1), name))
            return true;
    return false;
}

static bool has_calendar(const struct conf *conf, struct sori_str name) {
    for (size_t i = 0; i < conf->calendar_count; i++)
        if (str_eq(conf->calendars[i].name, name)) return true;
    return has_department(conf, name);
}

/* In the configuration that is live, or in one whose last decisions are still on their way. */
static const char *known(struct core *c, struct sori_str name,
                         bool (*has)(const struct conf *, struct sori_str)) {
    if (!name.len) return NULL;
    if (c->active && has(&c->active->conf, name)) return intern(c, name);
    for (struct generation *g = c->draining; g; g = g->drains_after)
        if (has(&g->conf, name)) return intern(c, name);
    return NULL;
}

const char *office_department(struct core *c, struct sori_str name) {
    return known(c, name, has_department);
}
const char *office_calendar(struct core *c, struct sori_str name) {
    return known(c, name, has_calendar);
}

struct office *office_of(struct core *c, const char *department, const char *named) {
    struct generation *g = c->active;
    if (!g || !g->office_count) return NULL;
    struct office *o = named ? by_name(g, conf_calendar_of(&g->conf, str_c(named))) : NULL;
    if (named && by_name(g, str_c(named))) o = by_name(g, str_c(named));
    if (o) return o;
    struct sori_str name = conf_calendar_of(&g->conf, str_c(department));
    return name.len ? by_name(g, name) : NULL;
}

/* ---- those of before ---- */

static void forget(struct office *o) {
    calendar_free(&o->calendar);
    free(o->bytes);
    *o = (struct office){.blob = NIL};
}

static const struct calendar *take_up(struct core *c, int64_t blob) {
    if (!c->old_office) c->old_office = mem_get(OLD_OFFICES * sizeof *c->old_office);
    struct office *o = &c->old_office[c->old_office_next++ % OLD_OFFICES];
    struct buf bytes = {0};
    if (o->bytes) forget(o);
    bool good = blob_get(c->store, blob, &bytes) && calendar_read(buf_view(&bytes), &o->calendar);
    if (!good) {
        buf_free(&bytes);
        return NULL;
    }
    o->blob = blob;
    o->bytes = bytes.data; /* the record that the calendar borrows */
    return &o->calendar;
}

const struct calendar *office_by_blob(struct core *c, int64_t blob) {
    if (blob == NIL) return NULL;
    for (size_t i = 0; c->active && i < c->active->office_count; i++)
        if (c->active->office[i].blob == blob) return &c->active->office[i].calendar;
    for (size_t i = 0; c->old_office && i < OLD_OFFICES; i++)
        if (c->old_office[i].bytes && c->old_office[i].blob == blob)
            return &c->old_office[i].calendar;
    return take_up(c, blob);
}

bool office_is_open(struct core *c, const char *department) {
    struct office *o = office_of(c, department, NULL);
    if (!o) return true;
    if (c->now < o->from || c->now >= o->until) {
        o->open = calendar_until(&o->calendar, c->now, &o->until);
        o->from = c->now;
    }
    return o->open;
}
