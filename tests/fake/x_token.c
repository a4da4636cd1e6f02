/* Tokens of the fake X: the application's own, and OAuth 2.0 with PKCE, whose codes and refresh
 * tokens are good for once. One that comes a second time was stolen: all that grew from it dies. */
#include "fake/x.h"

#include <openssl/evp.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>

static const char SCOPES[] = "tweet.read tweet.write tweet.moderate.write users.read like.read "
                             "like.write dm.read dm.write offline.access";

static void random_word(struct fake *f, const char *head, char out[80]) {
    snprintf(out, 80, "%s-%016llx%016llx", head, (unsigned long long)fake_random(f),
             (unsigned long long)fake_random(f));
}

/* ---- pairs ---- */

static json_t *issue(struct fake *f, const char *access, const char *refresh, const char *scope) {
    int64_t until = fake_now() + fake_number(f, "expires") * 1000;
    json_object_set_new(x_table(f, "oauth2"), access,
                        json_pack("{s:I, s:s}", "until", (json_int_t)until, "scope", scope));
    json_t *pair = json_pack("{s:s, s:s, s:I, s:s}", "token_type", "bearer", "access_token", access,
                             "expires_in", (json_int_t)fake_number(f, "expires"), "scope", scope);
    if (!strstr(scope, "offline.access")) return pair;
    json_object_set_new(x_table(f, "refresh"), refresh, json_pack("{s:s}", "scope", scope));
    json_object_set_new(pair, "refresh_token", json_string(refresh));
    return pair;
}

static json_t *issue_new(struct fake *f, const char *scope) {
    char access[80], refresh[80];
    random_word(f, "access", access);
    random_word(f, "refresh", refresh);
    return issue(f, access, refresh, scope);
}

static void revoke_all(struct fake *f) {
    const char *name;
    json_t *row;
    json_object_foreach(x_table(f, "oauth2"), name, row)
        json_object_set_new(row, "revoked", json_true());
    json_object_foreach(x_table(f, "refresh"), name, row)
        json_object_set_new(row, "used", json_true());
}

void x_tokens_begin(struct fake *f) {
    json_decref(issue(f, fake_get(f, "access"), fake_get(f, "refresh"), SCOPES));
}

/* ---- the endpoint ---- */

static void oauth_error(struct reply *r, int status, const char *error, const char *words) {
    reply_json(r, status, json_pack("{s:s, s:s}", "error", error, "error_description", words));
}

static bool basic_is(const struct ask *a, const char *id, const char *secret) {
    const char *header = ask_header(a, "authorization");
    struct buf plain = {0}, right = {0};
    if (!header || strncasecmp(header, "Basic ", 6) != 0) return false;
    bool good = base64_decode(&plain, header + 6);
    percent_encode(&right, id);
    buf_putc(&right, ':');
    percent_encode(&right, secret);
    good = good && plain.len == right.len && memcmp(plain.data, right.data, right.len) == 0;
    buf_free(&plain);
    buf_free(&right);
    return good;
}

/* A confidential client shows its secret in the header, a public one its id in the form. */
static bool right_client(struct fake *f, const struct ask *a) {
    const char *secret = fake_get(f, "client_secret"), *id = fake_get(f, "client_id");
    if (*secret) return basic_is(a, id, secret);
    return strcmp(json_text(a->form, "client_id"), id) == 0;
}

static void renew(struct fake *f, const struct ask *a, struct reply *r) {
    const char *token = json_text(a->form, "refresh_token");
    json_t *row = json_object_get(x_table(f, "refresh"), token);
    if (row && json_object_get(row, "used")) {
        x_count(f, "refresh token used twice");
        revoke_all(f);
    }
    if (!row || json_object_get(row, "used")) {
        x_count(f, "refresh refused");
        oauth_error(r, 400, "invalid_grant", "Value passed for the token was invalid.");
        return;
    }
    json_object_set_new(row, "used", json_true());
    x_count(f, "refreshed");
    reply_json(r, 200, issue_new(f, json_text(row, "scope")));
}

static bool right_verifier(const char *verifier, const char *challenge) {
    unsigned char hash[SHA256_DIGEST_LENGTH], text[64];
    SHA256((const unsigned char *)verifier, strlen(verifier), hash);
    EVP_EncodeBlock(text, hash, sizeof hash);
    for (unsigned char *p = text; *p; p++) *p = *p == '+' ? '-' : *p == '/' ? '_' : *p;
    text[strcspn((char *)text, "=")] = '\0';
    return strlen(verifier) >= 43 && strcmp((char *)text, challenge) == 0;
}

static bool is_same(const json_t *row, const char *name, const struct ask *a, const char *given) {
    return strcmp(json_text(row, name), json_text(a->form, given)) == 0;
}

/* Why this code is worth nothing, or NULL. */
static const char *code_fault(struct fake *f, const struct ask *a, const json_t *row) {
    if (!row) return "code unknown";
    if (json_object_get(row, "used") || json_object_get(row, "redeemed")) return "code used twice";
    if (json_integer_value(json_object_get(row, "until")) <= fake_now()) return "code expired";
    if (!is_same(row, "redirect_uri", a, "redirect_uri")) return "code for another address";
    if (!*fake_get(f, "client_secret") &&
        strcmp(json_text(a->form, "client_id"), fake_get(f, "client_id")) != 0)
        return "code for another client";
    if (!right_verifier(json_text(a->form, "code_verifier"), json_text(row, "challenge")))
        return "code with a wrong verifier";
    return NULL;
}

/* A code is good for once, whatever comes of it: a second one means that it was stolen, and what
 * grew from the first dies (RFC 6749 §4.1.2). */
static void redeem(struct fake *f, const struct ask *a, struct reply *r) {
    json_t *row = json_object_get(x_table(f, "codes"), json_text(a->form, "code"));
    const char *fault = code_fault(f, a, row);
    if (row && json_object_get(row, "redeemed")) revoke_all(f);
    if (row) json_object_set_new(row, fault ? "used" : "redeemed", json_true());
    x_count(f, fault ? fault : "code redeemed");
    if (fault)
        oauth_error(r, 400, "invalid_request",
                    "Value passed for the authorization code was invalid.");
    else
        reply_json(r, 200, issue_new(f, json_text(row, "scope")));
}

/* What X itself shows an error page for, before anybody is asked; NULL where all is well. */
static const char *question_fault(struct fake *f, const struct ask *a) {
    const char *challenge = json_text(a->query, "code_challenge");
    if (strcmp(json_text(a->query, "response_type"), "code") != 0) return "response_type";
    if (strcmp(json_text(a->query, "client_id"), fake_get(f, "client_id")) != 0) return "client_id";
    if (strcmp(json_text(a->query, "redirect_uri"), fake_get(f, "callback")) != 0)
        return "redirect_uri";
    if (strcmp(json_text(a->query, "code_challenge_method"), "S256") != 0) return "method";
    if (strlen(challenge) != 43) return "code_challenge";
    if (!*json_text(a->query, "state")) return "state";
    return *json_text(a->query, "scope") ? NULL : "scope";
}

static void authorize(struct fake *f, const struct ask *a, struct reply *r) {
    char code[80];
    const char *fault = question_fault(f, a), *back = json_text(a->query, "redirect_uri");
    if (fault) {
        x_count(f, "page refused");
        reply_text(r, 400, "text/html", "Something went wrong: %s\n", fault);
        return;
    }
    struct buf state = {0};
    percent_encode(&state, json_text(a->query, "state"));
    buf_putc(&state, '\0');
    reply_text(r, 302, "text/html", "%s", "");
    if (strcmp(fake_get(f, "consent"), "deny") == 0) {
        reply_header(r, "Location", "%s?error=access_denied&state=%s", back, state.data);
    } else {
        random_word(f, "code", code);
        json_object_set_new(x_table(f, "codes"), code,
                            json_pack("{s:I, s:s, s:s, s:s}", "until",
                                      (json_int_t)(fake_now() + fake_number(f, "code_life") * 1000),
                                      "challenge", json_text(a->query, "code_challenge"),
                                      "redirect_uri", back, "scope", json_text(a->query, "scope")));
        reply_header(r, "Location", "%s?state=%s&code=%s", back, state.data, code);
    }
    buf_free(&state);
}

bool x_tokens(struct fake *f, const struct ask *a, struct reply *r) {
    const char *grant = json_text(a->form, "grant_type");
    char part[4][ASK_PART];
    if (ask_path(a, "/i/oauth2/authorize", part) && ask_is(a, "GET")) {
        authorize(f, a, r);
        return true;
    }
    if (ask_path(a, "/oauth2/token", part) && ask_is(a, "POST")) {
        if (basic_is(a, fake_get(f, "consumer_key"), fake_get(f, "consumer_secret")) &&
            strcmp(grant, "client_credentials") == 0)
            reply_json(r, 200,
                       json_pack("{s:s, s:s}", "token_type", "bearer", "access_token",
                                 fake_get(f, "bearer")));
        else
            x_problem(f, r, 403, NULL, "Forbidden", "Unable to verify your credentials");
        return true;
    }
    if (!ask_path(a, "/2/oauth2/token", part) || !ask_is(a, "POST")) return false;
    if (!right_client(f, a))
        oauth_error(r, 401, "unauthorized_client", "Missing valid authorization header");
    else if (strcmp(grant, "refresh_token") == 0)
        renew(f, a, r);
    else if (strcmp(grant, "authorization_code") == 0)
        redeem(f, a, r);
    else
        oauth_error(r, 400, "unsupported_grant_type", "grant_type is none of ours");
    return true;
}

bool x_tokens_control(struct fake *f, const struct ask *a, struct reply *r) {
    const char *what = ask_arg(a, "do"), *name;
    json_t *row;
    if (!what) return false;
    if (strcmp(what, "issue") == 0) {
        reply_json(r, 200, issue_new(f, SCOPES));
        return true;
    }
    if (strcmp(what, "expire") == 0) {
        json_object_foreach(x_table(f, "oauth2"), name, row)
            json_object_set_new(row, "until", json_integer(1));
    } else if (strcmp(what, "revoke") == 0) {
        revoke_all(f);
        x_event(f, "oauth.revoke", fake_get(f, "user_id"),
                json_pack("{s:s}", "user_id", fake_get(f, "user_id")), NULL);
    } else {
        return false;
    }
    reply_text(r, 200, "text/plain", "ok\n");
    return true;
}
