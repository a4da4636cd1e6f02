/* uses: sori_conf sori_lua sori_base */
/* Options of a connection against its plugin's table: what they become, and what is said. */
#include "conf/conf.h"

#include "sori/option.h"
#include "supervise/messages.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define W "workspace { name = \"a\" }\n"

static bool read_text(const char *text, struct buf *record, struct buf *errors) {
    return conf_read(str_c(text), "sori.lua", record, errors);
}

static struct sori_str nth(struct sori_str record, uint32_t tag, int n) {
    struct rec_field f;
    while (rec_next(&record, &f) == 1)
        if (f.tag == tag && n-- == 0) return f.s;
    return (struct sori_str){0};
}

static void add_option(struct buf *b, const char *name, int type, int flags, const char *def,
                       int64_t min, int64_t max, const char *choices) {
    size_t mark = rec_begin(b, DESC_OPTION);
    rec_str(b, OPT_NAME, str_c(name));
    rec_int(b, OPT_TYPE, type);
    rec_int(b, OPT_FLAGS, flags);
    rec_str_opt(b, OPT_DEF, str_c(def));
    rec_int(b, OPT_MIN, min);
    rec_int(b, OPT_MAX, max);
    rec_str_opt(b, OPT_CHOICES, str_c(choices));
    rec_str(b, OPT_HELP, str_c("its help"));
    rec_end(b, mark);
}

static struct buf descriptor(void) {
    struct buf b = {0};
    add_option(&b, "url", SORI_OPTION_URL, SORI_OPTION_REQUIRED, NULL, 0, 0, NULL);
    add_option(&b, "user", SORI_OPTION_STRING, SORI_OPTION_PRIVATE, NULL, 0, 0, NULL);
    add_option(&b, "pages", SORI_OPTION_INT, 0, "10", 1, 100, NULL);
    add_option(&b, "deep", SORI_OPTION_BOOL, 0, "false", 0, 0, NULL);
    add_option(&b, "wait", SORI_OPTION_DURATION, 0, "90s", 1000, 600000, NULL);
    add_option(&b, "size", SORI_OPTION_SIZE, 0, "1m", 0, 0, NULL);
    add_option(&b, "kind", SORI_OPTION_ENUM, 0, "rss", 0, 0, "rss|atom|json");
    add_option(&b, "tags", SORI_OPTION_LIST, 0, NULL, 0, 0, NULL);
    return b;
}

static struct buf connection(const char *words) {
    struct buf text = {0}, record = {0}, errors = {0}, out = {0};
    buf_printf(&text, W "connection \"shop\" {\n channel = \"blog\",\n%s\n}", words);
    if (!read_text(text.data, &record, &errors)) fail_msg("%s", errors.data);
    buf_str(&out, nth(buf_view(&record), CONF_CONNECTION, 0));
    buf_free(&text);
    buf_free(&record);
    buf_free(&errors);
    return out;
}

static const char *pair(struct sori_str record, const char *name, char out[64]) {
    struct rec_field f;
    while (rec_next(&record, &f) == 1)
        if (f.tag == 77 && str_is(rec_get_str(f.s, PAIR_NAME), name)) {
            struct sori_str v = rec_get_str(f.s, PAIR_VALUE);
            snprintf(out, 64, "%.*s", STR(v));
            return out;
        }
    return "(none)";
}

static void options(void **state) {
    (void)state;
    struct buf desc = descriptor(), out = {0}, errors = {0};
    struct buf c =
        connection("url = \"https://blog.example.kr\", user = \"소리\", pages = 7, deep = "
                   "true,\nwait = \"2m\", size = \"64k\", kind = \"atom\", tags = {\"a\",\"b\"}");
    if (!conf_options(buf_view(&c), buf_view(&desc), 77, &out, &errors))
        fail_msg("%s", errors.data);
    char text[64];
    struct sori_str r = buf_view(&out);
    assert_string_equal(pair(r, "url", text), "https://blog.example.kr");
    assert_string_equal(pair(r, "user", text), "소리");
    assert_string_equal(pair(r, "pages", text), "7");
    assert_string_equal(pair(r, "deep", text), "true");
    assert_string_equal(pair(r, "wait", text), "120000");
    assert_string_equal(pair(r, "size", text), "65536");
    assert_string_equal(pair(r, "kind", text), "atom");
    assert_string_equal(pair(r, "tags", text), "a\nb");
    buf_free(&c);
    buf_clear(&out);
    c = connection("url = \"folder:///srv/inbox/\"");
    assert_true(conf_options(buf_view(&c), buf_view(&desc), 77, &out, &errors));
    r = buf_view(&out);
    assert_string_equal(pair(r, "url", text), "folder:///srv/inbox/");
    assert_string_equal(pair(r, "pages", text), "10");
    assert_string_equal(pair(r, "wait", text), "90000");
    assert_string_equal(pair(r, "size", text), "1048576");
    assert_string_equal(pair(r, "kind", text), "rss");
    assert_string_equal(pair(r, "user", text), "(none)");
    buf_free(&c);
    buf_free(&out);
    buf_free(&desc);
    buf_free(&errors);
}

static void option_errors(void **state) {
    (void)state;
    static const char *const table[][2] = {
        {"", "sori.lua:2: connection \"shop\": no url: expected url = … (its help)\n"},
        {"url = \"\"",
         "sori.lua:4: connection \"shop\": url = \"\": expected an http://, https:// or "
         "folder:/// URL without a user name or password\n"},
        {"url = \"https://u:secret@a.kr\"",
         "sori.lua:4: connection \"shop\": url = \"https://…@a.kr\": expected an http://, "
         "https:// or folder:/// URL without a user name or password\n"},
        {"url = \"https://a.kr\",\npage = 3",
         "sori.lua:5: connection \"shop\": unknown option \"page\": did you mean \"pages\"?\n"},
        {"url = \"https://a.kr\",\nmodes = 3",
         "sori.lua:5: connection \"shop\": unknown option \"modes\": did you mean \"mode\"?\n"},
        {"url = \"https://a.kr\", zzzzzzzz = 3", "sori.lua:4: connection \"shop\": unknown option "
                                                 "\"zzzzzzzz\": `sori plugin info blog` lists "
                                                 "the options of its channel\n"},
        {"url = \"https://a.kr\", pages = 0", "sori.lua:4: connection \"shop\": pages = \"0\": "
                                              "expected a whole number, from 1 to 100\n"},
        {"url = \"https://a.kr\", pages = 1.5", "sori.lua:4: connection \"shop\": pages = \"1.5\": "
                                                "expected a whole number, from 1 to 100\n"},
        {"url = \"https://a.kr\", deep = \"yes\"",
         "sori.lua:4: connection \"shop\": deep = \"yes\": expected true or false\n"},
        {"url = \"https://a.kr\", wait = 90",
         "sori.lua:4: connection \"shop\": wait = \"90\": expected a time such as \"90s\", \"2m\", "
         "\"1h\" or \"7d\", from 1000 to 600000 ms\n"},
        {"url = \"https://a.kr\", size = \"big\"",
         "sori.lua:4: connection \"shop\": size = \"big\": expected a size such as \"64k\" or "
         "\"8m\"\n"},
        {"url = \"https://a.kr\", kind = \"rs\"", "sori.lua:4: connection \"shop\": kind = \"rs\": "
                                                  "expected \"rss\", \"atom\" or \"json\" (did "
                                                  "you mean \"rss\"?)\n"},
        {"url = \"https://a.kr\", user = { \"비밀\", \"이름\" }",
         "sori.lua:4: connection \"shop\": user = \"…\": expected a text in one line\n"},
    };
    struct buf desc = descriptor();
    unsigned failed = 0;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct buf out = {0}, errors = {0}, c = connection(table[i][0]);
        bool ok = conf_options(buf_view(&c), buf_view(&desc), 77, &out, &errors);
        if (ok || out.len || !errors.data || strcmp(errors.data, table[i][1]) != 0) {
            print_error("%s\n  said: %s\n  not:  %s\n", table[i][0], errors.data, table[i][1]);
            failed++;
        }
        buf_free(&out);
        buf_free(&errors);
        buf_free(&c);
    }
    assert_int_equal(failed, 0);
    struct buf strange = {0}, out = {0}, errors = {0}, c = connection("url = \"https://a.kr\"");
    add_option(&strange, "url", 99, 0, NULL, 0, 0, NULL);
    assert_false(conf_options(buf_view(&c), buf_view(&strange), 77, &out, &errors));
    assert_non_null(strstr(errors.data, "made for a newer one"));
    buf_clear(&strange);
    buf_clear(&errors);
    add_option(&strange, "url", SORI_OPTION_URL, 1 << 7, NULL, 0, 0, NULL);
    assert_false(conf_options(buf_view(&c), buf_view(&strange), 77, &out, &errors));
    buf_free(&strange);
    buf_free(&out);
    buf_free(&errors);
    buf_free(&c);
    buf_free(&desc);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options),
        cmocka_unit_test(option_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
