/* New tokens for old ones. One refresh at a time for all requests of a slot; the others wait for
 * it. The new pair is on disk before anybody uses it (renewal.h). */
#include "net/call.h"

#include "base/clock.h"
#include "base/hash.h"
#include "base/log.h"
#include "net/oauth2.h"
#include "net/renewal.h"
#include "sori/plugin.h"
#include "supervise/messages.h"

#include <stdlib.h>

enum {
    REFRESH_MS = 20000,
    AGAIN_MS = 5000,    /* after a failure of the way there */
    EARLY_MS = 3600000, /* the same, where the old token still serves */
    FRESH_MS = 60000,   /* a token that is refused when it is so young is not refused for its age */
    ANSWER_ROOM = 16384 /* so that what is secret in an answer is not left behind by growing */
};

struct refresh {
    struct refresh *next;
    struct engine *engine;
    char *connection, *slot, *folder;
    int64_t kind;
    struct token token;     /* what is sent; after a refusing disk, what could not be written */
    json_t *unsaved;        /* the platform's answer that is not on disk yet */
    struct renewal renewal; /* the place for it */
    bool running, early;    /* early: the old token still serves */
    int64_t try_at, got_at, said_at, refused_until; /* monotonic ms */
    uint64_t refused, got; /* digests of the token that was refused, and of ours; 0 none */
    uint64_t asked;        /* … of the one that was last sent to be renewed */
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
                          .kind = c->credential.rotated->kind,
                          .renewal = {.fd = -1}};
    return *list = r;
}

void rotate_free(struct engine *e) {
    struct refresh **list = engine_refreshes(e);
    while (*list) {
        struct refresh *r = *list;
        *list = r->next;
        renewal_end(&r->renewal, false);
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

/* ---- its answer ---- */

static uint64_t never_0(uint64_t h) { return h ? h : 1; }

/* Of what is used up. */
static uint64_t digest(const struct token *t) {
    return never_0(hash_digest(str_c(t->refresh ? t->refresh : t->access)));
}

/* Of all that decides how a platform answers: a person may mend the client's secret alone. */
static uint64_t whole_digest(const struct token *t) {
    struct buf all = {0};
    const char *parts[] = {t->refresh ? t->refresh : t->access, t->client_id, t->client_secret};
    buf_room(&all, 3 * SECRET_MAX + 8);
    for (size_t i = 0; i < 3; i++) buf_printf(&all, "%s\n", parts[i] ? parts[i] : "");
    uint64_t h = hash_digest(buf_view(&all));
    secret_wipe_buf(&all);
    return never_0(h);
}

/* Why the old token is refused, where it is known, and what to do. */
static void put_words(struct refresh *r, const json_t *answer, int64_t http) {
    struct buf words = {0}, at = {0}, what = {0};
    oauth2_words(&r->token, NULL, answer, &words);
    if (r->renewal.began_before) {
        buf_puts(&at, "; it was being renewed at ");
        clock_rfc3339(&at, r->renewal.began_before / 1000 * 1000);
        buf_puts(&at, " already, and the answer to that did not get here, so it is used up");
    }
    buf_puts(&what, ": ");
    if (r->kind == SORI_SLOT_OAUTH2)
        buf_printf(&what, "authorise it again with `sori connection authorise %s`, or ",
                   r->connection);
    err_set(&r->why,
            "the platform refuses to renew the token %s.%s (HTTP %lld%s%.*s)%s%swrite a new one to "
            "secrets/%s.%s",
            r->connection, r->slot, (long long)http, words.len ? ", " : "", STR(buf_view(&words)),
            at.data ? at.data : "", what.data, r->connection, r->slot);
    buf_free(&what);
    buf_free(&words);
    buf_free(&at);
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

/* Into the file as it is now: a person may have mended the client meanwhile. */
static bool write_down(struct refresh *r) {
    char mark[RENEWAL_MARK];
    struct buf line = {0};
    struct token now = {0};
    bool there =
        token_read(r->folder, text_of(r->connection), text_of(r->slot), r->kind, &now, NULL);
    renewal_mark(r->asked, mark);
    bool ok = token_line(there ? &now : &r->token, r->unsaved, mark, clock_now(), &line, &r->why) &&
              renewal_put(&r->renewal, buf_view(&line), &r->why);
    if (there) token_free(&now);
    secret_wipe_buf(&line);
    return ok;
}

static void save(struct refresh *r) {
    if (replaced(r)) { /* a person's new grant is the newer will */
        log_line(LOG_INFO, "net", "%s.%s: a new token was written meanwhile, and is used",
                 r->connection, r->slot);
        renewal_end(&r->renewal, true);
        json_decref(r->unsaved);
        r->unsaved = NULL;
        settle(r, SORI_OK);
        return;
    }
    if (!write_down(r)) {
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

/* A platform that says no in its own words, to this token: not a proxy's page, nor a moment's
 * trouble. */
static bool says_no(const json_t *answer) {
    static const char *const passing[] = {"temporarily_unavailable", "server_error", "slow_down"};
    const json_t *e = json_object_get(answer, "error");
    for (size_t i = 0; json_is_string(e) && i < sizeof passing / sizeof *passing; i++)
        if (!strcmp(json_string_value(e), passing[i])) return false;
    return json_is_string(e) || json_is_object(e);
}

/* A refresh token that was refused is used up, or worth nothing: it is shown to nobody again. One
 * that lives for weeks may have been refused for reasons that pass. */
static bool was_refused(const struct refresh *r) {
    return r->refused == whole_digest(&r->token) &&
           (r->kind == SORI_SLOT_OAUTH2 || clock_mono() < r->refused_until);
}

static void refused(struct refresh *r, const json_t *answer, int64_t http) {
    bool other = replaced(r);
    if (other) {
        renewal_end(&r->renewal, true);
        settle(r, SORI_OK);
        return;
    }
    put_words(r, answer, http);
    if (r->kind == SORI_SLOT_OAUTH2)
        renewal_refuse(&r->renewal, r->why.text);
    else
        renewal_end(&r->renewal, true);
    r->refused_until = clock_mono() + EARLY_MS;
    r->refused = whole_digest(&r->token);
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
    if (status == SORI_OK && (http == 400 || http == 401) && says_no(answer)) {
        refused(r, answer, http);
    } else {
        struct sori_str why = rec_get_str(record, ANS_WHY);
        if (why.len)
            err_set(&r->why, "no new token for %s.%s: %.*s", r->connection, r->slot, STR(why));
        else
            err_set(&r->why, "no new token for %s.%s: HTTP %lld, without one in it", r->connection,
                    r->slot, (long long)http);
        log_line(LOG_WARN, "net", "%s", r->why.text);
        renewal_end(&r->renewal, !rec_get_int(record, ANS_SENT, 0));
        r->try_at = clock_mono() + (r->early ? EARLY_MS : AGAIN_MS);
        settle(r, status == SORI_PERMANENT ? SORI_PERMANENT : SORI_RETRY);
    }
    json_decref(answer);
}

static void ask(struct refresh *r, const char *url) {
    struct buf request = {0};
    buf_room(&request, 4 * SECRET_MAX);
    rec_str(&request, HTTP_CONNECTION, text_of(r->connection));
    rec_int(&request, HTTP_TIMEOUT, REFRESH_MS);
    rec_int(&request, HTTP_MAX_BODY, ANSWER_ROOM);
    if (r->kind == SORI_SLOT_OAUTH2)
        oauth2_refresh(&r->token, url, &request);
    else
        oauth2_exchange(&r->token, url, &request);
    engine_ours(r->engine, buf_view(&request), answered, r);
    secret_wipe_buf(&request);
}

/* ---- beginning ---- */

/* The place for the new token is made before the old one is used up. */
static bool make_place(struct refresh *r) {
    r->asked = digest(&r->token);
    struct renewal_of of = {r->asked, whole_digest(&r->token)};
    enum renewal_begun begun = renewal_begin(&r->renewal, r->folder, text_of(r->connection),
                                             text_of(r->slot), of, clock_now(), &r->why);
    if (begun == RENEWAL_READY && !replaced(r)) return true;
    if (begun == RENEWAL_READY) { /* another process did it while this one looked */
        renewal_end(&r->renewal, true);
        settle(r, SORI_OK);
        return false;
    }
    if (begun == RENEWAL_FOUND) {
        log_line(LOG_INFO, "net", "%s.%s: renewed, by one that was ended before it could say so",
                 r->connection, r->slot);
        settle(r, SORI_OK);
        return false;
    }
    if (begun == RENEWAL_REFUSED) {
        r->refused = whole_digest(&r->token);
        settle(r, SORI_AUTH);
        return false;
    }
    err_prefix(&r->why, begun == RENEWAL_FAILED
                            ? "the token is not renewed where the new one could not be kept"
                            : "the token is not renewed twice at once");
    int64_t now = clock_mono();
    if (now >= r->said_at)
        log_line(begun == RENEWAL_FAILED ? LOG_ERROR : LOG_INFO, "net", "%s", r->why.text);
    if (now >= r->said_at) r->said_at = now + AGAIN_MS;
    settle(r, SORI_RETRY); /* nobody was asked, so it may be tried at once */
    return false;
}

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
    if (was_refused(r)) {
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
    return make_place(r);
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
    if (was_refused(r)) {
        token_free(&r->token);
        return;
    }
    r->early = true;
    if (!make_place(r)) return;
    r->running = true;
    ask(r, c->credential.rotated->refresh);
}
