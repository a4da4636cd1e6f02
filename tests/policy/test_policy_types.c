/* uses: sori_lua sori_base */
/* The types for editors and the configuration of luacheck say what the binding is: every global,
 * function, fact, verb, direction and goal, with as many parameters as are taken. */
#include "base/file.h"
#include "policy/bundle.h"

static struct buf types;

static int make_types(void **state) {
    (void)state;
    policy_meta(&types);
    return 0;
}

static bool has(const char *text) { return strstr(types.data, text) != NULL; }

/* Loads a bundle of one init.lua; what it throws is what is returned. */
static struct buf thrown(const char *init) {
    const char *files[] = {"init.lua", init, NULL};
    struct buf errors = {0};
    struct policy *p = load(files, &errors);
    if (p) policy_free(p);
    return errors;
}

/* The names that a live state has in a table, "a b c". */
static struct buf live(const char *expression) {
    struct buf code = {0};
    buf_printf(&code,
               "local n = {} for k, v in pairs(%s) do n[#n + 1] = type(v) == \"function\" and k or "
               "nil end error(\"NAMES \" .. table.concat(n, \" \") .. \" END\")",
               expression);
    struct buf errors = thrown(code.data), out = {0};
    const char *from = strstr(errors.data, "NAMES "), *to = from ? strstr(from, " END") : NULL;
    if (!to) fail_msg("%s: %s", expression, errors.data);
    buf_put(&out, from + 6, (size_t)(to - from - 6));
    buf_free(&code), buf_free(&errors);
    return out;
}

/* Every function of the table is typed, described, and no other one is. */
static void compare(const char *expression, const char *table, char between) {
    struct buf names = live(expression), wanted = {0};
    size_t count = 0, typed = 0;
    for (char *save, *name = strtok_r(names.data, " ", &save); name;
         name = strtok_r(NULL, " ", &save), count++) {
        buf_clear(&wanted);
        buf_printf(&wanted, "\nfunction %s%c%s(", table, between, name);
        const char *at = strstr(types.data, wanted.data);
        buf_clear(&wanted);
        buf_printf(&wanted, "\n%s%c%s = string.%s\n", table, between, name, name);
        if (!at && !has(wanted.data)) fail_msg("%s%c%s has no types", table, between, name);
        if (!at) continue;
        if (strncmp(strchr(at, '(') + 1, "...)", 4) == 0)
            fail_msg("%s%c%s is not described", table, between, name);
    }
    for (int form = 0; form < 2; form++) { /* and functions of the library */
        char head[64];
        snprintf(head, sizeof head, form ? "\n%s%c" : "\nfunction %s%c", table, between);
        for (const char *at = types.data; (at = strstr(at, head)); at++) {
            const char *name = at + strlen(head);
            if (strncmp(name, "text = {}", 9) == 0) continue; /* the table itself */
            typed += name[strspn(name, "abcdefghijklmnopqrstuvwxyz_")] == (form ? ' ' : '(');
        }
    }
    assert_true(count > 0);
    assert_int_equal(typed, count);
    buf_free(&names), buf_free(&wanted);
}

static void functions(void **state) {
    (void)state;
    compare("sori", "sori", '.');
    compare("sori.text", "sori.text", '.');
    compare("sori.policy(\"x\")", "Policy", ':');
}

/* Each typed function takes its parameters: without the first one it complains. */
static void parameters_of_functions(void **state) {
    (void)state;
    char table[32], name[32], params[64];
    size_t asked = 0;
    for (const char *at = types.data; (at = strstr(at, "\nfunction ")); at++) {
        if (sscanf(at, "\nfunction %31[a-zA-Z.]%*[.:]%31[a-z](%63[^)])", table, name, params) < 1)
            continue;
        char full[64], rest[64] = "";
        if (sscanf(at, "\nfunction %63[a-zA-Z.:](%63[^)])", full, rest) != 2) continue;
        char *colon = strchr(full, ':');
        if (!colon && !strchr(full, '.')) continue; /* verbs, below */
        struct buf code = {0};
        if (colon) {
            *colon = 0;
            buf_printf(&code, "local p = sori.policy \"x\" p.%s(p)", colon + 1);
        } else
            buf_printf(&code, "%s()", full);
        struct buf errors = thrown(code.data);
        if (!strstr(errors.data, "bad argument") && !strstr(errors.data, "cases belong") &&
            !strstr(errors.data, "sori.guide"))
            fail_msg("%s takes nothing as well: %s", code.data, errors.data);
        asked++;
        buf_free(&code), buf_free(&errors);
    }
    assert_true(asked >= 16);
}

static bool act_is_refused(const char *act) {
    struct buf rules = {0}, errors = {0};
    buf_printf(&rules,
               "local care = sori.policy \"care\"\ncare:cell { n = { per = \"contact\", type = "
               "\"int\", keep = \"1d\" } }\ncare:rule \"r\" { when = {}, act = %s }\nreturn care",
               act);
    const char *files[] = {"init.lua", "return { \"rules/care\" }", "rules/care.lua",
                           rules.data, "replies/a.ko.md",           "x",
                           NULL};
    struct policy *p = load(files, &errors);
    if (p) policy_free(p);
    buf_free(&rules), buf_free(&errors);
    return !p;
}

/* A verb that is typed with a parameter refuses to be without, and the other way round. */
static void verbs(void **state) {
    (void)state;
    size_t typed = 0, known = 0;
    for (int verb = 0; verb < 64; verb++) {
        const char *word = verb_word(verb);
        char def[64], call[64];
        snprintf(def, sizeof def, "\nfunction %s(", word);
        snprintf(call, sizeof call, "%s()", word);
        struct buf errors = {0};
        snprintf(call, sizeof call, "local x = %s", word);
        errors = thrown(call);
        bool live_one = word[0] != '?' && !strstr(errors.data, "unknown");
        buf_free(&errors);
        known += live_one;
        const char *at = strstr(types.data, def);
        if (live_one != (at != NULL)) fail_msg("%s: types and binding differ", word);
        if (!at) continue;
        typed++;
        bool takes = at[strlen(def)] != ')';
        snprintf(call, sizeof call, "%s()", word);
        if (act_is_refused(call) != takes) fail_msg("%s takes something or not", call);
        snprintf(call, sizeof call, "%s \"1d\"", word);
        if (!takes && !act_is_refused(call)) fail_msg("%s takes nothing", word);
    }
    assert_int_equal(typed, known);
    assert_true(typed >= 18);
}

static void facts_and_words(void **state) {
    (void)state;
    static const char *const names[] = {
#define FACT(tag, NAME, type, lua, help) lua,
#include "base/fields.def"
    };
    const char *when = strstr(types.data, "---@class sori.When\n"),
               *of = strstr(types.data, "---@class sori.Interaction\n"),
               *given = strstr(types.data, "---@class sori.Given\n");
    assert_true(when && of && given && when < of && of < given);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char field[64];
        bool reserved = strcmp(names[i], "private") == 0;
        snprintf(field, sizeof field, "---@field %s%s? ", reserved ? "public " : "", names[i]);
        const char *in_when = strstr(when, field), *in_of = strstr(of, field),
                   *in_given = strstr(given, field);
        if ((in_when && in_when < of) != (strcmp(names[i], "id") != 0))
            fail_msg("%s: sori.When", names[i]);
        if (!in_of || in_of > given) fail_msg("%s: sori.Interaction", names[i]);
        if (!in_given) fail_msg("%s: sori.Given", names[i]);
    }
    assert_true(has("---@field label? ") && has("---@field words? ") && has("---@field surge? "));
    assert_true(
        has("---@overload fun(what: sori.Saying): sori.Intention\n---@param what sori.Reply\n"));
    assert_true(
        has("---@param what { [1]: sori.CellName, [2]: integer }\n---@return sori.Intention\n"
            "function set(what) end\n"));
    for (int i = 1; i < DIRECTION_COUNT; i++) assert_true(strstr(types.data, direction_word(i)));
    for (int i = 1; i < GOAL_COUNT; i++) assert_true(strstr(types.data, goal_word(i)));
}

/* The next field of a class: its name, or false where the class ends. */
static bool next_field(const char **at, char name[40]) {
    if (strncmp(*at, "---@field ", 10) != 0) return false;
    *at += 10;
    if (strncmp(*at, "public ", 7) == 0) *at += 7;
    assert_int_equal(sscanf(*at, "%39[a-z_]?", name), 1);
    *at = strchr(*at, '\n') + 1;
    return true;
}

static const char *class_of(const char *name) {
    char head[64];
    snprintf(head, sizeof head, "---@class %s\n", name);
    const char *at = strstr(types.data, head);
    if (!at) fail_msg("%s is missing", name);
    return at + strlen(head);
}

/* Every key that is typed of a condition is one, and what nobody typed is none. */
static void keys_of_conditions(void **state) {
    (void)state;
    char key[40];
    for (const char *at = class_of("sori.When"); next_field(&at, key);) {
        struct buf rules = {0}, errors = {0};
        buf_printf(
            &rules,
            "local care = sori.policy \"care\"\ncare:rule \"r\" { when = { %s = {} }, act = {} "
            "}\n",
            key);
        const char *files[] = {"init.lua", "return { \"rules/care\" }", "rules/care.lua",
                               rules.data, NULL};
        struct policy *p = load(files, &errors);
        if (p) policy_free(p);
        if (errors.data && strstr(errors.data, "unknown condition"))
            fail_msg("%s: %s", key, errors.data);
        buf_free(&rules), buf_free(&errors);
    }
}

/* What a run of one case says to `given` and `expect`. */
static struct buf tested(const char *given, const char *expect) {
    struct buf test = {0}, report = {0};
    buf_printf(
        &test,
        "local care = sori.policy \"care\"\ncare:case \"c\" { given = { %s }, expect = { %s } "
        "}\nreturn care\n",
        given, expect);
    const char *files[] = {
        "init.lua",
        "return { \"rules/care\" }",
        "rules/care.lua",
        "local care = sori.policy \"care\"\ncare:rule \"r\" { when = {}, act = {} "
        "}\nreturn care\n",
        "tests/care_test.lua",
        test.data,
        NULL};
    struct buf bundle = make_bundle(files), env = make_env();
    struct policy_report counts;
    policy_test(buf_view(&bundle), buf_view(&env), false, &report, &counts);
    buf_free(&test), buf_free(&bundle), buf_free(&env);
    return report;
}

/* The same of what a test gives and of what it expects. */
static void keys_of_cases(void **state) {
    (void)state;
    char key[40], line[64];
    size_t count = 0;
    for (const char *at = class_of("sori.Given"); next_field(&at, key); count++) {
        snprintf(line, sizeof line, "%s = {}", key);
        struct buf report = tested(line, "");
        if (strstr(report.data, "no such fact")) fail_msg("%s: %s", key, report.data);
        buf_free(&report);
    }
    for (const char *at = class_of("sori.Expect"); next_field(&at, key); count++) {
        snprintf(line, sizeof line, "%s = {}", key);
        struct buf report = tested("", line);
        if (strstr(report.data, "a test does not know")) fail_msg("%s: %s", key, report.data);
        buf_free(&report);
    }
    assert_true(count > 60);
    struct buf report = tested("knd = 1", ""), other = tested("", "ruel = false");
    assert_non_null(strstr(report.data, "no such fact"));
    assert_non_null(strstr(other.data, "a test does not know"));
    buf_free(&report), buf_free(&other);
}

/* The language server takes public, private, protected and package for who may see a field; and
 * complains of every type that it does not find. */
static void types_are_whole(void **state) {
    (void)state;
    static const char *const files[] =
        FILES("care:cell { package = { per = \"contact\", type = \"int\", keep = \"1d\" } }\n"
              "care:label { [\"topic.배송\"] = \"배송\", [\"topic.a b\"] = \"c\" }\n");
    struct policy *p = must_load(files);
    struct buf out = {0};
    policy_types(p, &out);
    assert_non_null(strstr(out.data, "---@field public package? sori.Amount"));
    assert_non_null(strstr(out.data, "---@field topic.배송? sori.Wanted\n"));
    assert_non_null(strstr(out.data, "---@field [\"topic.a b\"]? sori.Wanted\n"));
    size_t named = 0;
    for (const char *at = out.data; (at = strstr(at, "sori.")); at++) {
        char name[64], class[96], alias[96];
        const char *line = at;
        while (line > out.data && line[-1] != '\n') line--;
        if (strncmp(line, "---@", 4) != 0 || sscanf(at, "%63[A-Za-z_.]", name) != 1) continue;
        snprintf(class, sizeof class, "---@class %s\n", name);
        snprintf(alias, sizeof alias, "---@alias %s ", name);
        if (!strstr(out.data, class) && !strstr(out.data, alias))
            fail_msg("%s is no type: %.120s", name, line);
        named++;
    }
    assert_true(named > 100);
    for (const char *at = out.data; (at = strstr(at, "---@field ")); at++) {
        static const char *const seen[] = {"public", "protected", "private", "package"};
        char name[32] = "";
        sscanf(at + 10, "%31[a-z_]", name);
        for (size_t i = 0; i < 4; i++)
            if (strcmp(name, seen[i]) == 0 && at[10 + strlen(name)] != ' ') fail_msg("%.60s", at);
    }
    policy_free(p);
    buf_free(&out);
}

static void names_of_a_site(void **state) {
    (void)state;
    const char *files[] =
        FILES("care:level { likely = \"precision 80%\" }\n"
              "care:cell { sorries = { per = \"contact\", type = \"int\", keep = \"90d\" } }\n"
              "care:label { [\"topic.parcel\"] = \"배송\" }\n"
              "care:rule \"a\" { when = {}, act = reply \"sorry\" }\n");
    struct policy *p = must_load(files);
    struct buf out = {0};
    policy_types(p, &out);
    static const char *const lines[] = {
        "---@alias sori.Reply \"sorry\"\n",
        "---@field tone.negative? sori.Wanted\n",
        "---@field topic.parcel? sori.Wanted\n",
        "---@field topic.parcel? number\n",
        "---@field [\"topic.parcel\"]? integer\n",
        "---@alias sori.Level \"likely\"\n",
        "---@alias sori.CellName \"sorries\"\n",
        "---@alias sori.RuleName string|\"a\"\n",
        "---@alias sori.Department \"support\"|\"lead\"|\"marketing\"\n",
        "---@alias sori.Lang string|\"ko\"|\"en\"\n",
        "---@field sorries? sori.Amount|sori.Amount[]|sori.Range a cell\n",
        "---@field sorries integer a cell\n"};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        if (!strstr(out.data, lines[i])) fail_msg("%s is not in\n%s", lines[i], out.data);
    policy_free(p);
    buf_free(&out);
}

/* After a change: sori policy types > sdk/lua/sori.meta.lua
 *                 sori policy types --luacheck > scripts/policy/.luacheckrc */
static void files_are_current(void **state) {
    (void)state;
    struct buf kept = {0}, made = {0};
    struct err err = {""};
    if (!file_read("sdk/lua/sori.meta.lua", 1 << 20, false, &kept, &err)) fail_msg("%s", err.text);
    assert_string_equal(kept.data, types.data);
    policy_luacheckrc(&made);
    buf_clear(&kept);
    if (!file_read("scripts/policy/.luacheckrc", 1 << 20, false, &kept, &err))
        fail_msg("%s", err.text);
    assert_string_equal(kept.data, made.data);
    assert_non_null(strstr(made.data, "\n    \"reply\",\n"));
    assert_non_null(strstr(made.data, "    sori = { fields = {"));
    assert_null(strstr(made.data, "\"print\""));
    buf_free(&kept), buf_free(&made);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(functions),
        cmocka_unit_test(parameters_of_functions),
        cmocka_unit_test(verbs),
        cmocka_unit_test(facts_and_words),
        cmocka_unit_test(keys_of_conditions),
        cmocka_unit_test(keys_of_cases),
        cmocka_unit_test(types_are_whole),
        cmocka_unit_test(names_of_a_site),
        cmocka_unit_test(files_are_current),
    };
    return cmocka_run_group_tests(tests, make_types, NULL);
}
