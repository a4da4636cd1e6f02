/* uses: sori_net sori_base */
/* folder: URLs: what they read and write, and every way out of the folder that is not one. */
#include "net/folder.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char top[64];   /* the test's own folder */
static char root[96];  /* what is allowed: top/in */
static char other[96]; /* what is not: top/in-not */

static void put_file(const char *folder, const char *name, const char *text) {
    char path[512];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs(text, f);
    assert_int_equal(fclose(f), 0);
}

static void link_to(const char *name, const char *to) {
    char path[512];
    snprintf(path, sizeof path, "%s/%s", root, name);
    assert_int_equal(symlink(to, path), 0);
}

static int begin(void **state) {
    (void)state;
    strcpy(top, "/tmp/sori-folder-XXXXXX");
    assert_non_null(mkdtemp(top));
    snprintf(root, sizeof root, "%s/in", top);
    snprintf(other, sizeof other, "%s/in-not", top);
    char sub[128];
    snprintf(sub, sizeof sub, "%s/답장", root);
    assert_true(mkdir(root, 0755) == 0 && mkdir(other, 0755) == 0 && mkdir(sub, 0755) == 0);
    put_file(root, "b.json", "둘");
    put_file(root, "a.json", "하나");
    put_file(root, ".hidden", "x");
    put_file(other, "secret", "TOP");
    put_file(top, "secret", "TOP");
    put_file(sub, "c.txt", "셋");
    char absolute[128];
    snprintf(absolute, sizeof absolute, "%s/secret", other);
    link_to("link-file", "../secret");
    link_to("link-abs", absolute);
    link_to("link-dir", other);
    link_to("link-in", "a.json");
    link_to("link-nowhere", "../made-by-put");
    snprintf(sub, sizeof sub, "%s/pipe", root);
    assert_int_equal(mkfifo(sub, 0600), 0);
    return 0;
}

static int end(void **state) {
    (void)state;
    char command[128];
    snprintf(command, sizeof command, "rm -r %s", top);
    return system(command);
}

static enum sori_status serve(const char *path, const char *body, size_t max,
                              struct folder_answer *a) {
    const char *roots[] = {root};
    struct folder_request r = {.path = path, .put = body != NULL, .max_body = max};
    if (body) r.body = str_c(body);
    *a = (struct folder_answer){0};
    return folder_serve(roots, 1, &r, a);
}

static const char *in(const char *rest) {
    static char path[512];
    snprintf(path, sizeof path, "%s%s", root, rest);
    return path;
}

static void lists_and_reads(void **state) {
    (void)state;
    struct folder_answer a;
    assert_int_equal(serve(in("/"), NULL, 1000, &a), SORI_OK);
    assert_int_equal(a.http_status, 200);
    char one[64], two[64];
    long long size, mtime;
    assert_int_equal(sscanf(a.body.data, "%63s %lld %lld\n%63s", one, &size, &mtime, two), 4);
    assert_string_equal(one, "a.json"); /* by name; no links, folders, pipes, hidden ones */
    assert_string_equal(two, "b.json");
    assert_int_equal(size, 6);
    assert_true(mtime > 1700000000000);
    assert_null(strstr(a.body.data, "hidden"));
    assert_null(strstr(a.body.data, "link"));
    assert_null(strstr(a.body.data, "pipe"));
    buf_free(&a.body);
    assert_int_equal(serve(in("/"), NULL, 40, &a), SORI_OK);
    assert_true(a.truncated);
    assert_true(a.body.len <= 40 && a.body.data[a.body.len - 1] == '\n');
    buf_free(&a.body);
    assert_int_equal(serve(in("/답장/c.txt"), NULL, 1000, &a), SORI_OK);
    assert_true(str_is(buf_view(&a.body), "셋"));
    buf_free(&a.body);
    assert_int_equal(serve(in("/답장/c.txt"), NULL, 2, &a), SORI_OK);
    assert_true(a.truncated && a.body.len == 2);
    buf_free(&a.body);
    static const char *const none[] = {"/none", "/none/", "/a.json/x", "/none/x"};
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(serve(in(none[i]), NULL, 10, &a), SORI_OK);
        assert_int_equal(a.http_status, 404);
    }
}

static void writes_once(void **state) {
    (void)state;
    struct folder_answer a;
    assert_int_equal(serve(in("/답장/1.txt"), "고맙습니다", 0, &a), SORI_OK);
    assert_int_equal(a.http_status, 201);
    assert_true(a.sent);
    assert_int_equal(serve(in("/답장/1.txt"), "고맙습니다", 0, &a), SORI_OK);
    assert_int_equal(a.http_status, 200);
    assert_int_equal(serve(in("/답장/1.txt"), "다른 말", 0, &a), SORI_OK);
    assert_int_equal(a.http_status, 409);
    assert_false(a.sent);
    assert_int_equal(serve(in("/답장/1.txt"), NULL, 1000, &a), SORI_OK);
    assert_true(str_is(buf_view(&a.body), "고맙습니다"));
    buf_free(&a.body);
    assert_int_equal(serve(in("/none/1.txt"), "x", 0, &a), SORI_OK);
    assert_int_equal(a.http_status, 404);
    assert_int_equal(serve(in("/empty"), "", 0, &a), SORI_OK);
    assert_int_equal(a.http_status, 201);
    assert_int_equal(serve(in("/pipe"), "x", 0, &a), SORI_OK);
    assert_int_equal(a.http_status, 409);
    static const char *const bad[] = {"/", "/답장/", "/.hidden2", "/답장/.x"};
    for (size_t i = 0; i < 4; i++) assert_int_equal(serve(in(bad[i]), "x", 0, &a), SORI_PERMANENT);
    char command[160];
    snprintf(command, sizeof command, "test -z \"$(find %s -name '.sori-*')\"", top);
    assert_int_equal(system(command), 0); /* nothing half-written is left */
}

static void no_way_out(void **state) {
    (void)state;
    struct folder_answer a;
    char up[160], beside[160], inside[160];
    snprintf(up, sizeof up, "%s/secret", top);
    snprintf(beside, sizeof beside, "%s/secret", other);
    snprintf(inside, sizeof inside, "%s/../in-not/secret", root);
    const char *const table[] = {
        up,  beside, inside, "/etc/passwd",
        "/", "",     in(""), /* the root itself without its slash is no file */
        top};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        for (int write = 0; write < 2; write++) {
            enum sori_status s = serve(table[i], write ? "OWNED" : NULL, 1000, &a);
            if (s != SORI_PERMANENT || a.body.len) fail_msg("%s: %d", table[i], (int)s);
            assert_true(strlen(a.err.text) > 10);
        }
    static const char *const rest[] = {"/../secret",         "/..",        "/../in-not/secret",
                                       "/답장/../../secret", "/./a.json",  "/link-file",
                                       "/link-abs",          "/link-dir/", "/link-dir/secret",
                                       "/link-in",           "/답장/..",   "//..//secret"};
    for (size_t i = 0; i < sizeof rest / sizeof *rest; i++) {
        enum sori_status s = serve(in(rest[i]), NULL, 1000, &a);
        if (s != SORI_PERMANENT || a.body.len) fail_msg("%s: %d", rest[i], (int)s);
    }
    static const char *const put[] = {"/../new", "/link-dir/new", "/답장/../../new", "/link-dir"};
    for (size_t i = 0; i < sizeof put / sizeof *put; i++) {
        enum sori_status s = serve(in(put[i]), "OWNED", 0, &a);
        assert_true(s == SORI_PERMANENT || a.http_status == 409);
        assert_false(a.sent);
    }
    assert_int_equal(serve(in("/link-nowhere"), "OWNED", 0, &a), SORI_OK);
    assert_int_equal(a.http_status, 409); /* not through the link */
    char command[200];
    snprintf(command, sizeof command, "! grep -rq OWNED %s && ! test -e %s/made-by-put", top, top);
    assert_int_equal(system(command), 0);
    assert_int_equal(serve(in("/pipe"), NULL, 10, &a), SORI_PERMANENT); /* and does not hang */
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(lists_and_reads),
                                       cmocka_unit_test(writes_once), cmocka_unit_test(no_way_out)};
    return cmocka_run_group_tests(tests, begin, end);
}
