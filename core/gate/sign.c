#include "gate/sign.h"

#include "sori/plugin.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SECRET_MAX = 512, PLACES = 256 };

struct vault {
    char *memory; /* PLACES of SECRET_MAX bytes, locked and never dumped */
    bool used[PLACES];
};

struct vault *vault_open(void) {
    struct vault *v = mem_get(sizeof *v);
    v->memory = mmap(NULL, (size_t)PLACES * SECRET_MAX, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    SORI_ASSERT(v->memory != MAP_FAILED);
    /* A limit on locked memory costs the lock, not the service. */
    if (mlock(v->memory, (size_t)PLACES * SECRET_MAX) != 0) errno = 0;
    madvise(v->memory, (size_t)PLACES * SECRET_MAX, MADV_DONTDUMP);
    return v;
}

void vault_close(struct vault *v) {
    OPENSSL_cleanse(v->memory, (size_t)PLACES * SECRET_MAX);
    munmap(v->memory, (size_t)PLACES * SECRET_MAX);
    free(v);
}

static char *take_place(struct vault *v) {
    for (size_t i = 0; i < PLACES; i++) {
        if (v->used[i]) continue;
        v->used[i] = true;
        return v->memory + i * SECRET_MAX;
    }
    return NULL;
}

static void split_lines(struct secret *s, size_t len) {
    size_t at = 0;
    while (at < len && s->count < sizeof s->line / sizeof s->line[0]) {
        const char *eol = memchr(s->bytes + at, '\n', len - at);
        size_t n = eol ? (size_t)(eol - s->bytes) - at : len - at;
        size_t keep = n && s->bytes[at + n - 1] == '\r' ? n - 1 : n;
        if (keep) s->line[s->count++] = (struct sori_str){s->bytes + at, keep};
        at += n + 1;
    }
}

static bool open_secret(const char *path, int *fd, struct err *err) {
    struct stat st;
    *fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (*fd < 0) return err_set(err, "%s: cannot be read: %s", path, strerror(errno));
    if (fstat(*fd, &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & 077) == 0) return true;
    close(*fd);
    return err_set(err, "%s: must be a file of mode 0600 (chmod 600 %s)", path, path);
}

static bool fill(struct secret *s, int fd, const char *path, struct err *err) {
    ssize_t n = read(fd, s->bytes, SECRET_MAX);
    if (n > 0) split_lines(s, (size_t)n);
    if (n < SECRET_MAX && s->count > 0) return true;
    return err_set(err, "%s: holds no secret: one line of at most %d bytes was expected", path,
                   SECRET_MAX - 1);
}

bool gate_secret_read(struct vault *vault, const char *folder, struct sori_str connection,
                      struct sori_str slot, struct secret *out, struct err *err) {
    struct buf path = {0};
    int fd;
    *out = (struct secret){0};
    buf_printf(&path, "%s/%.*s.%.*s", folder, STR(connection), STR(slot));
    bool ok = open_secret(path.data, &fd, err);
    if (ok) {
        *out = (struct secret){.vault = vault, .bytes = take_place(vault)};
        ok = out->bytes ? fill(out, fd, path.data, err)
                        : err_set(err, "%s: no room for more than %d secrets", path.data, PLACES);
        close(fd);
        if (!ok) gate_secret_free(out);
    }
    buf_free(&path);
    return ok;
}

void gate_secret_free(struct secret *s) {
    if (s->bytes) {
        OPENSSL_cleanse(s->bytes, SECRET_MAX);
        s->vault->used[(s->bytes - s->vault->memory) / SECRET_MAX] = false;
    }
    *s = (struct secret){0};
}

bool secret_is(const struct secret *s, struct sori_str given) {
    bool found = false;
    for (size_t i = 0; i < s->count; i++)
        if (given.len == s->line[i].len && given.len &&
            CRYPTO_memcmp(given.ptr, s->line[i].ptr, given.len) == 0)
            found = true;
    return found;
}

static size_t mac(const EVP_MD *md, struct sori_str key, struct sori_str m, uint8_t out[64]) {
    unsigned n = 64;
    const void *text = m.len ? m.ptr : "";
    if (!HMAC(md, key.ptr, (int)key.len, text, m.len, out, &n)) return 0;
    return n;
}

static size_t written(uint32_t scheme, const uint8_t *raw, size_t n, char out[130]) {
    if (scheme == SORI_SIGN_HMAC_SHA256_BASE64)
        return (size_t)EVP_EncodeBlock((unsigned char *)out, raw, (int)n);
    static const char hex[] = "0123456789abcdef";
    for (size_t i = 0; i < n; i++) {
        out[2 * i] = hex[raw[i] >> 4];
        out[2 * i + 1] = hex[raw[i] & 15];
    }
    return 2 * n;
}

bool sign_check(const struct secret *s, uint32_t scheme, struct sori_str prefix,
                struct sori_str given, struct sori_str body) {
    const EVP_MD *md = scheme == SORI_SIGN_HMAC_SHA1 ? EVP_sha1() : EVP_sha256();
    bool good = false;
    if (!str_starts(given, prefix)) return false;
    given.ptr += prefix.len;
    given.len -= prefix.len;
    for (size_t i = 0; i < s->count; i++) {
        uint8_t raw[64];
        char text[130];
        size_t n = mac(md, s->line[i], body, raw);
        size_t len = n ? written(scheme, raw, n, text) : 0;
        if (len && given.len == len && CRYPTO_memcmp(given.ptr, text, len) == 0) good = true;
    }
    return good;
}

void sign_sha256_base64(const struct secret *s, struct sori_str message, struct buf *out) {
    uint8_t raw[64];
    char text[130];
    if (s->count == 0) return;
    size_t n = mac(EVP_sha256(), s->line[0], message, raw);
    buf_put(out, text, written(SORI_SIGN_HMAC_SHA256_BASE64, raw, n, text));
}
