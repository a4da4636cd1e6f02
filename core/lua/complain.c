/* What is wrong with a bundle, said with its place: errors, warnings, and what is the one or the
 * other by whether the bundle was live before. */
#include "lua/policy_inner.h"
#include "base/utf8.h"

#include <stdarg.h>
#include <stdio.h>

enum { LONGEST = 1024 };

#define FORMAT(text, format)                                                                       \
    char text[LONGEST];                                                                            \
    va_list args;                                                                                  \
    va_start(args, format);                                                                        \
    vsnprintf(text, sizeof text, format, args);                                                    \
    va_end(args)

bool complain(struct reader *r, int line, const char *format, ...) {
    FORMAT(text, format);
    if (r->errors->len > ERRORS_MAX) return false;
    buf_printf(r->errors, "%s:%d: ", r->file, line);
    if (r->what) buf_printf(r->errors, "%s: ", r->what);
    plain_put(r->errors, str_c(text));
    buf_putc(r->errors, '\n');
    if (r->errors->len > ERRORS_MAX)
        buf_printf(r->errors, "%s:%d: more is wrong here than can be listed\n", r->file, line);
    return false;
}

bool complain_near(struct reader *r, int line, struct sori_str word, const char *const *words,
                   size_t count, const char *format, ...) {
    FORMAT(text, format);
    const char *near = nearest_word(word, words, count);
    if (near) return complain(r, line, "%s; did you mean '%s'?", text, near);
    return complain(r, line, "%s", text);
}

void warn(struct reader *r, int line, const char *format, ...) {
    FORMAT(text, format);
    struct buf *b = &r->p->warnings;
    if (b->len > ERRORS_MAX) return;
    buf_printf(b, "%s:%d: ", r->file, line);
    plain_put(b, str_c(text));
    buf_putc(b, '\n');
}

bool frown(struct reader *r, int line, const char *format, ...) {
    FORMAT(text, format);
    if (!r->p->kept) return complain(r, line, "%s", text);
    warn(r, line, "%s", text);
    return true;
}

bool check_word(struct reader *r, int line, const char *what, struct sori_str name) {
    bool ok = name.len > 0 && name.len <= NAME_MAX_BYTES && utf8_valid(name);
    for (struct sori_str rest = name; ok && rest.len;) {
        size_t len;
        uint32_t c = utf8_next(rest, &len);
        ok = utf8_is_plain(c);
        rest.ptr += len;
        rest.len -= len;
    }
    return ok ||
           complain(r, line,
                    "%s: a name has 1 to %d bytes of UTF-8 and no control characters; this "
                    "one has %zu: \"%.*s\"",
                    what, NAME_MAX_BYTES, name.len, name.len > 40 ? 40 : (int)name.len, name.ptr);
}
