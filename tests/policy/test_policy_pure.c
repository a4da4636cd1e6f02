/* uses: sori_lua sori_base */
/* Same facts, same bytes: rules that try to remember are named with their variable, whatever they
 * hide it in, and the next decision is as if they had not run. */
#include "policy/bundle.h"

static void decide_text(struct policy *p, const char *text, struct buf *out) {
    struct buf facts = {0};
    rec_int(&facts, FACT_ON, ENTRY_SAID);
    rec_str(&facts, FACT_TEXT, str_c(text));
    rec_int(&facts, FACT_ID, 7);
    buf_clear(out);
    policy_decide(p, buf_view(&facts), out);
    buf_free(&facts);
}

/* The bundle loads; "go" is held with that outcome, three times, and what comes between is decided
 * as in a state that has seen nothing. */
static void remembers(const char *body, const char *outcome) {
    const char *files[] = {"init.lua",
                           "return { \"rules/care\" }",
                           "lib/help.lua",
                           "local help, seen = { list = {}, n = 0 }, 0\n"
                           "function help.count() seen = seen + 1 return seen end\n"
                           "function help.put(x) help.list[#help.list + 1] = x end\n"
                           "return help",
                           "rules/care.lua",
                           body,
                           NULL};
    struct policy *p = must_load(files), *fresh = must_load(files);
    struct buf d = {0}, e = {0}, other = {0};
    decide_text(fresh, "other", &other);
    for (int i = 0; i < 3; i++) {
        decide_text(p, "go", &d);
        struct sori_str why = rec_get_str(buf_view(&d), DEC_OUTCOME);
        if (!str_is(why, outcome))
            fail_msg("%s\n  got    %.*s\n  wanted %s", body, STR(why), outcome);
        decide_text(p, "other", &e);
        if (!str_eq(buf_view(&e), buf_view(&other)))
            fail_msg("%s: another decision after it", body);
    }
    buf_free(&d), buf_free(&e), buf_free(&other);
    policy_free(p), policy_free(fresh);
}

#define CELLS  "; nothing is kept between decisions but cells"
#define FROZEN " that is read-only after loading; keep what must be remembered in a cell"
#define HEAD   "local c = sori.policy \"care\" local help = require \"lib.help\"\n"
#define CHECK(before, code)                                                                        \
    HEAD before                                                                                    \
        "\nc:rule \"r\" { when = {}, check = { why = \"w\", function(i)\n"                         \
        "if i.text == \"go\" then " code " end return false end }, act = {} }\n"                   \
        "c:rule \"last\" { when = {}, act = function(i) return tag(i.text) end }\nreturn c"
#define ACT(before, code)                                                                          \
    HEAD before                                                                                    \
        "\nc:rule \"r\" { when = { words = \"go\" }, act = function(i)\n" code                     \
        " return like() end }\n"                                                                   \
        "c:rule \"last\" { when = {}, act = function(i) return tag(i.text) end }\nreturn c"

static void counters(void **state) {
    (void)state;
    remembers(CHECK("local calls = 0", "calls = calls + 1"),
              "rule \"r\": changed the variable \"calls\" (rules/care.lua:3)" CELLS);
    remembers(ACT("local calls = 0", "calls = calls + 1"),
              "rule \"r\": changed the variable \"calls\" (rules/care.lua:3)" CELLS);
    /* In a helper that another file keeps. */
    remembers(CHECK("", "help.count()"),
              "rule \"r\": changed the variable \"seen\" (lib/help.lua:2)" CELLS);
    /* Before an error of its own, and swallowed. */
    remembers(CHECK("local calls", "calls = true error(\"x\")"), "rule \"r\": rules/care.lua:4: x");
    remembers(CHECK("local calls", "pcall(function() calls = {} error(\"x\") end)"),
              "rule \"r\": changed the variable \"calls\" (rules/care.lua:3)" CELLS);
    /* From nothing, to nothing, and to what looks alike. */
    remembers(CHECK("local last", "last = i.text"),
              "rule \"r\": changed the variable \"last\" (rules/care.lua:3)" CELLS);
    remembers(CHECK("local last = \"x\"", "last = nil"),
              "rule \"r\": changed the variable \"last\" (rules/care.lua:3)" CELLS);
    remembers(CHECK("local last = 1", "last = last == 1 and 1.5"),
              "rule \"r\": changed the variable \"last\" (rules/care.lua:3)" CELLS);
    remembers(CHECK("local make = function() return 1 end", "make = function() return 2 end"),
              "rule \"r\": changed the variable \"make\" (rules/care.lua:3)" CELLS);
    remembers(CHECK("local last = 1", "last = last + 0.0"),
              "rule \"r\": changed the variable \"last\" (rules/care.lua:3)" CELLS);
    remembers(CHECK("local last = 0.0", "last = -last"),
              "rule \"r\": changed the variable \"last\" (rules/care.lua:3)" CELLS);
    /* Through two functions that share it. */
    remembers(CHECK("local n = 0\nlocal function up() n = n + 1 end", "up()"),
              "rule \"r\": changed the variable \"n\" (rules/care.lua:3)" CELLS);
}

static void tables(void **state) {
    (void)state;
    remembers(CHECK("local seen = {}", "seen[i.text] = true"),
              "rule \"r\": rules/care.lua:4: writes 'go' into the table \"seen\"" FROZEN);
    remembers(CHECK("local seen = { n = 0 }", "seen.n = seen.n + 1"),
              "rule \"r\": rules/care.lua:4: writes 'n' into the table \"seen\"" FROZEN);
    remembers(CHECK("local seen = { deep = { n = 0 } }", "local d = seen.deep d.n = 1"),
              "rule \"r\": rules/care.lua:4: writes 'n' into the table \"d\"" FROZEN);
    remembers(CHECK("local seen = { deep = { n = 0 } }", "seen.deep.n = 1"),
              "rule \"r\": rules/care.lua:4: writes 'n' into a table" FROZEN);
    remembers(CHECK("", "help.put(i.text)"),
              "rule \"r\": lib/help.lua:3: writes '1' into a table" FROZEN);
    remembers(CHECK("", "help.n = 2"),
              "rule \"r\": rules/care.lua:4: writes 'n' into the table \"help\"" FROZEN);
    remembers(CHECK("local seen = {}", "table.insert(seen, i.text)"),
              "rule \"r\": rules/care.lua:4: the table \"seen\" is read-only after loading; sort "
              "or change a copy");
    remembers(CHECK("local seen = { 2, 1 }", "table.sort(seen)"),
              "rule \"r\": rules/care.lua:4: the table \"seen\" is read-only after loading; sort "
              "or change a "
              "copy");
    remembers(CHECK("local meta = { __index = {} } local seen = setmetatable({}, meta)",
                    "meta.__index.n = seen.n"),
              "rule \"r\": rules/care.lua:4: writes 'n' into a table" FROZEN);
    remembers(CHECK("", "string.n = 1"),
              "rule \"r\": rules/care.lua:4: writes 'n' into a table" FROZEN);
    remembers(CHECK("", "sori.text.n = 1"),
              "rule \"r\": rules/care.lua:4: writes 'n' into a table" FROZEN);
    remembers(CHECK("", "i.n = 1"),
              "rule \"r\": rules/care.lua:4: an interaction cannot be changed; "
              "return an intention instead");
}

/* The order of what pairs and next walk is that of keys, whatever was put in when. */
static void order_of_walks(void **state) {
    (void)state;
    const char *files[] = {
        "init.lua", "return { \"rules/care\" }", "rules/care.lua",
        "local c = sori.policy \"care\"\n"
        "local kept = { z = 1, a = 2, [3] = 3, [1] = 4, [2.5] = 5, [true] = 6 }\n"
        "local function walk(t) local s = \"\" for k, v in pairs(t) do s = s .. tostring(k) .. v "
        ".. "
        "\" \" end return s end\n"
        "c:rule \"r\" { when = {}, act = function(i)\n"
        "  local made, back = {}, {}\n"
        "  for _, k in ipairs { 3, 1, \"b\", \"a\", 2 } do made[k] = 0 end\n"
        "  for _, k in ipairs { 2, \"a\", \"b\", 1, 3 } do back[k] = 0 end\n"
        "  for n = 1, 200 do made[\"x\" .. n] = n end\n"
        "  for n = 1, 200 do made[\"x\" .. n] = nil end\n"
        "  return tag(walk(kept) .. walk(made) .. tostring(walk(made) == walk(back)) .. "
        "tostring(next(made)) .. tostring(walk) .. tostring({}))\n"
        "end }\nreturn c",
        NULL};
    struct policy *p = must_load(files), *q = must_load(files);
    struct buf a = {0}, b = {0};
    decide_text(p, "x", &a);
    for (int i = 0; i < 50; i++) {
        decide_text(i % 2 ? p : q, "x", &b);
        assert_true(str_eq(buf_view(&a), buf_view(&b)));
    }
    struct sori_str said = rec_get_str(rec_get_rec(buf_view(&a), DEC_INTENT), INTENT_NAME);
    struct sori_str wanted = SORI_STR("14 2.55 33 a2 z1 true6 10 20 30 a0 b0 true1functiontable");
    if (!str_eq(said, wanted)) fail_msg("%.*s", STR(said));
    buf_free(&a), buf_free(&b);
    policy_free(p), policy_free(q);
}

/* The size of a table with holes is a matter of Lua's memory of it, which no two states share: once
 * read-only it is that before the first hole. */
static void size_of_holes(void **state) {
    (void)state;
    const char *files[] = {
        "init.lua", "return { \"rules/care\" }", "rules/care.lua",
        "local c = sori.policy \"care\"\n"
        "local x, kept = 1, {}\n"
        "local function random(n) x = (x * 1103515245 + 12345) % 2147483648 return x // 65536 % n "
        "end\n"
        "for k = 1, 100 do local t = {} kept[k] = t\n"
        "  for n = 1, 3 + random(60) do\n"
        "    t[random(4) == 0 and \"k\" .. random(1000) or random(24) + 1] = random(5) > 0 or nil\n"
        "  end end\n"
        "c:rule \"r\" { when = {}, act = function(i) local said = {}\n"
        "  for k, t in ipairs(kept) do\n"
        "    said[k] = #t .. (rawlen(t) == #t and #table.pack(table.unpack(t)) == #t and \"\" or "
        "\"!\")\n"
        "  end return note(table.concat(said, \" \")) end }\nreturn c",
        NULL};
    struct buf first = {0}, other = {0};
    for (int i = 0; i < 20; i++) {
        struct policy *p = must_load(files);
        decide_text(p, "x", i ? &other : &first);
        policy_free(p);
        assert_int_equal(rec_get_int(buf_view(&first), DEC_STATUS, 0), DECISION_DECIDED);
        assert_null(memchr(first.data, '!', first.len));
        if (i && !str_eq(buf_view(&first), buf_view(&other)))
            fail_msg("another size in state %d", i);
    }
    buf_free(&first), buf_free(&other);
}

/* Neither a clock nor chance nor an address nor the place is there to be asked. */
static void nothing_else_to_ask(void **state) {
    (void)state;
    static const char *const asked[] = {
        "os.time()",      "os.getenv(\"HOME\")",      "math.random()",    "math.randomseed(1)",
        "io.read()",      "debug.getinfo(1)",         "collectgarbage()", "load(\"return 1\")()",
        "dofile(\"x\")",  "coroutine.create(print)",  "print(1)",         "_G.x",
        "_ENV.os.time()", "string.dump(print)",       "package.path",     "getmetatable(\"\")",
        "utf8.nothing()", "string.format(\"%p\", {})"};
    for (size_t i = 0; i < sizeof asked / sizeof *asked; i++) {
        struct buf body = {0}, errors = {0}, d = {0};
        buf_printf(&body,
                   "local c = sori.policy \"care\"\nc:rule \"r\" { when = {}, act = function(i) "
                   "return tag(tostring(%s)) end }\nreturn c",
                   asked[i]);
        const char *files[] = {"init.lua", "return { \"rules/care\" }", "rules/care.lua", body.data,
                               NULL};
        struct policy *p = load(files, &errors);
        if (p) decide_text(p, "x", &d);
        if (p && rec_get_int(buf_view(&d), DEC_STATUS, 0) != DECISION_HELD)
            fail_msg("%s was answered", asked[i]);
        if (p) policy_free(p);
        buf_free(&body), buf_free(&errors), buf_free(&d);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counters),
        cmocka_unit_test(tables),
        cmocka_unit_test(order_of_walks),
        cmocka_unit_test(size_of_holes),
        cmocka_unit_test(nothing_else_to_ask),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
