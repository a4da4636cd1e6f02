/* uses: sori_base */
#include "cli/import/csv.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static size_t take(const char *text, bool csv, size_t max, bool end, int64_t *line) {
    struct csv_cut cut = {.csv = csv, .line = 1};
    size_t n = csv_take(&cut, str_c(text), max, end);
    *line = cut.line;
    return n;
}

static void rows_stay_whole(void **state) {
    (void)state;
    int64_t line;
    assert_int_equal(take("a,b\nc,d\nhalf", true, 100, false, &line), 8);
    assert_int_equal(line, 3);
    assert_int_equal(take("a,b\nc,d\nhalf", true, 100, true, &line), 12);
    assert_int_equal(take("a,b\nc,d\n", true, 5, false, &line), 4);
    assert_int_equal(line, 2);
    assert_int_equal(take("no end here", true, 4, false, &line), 0);
    assert_int_equal(line, 1);
}

static void breaks_in_quotes_are_text(void **state) {
    (void)state;
    int64_t line;
    const char *row = "1,\"환불\n해 \"\"주세요\"\"\",x\n2,b\n";
    size_t first = strlen("1,\"환불\n해 \"\"주세요\"\"\",x\n");
    assert_int_equal(take(row, true, first + 2, false, &line), first);
    assert_int_equal(line, 3);
    /* As JSONL, the same bytes are three lines. */
    assert_int_equal(take(row, false, 12, false, &line), strlen("1,\"환불\n"));
}

static void a_quote_inside_a_field_is_a_character(void **state) {
    (void)state;
    int64_t line;
    assert_int_equal(take("1,5\" pipe\n2,x\n3", true, 100, false, &line), 14);
    assert_int_equal(line, 3);
}

static void all_line_ends(void **state) {
    (void)state;
    int64_t line;
    assert_int_equal(take("a\r\nb\r\n", true, 100, false, &line), 6);
    assert_int_equal(line, 3);
    assert_int_equal(take("a\rb\rc", true, 100, true, &line), 5);
    assert_int_equal(line, 3);
    /* A \r at the end of what was read so far may be half of \r\n. */
    assert_int_equal(take("a\r\nb\r", true, 100, false, &line), 3);
}

/* However a file is cut, the pieces are the file and each begins with a row. */
static void pieces_make_the_file(void **state) {
    (void)state;
    struct buf file = {0};
    int64_t rows = 0;
    srand(11);
    for (; rows < 3000; rows++) {
        buf_printf(&file, "row %lld,\"", (long long)rows);
        for (int n = rand() % 20; n > 0; n--) buf_puts(&file, rand() % 4 ? "글자" : "\n\"\"");
        buf_puts(&file, rand() % 2 ? "\"\n" : "\"\r\n");
    }
    struct csv_cut cut = {.csv = true, .line = 1};
    size_t at = 0;
    while (at < file.len) {
        struct sori_str rest = {file.data + at, file.len - at};
        assert_true(str_starts(rest, SORI_STR("row ")));
        size_t n = csv_take(&cut, rest, 400 + (size_t)(rand() % 4000), true);
        assert_true(n > 0);
        at += n;
    }
    int64_t lines = 1;
    for (size_t i = 0; i < file.len; i++) lines += file.data[i] == '\n';
    assert_int_equal(cut.line, lines);
    buf_free(&file);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_stay_whole),
        cmocka_unit_test(breaks_in_quotes_are_text),
        cmocka_unit_test(a_quote_inside_a_field_is_a_character),
        cmocka_unit_test(all_line_ends),
        cmocka_unit_test(pieces_make_the_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
