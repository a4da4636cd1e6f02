/* Who asks: tokens, proofs, and errors as the platform writes them. */
#include "fake/graph.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void gr_error(struct reply *r, int status, int code, int subcode, const char *type,
              const char *format, ...) {
    char message[600];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    json_t *error = json_pack("{s:s, s:s, s:i, s:s}", "message", message, "type", type, "code",
                              code, "fbtrace_id", "AbCdEfGhIjKlMnOpQrStUv");
    if (subcode) json_object_set_new(error, "error_subcode", json_integer(subcode));
    if (code == 1 || code == 2) json_object_set_new(error, "is_transient", json_true());
    reply_json(r, status, json_pack("{s:o}", "error", error));
    if (status == 401 || code == 190)
        reply_header(r, "WWW-Authenticate", "OAuth \"Facebook Platform\" \"invalid_token\" \"%s\"",
                     message);
}

void gr_missing(struct reply *r, const char *id) {
    gr_error(r, 400, 100, 33, "GraphMethodException",
             "Unsupported get request. Object with ID '%s' does not exist, cannot be loaded due to "
             "missing permissions, or does not support this operation",
             id);
}

static const struct known {
    int code, subcode, status;
    const char *type, *message;
} known[] = {
    {1, 0, 500, "OAuthException", "An unknown error occurred"},
    {2, 0, 500, "OAuthException", "Service temporarily unavailable"},
    {4, 0, 400, "OAuthException", "(#4) Application request limit reached"},
    {10, 0, 403, "OAuthException",
     "(#10) This endpoint requires the 'pages_read_user_content' permission"},
    {10, 2018278, 400, "OAuthException", "(#10) This message is sent outside of allowed window."},
    {17, 0, 400, "OAuthException", "(#17) User request limit reached"},
    {32, 0, 400, "OAuthException", "(#32) Page request limit reached"},
    {100, 33, 400, "GraphMethodException",
     "Unsupported get request. Object with ID '0' does not exist, cannot be loaded due to missing "
     "permissions, or does not support this operation"},
    {102, 0, 401, "OAuthException", "Session has expired"},
    {190, 458, 400, "OAuthException",
     "Error validating access token: The user has not authorized application"},
    {190, 460, 400, "OAuthException",
     "Error validating access token: The session has been invalidated because the user changed "
     "their password or Facebook has changed the session for security reasons."},
    {190, 463, 400, "OAuthException", "Error validating access token: Session has expired"},
    {200, 0, 403, "OAuthException", "(#200) Permissions error"},
    {341, 0, 400, "OAuthException", "(#341) Application limit reached"},
    {368, 0, 400, "OAuthException",
     "The action attempted has been deemed abusive or is otherwise disallowed"},
    {506, 0, 400, "OAuthException", "(#506) Duplicate status message"},
    {551, 0, 400, "OAuthException", "(#551) This person isn't available right now."},
    {613, 0, 400, "OAuthException", "(#613) Calls to this api have exceeded the rate limit."},
    {80001, 0, 400, "OAuthException",
     "There have been too many calls to this Page account. Wait a bit and try again."},
    {80002, 0, 400, "OAuthException",
     "There have been too many calls to this Instagram account. Wait a bit and try again."},
    {80006, 0, 400, "OAuthException",
     "There have been too many calls to this Messenger account. Wait a bit and try again."},
};

/* "4", "190.460", and "html" for a front that answers in its own words. */
bool gr_error_named(struct fake *f, const char *name, struct reply *r) {
    int code = 0, subcode = 0;
    if (strcmp(name, "html") == 0) {
        reply_text(r, 502, "text/html", "<html><body><h1>Bad gateway</h1></body></html>");
        return true;
    }
    if (sscanf(name, "%d.%d", &code, &subcode) < 1) return false;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (known[i].code != code || known[i].subcode != subcode) continue;
        gr_error(r, known[i].status, code, subcode, known[i].type, "%s", known[i].message);
        int64_t minutes = fake_number(f, "regain");
        if (minutes > 0)
            reply_header(r, "x-business-use-case-usage",
                         "{\"%s\":[{\"type\":\"pages\",\"call_count\":100,\"total_cputime\":40,"
                         "\"total_time\":52,\"estimated_time_to_regain_access\":%lld}]}",
                         gr_page(f), (long long)minutes);
        return true;
    }
    return false;
}

static json_t *tokens(struct fake *f) { return json_object_get(fake_world(f), "tokens"); }

void gr_token(struct fake *f, const char *token, const char *kind) {
    json_object_set_new(
        tokens(f), token,
        json_pack("{s:s, s:i, s:I}", "kind", kind, "subcode", 0, "at", (json_int_t)fake_now()));
}

static void given(const struct ask *a, char out[600]) {
    const char *header = ask_header(a, "authorization"), *argument = ask_arg(a, "access_token");
    *out = '\0';
    if (header && strncmp(header, "Bearer ", 7) == 0)
        snprintf(out, 600, "%s", header + 7);
    else if (argument)
        snprintf(out, 600, "%s", argument);
}

static bool is_app_token(struct fake *f, const char *token) {
    const char *app = fake_get(f, "app");
    size_t n = strlen(app);
    return strncmp(token, app, n) == 0 && token[n] == '|' &&
           strcmp(token + n + 1, fake_get(f, "secret")) == 0;
}

/* The proof counts in the query alone: some edges do not look for it in the body. */
static bool proven(struct fake *f, const struct ask *a, const char *token, struct reply *r) {
    const char *proof = json_string_value(json_object_get(a->query, "appsecret_proof"));
    struct buf right = {0};
    if (!proof) {
        if (!fake_number(f, "proof")) return true;
        gr_error(r, 400, 100, 0, "GraphMethodException",
                 "API calls from the server require an appsecret_proof argument");
        return false;
    }
    hmac_hex(&right, 256, fake_get(f, "secret"), token, strlen(token));
    bool same = strcmp(right.data, proof) == 0;
    buf_free(&right);
    if (!same)
        gr_error(r, 400, 100, 0, "GraphMethodException",
                 "Invalid appsecret_proof provided in the API argument");
    return same;
}

bool gr_enter(struct fake *f, const struct ask *a, const char **kind, struct reply *r) {
    char token[600];
    given(a, token);
    if (!*token) {
        gr_error(
            r, 400, 2500, 0, "OAuthException",
            "An active access token must be used to query information about the current user.");
        return false;
    }
    *kind = "app";
    if (is_app_token(f, token)) return true;
    const json_t *t = json_object_get(tokens(f), token);
    if (!t) {
        gr_error(r, 400, 190, 0, "OAuthException",
                 "Invalid OAuth access token - Cannot parse access token");
        return false;
    }
    int subcode = (int)json_integer_value(json_object_get(t, "subcode"));
    if (subcode) {
        char name[24];
        snprintf(name, sizeof name, "190.%d", subcode);
        if (!gr_error_named(f, name, r))
            gr_error(r, 400, 190, subcode, "OAuthException", "Error validating access token");
        return false;
    }
    *kind = json_text(t, "kind");
    bool own_login = strcmp(*kind, "instagram") == 0 || strcmp(*kind, "threads") == 0;
    return own_login || proven(f, a, token, r);
}

void gr_usage(struct fake *f, const char *kind, struct reply *r) {
    int64_t n = fake_number(f, "usage");
    if (n <= 0) return;
    if (strcmp(kind, "page") == 0)
        reply_header(r, "x-business-use-case-usage",
                     "{\"%s\":[{\"type\":\"pages\",\"call_count\":%lld,\"total_cputime\":%lld,"
                     "\"total_time\":%lld,\"estimated_time_to_regain_access\":0}]}",
                     gr_page(f), (long long)n, (long long)n / 2, (long long)n / 3);
    else
        reply_header(r, "x-app-usage",
                     "{\"call_count\":%lld,\"total_time\":%lld,\"total_cputime\":%lld}",
                     (long long)n, (long long)n / 2, (long long)n / 3);
}

void gr_debug_token(struct fake *f, const struct ask *a, struct reply *r) {
    const char *input = ask_arg(a, "input_token");
    const json_t *t = json_object_get(tokens(f), input ? input : "");
    int64_t now = fake_now() / 1000;
    int subcode = t ? (int)json_integer_value(json_object_get(t, "subcode")) : 0;
    if (!t || subcode) {
        reply_json(r, 200,
                   json_pack("{s:{s:{s:i, s:s, s:i}, s:b, s:[]}}", "data", "error", "code", 190,
                             "message", "Error validating access token", "subcode", subcode,
                             "is_valid", 0, "scopes"));
        return;
    }
    bool page = strcmp(json_text(t, "kind"), "page") == 0;
    reply_json(r, 200,
               json_pack("{s:{s:s, s:s, s:s, s:I, s:i, s:b, s:I, s:s, s:[s,s,s,s,s,s,s,s,s,s]}}",
                         "data", "app_id", fake_get(f, "app"), "type", page ? "PAGE" : "USER",
                         "application", "Sori", "data_access_expires_at",
                         (json_int_t)(now + 80ll * 86400), "expires_at", 0, "is_valid", 1,
                         "issued_at", (json_int_t)(now - 86400), "profile_id", gr_page(f), "scopes",
                         "pages_show_list", "pages_read_engagement", "pages_read_user_content",
                         "pages_manage_engagement", "pages_manage_metadata", "pages_messaging",
                         "instagram_basic", "instagram_manage_comments",
                         "instagram_manage_messages", "public_profile"));
}

/* A token of 60 days becomes another one; the old one still lives on. */
void gr_refresh(struct fake *f, const struct ask *a, const char *kind, struct reply *r) {
    char token[600], fresh[80];
    given(a, token);
    const json_t *t = json_object_get(tokens(f), token);
    if (!t || strcmp(json_text(t, "kind"), kind) != 0 ||
        json_integer_value(json_object_get(t, "subcode"))) {
        gr_error(r, 400, 190, 0, "OAuthException", "Invalid OAuth access token");
        return;
    }
    snprintf(fresh, sizeof fresh, "%s-%016llx", kind, (unsigned long long)fake_random(f));
    gr_token(f, fresh, kind);
    reply_json(r, 200,
               json_pack("{s:s, s:s, s:i}", "access_token", fresh, "token_type", "bearer",
                         "expires_in", 60 * 86400));
}
