/* What is said about somebody's text is one line that a terminal shows as it is. */
#include "lua/sandbox/sandbox.h"
#include "base/utf8.h"

enum { LONGEST = 2000 };

void plain_put(struct buf *b, struct sori_str s) {
    struct sori_str rest = utf8_cut(s, LONGEST);
    bool cut = rest.len < s.len;
    while (rest.len) {
        char c = *rest.ptr;
        if (c != '\n' && c != '\r' && c != '\t') {
            utf8_put_shown(b, &rest);
            continue;
        }
        buf_putc(b, ' ');
        rest.ptr++;
        rest.len--;
    }
    if (cut) buf_puts(b, "…");
}
