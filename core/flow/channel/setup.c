#include "flow/channel/setup.h"

#include "sori/plugin.h"

struct sori_str setup_option(const struct conn *conn, struct sori_str name) {
    struct sori_str rest = buf_view(&conn->options);
    struct rec_field f;
    while (rec_next(&rest, &f) == 1)
        if (f.type == REC_REC && str_eq(rec_get_str(f.s, PAIR_NAME), name))
            return rec_get_str(f.s, PAIR_VALUE);
    return (struct sori_str){0};
}

bool setup_resolve(const struct conn *conn, struct sori_str text, struct buf *out) {
    if (!text.len || text.ptr[0] != '@') {
        buf_str(out, text);
        return text.len > 0;
    }
    const char *slash = memchr(text.ptr, '/', text.len);
    size_t n = slash ? (size_t)(slash - text.ptr) : text.len;
    struct sori_str url = setup_option(conn, (struct sori_str){text.ptr + 1, n - 1});
    while (url.len && url.ptr[url.len - 1] == '/') url.len--;
    buf_str(out, url);
    buf_put(out, text.ptr + n, text.len - n);
    return url.len > 0;
}

static bool plain(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c && strchr("-._~:@!$'()*+,;=", c));
}

/* Segments of plain characters alone: no escapes, no empty ones in between, no dots that lead
 * elsewhere. */
static bool good_path(struct sori_str path) {
    for (size_t i = 0; i < path.len;) {
        if (path.ptr[i++] != '/') return false;
        size_t from = i;
        while (i < path.len && path.ptr[i] != '/') {
            if (!plain(path.ptr[i])) return false;
            i++;
        }
        struct sori_str segment = {path.ptr + from, i - from};
        if (str_is(segment, ".") || str_is(segment, "..")) return false;
        if (!segment.len && i < path.len) return false;
    }
    return true;
}

static struct sori_str take_segment(struct sori_str *path) {
    struct sori_str s = {path->ptr, 0};
    while (s.len < path->len && path->ptr[s.len] != '/') s.len++;
    path->ptr += s.len + (s.len < path->len);
    path->len -= s.len + (s.len < path->len);
    return s;
}

static bool same_path(struct sori_str path, struct sori_str pattern) {
    if (path.len && pattern.len &&
        (path.ptr[path.len - 1] == '/') != (pattern.ptr[pattern.len - 1] == '/'))
        return false;
    while (path.len && pattern.len) {
        struct sori_str is = take_segment(&path), want = take_segment(&pattern);
        if (str_is(want, "*") ? !is.len : !str_eq(is, want)) return false;
    }
    return !path.len && !pattern.len;
}

/* "https://host:port" and the rest. */
static bool split(struct sori_str url, struct sori_str *origin, struct sori_str *path) {
    size_t head = str_starts(url, SORI_STR("https://"))  ? 8
                  : str_starts(url, SORI_STR("http://")) ? 7
                                                         : 0;
    size_t n = head;
    while (n < url.len && !strchr("/?#", url.ptr[n])) {
        if (strchr("@\\% ", url.ptr[n])) return false;
        n++;
    }
    *origin = (struct sori_str){url.ptr, n};
    *path = (struct sori_str){url.ptr + n, url.len - n};
    for (size_t i = 0; i < path->len; i++)
        if (path->ptr[i] == '?' || path->ptr[i] == '#') path->len = i;
    return head && n > head;
}

static bool same(const struct conn *conn, struct sori_str setup, struct sori_str method,
                 struct sori_str url) {
    const char *blank = memchr(setup.ptr, ' ', setup.len);
    size_t n = blank ? (size_t)(blank - setup.ptr) : setup.len;
    if (!blank || !str_eq(method, (struct sori_str){setup.ptr, n})) return false;
    struct buf wanted = {0};
    struct sori_str origin, path, want_origin, want_path;
    bool ok = setup_resolve(conn, (struct sori_str){blank + 1, setup.len - n - 1}, &wanted) &&
              split(url, &origin, &path) && split(buf_view(&wanted), &want_origin, &want_path) &&
              str_eq(origin, want_origin) && good_path(path) && same_path(path, want_path);
    buf_free(&wanted);
    return ok;
}

bool setup_allowed(const struct conn *conn, struct sori_str method, struct sori_str url) {
    struct rec_field f;
    if (url.len && memchr(url.ptr, 0, url.len)) return false;
    for (struct sori_str d = buf_view(&conn->plugin->descriptor); rec_next(&d, &f) == 1;)
        if (f.tag == DESC_SETUP && f.type == REC_STR && same(conn, f.s, method, url)) return true;
    return false;
}

void setup_put_slot(const struct conn *conn, struct sori_str slot, struct buf *out) {
    struct buf url = {0};
    int64_t kind = rec_get_int(slot, 4, SORI_SLOT_TEXT);
    if (kind != SORI_SLOT_TEXT && setup_resolve(conn, rec_get_str(slot, 5), &url)) {
        size_t mark = rec_begin(out, NETCONN_SLOT);
        rec_str(out, 1, rec_get_str(slot, 1));
        rec_int(out, 2, kind);
        rec_str(out, 3, buf_view(&url));
        rec_end(out, mark);
    }
    buf_free(&url);
}
