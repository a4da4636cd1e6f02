/* uses: sori_conf sori_lua sori_base */
/* sori.lua: what a good one becomes, and what is said about a bad one, word for word. */
#include "conf/conf.h"

#include "base/enums.h"
#include "conf/value.h"
#include "sori/option.h"
#include "supervise/messages.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static const char good[] =
    "workspace { name = \"온결 리빙\", timezone = \"Asia/Seoul\", languages = { \"ko\", \"en\" } "
    "}\n"
    "gate { listen = \"127.0.0.1:8080\", public = \"https://hooks.example.kr\" }\n"
    "connection \"shop-blog\" { channel = \"blog\", url = \"https://blog.example.kr\", user = "
    "\"sori\", "
    "every = \"2m\", mode = \"approve\",\n"
    "                         allow = { \"127.0.0.1:8801\" } }   -- exact host:port\n"
    "classifier \"tone\" { plugin = \"ngram\", models = { ko = \"tone.ko\", en = \"tone.en\" }, "
    "floor = 0.6 }\n"
    "reload { max_change = \"5%\" }                               -- optional\n"
    "metrics { listen = \"127.0.0.1:9464\" }\n"
    "department \"support\" { hours = \"mon-fri 09:00-12:00 13:00-18:00\", holidays = \"kr\" }\n"
    "connection \"second\" {\n"
    "  channel = \"com.acme.forum\",\n"
    "  every = \"1h\", mode = \"auto\",\n"
    "  deep = true, pages = 12, share = 0.25,\n"
    "  tags = { \"배송\", \"환불\", 3 },\n"
    "  site = \"https://blog.example.kr/\",\n"
    "  allow = \"/srv/inbox\",\n"
    "}\n"
    "limits { contact_gap = \"5m\", hour = 10, horizon = \"2d\", spool = \"64m\", raw_keep = "
    "\"1d\", due_soon = \"5m\" }\n";

static bool read_text(const char *text, struct buf *record, struct buf *errors) {
    return conf_read(str_c(text), "sori.lua", record, errors);
}

static struct sori_str nth(struct sori_str record, uint32_t tag, int n) {
    struct rec_field f;
    while (rec_next(&record, &f) == 1)
        if (f.tag == tag && n-- == 0) return f.s;
    return (struct sori_str){0};
}

static void a_good_one(void **state) {
    (void)state;
    struct buf record = {0}, errors = {0};
    if (!read_text(good, &record, &errors)) fail_msg("%s", errors.data);
    assert_int_equal(errors.len, 0);
    struct sori_str r = buf_view(&record);
    struct sori_str tone = nth(r, CONF_CLASSIFIER, 0);
    assert_true(str_is(rec_get_str(tone, 1), "tone"));
    assert_true(str_is(rec_get_str(tone, 2), "ngram"));
    assert_true(str_is(rec_get_str(nth(tone, 3, 0), 1), "en")); /* by their bytes */
    assert_true(str_is(rec_get_str(nth(tone, 3, 1), 2), "tone.ko"));
    assert_int_equal(rec_get_int(tone, 4, 0), 6000);
    assert_int_equal(rec_get_int(nth(r, CONF_RELOAD, 0), 1, 0), 500);
    struct sori_str department = nth(r, CONF_DEPARTMENT, 0);
    assert_true(str_is(rec_get_str(department, 1), "support"));
    assert_true(str_is(rec_get_str(department, HOURS_HOURS), "mon-fri 09:00-12:00 13:00-18:00"));
    assert_true(str_is(rec_get_str(department, HOURS_HOLIDAYS), "kr"));

    struct conf c;
    struct err err;
    assert_true(conf_open(&record, &c, &err));
    assert_null(record.data);
    assert_true(str_is(c.name, "온결 리빙"));
    assert_true(str_is(c.timezone, "Asia/Seoul"));
    assert_int_equal(c.lang_count, 2);
    assert_true(str_is(c.lang[1], "en"));
    assert_true(str_is(c.gate_listen, "127.0.0.1:8080"));
    assert_true(str_is(c.gate_public, "https://hooks.example.kr"));
    assert_true(str_is(c.metrics_listen, "127.0.0.1:9464"));
    assert_int_equal(c.connection_count, 2);
    assert_true(str_is(c.connections[0].name, "shop-blog"));
    assert_true(str_is(c.connections[0].channel, "blog"));
    assert_int_equal(c.connections[0].every, 120000);
    assert_int_equal(c.connections[0].mode, MODE_APPROVE);
    assert_int_equal(c.connections[0].line, 3);
    assert_true(str_is(nth(c.connections[0].record, CONN_ALLOW, 0), "127.0.0.1:8801"));
    struct sori_str second = c.connections[1].record;
    assert_int_equal(c.connections[1].line, 9);
    assert_int_equal(c.connections[1].every, 3600000);
    assert_int_equal(c.connections[1].mode, MODE_AUTO);
    assert_true(str_is(nth(second, CONN_SITE, 0), "https://blog.example.kr/"));
    assert_true(str_is(nth(second, CONN_ALLOW, 0), "/srv/inbox"));
    static const struct {
        const char *name, *value;
        int line;
    } options[] = {{"deep", "true", 12},
                   {"pages", "12", 12},
                   {"share", "0.25", 12},
                   {"tags", "배송\n환불\n3", 13}};
    for (int i = 0; i < 4; i++) {
        struct sori_str o = nth(second, CONN_OPTION, i);
        assert_true(str_is(rec_get_str(o, 1), options[i].name));
        assert_true(str_is(rec_get_str(o, 2), options[i].value));
        assert_int_equal(rec_get_int(o, 3, 0), options[i].line);
    }
    assert_int_equal(c.contact_gap, 300000);
    assert_int_equal(c.hour, 10);
    assert_int_equal(c.horizon, 2 * 86400000);
    assert_int_equal(c.spool_max, 64 << 20);
    assert_int_equal(c.raw_keep, 86400000);
    assert_int_equal(c.due_soon, 300000);
    conf_close(&c);
    buf_free(&errors);
}

static void defaults(void **state) {
    (void)state;
    struct buf record = {0}, errors = {0};
    const char *text =
        "workspace { name = 'a' }\nfor _, n in ipairs { 'a', 'b' } do\n"
        "  connection(n) { channel = 'blog', url = 'https://' .. n .. '.kr/' }\nend\n";
    if (!read_text(text, &record, &errors)) fail_msg("%s", errors.data);
    struct conf c;
    assert_true(conf_open(&record, &c, NULL));
    assert_true(str_is(c.timezone, "UTC"));
    assert_true(c.lang_count == 1 && str_is(c.lang[0], "en"));
    assert_int_equal(c.contact_gap, 600000);
    assert_int_equal(c.hour, 60);
    assert_int_equal(c.horizon, 7LL * 86400000);
    assert_int_equal(c.connection_count, 2);
    assert_int_equal(c.connections[1].mode, MODE_APPROVE);
    assert_int_equal(c.connections[1].every, 120000);
    assert_int_equal(c.connections[1].line, 3);
    conf_close(&c);
    struct err err = {{0}};
    struct buf broken = {0};
    buf_puts(&broken, "\x06\x7f");
    assert_false(conf_open(&broken, &c, &err));
    assert_true(err.text[0] != 0);
    buf_free(&broken);
    buf_free(&errors);
}

#define W "workspace { name = \"a\" }\n"

static void errors_word_for_word(void **state) {
    (void)state;
    static const char *const table[][2] = {
        {"", "sori.lua:1: no workspace: expected workspace { name = \"…\", timezone = \"…\", "
             "languages = { … } }\n"},
        {"workspace { timezone = \"Asia/Seoul\" }",
         "sori.lua:1: workspace: no name: expected name = \"…\", the organisation's name\n"},
        {"workspace {\n name = \"a\",\n timezone = \"Seoul\",\n}",
         "sori.lua:3: workspace: timezone = \"Seoul\": there is no such time zone: did you mean "
         "\"Asia/Seoul\"?\n"},
        {"workspace {\n name = \"a\",\n languages = { \"korean!\" },\n}",
         "sori.lua:3: workspace: languages = \"korean!\": expected languages, such as "
         "{ \"ko\", \"en\" }\n"},
        {"workspace {\n name = \"a\",\n langauges = { \"ko\" },\n}",
         "sori.lua:3: workspace: unknown word \"langauges\": did you mean \"languages\"?\n"},
        {"workspace {\n name = \"a\",\n zzzzzzzz = 1,\n}",
         "sori.lua:3: workspace: unknown word \"zzzzzzzz\": expected name, timezone, languages, "
         "hours, holidays\n"},
        {"workspace { name = 5 }",
         "sori.lua:1: workspace: name = 5: expected a text of 1 to 200 characters in one line\n"},
        {W W, "sori.lua:2: workspace is there twice, first on line 1: put both into one\n"},
        {W "workspace \"x\"",
         "sori.lua:2: workspace is there twice, first on line 1: put both into one\n"
         "sori.lua:2: workspace: expected workspace { … }\n"},
        {W "gate { listen = \"8080\" }",
         "sori.lua:2: gate: listen = \"8080\": expected \"HOST:PORT\" of this machine, such as "
         "\"127.0.0.1:8080\"\n"},
        {W "gate { listen = \"127.0.0.1:8080\", public = \"hooks.example.kr\" }",
         "sori.lua:2: gate: public = \"hooks.example.kr\": expected an http:// or https:// URL, "
         "such "
         "as \"https://hooks.example.kr\"\n"},
        {W "connection \"Shop Blog\" { channel = \"blog\" }",
         "sori.lua:2: connection \"Shop Blog\": the name: expected small letters, digits and "
         "dashes, "
         "at most 64\n"},
        {W "connection \"a\" {\n  url = \"https://a.kr\"\n}",
         "sori.lua:2: connection \"a\": no channel: expected channel = \"…\", the plugin that "
         "serves "
         "it\n"},
        {W "connection \"a\" {\n  chanel = \"blog\"\n}",
         "sori.lua:3: connection \"a\": no channel: expected channel = \"…\", the plugin that "
         "serves "
         "it (is \"chanel\" meant to be it?)\n"},
        {W "connection \"a\" { channel = \"blog\", every = 120 }",
         "sori.lua:2: connection \"a\": every = 120: expected a time such as \"90s\", \"2m\", "
         "\"1h\" "
         "or \"7d\", from 1 to 2592000 s\n"},
        {W "connection \"a\" { channel = \"blog\",\n every = \"400d\" }",
         "sori.lua:3: connection \"a\": every = \"400d\": expected a time such as \"90s\", \"2m\", "
         "\"1h\" or \"7d\", from 1 to 2592000 s\n"},
        {W "connection \"a\" { channel = \"blog\", mode = \"automatic\" }",
         "sori.lua:2: connection \"a\": mode = \"automatic\": expected \"observe\", \"approve\" or "
         "\"auto\"\n"},
        {W "connection \"a\" { channel = \"blog\", mode = \"aprove\" }",
         "sori.lua:2: connection \"a\": mode = \"aprove\": expected \"observe\", \"approve\" or "
         "\"auto\" (did you mean \"approve\"?)\n"},
        {W "connection \"a\" { channel = \"blog\", allow = { \"127.0.0.1\" } }",
         "sori.lua:2: connection \"a\": allow = \"127.0.0.1\": expected exact addresses and "
         "folders, "
         "such as { \"127.0.0.1:8801\", \"/srv/inbox\" }\n"},
        {W "connection \"a\" { channel = \"blog\", site = \"https://u:p@a.kr/\" }",
         "sori.lua:2: connection \"a\": site = \"https://…@a.kr/\": expected URLs of our own "
         "pages, such as { \"https://blog.example.kr/\" }\n"},
        {W "connection \"a\" { channel = \"blog\" }\nconnection \"a\" { channel = \"blog\" }",
         "sori.lua:3: connection \"a\" is there twice, first on line 2: give one another name\n"},
        {W "connection \"a\"", "sori.lua:2: connection \"a\": expected { … } after the name\n"},
        {W "connection { channel = \"blog\" }",
         "sori.lua:2: connection: expected connection \"name\" { … }\n"},
        {W "connection \"a\" {\n channel = \"blog\",\n url = \"x\",\n url = \"y\",\n}",
         "sori.lua:5: connection \"a\": url is written twice, first on line 4: keep one\n"},
        {W "connection \"a\" { channel = \"blog\",\n filter = function() end }",
         "sori.lua:3: connection \"a\": filter = a function: expected a text, a number, true, "
         "false "
         "or a list of them\n"},
        {W "connection \"a\" { channel = \"blog\", \"loose\" }",
         "sori.lua:2: connection \"a\": a value without a name: expected name = value\n"},
        {W "connection \"a\" { channel = \"blog\", [\"내 옵션\"] = 1 }",
         "sori.lua:2: connection \"a\": unknown word \"내 옵션\": expected channel, every, mode, "
         "allow, site\n"},
        {W "classifier \"tone\" { plugin = \"ngram\" }",
         "sori.lua:2: classifier \"tone\": no models: expected models = { ko = \"tone.ko\" }\n"},
        {W "classifier \"tone\" { plugin = \"ngram\", models = { ko = \"tone.ko\", en = "
           "\"tone.en\" } }\n"
           "classifier \"topic\" { plugin = \"ngram\", models = { ja = \"topic.ja\", ko = "
           "\"topic.ko\" } }",
         "sori.lua:3: classifier \"topic\": \"tone\" (line 2) has a model for ko already, and one "
         "model "
         "a language is asked: leave one of them out\n"},
        {W "classifier \"tone\" { plugin = \"ngram\", models = { ko = 1 }, floor = 1.5 }",
         "sori.lua:2: classifier \"tone\": models = { … }: expected a model by language, such as { "
         "ko "
         "= \"tone.ko\" }\n"
         "sori.lua:2: classifier \"tone\": floor = 1.5: expected a number from 0 to 1, such as "
         "0.6\n"},
        {W "reload { max_change = 5 }",
         "sori.lua:2: reload: max_change = 5: expected a share from \"0%\" to \"100%\", such as "
         "\"5%\"\n"},
        {W "department \"support\" { hours = \"9 to 5\", holidays = \"us\" }",
         "sori.lua:2: department \"support\": hours = \"9 to 5\": expected days and times, such as "
         "\"mon-fri 09:00-12:00 13:00-18:00; sat 10:00-14:00\"\n"
         "sori.lua:2: department \"support\": holidays = \"us\": expected \"kr\", dates such as "
         "\"2026-12-24\" or \"2026-12-24 09:00-12:00\", or \"none\"\n"},
        {W "limits { hour = 1.5, spool = \"1k\" }",
         "sori.lua:2: limits: hour = 1.5: expected a whole number, from 0 to 100000\n"
         "sori.lua:2: limits: spool = \"1k\": expected a size such as \"64k\", \"8m\" or \"1g\", "
         "from "
         "16777216 to 4398046511104 bytes\n"},
        {W "conection \"a\" { channel = \"blog\" }\ngat { }\nzzzzzz { }\nreload { max = \"1%\" }",
         "sori.lua:2: unknown block \"conection\": did you mean \"connection\"?\n"
         "sori.lua:3: unknown block \"gat\": did you mean \"gate\"?\n"
         "sori.lua:4: unknown block \"zzzzzz\": expected workspace, gate, connection, classifier, "
         "reload, metrics, department, calendar, limits\n"
         "sori.lua:5: reload: unknown word \"max\": expected max_change, rollback, watch\n"},
        /* all at once, by line, whatever the order in which they were found */
        {"gate { listen = \"x:y\" }\nmetrics { listen = 1 }\nworkspace { nmae = \"a\" }",
         "sori.lua:1: gate: listen = \"x:y\": expected \"HOST:PORT\" of this machine, such as "
         "\"127.0.0.1:8080\"\n"
         "sori.lua:2: metrics: listen = 1: expected \"HOST:PORT\" of this machine, such as "
         "\"127.0.0.1:8080\"\n"
         "sori.lua:3: workspace: no name: expected name = \"…\", the organisation's name (is "
         "\"nmae\" meant to be it?)\n"
         "sori.lua:3: workspace: unknown word \"nmae\": did you mean \"name\"?\n"},
    };
    unsigned failed = 0;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct buf record = {0}, errors = {0};
        bool ok = read_text(table[i][0], &record, &errors);
        if (ok || record.len || !errors.data || strcmp(errors.data, table[i][1]) != 0) {
            print_error("%s\n  said: %s\n  not:  %s\n", table[i][0], errors.data, table[i][1]);
            failed++;
        }
        buf_free(&record);
        buf_free(&errors);
    }
    assert_int_equal(failed, 0);
}

/* Errors of Lua itself: line and file are there, and nothing hangs or reaches out. */
static void errors_of_lua(void **state) {
    (void)state;
    static const char *const table[][2] = {
        {W "gate { listen = ", "sori.lua:2: "},
        {W "conection \"a\" { }", "sori.lua:2: "},
        {W "\n\nerror('no')", "sori.lua:4: no"},
        {W "while true do end", "sori.lua:2: "},
        {W "local t = {} for i = 1, 1e9 do t[i] = ('x'):rep(1000) .. i end", "sori.lua:2: "},
        {W "os.execute('true')", "sori.lua:2: "},
        {W "x = 5", "sori.lua:2: "},
        {W "local t = {} ; t[t] = 1 ; connection \"a\" (t)", "sori.lua:2: "},
        {W "local function blog(t) connection(t[1]) { channel = 'blog', mode = t.mode } end\n"
           "blog { 'a', mode = 'x' }",
         "sori.lua:2: connection \"a\": mode = \"x\""},
        {"\x1bLua", "sori.lua:1: "},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct buf record = {0}, errors = {0};
        assert_false(read_text(table[i][0], &record, &errors));
        if (!errors.data || !strstr(errors.data, table[i][1]))
            fail_msg("%s\n  said: %s", table[i][0], errors.data);
        assert_int_equal(record.len, 0);
        buf_free(&record);
        buf_free(&errors);
    }
}

/* Every cut of a good file is read or refused, never more. */
static void cut_anywhere(void **state) {
    (void)state;
    for (size_t n = 0; n < sizeof good - 1; n += 3) {
        struct buf record = {0}, errors = {0};
        bool ok = conf_read((struct sori_str){good, n}, "sori.lua", &record, &errors);
        assert_true(ok == (errors.len == 0));
        assert_true(ok == (record.len > 0));
        buf_free(&record);
        buf_free(&errors);
    }
}

/* A good file with bytes changed, dropped and doubled: read or refused, and the record is whole. */
static void any_bytes(void **state) {
    (void)state;
    static const char signs[] = "{}()[]\"'=,;-.\\\n\0 az09#\xea\xb0";
    uint64_t seed = 88172645463325252u;
    for (int round = 0; round < 2000; round++) {
        struct buf text = {0}, record = {0}, errors = {0};
        for (size_t i = 0; i < sizeof good - 1; i++) {
            seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
            bool hit = seed % 400 == 0;
            char other = signs[(seed >> 20) % (sizeof signs - 1)];
            if (hit && seed >> 40 & 1) buf_putc(&text, other);
            if (!hit || seed >> 41 & 1) buf_putc(&text, hit ? other : good[i]);
        }
        bool ok = conf_read(buf_view(&text), "sori.lua", &record, &errors);
        assert_true(ok == (errors.len == 0));
        assert_true(rec_valid(buf_view(&record), 5));
        if (!ok && strncmp(errors.data, "sori.lua:", 9) != 0) fail_msg("%s", errors.data);
        buf_free(&text);
        buf_free(&record);
        buf_free(&errors);
    }
}

static void values(void **state) {
    (void)state;
    int64_t n;
    assert_true(value_size(str_c("64k"), &n) && n == 65536);
    assert_true(value_size(str_c("512"), &n) && n == 512);
    assert_false(value_size(str_c("k"), &n) || value_size(str_c("-1k"), &n) ||
                 value_size(str_c("1t"), &n) || value_size(str_c("99999999999g"), &n) ||
                 value_size(str_c(""), &n));
    assert_true(value_share(str_c("12.5%"), &n) && n == 1250);
    assert_true(value_share(str_c("100%"), &n) && n == 10000);
    assert_false(value_share(str_c("101%"), &n) || value_share(str_c("%"), &n) ||
                 value_share(str_c("5"), &n) || value_share(str_c(".5%"), &n) ||
                 value_share(str_c("1.234%"), &n));
    static const char *const listen[] = {"127.0.0.1:1", "[::]:8080", "localhost:65535",
                                         "0.0.0.0:80"};
    static const char *const deaf[] = {
        "",      ":80",    "127.0.0.1", "127.0.0.1:0", "127.0.0.1:65536", "example.com:80",
        "[::1]", "::1:80", "1.2.3:80",  "[:80"};
    for (size_t i = 0; i < 4; i++) assert_true(value_listen(str_c(listen[i])));
    for (size_t i = 0; i < 10; i++) assert_false(value_listen(str_c(deaf[i])));
    static const char *const allow[] = {"127.0.0.1:8801", "blog.local:80", "[::1]:80",
                                        "/srv/in.box", "/a/..b"};
    static const char *const deny[] = {"127.0.0.1", "*.a.kr:80", "http://a:80", "/",      "/a/../b",
                                       "/a/..",     "a/b",       "a b:80",      "/a/./b", ":80"};
    for (size_t i = 0; i < 5; i++)
        if (!value_allow(str_c(allow[i]))) fail_msg("%s", allow[i]);
    for (size_t i = 0; i < 10; i++)
        if (value_allow(str_c(deny[i]))) fail_msg("%s", deny[i]);
}

/* What would steer a terminal is spelt out, secrets are not repeated, and bombs end by themselves.
 */
static void hostile(void **state) {
    (void)state;
    static const struct {
        const char *text, *wanted;
    } cases[] = {
        {"error(\"\\27[2J\\27]0;x\\7\\226\\128\\174bad\\nsori.lua:9: forged\")",
         "sori.lua:2: \\x1b[2J\\x1b]0;x\\x07\\xe2\\x80\\xaebad sori.lua:9: forged\n"},
        {"connection \"c\" { channel = \"blog\", [\"\\27[2J\\n\"] = 1 }",
         "unknown word \"\\x1b[2J \""},
        {"gate { public = \"ftp://a.kr/?access_token=hunter2\" }", "public = \"ftp://a.kr/?…\""},
        {"local o = { channel = \"blog\" } for i = 1, 300 do o[\"k\" .. i] = 1 end\n"
         "connection \"c\" (o)",
         "sori.lua:3: connection \"c\": more than 200 values in one block"},
        {"while true do end", "sori.lua:2: stopped: 20,000,000 instructions are used up"},
        {"local t = {} while true do t[#t + 1] = (\"x\"):rep(100000) end",
         "sori.lua:2: stopped: 64 MiB of memory are used up"},
        {"return ((\"b\"):rep(1000000)):find(\"[\" .. (\"a\"):rep(1000000) .. \"]\")",
         "sori.lua:2: stopped: 20,000,000 instructions are used up"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buf record = {0}, errors = {0}, text = {0};
        buf_puts(&text, "workspace { name = \"a\", timezone = \"UTC\", languages = { \"ko\" } }\n");
        buf_puts(&text, cases[i].text);
        assert_false(read_text(text.data, &record, &errors));
        if (!strstr(errors.data, cases[i].wanted) || strstr(errors.data, "hunter2"))
            fail_msg("%zu: %s", i, errors.data);
        assert_null(strchr(errors.data, 27));
        buf_free(&record);
        buf_free(&errors);
        buf_free(&text);
    }
    struct buf record = {0}, errors = {0};
    assert_false(
        read_text("workspace { name = \"a\\226\\128\\174b\", timezone = \"UTC\", languages "
                  "= { \"ko\" } }",
                  &record, &errors));
    assert_non_null(strstr(errors.data, "name = \"a\\xe2\\x80\\xaeb\": expected a text"));
    buf_clear(&errors);
    assert_false(conf_read((struct sori_str){"\xff\xfew\0", 4}, "sori.lua", &record, &errors));
    assert_non_null(strstr(errors.data, "sori.lua:1: the file is UTF-16; save it as UTF-8"));
    buf_clear(&errors);
    struct buf many = {0}; /* so many unknown blocks that known names once were forgotten */
    buf_puts(&many, "workspace { name = \"a\", timezone = \"UTC\", languages = { \"ko\" } }\n");
    for (int i = 0; i < 400; i++) buf_printf(&many, "blk%d { a = 1 }\n", i);
    assert_false(read_text(many.data, &record, &errors));
    assert_null(strstr(errors.data, "workspace'"));
    buf_free(&many);
    buf_free(&record);
    buf_free(&errors);
}

/* A record is written by a worker: a span that would turn a time of later into one of before, and
 * so end a ceiling, is none. */
static void spans_beyond_time(void **state) {
    (void)state;
    static const int64_t gaps[] = {INT64_MAX, INT64_MIN, -1, 60000};
    for (size_t i = 0; i < sizeof gaps / sizeof *gaps; i++) {
        struct conf c;
        struct buf record = {0};
        size_t mark = rec_begin(&record, CONF_LIMITS);
        rec_int(&record, LIMIT_CONTACT_GAP, gaps[i]);
        rec_int(&record, LIMIT_DUE_SOON, gaps[i]);
        rec_end(&record, mark);
        assert_true(conf_open(&record, &c, NULL));
        assert_int_equal(c.contact_gap, i < 3 ? 600000 : 60000);
        assert_int_equal(c.due_soon, i < 3 ? 900000 : 60000);
        conf_close(&c);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_one),
        cmocka_unit_test(defaults),
        cmocka_unit_test(errors_word_for_word),
        cmocka_unit_test(errors_of_lua),
        cmocka_unit_test(cut_anywhere),
        cmocka_unit_test(any_bytes),
        cmocka_unit_test(values),
        cmocka_unit_test(hostile),
        cmocka_unit_test(spans_beyond_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
