#include "net/grant.h"

#include "base/clock.h"
#include "base/file.h"
#include "net/call.h"
#include "net/oauth2.h"
#include "sori/plugin.h"
#include "supervise/messages.h"

#include <stdlib.h>

enum { REDEEM_MS = 20000, ANSWER_ROOM = 16384 };

struct grant {
    engine_done *done;
    void *ctx;
    char *folder, *connection, *slot;
    struct token token;
    struct buf request; /* the code and its verifier lie in it */
    struct oauth2_code code;
};

static void end(struct grant *g, enum sori_status status, struct sori_str record) {
    g->done(g->ctx, status, record);
    token_free(&g->token);
    secret_wipe_buf(&g->request);
    free(g->folder);
    free(g->connection);
    free(g->slot);
    free(g);
}

static void fail(struct grant *g, enum sori_status status, const struct err *why) {
    struct buf b = {0};
    rec_str(&b, DONE_WHY, str_c(why->text));
    end(g, status, buf_view(&b));
    buf_free(&b);
}

static bool save(struct grant *g, const json_t *answer, struct err *err) {
    struct buf path = {0}, line = {0};
    buf_printf(&path, "%s/%s.%s", g->folder, g->connection, g->slot);
    bool ok = token_line(&g->token, answer, NULL, clock_now(), &line, err);
    if (ok) buf_putc(&line, '\n');
    ok = ok && file_write(path.data, buf_view(&line), 0600, err);
    secret_wipe_buf(&line);
    buf_free(&path);
    return ok;
}

static bool has_text(const json_t *answer, const char *name) {
    const char *text = json_string_value(json_object_get(answer, name));
    return text && *text;
}

static void refuse(struct grant *g, const json_t *answer, int64_t http) {
    struct buf words = {0};
    struct err why;
    oauth2_words(&g->token, &g->code, answer, &words);
    err_set(&why,
            "the platform refuses the code (HTTP %lld%s%.*s). A code lives for seconds and is good "
            "for once, for the application and the redirect address that it was made for",
            (long long)http, words.len ? ", " : "", STR(buf_view(&words)));
    buf_free(&words);
    fail(g, SORI_AUTH, &why);
}

static void take(struct grant *g, const json_t *answer) {
    struct err why;
    struct buf b = {0};
    const json_t *scopes = json_object_get(answer, "scope");
    if (!has_text(answer, "refresh_token")) {
        err_set(&why, "the platform gives a token without a refresh token, which would end within "
                      "hours: the application must be allowed to ask for offline access");
        fail(g, SORI_CONFIG, &why);
    } else if (!save(g, answer, &why)) {
        fail(g, SORI_RETRY, &why);
    } else {
        if (json_is_string(scopes)) rec_str(&b, GRANT_SCOPES, str_c(json_string_value(scopes)));
        end(g, SORI_OK, buf_view(&b));
    }
    buf_free(&b);
}

static void answered(void *ctx, enum sori_status status, struct sori_str record) {
    struct grant *g = ctx;
    struct err why;
    int64_t http = rec_get_int(record, ANS_STATUS, 0);
    struct sori_str body = rec_get_str(record, ANS_BODY), words = rec_get_str(record, ANS_WHY);
    json_t *answer = json_loadb(body.ptr ? body.ptr : "", body.len, 0, NULL);
    if (status == SORI_OK && http == 200 && has_text(answer, "access_token")) {
        take(g, answer);
    } else if (status == SORI_OK && http >= 400 && http < 500 && http != 429) {
        refuse(g, answer, http);
    } else {
        if (words.len)
            err_set(&why, "no token was given: %.*s", STR(words));
        else
            err_set(&why, "no token was given: HTTP %lld, without one in it", (long long)http);
        fail(g, status == SORI_PERMANENT ? SORI_PERMANENT : SORI_RETRY, &why);
    }
    json_decref(answer);
}

static void ask(struct grant *g, struct engine *e, const char *url) {
    struct buf request = {0};
    buf_room(&request, 4 * SECRET_MAX);
    rec_str(&request, HTTP_CONNECTION, str_c(g->connection));
    rec_int(&request, HTTP_TIMEOUT, REDEEM_MS);
    rec_int(&request, HTTP_MAX_BODY, ANSWER_ROOM);
    oauth2_redeem(&g->token, url, &g->code, &request);
    engine_ours(e, buf_view(&request), answered, g);
    secret_wipe_buf(&request);
}

void grant_begin(struct engine *e, struct sori_str request, engine_done *done, void *ctx) {
    struct grant *g = mem_get(sizeof *g);
    struct err why = {.text = ""};
    const struct settings *s = engine_settings(e);
    buf_str(&g->request, request);
    struct sori_str r = buf_view(&g->request);
    bool ok = rec_valid(r, 4) || err_set(&why, "the request is broken");
    struct sori_str connection = rec_get_str(r, GRANT_CONNECTION),
                    slot = rec_get_str(r, GRANT_SLOT);
    const struct connection *c = ok ? settings_find(s, connection) : NULL;
    const struct slot *to = c ? settings_slot(c, slot) : NULL;
    g->done = done;
    g->ctx = ctx;
    g->connection = mem_text(connection);
    g->slot = mem_text(slot);
    g->folder = mem_text(str_c(s->secrets ? s->secrets : ""));
    g->code = (struct oauth2_code){rec_get_str(r, GRANT_CODE), rec_get_str(r, GRANT_VERIFIER),
                                   rec_get_str(r, GRANT_REDIRECT)};
    if (ok && (!to || to->kind != SORI_SLOT_OAUTH2))
        ok = err_set(&why, "%s has no slot \"%s\" whose token is given for a code", g->connection,
                     g->slot);
    ok = ok && token_client(g->folder, connection, slot, &g->token, &why);
    if (ok)
        ask(g, e, to->refresh);
    else
        fail(g, SORI_CONFIG, &why);
}
