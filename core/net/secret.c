#include "net/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PAGE = 4096, HIDE_MIN = 4 };

static bool check_file(int fd, const char *path, struct err *err) {
    struct stat st;
    if (fstat(fd, &st) != 0) return err_set(err, "%s: %s", path, strerror(errno));
    if (!S_ISREG(st.st_mode)) return err_set(err, "%s: not a file", path);
    if (st.st_mode & 077)
        return err_set(err, "%s: others may read this secret (mode %04o): run chmod 600 on it",
                       path, (unsigned)(st.st_mode & 07777));
    if (st.st_uid != geteuid() && st.st_uid != 0)
        return err_set(err, "%s: belongs to uid %u, expected the user that runs Sori", path,
                       (unsigned)st.st_uid);
    if (st.st_size > SECRET_MAX)
        return err_set(err, "%s: larger than %d bytes, which no secret is", path, SECRET_MAX);
    return true;
}

/* Its own page, so that neither swap nor a core dump holds the value. A kernel that refuses the
 * lock (RLIMIT_MEMLOCK) is no reason to stay silent on a channel: the page is then only unlisted.
 */
static bool take_page(struct secret *s) {
    void *page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED) return false;
    s->page = page;
    s->text = page;
    if (mlock(page, PAGE) != 0) errno = 0;
    if (madvise(page, PAGE, MADV_DONTDUMP) != 0) errno = 0;
    return true;
}

static bool plain(struct sori_str name) {
    for (size_t i = 0; i < name.len; i++)
        if (name.ptr[i] == '/' || name.ptr[i] == 0) return false;
    return name.len > 0 && name.ptr[0] != '.';
}

bool secret_read(const char *folder, struct sori_str connection, struct sori_str slot,
                 struct secret *s, struct err *err) {
    *s = (struct secret){0};
    if (!folder || !*folder)
        return err_set(err, "no secrets folder is configured, so \"%.*s\" has no value", STR(slot));
    if (!plain(connection) || !plain(slot))
        return err_set(err, "\"%.*s\" cannot be the name of a secret", STR(slot));
    struct buf path = {0};
    buf_printf(&path, "%s/%.*s.%.*s", folder, STR(connection), STR(slot));
    int fd = open(path.data, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    bool ok = fd >= 0;
    if (!ok && errno == ENOENT)
        err_set(err, "the secret %.*s.%.*s is missing: write it to %s with mode 0600",
                STR(connection), STR(slot), path.data);
    else if (!ok)
        err_set(err, "%s: cannot be opened: %s", path.data, strerror(errno));
    ok = ok && check_file(fd, path.data, err);
    if (ok && !take_page(s)) ok = err_set(err, "no memory to hold a secret");
    ssize_t n = 0;
    while (ok && (n = read(fd, s->text + s->len, SECRET_MAX - s->len)) > 0) s->len += (size_t)n;
    if (ok && n < 0) ok = err_set(err, "%s: cannot be read: %s", path.data, strerror(errno));
    while (ok && s->len && (s->text[s->len - 1] == '\n' || s->text[s->len - 1] == '\r')) s->len--;
    if (ok) s->text[s->len] = 0;
    if (ok && s->len == 0) ok = err_set(err, "%s: empty, expected the secret in it", path.data);
    for (size_t i = 0; ok && i < s->len; i++)
        if ((unsigned char)s->text[i] < 0x20 || s->text[i] == 0x7f)
            ok = err_set(err, "%s: has a control character at byte %zu, expected one line of text",
                         path.data, i + 1);
    if (fd >= 0) close(fd);
    buf_free(&path);
    if (!ok) secret_wipe(s);
    return ok;
}

bool secret_from(struct sori_str value, struct secret *s) {
    *s = (struct secret){0};
    if (value.len > SECRET_MAX || !take_page(s)) return false;
    if (value.len) memcpy(s->text, value.ptr, value.len);
    s->len = value.len;
    return true;
}

void secret_wipe(struct secret *s) {
    if (s->page) {
        explicit_bzero(s->page, PAGE);
        munmap(s->page, PAGE);
    }
    *s = (struct secret){0};
}

void secret_wipe_buf(struct buf *b) {
    if (b->data) explicit_bzero(b->data, b->cap);
    buf_free(b);
}

static void base64(const void *bytes, size_t len, struct buf *out) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const uint8_t *p = bytes;
    for (size_t i = 0; i < len; i += 3) {
        uint32_t v = (uint32_t)p[i] << 16;
        if (i + 1 < len) v |= (uint32_t)p[i + 1] << 8;
        if (i + 2 < len) v |= p[i + 2];
        buf_putc(out, digits[v >> 18]);
        buf_putc(out, digits[v >> 12 & 63]);
        buf_putc(out, i + 1 < len ? digits[v >> 6 & 63] : '=');
        buf_putc(out, i + 2 < len ? digits[v & 63] : '=');
    }
}

/* A buffer that never moves, so that growing leaves no copy behind. */
static void still(struct buf *b, size_t size) { buf_room(b, size); }

void secret_bearer(const struct secret *s, struct buf *header) {
    still(header, s->len + 64);
    buf_puts(header, "Authorization: Bearer ");
    buf_put(header, s->text, s->len);
}

static void user_and_secret(const struct secret *s, struct sori_str user, struct buf *both) {
    still(both, user.len + s->len + 2);
    buf_str(both, user);
    buf_putc(both, ':');
    buf_put(both, s->text, s->len);
}

void secret_basic(const struct secret *s, struct sori_str user, struct buf *header) {
    struct buf both = {0};
    user_and_secret(s, user, &both);
    still(header, both.len * 2 + 64);
    buf_puts(header, "Authorization: Basic ");
    base64(both.data, both.len, header);
    secret_wipe_buf(&both);
}

static void hide(const char *what, size_t n, char *text, size_t len) {
    if (n < HIDE_MIN) return;
    char *at = text;
    while (at && (size_t)(text + len - at) >= n) {
        at = memmem(at, (size_t)(text + len - at), what, n);
        if (!at) return;
        memset(at, '*', n);
        at += n;
    }
}

enum { FORMS = 7 };

static void put_forms(const struct secret *s, struct buf form[FORMS]) {
    static const char *const digits[] = {"0123456789ABCDEF", "0123456789abcdef"};
    for (int f = 0; f < FORMS; f++) still(&form[f], s->len * 5 + 8);
    for (size_t i = 0; i < s->len; i++) {
        unsigned char c = (unsigned char)s->text[i];
        if (c == '/') buf_putc(&form[4], '\\'); /* as some JSON has it */
        buf_putc(&form[4], (char)c);
        bool bare = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                    strchr("-._~", c) != NULL;
        for (int low = 0; low < 2; low++) {
            char pair[2] = {digits[low][c >> 4], digits[low][c & 15]};
            buf_put(&form[2 + low], pair, 2); /* hexadecimal */
            if (!bare) buf_putc(&form[low], '%');
            buf_put(&form[low], bare ? (const char *)&s->text[i] : pair, bare ? 1 : 2);
            if (!bare) buf_puts(&form[5 + low], "%25"); /* a signed head inside of a URL */
            buf_put(&form[5 + low], bare ? (const char *)&s->text[i] : pair, bare ? 1 : 2);
        }
    }
}

void secret_hide(const struct secret *s, struct sori_str user, char *text, size_t len) {
    if (!s->text || s->len < HIDE_MIN || len < HIDE_MIN) return;
    hide(s->text, s->len, text, len);
    struct buf form[FORMS] = {{0}}, both = {0}, coded = {0};
    put_forms(s, form);
    for (int f = 0; f < FORMS; f++) {
        hide(form[f].data, form[f].len, text, len);
        secret_wipe_buf(&form[f]);
    }
    still(&coded, (user.len + s->len) * 2 + 8);
    base64(s->text, s->len, &coded);
    hide(coded.data, coded.len, text, len);
    buf_clear(&coded);
    user_and_secret(s, user, &both);
    base64(both.data, both.len, &coded);
    hide(coded.data, coded.len, text, len);
    secret_wipe_buf(&both);
    secret_wipe_buf(&coded);
}
