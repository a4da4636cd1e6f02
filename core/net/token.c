#include "net/token.h"

#include "net/wipe.h"
#include "sori/plugin.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

static bool name_members(struct token *t, int64_t kind, const char *path, struct err *err) {
    t->access = json_string_value(json_object_get(t->file, "access_token"));
    t->refresh = json_string_value(json_object_get(t->file, "refresh_token"));
    t->client_id = json_string_value(json_object_get(t->file, "client_id"));
    t->client_secret = json_string_value(json_object_get(t->file, "client_secret"));
    const json_t *at = json_object_get(t->file, "expires_at");
    t->expires_at = at ? json_integer_value(at) : 0;
    if (at && (!json_is_integer(at) || t->expires_at < 0 ||
               (t->expires_at && t->expires_at < INT64_C(100000000000))))
        return err_set(err, "%s: its expires_at is not a number of milliseconds since 1970", path);
    if (!t->access || !*t->access) return err_set(err, "%s: lacks access_token, a text", path);
    if (kind == SORI_SLOT_OAUTH2 && (!t->refresh || !*t->refresh))
        return err_set(err, "%s: lacks refresh_token, a text", path);
    if (kind == SORI_SLOT_OAUTH2 && (!t->client_id || !*t->client_id))
        return err_set(err, "%s: lacks client_id, a text", path);
    return true;
}

static bool plain_token(const char *text, const char *name, const char *path, struct err *err) {
    for (const char *p = text; p && *p; p++)
        if ((unsigned char)*p <= 0x20 || *p == 0x7f)
            return err_set(err, "%s: its %s has a blank or a control character", path, name);
    return true;
}

bool token_read(const char *folder, struct sori_str connection, struct sori_str slot, int64_t kind,
                struct token *t, struct err *err) {
    struct secret line;
    struct buf path = {0};
    struct stat st;
    *t = (struct token){0};
    if (!secret_read(folder, connection, slot, &line, err)) return false;
    buf_printf(&path, "%s/%.*s.%.*s", folder, STR(connection), STR(slot));
    json_error_t where;
    t->file = json_loadb(line.text, line.len, JSON_REJECT_DUPLICATES, &where);
    secret_wipe(&line);
    bool ok = json_is_object(t->file);
    if (!ok)
        err_set(err, "%s: is no line of JSON (near column %d); expected {\"access_token\": …}",
                path.data, t->file ? 1 : where.column);
    ok = ok && name_members(t, kind, path.data, err) &&
         plain_token(t->access, "access_token", path.data, err) &&
         plain_token(t->refresh, "refresh_token", path.data, err);
    const json_t *since = json_object_get(t->file, "since");
    if (json_is_integer(since))
        t->since = json_integer_value(since);
    else if (stat(path.data, &st) == 0)
        t->since = (int64_t)st.st_mtim.tv_sec * 1000;
    buf_free(&path);
    if (!ok) token_free(t);
    return ok;
}

bool token_client(const char *folder, struct sori_str connection, struct sori_str slot,
                  struct token *t, struct err *err) {
    struct secret line;
    *t = (struct token){0};
    if (!secret_read(folder, connection, slot, &line, err)) return false;
    t->file = json_loadb(line.text, line.len, JSON_REJECT_DUPLICATES, NULL);
    secret_wipe(&line);
    t->client_id = json_string_value(json_object_get(t->file, "client_id"));
    t->client_secret = json_string_value(json_object_get(t->file, "client_secret"));
    if (t->client_id && *t->client_id) return true;
    token_free(t);
    return err_set(err, "%s/%.*s.%.*s: lacks client_id, a text in its line of JSON", folder,
                   STR(connection), STR(slot));
}

static void set_text(json_t *file, const char *name, const json_t *value) {
    if (json_is_string(value)) json_object_set_new(file, name, json_deep_copy(value));
}

bool token_line(struct token *t, const json_t *answer, const char *renews, int64_t now,
                struct buf *line, struct err *err) {
    const json_t *span = json_object_get(answer, "expires_in");
    int64_t seconds = json_is_integer(span)  ? json_integer_value(span)
                      : json_is_string(span) ? strtoll(json_string_value(span), NULL, 10)
                                             : 0;
    bool known = seconds > 0 && seconds < INT64_C(100) * 366 * 86400;
    set_text(t->file, "access_token", json_object_get(answer, "access_token"));
    set_text(t->file, "refresh_token", json_object_get(answer, "refresh_token"));
    json_object_set_new(t->file, "expires_at", json_integer(known ? now + seconds * 1000 : 0));
    json_object_set_new(t->file, "since", json_integer(now));
    if (renews) json_object_set_new(t->file, "renews", json_string(renews));
    char *text = json_dumps(t->file, JSON_COMPACT);
    SORI_ASSERT(text);
    size_t len = strlen(text);
    bool ok =
        len <= SECRET_MAX || err_set(err, "the new token is larger than %d bytes", SECRET_MAX);
    if (ok) {
        buf_room(line, len + 2);
        buf_put(line, text, len);
    }
    wipe_free(text);
    return ok;
}

void token_free(struct token *t) {
    json_decref(t->file);
    *t = (struct token){0};
}
