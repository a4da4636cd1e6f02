/* uses: sori_lua sori_base */
/* What a bad bundle is told: all of it, word for word, with file and line. */
#include "policy/bundle.h"

static void golden(const char *const *files, const char *wanted) {
    struct buf errors = {0};
    struct policy *p = load(files, &errors);
    const char *got = errors.data ? errors.data : "";
    if (p || strcmp(got, wanted) != 0) fail_msg("loaded: %d\n--- got\n%s--- wanted\n%s", p != NULL, got, wanted);
    policy_free(p);
    buf_free(&errors);
}

#define INIT "init.lua", "return { \"rules/care\" }"
#define RULES(text) INIT, "rules/care.lua", "local care = sori.policy \"care\"\n" text "\nreturn care\n"

static void all_errors_of_all_files(void **state) {
    (void)state;
    const char *files[] = {
        "init.lua", "return { \"rules/care\", \"rules/hapy\", \"rules/broken\" }",
        "rules/happy.lua", "return sori.policy \"happy\"",
        "rules/broken.lua", "local x = = 1\n",
        "rules/care.lua",
        "local care = sori.policy \"care\"\n"
        "care:level { likely = \"precision 80%\", sure = \"precision 99%\", odd = \"often\" }\n"
        "care:cell { sorries = { per = \"contact\", type = \"int\", keep = \"90d\" }, tone = { per = \"moon\" } }\n"
        "care:rule \"one\" {\n"
        "  when = { kind = \"coment\", tone = { \"negative\", \"angry\" }, relationshp = \"loyal\",\n"
        "           label = { [\"intent.complain\"] = \"likely\", [\"tone.negative\"] = \"likly\",\n"
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
        "replies/thanks.ko.md", "---\nslot author: number\nslot title: text\nmx: 3\n---\n{author}님 {autor}\n",
        "replies/only.en.md", "Thanks\n",
        "replies/badname.md", "Thanks\n",
        "tests/care_test.lua",
        "local care = sori.policy \"care\"\n"
        "care:case \"late\" { given = { tone = \"cross\", kindd = \"comment\", sorries = \"two\" } }\n",
        NULL};
    golden(files,
           "replies/badname.md:1: the name of a reply is NAME.LANG.md, like sorry.ko.md\n"
           "replies/thanks.ko.md:2: slot author: the type 'number' does not fit this fact; text, word, number, span or time is expected\n"
           "replies/thanks.ko.md:4: 'mx: 3' is not understood; expected about:, max: or slot NAME: TYPE\n"
           "init.lua:1: there is no rules/hapy.lua in this bundle; did you mean rules/happy.lua?\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(all_errors_of_all_files)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
