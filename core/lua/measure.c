/* How long a channel counts a text to be. Most count characters. X weighs: Latin letters and usual
 * punctuation are 1, all else (Hangul, emoji) 2, a link 23. What is counted here is never less than
 * what X counts where links are written with https://; its own plugin has the last word. */
#include "lua/template.h"
#include "base/utf8.h"

enum { LINK = 23 };

static bool light(uint32_t c) {
    return c <= 0x10ff || (c >= 0x2000 && c <= 0x200d) || (c >= 0x2010 && c <= 0x201f) ||
           (c >= 0x2032 && c <= 0x2037);
}

static size_t link_at(struct sori_str s) {
    if (!str_starts(s, SORI_STR("http://")) && !str_starts(s, SORI_STR("https://"))) return 0;
    size_t n = 0;
    while (n < s.len && (unsigned char)s.ptr[n] > ' ' && (unsigned char)s.ptr[n] < 0x80) n++;
    return n;
}

static int64_t weight(struct sori_str s) {
    int64_t all = 0;
    while (s.len) {
        size_t n = link_at(s);
        if (n)
            all += LINK;
        else
            all += light(utf8_next(s, &n)) ? 1 : 2;
        s.ptr += n;
        s.len -= n;
    }
    return all;
}

bool measure_weighs(struct sori_str channel) { return str_is(channel, "x"); }

int64_t measure(struct sori_str channel, struct sori_str text) {
    return measure_weighs(channel) ? weight(text) : (int64_t)utf8_count(text);
}
