/* Requests to X: who asks, what came back, and what a refusal means. */
#include "common/date.h"
#include "x/x.h"

#include <stdio.h>

enum { LEAST_WAIT_MS = 60000, CREDIT_WAIT_MS = 6 * 3600000, FULL_MOST_MS = 25 * 3600000 };

void x_param(struct text *query, const char *name, struct sori_str value) {
    static const char hex[] = "0123456789ABCDEF";
    if (query->len) text_char(query, '&');
    text_lit(query, name);
    text_char(query, '=');
    for (size_t i = 0; i < value.len; i++) {
        char c = value.ptr[i];
        if (s_alpha(c) || s_digit(c) || c == '-' || c == '.' || c == '_' || c == '~') {
            text_char(query, c);
            continue;
        }
        text_char(query, '%');
        text_char(query, hex[(unsigned char)c >> 4]);
        text_char(query, hex[(unsigned char)c & 15]);
    }
}

void x_fields(struct text *query) {
    static const char *const fields[][2] = {
        {"tweet.fields",
         "id,text,author_id,created_at,conversation_id,in_reply_to_user_id,referenced_tweets,"
         "entities,public_metrics,lang,note_tweet,edit_history_tweet_ids,reply_settings,"
         "possibly_sensitive,attachments,display_text_range"},
        {"expansions",
         "author_id,referenced_tweets.id,referenced_tweets.id.author_id,in_reply_to_user_id,"
         "attachments.media_keys"},
        {"user.fields", "id,name,username,profile_image_url,verified,protected,public_metrics"},
        {"media.fields", "media_key,type,url,preview_image_url,alt_text"},
    };
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        x_param(query, fields[i][0], s_of(fields[i][1]));
}

struct sori_str x_stamp(struct arena *a, int64_t ms) {
    char text[32];
    date_format(ms, text);
    return arena_format(a, "%sZ", text);
}

/* ---- limits that are used up ---- */

static const char *const kinds[] = {"x-rate-limit", "x-app-limit-24hour", "x-user-limit-24hour"};
enum { KINDS = sizeof kinds / sizeof *kinds };

/* What the limits of an endpoint are called; a day's are apart from those of 15 minutes. */
static struct sori_str limit_name(struct x *x, const char *bucket, size_t kind) {
    return kind ? arena_format(&x->call, "%s, %s a day", bucket, kind == 1 ? "app" : "user")
                : s_of(bucket);
}

/* Tells the host a limit; until when, if it is used up. */
static int64_t tell(struct x *x, struct sori_rate r) {
    int64_t latest = x->host->now(x->host) + FULL_MOST_MS;
    r.struct_size = sizeof r;
    r.flags = SORI_RATE_APART;
    if (r.until > latest) r.until = latest; /* no mistake of X silences us for ever */
    x->host->rate(x->host, &r);
    return r.remaining == 0 ? r.until : 0;
}

static void used_up(struct x_answer *a, int64_t until) {
    if (until > a->until) a->until = until;
}

/* True where X need not be asked to know what it would say: it said so before, be it to a process
 * that is gone. */
static bool is_full(struct x *x, struct x_answer *a) {
    const struct sori_full_host *h =
        x->host->extension ? x->host->extension(x->host, SORI_FULL_ID) : NULL;
    for (size_t i = 0; h && i < KINDS; i++) {
        struct sori_rate r = {.struct_size = sizeof r};
        if (h->full(x->host, limit_name(x, a->bucket, i), &r)) used_up(a, tell(x, r));
    }
    if (!a->until) return false;
    a->status = 429;
    a->detail = SORI_STR("the limit that it stated is used up");
    return true;
}

/* ---- the answer ---- */

static int64_t header(struct sori_pairs headers, const char *name) {
    return s_number(s_trim(pairs_get(headers, name)));
}

/* Tells the host each limit that the answer states, which keeps those that are used up. */
static void read_limits(struct x *x, struct sori_pairs headers, struct x_answer *a) {
    for (size_t i = 0; i < KINDS; i++) {
        char limit[64], remaining[64], reset[64];
        snprintf(limit, sizeof limit, "%s-limit", kinds[i]);
        snprintf(remaining, sizeof remaining, "%s-remaining", kinds[i]);
        snprintf(reset, sizeof reset, "%s-reset", kinds[i]);
        struct sori_rate r = {.bucket = limit_name(x, a->bucket, i),
                              .limit = header(headers, limit),
                              .remaining = header(headers, remaining),
                              .until = header(headers, reset) * 1000};
        if (r.remaining < 0 || r.limit < 0) continue;
        if (r.until < 0) r.until = 0;
        used_up(a, tell(x, r));
    }
}

/* Three envelopes, one problem. */
static void read_problem(struct x *x, struct x_answer *a) {
    const json_t *first = json_array_get(json_object_get(a->json, "errors"), 0), *from = a->json;
    if (!x_str(from, "title").len && !x_str(from, "detail").len && first) from = first;
    a->title = arena_copy(&x->call, x_str(from, "title"));
    a->detail = arena_copy(&x->call, x_str(from, "detail"));
    if (!a->detail.len) a->detail = arena_copy(&x->call, x_str(from, "message"));
    a->type = arena_copy(&x->call, x_str(from, "type"));
    /* A general title may stand over the problem itself. */
    struct sori_str inner = x_str(first, "message");
    if (from == a->json && inner.len)
        a->detail = arena_format(&x->call, "%.*s %.*s", S(a->detail), S(inner));
}

struct x_answer x_ask(struct x *x, const struct x_request *r) {
    struct x_answer a = {.bucket = r->bucket};
    if (is_full(x, &a)) return a;
    char *body = r->body ? json_dumps(r->body, JSON_COMPACT) : NULL;
    const struct sori_pair json_type = {SORI_STR("content-type"), SORI_STR("application/json")};
    struct sori_str url = arena_format(&x->call, "%.*s%.*s%s%.*s", S(x->conf.api), S(r->path),
                                       r->query.len ? "?" : "", S(r->query));
    bool app = r->as == X_AS_APP, oauth1 = !app && !x->conf.oauth2;
    struct sori_http_request q = {.struct_size = sizeof q,
                                  .effect = r->effect,
                                  .auth_scheme = oauth1 ? SORI_AUTH_OAUTH1 : SORI_AUTH_BEARER,
                                  .method = s_of(r->method),
                                  .url = url,
                                  .headers = {&json_type, body ? 1 : 0},
                                  .body = s_of(body),
                                  .auth_slot = app      ? SORI_STR("bearer")
                                               : oauth1 ? SORI_STR("token")
                                                        : SORI_STR("oauth2")};
    struct sori_http_response answer = {.struct_size = sizeof answer};
    a.sent = x->host->http(x->host, &q, &answer);
    free(body);
    if (a.sent != SORI_OK) return a;
    a.status = answer.http_status;
    a.json = x_json(answer.body);
    a.access = arena_copy(&x->call, pairs_get(answer.headers, "x-access-level"));
    read_limits(x, answer.headers, &a);
    read_problem(x, &a);
    if (!a.json && a.status >= 400) a.detail = arena_copy(&x->call, utf8_cut(answer.body, 200));
    return a;
}

void x_answer_free(struct x_answer *a) {
    json_decref(a->json);
    a->json = NULL;
}

bool x_good(const struct x_answer *a) {
    return a->sent == SORI_OK && a->status >= 200 && a->status < 300 && json_is_object(a->json);
}

/* ---- what it means ---- */

static enum sori_status wait_until(struct x *x, int64_t until) {
    x->until = until;
    return SORI_RATE;
}

static bool out_of_credits(const struct x_answer *a) {
    return a->status == 402 || s_find(a->type, "usage-capped") < a->type.len ||
           s_find(a->type, "credits") < a->type.len ||
           s_find_same(a->title, "CreditsDepleted") < a->title.len ||
           s_find_same(a->title, "UsageCapExceeded") < a->title.len;
}

enum sori_status x_verdict(struct x *x, const struct x_answer *a, const char *doing) {
    int64_t now = x->host->now(x->host);
    struct sori_str words = a->detail.len ? a->detail : a->title;
    if (a->sent != SORI_OK) return a->sent;
    if (x_good(a)) return SORI_OK;
    if (a->status >= 200 && a->status < 300) {
        x_fail(x, a->status, "%s: X answered %d with what is no JSON", doing, a->status);
        return SORI_RETRY;
    }
    if (out_of_credits(a)) {
        x_fail(x, a->status,
               "%s: X's quota or the credits on the account are used up (%.*s); nothing is broken, "
               "it goes on when there are more: after buying some, `sori connection check`",
               doing, S(words));
        struct sori_rate r = {.struct_size = sizeof r,
                              .bucket = SORI_STR("credits"),
                              .limit = 1,
                              .until = now + CREDIT_WAIT_MS};
        x->host->rate(x->host, &r);
        x->penniless = true;
        return wait_until(x, r.until);
    }
    if (a->status == 429) {
        x_fail(x, 429, "%s: X asks us to slow down (%.*s)", doing, S(words));
        if (a->until > now) return wait_until(x, a->until); /* as was told */
        int64_t until = now + LEAST_WAIT_MS;
        tell(x, (struct sori_rate){.bucket = s_of(a->bucket), .limit = 1, .until = until});
        return wait_until(x, until);
    }
    x_fail(x, a->status, "%s: X answered %d: %.*s%s%.*s", doing, a->status, S(a->title),
           a->title.len && a->detail.len ? ": " : "", S(a->detail));
    if (a->status == 401) return SORI_AUTH;
    if (s_ends(a->type, "unsupported-authentication")) return SORI_CONFIG;
    if (a->status == 404) return SORI_GONE;
    if (a->status >= 500 || a->status == 408 || a->status == 409 || a->status < 400)
        return SORI_RETRY;
    return SORI_PERMANENT;
}
