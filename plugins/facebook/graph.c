/* Requests to the Graph API. The token never passes through here: net adds it, with its proof. */
#include "facebook/graph.h"

#include "common/say.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static const struct sori_str nothing = {NULL, 0};

void graph_fail(struct graph *g, int code, const char *format, ...) {
    va_list args;
    va_start(args, format);
    say_fail(g->host, code, format, args);
    va_end(args);
}

void graph_log(struct graph *g, enum sori_log_level level, const char *format, ...) {
    va_list args;
    va_start(args, format);
    say_log(g->host, level, format, args);
    va_end(args);
}

void form_add(struct text *form, const char *name, struct sori_str value) {
    if (form->len) text_char(form, '&');
    text_lit(form, name);
    text_char(form, '=');
    percent_encode(form, value);
}

void graph_begin(struct graph *g) {
    g->used = 0;
    g->quiet_until = 0;
    g->requests = 0;
    g->acts = g->messages = false;
}

/* ---- what the answer says about the budget ---- */

static int64_t number(const json_t *object, const char *name) {
    const json_t *v = json_object_get(object, name);
    if (json_is_integer(v)) return json_integer_value(v);
    if (!json_is_real(v)) return 0;
    double real = json_real_value(v);
    return real > 0 && real < 1e9 ? (int64_t)real : 0;
}

/* One object with call_count, total_time and total_cputime, all in percent. */
static void usage_of(struct graph *g, const json_t *one, struct sori_str bucket) {
    static const char *const parts[] = {"call_count", "total_time", "total_cputime"};
    if (!json_is_object(one)) return;
    int64_t most = 0;
    for (size_t i = 0; i < 3; i++) {
        int64_t n = number(one, parts[i]);
        if (n > most) most = n;
    }
    if (most > 100) most = 100;
    int64_t minutes = number(one, "estimated_time_to_regain_access");
    if (minutes > 7 * 24 * 60) minutes = 7 * 24 * 60;
    int64_t until = minutes > 0 ? g->host->now(g->host) + minutes * 60000 : 0;
    if (minutes > 0) most = 100;
    struct sori_rate rate = {.struct_size = sizeof rate,
                             .bucket = bucket,
                             .limit = 100,
                             .remaining = 100 - most,
                             .until = until};
    g->host->rate(g->host, &rate);
    if ((int)most > g->used) g->used = (int)most;
    if (until > g->quiet_until) g->quiet_until = until;
}

static json_t *header_json(struct sori_pairs headers, const char *name) {
    struct sori_str v = pairs_get(headers, name);
    return v.len ? json_loadb(v.ptr, v.len, 0, NULL) : NULL;
}

static void read_usage(struct graph *g, struct sori_pairs headers) {
    g->used = 0; /* the newest answer counts */
    g->quiet_until = 0;
    json_t *app = header_json(headers, "x-app-usage");
    usage_of(g, app, SORI_STR("app"));
    json_decref(app);
    json_t *page = header_json(headers, "x-page-usage");
    usage_of(g, page, SORI_STR("page"));
    json_decref(page);
    /* {"<page id>":[{"type":"pages",…},{"type":"messenger",…}]} */
    json_t *cases = header_json(headers, "x-business-use-case-usage");
    const char *owner;
    json_t *list, *one;
    size_t i;
    json_object_foreach(cases, owner, list) json_array_foreach(list, i, one) {
        const char *type = json_string_value(json_object_get(one, "type"));
        usage_of(g, one, type ? s_of(type) : SORI_STR("business"));
    }
    json_decref(cases);
}

/* ---- reading the answer ---- */

static struct sori_str words_of(struct graph *g, const json_t *object, const char *name) {
    const json_t *v = json_object_get(object, name);
    if (!json_is_string(v)) return nothing;
    return arena_copy(g->call, (struct sori_str){json_string_value(v), json_string_length(v)});
}

static bool hex4(const char *at, const char *end, unsigned *value) {
    *value = 0;
    for (int i = 0; i < 4; i++, at++) {
        if (at == end) return false;
        char c = s_lower(*at);
        if (!s_digit(c) && (c < 'a' || c > 'f')) return false;
        *value = *value * 16 + (unsigned)(s_digit(c) ? c - '0' : c - 'a' + 10);
    }
    return true;
}

/* Half of a pair written as an escape ("\ud83d" alone) makes JSON unreadable as a whole: it becomes
 * U+FFFD, so that one cut emoji does not hide a page of comments. */
static json_t *mended(struct sori_str body) {
    struct text fixed = {0};
    text_str(&fixed, body);
    char *end = fixed.data + fixed.len;
    for (char *at = fixed.data; at && at < end; at++) {
        unsigned high, low;
        if (*at != '\\') continue;
        if (++at == end || *at != 'u' || !hex4(at + 1, end, &high)) continue;
        if (high < 0xd800 || high > 0xdfff) continue;
        bool pair = high < 0xdc00 && end - at > 6 && at[5] == '\\' && at[6] == 'u' &&
                    hex4(at + 7, end, &low) && low >= 0xdc00 && low <= 0xdfff;
        if (pair)
            at += 10;
        else
            memcpy(at + 1, "fffd", 4);
    }
    json_t *json = fixed.len ? json_loadb(fixed.data, fixed.len, JSON_ALLOW_NUL, NULL) : NULL;
    text_free(&fixed);
    return json;
}

static void read_answer(struct graph *g, struct graph_answer *a,
                        const struct sori_http_response *r) {
    a->status = r->http_status;
    int64_t wait = s_number(s_trim(pairs_get(r->headers, "retry-after")));
    a->retry_after = wait > 0 && wait < 7 * 86400 ? wait * 1000 : 0;
    read_usage(g, r->headers);
    if (r->body.len) a->json = json_loadb(r->body.ptr, r->body.len, JSON_ALLOW_NUL, NULL);
    if (!a->json && r->body.len) a->json = mended(r->body);
    const json_t *error = json_object_get(a->json, "error");
    if (!json_is_object(error)) return;
    a->code = (int)number(error, "code");
    if (!a->code) a->code = -1; /* an error all the same */
    a->subcode = (int)number(error, "error_subcode");
    a->transient = json_is_true(json_object_get(error, "is_transient"));
    a->message = words_of(g, error, "message");
    a->for_people = words_of(g, error, "error_user_msg");
    a->trace = words_of(g, error, "fbtrace_id");
}

static enum sori_status ask(struct graph *g, struct sori_http_request *q, bool proof,
                            struct sori_http_response *r) {
    if (q->auth_scheme == SORI_AUTH_APPSECRET_PROOF || q->auth_scheme == SORI_AUTH_BEARER) {
        q->auth_scheme = proof ? SORI_AUTH_APPSECRET_PROOF : SORI_AUTH_BEARER;
        q->auth_user = proof ? SORI_STR("app_secret") : nothing;
    }
    *r = (struct sori_http_response){.struct_size = sizeof *r};
    return g->host->http(g->host, q, r);
}

static struct graph_answer send(struct graph *g, struct sori_http_request *q) {
    struct graph_answer a = {.write = q->effect != SORI_HTTP_READ};
    struct sori_http_response r;
    bool token = q->auth_scheme == SORI_AUTH_BEARER;
    a.proof = token && g->proof && !g->bare;
    a.sent = ask(g, q, a.proof, &r);
    /* Refused before anything left: a connection that has no app secret asks without the proof. */
    if (a.proof && (a.sent == SORI_PERMANENT || a.sent == SORI_CONFIG || a.sent == SORI_AUTH)) {
        a.proof = false;
        a.sent = ask(g, q, false, &r);
        g->bare = a.sent == SORI_OK;
    }
    g->requests++;
    if (a.sent == SORI_OK) read_answer(g, &a, &r);
    return a;
}

struct graph_answer graph_get(struct graph *g, enum graph_as as, struct sori_str path,
                              struct sori_str query) {
    struct sori_pair headers[] = {{SORI_STR("Accept"), SORI_STR("application/json")}};
    struct sori_http_request q = {
        .struct_size = sizeof q,
        .effect = SORI_HTTP_READ,
        .auth_scheme = SORI_AUTH_BEARER,
        .method = SORI_STR("GET"),
        .url = arena_format(g->call, "%.*s/%.*s%s%.*s", S(g->base), S(path), query.len ? "?" : "",
                            S(query)),
        .headers = {headers, 1},
        .auth_slot = g->token,
    };
    if (as == GRAPH_AS_APP) {
        q.auth_scheme = SORI_AUTH_APP;
        q.auth_slot = SORI_STR("app_secret");
        q.auth_user = g->app;
    } else if (as == GRAPH_ABOUT_TOKEN) {
        q.auth_scheme = SORI_AUTH_INPUT_TOKEN;
        q.auth_user = arena_format(g->call, "%.*s:app_secret", S(g->app));
    }
    return send(g, &q);
}

struct graph_answer graph_send(struct graph *g, enum sori_http_effect effect, const char *method,
                               struct sori_str path, struct sori_str body) {
    bool json = s_starts(body, "{");
    struct sori_pair headers[2] = {{SORI_STR("Accept"), SORI_STR("application/json")}};
    size_t n = 1;
    if (body.len)
        headers[n++] = (struct sori_pair){SORI_STR("Content-Type"),
                                          json ? SORI_STR("application/json")
                                               : SORI_STR("application/x-www-form-urlencoded")};
    struct sori_http_request q = {
        .struct_size = sizeof q,
        .effect = effect,
        .flags = SORI_HTTP_NO_REDIRECT,
        .auth_scheme = SORI_AUTH_BEARER,
        .method = s_of(method),
        .url = arena_format(g->call, "%.*s/%.*s", S(g->base), S(path)),
        .headers = {headers, n},
        .body = body,
        .auth_slot = g->token,
    };
    return send(g, &q);
}

void graph_free(struct graph_answer *a) {
    json_decref(a->json);
    a->json = NULL;
}
