#include "cli/connection/check_slot.h"

#include "base/file.h"
#include "sori/plugin.h"

#include <jansson.h>

enum { SLOT_MOST = 4000 };

static bool has_text(const json_t *j, const char *path, const char *name, struct err *err) {
    const char *text = json_string_value(json_object_get(j, name));
    if (text && *text) return true;
    return err_set(err, "%s: its \"%s\" is missing, or no text", path, name);
}

static bool check_members(const json_t *j, const char *path, int64_t kind, struct err *err) {
    const json_t *at = json_object_get(j, "expires_at");
    int64_t ms = json_integer_value(at);
    bool oauth2 = kind == SORI_SLOT_OAUTH2;
    if (!json_is_object(j))
        return err_set(err,
                       oauth2 ? "%s: expected one line of JSON: {\"access_token\": …, "
                                "\"refresh_token\": …, \"expires_at\": …, \"client_id\": …}"
                              : "%s: expected one line of JSON: {\"access_token\": …, "
                                "\"expires_at\": …}",
                       path);
    if (!has_text(j, path, "access_token", err)) return false;
    if (oauth2 &&
        (!has_text(j, path, "refresh_token", err) || !has_text(j, path, "client_id", err)))
        return false;
    if (at && (!json_is_integer(at) || ms < 0 || (ms && ms < INT64_C(100000000000))))
        return err_set(err,
                       "%s: its \"expires_at\" is no number of milliseconds since 1970 (0: not "
                       "known)",
                       path);
    return true;
}

bool check_slot(const char *path, int64_t kind, struct err *err) {
    struct buf text = {0};
    bool ok = file_read(path, SLOT_MOST, false, &text, err);
    while (text.len && (text.data[text.len - 1] == '\n' || text.data[text.len - 1] == '\r'))
        text.len--;
    if (ok && !text.len) ok = err_set(err, "%s: empty", path);
    if (ok && kind != SORI_SLOT_TEXT) {
        bool lines = memchr(text.data, '\n', text.len) != NULL;
        json_t *j = lines ? NULL : json_loadb(text.data, text.len, JSON_REJECT_DUPLICATES, NULL);
        ok = check_members(j, path, kind, err);
        json_decref(j);
    }
    if (text.data) explicit_bzero(text.data, text.cap);
    buf_free(&text);
    return ok;
}
