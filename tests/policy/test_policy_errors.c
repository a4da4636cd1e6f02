/* uses: sori_lua sori_base */
/* What a bad bundle is told: all of it, word for word, with file and line. */
#include "policy/bundle.h"

#include <sys/stat.h>
#include <unistd.h>

static void golden(const char *const *files, const char *wanted) {
    struct buf errors = {0};
    struct policy *p = load(files, &errors);
    const char *got = errors.data ? errors.data : "";
    if (p || strcmp(got, wanted) != 0) {
        fprintf(stderr, "--- got (loaded: %d)\n%s--- wanted\n%s", p != NULL, got, wanted);
        fail();
    }
    policy_free(p);
    buf_free(&errors);
}

#define INIT "init.lua", "return { \"rules/care\" }"
#define RULES(text)                                                                                \
    INIT, "rules/care.lua", "local care = sori.policy \"care\"\n" text "\nreturn care\n"

/* A file that does not load takes its cells with it: tests that name them are not wrong for that.
 */
static void an_error_is_told_alone(void **state) {
    (void)state;
    const char *files[] = {
        "init.lua",
        "return { \"rules/care\" }",
        "rules/care.lua",
        "local care = sori.policy \"care\"\n"
        "care:cell { invited = { per = \"contact\", type = \"int\", keep = \"90d\" } }\n"
        "care:rule \"one\" { when = {} act = {} }\nreturn care\n",
        "tests/care_test.lua",
        "local care = sori.policy \"care\"\n"
        "care:case \"late\" { given = { invited = 1 }, expect = { rule = \"one\" } }\n",
        NULL};
    golden(files, "rules/care.lua:3: '}' expected near 'act'; is a comma missing before it?\n");
}

static void all_errors_of_all_files(void **state) {
    (void)state;
    const char *files[] = {
        "init.lua",
        "return { \"rules/care\", \"rules/hapy\", \"rules/broken\" }",
        "rules/happy.lua",
        "return sori.policy \"happy\"",
        "rules/broken.lua",
        "local x = = 1\n",
        "rules/care.lua",
        "local care = sori.policy \"care\"\n"
        "care:level { likely = \"precision 80%\", sure = \"precision 99%\", odd = \"often\" }\n"
        "care:cell { sorries = { per = \"contact\", type = \"int\", keep = \"90d\" }, tone = { per "
        "= \"moon\" } }\n"
        "care:rule \"one\" {\n"
        "  when = { kind = \"coment\", tone = { \"negative\", \"angry\" }, relationshp = "
        "\"loyal\",\n"
        "           label = { [\"intent.complain\"] = \"likely\", [\"tone.negative\"] = "
        "\"likly\",\n"
        "                     [\"tone.positive\"] = \"sure\" },\n"
        "           sorries = { bellow = 2 }, influencer = \"yes\" },\n"
        "  act = { reply \"sorry\", reply { \"thanks\", aprove = true },\n"
        "          assign \"suport\", clock \"soon\", add \"sories\", like,\n"
        "          alert \"{case.departmnt} waits\" },\n"
        "}\n"
        "care:note \"two\" { when = {}, act = { reply \"thanks\" } }\n"
        "care:rule \"one\" { when = {} }\n"
        "care:rule \"three\"\n"
        "care:rule \"four\" { wehn = {}, act = {}, check = function() end }\n"
        "return care\n",
        "replies/thanks.ko.md",
        "---\nslot author: number\nslot title: text\nmx: 3\n---\n{author}님 {autor}\n",
        "replies/only.en.md",
        "Thanks\n",
        "replies/badname.md",
        "Thanks\n",
        "tests/care_test.lua",
        "local care = sori.policy \"care\"\n"
        "care:case \"late\" { given = { tone = \"cross\", kindd = \"comment\", sorries = \"two\" } "
        "}\n",
        NULL};
    golden(
        files,
        "replies/thanks.ko.md:2: slot author: the type 'number' does not fit this fact; text, "
        "name, url, word, number, span or time is expected\n"
        "replies/thanks.ko.md:4: 'mx: 3' is not understood; expected about:, max:, goal:, source:, "
        "needs:, next:, holding: or slot NAME: TYPE; did you mean 'max'?\n"
        "replies/badname.md:1: the name of a reply is NAME.LANG.md, like sorry.ko.md\n"
        "rules/care.lua:2: level odd: expected \"precision 80%\" or a number from 0 to 1\n"
        "rules/care.lua:3: cell tone: per is \"contact\" or \"case\"\n"
        "rules/care.lua:3: cell tone: type = \"int\" is expected, whole numbers; there is no "
        "other\n"
        "rules/care.lua:3: cell tone: keep is a span like \"90d\"\n"
        "rules/care.lua:3: cell tone: this is the name of a fact; choose another\n"
        "rules/care.lua:14: rule \"one\": this name is taken by rules/care.lua:4; names are "
        "unique\n"
        "init.lua:1: there is no rules/hapy.lua in this bundle; did you mean rules/happy.lua?\n"
        "rules/broken.lua:1: unexpected symbol near '='\n"
        "rules/care.lua:9: rule \"one\": there is no reply 'sorry'; expected a file "
        "replies/sorry.ko.md\n"
        "rules/care.lua:9: rule \"one\": 'aprove' is not understood in a reply; expected approve, "
        "slot, slots, goal, source, lang or long; did you mean 'approve'?\n"
        "rules/care.lua:10: rule \"one\": assign: there is no department 'suport'; the workspace "
        "has: support, lead, marketing; add department \"suport\" to sori.lua; did you mean "
        "'support'?\n"
        "rules/care.lua:10: rule \"one\": clock: 'soon' is no span; expected \"30m\", \"2h\" or "
        "\"7d\"\n"
        "rules/care.lua:10: rule \"one\": add: there is no cell 'sories'; declare it with :cell { "
        "sories = { per = \"contact\", type = \"int\", keep = \"90d\" } }; did you mean "
        "'sorries'?\n"
        "rules/care.lua:4: rule \"one\": act: an intention stands without its brackets; write "
        "like()\n"
        "rules/care.lua:11: rule \"one\": unknown slot {case.departmnt}; expected the name of a "
        "fact; did you mean 'department'?\n"
        "rules/care.lua:8: rule \"one\": influencer: true or false is expected, not a string\n"
        "rules/care.lua:5: rule \"one\": kind: there is no 'coment'; expected one of: unknown, "
        "reaction, comment, share, mention, message, trackback, post; did you mean 'comment'?\n"
        "rules/care.lua:6: rule \"one\": no classifier and no list of words gives the label "
        "'intent.complain'; "
        "available: tone.negative, tone.positive, intent.complaint, topic.delivery; did you mean "
        "'intent.complaint'?\n"
        "rules/care.lua:6: rule \"one\": label tone.negative: there is no level 'likly'; declare "
        "it with :level { likly = \"precision 80%\" } or give a number; did you mean 'likely'?\n"
        "rules/care.lua:7: rule \"one\": label tone.positive never reaches \"sure\" (precision "
        "99%) with this model; its best is 90%: ask for no more than that, or train the model with "
        "more examples\n"
        "rules/care.lua:5: rule \"one\": unknown condition 'relationshp'; expected a fact, a "
        "declared cell, label, words or surge; did you mean 'relationship'?\n"
        "rules/care.lua:8: rule \"one\": sorries: unknown bound 'bellow'; expected below, above, "
        "at_least or at_most; did you mean 'below'?\n"
        "rules/care.lua:5: rule \"one\": tone: there is no 'angry'; expected one of: none, "
        "positive, neutral, negative, unsure\n"
        "rules/care.lua:13: note \"two\": a note may not speak, and reply does; make it a rule\n"
        "rules/care.lua:14: rule \"one\": act is missing; act = {} means to stay silent\n"
        "rules/care.lua:15: rule \"three\": a table { when = …, act = … } is expected after the "
        "name\n"
        "rules/care.lua:16: rule \"four\": check: expected { why = \"what it looks for\", "
        "function(i) … end }\n"
        "rules/care.lua:16: rule \"four\": 'wehn' is not understood; expected when, check, act and "
        "direction; "
        "did you mean 'when'?\n"
        "tests/care_test.lua:2: given.sorries: a cell holds a whole number\n"
        "tests/care_test.lua:2: given.tone: no such word 'cross'; expected one of: none, positive, "
        "neutral, negative, unsure\n"
        "tests/care_test.lua:2: case \"late\": expect = { … } is missing\n");
}

static void files_and_syntax(void **state) {
    (void)state;
    const char *no_init[] = {"rules/care.lua", "return 1", NULL};
    golden(
        no_init,
        "init.lua:1: is missing; it returns the list of rule files, return { \"rules/care\" }\n");
    const char *no_list[] = {"init.lua", "local x = 1", NULL};
    golden(no_list,
           "init.lua:1: expected to return the list of rule files, return { \"rules/care\" }\n");
    const char *syntax[] = {RULES("care:rule \"a\" {\n  when = {},\n  act = { like() }"), NULL};
    golden(syntax, "rules/care.lua:5: '}' expected (to close '{' at line 2) near 'return'; is a "
                   "comma missing before it?\n");
    const char *behind[] = {"init.lua", "return { \"rules/care\" }", "rules/care.lua",
                            "local c = sori.policy \"c\"\nreturn c\ncare:rule \"x\" {}", NULL};
    golden(behind, "rules/care.lua:3: <eof> expected near 'care'; nothing may stand behind the "
                   "return that ends a file\n");
    const char *chance[] = {RULES("local n = math.random(3)"), NULL};
    golden(chance, "rules/care.lua:2: attempt to call a nil value (field 'random'); nothing is "
                   "random here, the same facts give the same decision: sori.pick(i, { … }) "
                   "chooses by the interaction\n");
    const char *quote[] = {RULES("care:rule \"a {\n}"), NULL};
    golden(quote, "rules/care.lua:2: unfinished string near '\"a {'; the closing quote is missing "
                  "on this line\n");
    const char *names[] = {RULES("count = 0\ncare:rule \"a\" { when = {}, act = function(i)\n  "
                                 "retrun_value = 1\n  return assgin \"lead\"\nend }"),
                           NULL};
    golden(names, "rules/care.lua:4: assigns the global 'retrun_value'; a policy has none of its "
                  "own; write \"local retrun_value\"\n"
                  "rules/care.lua:5: unknown name 'assgin'; did you mean 'assign'?\n"
                  "rules/care.lua:2: assigns the global 'count'; a policy has none of its own; "
                  "write \"local count\"\n");
    const char *twice[] = {"init.lua", "return {\n  \"rules/care\",\n  \"rules/care\",\n}",
                           "rules/care.lua",
                           "local c = sori.policy \"c\"\nc:cell { n = { per = \"case\", type = "
                           "\"int\", keep = \"1d\" } }\nreturn c",
                           NULL};
    golden(twice, "init.lua:3: \"rules/care\" is in the list twice: keep one\n");
    const char *thrown[] = {RULES("error { code = 1 }"), NULL};
    golden(thrown, "rules/care.lua:2: an error value of type table was thrown; expected a text\n");
    const char *method[] = {RULES("care:rulle \"a\" {}"), NULL};
    golden(method, "rules/care.lua:2: attempt to call a nil value (method 'rulle')\n");
    const char *endless[] = {RULES("while true do end"), NULL};
    struct buf errors = {0};
    assert_null(load(endless, &errors));
    assert_non_null(strstr(errors.data,
                           "rules/care.lua:2: stopped: 20,000,000 instructions are used up; all "
                           "files of a bundle share this when they are loaded: write lists out"));
    assert_null(strstr(errors.data, "init.lua:1: ")); /* told once */
    buf_free(&errors);
}

static void require_stays_inside(void **state) {
    (void)state;
    const char *missing[] = {RULES("local x = require \"lib.nowhere\""), NULL};
    golden(missing, "rules/care.lua:2: there is no 'lib.nowhere' in this bundle (looked for "
                    "lib/nowhere.lua)\n");
    const char *outside[] = {RULES("local x = require \"../../etc/passwd\""), NULL};
    golden(outside, "rules/care.lua:2: there is no '../../etc/passwd' in this bundle (looked for "
                    "//////etc/passwd.lua)\n");
    const char *circle[] = {RULES("local a = require \"lib.a\""),     "lib/a.lua",
                            "local b = require 'lib.b'\nreturn {}",   "lib/b.lua",
                            "\nlocal a = require 'lib.a'\nreturn {}", NULL};
    golden(circle, "lib/b.lua:2: 'lib.a' requires itself in a circle\n");
    const char *broken[] = {"init.lua",    "return { \"rules/a\", \"rules/b\" }",
                            "rules/a.lua", "local w = require 'lib.w'",
                            "rules/b.lua", "\nlocal w = require 'lib.w'",
                            "lib/w.lua",   "return { 1,, 2 }",
                            NULL};
    golden(broken, "lib/w.lua:1: unexpected symbol near ','\n"
                   "rules/b.lua:2: 'lib.w' did not load: its own error comes first\n");
}

/* Whatever is in place of a value: an error, never a crash. */
static void strange_values(void **state) {
    (void)state;
    static const char *const values[] = {
        "nil",
        "1",
        "-1.5",
        "\"\"",
        "\"x\"",
        "{}",
        "{ {} }",
        "{ 1, 2 }",
        "{ x = 1 }",
        "{ [{}] = 1 }",
        "function() end",
        "like",
        "like()",
        "care",
        "sori",
        "string",
        "true",
        "1/0",
        "0/0",
        "{ [1.5] = 2 }",
        "{ [true] = 1 }",
        "setmetatable({}, { __index = function(t, k) return k end })"};
    static const char *const places[] = {
        "care:rule(%s)",
        "care:rule \"a\" (%s)",
        "care:rule \"a\" { when = %s, act = {} }",
        "care:rule \"a\" { when = { kind = %s }, act = {} }",
        "care:rule \"a\" { when = { label = %s }, act = {} }",
        "care:rule \"a\" { when = { label = { [\"tone.negative\"] = %s } }, act = {} }",
        "care:rule \"a\" { when = { words = %s }, act = {} }",
        "care:rule \"a\" { when = { reach = %s }, act = {} }",
        "care:rule \"a\" { when = { reach = { below = %s } }, act = {} }",
        "care:rule \"a\" { when = { influencer = %s }, act = {} }",
        "care:rule \"a\" { when = {}, act = %s }",
        "care:rule \"a\" { when = {}, act = { %s } }",
        "care:rule \"a\" { when = {}, act = { reply(%s) } }",
        "care:rule \"a\" { when = {}, act = { assign(%s) } }",
        "care:rule \"a\" { when = {}, act = { clock(%s) } }",
        "care:rule \"a\" { when = {}, act = { add(%s) } }",
        "care:rule \"a\" { when = {}, act = { set(%s) } }",
        "care:rule \"a\" { when = {}, act = { alert(%s) } }",
        "care:rule \"a\" { when = {}, act = { reply { \"x\", approve = %s, slot = %s } } }",
        "care:rule \"a\" { when = {}, check = %s, act = {} }",
        "care:level(%s)",
        "care:level { a = %s }",
        "care:cell(%s)",
        "care:cell { a = %s }",
        "care:note(%s)(%s)",
        "sori.policy(%s)",
        "sori.pick(%s, %s)",
        "sori.text.has(\"x\", %s)",
        "care:case(%s)(%s)"};
    unsigned loaded = 0, refused = 0;
    for (size_t v = 0; v < sizeof values / sizeof *values; v++)
        for (size_t k = 0; k < sizeof places / sizeof *places; k++) {
            struct buf line = {0}, source = {0}, errors = {0};
            for (const char *at = places[k]; *at; at++) {
                if (at[0] == '%' && at[1] == 's') {
                    buf_puts(&line, values[v]);
                    at++;
                } else
                    buf_putc(&line, *at);
            }
            buf_printf(&source, "local care = sori.policy \"care\"\n%s\nreturn care\n", line.data);
            const char *files[] = {INIT, "rules/care.lua", source.data, NULL};
            struct policy *p = load(files, &errors);
            if (p)
                loaded++;
            else {
                refused++;
                if (!strstr(errors.data, "rules/care.lua:2:"))
                    fail_msg("%s: %s", line.data, errors.data);
            }
            policy_free(p);
            buf_free(&line), buf_free(&source), buf_free(&errors);
        }
    print_message("%u loaded, %u refused\n", loaded, refused);
    assert_true(refused > 400);
}

static void put_file(const char *dir, const char *name, size_t size) {
    char path[400];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    for (size_t i = 0; i < size; i++) fputc(' ', f);
    fclose(f);
}

static void refuses(const char *dir, const char *part) {
    struct buf out = {0};
    struct err err = {""};
    buf_puts(&out, "before");
    if (bundle_read(dir, &out, &err)) fail_msg("read: %s", part);
    if (!strstr(err.text, part)) fail_msg("%s", err.text);
    assert_int_equal(out.len, 6);
    buf_free(&out);
}

static void folders(void **state) {
    (void)state;
    char dir[] = "/tmp/sori-bundle-XXXXXX", path[400], link[300], name[32];
    struct buf out = {0}, again = {0};
    struct err err = {""};
    assert_non_null(mkdtemp(dir));
    refuses("/nonexistent/policy", "cannot be read");
    refuses(dir, "no policy is here");
    snprintf(path, sizeof path, "%s/rules", dir);
    assert_int_equal(mkdir(path, 0700), 0);
    put_file(dir, "init.lua", 10);
    put_file(dir, "rules/b.lua", 3);
    put_file(dir, "rules/a.lua", 3);
    put_file(dir, "rules/.#a.lua", 3); /* an editor's lock */
    put_file(dir, "rules/a.lua~", 3);
    put_file(dir, "README.md", 3);
    assert_true(bundle_read(dir, &out, &err));
    struct sori_str rest = buf_view(&out);
    struct rec_field f;
    static const char *const wanted[] = {"init.lua", "rules/a.lua", "rules/b.lua"};
    for (int i = 0; i < 3; i++) {
        assert_int_equal(rec_next(&rest, &f), 1);
        assert_true(str_is(rec_get_str(f.s, BUNDLE_PATH), wanted[i]));
    }
    assert_int_equal(rec_next(&rest, &f), 0);
    assert_true(bundle_read(dir, &again, &err));
    assert_true(str_eq(buf_view(&out), buf_view(&again)));
    snprintf(link, sizeof link, "%s/rules/out.lua", dir);
    assert_int_equal(symlink("/etc/passwd", link), 0);
    refuses(dir, "rules/out.lua:1: is no plain file; a bundle follows no links: put a copy of");
    put_file(dir, "rules/big.lua", (256 << 10) + 1);
    refuses(dir, "rules/big.lua:1: is larger than the 256 KiB that a file of a bundle may have; ");
    refuses(dir, "follows no links"); /* all that is wrong is told at once */
    for (int i = 0; i < 30; i++) {
        snprintf(path, sizeof path, "%s/rules/l%d.lua", dir, i);
        assert_int_equal(symlink("/etc/passwd", path), 0);
    }
    refuses(dir, " more files like these");
    refuses(dir, "follows no links: put a copy of the file in its place\nand ");
    for (int i = 0; i < 30; i++) {
        snprintf(path, sizeof path, "%s/rules/l%d.lua", dir, i);
        unlink(path);
    }
    unlink(link);
    snprintf(path, sizeof path, "%s/rules/big.lua", dir);
    unlink(path);
    for (int i = 0; i < 128; i++) {
        snprintf(name, sizeof name, "rules/n%d.lua", i);
        put_file(dir, name, 1);
    }
    refuses(dir, "more than 128 files");
    for (int i = 0; i < 128; i++) {
        snprintf(path, sizeof path, "%s/rules/n%d.lua", dir, i);
        unlink(path);
    }
    static const char *const left[] = {"rules/a.lua",  "rules/b.lua", "rules/.#a.lua",
                                       "rules/a.lua~", "init.lua",    "README.md"};
    for (size_t i = 0; i < sizeof left / sizeof *left; i++) {
        snprintf(path, sizeof path, "%s/%s", dir, left[i]);
        unlink(path);
    }
    snprintf(path, sizeof path, "%s/rules", dir);
    rmdir(path);
    assert_int_equal(rmdir(dir), 0);
    buf_free(&out), buf_free(&again);
}

/* 60 is not 60 %: it would be below the lowest score that there is. */
static void shares(void **state) {
    (void)state;
    const char *files[] = {
        RULES("care:level { likely = 80 }\n"
              "care:rule \"a\" { when = { tone_confidence = { below = 60 } }, act = {} }\n"
              "care:rule \"b\" { when = { label = { [\"intent.complaint\"] = 70 } }, act = {} }"),
        NULL};
    golden(files,
           "rules/care.lua:2: level likely: expected \"precision 80%\" or a number from 0 to 1\n"
           "rules/care.lua:3: rule \"a\": tone_confidence: a score from 0 to 1 is expected, not "
           "60\n"
           "rules/care.lua:4: rule \"b\": label intent.complaint: a score is a number from 0 to "
           "1\n");
}

/* Lua tells the first byte of a sign alone: '<\\235>'. */
static void signs_that_are_not_ascii(void **state) {
    (void)state;
    static const char *const cases[][2] = {
        {"care:rule \"a\" { when = {}, act = { tag 배송 } } -- 배송",
         "2: '}' expected near '배송'; names are made of a-z, 0-9 and _: put words into quotes, "
         "\"…\", and keys into brackets too, [\"…\"] = …\n"},
        {"local t = \"a\\\"배\" .. 배",
         "2: unexpected symbol near '배'; names are made of a-z, 0-9 and _: put words into quotes, "
         "\"…\", and keys into brackets too, [\"…\"] = …\n"},
        {"local t = “a”", "2: unexpected symbol near '“'; quotes are straight here, \"…\"\n"},
        {"local t = { 1， 2 }", "2: '}' expected near '，'; write the plain ',' in its place\n"},
        {"local x =\n\n\xc2\xa0 1",
         "4: unexpected symbol near a blank that is none, U+00A0; type this blank anew\n"},
        {"local\xe3\x80\x80x = 1",
         "2: <name> expected near a blank that is none, U+3000; type this blank anew\n"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[300], wanted[400];
        snprintf(text, sizeof text, "local care = sori.policy \"care\"\n%s\n", cases[i][0]);
        snprintf(wanted, sizeof wanted, "rules/care.lua:%s", cases[i][1]);
        const char *files[] = {INIT, "rules/care.lua", text, NULL};
        golden(files, wanted);
    }
}

/* What loads would be believed: that a second reply leaves, that an empty word is found. */
static void what_would_never_happen(void **state) {
    (void)state;
    const char *files[] = {
        RULES("care:label { [\"topic.parcel\"] = { \"배송\", \"*\", \"\", \"par*cel\" } }\n"
              "care:rule \"a\" { when = { words = \"\" }, act = {} }\n"
              "care:rule \"b\" { when = {}, act = { reply \"hi\", private_reply \"hi\", reply "
              "{ \"hi\", slot = 1 }, reply \"hi\" } }"),
        "replies/hi.ko.md", "안녕하세요\n", NULL};
    golden(files,
           "rules/care.lua:2: label: entry 2, \"*\", is never found: 1 to 200 bytes are expected\n"
           "rules/care.lua:2: label: entry 3, \"\", is never found: 1 to 200 bytes are expected\n"
           "rules/care.lua:2: label: \"par*cel\": a star frees an end of a word, \"*죄송\" or "
           "\"apolog*\", and stands nowhere else\n"
           "rules/care.lua:3: rule \"a\": words: entry 1, \"\", is never found: 1 to 200 bytes are "
           "expected\n"
           "rules/care.lua:4: rule \"b\": reply: a second one to the same word is never said; give "
           "it a number of its own, reply { \"hi\", slot = 2 }, or keep one\n");
}

/* What is told to be written can be written. */
static void remedies_that_work(void **state) {
    (void)state;
    const char *verbs[] = {RULES("care:rule \"a\" { when = {}, act = { close } }\n"
                                 "care:rule \"b\" { when = {}, act = { assign } }\n"
                                 "care:rule \"c\" { when = {}, act = { assign \"배송팀\" } }"),
                           NULL};
    golden(verbs,
           "rules/care.lua:2: rule \"a\": act: an intention stands without its brackets; write "
           "close()\n"
           "rules/care.lua:3: rule \"b\": act: an intention stands without its brackets; write "
           "assign \"…\"\n"
           "rules/care.lua:4: rule \"c\": assign: there is no department '배송팀'; the workspace "
           "has: support, lead, marketing; add department \"NAME\" to sori.lua, NAME of small "
           "letters, digits and dashes\n");
    const char *parts[] = {"init.lua",
                           "return { \"rules/care\", \"rules/나\" }",
                           "rules/\u1102\u1161.lua",
                           "",
                           "rules/care.lua",
                           "local care = sori.policy \"care\"\n"
                           "care:rule \"a\" { when = {}, act = { reply \"나\" } }",
                           "replies/\u1102\u1161.ko.md",
                           "안녕하세요\n",
                           NULL};
    golden(parts, "init.lua:1: there is no rules/나.lua in this bundle; a file of this name is "
                  "there, but its syllables are written in parts (NFD), as some Macs do: rename "
                  "it, typing its name anew\n"
                  "rules/care.lua:2: rule \"a\": there is no reply '나'; a file of this name is "
                  "there, but its syllables are written in parts (NFD), as some Macs do: rename "
                  "it, typing its name anew\n");
    const char *point[] = {RULES("care.rule \"a\" { when = {}, act = {} }"), NULL};
    golden(point, "rules/care.lua:2: bad argument #2 to 'rule' (string expected, got no value); "
                  "write a colon where the point is, care:rule \"name\" { … }, and give it what it "
                  "takes\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(all_errors_of_all_files),
                                       cmocka_unit_test(an_error_is_told_alone),
                                       cmocka_unit_test(shares),
                                       cmocka_unit_test(signs_that_are_not_ascii),
                                       cmocka_unit_test(what_would_never_happen),
                                       cmocka_unit_test(remedies_that_work),
                                       cmocka_unit_test(files_and_syntax),
                                       cmocka_unit_test(require_stays_inside),
                                       cmocka_unit_test(strange_values),
                                       cmocka_unit_test(folders)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
