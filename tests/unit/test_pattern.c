/* uses: sori_lua sori_base */
/* Our string functions beside Lua's own, over random patterns, subjects and arguments: the same
 * results, and an error exactly where Lua has one. */
#include "lua/sandbox/sandbox.h"

#include <lualib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static const char compare[] =
    "return function(name, a, b, c, d)\n"
    "  local function show(...)\n"
    "    local out = {}\n"
    "    for i = 1, select('#', ...) do out[i] = tostring((select(i, ...))) end\n"
    "    return table.concat(out, '|')\n"
    "  end\n"
    "  local f = string[name]\n"
    "  if name == 'gmatch' then\n"
    "    f = function(s, p, init)\n"
    "      local all = {}\n"
    "      for x, y in string.gmatch(s, p, init) do all[#all + 1] = show(x, y) end\n"
    "      return table.concat(all, ';')\n"
    "    end\n"
    "  elseif name == 'gsub-f' then\n"
    "    f = function(s, p) return string.gsub(s, p, function(x) return '<' .. tostring(x) .. '>' "
    "end) end\n"
    "  elseif name == 'gsub-t' then\n"
    "    f = function(s, p) return string.gsub(s, p, { a = 'A', b = false, ab = 1 }) end\n"
    "  end\n"
    "  local n = d ~= nil and 4 or c ~= nil and 3 or b ~= nil and 2 or 1\n"
    "  return show(pcall(f, table.unpack({ a, b, c, d }, 1, n)))\n"
    "end\n";

static unsigned seed = 20261122;
static unsigned dice(unsigned n) {
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 8) % n;
}

static void random_subject(struct buf *b) {
    static const char letters[] = "aabbcAB01 .-(]%\n";
    buf_clear(b);
    for (unsigned n = dice(13); n; n--) buf_putc(b, letters[dice(sizeof letters - 1)]);
    if (dice(20) == 0) buf_putc(b, 0);
}

static void random_pattern(struct buf *b) {
    static const char *const atoms[] = {
        "a",      "b",      "c",     ".",   "%a",    "%d",   "%s",   "%w",     "%W",
        "%A",     "%p",     "%l",    "%u",  "%x",    "%c",   "%g",   "[ab]",   "[^ab]",
        "[a-c]",  "[%d%s]", "[^%w]", "[]]", "[^]a]", "[a-]", "[%]]", "[a-b-]", "(",
        ")",      "()",     "(a)",   "(.)", "%1",    "%2",   "%b()", "%bab",   "%f[%w]",
        "%f[^a]", "$",      "^",     "%%",  "%.",    "%-",   "-",    "0",      "]",
        "[",      "%",      "%f",    "%b",  "%bx",   "%0",   "%9",   "(()",    "A"};
    static const char *const suffixes[] = {"", "", "", "", "*", "+", "-", "?"};
    buf_clear(b);
    if (dice(6) == 0) buf_putc(b, '^');
    for (unsigned n = dice(6); n; n--) {
        buf_puts(b, atoms[dice(sizeof atoms / sizeof *atoms)]);
        buf_puts(b, suffixes[dice(8)]);
    }
    if (dice(6) == 0) buf_putc(b, '$');
}

/* Puts the compare function on top of both stacks, calls it with the same arguments. */
static void call(lua_State *L, const char *name, const struct buf *s, const struct buf *p,
                 int third, int fourth, const char *replacement) {
    lua_pushvalue(L, 1);
    lua_pushstring(L, name);
    lua_pushlstring(L, s->data ? s->data : "", s->len);
    lua_pushlstring(L, p->data ? p->data : "", p->len);
    if (replacement)
        lua_pushstring(L, replacement);
    else if (third == 99)
        lua_pushnil(L);
    else
        lua_pushinteger(L, third);
    if (fourth == 99 || third == 99)
        lua_pushnil(L);
    else if (replacement)
        lua_pushinteger(L, fourth);
    else
        lua_pushboolean(L, fourth & 1);
}

/* Messages may differ; that there is one may not. */
static void cut_message(char *text) {
    if (strncmp(text, "false|", 6) == 0) text[6] = 0;
}

static void like_lua(void **state) {
    (void)state;
    static const char *const names[] = {"find", "match", "gmatch", "gsub", "gsub-f", "gsub-t"};
    static const char *const replacements[] = {"x", "%0", "%1", "<%1%2>", "%%",
                                               "",  "%",  "%9", "a%0%0"};
    lua_State *real = luaL_newstate();
    luaL_openlibs(real);
    assert_int_equal(luaL_dostring(real, compare), LUA_OK);
    struct sandbox *box = sandbox_new();
    struct buf s = {0}, p = {0}, error = {0};
    assert_true(sandbox_run(box, "c.lua", str_c(compare), 1, &error));
    lua_State *ours = sandbox_lua(box);
    unsigned same = 0, errors = 0;
    for (int i = 0; i < 60000; i++) {
        const char *name = names[dice(6)];
        int third = dice(3) ? 99 : (int)dice(20) - 10, fourth = dice(3) ? 99 : (int)dice(4);
        const char *replacement = NULL;
        random_subject(&s);
        random_pattern(&p);
        if (strcmp(name, "gsub") == 0) replacement = replacements[dice(9)], third = 0;
        call(real, name, &s, &p, third, fourth, replacement);
        assert_int_equal(lua_pcall(real, 5, 1, 0), LUA_OK);
        call(ours, name, &s, &p, third, fourth, replacement);
        sandbox_begin(box, &sandbox_load_limits);
        if (!sandbox_call(box, 5, 1, &error))
            fail_msg("%s '%s' '%s': %s", name, s.data, p.data, error.data);
        char a[4096], b[4096];
        snprintf(a, sizeof a, "%s", lua_tostring(real, -1));
        snprintf(b, sizeof b, "%s", lua_tostring(ours, -1));
        cut_message(a);
        cut_message(b);
        if (strcmp(a, b) != 0)
            fail_msg("%s(\"%s\", \"%s\", %d, %d, %s): Lua %s, ours %s", name, s.data, p.data, third,
                     fourth, replacement ? replacement : "-", lua_tostring(real, -1),
                     lua_tostring(ours, -1));
        if (strncmp(a, "false", 5) == 0)
            errors++;
        else
            same++;
        lua_settop(real, 1);
        lua_settop(ours, 1);
    }
    print_message("%u equal results, %u equal refusals\n", same, errors);
    assert_true(same > 10000 && errors > 1000);
    buf_free(&s), buf_free(&p), buf_free(&error);
    sandbox_free(box);
    lua_close(real);
}

/* The other functions, by a table of expressions that both evaluate. */
static void the_rest_like_lua(void **state) {
    (void)state;
    static const char *const expressions[] = {
        "('abc'):sub(2)",
        "('abc'):sub(-2, -1)",
        "('abc'):sub(0)",
        "('abc'):sub(3, 2)",
        "('abc'):sub(-100, 100)",
        "('abc'):sub(math.mininteger, math.maxinteger)",
        "('abc'):byte(-1)",
        "('abc'):byte(1, -1)",
        "('abc'):byte(10)",
        "('abc'):upper()",
        "('aBc'):lower()",
        "('abc'):reverse()",
        "('ab'):rep(3)",
        "('ab'):rep(3, ',')",
        "('ab'):rep(0)",
        "('ab'):rep(-1)",
        "('x'):len()",
        "string.char(72, 105)",
        "string.char()",
        "('%d|%5d|%-5d|%05d|%+d'):format(1, 2, 3, 4, 5)",
        "('%x %X %o %c %i %u'):format(255, 255, 8, 65, 7, 9)",
        "('%5.2f|%e|%g|%a'):format(3.14159, 1e10, 1e-5, 1.0)",
        "('%s|%10s|%-10s|%.2s'):format('a', 'b', 'c', 'def')",
        "('%q'):format('a\\nb\"c\\0d')",
        "('%q'):format(10)",
        "('%s %s %s'):format(nil, true, 1.5)",
        "('%%'):format()",
        "('%d'):format('10')",
        "('%d'):format(3.0)",
        "tostring(1e100)",
        "tostring(-0.0)",
        "tostring(1/0)",
        "tostring(2^63)",
        "tonumber('0x10')",
        "tonumber('  12  ')",
        "tonumber('1e2')",
        "tonumber('abc')",
        "tonumber('zz', 36)",
        "tonumber('-7', 8)",
        "tonumber('8', 8)",
        "tonumber('')",
        "tonumber(nil)",
        "table.concat({1, 2, 3}, ', ')",
        "table.concat({}, 'x')",
        "table.concat({1, 2, 3}, '-', 2, 3)",
        "table.concat({1, {}, 3})",
        "select('#', 1, nil, nil)",
        "select(-1, 1, 2, 3)",
        "select(2, 'a', 'b', 'c')",
        "math.floor(-3.5)",
        "math.ceil(3.2)",
        "math.floor(1e300)",
        "math.max(1, 5, 3)",
        "math.min(2.5, 1)",
        "math.abs(math.mininteger)",
        "math.type(1)",
        "math.type(1.0)",
        "math.type('1')",
        "math.tointeger(3.0)",
        "math.tointeger(3.5)",
        "math.sqrt(2)",
        "#table.pack(1, 2, 3)",
        "table.unpack({1, 2, 3}, 2)",
        "table.unpack({1, 2}, 1, 3)",
        "rawequal('a', 'a')",
        "rawlen({1, 2})",
        "utf8.char(72, 0xc18c, 0x1f600)",
        "utf8.len('소리a')",
        "utf8.len('\\xff')",
        "utf8.codepoint('소', 1)",
        "(function() local t = {1, 2, 3} table.insert(t, 2, 9) table.insert(t, 7) return "
        "table.concat(t, ',') .. table.remove(t, 1) .. table.remove(t) .. #t end)()",
        "(function() local t = {5, 2, 8, 1} table.sort(t) return table.concat(t, ',') end)()",
        "(function() local t = {5, 2, 8, 1} table.sort(t, function(a, b) return a > b end) return "
        "table.concat(t, ',') end)()",
        "(function() return (pcall(table.remove, {1, 2, 3}, 7)) end)()",
        "(function() return table.remove({}, 0) end)()",
        "(function() local o = '' for i, v in ipairs({1, 2, nil, 4}) do o = o .. i .. v end return "
        "o end)()",
        "(function() return select('#', pcall(error)) end)()",
        "(function() return pcall(assert, false, 'm') end)()",
        "(function() return pcall(assert, nil) end)()",
        "(function() return (pcall(setmetatable, 1, {})) end)()"};
    lua_State *real = luaL_newstate();
    luaL_openlibs(real);
    struct sandbox *box = sandbox_new();
    struct buf error = {0};
    for (size_t i = 0; i < sizeof expressions / sizeof *expressions; i++) {
        char source[1024];
        snprintf(source, sizeof source,
                 "local o = {} local function all(...) for i = 1, select('#', ...) do o[i] = "
                 "tostring((select(i, ...))) end end "
                 "all(pcall(function() return %s end)) if o[1] == 'false' then return 'false' end "
                 "return table.concat(o, ' ')",
                 expressions[i]);
        assert_int_equal(luaL_dostring(real, source), LUA_OK);
        buf_clear(&error);
        if (!sandbox_run(box, "e.lua", str_c(source), 1, &error))
            fail_msg("%s: %s", expressions[i], error.data);
        const char *a = lua_tostring(real, -1), *b = lua_tostring(sandbox_lua(box), -1);
        /* Lua returns more for utf8.codepoint and utf8.len; ours says where the next one begins. */
        if (strstr(expressions[i], "utf8.codepoint") || strstr(expressions[i], "\\xff")) {
            assert_memory_equal(a, b, 8);
        } else if (strcmp(a, b) != 0)
            fail_msg("%s: Lua %s, ours %s", expressions[i], a, b);
        lua_settop(real, 0);
        lua_settop(sandbox_lua(box), 0);
    }
    buf_free(&error);
    sandbox_free(box);
    lua_close(real);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(like_lua),
                                       cmocka_unit_test(the_rest_like_lua)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
