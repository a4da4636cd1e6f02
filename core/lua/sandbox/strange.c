/* A sign that Lua does not know: it is told by its first byte, '<\235>', which nobody can read.
 * Here it is shown as it stands in the file, with what to write in its place: Korean words without
 * quotes, quotes and commas that a word processor or a Korean keyboard made, blanks that are none.
 */
#include "base/utf8.h"
#include "lua/sandbox/inner.h"

#include <stdlib.h>
#include <string.h>

enum { SHOWN = 20 };

static struct sori_str line_of(struct sori_str source, long line) {
    const char *end;
    while (--line > 0 && (end = memchr(source.ptr, '\n', source.len)))
        source = (struct sori_str){end + 1, source.len - (size_t)(end + 1 - source.ptr)};
    if (line > 0) return (struct sori_str){source.ptr, 0};
    end = memchr(source.ptr, '\n', source.len);
    return (struct sori_str){source.ptr, end ? (size_t)(end - source.ptr) : source.len};
}

/* The line from its first such byte on that stands in no text; empty where there is none. */
static struct sori_str from_byte(struct sori_str line, unsigned char byte) {
    char quote = 0;
    for (size_t i = 0; i < line.len; i++) {
        char c = line.ptr[i];
        if (quote)
            i += c == '\\', quote = c == quote ? 0 : quote;
        else if (c == '"' || c == '\'')
            quote = c;
        else if ((unsigned char)c == byte)
            return (struct sori_str){line.ptr + i, line.len - i};
    }
    return (struct sori_str){line.ptr, 0};
}

static bool is_blank(uint32_t c) {
    return c == 0xa0 || c == 0x3000 || c == 0xfeff || (c >= 0x2000 && c <= 0x200f) || c == 0x202f ||
           c == 0x2060;
}

static bool is_quote(uint32_t c) {
    return (c >= 0x2018 && c <= 0x201f) || c == 0xab || c == 0xbb || (c >= 0x300c && c <= 0x300f);
}

/* The ASCII sign that this one stands for; 0 for none. */
static char ascii_of(uint32_t c) {
    if (c > 0xff00 && c < 0xff5f) return (char)(c - 0xfee0);
    if (c == 0x3001) return ',';
    return c == 0x2013 || c == 0x2014 || c == 0x2212 ? '-' : 0;
}

static void put_sign(struct buf *b, struct sori_str at) {
    size_t len;
    uint32_t c = utf8_next(at, &len);
    if (is_blank(c)) {
        buf_printf(b, "a blank that is none, U+%04X; type this blank anew", c);
        return;
    }
    struct sori_str rest = at;
    bool letters = !is_quote(c) && !ascii_of(c);
    buf_putc(b, '\'');
    for (int n = 0; rest.len && (unsigned char)*rest.ptr >= 0x80 && n < (letters ? SHOWN : 1); n++)
        utf8_put_shown(b, &rest);
    if (is_quote(c))
        buf_puts(b, "'; quotes are straight here, \"…\"");
    else if (ascii_of(c))
        buf_printf(b, "'; write the plain '%c' in its place", ascii_of(c));
    else
        buf_puts(b, "'; names are made of a-z, 0-9 and _: put words into quotes, \"…\", and keys "
                    "into brackets too, [\"…\"] = …");
}

bool sandbox_strange(const char *said, struct sori_str source, struct buf *errors) {
    static const char near[] = "near '<\\";
    const char *colon = strchr(said, ':'), *at = strstr(said, near);
    if (!colon || !at) return false;
    unsigned char byte = (unsigned char)strtoul(at + sizeof near - 1, NULL, 10);
    struct sori_str sign = from_byte(line_of(source, strtol(colon + 1, NULL, 10)), byte);
    if (byte < 0x80 || sign.len == 0) return false;
    plain_put(errors, (struct sori_str){said, (size_t)(at - said)});
    buf_puts(errors, "near ");
    put_sign(errors, sign);
    buf_putc(errors, '\n');
    return true;
}
