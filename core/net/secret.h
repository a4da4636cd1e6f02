/* One credential, for as long as one request needs it: in a page of its own that is locked, left
 * out of core dumps, and wiped. And the way in which texts are kept free of it. */
#ifndef NET_SECRET_H
#define NET_SECRET_H

#include "base/buf.h"
#include "base/err.h"

enum { SECRET_MAX = 4000 };

/* Zero-initialise. `text` is NUL-terminated and without the final line break of its file. */
struct secret {
    char *text;
    size_t len;
    void *page;
};

/* Reads `folder`/`connection`.`slot`. Refuses, with a sentence that never holds the value: a
 * missing, empty or oversized file, a symlink, a file of another owner, and a mode that lets anyone
 * but the owner read it. */
bool secret_read(const char *folder, struct sori_str connection, struct sori_str slot,
                 struct secret *s, struct err *err);
/* A copy of a value that came from elsewhere; false without memory or where it is too long. */
bool secret_from(struct sori_str value, struct secret *s);
void secret_wipe(struct secret *s);

/* "Bearer SECRET", or "Basic …" with `user`. Written into `header` as a whole line; the caller
 * wipes it with secret_wipe_buf. */
void secret_bearer(const struct secret *s, struct buf *header);
void secret_basic(const struct secret *s, struct sori_str user, struct buf *header);
void secret_wipe_buf(struct buf *b);

/* Overwrites each occurrence in `text` by as many '*': the value as it is, with JSON's "\/",
 * percent-encoded once or twice, in hexadecimal and in base64, also as "user:value" for basic.
 * Secrets of under 4 bytes are left. */
void secret_hide(const struct secret *s, struct sori_str user, char *text, size_t len);

#endif
