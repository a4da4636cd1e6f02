/* uses: sori_flow sori_gate sori_store sori_supervise sori_conf sori_lua sori_base */
/* Acts whose credential is refused while polls go well with another one: the connection stays
 * broken for acting, which is said once, until a token works again. */
#include "flow/act/act.h"
#include "flow/channel/live.h"

#include "base/clock.h"

#include "flow_world.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[32], secrets[48], token[64], other[64];

static void put(const char *path, const char *text) {
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static int begin_held(void **state) {
    strcpy(folder, "/tmp/sori-held-XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(secrets, sizeof secrets, "%s/secrets", folder);
    snprintf(token, sizeof token, "%s/shop.token", secrets);
    snprintf(other, sizeof other, "%s/shopping.token", secrets);
    assert_int_equal(mkdir(secrets, 0700), 0);
    put(token, "old\n");
    begin(state);
    core.dir = folder;
    conn.state = CONN_READY;
    return 0;
}

static int end_held(void **state) {
    live_free(&core, &conn);
    conn.ctx->live = NULL;
    free(conn.reason);
    conn.reason = NULL;
    unlink(token);
    unlink(other);
    rmdir(secrets);
    rmdir(folder);
    return end(state);
}

static void broken(const char *words) {
    assert_int_equal(conn.state, CONN_BROKEN);
    assert_non_null(conn.reason);
    if (!strstr(conn.reason, words)) fail_msg("%s", conn.reason);
}

static void polls_do_not_heal_what_acts_need(void **state) {
    (void)state;
    act_refused(&core, &conn, "HTTP 401, 2 s old");
    for (int i = 0; i < 5; i++) {
        live_well(&core, &conn);
        broken("nothing is said, all else goes on: HTTP 401, 2 s old");
        assert_true(act_held(&core, &conn));
    }
    /* Another try in other words is no news. */
    act_refused(&core, &conn, "HTTP 401, 47 s old");
    broken("2 s old");
    /* And now and then one is tried, more and more rarely. */
    struct held *h = &live_of(&core, &conn)->held;
    int64_t wait = h->wait;
    h->probe_at = clock_mono();
    assert_false(act_held(&core, &conn));
    act_refused(&core, &conn, "HTTP 401");
    assert_true(h->wait == 2 * wait && act_held(&core, &conn));
    for (int i = 0; i < 20; i++) act_refused(&core, &conn, "HTTP 401");
    assert_true(h->wait <= 3600000);
    act_accepted(&core, &conn);
    assert_int_equal(conn.state, CONN_READY);
    assert_false(act_held(&core, &conn));
}

static void a_new_credential_is_tried(void **state) {
    (void)state;
    act_refused(&core, &conn, "HTTP 401");
    struct held *h = &live_of(&core, &conn)->held;
    h->look_at = 0;
    assert_true(act_held(&core, &conn));
    put(other, "of another connection\n");
    h->look_at = 0;
    assert_true(act_held(&core, &conn));
    unlink(token);
    put(token, "new\n");
    h->look_at = 0;
    assert_false(act_held(&core, &conn));
    assert_int_equal(conn.state, CONN_READY);
}

static void what_was_refused_to_both_heals_for_both(void **state) {
    (void)state;
    act_refused(&core, &conn, "HTTP 401");
    live_refused(&core, &conn, "mentions: HTTP 401");
    broken("mentions");
    live_of(&core, &conn)->held.probe_at = 0;
    assert_true(act_held(&core, &conn)); /* polls will tell */
    live_well(&core, &conn);
    assert_int_equal(conn.state, CONN_READY);
    assert_false(act_held(&core, &conn));
}

static void an_act_heals_no_poll(void **state) {
    (void)state;
    live_refused(&core, &conn, "mentions: HTTP 401");
    act_accepted(&core, &conn);
    broken("mentions");
    assert_true(act_held(&core, &conn));
    live_well(&core, &conn);
    assert_int_equal(conn.state, CONN_READY);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(polls_do_not_heal_what_acts_need, begin_held, end_held),
        cmocka_unit_test_setup_teardown(a_new_credential_is_tried, begin_held, end_held),
        cmocka_unit_test_setup_teardown(what_was_refused_to_both_heals_for_both, begin_held,
                                        end_held),
        cmocka_unit_test_setup_teardown(an_act_heals_no_poll, begin_held, end_held),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
