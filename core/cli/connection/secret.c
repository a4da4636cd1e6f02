#include "cli/connection/connection.h"

#include "base/clock.h"
#include "base/file.h"
#include "sori/plugin.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

enum { SECRET_MOST = 4000 }; /* what net takes */

void secret_forget(struct buf *b) {
    if (b->data) explicit_bzero(b->data, b->cap);
    buf_free(b);
}

void secret_make(struct buf *bytes) {
    static const char letters[] = "abcdefghijkmnpqrstuvwxyz23456789";
    unsigned char random[32];
    for (size_t got = 0; got < sizeof random;) {
        ssize_t n = getrandom(random + got, sizeof random - got, 0);
        SORI_ASSERT(n > 0 || errno == EINTR);
        if (n > 0) got += (size_t)n;
    }
    for (size_t i = 0; i < sizeof random; i++) buf_putc(bytes, letters[random[i] & 31]);
    buf_putc(bytes, '\n');
}

static bool read_stdin(struct buf *bytes, struct err *err) {
    for (;;) {
        buf_room(bytes, SECRET_MOST + 2); /* at once: nothing is left behind by growing */
        ssize_t n = read(STDIN_FILENO, bytes->data + bytes->len, SECRET_MOST + 2 - bytes->len);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return err_set(err, "stdin: %s", strerror(errno));
        if (n == 0) return true;
        bytes->len += (size_t)n;
        bytes->data[bytes->len] = 0;
        if (bytes->len > SECRET_MOST) return true;
    }
}

bool secret_file(const char *path, struct buf *bytes, struct err *err) {
    if (!strcmp(path, "-")) return read_stdin(bytes, err);
    buf_room(bytes, SECRET_MOST + 2);
    return file_read(path, SECRET_MOST + 1, false, bytes, err);
}

static struct sori_str trimmed(struct sori_str s) {
    while (s.len && strchr(" \t\r\n", s.ptr[s.len - 1])) s.len--;
    while (s.len && strchr(" \t\r\n", s.ptr[0])) s.ptr++, s.len--;
    return s;
}

static bool plain_line(const char *slot, struct sori_str s, struct err *err) {
    if (!s.len) return err_set(err, "%s: it is empty", slot);
    if (s.len > SECRET_MOST)
        return err_set(err, "%s: longer than %d bytes: is it the right file?", slot, SECRET_MOST);
    for (size_t i = 0; i < s.len; i++)
        if ((unsigned char)s.ptr[i] < 0x20 || s.ptr[i] == 0x7f)
            return err_set(err,
                           "%s: one line of text was expected, without control characters; there "
                           "is another one at byte %zu",
                           slot, i + 1);
    return true;
}

static bool token_like(const char *slot, const char *member, const json_t *value, struct err *err) {
    const char *text = json_string_value(value);
    if (!text || !*text) return err_set(err, "%s: its line of JSON lacks %s, a text", slot, member);
    for (const char *p = text; *p; p++)
        if ((unsigned char)*p <= 0x20 || *p == 0x7f)
            return err_set(err, "%s: its %s has a blank or a control character", slot, member);
    return true;
}

/* The members that net will look for; what the platform calls expires_in becomes a time. */
static bool check_members(const char *slot, int64_t kind, json_t *file, struct err *err) {
    if (!token_like(slot, "access_token", json_object_get(file, "access_token"), err)) return false;
    if (kind == SORI_SLOT_OAUTH2 &&
        (!token_like(slot, "refresh_token", json_object_get(file, "refresh_token"), err) ||
         !token_like(slot, "client_id", json_object_get(file, "client_id"), err)))
        return false;
    const json_t *in = json_object_get(file, "expires_in"),
                 *at = json_object_get(file, "expires_at");
    int64_t seconds = json_is_integer(in) ? json_integer_value(in) : 0;
    if (!at && seconds > 0 && seconds < INT64_C(100) * 366 * 86400) {
        json_object_set_new(file, "expires_at", json_integer(clock_now() + seconds * 1000));
        json_object_set_new(file, "since", json_integer(clock_now()));
        json_object_del(file, "expires_in");
    } else if (at &&
               (!json_is_integer(at) || json_integer_value(at) < 0 ||
                (json_integer_value(at) > 0 && json_integer_value(at) < INT64_C(100000000000)))) {
        return err_set(err,
                       "%s: its expires_at is no number of milliseconds since 1970 (13 digits; "
                       "seconds have 10)",
                       slot);
    }
    return true;
}

/* A bare token becomes {"access_token": …}: enough for one that is exchanged for a newer one. */
static json_t *read_line(const char *slot, int64_t kind, struct sori_str line, struct err *err) {
    json_error_t where;
    if (line.ptr[0] != '{' && kind == SORI_SLOT_RENEWED) {
        json_t *token = json_stringn(line.ptr, line.len);
        if (token)
            return json_pack("{s:o, s:I}", "access_token", token, "since", (json_int_t)clock_now());
        err_set(err, "%s: it is no UTF-8", slot);
        return NULL;
    }
    json_t *file = json_loadb(line.ptr, line.len, JSON_REJECT_DUPLICATES, &where);
    if (json_is_object(file)) return file;
    json_decref(file);
    err_set(err,
            kind == SORI_SLOT_OAUTH2
                ? "%s: a line of JSON was expected with access_token, refresh_token, expires_at, "
                  "client_id and, where there is one, client_secret (it cannot be read near column "
                  "%d)"
                : "%s: the token alone was expected, or a line of JSON with access_token and "
                  "expires_at (it cannot be read near column %d)",
            slot, where.column > 0 ? where.column : 1);
    return NULL;
}

bool secret_build(struct sori_str slot, struct sori_str typed, struct buf *bytes, struct err *err) {
    char *name = mem_text(rec_get_str(slot, 1));
    int64_t kind = rec_get_int(slot, 4, SORI_SLOT_TEXT);
    struct sori_str line = trimmed(typed);
    json_t *file = NULL;
    bool ok = true;
    if (kind == SORI_SLOT_TEXT) {
        ok = plain_line(name, line, err);
        if (ok) buf_room(bytes, line.len + 2);
        if (ok) buf_str(bytes, line);
    } else {
        ok = line.len <= SECRET_MOST || plain_line(name, line, err);
        ok = ok && (line.len || plain_line(name, line, err));
        ok = ok && (file = read_line(name, kind, line, err)) != NULL;
        ok = ok && check_members(name, kind, file, err);
        size_t need = ok ? json_dumpb(file, NULL, 0, JSON_COMPACT) : 0;
        if (ok && need > SECRET_MOST)
            ok = err_set(err, "%s: longer than %d bytes", name, SECRET_MOST);
        if (ok) bytes->len += json_dumpb(file, buf_room(bytes, need + 2), need, JSON_COMPACT);
        json_decref(file);
    }
    if (ok) buf_putc(bytes, '\n');
    free(name);
    return ok;
}
