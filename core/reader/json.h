/* Writing JSON straight into a buffer: rows are many and their shape is known. */
#ifndef READER_JSON_H
#define READER_JSON_H

#include "base/buf.h"

struct jw {
    struct buf *b;
    bool comma; /* something stands before the next value in this object or array */
};

/* `name` is NULL inside an array. Values of unknown (NIL, NULL, empty where said) become null. */
void jw_open(struct jw *w, const char *name, char bracket); /* '{' or '[' */
void jw_close(struct jw *w, char bracket);                  /* '}' or ']' */
void jw_int(struct jw *w, const char *name, int64_t value);
void jw_hundredths(struct jw *w, const char *name, int64_t value); /* 210 as 2.10 */
void jw_bool(struct jw *w, const char *name, bool value);
void jw_null(struct jw *w, const char *name);
/* Any bytes: what is not UTF-8 becomes U+FFFD. ptr NULL gives null. */
void jw_str(struct jw *w, const char *name, struct sori_str value);
void jw_word(struct jw *w, const char *name, const char *word); /* "" gives null */
void jw_time(struct jw *w, const char *name, int64_t ms);       /* RFC 3339; 0 gives null */

#endif
