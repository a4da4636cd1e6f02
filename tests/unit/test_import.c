/* uses: import_code */
#include "import/csv.h"
#include "import/field.h"

#include "sori/plugin.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

enum { MOST = 16 };
static struct {
    int items, rejects;
    struct sori_item item[MOST];
    char native[MOST][600], text[MOST][300], author[MOST][100], author_id[MOST][100],
        space[MOST][100];
    int64_t line[MOST];
    char why[MOST][200], raw[MOST][200], columns[400];
} got;

#define KEEP(to, s) snprintf(to, sizeof to, "%.*s", S(s))
static enum sori_more on_item(const struct sori_sink *s, const struct sori_item *i) {
    int n = got.items++ % MOST;
    (void)s;
    got.item[n] = *i;
    KEEP(got.native[n], i->native_id);
    KEEP(got.text[n], i->text);
    KEEP(got.author[n], i->author_name);
    KEEP(got.author_id[n], i->author_id);
    KEEP(got.space[n], i->space);
    return SORI_MORE;
}
static enum sori_more on_cursor(const struct sori_sink *s, struct sori_str name,
                                struct sori_str value) {
    size_t used = strlen(got.columns);
    (void)s;
    snprintf(got.columns + used, sizeof got.columns - used, "%.*s=%.*s ", S(name), S(value));
    return SORI_MORE;
}
static enum sori_more on_reject(const struct sori_sink *s, int64_t line, struct sori_str why,
                                struct sori_str raw) {
    int n = got.rejects++ % MOST;
    (void)s;
    got.line[n] = line;
    KEEP(got.why[n], why);
    KEEP(got.raw[n], raw);
    return SORI_MORE;
}

struct given {
    const char *format, *header, *map, *encoding, *line, *repeats, *tell;
};

static void run(struct given g, const char *body) {
    static const struct sori_sink sink = {
        .struct_size = sizeof sink, .item = on_item, .reject = on_reject, .cursor = on_cursor};
    const struct sori_connector *c = sori_plugin_v0()->interfaces[0].vtable;
    struct sori_pair headers[] = {{SORI_STR("format"), s_of(g.format ? g.format : "csv")},
                                  {SORI_STR("file"), SORI_STR("후기.csv")},
                                  {SORI_STR("header"), s_of(g.header)},
                                  {SORI_STR("map"), s_of(g.map)},
                                  {SORI_STR("encoding"), s_of(g.encoding)},
                                  {SORI_STR("first-line"), s_of(g.line)},
                                  {SORI_STR("repeats"), s_of(g.repeats)},
                                  {SORI_STR("tell"), s_of(g.tell)}};
    struct sori_delivery d = {.struct_size = sizeof d,
                              .connection = SORI_STR("shop"),
                              .form = SORI_STR("import"),
                              .headers = {headers, sizeof headers / sizeof *headers},
                              .body = s_of(body)};
    struct sori_config config = {.struct_size = sizeof config};
    void *self;
    memset(&got, 0, sizeof got);
    assert_int_equal(c->create(NULL, &config, &self), SORI_OK);
    assert_int_equal(c->decode(self, &d, &sink), SORI_OK);
    c->destroy(self);
}

static void korean_headings_are_known(void **state) {
    (void)state;
    run((struct given){.header = "주문번호,작성자,작성일,내용,별점", .line = "2"},
        "A-1,김소리,2026-11-20 14:00,\"배송이 \"\"너무\"\" 늦어요,\n환불해 주세요\",1\r\n"
        "A-2,이하늘,2026-11-20T05:00:00Z,좋아요,5\n");
    assert_int_equal(got.items, 2);
    assert_int_equal(got.rejects, 0);
    assert_string_equal(got.native[0], "A-1");
    assert_string_equal(got.text[0], "배송이 \"너무\" 늦어요,\n환불해 주세요");
    assert_string_equal(got.author[0], "김소리");
    assert_string_equal(got.space[0], "import:shop");
    assert_int_equal(got.item[0].kind, SORI_KIND_COMMENT);
    assert_true(got.item[0].said_at == got.item[1].said_at); /* 14:00 in Seoul is 05:00 UTC */
    assert_true(got.item[0].said_at > 1700000000000);
}

static void cp949_is_found(void **state) {
    (void)state;
    /* 내용,작성자 / 배송 똠,김 in CP949; 똠 is not in EUC-KR */
    run((struct given){.header = "\xb3\xbb\xbf\xeb,\xc0\xdb\xbc\xba\xc0\xda", .line = "2"},
        "\xb9\xe8\xbc\xdb \x8c\x63,\xb1\xe8\n");
    assert_int_equal(got.items, 1);
    assert_string_equal(got.text[0], "배송 똠");
    assert_string_equal(got.author[0], "김");
    run((struct given){.header = "\xb3\xbb\xbf\xeb", .encoding = "euc-kr", .line = "2"},
        "\xb9\xe8\xbc\xdb\n");
    assert_string_equal(got.text[0], "배송");
}

static void the_map_names_columns(void **state) {
    (void)state;
    const char *maps[] = {"native_id=번호,text=후기글", "번호=native_id, 후기글=text"};
    for (int i = 0; i < 2; i++) {
        run((struct given){.header = "번호;후기글;내용", .map = maps[i], .line = "2"},
            "7;맞아요;다른 것\n");
        assert_int_equal(got.items, 1);
        assert_string_equal(got.native[0], "7");
        assert_string_equal(got.text[0], "맞아요");
    }
}

static void a_wrong_map_is_told(void **state) {
    (void)state;
    static const struct {
        const char *map, *why;
    } wrong[] = {{"native_id", "COLUMN=FIELD was expected"},
                 {"내용=txet", "nor \"txet\" is a field"},
                 {"본문=text", "the file has no column \"본문\""},
                 {"내용=text,=url", "COLUMN=FIELD was expected"}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        run((struct given){.header = "번호,내용", .map = wrong[i].map, .line = "2"}, "7,맞아요\n");
        assert_int_equal(got.items, 0);
        assert_int_equal(got.rejects, 1);
        if (!strstr(got.why[0], wrong[i].why)) fail_msg("%s: %s", wrong[i].map, got.why[0]);
    }
    run((struct given){.format = "jsonl", .map = "body=txet"}, "{\"body\": \"맞아요\"}\n");
    assert_int_equal(got.items, 0);
    run((struct given){.format = "jsonl", .map = "body=text"}, "{\"body\": \"맞아요\"}\n");
    assert_int_equal(got.items, 1);
}

static void bad_rows_go_aside_by_line(void **state) {
    (void)state;
    run((struct given){.header = "native_id,text,kind,said_at", .line = "10"},
        "1,a,comment,2026-01-01T00:00:00Z\n"
        "2,,comment,\n"
        "\n"
        "3,\"two\nlines\",song,\n"
        "4,b,comment,never\n"
        "5,c\n"
        "6,d,comment,,x\n"
        "7,\"e\"f,comment,\n"
        "8,g,공감,\n"
        "9,\"open,comment,\n");
    assert_int_equal(got.items, 2);
    assert_string_equal(got.native[1], "8");
    assert_int_equal(got.item[1].kind, SORI_KIND_REACTION);
    assert_int_equal(got.rejects, 7);
    const int64_t lines[] = {11, 13, 15, 16, 17, 18, 20};
    const char *why[] = {"text", "kind", "said_at", "fewer", "more", "quote", "never closed"};
    for (int i = 0; i < 7; i++) {
        assert_int_equal(got.line[i], lines[i]);
        if (!strstr(got.why[i], why[i])) fail_msg("%d: %s", i, got.why[i]);
    }
    assert_string_equal(got.raw[0], "2,,comment,");
}

static void lines_are_ids_where_there_are_none(void **state) {
    (void)state;
    run((struct given){.header = "text", .line = "2"}, "a\n\"b\nc\"\nd\n");
    assert_int_equal(got.items, 3);
    assert_string_equal(got.native[0], "후기.csv:2");
    assert_string_equal(got.native[1], "후기.csv:3");
    assert_string_equal(got.native[2], "후기.csv:5");
    run((struct given){0}, "\xef\xbb\xbf"
                           "text\tauthor\nhello\tkim\n");
    assert_int_equal(got.items, 1);
    assert_string_equal(got.native[0], "후기.csv:2");
    assert_string_equal(got.author[0], "kim");
    run((struct given){.header = "a,b"}, "1,2\n");
    assert_int_equal(got.items, 0);
    assert_int_equal(got.rejects, 1);
    assert_non_null(strstr(got.why[0], "--map"));
}

static void a_column_is_the_id(void **state) {
    (void)state;
    static const struct {
        const char *header, *map, *native; /* of the row a,b,c,d */
    } cases[] = {
        {"id,text,x,y", "", "a"},
        {"text,ID ,x,y", "", "b"},
        {"id,text,native_id,주문번호", "", "c"}, /* our own name before a heading … */
        {"id,text,글번호,댓글번호", "", "d"}, /* … what numbers the voice before its post … */
        {"ID,text,x,주문번호", "", "d"},      /* … and before what may be anybody's */
        {"id,text,주문번호,x", "x=native_id", "d"},
        {"post_id,text,user_id,author_id", "", "후기.csv:2"}, /* of what it is about, of a person */
        {"번호,text,no,아이디", "", "후기.csv:2"},            /* rows of a list are counted anew */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        run((struct given){.header = cases[i].header, .map = cases[i].map, .line = "2"},
            "a,b,c,d\n");
        if (got.items != 1 || strcmp(got.native[0], cases[i].native) != 0)
            fail_msg("%s: %s", cases[i].header, got.native[0]);
    }
    assert_string_equal(got.columns, ""); /* only whoever asks is told */
    run((struct given){.header = "별점,ID,내용", .line = "2", .tell = "columns"}, "1,a,좋아요\n");
    assert_string_equal(got.columns, "native_id=ID text=내용 ");
}

static void a_row_without_its_id_goes_aside(void **state) {
    (void)state;
    run((struct given){.header = "id,text,kind,share", .line = "2"},
        "1,a,,\n,b,,\n\" \",c,,\n,,reaction,\n,,share,simple\n");
    assert_int_equal(got.items, 3); /* what is only counted needs none */
    assert_int_equal(got.rejects, 2);
    assert_int_equal(got.line[0], 3);
    assert_int_equal(got.line[1], 4);
    assert_string_equal(got.why[0],
                        "native_id: empty, while a column has the ids of the other rows");
}

/* Which rows repeat an id is found over the whole file, by who sends it. */
static void repeats_go_aside(void **state) {
    (void)state;
    run((struct given){.header = "id,text", .line = "7", .repeats = "1 3"},
        "1,a\n1,b\nbad\n2,c\n2,d\n3,e\n");
    assert_int_equal(got.items, 3);
    assert_string_equal(got.text[0], "a");
    assert_string_equal(got.text[1], "c");
    assert_string_equal(got.text[2], "e");
    assert_int_equal(got.rejects, 3);
    assert_int_equal(got.line[0], 8);
    assert_int_equal(got.line[2], 11);
    assert_string_equal(got.why[2],
                        "native_id: an earlier row with other contents has the id \"2\"");
    run((struct given){.header = "id,text", .line = "7", .repeats = "x 0"}, "1,a\n1,b\n");
    assert_int_equal(got.items, 2);
}

/* Of two values of one name nobody can say which was meant; nested bombs end at their depth. */
static void json_lines_of_ill_will(void **state) {
    (void)state;
    struct text t = {0};
    text_lit(&t, "{\"text\":\"a\",\"text\":\"b\"}\n{\"text\":");
    for (int i = 0; i < 100000; i++) text_char(&t, '[');
    text_lit(&t, "\n{\"text\":\"fine\"}\n");
    run((struct given){.format = "jsonl", .line = "1"}, t.data);
    assert_int_equal(got.items, 1);
    assert_int_equal(got.rejects, 2);
    assert_non_null(strstr(got.why[0], "duplicate object key"));
    assert_non_null(strstr(got.why[1], "maximum parsing depth"));
    text_free(&t);
}

static void json_lines_are_our_own_form(void **state) {
    (void)state;
    run((struct given){.format = "jsonl", .line = "1"},
        "{\"id\":5,\"native_id\":9007199254740993,\"space\":\"blog:x\",\"kind\":\"message\","
        "\"author\":{\"id\":\"u1\",\"name\":\"김\",\"reach\":1200,\"extra\":1},\"text\":\"안녕\","
        "\"contact\":{\"relationship\":\"loyal\"},\"said_at\":\"2026-11-20T05:00:00Z\","
        "\"version\":3,\"title\":null}\n"
        "\n"
        "[1]\n"
        "{broken\n"
        "{\"text\":{\"a\":1}}\n"
        "{\"text\":\"no id\",\"said_at\":1763600000}\r\n"
        "{\"text\":\"\"}\n");
    assert_int_equal(got.items, 2);
    assert_string_equal(got.native[0], "9007199254740993");
    assert_string_equal(got.space[0], "import:blog:x");
    assert_string_equal(got.author_id[0], "u1");
    assert_int_equal(got.item[0].kind, SORI_KIND_MESSAGE);
    assert_int_equal(got.item[0].visibility, SORI_VISIBILITY_PRIVATE);
    assert_int_equal(got.item[0].author_reach, 1200);
    assert_int_equal(got.item[0].version, 3);
    assert_string_equal(got.native[1], "후기.csv:6");
    assert_true(got.item[1].said_at == 1763600000000);
    assert_int_equal(got.rejects, 4);
    const int64_t lines[] = {3, 4, 5, 7};
    for (int i = 0; i < 4; i++) assert_int_equal(got.line[i], lines[i]);
    assert_string_equal(got.why[2], "text: a text was expected");
}

static void any_bytes_end(void **state) {
    (void)state;
    srand(7);
    static const char letters[] = "a,\"\n\r;\t{}[]:1\\ \xea\xb0\x80\xff";
    for (int i = 0; i < 3000; i++) {
        char body[200];
        int n = rand() % 199;
        for (int k = 0; k < n; k++) body[k] = letters[(size_t)rand() % (sizeof letters - 1)];
        body[n] = 0;
        run((struct given){.format = i % 2 ? "csv" : "jsonl", .header = i % 3 ? "text,kind" : NULL},
            body);
    }
}

static void times_are_read(void **state) {
    (void)state;
    static const struct {
        const char *text;
        int64_t ms;
    } cases[] = {
        {"2026-11-20T05:00:00Z", 1795150800000},
        {"2026-11-20T14:00:00+09:00", 1795150800000},
        {"2026-11-20 14:00", 1795150800000},
        {"2026-11-20 14:00:00", 1795150800000},
        {"2026-11-20 오후 2:00:00", 1795150800000},
        {"1795150800", 1795150800000},
        {"1795150800000", 1795150800000},
        {"Fri, 20 Nov 2026 05:00:00 GMT", 1795150800000},
    };
    struct zone *korea = zone_open((struct sori_str){0});
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct sori_item item = {0};
        const char *why = "";
        if (!field_set(&item, FIELD_SAID_AT, s_of(cases[i].text), korea, &why) ||
            item.said_at != cases[i].ms)
            fail_msg("%s: %lld", cases[i].text, (long long)item.said_at);
    }
    zone_close(korea);
}

static void times_without_a_zone_are_the_workspace_s(void **state) {
    (void)state;
    static const struct {
        const char *zone, *text, *utc;
    } cases[] = {
        {"Asia/Seoul", "2026-07-01 09:00", "2026-07-01T00:00:00Z"},
        {"Europe/London", "2026-01-15 09:00", "2026-01-15T09:00:00Z"},
        {"Europe/London", "2026-07-01 09:00", "2026-07-01T08:00:00Z"},
        {"America/New_York", "2026-07-01 09:00", "2026-07-01T13:00:00Z"},
        {"America/New_York", "2026-12-01 09:00", "2026-12-01T14:00:00Z"},
        {"America/New_York", "2026-03-08 01:59", "2026-03-08T06:59:00Z"},
        {"America/New_York", "2026-03-08 02:30", "2026-03-08T07:30:00Z"}, /* skipped there */
        {"America/New_York", "2026-03-08 03:00", "2026-03-08T07:00:00Z"},
        {"America/New_York", "2026-11-01 01:30", "2026-11-01T05:30:00Z"}, /* shown twice */
        {"America/New_York", "2026-11-01 02:00", "2026-11-01T07:00:00Z"},
        {"Australia/Lord_Howe", "2026-12-01 09:00", "2026-11-30T22:00:00Z"}, /* half an hour */
        {"Pacific/Apia", "2026-07-01 09:00", "2026-06-30T20:00:00Z"},
        {"UTC", "2026-07-01 09:00", "2026-07-01T09:00:00Z"},
        {"Europe/London", "2026-07-01T09:00:00+09:00", "2026-07-01T00:00:00Z"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct zone *zone = zone_open(s_of(cases[i].zone));
        struct sori_item item = {0}, want = {0};
        const char *why = "";
        assert_true(field_set(&want, FIELD_SAID_AT, s_of(cases[i].utc), zone, &why));
        if (!field_set(&item, FIELD_SAID_AT, s_of(cases[i].text), zone, &why) ||
            item.said_at != want.said_at)
            fail_msg("%s, %s: %lld, not %lld", cases[i].zone, cases[i].text,
                     (long long)item.said_at, (long long)want.said_at);
        zone_close(zone);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(korean_headings_are_known),
        cmocka_unit_test(cp949_is_found),
        cmocka_unit_test(the_map_names_columns),
        cmocka_unit_test(a_wrong_map_is_told),
        cmocka_unit_test(bad_rows_go_aside_by_line),
        cmocka_unit_test(lines_are_ids_where_there_are_none),
        cmocka_unit_test(a_column_is_the_id),
        cmocka_unit_test(a_row_without_its_id_goes_aside),
        cmocka_unit_test(repeats_go_aside),
        cmocka_unit_test(json_lines_are_our_own_form),
        cmocka_unit_test(json_lines_of_ill_will),
        cmocka_unit_test(any_bytes_end),
        cmocka_unit_test(times_are_read),
        cmocka_unit_test(times_without_a_zone_are_the_workspace_s),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
