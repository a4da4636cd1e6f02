/* New tokens for old ones (CHANNELS §1.7, §3.2). One refresh at a time for all requests of a slot;
 * the others wait for it. The new pair is on disk before anybody uses it. */
#include "net/call.h"

#include "base/clock.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/utf8.h"
#include "net/token.h"
#include "sori/plugin.h"
#include "supervise/messages.h"

#include <stdlib.h>

enum {
    REFRESH_MS = 20000,
    AGAIN_MS = 5000,    /* after a failure of the way there */
    EARLY_MS = 3600000, /* the same, where the old token still serves */
    FRESH_MS = 60000,   /* a token that is refused when it is so young is not refused for its age */
    ANSWER_ROOM = 16384, /* so that what is secret in an answer is not left behind by growing */
    SHOWN = 200
};

struct refresh {
    struct refresh *next;
    struct engine *engine;
    char *connection, *slot, *folder;
    int64_t kind;
    struct token token;     /* what is sent; after a refusing disk, what could not be written */
    json_t *unsaved;        /* the platform's answer that is not on disk yet */
    bool running, early;    /* early: the old token still serves */
    int64_t try_at, got_at; /* monotonic ms */
    uint64_t refused, got;  /* digests of the token that was refused, and of ours; 0 none */
    uint64_t asked;         /* … of the one that was last sent to be renewed */
    struct err why;
};

static struct sori_str text_of(const char *s) { return str_c(s); }

static struct refresh *find(struct call *c) {
    struct refresh **list = engine_refreshes(c->engine);
    for (struct refresh *r = *list; r; r = r->next)
        if (str_is(c->name, r->connection) && str_is(c->credential.slot, r->slot)) return r;
    struct refresh *r = mem_get(sizeof *r);
    *r = (struct refresh){.next = *list,
                          .engine = c->engine,
                          .connection = mem_text(c->name),
                          .slot = mem_text(c->credential.slot),
                          .kind = c->credential.rotated->kind};
    return *list = r;
}

void rotate_free(struct engine *e) {
    struct refresh **list = engine_refreshes(e);
    while (*list) {
        struct refresh *r = *list;
        *list = r->next;
        token_free(&r->token);
        json_decref(r->unsaved);
        free(r->connection);
        free(r->slot);
        free(r->folder);
        free(r);
    }
}

/* ---- those who wait ---- */

static void go_on(struct call *c) {
    c->waits = NULL;
    if (credential_load(&c->credential, c->settings, &c->err))
        call_restart(c);
    else
        call_finish(c, SORI_AUTH);
}

/* Requests that end here may begin others: the list is read anew each time. */
static void settle(struct refresh *r, enum sori_status status) {
    r->running = false;
    token_free(&r->token);
    for (;;) {
        struct call *c = engine_calls(r->engine);
        while (c && c->waits != r) c = c->next;
        if (!c) return;
        if (status == SORI_OK) {
            go_on(c);
        } else {
            c->waits = NULL;
            c->err = r->why;
            call_finish(c, status);
        }
    }
}

/* ---- the request ---- */

static void put_encoded(struct buf *out, const char *text) {
    static const char hex[] = "0123456789ABCDEF";
    for (const char *p = text; *p; p++) {
        unsigned char c = (unsigned char)*p;
        if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
            strchr("-._~", c)) {
            buf_putc(out, *p);
        } else {
            buf_putc(out, '%');
            buf_putc(out, hex[c >> 4]);
            buf_putc(out, hex[c & 15]);
        }
    }
}

static void put_header(struct buf *request, const char *name, struct sori_str value) {
    size_t mark = rec_begin(request, HTTP_HEADER);
    rec_str(request, PAIR_NAME, str_c(name));
    rec_str(request, PAIR_VALUE, value);
    rec_end(request, mark);
}

/* RFC 6749 §2.3.1: both halves are form-encoded before they become a Basic header. */
static void put_client(const struct token *t, struct buf *request) {
    struct buf id = {0}, plain = {0}, line = {0};
    struct secret s;
    buf_room(&plain, 3 * strlen(t->client_secret) + 1);
    put_encoded(&plain, t->client_secret);
    put_encoded(&id, t->client_id);
    if (secret_from(buf_view(&plain), &s)) {
        secret_basic(&s, buf_view(&id), &line);
        size_t head = strlen("Authorization: ");
        put_header(request, "Authorization", (struct sori_str){line.data + head, line.len - head});
        secret_wipe(&s);
    }
    secret_wipe_buf(&plain);
    secret_wipe_buf(&line);
    buf_free(&id);
}

static void put_oauth2(const struct token *t, const char *url, struct buf *request) {
    struct buf body = {0};
    buf_room(&body, 3 * (strlen(t->refresh) + strlen(t->client_id)) + 256);
    buf_puts(&body, "grant_type=refresh_token&refresh_token=");
    put_encoded(&body, t->refresh);
    if (t->client_secret && *t->client_secret) {
        put_client(t, request);
    } else {
        buf_puts(&body, "&client_id=");
        put_encoded(&body, t->client_id);
    }
    rec_str(request, HTTP_METHOD, SORI_STR("POST"));
    rec_str(request, HTTP_URL, str_c(url));
    rec_int(request, HTTP_EFFECT, SORI_HTTP_WRITE);
    put_header(request, "Content-Type", SORI_STR("application/x-www-form-urlencoded"));
    rec_str(request, HTTP_BODY, buf_view(&body));
    secret_wipe_buf(&body);
}

static void put_renewed(const struct token *t, const char *url, struct buf *request) {
    struct buf full = {0};
    buf_room(&full, 3 * strlen(t->access) + strlen(url) + 64);
    buf_printf(&full, "%s%caccess_token=", url, strchr(url, '?') ? '&' : '?');
    put_encoded(&full, t->access);
    rec_str(request, HTTP_METHOD, SORI_STR("GET"));
    rec_str(request, HTTP_URL, buf_view(&full));
    secret_wipe_buf(&full);
}

/* ---- its answer ---- */

static uint64_t digest(const struct token *t) {
    const char *used = t->refresh ? t->refresh : t->access;
    uint64_t h = hash_digest(str_c(used));
    return h ? h : 1;
}

/* Blanks a value of the token in `words`, as it is and as put_client spells it. */
static void blank(const struct token *t, const char *value, struct buf *words) {
    struct buf id = {0}, coded = {0};
    struct secret s;
    if (!value || !words->len) return;
    const char *client = t->client_id ? t->client_id : "";
    if (secret_from(str_c(value), &s)) {
        secret_hide(&s, str_c(client), words->data, words->len);
        secret_wipe(&s);
    }
    buf_room(&coded, 3 * strlen(value) + 1);
    put_encoded(&coded, value);
    put_encoded(&id, client);
    if (secret_from(buf_view(&coded), &s)) {
        secret_hide(&s, buf_view(&id), words->data, words->len);
        secret_wipe(&s);
    }
    secret_wipe_buf(&coded);
    buf_free(&id);
}

/* What the platform says, without what must not be said: blanked before it is cut, since half a
 * secret would not be known again. */
static void put_words(struct refresh *r, const json_t *answer, int64_t http) {
    const json_t *e = json_object_get(answer, "error");
    const json_t *more = json_object_get(json_is_object(e) ? e : answer,
                                         json_is_object(e) ? "message" : "error_description");
    struct buf words = {0};
    if (json_is_string(e)) buf_puts(&words, json_string_value(e));
    if (json_is_string(more)) buf_printf(&words, ": %s", json_string_value(more));
    blank(&r->token, r->token.access, &words);
    blank(&r->token, r->token.refresh, &words);
    blank(&r->token, r->token.client_secret, &words);
    struct sori_str shown = utf8_cut(buf_view(&words), 2 * SHOWN);
    err_set(&r->why,
            "the platform refuses to renew the token %s.%s (HTTP %lld%s%.*s): authorise again, "
            "with sori connection add, or write a new token to secrets/%s.%s",
            r->connection, r->slot, (long long)http, shown.len ? ", " : "", STR(shown),
            r->connection, r->slot);
    secret_wipe_buf(&words);
}

/* True where somebody else wrote another token meanwhile. */
static bool replaced(struct refresh *r) {
    struct token now;
    if (!token_read(r->folder, text_of(r->connection), text_of(r->slot), r->kind, &now, NULL))
        return false;
    bool other = digest(&now) != r->asked;
    token_free(&now);
    return other;
}

static void save(struct refresh *r) {
    if (replaced(r)) { /* a person's new grant is the newer will */
        log_line(LOG_INFO, "net", "%s.%s: a new token was written meanwhile, and is used",
                 r->connection, r->slot);
        json_decref(r->unsaved);
        r->unsaved = NULL;
        settle(r, SORI_OK);
        return;
    }
    if (!token_renew(r->folder, text_of(r->connection), text_of(r->slot), &r->token, r->unsaved,
                     clock_now(), &r->why)) {
        err_prefix(&r->why, "the new token is not used before it is written");
        log_line(LOG_ERROR, "net", "%s", r->why.text);
        r->running = false;
        r->try_at = clock_mono() + AGAIN_MS;
        struct token kept = r->token; /* the only copy of what the platform gave */
        r->token = (struct token){0};
        settle(r, SORI_RETRY);
        r->token = kept;
        return;
    }
    json_decref(r->unsaved);
    r->unsaved = NULL;
    struct token now;
    if (token_read(r->folder, text_of(r->connection), text_of(r->slot), r->kind, &now, NULL)) {
        r->got = digest(&now);
        token_free(&now);
    }
    r->got_at = clock_mono();
    r->refused = 0;
    log_line(LOG_INFO, "net", "%s.%s: renewed", r->connection, r->slot);
    settle(r, SORI_OK);
}

static void refused(struct refresh *r, const json_t *answer, int64_t http) {
    if (replaced(r)) {
        settle(r, SORI_OK);
        return;
    }
    put_words(r, answer, http);
    r->refused = digest(&r->token);
    log_line(LOG_ERROR, "net", "%s", r->why.text);
    settle(r, SORI_AUTH);
}

static void answered(void *ctx, enum sori_status status, struct sori_str record) {
    struct refresh *r = ctx;
    int64_t http = rec_get_int(record, ANS_STATUS, 0);
    struct sori_str body = rec_get_str(record, ANS_BODY);
    json_t *answer = json_loadb(body.ptr ? body.ptr : "", body.len, 0, NULL);
    const char *got = json_string_value(json_object_get(answer, "access_token"));
    if (status == SORI_OK && http == 200 && got && *got) {
        r->unsaved = answer;
        save(r);
        return;
    }
    if (status == SORI_OK && (http == 400 || http == 401)) {
        refused(r, answer, http);
    } else {
        struct sori_str why = rec_get_str(record, ANS_WHY);
        if (why.len)
            err_set(&r->why, "no new token for %s.%s: %.*s", r->connection, r->slot, STR(why));
        else
            err_set(&r->why, "no new token for %s.%s: HTTP %lld, without one in it", r->connection,
                    r->slot, (long long)http);
        log_line(LOG_WARN, "net", "%s", r->why.text);
        r->try_at = clock_mono() + (r->early ? EARLY_MS : AGAIN_MS);
        settle(r, status == SORI_PERMANENT ? SORI_PERMANENT : SORI_RETRY);
    }
    json_decref(answer);
}

static void ask(struct refresh *r, const char *url) {
    struct buf request = {0};
    r->asked = digest(&r->token);
    buf_room(&request, 4 * SECRET_MAX);
    rec_str(&request, HTTP_CONNECTION, text_of(r->connection));
    rec_int(&request, HTTP_TIMEOUT, REFRESH_MS);
    rec_int(&request, HTTP_MAX_BODY, ANSWER_ROOM);
    if (r->kind == SORI_SLOT_OAUTH2)
        put_oauth2(&r->token, url, &request);
    else
        put_renewed(&r->token, url, &request);
    engine_ours(r->engine, buf_view(&request), answered, r);
    secret_wipe_buf(&request);
}

/* ---- beginning ---- */

/* True where a request is to be made; else the waiting ones were told. */
static bool prepare(struct refresh *r, struct call *c) {
    int64_t now = clock_mono();
    if (r->unsaved) {
        save(r);
        return false;
    }
    free(r->folder);
    r->folder = mem_text(str_c(c->settings->secrets));
    if (!token_read(r->folder, c->name, c->credential.slot, r->kind, &r->token, &r->why)) {
        settle(r, SORI_AUTH);
        return false;
    }
    struct sori_str had = {c->credential.secret.text, c->credential.secret.len};
    if (!str_is(had, r->token.access)) { /* another request, or a person, was faster */
        settle(r, SORI_OK);
        return false;
    }
    if (r->refused == digest(&r->token)) {
        settle(r, SORI_AUTH);
        return false;
    }
    if (c->renewed && r->got == digest(&r->token) && now - r->got_at < FRESH_MS) {
        err_set(&r->why, "the platform refuses the token %s.%s, which is %lld s old", r->connection,
                r->slot, (long long)((now - r->got_at) / 1000));
        settle(r, SORI_AUTH);
        return false;
    }
    if (now < r->try_at && !r->early) {
        settle(r, SORI_RETRY);
        return false;
    }
    return true;
}

void rotate_wait(struct call *c) {
    struct refresh *r = find(c);
    c->waits = r;
    if (r->running) return;
    if (r->early) r->try_at = 0; /* that wait was for the case that the old one still serves */
    r->early = false;
    if (!prepare(r, c)) return;
    r->running = true;
    ask(r, c->credential.rotated->refresh);
}

void rotate_early(struct call *c) {
    struct refresh *r = find(c);
    if (r->running || clock_mono() < r->try_at || r->unsaved) return;
    free(r->folder);
    r->folder = mem_text(str_c(c->settings->secrets));
    if (!token_read(r->folder, c->name, c->credential.slot, r->kind, &r->token, &r->why)) return;
    if (r->refused == digest(&r->token)) {
        token_free(&r->token);
        return;
    }
    r->running = r->early = true;
    ask(r, c->credential.rotated->refresh);
}
