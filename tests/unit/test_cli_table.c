/* uses: sori_base */
#include "cli/options.c"
#include "cli/print.c"
#include "cli/table.c"

#include "base/utf8.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void cut_counts_columns(void **state) {
    (void)state;
    struct buf b = {0};
    assert_int_equal(cli_put_cut(&b, str_c("배송이 너무 늦어요"), 10), 10);
    assert_string_equal(b.data, "배송이 너…");
    buf_clear(&b);
    assert_int_equal(cli_put_cut(&b, str_c("짧다"), 10), 4);
    assert_string_equal(b.data, "짧다");
    buf_clear(&b);
    /* A wide character that would half fit is left out. */
    assert_int_equal(cli_put_cut(&b, str_c("가나다"), 4), 3);
    assert_string_equal(b.data, "가…");
    buf_free(&b);
}

static void a_strangers_text_cannot_steer_the_terminal(void **state) {
    (void)state;
    struct buf b = {0};
    cli_put_cut(&b,
                str_c("a\n\n b\t\033[31mred\007 \xe2\x80\xae"
                      "end\xff"),
                100);
    assert_string_equal(b.data, "a b ·[31mred· ·end\xef\xbf\xbd");
    buf_free(&b);
}

static char *printed(struct cli_table *t, size_t *len) {
    char *text = NULL;
    FILE *out = tmpfile();
    assert_non_null(out);
    cli_table_print(t, out);
    *len = (size_t)ftell(out);
    rewind(out);
    text = mem_get(*len + 1);
    assert_int_equal(fread(text, 1, *len, out), *len);
    fclose(out);
    return text;
}

static void columns_line_up(void **state) {
    (void)state;
    static const char *const heads[] = {"ID", "AUTHOR", "TEXT", NULL};
    struct cli_table t;
    cli_table_open(&t, heads);
    static const char long_text[] = "refund please, this is a rather long complaint about a parcel "
                                    "that never came, and then came twice";
    const char *cells[] = {"1", "김민지", "환불해 주세요", "22", "Ann", long_text, "3", "", "é"};
    for (int i = 0; i < 9; i++) cli_table_cell(&t, CLI_PLAIN, str_c(cells[i]));
    size_t len;
    char *text = printed(&t, &len);
    int row = 0;
    for (char *line = text, *next; *line; line = next, row++) {
        next = strchr(line, '\n');
        *next++ = 0;
        assert_true(utf8_width(str_c(line)) <= 100);
        /* The third column begins at the same place in every row. */
        size_t at = 0;
        const char *third[] = {"TEXT", "환불", "refund", "é"};
        char *hit = strstr(line, third[row]);
        assert_non_null(hit);
        at = utf8_width((struct sori_str){line, (size_t)(hit - line)});
        assert_int_equal(at, 4 + 6 + 2);
    }
    assert_int_equal(row, 4);
    free(text);
    cli_table_close(&t);
}

static void spans_read_well(void **state) {
    (void)state;
    struct {
        int64_t ms;
        const char *text;
    } cases[] = {{12000, "12s"},
                 {59 * 60000, "59m"},
                 {3 * 3600000 + 600000, "3h 10m"},
                 {52LL * 3600000, "2d 4h"},
                 {-90000, "-1m"}};
    for (size_t i = 0; i < 5; i++) {
        struct buf b = {0};
        cli_put_span(&b, cases[i].ms);
        assert_string_equal(b.data, cases[i].text);
        buf_free(&b);
    }
}

static void near_words(void **state) {
    (void)state;
    static const char *const words[] = {"inbox", "import", "status", "show", NULL};
    assert_string_equal(cli_nearest("statsu", words), "status");
    assert_string_equal(cli_nearest("imbox", words), "inbox");
    assert_null(cli_nearest("frobnicate", words));
}

static void options_stand_anywhere(void **state) {
    (void)state;
    static const struct cli_help help = {.usage = "x", .about = "y"};
    const char *many[2];
    struct cli_opt opts[] = {CLI_OPT_WORKSPACE,
                             CLI_OPT_JSON,
                             {.name = "set", .takes = "K=V", .all = many, .all_cap = 2}};
    char *argv[] = {"reply", "17", "--json", "-w", "dir", "--set=a=1",
                    "--set", "b",  "--",     "-x", NULL};
    assert_int_equal(cli_parse(10, argv, &help, opts, 3), 2);
    assert_string_equal(argv[1], "17");
    assert_string_equal(argv[2], "-x");
    assert_string_equal(opts[0].value, "dir");
    assert_non_null(opts[1].value);
    assert_int_equal(opts[2].all_n, 2);
    assert_string_equal(many[0], "a=1");
    assert_string_equal(many[1], "b");
    char *wrong[] = {"reply", "--jsno", NULL};
    assert_int_equal(cli_parsed(cli_parse(2, wrong, &help, opts, 3)), CLI_USAGE);
    char *empty[] = {"reply", "-w", NULL};
    assert_int_equal(cli_parsed(cli_parse(2, empty, &help, opts, 3)), CLI_USAGE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cut_counts_columns),
        cmocka_unit_test(a_strangers_text_cannot_steer_the_terminal),
        cmocka_unit_test(columns_line_up),
        cmocka_unit_test(spans_read_well),
        cmocka_unit_test(near_words),
        cmocka_unit_test(options_stand_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
