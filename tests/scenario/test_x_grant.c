/* uses: sori_net sori_base PkgConfig::CURL PkgConfig::JANSSON */
/* A person's code becomes the first token of a slot, at the fake X: once, within its life, for
 * whoever has the verifier; and what was there before stays where it does not. */
#include "scenario/x_tokens.h"

#include "net/grant.h"

/* Of RFC 7636, appendix B. */
static const char verifier[] = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
static const char challenge[] = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
static const char client[] =
    "{\"client_id\":\"fake-client\",\"client_secret\":\"fake-client-secret\","
    "\"redirect_uri\":\"http://127.0.0.1/sori\"}";

struct granted {
    struct asked asked;
    char *why, *scopes;
};

static void granted_done(void *ctx, enum sori_status status, struct sori_str answer) {
    struct granted *g = ctx;
    asked_done(&g->asked, status, answer);
    g->why = mem_text(rec_get_str(answer, DONE_WHY));
    g->scopes = mem_text(rec_get_str(answer, GRANT_SCOPES));
}

/* The code to which the page leads a person who allows the application. */
static char *page(struct world *w, const char *scope) {
    char path[512];
    snprintf(
        path, sizeof path,
        "/i/oauth2/authorize?response_type=code&client_id=fake-client&redirect_uri=http%%3A%%2F"
        "%%2F127.0.0.1%%2Fsori&scope=%s&state=ours&code_challenge=%s&code_challenge_method=S256",
        scope, challenge);
    char *head = tell(w, path, "-D - -o /dev/null"), *at = strstr(head, "code=");
    assert_non_null(at);
    char *code = mem_text((struct sori_str){at + 5, strcspn(at + 5, "\r\n&")});
    free(head);
    return code;
}

static struct granted redeem(struct world *w, const char *code, const char *proof) {
    struct granted g = {0};
    struct buf r = {0};
    rec_str(&r, GRANT_CONNECTION, SORI_STR("x"));
    rec_str(&r, GRANT_SLOT, SORI_STR("oauth2"));
    rec_str(&r, GRANT_CODE, str_c(code));
    rec_str(&r, GRANT_VERIFIER, str_c(proof));
    rec_str(&r, GRANT_REDIRECT, SORI_STR("http://127.0.0.1/sori"));
    grant_begin(w->engine, buf_view(&r), granted_done, &g);
    while (!g.asked.done) event_base_loop(w->base, EVLOOP_ONCE);
    buf_free(&r);
    return g;
}

static void granted_free(struct granted *g) {
    asked_free(&g->asked);
    free(g->why);
    free(g->scopes);
}

/* Refused with these words, and the slot's file is as it was. */
static void refuses(struct world *w, const char *code, const char *proof, enum sori_status status,
                    const char *words) {
    json_t *before = get_file(w);
    struct granted g = redeem(w, code, proof);
    assert_int_equal(g.asked.status, status);
    if (!strstr(g.why, words)) fail_msg("'%s' lacks '%s'", g.why, words);
    assert_null(strstr(g.why, code));
    assert_null(strstr(g.why, proof));
    assert_null(strstr(g.why, "fake-client-secret"));
    json_t *after = get_file(w);
    assert_true(json_equal(before, after));
    json_decref(before);
    json_decref(after);
    granted_free(&g);
}

static const char *member(const json_t *file, const char *name) {
    const char *text = json_string_value(json_object_get(file, name));
    return text ? text : "";
}

static int64_t answers(struct world *w) {
    struct buf r = request(w, "GET", "/2/users/me", NULL);
    struct asked a = ask_record(w->base, w->engine, &r);
    int64_t status = a.http_status;
    asked_free(&a);
    buf_free(&r);
    return status;
}

static void a_code_becomes_a_token_that_is_renewed(void **state) {
    struct world *w = *state;
    put_file(w, client);
    char *code = page(w, "tweet.read%20users.read%20offline.access");
    struct granted g = redeem(w, code, verifier);
    if (g.asked.status != SORI_OK) fail_msg("%s", g.why);
    assert_string_equal(g.scopes, "tweet.read users.read offline.access");
    json_t *file = get_file(w);
    assert_true(*member(file, "access_token") && *member(file, "refresh_token"));
    assert_string_equal(member(file, "client_secret"), "fake-client-secret");
    assert_string_equal(member(file, "redirect_uri"), "http://127.0.0.1/sori");
    int64_t left = json_integer_value(json_object_get(file, "expires_at")) - clock_now();
    assert_true(left > 7100000 && left <= 7200000);
    /* No token comes back by the wire. */
    assert_null(memmem(g.asked.answer.data ? g.asked.answer.data : "", g.asked.answer.len,
                       member(file, "access_token"), strlen(member(file, "access_token"))));
    json_decref(file);
    granted_free(&g);
    assert_int_equal(answers(w), 200);
    expire(w);
    assert_int_equal(answers(w), 200);
    assert_int_equal(audit(w, "refreshed"), 1);
    /* The same code again: refused, and all that came from it is dead. */
    refuses(w, code, verifier, SORI_AUTH, "refuses the code");
    assert_int_equal(audit(w, "code used twice"), 1);
    free(code);
}

static void who_has_no_verifier_gets_nothing(void **state) {
    struct world *w = *state;
    put_file(w, client);
    char *code = page(w, "tweet.read%20offline.access");
    refuses(w, code, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", SORI_AUTH, "HTTP 400");
    assert_int_equal(audit(w, "code with a wrong verifier"), 1);
    refuses(w, code, verifier, SORI_AUTH, "good for once");
    free(code);
}

static void a_code_dies_in_seconds(void **state) {
    struct world *w = *state;
    put_token(w, 0);
    free(tell(w, "/_fake/set", "-d code_life=0"));
    char *code = page(w, "tweet.read%20offline.access");
    refuses(w, code, verifier, SORI_AUTH, "lives for seconds");
    assert_int_equal(audit(w, "code expired"), 1);
    assert_int_equal(answers(w), 200); /* with the token of before */
    free(code);
}

static void a_public_client_has_a_name_alone(void **state) {
    struct world *w = *state;
    put_file(w, "{\"client_id\":\"fake-client\"}");
    char *code = page(w, "tweet.read%20users.read%20offline.access");
    refuses(w, code, verifier, SORI_AUTH, "unauthorized_client"); /* this one is confidential */
    free(code);
    free(tell(w, "/_fake/set", "-d client_secret="));
    code = page(w, "tweet.read%20users.read%20offline.access");
    struct granted g = redeem(w, code, verifier);
    if (g.asked.status != SORI_OK) fail_msg("%s", g.why);
    granted_free(&g);
    expire(w);
    assert_int_equal(answers(w), 200);
    assert_int_equal(audit(w, "refreshed"), 1);
    free(code);
}

static void what_would_not_last_is_not_kept(void **state) {
    struct world *w = *state;
    put_file(w, client);
    char *code = page(w, "tweet.read");
    refuses(w, code, verifier, SORI_CONFIG, "without a refresh token");
    free(code);
}

/* A platform that says back all it was told; one that fails; and one that is not there. */
static void answers_that_help_nobody(void **state) {
    struct world *w = *state;
    put_file(w, client);
    char *code = page(w, "tweet.read%20offline.access"), more[512];
    snprintf(more, sizeof more,
             "-d path=/2/oauth2/token -d status=400 --data-urlencode 'body={\"error\":\"no %s\","
             "\"error_description\":\"%s fake-client-secret\"}'",
             code, verifier);
    free(tell(w, "/_fake/fail", more));
    refuses(w, code, verifier, SORI_AUTH, "no ****");
    free(tell(w, "/_fake/fail", "-d path=/2/oauth2/token -d status=503"));
    refuses(w, code, verifier, SORI_RETRY, "HTTP 503");
    free(tell(w, "/_fake/fail", "-d path=/2/oauth2/token -d cut=before"));
    refuses(w, code, verifier, SORI_RETRY, "no token was given");
    free(code);
}

static void a_slot_that_is_none(void **state) {
    struct world *w = *state;
    struct granted g = {0};
    struct buf r = {0};
    rec_str(&r, GRANT_CONNECTION, SORI_STR("x"));
    rec_str(&r, GRANT_SLOT, SORI_STR("bearer"));
    grant_begin(w->engine, buf_view(&r), granted_done, &g);
    assert_int_equal(g.asked.status, SORI_CONFIG);
    assert_non_null(strstr(g.why, "no slot \"bearer\""));
    granted_free(&g);
    buf_free(&r);
    put_file(w, "{}");
    refuses(w, "planted", verifier, SORI_CONFIG, "lacks client_id");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_code_becomes_a_token_that_is_renewed, begin, end),
        cmocka_unit_test_setup_teardown(who_has_no_verifier_gets_nothing, begin, end),
        cmocka_unit_test_setup_teardown(a_code_dies_in_seconds, begin, end),
        cmocka_unit_test_setup_teardown(a_public_client_has_a_name_alone, begin, end),
        cmocka_unit_test_setup_teardown(what_would_not_last_is_not_kept, begin, end),
        cmocka_unit_test_setup_teardown(answers_that_help_nobody, begin, end),
        cmocka_unit_test_setup_teardown(a_slot_that_is_none, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
