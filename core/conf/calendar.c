/* From hours as written to compiled calendars: one for the workspace, one for each named calendar,
 * one for each department that says any hours of its own. What one leaves out is as the workspace
 * has it. */
#include "conf/inner.h"

#include "almanac/almanac.h"
#include "base/calendar.h"
#include "conf/conf.h"
#include "conf/hours.h"

#include <stdio.h>
#include <stdlib.h>

static const char workspace_name[] = "workspace";

struct free_day {
    int64_t day;
    struct sori_str name;
};
struct compile {
    struct reader *r;
    struct sori_str whole;     /* a copy of what was read: the record grows meanwhile */
    struct sori_str workspace; /* its record */
    struct free_day *korea;    /* asked for once */
    size_t korea_count;
    bool korea_known, korea_asked;
    struct sori_str name[300]; /* of calendars, with the block that made each */
    const char *by[300];
    size_t count;
};

/* ---- where a thing was written ---- */

static int line_of(const struct compile *x, const char *keyword, struct sori_str name,
                   const char *word) {
    const struct lines *lines = &x->r->lines;
    for (size_t i = 0; i < lines->count; i++) {
        const struct line_block *b = &lines->blocks[i];
        if (str_is(b->keyword, keyword) && str_eq(b->name, name))
            return lines_key(b, str_c(word), b->line);
    }
    return 1;
}

static bool has(struct sori_str record, uint32_t tag) {
    struct rec_field f;
    while (rec_next(&record, &f) == 1)
        if (f.tag == tag) return true;
    return false;
}

/* ---- the parts of one calendar ---- */

static void put_spans(struct buf *b, const struct hours *h, uint32_t tag, bool week) {
    for (size_t i = 0; i < h->count; i++) {
        size_t mark = rec_begin(b, tag);
        if (week) rec_int(b, 1, h->span[i].day);
        rec_int(b, 2, h->span[i].from);
        rec_int(b, 3, h->span[i].to);
        rec_end(b, mark);
    }
}

static void put_offset(void *ctx, int64_t at, int64_t seconds) {
    struct buf *b = ctx;
    size_t mark = rec_begin(b, CAL_OFFSET);
    if (at != INT64_MIN) rec_int(b, 1, at);
    rec_int(b, 2, seconds);
    rec_end(b, mark);
}

static void take_korea(void *ctx, int64_t day, struct sori_str name) {
    struct compile *x = ctx;
    if (x->korea_count % 256 == 0)
        x->korea = mem_grow(x->korea, (x->korea_count + 256) * sizeof *x->korea);
    x->korea[x->korea_count++] = (struct free_day){day, mem_copy(name)};
}

/* A day of the calendar: of a set, closed; or of a date, with its hours. */
struct day {
    int64_t day;
    size_t order; /* later ones stand for earlier ones */
    struct sori_str name;
    struct hours hours;
};
struct days {
    struct day *item;
    size_t count;
};

static struct day *add_day(struct days *d, int64_t day, struct sori_str name) {
    if (d->count % 64 == 0) d->item = mem_grow(d->item, (d->count + 64) * sizeof *d->item);
    d->item[d->count] = (struct day){.day = day, .order = d->count, .name = name};
    return &d->item[d->count++];
}

static int by_day(const void *a, const void *b) {
    const struct day *x = a, *y = b;
    if (x->day != y->day) return x->day < y->day ? -1 : 1;
    return x->order < y->order ? -1 : 1;
}

static bool add_set(struct compile *x, struct days *days) {
    if (!x->korea_asked) x->korea_known = almanac_korea(take_korea, x);
    x->korea_asked = true;
    for (size_t i = 0; i < x->korea_count; i++) add_day(days, x->korea[i].day, x->korea[i].name);
    return x->korea_known;
}

/* What the organisation says of a date itself stands for what a set says. */
static bool put_days(struct compile *x, struct sori_str from, struct buf *b, struct buf *words) {
    struct days days = {0};
    struct rec_field f;
    bool ok = true;
    for (struct sori_str r = from; rec_next(&r, &f) == 1;) {
        if (f.tag != HOURS_HOLIDAYS) continue;
        if (!str_is(f.s, "none")) buf_printf(words, "%s%.*s", words->len ? ", " : "", STR(f.s));
        if (!str_is(f.s, "kr")) continue;
        ok = add_set(x, &days);
        rec_int(b, CAL_KNOWN, almanac_korea_known());
    }
    for (struct sori_str r = from; rec_next(&r, &f) == 1;) {
        struct hours h;
        struct buf why = {0};
        int64_t day;
        if (f.tag == HOURS_HOLIDAYS && f.s.ptr[0] >= '0' && f.s.ptr[0] <= '9' &&
            hours_date(f.s, &day, &h, &why))
            add_day(&days, day, (struct sori_str){0})->hours = h;
        buf_free(&why);
    }
    if (days.count) qsort(days.item, days.count, sizeof *days.item, by_day);
    for (size_t i = 0; i < days.count; i++) {
        const struct day *d = &days.item[i];
        if (i + 1 < days.count && days.item[i + 1].day == d->day) continue;
        size_t mark = rec_begin(b, CAL_DAY);
        rec_int(b, 1, d->day);
        rec_str_opt(b, 2, d->name);
        put_spans(b, &d->hours, 3, false);
        rec_end(b, mark);
    }
    free(days.item);
    return ok;
}

/* ---- one calendar ---- */

/* The block's own value, else the workspace's. */
static struct sori_str value(const struct compile *x, struct sori_str own, uint32_t tag) {
    return has(own, tag) ? rec_get_str(own, tag) : rec_get_str(x->workspace, tag);
}

static void compile(struct compile *x, struct sori_str name, const char *keyword,
                    struct sori_str own) {
    struct sori_str hours = value(x, own, HOURS_HOURS), zone = rec_get_str(own, HOURS_ZONE);
    struct sori_str free_days = has(own, HOURS_HOLIDAYS) ? own : x->workspace;
    struct buf *b = x->r->record, words = {0}, days = {0};
    struct hours h;
    for (size_t i = 0; i < x->count; i++)
        if (str_eq(x->name[i], name)) {
            blame(&x->r->blames, line_of(x, keyword, name, ""),
                  "%s \"%.*s\" has hours of its own, and %s \"%.*s\" is a calendar too: give one "
                  "another name",
                  keyword, STR(name), x->by[i], STR(name));
            return;
        }
    if (x->count == sizeof x->name / sizeof *x->name) {
        blame(&x->r->blames, line_of(x, keyword, name, ""), "more than %zu calendars", x->count);
        return;
    }
    x->by[x->count] = keyword;
    x->name[x->count++] = name;
    if (!zone.len) zone = rec_get_str(x->workspace, 2);
    if (!zone.len) zone = SORI_STR("UTC");
    if (!put_days(x, free_days, &days, &words))
        blame(&x->r->blames, line_of(x, keyword, name, "holidays"),
              "holidays = \"kr\": this machine's ICU does not know the Korean lunar calendar; "
              "install Debian's libicu72, or write the dates");
    size_t mark = rec_begin(b, CONF_CALENDAR);
    rec_str(b, CAL_NAME, name);
    rec_str(b, CAL_HOURS, hours);
    rec_str_opt(b, CAL_HOLIDAYS, buf_view(&words));
    rec_str(b, CAL_ZONE, zone);
    hours_read(hours, &h, &words);
    put_spans(b, &h, CAL_SPAN, true);
    buf_str(b, buf_view(&days));
    almanac_zone(zone, put_offset, b);
    rec_end(b, mark);
    buf_free(&words);
    buf_free(&days);
}

static void keeps(struct compile *x, struct sori_str department, struct sori_str calendar) {
    size_t mark = rec_begin(x->r->record, CONF_KEEPS);
    rec_str_opt(x->r->record, 1, department);
    rec_str(x->r->record, 2, calendar);
    rec_end(x->r->record, mark);
}

/* ---- all of them ---- */

static void refers(struct compile *x, struct sori_str department, struct sori_str calendar) {
    const char *names[300], *near;
    struct buf known = {0};
    bool there = false;
    for (size_t i = 0; i < x->count; i++) {
        names[i] = mem_text(x->name[i]);
        there |= str_eq(x->name[i], calendar);
        buf_printf(&known, "%s%s", i ? ", " : "", names[i]);
    }
    near = there ? NULL : nearest_word(calendar, names, x->count);
    if (!there)
        blame(&x->r->blames, line_of(x, "department", department, "calendar"),
              "department \"%.*s\": calendar = \"%.*s\": there is no such calendar: %s%s%s",
              STR(department), STR(calendar),
              near        ? "did you mean \""
              : known.len ? "expected one of "
                          : "write calendar \"shop\" { hours = \"mon-fri 09:00-18:00\" }",
              near        ? near
              : known.len ? known.data
                          : "",
              near ? "\"?" : "");
    else
        keeps(x, department, calendar);
    for (size_t i = 0; i < x->count; i++) free((char *)(uintptr_t)names[i]);
    buf_free(&known);
}

static void department(struct compile *x, struct sori_str name, struct sori_str own) {
    bool hours = has(own, HOURS_HOURS), days = has(own, HOURS_HOLIDAYS),
         zone = has(own, HOURS_ZONE);
    if (!hours && !days && !zone) return;
    if (has(own, HOURS_CALENDAR))
        blame(&x->r->blames, line_of(x, "department", name, "calendar"),
              "department \"%.*s\": a calendar, and %s beside it: expected one of both", STR(name),
              hours  ? "hours"
              : days ? "holidays"
                     : "a time zone");
    else if (!hours && !has(x->workspace, HOURS_HOURS))
        blame(&x->r->blames, line_of(x, "department", name, days ? "holidays" : "timezone"),
              "department \"%.*s\": %s without hours: expected hours = \"mon-fri 09:00-18:00\" "
              "here or in the workspace",
              STR(name), days ? "holidays" : "a time zone");
    else {
        compile(x, name, "department", own);
        keeps(x, name, name);
    }
}

static void each_block(struct compile *x, uint32_t tag) {
    struct rec_field f;
    for (struct sori_str r = x->whole; rec_next(&r, &f) == 1;) {
        if (f.tag != tag || f.type != REC_REC) continue;
        struct sori_str name = rec_get_str(f.s, 1);
        if (tag == CONF_HOURS) compile(x, name, "calendar", f.s);
        if (tag == CONF_DEPARTMENT) department(x, name, f.s);
    }
    for (struct sori_str r = x->whole; tag == CONF_DEPARTMENT && rec_next(&r, &f) == 1;)
        if (f.tag == tag && f.type == REC_REC && has(f.s, HOURS_CALENDAR))
            refers(x, rec_get_str(f.s, 1), rec_get_str(f.s, HOURS_CALENDAR));
}

void calendars_put(struct reader *r, size_t start) {
    struct sori_str read = {r->record->data + start, r->record->len - start};
    struct compile x = {.r = r, .whole = mem_copy(read)};
    x.workspace = rec_get_rec(x.whole, CONF_WORKSPACE);
    if (has(x.workspace, HOURS_HOURS)) {
        compile(&x, str_c(workspace_name), "workspace", x.workspace);
        keeps(&x, (struct sori_str){0}, str_c(workspace_name));
    } else if (has(x.workspace, HOURS_HOLIDAYS)) {
        /* Of use to those who say hours. */
        bool used = has(x.whole, CONF_HOURS);
        struct rec_field f;
        for (struct sori_str all = x.whole; rec_next(&all, &f) == 1;)
            used |= f.tag == CONF_DEPARTMENT && has(f.s, HOURS_HOURS);
        if (!used)
            blame(&r->blames, line_of(&x, "workspace", (struct sori_str){0}, "holidays"),
                  "workspace: holidays without hours: expected hours = \"mon-fri 09:00-18:00\" "
                  "here, in a department or in a calendar");
    }
    each_block(&x, CONF_HOURS);
    each_block(&x, CONF_DEPARTMENT);
    for (size_t i = 0; i < x.korea_count; i++) free((char *)(uintptr_t)x.korea[i].name.ptr);
    free(x.korea);
    free((char *)(uintptr_t)x.whole.ptr);
}
