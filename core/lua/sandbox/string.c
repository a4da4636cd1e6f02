/* The string library, with caps on what one call may make; ASCII alone, as in the C locale. */
#include "lua/sandbox/inner.h"

#include <ctype.h>
#include <stdio.h>

static struct sori_str text_arg(lua_State *L, int arg) {
    struct sori_str s;
    s.ptr = luaL_checklstring(L, arg, &s.len);
    return s;
}

/* The bytes [from, to) that a pair of Lua positions names. */
static void range(size_t len, lua_Integer i, lua_Integer j, size_t *from, size_t *to) {
    lua_Integer n = (lua_Integer)len;
    if (i < 0) i = i < -n ? 1 : n + i + 1;
    if (i == 0) i = 1;
    if (j > n) j = n;
    if (j < 0) j = j < -n ? 0 : n + j + 1;
    *from = (size_t)(i - 1);
    *to = (size_t)j;
    if (i > j) *from = *to = 0;
}

static int text_byte(lua_State *L) {
    struct sori_str s = text_arg(L, 1);
    lua_Integer i = luaL_optinteger(L, 2, 1);
    size_t from, to;
    range(s.len, i, luaL_optinteger(L, 3, i), &from, &to);
    if (to - from > UNPACK_MAX) return luaL_error(L, "more than %d bytes at once", UNPACK_MAX);
    luaL_checkstack(L, (int)(to - from), "too many bytes");
    for (size_t k = from; k < to; k++) lua_pushinteger(L, (unsigned char)s.ptr[k]);
    return (int)(to - from);
}

static int text_char(lua_State *L) {
    int n = lua_gettop(L);
    luaL_Buffer b;
    char *out = luaL_buffinitsize(L, &b, (size_t)n);
    for (int i = 1; i <= n; i++) {
        lua_Unsigned c = (lua_Unsigned)luaL_checkinteger(L, i);
        luaL_argcheck(L, c <= 255, i, "value out of range");
        out[i - 1] = (char)c;
    }
    luaL_pushresultsize(&b, (size_t)n);
    return 1;
}

static int text_len(lua_State *L) {
    lua_pushinteger(L, (lua_Integer)text_arg(L, 1).len);
    return 1;
}

static int text_sub(lua_State *L) {
    struct sori_str s = text_arg(L, 1);
    size_t from, to;
    range(s.len, luaL_checkinteger(L, 2), luaL_optinteger(L, 3, -1), &from, &to);
    sandbox_charge(L, (int64_t)(to - from) / 16);
    lua_pushlstring(L, s.ptr + from, to - from);
    return 1;
}

static int mapped(lua_State *L, int (*map)(int), bool backwards) {
    struct sori_str s = text_arg(L, 1);
    sandbox_charge(L, (int64_t)s.len / 8);
    luaL_Buffer b;
    char *out = luaL_buffinitsize(L, &b, s.len);
    for (size_t i = 0; i < s.len; i++)
        out[i] = (char)map((unsigned char)s.ptr[backwards ? s.len - 1 - i : i]);
    luaL_pushresultsize(&b, s.len);
    return 1;
}
static int same(int c) { return c; }
static int text_lower(lua_State *L) { return mapped(L, tolower, false); }
static int text_upper(lua_State *L) { return mapped(L, toupper, false); }
static int text_reverse(lua_State *L) { return mapped(L, same, true); }

static int text_rep(lua_State *L) {
    struct sori_str s = text_arg(L, 1), between;
    lua_Integer n = luaL_checkinteger(L, 2);
    between.ptr = luaL_optlstring(L, 3, "", &between.len);
    if (n <= 0) return lua_pushliteral(L, ""), 1;
    size_t unit = s.len + between.len;
    if (unit && (size_t)n > TEXT_MAX / unit)
        return luaL_error(L, "the result is longer than 1 MiB");
    size_t total = unit ? unit * (size_t)n - between.len : 0;
    sandbox_charge(L, (int64_t)total / 16);
    luaL_Buffer b;
    char *out = luaL_buffinitsize(L, &b, total);
    for (lua_Integer i = 0; unit && i < n; i++) {
        memcpy(out, s.ptr, s.len);
        out += s.len;
        if (i + 1 < n) memcpy(out, between.ptr, between.len);
        out += between.len;
    }
    luaL_pushresultsize(&b, total);
    return 1;
}

/* ---- format ---- */

static const char *const offered = "diuoxXcaAeEfFgGsq%";

/* Copies "%-5.2f" and its like; two digits for width and precision, as in the manual. */
static const char *take_spec(lua_State *L, const char *p, const char *end, char *spec) {
    size_t n = 0;
    spec[n++] = '%';
    while (p < end && *p && strchr("-+ #0", *p)) {
        if (n > 5) luaL_error(L, "invalid format: too many flags");
        spec[n++] = *p++;
    }
    for (int i = 0; i < 2 && p < end && isdigit((unsigned char)*p); i++) spec[n++] = *p++;
    if (p < end && *p == '.') {
        spec[n++] = *p++;
        for (int i = 0; i < 2 && p < end && isdigit((unsigned char)*p); i++) spec[n++] = *p++;
    }
    spec[n] = 0;
    if (p == end || !*p || !strchr(offered, *p))
        luaL_error(L,
                   "invalid conversion '%s%c' to 'format'; offered are d i u o x X c a A e E f "
                   "F g G s q",
                   spec, p < end ? *p : ' ');
    return p;
}

static void add_quoted(lua_State *L, luaL_Buffer *b, int arg) {
    if (lua_type(L, arg) != LUA_TSTRING) {
        if (lua_type(L, arg) > LUA_TSTRING) luaL_argerror(L, arg, "value has no literal form");
        sandbox_tostring(L, arg);
        luaL_addvalue(b);
        return;
    }
    struct sori_str s = text_arg(L, arg);
    luaL_addchar(b, '"');
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i], digits[8];
        bool digit_next = i + 1 < s.len && isdigit((unsigned char)s.ptr[i + 1]);
        if (c == '"' || c == '\\' || c == '\n') {
            luaL_addchar(b, '\\');
            luaL_addchar(b, c);
        } else if (iscntrl((unsigned char)c)) {
            snprintf(digits, sizeof digits, digit_next ? "\\%03d" : "\\%d", (unsigned char)c);
            luaL_addstring(b, digits);
        } else
            luaL_addchar(b, c);
    }
    luaL_addchar(b, '"');
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
static void add_number(lua_State *L, luaL_Buffer *b, char *spec, char kind, int arg) {
    char out[512];
    size_t n = strlen(spec);
    if (strchr("aAeEfFgG", kind)) {
        spec[n] = kind;
        spec[n + 1] = 0;
        snprintf(out, sizeof out, spec, luaL_checknumber(L, arg));
    } else if (kind == 'c') {
        luaL_addchar(b, (char)luaL_checkinteger(L, arg));
        return;
    } else {
        memcpy(spec + n, "ll", 2);
        spec[n + 2] = kind;
        spec[n + 3] = 0;
        snprintf(out, sizeof out, spec, (long long)luaL_checkinteger(L, arg));
    }
    luaL_addstring(b, out);
}

static void add_text(lua_State *L, luaL_Buffer *b, char *spec, int arg) {
    struct sori_str s = sandbox_tostring(L, arg);
    sandbox_charge(L, (int64_t)s.len / 16);
    if (!spec[1]) {
        luaL_addvalue(b);
        return;
    }
    if (memchr(s.ptr, 0, s.len)) luaL_argerror(L, arg, "string contains zeros");
    if (s.len >= 100 && !strchr(spec, '.')) {
        luaL_addvalue(b);
        return;
    }
    char out[512];
    strcat(spec, "s");
    snprintf(out, sizeof out, spec, s.ptr);
    lua_pop(L, 1);
    luaL_addstring(b, out);
}
#pragma GCC diagnostic pop

int sandbox_format_text(lua_State *L) {
    struct sori_str f = text_arg(L, 1);
    int arg = 1;
    luaL_Buffer b;
    luaL_buffinit(L, &b);
    for (const char *p = f.ptr, *end = f.ptr + f.len; p < end; p++) {
        if (*p != '%') {
            luaL_addchar(&b, *p);
            continue;
        }
        char spec[24];
        p = take_spec(L, p + 1, end, spec);
        if (*p == '%')
            luaL_addchar(&b, '%');
        else {
            if (++arg > lua_gettop(L) || lua_type(L, arg) == LUA_TNONE)
                luaL_argerror(L, arg, "no value");
            if (*p == 'q')
                add_quoted(L, &b, arg);
            else if (*p == 's')
                add_text(L, &b, spec, arg);
            else
                add_number(L, &b, spec, *p, arg);
        }
        sandbox_charge(L, 4);
        if (luaL_bufflen(&b) > TEXT_MAX) return luaL_error(L, "the result is longer than 1 MiB");
    }
    luaL_pushresult(&b);
    return 1;
}

void sandbox_open_string(lua_State *L) {
    static const luaL_Reg functions[] = {{"byte", text_byte},
                                         {"char", text_char},
                                         {"find", sandbox_find_text},
                                         {"format", sandbox_format_text},
                                         {"gmatch", sandbox_gmatch_text},
                                         {"gsub", sandbox_gsub_text},
                                         {"len", text_len},
                                         {"lower", text_lower},
                                         {"match", sandbox_match_text},
                                         {"rep", text_rep},
                                         {"reverse", text_reverse},
                                         {"sub", text_sub},
                                         {"upper", text_upper},
                                         {NULL, NULL}};
    lua_newtable(L);
    luaL_setfuncs(L, functions, 0);
    /* ("x"):find(…) reaches this table too; it is frozen by the caller, so a copy is not needed. */
    lua_pushliteral(L, "");
    lua_newtable(L);
    lua_pushvalue(L, -3);
    lua_setfield(L, -2, "__index");
    lua_setmetatable(L, -2);
    lua_pop(L, 1);
}
