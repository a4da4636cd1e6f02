/* uses: sori_base */
/* Files that are no files of rows, or hold none: each is refused at once, with what to do. */
#include "base/clock.h"
#include "base/file.h"
#include "cli/import/csv.c"
#include "cli/import/file.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static char path[] = "/tmp/sori-import-XXXXXX";

static bool opened(struct sori_str bytes, struct import_file *f, struct err *err) {
    int fd = open(path, O_WRONLY | O_TRUNC | O_CREAT, 0600);
    assert_true(fd >= 0 && write(fd, bytes.ptr, bytes.len) == (ssize_t)bytes.len);
    close(fd);
    *f = (struct import_file){0};
    err->text[0] = 0;
    return import_open(f, path, "csv", err);
}

static void others_are_named(void **state) {
    (void)state;
    static const struct {
        struct sori_str bytes;
        const char *wanted;
    } cases[] = {
        {{"\xff\xfei\0d\0,\0t\0\n\0", 12}, "is written in UTF-16; save it as \"CSV UTF-8\""},
        {{"\xfe\xff\0i\0d\0\n", 8}, "is written in UTF-16"},
        {{"t\0e\0x\0t\0\n\0a\0\n\0", 14}, "UTF-16 without a mark"},
        {{"\x1f\x8b\x08\0aaaa\nbbb\n", 13}, "is packed by gzip; unpack it first"},
        {{"PK\x03\x04text\nbbb\n", 13}, "is a workbook or a zip file; save it"},
        {{"%PDF-1.4\ntext\n", 14}, "is a PDF"},
        {{"", 0}, "it is empty"},
        {{"\n\n", 2}, "the header row is empty"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct import_file f;
        struct err err;
        if (opened(cases[i].bytes, &f, &err) || !strstr(err.text, cases[i].wanted))
            fail_msg("%zu: %s", i, err.text);
    }
}

/* 400 KB of line breaks behind an open quote once took minutes; a pipe waited for ever. */
static void no_end(void **state) {
    (void)state;
    struct buf b = {0};
    struct import_file f;
    struct err err;
    buf_putc(&b, '"');
    for (int i = 0; i < 3000000; i++) buf_putc(&b, '\n');
    int64_t start = clock_cpu_us();
    assert_false(opened(buf_view(&b), &f, &err));
    assert_non_null(strstr(err.text, "the header row has no end within 512 KiB; is a quote left"));
    assert_true(clock_cpu_us() - start < 5000000);
    buf_free(&b);
    char fifo[64];
    snprintf(fifo, sizeof fifo, "%s.fifo", path);
    assert_int_equal(mkfifo(fifo, 0600), 0);
    assert_false(import_open(&f, fifo, "csv", &err));
    assert_non_null(strstr(err.text, "it is not a file"));
    struct buf b2 = {0}; /* nor does it hold up who reads a bundle or sori.lua */
    assert_false(file_read(fifo, 100, true, &b2, &err));
    assert_non_null(strstr(err.text, "is no plain file"));
    assert_true(file_read(fifo, 100, false, &b2, &err));
    assert_int_equal(b2.len, 0);
    buf_free(&b2);
    unlink(fifo);
}

static void headers_of_every_size(void **state) {
    (void)state;
    static const size_t sizes[] = {1, 2, 254, 255, 256, 257, 511, 512, 513, 40000, 300000, 524280};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (int form = 0; form < 3; form++) {
            struct buf b = {0};
            struct import_file f;
            struct err err;
            for (size_t k = 0; k < sizes[i]; k++) buf_putc(&b, 't');
            buf_puts(&b, form == 0 ? "\nrow\nrow\n" : form == 1 ? "\r\nrow\r\n" : "\rrow\r");
            if (!opened(buf_view(&b), &f, &err)) fail_msg("%zu: %s", sizes[i], err.text);
            assert_int_equal(f.header.len, sizes[i]);
            assert_int_equal(f.body, sizes[i] + (form == 1 ? 2 : 1));
            assert_int_equal(f.body_line, 2);
            import_close(&f);
            buf_free(&b);
        }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(others_are_named),
        cmocka_unit_test(no_end),
        cmocka_unit_test(headers_of_every_size),
    };
    int fd = mkstemp(path);
    if (fd < 0) return 1;
    close(fd);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    unlink(path);
    return failed;
}
