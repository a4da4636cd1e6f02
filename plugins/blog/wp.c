/* Talking to a WordPress site: finding its REST interface, asking, and reading what came back. */
#include "blog/blog.h"
#include "common/date.h"
#include "common/html.h"
#include "common/say.h"
#include "common/url.h"

#include <stdarg.h>
#include <stdio.h>

enum { FORGET_AFTER = 24 * 3600 * 1000 };

void blog_fail(struct blog *b, int code, const char *format, ...) {
    va_list args;
    va_start(args, format);
    say_fail(b->host, code, format, args);
    va_end(args);
}

void blog_log(struct blog *b, enum sori_log_level level, const char *format, ...) {
    va_list args;
    va_start(args, format);
    say_log(b->host, level, format, args);
    va_end(args);
}

enum sori_status blog_get(struct blog *b, struct sori_str url, struct sori_pairs headers,
                          struct sori_http_response *answer) {
    struct url at = url_split(url), site = url_split(b->site);
    struct sori_pair all[8];
    size_t n = 0;
    for (; n < headers.count && n < 7; n++) all[n] = headers.items[n];
    if (b->agent.len) all[n++] = (struct sori_pair){SORI_STR("User-Agent"), b->agent};
    /* What is not on the site itself was named by a stranger, and is fetched as such. */
    bool ours = s_eq(url_host(at.authority), url_host(site.authority));
    struct sori_http_request request = {
        .struct_size = sizeof request,
        .effect = SORI_HTTP_READ,
        .flags = ours ? 0 : SORI_HTTP_STRANGER,
        .method = SORI_STR("GET"),
        .url = url,
        .headers = {all, n},
    };
    *answer = (struct sori_http_response){.struct_size = sizeof *answer};
    return b->host->http(b->host, &request, answer);
}

static int64_t retry_after(struct blog *b, struct sori_pairs headers) {
    struct sori_str value = s_trim(pairs_get(headers, "retry-after"));
    int64_t seconds = s_number(value), at;
    if (seconds >= 0) return seconds * 1000;
    if (value.len && date_parse(value, &at) && at > b->host->now(b->host))
        return at - b->host->now(b->host);
    return 0;
}

/* Copies what is needed, because the host's answer is gone with the next request. Some sites print
 * a warning in front of their JSON: it begins at the first bracket then. */
static void read_answer(struct blog *b, struct wp_answer *a, const struct sori_http_response *r) {
    a->status = r->http_status;
    a->total_pages = s_number(pairs_get(r->headers, "x-wp-totalpages"));
    a->retry_after = retry_after(b, r->headers);
    struct sori_str body = r->body;
    size_t at = 0;
    while (at < body.len && body.ptr[at] != '{' && body.ptr[at] != '[') at++;
    body = s_from(body, at);
    if (body.len) a->json = json_loadb(body.ptr, body.len, JSON_DISABLE_EOF_CHECK, NULL);
    const json_t *data = json_object_get(a->json, "data");
    if (a->status < 400 || !a->json || (!data && !json_object_get(a->json, "code"))) return;
    a->code = arena_copy(&b->call, json_words(a->json, "code"));
    struct text plain = {0};
    html_plain(&plain, json_words(a->json, "message"));
    a->message = text_keep(&plain, &b->call);
}

struct wp_answer wp_ask(struct blog *b, const struct wp_site *site, const char *method,
                        const char *path, struct sori_str query, struct sori_str body) {
    struct wp_answer a = {.total_pages = -1};
    struct text url = {0};
    text_str(&url, site->root);
    text_lit(&url, path);
    if (query.len) {
        text_char(&url, s_find_char(site->root, '?') < site->root.len ? '&' : '?');
        text_str(&url, query);
    }
    bool write = strcmp(method, "GET") != 0;
    struct sori_pair headers[3] = {{SORI_STR("Accept"), SORI_STR("application/json")}};
    size_t n = 1;
    if (body.len)
        headers[n++] = (struct sori_pair){SORI_STR("Content-Type"),
                                          SORI_STR("application/x-www-form-urlencoded")};
    if (b->agent.len) headers[n++] = (struct sori_pair){SORI_STR("User-Agent"), b->agent};
    struct sori_http_request request = {
        .struct_size = sizeof request,
        .effect = write ? SORI_HTTP_WRITE : SORI_HTTP_READ,
        .flags = write ? SORI_HTTP_NO_REDIRECT : 0,
        .auth_scheme = b->user.len ? SORI_AUTH_BASIC : SORI_AUTH_NONE,
        .method = s_of(method),
        .url = text_view(&url),
        .headers = {headers, n},
        .body = body,
        .auth_slot = b->user.len ? SORI_STR("password") : (struct sori_str){NULL, 0},
        .auth_user = b->user,
    };
    struct sori_http_response response = {.struct_size = sizeof response};
    a.sent = b->host->http(b->host, &request, &response);
    if (a.sent == SORI_OK) read_answer(b, &a, &response);
    text_free(&url);
    return a;
}

void wp_answer_free(struct wp_answer *a) {
    json_decref(a->json);
    a->json = NULL;
}

enum sori_status wp_failed(struct blog *b, const struct wp_answer *a, const char *doing) {
    if (a->sent != SORI_OK) return a->sent; /* The host has said why. */
    if (a->status == 429 || (a->status == 503 && a->retry_after)) {
        int64_t wait = a->retry_after ? a->retry_after : 60000;
        struct sori_rate rate = {.struct_size = sizeof rate, .until = b->host->now(b->host) + wait};
        b->host->rate(b->host, &rate);
        blog_fail(b, a->status, "%s: the site asks to slow down (%d)", doing, a->status);
        return SORI_RATE;
    }
    if (a->status == 401 && !b->user.len) {
        blog_fail(b, a->status, "%s: the site wants a user for this (401 %.*s): set user", doing,
                  S(a->code));
        return SORI_AUTH;
    }
    if (a->status == 401) {
        blog_fail(b, a->status,
                  "%s: the site refused user \"%.*s\" (401 %.*s). Check the application password "
                  "in secrets; if it is right, the web server may drop the Authorization header, "
                  "as some hosts do",
                  doing, S(b->user), S(a->code));
        return SORI_AUTH;
    }
    if (a->status >= 500) {
        blog_fail(b, a->status, "%s: the site answered %d", doing, a->status);
        return SORI_RETRY;
    }
    blog_fail(b, a->status, "%s: the site answered %d %.*s %.*s", doing, a->status, S(a->code),
              S(a->json ? a->message
                        : s_of("without JSON: a proxy or a security plugin may be in between")));
    return a->status == 404 || a->status == 410 ? SORI_GONE : SORI_PERMANENT;
}

/* ---- the REST root ---- */

static struct sori_str link_header(struct blog *b, struct sori_pairs headers) {
    for (size_t i = 0; i < headers.count; i++) {
        struct sori_str v = headers.items[i].value;
        size_t rel = s_find(v, "api.w.org");
        if (!s_same(headers.items[i].name, "link") || rel == v.len) continue;
        size_t open = 0, close;
        for (size_t at = 0; at < rel; at++)
            if (v.ptr[at] == '<') open = at + 1;
        close = open + s_find_char(s_from(v, open), '>');
        return arena_copy(&b->call, s_head(s_from(v, open), close - open));
    }
    return (struct sori_str){NULL, 0};
}

static struct sori_str link_element(struct blog *b, struct sori_str html) {
    struct sori_str before, found = {NULL, 0};
    struct html_tag tag;
    while (!found.len && html_next(&html, &before, &tag)) {
        struct text rel = {0}, href = {0};
        if (s_same(tag.name, "link") && html_attribute(&tag, "rel", &rel) &&
            s_find(text_view(&rel), "api.w.org") < rel.len && html_attribute(&tag, "href", &href))
            found = text_keep(&href, &b->call);
        text_free(&rel);
        text_free(&href);
    }
    return found;
}

/* Does this root answer like WordPress? */
static bool root_answers(struct blog *b, struct sori_str root, struct wp_answer *a) {
    struct wp_site guess = {.root = root};
    *a = wp_ask(b, &guess, "GET", "", (struct sori_str){NULL, 0}, (struct sori_str){NULL, 0});
    const json_t *spaces = json_object_get(a->json, "namespaces");
    bool good = false;
    for (size_t i = 0; i < json_array_size(spaces); i++) {
        const char *name = json_string_value(json_array_get(spaces, i));
        good = good || (name && strcmp(name, "wp/v2") == 0);
    }
    return good;
}

static enum sori_status find_root(struct blog *b, struct wp_site *site) {
    struct sori_str guesses[4] = {b->rest_option};
    size_t n = b->rest_option.len ? 1 : 0;
    if (n == 0) {
        struct sori_http_response page;
        enum sori_status s = blog_get(b, b->site, (struct sori_pairs){NULL, 0}, &page);
        if (s != SORI_OK) return s;
        struct sori_str named = link_header(b, page.headers);
        if (!named.len) named = link_element(b, page.body);
        if (named.len) guesses[n++] = named;
        bool slash = b->site.len && b->site.ptr[b->site.len - 1] == '/';
        struct sori_str base = slash ? s_head(b->site, b->site.len - 1) : b->site;
        guesses[n++] = arena_format(&b->call, "%.*s/wp-json/", S(base));
        guesses[n++] = arena_format(&b->call, "%.*s/?rest_route=/", S(base));
    }
    site->root = (struct sori_str){NULL, 0};
    for (size_t i = 0; i < n && !site->root.len; i++) {
        struct wp_answer a;
        bool good = root_answers(b, guesses[i], &a);
        enum sori_status s = a.sent;
        bool refused = a.status == 401 && b->user.len;
        if (refused) s = wp_failed(b, &a, "reading the REST interface");
        bool later = a.status == 429 || a.status >= 500;
        if (later) s = wp_failed(b, &a, "reading the REST interface");
        wp_answer_free(&a);
        if (good) site->root = guesses[i];
        if (!good && s != SORI_OK && (s != SORI_PERMANENT || n == 1)) return s;
    }
    return SORI_OK;
}

static enum sori_status find_me(struct blog *b, struct wp_site *site) {
    site->me = 0;
    site->moderator = false;
    if (!b->user.len || !site->root.len) return SORI_OK;
    struct wp_answer a = wp_ask(b, site, "GET", "wp/v2/users/me", SORI_STR("context=edit"),
                                (struct sori_str){NULL, 0});
    enum sori_status s = SORI_OK;
    if (a.sent == SORI_OK && a.status == 200 && json_int(a.json, "id") > 0) {
        site->me = json_int(a.json, "id");
        site->moderator = json_is_true(
            json_object_get(json_object_get(a.json, "capabilities"), "moderate_comments"));
    } else {
        s = wp_failed(b, &a, "reading who we are");
    }
    wp_answer_free(&a);
    return s;
}

/* Of the options that the findings depend on: with others they are found anew. */
static struct sori_str asked_as(struct blog *b) {
    uint64_t h = hash_bytes(0, b->site);
    h = hash_bytes(hash_bytes(h, s_of("\n")), b->user);
    h = hash_bytes(hash_bytes(h, s_of("\n")), b->rest_option);
    return arena_format(&b->call, "%016llx", (unsigned long long)h);
}

/* State "site": "OPTIONS READ_AT ME MODERATOR ROOT" */
enum sori_status wp_remember(struct blog *b, const struct wp_site *site) {
    struct sori_str value =
        arena_format(&b->call, "%.*s %lld %lld %d %.*s", S(asked_as(b)), (long long)site->read_at,
                     (long long)site->me, site->moderator, S(site->root));
    return b->host->state_put(b->host, SORI_STR("site"), value);
}

static bool remembered(struct blog *b, struct wp_site *site) {
    struct sori_str s = arena_copy(&b->call, b->host->state_get(b->host, SORI_STR("site")));
    struct sori_str options, at, me, moderator;
    if (!s_next(&s, ' ', &options) || !s_next(&s, ' ', &at) || !s_next(&s, ' ', &me) ||
        !s_next(&s, ' ', &moderator) || !s_eq(options, asked_as(b)))
        return false;
    site->read_at = s_number(at);
    site->me = s_number(me);
    site->moderator = s_is(moderator, "1");
    site->root = s;
    int64_t age = b->host->now(b->host) - site->read_at;
    return site->read_at > 0 && age < FORGET_AFTER && (site->me > 0 || !b->user.len || !s.len);
}

enum sori_status wp_find(struct blog *b, struct wp_site *site, bool fresh) {
    *site = (struct wp_site){0};
    if (!fresh && remembered(b, site)) return SORI_OK;
    enum sori_status s = find_root(b, site);
    if (s == SORI_OK) s = find_me(b, site);
    site->read_at = b->host->now(b->host);
    return s;
}
