/* uses: sori_lua sori_base */
/* Every way that is known to hang, stall, blow up or look outside a Lua state, tried. */
#include "lua/sandbox/sandbox.h"
#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

struct run {
    bool ok;
    enum sandbox_budget stopped;
    int64_t took_ms; /* of work */
    char text[2048]; /* the message, or what was returned */
};

static int64_t worked_ms(void) { return clock_cpu_us() / 1000; }

static struct run run_with(const struct sandbox_limits *limits, const char *source) {
    struct run r = {0};
    struct buf errors = {0};
    struct sandbox *s = sandbox_new();
    int64_t start = worked_ms();
    if (sandbox_compile(s, "t.lua", str_c(source), &errors)) {
        sandbox_begin(s, limits);
        r.ok = sandbox_call(s, 0, 1, &errors);
        if (r.ok) {
            lua_State *L = sandbox_lua(s);
            if (lua_type(L, -1) == LUA_TBOOLEAN)
                buf_puts(&errors, lua_toboolean(L, -1) ? "true" : "false");
            else if (lua_tostring(L, -1))
                buf_puts(&errors, lua_tostring(L, -1));
        }
    }
    r.took_ms = worked_ms() - start;
    r.stopped = sandbox_stopped(s);
    snprintf(r.text, sizeof r.text, "%s", errors.data ? errors.data : "");
    buf_free(&errors);
    sandbox_free(s);
    return r;
}

/* A busy machine must not turn what is meant into a matter of time. */
static struct run run(const char *source) {
    struct sandbox_limits limits = sandbox_entry_limits;
    limits.wall_ms = 5000;
    return run_with(&limits, source);
}

/* A script that must be ended by a budget, quickly, at a named line. */
static void must_stop(const char *source, enum sandbox_budget which, const char *where) {
    struct sandbox_limits limits = sandbox_entry_limits;
    if (which) limits.wall_ms = 5000;
    struct run r = run_with(&limits, source);
    if (r.ok || (which && r.stopped != which) || !r.stopped || !strstr(r.text, where) ||
        (!which && r.took_ms > 30 * limits.wall_ms))
        fail_msg("%s\n  gave ok=%d stopped=%d after %lld ms: %s", source, r.ok, r.stopped,
                 (long long)r.took_ms, r.text);
}

static void must_give(const char *source, const char *wanted) {
    struct run r = run(source);
    if (!r.ok || strcmp(r.text, wanted) != 0)
        fail_msg("%s\n  gave: %s\n  not: %s", source, r.text, wanted);
}

static void must_fail(const char *source, const char *part) {
    struct run r = run(source);
    if (r.ok || !strstr(r.text, part))
        fail_msg("%s\n  gave: %s\n  without: %s", source, r.text, part);
}

static void loops(void **state) {
    (void)state;
    must_stop("while true do end", BUDGET_INSTRUCTIONS, "t.lua:1: stopped: 200,000 instructions");
    must_stop("\n\nrepeat until false", BUDGET_INSTRUCTIONS, "t.lua:3:");
    must_stop("local function f() return f() end f()", BUDGET_INSTRUCTIONS, "t.lua:1:");
    must_stop("for i = 1, math.huge do end", BUDGET_INSTRUCTIONS, "t.lua:1:");
    must_stop("::a:: goto a", BUDGET_INSTRUCTIONS, "t.lua:1:");
}

static void swallowed_errors(void **state) {
    (void)state;
    must_stop("while true do pcall(function() while true do end end) end", BUDGET_INSTRUCTIONS,
              "t.lua:1:");
    must_stop("local function f() pcall(f) return f() end f()", BUDGET_LEFT + 0, "t.lua:1:");
    must_stop("for i = 1, 1e9 do pcall(error, setmetatable({}, {__tostring = function() while true "
              "do end end})) end",
              BUDGET_INSTRUCTIONS, "t.lua:1:");
    must_fail("error({})", "an error value of type table");
    must_fail("error(setmetatable({}, {__tostring = function() while true do end end}))",
              "type table");
    must_fail("error(nil)", "type nil");
    must_fail("local x = {} ; return x.y.z", "t.lua:1: attempt to index a nil value");
    must_give("local ok, e = pcall(error, 'x', 0) return tostring(ok) .. e", "falsex");
}

static void patterns(void **state) {
    (void)state;
    must_stop("local n = 26 return string.find(('a'):rep(n), ('a?'):rep(n)..('a'):rep(n))",
              BUDGET_INSTRUCTIONS, "t.lua:1:");
    must_stop("local n = 24 return string.find(('a'):rep(n), ('a?'):rep(n)..('a'):rep(n))",
              BUDGET_INSTRUCTIONS, "t.lua:1:");
    must_stop("return ('a'):rep(300):find('.-.-.-b')", BUDGET_INSTRUCTIONS, "t.lua:1:");
    must_stop("return ('a'):rep(2000):find('.*.*.*b')", BUDGET_INSTRUCTIONS, "t.lua:1:");
    must_stop("return ('a'):rep(2000):match('.*.*.*b')", BUDGET_INSTRUCTIONS, "t.lua:1:");
    must_stop("return ('a'):rep(2000):gsub('.-.-.-b', '')", BUDGET_INSTRUCTIONS, "t.lua:1:");
    must_stop("for x in ('a'):rep(2000):gmatch('.-.-.-b') do end", BUDGET_INSTRUCTIONS, "t.lua:1:");
    must_stop("local s = ('x'):rep(1000000) for i = 1, 1e9 do s:find('y', 1, true) end",
              BUDGET_LEFT, "t.lua:1:");
    must_stop("return ('a'):gsub('a', function() while true do end end)", BUDGET_INSTRUCTIONS,
              "t.lua:1:");
    must_fail("return ('a'):rep(40):find(('(a'):rep(33))", "too many captures");
    must_fail("return ('a'):rep(300):find(('a?'):rep(250))", "pattern too complex");
}

static void finalizers_and_closers(void **state) {
    (void)state;
    must_fail("setmetatable({}, {__gc = function() while true do end end})",
              "'__gc' is not offered");
    must_fail("setmetatable({}, {__close = function() end})", "'__close' is not offered");
    must_fail("setmetatable({}, {__mode = 'k'})", "'__mode' is not offered");
    must_fail("setmetatable({}, {__name = 'x'})", "'__name' is not offered");
    must_fail("local x <close> = nil", "<close> variables are not offered");
    /* Added behind our back: the copy of the metatable does not have it. */
    must_give(
        "local mt = {} local t = setmetatable({}, mt) mt.__gc = function() while true do end end "
        "mt.__close = mt.__gc t = nil for i = 1, 1000 do local x = {} end return 'fine'",
        "fine");
    must_fail("local mt = {} local t = setmetatable({}, mt) mt.__close = function() end "
              "for k in function() return nil end, nil, nil, t do end",
              "got a non-closable value");
    must_fail("xpcall(print, print)", "unknown name 'xpcall'");
    must_fail("return coroutine.wrap(function() end)", "unknown name 'coroutine'");
}

static void metamethods(void **state) {
    (void)state;
    must_stop(
        "local t = setmetatable({}, {__index = function(t, k) while true do end end}) return t.x",
        BUDGET_INSTRUCTIONS, "t.lua:1:");
    must_stop("return tostring(setmetatable({}, {__tostring = function() while true do end end}))",
              BUDGET_INSTRUCTIONS, "t.lua:1:");
    must_stop("local t = setmetatable({}, {__lt = function() while true do end end}) return t < t",
              BUDGET_INSTRUCTIONS, "t.lua:1:");
    must_stop("table.sort({1, 2, 3}, function() while true do end end)", BUDGET_INSTRUCTIONS,
              "t.lua:1:");
    must_stop(
        "local t = {} for i = 1, 20000 do t[i] = 20000 - i end while true do table.sort(t) end",
        BUDGET_INSTRUCTIONS, "t.lua:1:");
    must_give("local t = {3, 1, 2} table.sort(t, function(a, b) return true end) return #t", "3");
    must_give(
        "local t = {} for i = 1, 300 do t[i] = {i % 7, i} end "
        "table.sort(t, function(a, b) return a[1] < b[1] end) "
        "for i = 2, 300 do assert(t[i-1][1] < t[i][1] or t[i-1][2] < t[i][2]) end return 'stable'",
        "stable");
    must_fail("local t = setmetatable({}, {__index = function(t, k) return t[k] end}) return t.x",
              "stack overflow");
}

static void memory(void **state) {
    (void)state;
    must_stop("local t = {} for i = 1, 1e9 do t[i] = {} end", BUDGET_LEFT, "t.lua:1:");
    must_stop("local s = 'x' while true do s = s .. s end", BUDGET_MEMORY,
              "t.lua:1: stopped: one text has more than 2 MiB");
    must_stop("local t = { ('x'):rep(1e6) } while true do t[#t + 1] = t[#t] .. #t end",
              BUDGET_MEMORY, "t.lua:1: stopped: 16 MiB of memory");
    must_stop("local t = {} while true do t[#t + 1] = ('x'):rep(1000000) end", BUDGET_LEFT,
              "t.lua:1:");
    must_stop("local s = 'x' while true do pcall(function() s = s .. s end) end", BUDGET_LEFT,
              "t.lua:1:");
    must_stop("while true do local s = ('a'):rep(1000000) end", BUDGET_LEFT, "t.lua:1:");
    must_stop("local s = ('a'):rep(1000000) local t = {} for i = 1, 1e9 do t = s .. i end",
              BUDGET_LEFT, "t.lua:1:");
    must_fail("return ('a'):rep(5e7)", "longer than 1 MiB");
    must_fail("return ('a'):rep(5e15)", "longer than 1 MiB");
    must_fail("return table.unpack({}, 1, 9e5)", "more than 256 values");
    must_fail("return table.unpack({}, math.mininteger, math.maxinteger)", "more than 256 values");
    must_fail("local t = {} for i = 1, 100 do t[i] = ('x'):rep(20000) end return table.concat(t)",
              "longer than 1 MiB");
    must_fail("return ('%99999d'):format(1)", "invalid conversion");
    must_give("return #('%99.99f'):format(1e308)", "409");
}

static void recursion(void **state) {
    (void)state;
    must_fail("local function f() return 1 + f() end return f()", "t.lua:1:");
    must_fail("local function f(s) return (s:gsub('.', f)) end return f('x')", "C stack overflow");
    must_fail("local s = ('('):rep(500) return load(s)", "unknown name 'load'");
    struct buf deep = {0};
    buf_puts(&deep, "return ");
    for (int i = 0; i < 5000; i++) buf_putc(&deep, '{');
    for (int i = 0; i < 5000; i++) buf_putc(&deep, '}');
    struct run r = run(deep.data);
    assert_false(r.ok);
    buf_free(&deep);
}

static void nothing_outside(void **state) {
    (void)state;
    static const char *const absent[] = {
        "os",       "io",     "debug",          "package",   "load",    "loadstring",
        "loadfile", "dofile", "collectgarbage", "coroutine", "xpcall",  "getmetatable",
        "rawset",   "print",  "warn",           "_G",        "require", "_VERSION"};
    for (size_t i = 0; i < sizeof absent / sizeof *absent; i++) {
        char source[64];
        snprintf(source, sizeof source, "return %s", absent[i]);
        must_fail(source, "unknown name");
        snprintf(source, sizeof source, "local e = 'x' return _ENV['%s']", absent[i]);
        must_fail(source, "unknown ");
    }
    must_fail("return string.dump(function() end)", "nil value (field 'dump')");
    must_fail("return math.random()", "field 'random'");
    must_fail("\x1bLua", "binary chunk");
    must_fail("string.find = nil", "read-only");
    must_fail("('').x.y = 1", "nil value");
    must_fail("local s = string s.evil = 1",
              "writes 'evil' into the table \"s\" that is read-only");
    must_fail("setmetatable(string, {})", "read-only");
    must_fail("table.insert(string, 1)", "read-only");
    must_fail("_ENV = {}", "t.lua:1: _ENV");
    must_fail("local _ENV = {} x = 1", "t.lua:1: _ENV");
    must_fail("return function() _ENV = nil end", "t.lua:1: _ENV");
}

static void globals(void **state) {
    (void)state;
    must_fail("local a = 1\n\nb = 2", "t.lua:3: assigns the global 'b'");
    must_fail("return function()\n  tpye(1)\nend",
              "t.lua:2: unknown name 'tpye'; did you mean 'type'?");
    must_fail("_ENV['dy' .. 'n'] = 1", "assigns the global 'dyn'");
    struct run r = run("x = 1\ny = 2\nreturn zebra");
    assert_non_null(strstr(r.text, "t.lua:1:"));
    assert_non_null(strstr(r.text, "t.lua:2:"));
    assert_non_null(strstr(r.text, "t.lua:3:"));
}

static void nothing_differs(void **state) {
    (void)state;
    const char *source =
        "local t = {} for _, k in ipairs{'b','a',3,1,2.5,true,'가','힣','나'} do t[k] = 1 end "
        "local o = {} for k in pairs(t) do o[#o+1] = tostring(k) end "
        "local n = {} local k = next(t) while k ~= nil do n[#n+1] = tostring(k) k = next(t, k) end "
        "assert(table.concat(o, ' ') == table.concat(n, ' ')) return table.concat(o, ' ')";
    for (int i = 0; i < 20; i++) must_give(source, "1 2.5 3 a b 가 나 힣 true");
    must_give("return tostring({}) .. tostring(function() end) .. ('%s'):format({})",
              "tablefunctiontable");
    must_fail("return ('%p'):format({})", "invalid conversion '%p'");
    must_fail("for k in pairs({[{}] = 1}) do end", "no fixed order");
    must_give(
        "local t = {a=1,b=2,c=3} for k in pairs(t) do t[k] = nil end return tostring(next(t))",
        "nil");
    must_give("return 10 // 3 .. ' ' .. 1e15 .. ' ' .. 2^53", "3 1e+15 9.007199254741e+15");
    must_give("return ('x'):rep(3, '-') .. utf8.char(0xc18c, 0xb9ac) .. utf8.len('소리')",
              "x-x-x소리2");
    must_give("local o = {} for p, c in utf8.codes('a소') do o[#o+1] = p .. ':' .. c end return "
              "table.concat(o, ' ')",
              "1:97 2:49548");
}

static void frozen(void **state) {
    (void)state;
    struct buf errors = {0};
    struct sandbox *s = sandbox_new();
    lua_State *L = sandbox_lua(s);
    const char *source =
        "local list, count = {1, 2, 3, deep = {x = 1}}, 0\n"
        "local C = {} C.__index = function(t, k) t.hidden = 1 return 7 end\n"
        "local o = setmetatable({}, C)\n"
        "return function(what)\n"
        "  if what == 'read' then local n = 0 for _, v in ipairs(list) do n = n + v end for k, v "
        "in pairs(list) do n = n + 1 end return n + #list + list.deep.x end\n"
        "  if what == 'write' then list[1] = 2 end\n"
        "  if what == 'deep' then list.deep.y = 2 end\n"
        "  if what == 'sort' then table.sort(list) end\n"
        "  if what == 'self' then return o.any end\n"
        "  if what == 'count' then count = count + 1 return count end\n"
        "end";
    assert_true(sandbox_run(s, "f.lua", str_c(source), 1, &errors));
    sandbox_watch_upvalues(L, -1);
    sandbox_freeze(L, -1);
    static const struct {
        const char *what, *wanted;
    } calls[] = {{"read", "14"},
                 {"write", "f.lua:6: writes '1' into the table \"list\" that is read-only"},
                 {"deep", "f.lua:7: writes 'y'"},
                 {"sort", "read-only"},
                 {"self", "f.lua:2: writes 'hidden'"},
                 {"count", "1"},
                 {"count", "1"}};
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        buf_clear(&errors);
        lua_pushvalue(L, 1);
        lua_pushstring(L, calls[i].what);
        sandbox_begin(s, &sandbox_entry_limits);
        if (sandbox_call(s, 1, 1, &errors)) {
            buf_puts(&errors, lua_tostring(L, -1));
            lua_pop(L, 1);
        }
        if (!strstr(errors.data, calls[i].wanted)) fail_msg("%s: %s", calls[i].what, errors.data);
        struct buf changed = {0};
        bool same = sandbox_upvalues_same(L, &changed);
        assert_int_equal(same, strcmp(calls[i].what, "count") != 0);
        if (!same) assert_string_equal(changed.data, "\"count\" (f.lua:4)");
        buf_free(&changed);
    }
    buf_free(&errors);
    sandbox_free(s);
}

static void goes_on_after_a_stop(void **state) {
    (void)state;
    struct buf errors = {0};
    struct sandbox *s = sandbox_new();
    lua_State *L = sandbox_lua(s);
    assert_true(
        sandbox_run(s, "f.lua",
                    str_c("return function(x) while x do x = x .. "
                          "'yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy' end return 5 end"),
                    1, &errors));
    sandbox_freeze(L, -1);
    for (int i = 0; i < 10; i++) {
        lua_pushvalue(L, 1);
        if (i % 2)
            lua_pushnil(L);
        else
            lua_pushliteral(L, "x");
        sandbox_begin(s, &sandbox_entry_limits);
        assert_int_equal(sandbox_call(s, 1, 1, &errors), i % 2);
        if (i % 2) lua_pop(L, 1);
        assert_int_equal(lua_gettop(L), 1);
    }
    buf_free(&errors);
    sandbox_free(s);
}

/* Few instructions, much work inside one of them: found by attack, each once took 0.2 s to minutes.
 */
static void long_steps(void **state) {
    (void)state;
    must_stop("return (('b'):rep(1000000)):find('['..('a'):rep(1000000)..']')", BUDGET_INSTRUCTIONS,
              "t.lua:1:");
    must_stop("local s = ('b'):rep(1000000) for i = 1, 1e9 do "
              "s:find('['..('a'):rep(100000)..']*c') end",
              BUDGET_INSTRUCTIONS, "t.lua:1:");
    static const char *const timed[] = {
        "local z = ('\\0'):rep(1000000) z = z..z..z local a, b = z..'a', z..'b' "
        "while true do local x = a < b end",
        "local z = ('a\\0'):rep(500000) local a, b = z..'a', z..'b' while true do local x = a <= b "
        "end"};
    for (size_t i = 0; i < sizeof timed / sizeof *timed; i++) {
        struct run r = run_with(&sandbox_entry_limits, timed[i]);
        if (r.ok || !r.stopped || r.took_ms > 8 * sandbox_entry_limits.wall_ms ||
            !strstr(r.text, "t.lua:1: stopped"))
            fail_msg("%s: %lld ms: %s", timed[i], (long long)r.took_ms, r.text);
    }
}

static struct buf repeated(const char *before, const char *part, size_t n, const char *after) {
    struct buf b = {0};
    buf_puts(&b, before);
    while (n--) buf_puts(&b, part);
    buf_puts(&b, after);
    return b;
}

/* What the compiler itself would do for minutes, or ends without saying where. */
static void compiling(void **state) {
    (void)state;
    static const struct {
        const char *before, *part;
        size_t n;
        const char *after, *wanted;
    } sources[] = {
        {"local a return a", "\nand a", 100000, "", " ms of compiling are used up"},
        {"local x = 1\nreturn ", "(", 10000, "", "t.lua:2: C stack overflow"},
        {"\n\nreturn ", "{", 10000, "", "t.lua:3: C stack overflow"},
        {"", "x=1 ", 60000, "", "t.lua:1: more than 50 names like these in this file"},
        {"", "local a = b\n", 190, "", "t.lua:50: unknown name 'b'"},
    };
    for (size_t i = 0; i < sizeof sources / sizeof *sources; i++) {
        struct buf text =
            repeated(sources[i].before, sources[i].part, sources[i].n, sources[i].after);
        struct buf errors = {0};
        struct sandbox *s = sandbox_new();
        int64_t start = worked_ms();
        assert_false(sandbox_compile(s, "t.lua", buf_view(&text), &errors));
        int64_t took = worked_ms() - start;
        if (!strstr(errors.data, sources[i].wanted) || errors.len > 10000 ||
            took > 10 * sandbox_load_limits.wall_ms)
            fail_msg("%zu: %lld ms: %.300s", i, (long long)took, errors.data);
        sandbox_free(s);
        buf_free(&errors);
        buf_free(&text);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(loops),       cmocka_unit_test(swallowed_errors),
        cmocka_unit_test(patterns),    cmocka_unit_test(finalizers_and_closers),
        cmocka_unit_test(metamethods), cmocka_unit_test(memory),
        cmocka_unit_test(recursion),   cmocka_unit_test(nothing_outside),
        cmocka_unit_test(globals),     cmocka_unit_test(nothing_differs),
        cmocka_unit_test(frozen),      cmocka_unit_test(goes_on_after_a_stop),
        cmocka_unit_test(long_steps),  cmocka_unit_test(compiling),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
