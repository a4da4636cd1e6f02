/* uses: sori_net sori_base PkgConfig::CURL PkgConfig::JANSSON */
/* Eight requests meet the same expired token at once while net is killed at any moment, again and
 * again. Each refresh token is used once; the token's file is whole at every moment; and where the
 * platform's answer died with the process, whoever comes next says so instead of asking for ever.
 */
#include "scenario/x_tokens.h"

enum { ALL = 8, ROUNDS = 40, WELL = 0, LOST = 3, OTHER = 4 };

/* In a process of its own: what became of the eight. */
static int eight(struct world *w) {
    struct asked a[ALL] = {0};
    int end = WELL;
    curl_global_init(CURL_GLOBAL_DEFAULT);
    w->base = event_base_new();
    w->engine = engine_new(w->base, false, NULL, NULL);
    configure(w);
    for (int i = 0; i < ALL; i++) {
        struct buf r = request(w, "GET", "/2/users/2244994945/tweets", NULL);
        engine_http(w->engine, buf_view(&r), asked_done, &a[i]);
        buf_free(&r);
    }
    for (int i = 0; i < ALL; i++) {
        while (!a[i].done) event_base_loop(w->base, EVLOOP_ONCE);
        bool lost = a[i].status == SORI_AUTH && strstr(a[i].why, "is used up: authorise it again");
        if (lost)
            end = LOST;
        else if (a[i].status != SORI_OK || a[i].http_status != 200)
            end = OTHER;
        if (end == OTHER) fprintf(stderr, "%d: %s\n", (int)a[i].status, a[i].why);
    }
    return end;
}

/* Waits until X has taken in all that was under way: no connection of its port is open any more, or
 * half closed. */
static void quiet(struct world *w) {
    for (int i = 0, open = 1; open && i < 5000; i++) {
        char line[256];
        FILE *f = fopen("/proc/net/tcp", "r");
        assert_non_null(f);
        open = 0;
        while (fgets(line, sizeof line, f)) {
            unsigned port = 0, state = 0;
            if (sscanf(line, " %*d: %*x:%x %*x:%*x %x", &port, &state) == 2 &&
                (int)port == w->port && (state == 1 || state == 8))
                open = 1;
        }
        fclose(f);
        if (open) usleep(2000);
    }
}

/* Lives for `us` microseconds at most; true where it came to its end, which is `code`. */
static bool run(struct world *w, useconds_t us, int *code) {
    pid_t pid = fork();
    int status;
    assert_true(pid >= 0);
    if (pid == 0) _exit(eight(w));
    if (us) usleep(us);
    if (us) kill(pid, SIGKILL);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    quiet(w);
    if (!WIFEXITED(status)) return false;
    *code = WEXITSTATUS(status);
    return true;
}

/* A pair that X has just given out, of which the file says that its time is over. */
static void new_pair(struct world *w) {
    char *text = tell(w, "/_fake/oauth2", "-d do=issue"), line[1024];
    json_t *pair = json_loads(text, 0, NULL);
    snprintf(line, sizeof line,
             "{\"access_token\":\"%s\",\"refresh_token\":\"%s\",\"expires_at\":1700000000000,"
             "\"client_id\":\"fake-client\",\"client_secret\":\"fake-client-secret\"}",
             json_string_value(json_object_get(pair, "access_token")),
             json_string_value(json_object_get(pair, "refresh_token")));
    put_file(w, line);
    json_decref(pair);
    free(text);
}

static void killed_at_any_moment(void **state) {
    struct world *w = *state;
    int lost = 0, kills = 0;
    srand(3);
    free(tell(w, "/_fake/set", "-d window=1")); /* its limits are not what is tested */
    for (int i = 0; i < ROUNDS; i++) {
        int64_t renewed = audit(w, "refreshed"), before = audit(w, "refresh token used twice"),
                twice;
        int code = OTHER, killed = 0;
        bool ended = false;
        new_pair(w);
        for (int tries = 0; tries < 5 && !ended; tries++) {
            ended = run(w, (useconds_t)(500 + rand() % 14000), &code);
            killed += !ended;
            json_t *file = get_file(w); /* whole, whatever died */
            assert_non_null(json_string_value(json_object_get(file, "refresh_token")));
            json_decref(file);
        }
        while (!ended) ended = run(w, 0, &code);
        assert_int_equal(audit(w, "refreshed"), renewed + 1);
        twice = audit(w, "refresh token used twice") - before;
        kills += killed;
        if (code == LOST) { /* asked again by each that was killed before it knew */
            assert_true(twice >= 1 && twice <= killed);
            assert_int_equal(run(w, 0, &code), true);
            assert_int_equal(code, LOST); /* said again, and X is left alone */
            assert_int_equal(audit(w, "refresh token used twice") - before, twice);
            lost++;
        } else {
            assert_int_equal(code, WELL);
            assert_int_equal(twice, 0);
        }
    }
    printf("%d rounds, %d kills: %d answers died with the process\n", ROUNDS, kills, lost);
    assert_true(kills >= ROUNDS / 2);
}

/* The same, aimed: killed while the platform's answer is under way. */
static void killed_before_the_answer(void **state) {
    struct world *w = *state;
    int code = OTHER;
    new_pair(w);
    free(tell(w, "/_fake/fail", "-d path=/2/oauth2/token -d wait=8000"));
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) _exit(eight(w));
    for (int i = 0; i < 1000 && audit(w, "refreshed") == 0; i++) usleep(20000);
    kill(pid, SIGKILL);
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status));
    quiet(w);
    assert_int_equal(audit(w, "refreshed"), 1);
    assert_true(run(w, 0, &code));
    assert_int_equal(code, LOST);
    new_pair(w); /* a person has authorised it again */
    assert_true(run(w, 0, &code));
    assert_int_equal(code, WELL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(killed_at_any_moment, begin, end),
        cmocka_unit_test_setup_teardown(killed_before_the_answer, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
