/* uses: sori_base PkgConfig::CRYPTO */
/* A person allows the application: the page's address, and what is taken of the one that comes
 * back. */
#include "cli/connection/pkce.c"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define REDIRECT "http://127.0.0.1/sori"

static void challenge_of_the_rfc(void **state) {
    struct pkce p = {.verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"};
    char out[PKCE_TEXT];
    (void)state;
    pkce_challenge(&p, out);
    assert_string_equal(out, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
}

static void each_question_is_another(void **state) {
    struct pkce a, b;
    (void)state;
    pkce_begin(&a);
    pkce_begin(&b);
    assert_int_equal(strlen(a.verifier), 43);
    assert_int_equal(strspn(a.verifier, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                        "0123456789-_"),
                     43);
    assert_string_not_equal(a.verifier, b.verifier);
    assert_string_not_equal(a.state, b.state);
    assert_string_not_equal(a.state, a.verifier);
    pkce_forget(&a);
    for (size_t i = 0; i < sizeof a; i++) assert_int_equal(((char *)&a)[i], 0);
}

static struct pkce known(void) {
    struct pkce p = {.verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
                     .state = "state-of-ours-0123456789012345678901234567"};
    return p;
}

static void address_of_the_page(void **state) {
    struct pkce p = known();
    struct pkce_ask ask = {SORI_STR("https://x.example/i/oauth2/authorize"), SORI_STR("abc 1&2"),
                           SORI_STR(REDIRECT), SORI_STR("tweet.read offline.access")};
    struct buf url = {0};
    (void)state;
    pkce_url(&p, &ask, &url);
    assert_string_equal(url.data,
                        "https://x.example/i/oauth2/authorize?response_type=code&client_id=abc%201"
                        "%262&redirect_uri=http%3A%2F%2F127.0.0.1%2Fsori&scope=tweet.read%20offline"
                        ".access&state=state-of-ours-0123456789012345678901234567&code_challenge="
                        "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256");
    assert_null(strstr(url.data, p.verifier));
    buf_clear(&url);
    ask.authorize = SORI_STR("https://x.example/a?lang=ko");
    pkce_url(&p, &ask, &url);
    assert_non_null(strstr(url.data, "?lang=ko&response_type=code&"));
    buf_free(&url);
}

static void takes(const char *pasted, const char *expected) {
    struct pkce p = known();
    struct buf code = {0};
    struct err err = {.text = ""};
    if (!pkce_take(&p, SORI_STR(REDIRECT), str_c(pasted), &code, &err))
        fail_msg("%s: %s", pasted, err.text);
    assert_string_equal(code.data, expected);
    buf_free(&code);
}

static void refuses(const char *pasted, const char *words) {
    struct pkce p = known();
    struct buf code = {0};
    struct err err = {.text = ""};
    if (pkce_take(&p, SORI_STR(REDIRECT), str_c(pasted), &code, &err))
        fail_msg("taken: %s", pasted);
    if (!strstr(err.text, words)) fail_msg("%s: '%s' lacks '%s'", pasted, err.text, words);
    assert_null(strstr(err.text, "planted"));
    assert_int_equal(code.len, 0);
    buf_free(&code);
}

#define OURS "state=state-of-ours-0123456789012345678901234567"

static void codes(void **state) {
    (void)state;
    takes(REDIRECT "?" OURS "&code=c0de", "c0de");
    takes("  " REDIRECT "?code=a%2Bb%3d&" OURS "#_=_ \n", "a+b=");
    takes(REDIRECT "/?" OURS "&iss=https%3A%2F%2Fx.example&code=c", "c");
}

static void what_is_no_answer_of_ours(void **state) {
    (void)state;
    refuses("", "begins with " REDIRECT "?");
    refuses("planted", "was expected");
    refuses("https://x.example/i/oauth2/authorize?" OURS "&code=planted", "was expected");
    refuses("http://127.0.0.1/sorin?" OURS "&code=planted", "was expected");
    refuses(REDIRECT, "was expected");
    refuses(REDIRECT "?code=planted", "its state is not ours");
    refuses(REDIRECT "?code=planted&state=", "not ours");
    refuses(REDIRECT "?code=planted&state=state-of-ours-012345678901234567890123456", "not ours");
    refuses(REDIRECT "?code=planted&state=state-of-ours-0123456789012345678901234568", "not ours");
    refuses(REDIRECT "?code=planted&" OURS "8", "not ours");
    refuses(REDIRECT "?code=planted&" OURS "&" OURS, "not ours");
    refuses(REDIRECT "?code=planted&" OURS "&code=planted", "no code");
    refuses(REDIRECT "?" OURS, "no code");
    refuses(REDIRECT "?" OURS "&code=", "no code");
    refuses(REDIRECT "?" OURS "&code=%zz", "no code");
    refuses(REDIRECT "?" OURS "&code=a%0ab", "no code");
}

static void denied(void **state) {
    (void)state;
    refuses(REDIRECT "?error=access_denied&" OURS, "denied: ");
    refuses(REDIRECT "?error=access_denied&error_description=%EA%B1%B0%EB%B6%80&" OURS, "거부");
    /* What a terminal would obey is not shown: CSI in one byte and in two, and DEL. */
    refuses(REDIRECT "?error=access_denied&error_description=a%C2%9B2Jb%9B2Jc%7Fd&" OURS,
            "for that account: a 2Jb\xef\xbf\xbd"
            "2Jc d");
    refuses(REDIRECT "?error=invalid_scope&code=planted&" OURS, "refuses to ask: invalid_scope");
    /* Whoever sends a person such an address has not been asked. */
    refuses(REDIRECT "?error=access_denied&state=theirs", "not ours");
}

static void redirects(void **state) {
    static const char *const good[] = {REDIRECT, "https://sori.example/callback", "https://a"};
    static const char *const bad[] = {"",
                                      "127.0.0.1",
                                      "ftp://a",
                                      "https://",
                                      "https:///x",
                                      "https://a/?x",
                                      "https://a/#x",
                                      "https://a b",
                                      "https://a\"b"};
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        if (!pkce_redirect(str_c(good[i]))) fail_msg("%s", good[i]);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (pkce_redirect(str_c(bad[i]))) fail_msg("%s", bad[i]);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(challenge_of_the_rfc),
                                       cmocka_unit_test(each_question_is_another),
                                       cmocka_unit_test(address_of_the_page),
                                       cmocka_unit_test(codes),
                                       cmocka_unit_test(what_is_no_answer_of_ours),
                                       cmocka_unit_test(denied),
                                       cmocka_unit_test(redirects)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
