/* uses: sori_net sori_base PkgConfig::CURL PkgConfig::JANSSON */
/* Eight requests meet the same expired OAuth 2.0 token of X at once: it is renewed once, by a
 * refresh token that is good for once, and each request is done once. The fake X counts. */
#include "scenario/x_tokens.h"

enum { ALL = 8 };

/* `told`: the file says that the token is over; else X does, by a 401. */
static void eight_at_once(struct world *w, bool told) {
    struct asked a[ALL] = {0};
    put_token(w, told ? clock_now() - 1000 : clock_now() + 3600000);
    expire(w);
    for (int i = 0; i < ALL; i++) {
        char body[64];
        snprintf(body, sizeof body, "{\"text\":\"말씀 %d\"}", i);
        struct buf r =
            i % 2 ? request(w, "POST", "/2/tweets", body) : request(w, "GET", "/2/users/me", NULL);
        engine_http(w->engine, buf_view(&r), asked_done, &a[i]);
        buf_free(&r);
    }
    for (int i = 0; i < ALL; i++) {
        while (!a[i].done) event_base_loop(w->base, EVLOOP_ONCE);
        assert_int_equal(a[i].status, SORI_OK);
        assert_int_equal(a[i].http_status, i % 2 ? 201 : 200);
        asked_free(&a[i]);
    }
    json_t *posts = from_fake(w, "/_fake/posts");
    assert_int_equal(audit(w, "refreshed"), 1);
    assert_int_equal(audit(w, "refresh token used twice"), 0);
    assert_int_equal(audit(w, "refresh refused"), 0);
    assert_int_equal(audit(w, "refused: old token"), told ? 0 : ALL);
    assert_int_equal(json_array_size(posts), ALL / 2);
    json_decref(posts);
}

static void token_is_known_to_be_old(void **state) { eight_at_once(*state, true); }
static void x_says_that_it_is_old(void **state) { eight_at_once(*state, false); }

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(token_is_known_to_be_old, begin, end),
        cmocka_unit_test_setup_teardown(x_says_that_it_is_old, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
