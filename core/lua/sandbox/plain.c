/* What is said about somebody's text is one line that a terminal shows as it is. */
#include "lua/sandbox/sandbox.h"
#include "base/utf8.h"

enum { LONGEST = 2000 };

void plain_put(struct buf *b, struct sori_str s) {
    struct sori_str rest = utf8_cut(s, LONGEST);
    bool cut = rest.len < s.len;
    while (rest.len) {
        size_t n;
        uint32_t code = utf8_next(rest, &n);
        if (code == '\n' || code == '\r' || code == '\t')
            buf_putc(b, ' ');
        else if (utf8_is_plain(code) && !(code == 0xfffd && n == 1))
            buf_put(b, rest.ptr, n);
        else
            for (size_t i = 0; i < n; i++)
                buf_printf(b, "\\x%02x", (unsigned)(unsigned char)rest.ptr[i]);
        rest.ptr += n;
        rest.len -= n;
    }
    if (cut) buf_puts(b, "…");
}
