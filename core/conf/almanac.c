/* Zones, hours and days as sori.lua writes them. */
#include "conf/inner.h"

#include "almanac/almanac.h"
#include "conf/hours.h"
#include "conf/value.h"

#include <stdio.h>
#include <stdlib.h>

enum { DAYS_MAX = 400 };

/* ---- zones ---- */

static void nothing(void *ctx, int64_t at, int64_t seconds) {
    (void)ctx;
    (void)at;
    (void)seconds;
}

struct near {
    struct sori_str written;
    const char **name;
    size_t count, cap;
    const char *city; /* "Seoul" is a good name for Asia/Seoul */
};

static void collect(void *ctx, const char *name) {
    struct near *n = ctx;
    const char *slash = strrchr(name, '/');
    if (n->count == n->cap) {
        n->cap = n->cap ? n->cap * 2 : 512;
        n->name = mem_grow(n->name, n->cap * sizeof *n->name);
    }
    n->name[n->count++] = mem_text(str_c(name));
    struct sori_str city = str_c(slash ? slash + 1 : name);
    if (city.len == n->written.len && strncasecmp(city.ptr, n->written.ptr, city.len) == 0)
        n->city = n->name[n->count - 1];
}

static void wrong_zone(const struct place *at, const struct word *w, struct sori_str s) {
    struct near n = {.written = s};
    char why[160];
    almanac_zone_names(collect, &n);
    const char *near = n.city ? n.city : s.len < 60 ? nearest_word(s, n.name, n.count) : NULL;
    if (near)
        snprintf(why, sizeof why, "there is no such time zone: did you mean \"%s\"?", near);
    else
        snprintf(why, sizeof why, "expected a time zone's name, such as \"Asia/Seoul\" or \"UTC\"");
    form_wrong(at, w->name, why);
    for (size_t i = 0; i < n.count; i++) free((char *)(uintptr_t)n.name[i]);
    free(n.name);
}

void form_put_zone(const struct place *at, const struct word *w) {
    struct sori_str s = {0};
    if (!form_text(sandbox_lua(at->r->sandbox), &s))
        form_wrong(at, w->name, "expected a time zone's name, such as \"Asia/Seoul\" or \"UTC\"");
    else if (!value_zone(s) || !almanac_zone(s, nothing, NULL))
        wrong_zone(at, w, s);
    else
        rec_str(at->r->record, w->tag, s);
}

/* ---- hours ---- */

void form_put_hours(const struct place *at, const struct word *w) {
    struct sori_str s = {0};
    struct hours h;
    struct buf why = {0};
    if (!form_text(sandbox_lua(at->r->sandbox), &s))
        form_wrong(at, w->name,
                   "expected days and times, such as "
                   "\"mon-fri 09:00-12:00 13:00-18:00; sat 10:00-14:00\"");
    else if (!hours_read(s, &h, &why))
        form_wrong(at, w->name, why.data);
    else
        rec_str(at->r->record, w->tag, s);
    buf_free(&why);
}

/* ---- days ---- */

static const char expected_days[] =
    "expected \"kr\", dates such as \"2026-12-24\" or \"2026-12-24 09:00-12:00\", or \"none\"";

static void put_day(const struct place *at, const struct word *w) {
    static const char *const sets[] = {"kr", "none"};
    struct sori_str s = {0};
    struct hours h;
    struct buf why = {0};
    int64_t day;
    bool text = form_text(sandbox_lua(at->r->sandbox), &s);
    bool set = text && (str_is(s, "kr") || str_is(s, "none"));
    bool date = text && s.ptr[0] >= '0' && s.ptr[0] <= '9';
    if (set || (date && hours_date(s, &day, &h, &why))) {
        rec_str(at->r->record, w->tag, s);
    } else if (date) {
        form_wrong(at, w->name, why.data);
    } else {
        const char *near = text && s.len > 1 && s.len < 8 ? nearest_word(s, sets, 2) : NULL;
        buf_printf(&why, "%s%s%s%s", expected_days, near ? " (did you mean \"" : "",
                   near ? near : "", near ? "\"?)" : "");
        form_wrong(at, w->name, why.data);
    }
    buf_free(&why);
}

void form_put_days(const struct place *at, const struct word *w) {
    lua_State *L = sandbox_lua(at->r->sandbox);
    if (lua_type(L, -1) == LUA_TSTRING) {
        put_day(at, w);
        return;
    }
    lua_Unsigned count = lua_type(L, -1) == LUA_TTABLE ? lua_rawlen(L, -1) : 0;
    if (count == 0 || count > DAYS_MAX) {
        form_wrong(at, w->name, expected_days);
        return;
    }
    for (lua_Unsigned i = 1; i <= count; i++) {
        lua_rawgeti(L, -1, (lua_Integer)i);
        put_day(at, w);
        lua_pop(L, 1);
    }
}
