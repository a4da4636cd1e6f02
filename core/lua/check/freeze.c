/* guide.freeze: days on which nothing cheerful, or nothing at all, leaves by itself. */
#include "lua/check/read.h"
#include "base/clock.h"

#include <stdio.h>

enum { FREEZES_MAX = 64, DAY_MS = 86400000 };

/* "2027-04-16" begins at midnight of the zone; RFC 3339 says its own. `end`: of that day. */
static bool read_moment(struct each *e, struct sori_str key, struct sori_str text,
                        struct sori_str zone, bool end, int64_t *out) {
    char whole[64];
    if (clock_parse_rfc3339(text, out)) return true;
    bool day = text.len == 10 && zone.len > 0 && zone.len < 16;
    snprintf(whole, sizeof whole, "%.*sT00:00:00%.*s", (int)(text.len < 20 ? text.len : 20),
             text.len ? text.ptr : "", (int)(zone.len < 16 ? zone.len : 0),
             zone.len ? zone.ptr : "");
    if (day && clock_parse_rfc3339(str_c(whole), out)) {
        *out += end ? DAY_MS : 0;
        return true;
    }
    return complain(e->r, e->line,
                    "guide: freeze: %.*s: a day or a time is expected, \"2027-04-16\" with zone = "
                    "\"+09:00\" or \"2027-04-16T09:00:00+09:00\"",
                    STR(key));
}

struct frozen {
    struct sori_str from, to, why, what, zone;
};

static bool read_freeze_key(struct each *e, struct sori_str key, int value) {
    static const char *const known[] = {"from", "to", "why", "what", "zone"};
    struct frozen *f = e->ctx;
    struct sori_str *const into[] = {&f->from, &f->to, &f->why, &f->what, &f->zone};
    struct sori_str text = sandbox_text(sandbox_lua(e->r->p->box), value);
    for (size_t i = 0; i < 5; i++) {
        if (!str_is(key, known[i])) continue;
        *into[i] = arena_copy(e->r->arena, text);
        return text.len > 0 ||
               complain(e->r, e->line, "guide: freeze: %s: a text is expected", known[i]);
    }
    return complain_near(e->r, e->line, key, known, 5,
                         "guide: freeze: '%.*s' is not understood; expected from, to, why, what "
                         "and zone",
                         STR(key));
}

/* Days of the workspace's zone where that has had one offset for decades. */
static struct sori_str zone_of(const struct policy *p) {
    struct sori_str zone = rec_get_str(buf_view(&p->env), ENV_TIMEZONE);
    if (str_is(zone, "Asia/Seoul")) return SORI_STR("+09:00");
    return str_is(zone, "UTC") ? SORI_STR("Z") : (struct sori_str){0};
}

static bool read_freeze(struct each *e, int value, struct freeze *out) {
    static const char *const whats[] = {"cheerful", "all"};
    struct frozen f = {.zone = zone_of(e->r->p)};
    e->ctx = &f;
    e->run = read_freeze_key;
    if (!guide_each(e, value)) return false;
    if (f.what.len && !str_is(f.what, "cheerful") && !str_is(f.what, "all"))
        return complain_near(e->r, e->line, f.what, whats, 2,
                             "guide: freeze: what: \"cheerful\" or \"all\" is expected, not "
                             "'%.*s'",
                             STR(f.what));
    if (!f.from.len || !f.to.len || !f.why.len)
        return complain(e->r, e->line, "guide: freeze: from, to and why are needed");
    *out = (struct freeze){.why = f.why, .all = str_is(f.what, "all")};
    return read_moment(e, SORI_STR("from"), f.from, f.zone, false, &out->from) &&
           read_moment(e, SORI_STR("to"), f.to, f.zone, true, &out->to) &&
           (out->from < out->to ||
            complain(e->r, e->line, "guide: freeze: it ends before it begins"));
}

bool freezes_read(struct each *e, int value) {
    lua_State *L = sandbox_lua(e->r->p->box);
    struct guide *g = e->r->p->guide;
    e->what = "guide: freeze";
    bool table = lua_type(L, value) == LUA_TTABLE;
    sandbox_inside(L, value);
    int inside = lua_gettop(L);
    lua_Integer n = table ? (lua_Integer)lua_rawlen(L, inside) : 0;
    lua_pushnil(L);
    bool empty = table && !lua_next(L, inside); /* {}: nothing is frozen */
    lua_settop(L, inside);
    bool ok = empty || (n > 0 && n <= FREEZES_MAX) ||
              complain(e->r, e->line,
                       "guide: freeze: a list of up to %d is expected, { { from = …, to = …, why "
                       "= … } }",
                       FREEZES_MAX);
    if (ok) g->freezes = arena_get(e->r->arena, (size_t)(n + 1) * sizeof *g->freezes);
    for (lua_Integer i = 1; ok && i <= n; i++) {
        lua_rawgeti(L, inside, i);
        ok = read_freeze(e, inside + 1, &g->freezes[g->freeze_count]);
        g->freeze_count += ok;
        lua_settop(L, inside);
    }
    lua_settop(L, inside - 1);
    return ok;
}

void policy_freezes(const struct policy *p, uint32_t tag, struct buf *out) {
    for (size_t i = 0; i < p->guide->freeze_count; i++) {
        const struct freeze *z = &p->guide->freezes[i];
        size_t mark = rec_begin(out, tag);
        rec_int(out, 1, z->from);
        rec_int(out, 2, z->to);
        rec_str(out, 3, z->why);
        rec_int_opt(out, 4, z->all);
        rec_end(out, mark);
    }
}
