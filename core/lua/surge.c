/* `when = { surge = { ["topic.*"] = { at_least = 5, times = 3 } } }`: this text carries such a
 * topic, and of that topic there were as many negative words in the last hour, and so many times
 * those of a usual one, which is known after a day. The core counts; the figures are facts of the
 * decision. */
#include "lua/policy_inner.h"

#include <math.h>
#include <stdio.h>

/* ---- reading ---- */

/* "topic.delivery" or "topic.*". */
static bool read_topic(struct reader *r, int line, struct sori_str name, struct cond *c) {
    static const struct sori_str group = {"topic.", 6};
    if (!check_word(r, line, "surge", name)) return false;
    if (!str_starts(name, group) || name.len == group.len)
        return complain(r, line,
                        "surge: windows are counted of topics: \"topic.delivery\", or \"topic.*\" "
                        "for each of them, is expected, not '%.*s'",
                        STR(name));
    if (!str_is(name, "topic.*") && !label_known(r, line, name)) return false;
    c->text = arena_get(r->arena, sizeof *c->text);
    c->text[0] = arena_copy(r->arena, name);
    c->count = 1;
    return true;
}

static bool read_bound(struct reader *r, int line, struct sori_str key, int value, struct cond *c) {
    static const char *const keys[] = {"at_least", "times"};
    lua_State *L = sandbox_lua(r->p->box);
    double n = lua_type(L, value) == LUA_TNUMBER ? lua_tonumber(L, value) : -1;
    if (str_is(key, "at_least") && n >= 1 && n <= 1e9 && n == floor(n))
        c->lo = (int64_t)n;
    else if (str_is(key, "times") && n >= 0.01 && n <= 1e6)
        c->hi = (int64_t)round(n * 100);
    else if (str_is(key, "at_least") || str_is(key, "times"))
        return complain(r, line, "surge: %.*s is a number, like { at_least = 5, times = 3 }",
                        STR(key));
    else
        return complain_near(r, line, key, keys, 2,
                             "surge: unknown bound '%.*s'; expected at_least and times", STR(key));
    return true;
}

static bool read_bounds(struct reader *r, int line, int index, struct cond *c) {
    lua_State *L = sandbox_lua(r->p->box);
    if (lua_type(L, index) != LUA_TTABLE)
        return complain(r, line, "surge: expected { at_least = 5, times = 3 }, not a %s",
                        luaL_typename(L, index));
    bool ok = true;
    c->lo = 1;
    c->hi = 0;
    for (struct table_walk w = table_begin(L, index); table_next(&w);) {
        struct sori_str key = sandbox_text(L, w.key);
        ok &= read_bound(r, line, key.ptr ? key : SORI_STR("1"), w.value, c);
    }
    struct buf b = {0};
    buf_printf(&b, "%.*s at least %lld in an hour", STR(c->text[0]), (long long)c->lo);
    if (c->hi)
        buf_printf(&b, " and %lld.%02lld times the usual", (long long)(c->hi / 100),
                   (long long)(c->hi % 100));
    c->wanted = arena_copy(r->arena, buf_view(&b));
    buf_free(&b);
    return ok;
}

bool surge_read(struct reader *r, int line, int key, int value, struct cond *c) {
    lua_State *L = sandbox_lua(r->p->box);
    struct sori_str name = sandbox_text(L, key);
    c->op = COND_SURGE;
    c->tag = FACT_WINDOW;
    c->key = "surge";
    if (!name.ptr)
        return complain(r, line, "surge: expected { [\"topic.*\"] = { at_least = 5, times = 3 } }");
    return read_topic(r, line, name, c) && read_bounds(r, line, value, c);
}

/* ---- holding ---- */

/* Has the text this label: by a classifier, or by a list of words? */
static bool carries(const struct policy *p, const struct facts *f, struct sori_str label) {
    struct rec_field field;
    for (size_t i = 0; i < p->used_count; i++)
        if (str_eq(p->used[i].name, label))
            return f->have_score >> i & 1 && f->score[i] >= LABEL_PRESENT;
    for (struct sori_str rest = f->record; rec_next(&rest, &field) == 1;)
        if (field.tag == FACT_LABEL && field.type == REC_REC &&
            str_eq(rec_get_str(field.s, 1), label))
            return rec_get_int(field.s, 2, 0) >= LABEL_PRESENT;
    return false;
}

/* The first window that is as wanted, else the first one of a topic that the text carries. */
bool surge_look(const struct policy *p, const struct facts *f, const struct cond *c,
                struct surge *seen) {
    struct rec_field field;
    *seen = (struct surge){.hour = -1};
    if (!f->windows) return false;
    bool any = str_is(c->text[0], "topic.*");
    for (struct sori_str rest = f->record; rec_next(&rest, &field) == 1;) {
        if (field.tag != FACT_WINDOW || field.type != REC_REC) continue;
        struct sori_str topic = rec_get_str(field.s, 1); /* few texts carry it: the rest waits */
        if ((!any && !str_eq(topic, c->text[0])) || !carries(p, f, topic)) continue;
        struct surge now = {topic, rec_get_int(field.s, 2, 0), rec_get_int(field.s, 3, 0)};
        bool known = rec_get_int(field.s, 4, WINDOW_KNOWN_HOURS) >= WINDOW_KNOWN_HOURS;
        /* Numbers of strangers' facts may be anything: nothing overflows. */
        bool times = known && (double)now.hour * 1e4 >= (double)c->hi * (double)now.usual;
        bool holds = now.hour >= c->lo && (times || !c->hi);
        if (!known) now.usual = -1;
        if (holds || seen->hour < 0) *seen = now;
        if (holds) return true;
    }
    return false;
}

void surge_print(struct buf *b, const struct surge *s) {
    if (s->hour < 0) {
        buf_puts(b, "nothing of it in the last hour");
        return;
    }
    buf_printf(b, "%.*s: %lld in the last hour, ", STR(s->topic), (long long)s->hour);
    if (s->usual < 0)
        buf_printf(b, "what is usual is known after %d hours", WINDOW_KNOWN_HOURS);
    else
        buf_printf(b, "usually %lld.%lld", (long long)(s->usual / 100),
                   (long long)(s->usual % 100 / 10));
}
