/* Lua's patterns after the manual (§6.4.1), with every step counted: Lua's own matcher can run for
 * hours over 26 bytes without once looking at a hook. */
#include "lua/sandbox/inner.h"

#include <ctype.h>

enum { CAPTURES = 32, DEPTH = 200, OPEN = -1, POSITION = -2, CHARGE_EVERY = 512 };

struct match {
    lua_State *L;
    const char *begin, *end; /* subject */
    const char *pattern_end;
    int depth, count;
    int64_t steps;
    struct {
        const char *at;
        ptrdiff_t len;
    } capture[CAPTURES];
};

static const char *match_here(struct match *m, const char *s, const char *p);

static void steps(struct match *m, ptrdiff_t n) {
    m->steps += n;
    if (m->steps >= CHARGE_EVERY) {
        int64_t made = m->steps;
        m->steps = 0;
        sandbox_charge(m->L, made);
    }
}
static void step(struct match *m) { steps(m, 1); }

/* The end of the single-character class that begins at `p`. A set may be as long as a text. */
static const char *class_end(struct match *m, const char *p) {
    const char *from = p;
    char c = *p++;
    if (c == '%') {
        if (p == m->pattern_end) luaL_error(m->L, "malformed pattern (ends with '%%')");
        return p + 1;
    }
    if (c != '[') return p;
    if (p < m->pattern_end && *p == '^') p++;
    do { /* a ']' in first place stands for itself */
        if (p == m->pattern_end) luaL_error(m->L, "malformed pattern (missing ']')");
        if (*p++ == '%') {
            if (p == m->pattern_end) luaL_error(m->L, "malformed pattern (missing ']')");
            p++;
        }
    } while (p == m->pattern_end || *p != ']');
    steps(m, (p - from) / 8);
    return p + 1;
}

static bool in_named_class(unsigned char c, char name) {
    bool in;
    switch (tolower((unsigned char)name)) {
    case 'a': in = isalpha(c); break;
    case 'c': in = iscntrl(c); break;
    case 'd': in = isdigit(c); break;
    case 'g': in = isgraph(c); break;
    case 'l': in = islower(c); break;
    case 'p': in = ispunct(c); break;
    case 's': in = isspace(c); break;
    case 'u': in = isupper(c); break;
    case 'w': in = isalnum(c); break;
    case 'x': in = isxdigit(c); break;
    default: return (unsigned char)name == c;
    }
    return isupper((unsigned char)name) ? !in : in;
}

/* `p` at '[', `last` at the closing ']'. */
static bool in_set(unsigned char c, const char *p, const char *last) {
    bool wanted = true;
    if (*++p == '^') {
        wanted = false;
        p++;
    }
    for (; p < last; p++) {
        if (*p == '%') {
            if (in_named_class(c, *++p)) return wanted;
        } else if (p + 2 < last && p[1] == '-') {
            if ((unsigned char)*p <= c && c <= (unsigned char)p[2]) return wanted;
            p += 2;
        } else if ((unsigned char)*p == c)
            return wanted;
    }
    return !wanted;
}

static bool one(struct match *m, const char *s, const char *p, const char *class_after) {
    step(m);
    if (s >= m->end) return false;
    unsigned char c = (unsigned char)*s;
    switch (*p) {
    case '.': return true;
    case '%': return in_named_class(c, p[1]);
    case '[': steps(m, (class_after - p) / 8); return in_set(c, p, class_after - 1);
    default: return (unsigned char)*p == c;
    }
}

static const char *match_greedy(struct match *m, const char *s, const char *p, const char *after) {
    ptrdiff_t n = 0;
    while (one(m, s + n, p, after)) n++;
    for (; n >= 0; n--) {
        step(m);
        const char *r = match_here(m, s + n, after + 1);
        if (r) return r;
    }
    return NULL;
}

static const char *match_lazy(struct match *m, const char *s, const char *p, const char *after) {
    for (;; s++) {
        const char *r = match_here(m, s, after + 1);
        if (r) return r;
        if (!one(m, s, p, after)) return NULL;
    }
}

static const char *match_balance(struct match *m, const char *s, const char *p) {
    if (p + 1 >= m->pattern_end) luaL_error(m->L, "malformed pattern (missing arguments to '%%b')");
    if (s >= m->end || *s != p[0]) return NULL;
    for (int open = 1; ++s < m->end;) {
        step(m);
        if (*s == p[1]) {
            if (--open == 0) return s + 1;
        } else if (*s == p[0])
            open++;
    }
    return NULL;
}

static const char *match_frontier(struct match *m, const char *s, const char *p) {
    if (p >= m->pattern_end || *p != '[') luaL_error(m->L, "missing '[' after '%%f' in pattern");
    const char *after = class_end(m, p);
    unsigned char before = s == m->begin ? 0 : (unsigned char)s[-1];
    unsigned char here = s < m->end ? (unsigned char)*s : 0;
    step(m);
    if (in_set(before, p, after - 1) || !in_set(here, p, after - 1)) return NULL;
    return match_here(m, s, after);
}

static const char *match_back(struct match *m, const char *s, const char *p) {
    int i = p[0] - '1';
    if (i < 0 || i >= m->count || m->capture[i].len == OPEN)
        luaL_error(m->L, "invalid capture index %%%d", i + 1);
    /* A position capture has no text to compare; its length is taken as it is stored. */
    size_t len = (size_t)m->capture[i].len;
    sandbox_charge(m->L, 1 + (m->capture[i].len > 0 ? m->capture[i].len / 16 : 0));
    if ((size_t)(m->end - s) < len || memcmp(m->capture[i].at, s, len) != 0) return NULL;
    return match_here(m, s + len, p + 1);
}

static const char *begin_capture(struct match *m, const char *s, const char *p, ptrdiff_t what) {
    if (m->count >= CAPTURES) luaL_error(m->L, "too many captures");
    m->capture[m->count].at = s;
    m->capture[m->count++].len = what;
    const char *r = match_here(m, s, p);
    if (!r) m->count--;
    return r;
}

static const char *end_capture(struct match *m, const char *s, const char *p) {
    int i = m->count - 1;
    while (i >= 0 && m->capture[i].len != OPEN) i--;
    if (i < 0) luaL_error(m->L, "invalid pattern capture");
    m->capture[i].len = s - m->capture[i].at;
    const char *r = match_here(m, s, p);
    if (!r) m->capture[i].len = OPEN;
    return r;
}

/* A single character class with its suffix. Sets *p and returns true where matching goes on with
 * the rest of the pattern at *s; otherwise *s is the answer. */
static bool match_single(struct match *m, const char **s, const char **p) {
    const char *after = class_end(m, *p);
    char suffix = after < m->pattern_end ? *after : 0;
    if (suffix == '*') return *s = match_greedy(m, *s, *p, after), false;
    if (suffix == '-') return *s = match_lazy(m, *s, *p, after), false;
    bool here = one(m, *s, *p, after);
    if (suffix == '+') return *s = here ? match_greedy(m, *s + 1, *p, after) : NULL, false;
    if (suffix == '?') {
        if (here) {
            const char *r = match_here(m, *s + 1, after + 1);
            if (r) return *s = r, false;
        }
        *p = after + 1;
        return true;
    }
    if (!here) return *s = NULL, false;
    ++*s;
    *p = after;
    return true;
}

static const char *match_rest(struct match *m, const char *s, const char *p) {
    for (;;) {
        step(m);
        if (p == m->pattern_end) return s;
        if (*p == '(') {
            bool position = p + 1 < m->pattern_end && p[1] == ')';
            return begin_capture(m, s, p + (position ? 2 : 1), position ? POSITION : OPEN);
        }
        if (*p == ')') return end_capture(m, s, p + 1);
        if (*p == '$' && p + 1 == m->pattern_end) return s == m->end ? s : NULL;
        if (*p == '%' && p + 1 < m->pattern_end) {
            if (p[1] == 'b') {
                s = match_balance(m, s, p + 2);
                if (!s) return NULL;
                p += 4;
                continue;
            }
            if (p[1] == 'f') return match_frontier(m, s, p + 2);
            if (isdigit((unsigned char)p[1])) return match_back(m, s, p + 1);
        }
        if (!match_single(m, &s, &p)) return s;
    }
}

static const char *match_here(struct match *m, const char *s, const char *p) {
    if (m->depth == 0) luaL_error(m->L, "pattern too complex");
    m->depth--;
    const char *r = match_rest(m, s, p);
    m->depth++;
    return r;
}

static void match_begin(struct match *m) {
    m->depth = DEPTH;
    m->count = 0;
}

static void push_capture(struct match *m, int i, const char *s, const char *e) {
    if (i >= m->count) {
        if (i != 0) luaL_error(m->L, "invalid capture index %%%d", i + 1);
        lua_pushlstring(m->L, s, (size_t)(e - s));
    } else if (m->capture[i].len == POSITION)
        lua_pushinteger(m->L, m->capture[i].at - m->begin + 1);
    else if (m->capture[i].len == OPEN)
        luaL_error(m->L, "unfinished capture");
    else
        lua_pushlstring(m->L, m->capture[i].at, (size_t)m->capture[i].len);
}

/* All captures; the whole match where there are none and `s` is given. */
static int push_captures(struct match *m, const char *s, const char *e) {
    int n = m->count == 0 && s ? 1 : m->count;
    luaL_checkstack(m->L, n, "too many captures");
    for (int i = 0; i < n; i++) push_capture(m, i, s, e);
    return n;
}

static size_t start_of(lua_Integer init, size_t len) {
    if (init > 0) return (size_t)init;
    if (init == 0) return 1;
    if (init < -(lua_Integer)len) return 1;
    return len + (size_t)init + 1;
}

static bool plain(struct sori_str p) {
    for (size_t i = 0; i < p.len; i++)
        if (memchr("^$*+?.([%-", p.ptr[i], 10)) return false;
    return true;
}

static struct sori_str check_text(lua_State *L, int arg) {
    struct sori_str s;
    s.ptr = luaL_checklstring(L, arg, &s.len);
    return s;
}

static int find_or_match(lua_State *L, bool find) {
    struct sori_str s = check_text(L, 1), p = check_text(L, 2);
    size_t init = start_of(luaL_optinteger(L, 3, 1), s.len) - 1;
    if (init > s.len) return lua_pushnil(L), 1;
    if (find && (lua_toboolean(L, 4) || plain(p))) {
        sandbox_charge(L, 1 + (int64_t)(s.len - init) / 8);
        const char *at = p.len ? memmem(s.ptr + init, s.len - init, p.ptr, p.len) : s.ptr + init;
        if (!at) return lua_pushnil(L), 1;
        lua_pushinteger(L, at - s.ptr + 1);
        lua_pushinteger(L, at - s.ptr + (lua_Integer)p.len);
        return 2;
    }
    struct match m = {.L = L, .begin = s.ptr, .end = s.ptr + s.len, .pattern_end = p.ptr + p.len};
    bool anchor = p.len && p.ptr[0] == '^';
    const char *pattern = p.ptr + anchor, *at = s.ptr + init;
    do {
        match_begin(&m);
        const char *e = match_here(&m, at, pattern);
        if (e) {
            sandbox_charge(L, m.steps);
            if (!find) return push_captures(&m, at, e);
            lua_pushinteger(L, at - s.ptr + 1);
            lua_pushinteger(L, e - s.ptr);
            return push_captures(&m, NULL, NULL) + 2;
        }
    } while (at++ < m.end && !anchor);
    sandbox_charge(L, m.steps);
    lua_pushnil(L);
    return 1;
}

int sandbox_find_text(lua_State *L) { return find_or_match(L, true); }
int sandbox_match_text(lua_State *L) { return find_or_match(L, false); }

/* upvalues: subject, pattern, where to go on (offset), end of the last match (offset or -1) */
int sandbox_gmatch_step(lua_State *L) {
    struct sori_str s, p;
    s.ptr = lua_tolstring(L, lua_upvalueindex(1), &s.len);
    p.ptr = lua_tolstring(L, lua_upvalueindex(2), &p.len);
    lua_Integer from = lua_tointeger(L, lua_upvalueindex(3));
    lua_Integer last = lua_tointeger(L, lua_upvalueindex(4));
    struct match m = {.L = L, .begin = s.ptr, .end = s.ptr + s.len, .pattern_end = p.ptr + p.len};
    for (const char *at = s.ptr + from; at <= m.end; at++) {
        match_begin(&m);
        const char *e = match_here(&m, at, p.ptr);
        if (e && e - s.ptr != last) {
            lua_pushinteger(L, e - s.ptr);
            lua_copy(L, -1, lua_upvalueindex(3));
            lua_replace(L, lua_upvalueindex(4));
            sandbox_charge(L, m.steps);
            return push_captures(&m, at, e);
        }
    }
    sandbox_charge(L, m.steps);
    return 0;
}

int sandbox_gmatch_text(lua_State *L) {
    struct sori_str s = check_text(L, 1);
    check_text(L, 2);
    size_t init = start_of(luaL_optinteger(L, 3, 1), s.len) - 1;
    lua_settop(L, 2);
    lua_pushinteger(L, (lua_Integer)(init > s.len ? s.len + 1 : init));
    lua_pushinteger(L, -1);
    lua_pushcclosure(L, sandbox_gmatch_step, 4);
    return 1;
}

static void add_template(struct match *m, luaL_Buffer *b, const char *s, const char *e) {
    struct sori_str r;
    r.ptr = lua_tolstring(m->L, 3, &r.len);
    for (size_t i = 0; i < r.len; i++) {
        if (r.ptr[i] != '%') {
            luaL_addchar(b, r.ptr[i]);
            continue;
        }
        char c = ++i < r.len ? r.ptr[i] : 0;
        if (c == '%')
            luaL_addchar(b, '%');
        else if (c == '0')
            luaL_addlstring(b, s, (size_t)(e - s));
        else if (isdigit((unsigned char)c)) {
            push_capture(m, c - '1', s, e);
            luaL_tolstring(m->L, -1, NULL); /* a text or a number: no addresses */
            lua_remove(m->L, -2);
            luaL_addvalue(b);
        } else
            luaL_error(m->L, "invalid use of '%%' in replacement string");
    }
}

/* Puts the replacement of [s, e) into `b`; true where something changed. */
static bool add_value(struct match *m, luaL_Buffer *b, const char *s, const char *e, int type) {
    lua_State *L = m->L;
    if (type == LUA_TFUNCTION) {
        lua_pushvalue(L, 3);
        int n = push_captures(m, s, e);
        lua_call(L, n, 1);
    } else if (type == LUA_TTABLE) {
        push_capture(m, 0, s, e);
        lua_gettable(L, 3);
    } else {
        add_template(m, b, s, e);
        return true;
    }
    if (!lua_toboolean(L, -1)) {
        lua_pop(L, 1);
        luaL_addlstring(b, s, (size_t)(e - s));
        return false;
    }
    if (!lua_isstring(L, -1))
        luaL_error(L, "invalid replacement value (a %s)", luaL_typename(L, -1));
    luaL_addvalue(b);
    return true;
}

int sandbox_gsub_text(lua_State *L) {
    struct sori_str s = check_text(L, 1), p = check_text(L, 2);
    int type = lua_type(L, 3);
    luaL_argexpected(L,
                     type == LUA_TNUMBER || type == LUA_TSTRING || type == LUA_TFUNCTION ||
                         type == LUA_TTABLE,
                     3, "string/function/table");
    lua_Integer most = luaL_optinteger(L, 4, (lua_Integer)s.len + 1), n = 0;
    if (type == LUA_TNUMBER) lua_tostring(L, 3);
    bool anchor = p.len && p.ptr[0] == '^';
    const char *pattern = p.ptr + anchor, *at = s.ptr, *last = NULL;
    struct match m = {.L = L, .begin = s.ptr, .end = s.ptr + s.len, .pattern_end = p.ptr + p.len};
    luaL_Buffer b;
    luaL_buffinit(L, &b);
    while (n < most) {
        match_begin(&m);
        const char *e = match_here(&m, at, pattern);
        if (e && e != last) {
            n++;
            add_value(&m, &b, at, e, type);
            at = last = e;
        } else if (at < m.end)
            luaL_addchar(&b, *at++);
        else
            break;
        if (luaL_bufflen(&b) > TEXT_MAX) luaL_error(L, "the result is longer than 1 MiB");
        if (anchor) break;
    }
    sandbox_charge(L, m.steps + (m.end - at) / 16);
    luaL_addlstring(&b, at, (size_t)(m.end - at));
    luaL_pushresult(&b);
    lua_pushinteger(L, n);
    return 2;
}
