/* uses: sori_net sori_base PkgConfig::JANSSON */
/* The place for a new token: made before the old one is used up, found again by whoever comes after
 * one that died, and never a token of somebody else. */
#include "net/renewal.h"

#include <jansson.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

enum { OLD = 0x1234, AT = 1795341600 };

struct place {
    char folder[32], path[64], token[64];
    uint64_t client; /* another number: another client shows the token */
    struct renewal r;
};

static int begin(void **state) {
    struct place *p = mem_get(sizeof *p);
    strcpy(p->folder, "/tmp/sori-XXXXXX");
    assert_non_null(mkdtemp(p->folder));
    snprintf(p->path, sizeof p->path, "%s/.x.oauth2.renewing", p->folder);
    snprintf(p->token, sizeof p->token, "%s/x.oauth2", p->folder);
    p->r.fd = -1;
    *state = p;
    return 0;
}

static int end(void **state) {
    struct place *p = *state;
    renewal_end(&p->r, true);
    unlink(p->path);
    unlink(p->token);
    rmdir(p->folder);
    free(p);
    return 0;
}

static enum renewal_begun start(struct place *p, struct renewal *r, uint64_t old, int64_t now) {
    struct err err = {.text = ""};
    struct renewal_of of = {old, old + p->client};
    enum renewal_begun begun =
        renewal_begin(r, p->folder, SORI_STR("x"), SORI_STR("oauth2"), of, now, &err);
    assert_true((begun != RENEWAL_READY && begun != RENEWAL_FOUND) == (err.text[0] != 0));
    if (begun == RENEWAL_REFUSED) assert_string_equal(err.text, "\"no\", says 서버");
    return begun;
}

static void put(const char *path, const char *text) {
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static void holds(const char *path, const char *text) {
    char line[8192] = "";
    struct stat st;
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    line[fread(line, 1, sizeof line - 1, f)] = 0;
    fclose(f);
    assert_string_equal(line, text);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
}

static void the_usual_way(void **state) {
    struct place *p = *state;
    struct err err;
    struct stat st;
    put(p->token, "old\n");
    assert_int_equal(start(p, &p->r, OLD, AT), RENEWAL_READY);
    assert_int_equal(p->r.began_before, 0);
    assert_int_equal(stat(p->path, &st), 0);
    assert_true(st.st_size > 4000 && (st.st_mode & 077) == 0);
    assert_true(renewal_put(&p->r, SORI_STR("{\"access_token\":\"a\"}"), &err));
    holds(p->token, "{\"access_token\":\"a\"}\n");
    assert_int_not_equal(stat(p->path, &st), 0);
}

static void one_that_died_unanswered(void **state) {
    struct place *p = *state;
    assert_int_equal(start(p, &p->r, OLD, AT), RENEWAL_READY);
    renewal_end(&p->r, false); /* as the end of a process leaves it */
    assert_int_equal(start(p, &p->r, OLD, AT + 7), RENEWAL_READY);
    assert_int_equal(p->r.began_before, AT);
    renewal_end(&p->r, false);
    assert_int_equal(start(p, &p->r, OLD, AT + 9), RENEWAL_READY);
    assert_int_equal(p->r.began_before, AT); /* the first one is the one that counts */
    renewal_end(&p->r, true);
    assert_int_equal(start(p, &p->r, OLD, AT + 11), RENEWAL_READY);
    assert_int_equal(p->r.began_before, 0);
}

static void what_was_refused_is_not_shown_again(void **state) {
    struct place *p = *state;
    assert_int_equal(start(p, &p->r, OLD, AT), RENEWAL_READY);
    renewal_refuse(&p->r, "\"no\", says 서버");
    assert_int_equal(p->r.fd, -1);
    for (int i = 0; i < 2; i++) assert_int_equal(start(p, &p->r, OLD, AT + 1), RENEWAL_REFUSED);
    p->client = 7;
    assert_int_equal(start(p, &p->r, OLD, AT + 2), RENEWAL_READY); /* by another client it is */
    assert_int_equal(p->r.began_before, AT);
    renewal_refuse(&p->r, "\"no\", says 서버");
    assert_int_equal(start(p, &p->r, OLD + 1, AT + 2), RENEWAL_READY); /* and a new one is */
}

static void of_another_token(void **state) {
    struct place *p = *state;
    assert_int_equal(start(p, &p->r, OLD + 1, AT), RENEWAL_READY);
    renewal_end(&p->r, false);
    assert_int_equal(start(p, &p->r, OLD, AT), RENEWAL_READY);
    assert_int_equal(p->r.began_before, 0);
}

static void left(struct place *p, const char *what, const char *renews, const char *more) {
    char line[256];
    snprintf(line, sizeof line, "{\"access_token\":\"%s\",\"renews\":\"%s\"}%s", what, renews,
             more);
    put(p->path, line);
}

static void one_that_died_with_the_token(void **state) {
    struct place *p = *state;
    char mark[RENEWAL_MARK];
    renewal_mark(OLD, mark);
    put(p->token, "old\n");
    left(p, "new", mark, "\n        ");
    assert_int_equal(start(p, &p->r, OLD, AT), RENEWAL_FOUND);
    holds(p->token, "{\"access_token\":\"new\",\"renews\":\"0000000000001234\"}\n");
    assert_int_equal(p->r.fd, -1);
    assert_int_equal(access(p->path, F_OK), -1);
}

static void what_is_no_whole_token_of_ours(void **state) {
    struct place *p = *state;
    char mark[RENEWAL_MARK];
    renewal_mark(OLD, mark);
    put(p->token, "old\n");
    for (int i = 0; i < 5; i++) {
        if (i == 0) left(p, "new", mark, ""); /* its end is not there */
        if (i == 1) left(p, "", mark, "\n");
        if (i == 2) left(p, "new", "0000000000004321", "\n"); /* of a token that is no more */
        if (i == 3) put(p->path, "\n{}[");
        if (i == 4) put(p->path, "");
        assert_int_equal(start(p, &p->r, OLD, AT), RENEWAL_READY);
        renewal_end(&p->r, true);
    }
    FILE *f = fopen(p->token, "r");
    char line[8] = "";
    assert_non_null(fgets(line, sizeof line, f));
    fclose(f);
    assert_string_equal(line, "old\n");
}

static void one_at_a_time(void **state) {
    struct place *p = *state;
    struct renewal second = {.fd = -1};
    struct err err;
    assert_int_equal(start(p, &p->r, OLD, AT), RENEWAL_READY);
    assert_int_equal(start(p, &second, OLD, AT), RENEWAL_ELSEWHERE);
    assert_true(renewal_put(&p->r, SORI_STR("{}"), &err));
    assert_int_equal(start(p, &second, OLD, AT), RENEWAL_READY); /* a file of its own, not that */
    holds(p->token, "{}\n");
    renewal_end(&second, true);
}

static void where_nothing_can_be_kept(void **state) {
    struct place *p = *state;
    struct rlimit was, small;
    struct err err;
    put(p->token, "old\n");
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &was), 0);
    small = (struct rlimit){1000, was.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    enum renewal_begun begun = start(p, &p->r, OLD, AT); /* before anybody is asked */
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &was), 0);
    assert_int_equal(begun, RENEWAL_FAILED);
    /* The room was there: a limit that comes later finds it taken. */
    assert_int_equal(start(p, &p->r, OLD, AT), RENEWAL_READY);
    char large[5000];
    memset(large, 'a', sizeof large);
    assert_false(renewal_put(&p->r, (struct sori_str){large, sizeof large}, &err));
    assert_true(renewal_put(&p->r, SORI_STR("{}"), &err)); /* tried again */
    holds(p->token, "{}\n");
    char folder[] = "/tmp/sori-is-not-there";
    struct renewal r = {.fd = -1};
    assert_int_equal(renewal_begin(&r, folder, SORI_STR("x"), SORI_STR("y"),
                                   (struct renewal_of){OLD, OLD}, AT, &err),
                     RENEWAL_FAILED);
    assert_int_equal(symlink(p->token, p->path), 0);
    assert_int_equal(start(p, &p->r, OLD, AT), RENEWAL_FAILED);
}

#define each(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void) {
    const struct CMUnitTest tests[] = {each(the_usual_way),
                                       each(one_that_died_unanswered),
                                       each(what_was_refused_is_not_shown_again),
                                       each(of_another_token),
                                       each(one_that_died_with_the_token),
                                       each(what_is_no_whole_token_of_ours),
                                       each(one_at_a_time),
                                       each(where_nothing_can_be_kept)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
