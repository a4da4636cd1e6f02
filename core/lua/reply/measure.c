/* How long a channel counts a text to be. Most count characters. X weighs: Latin letters and usual
 * punctuation are 1, all else (Hangul, emoji) 2, a link 23, also one without https://. What is
 * counted here is not less than what X counts (hosts with accents aside, é.kr); its own plugin has
 * the last word. */
#include "lua/reply/template.h"
#include "base/utf8.h"

#include <strings.h>

enum { LINK = 23 };

static bool light(uint32_t c) {
    return c <= 0x10ff || (c >= 0x2000 && c <= 0x200d) || (c >= 0x2010 && c <= 0x201f) ||
           (c >= 0x2032 && c <= 0x2037);
}

static char at(struct sori_str s, size_t i) { return i < s.len ? s.ptr[i] : 0; }

static bool letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

static bool letter_or_digit(char c) { return letter(c) || (c >= '0' && c <= '9'); }

static bool one_of(char c, const char *set) { return c && strchr(set, c); }

static size_t scheme(struct sori_str s) {
    if (s.len >= 8 && strncasecmp(s.ptr, "https://", 8) == 0) return 8;
    return s.len >= 7 && strncasecmp(s.ptr, "http://", 7) == 0 ? 7 : 0;
}

size_t measure_korean_top(struct sori_str s) {
    static const char *const names[] = {"한국", "닷컴", "닷넷", "삼성"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (str_starts(s, str_c(names[i]))) return strlen(names[i]);
    return 0;
}

/* Labels with dots between them, up to the last that could be a top-level domain; 0: none could. */
static size_t host(struct sori_str s, size_t from, size_t *looked) {
    size_t end = from, best = 0;
    bool top = false; /* in a label that could be one */
    for (; letter_or_digit(at(s, end)) || one_of(at(s, end), "-."); end++) {
        size_t korean =
            s.ptr[end] != '.' || end == from
                ? 0
                : measure_korean_top((struct sori_str){s.ptr + end + 1, s.len - end - 1});
        if (korean)
            best = end + 1 + korean;
        else if (s.ptr[end] == '.')
            top = end > from && letter(at(s, end + 1)) && letter(at(s, end + 2));
        else if (top && s.ptr[end] != '-')
            best = end + 1;
    }
    *looked = end;
    return best;
}

/* What may stand in a path or a query, up to the last one that may end it. */
static size_t tail(struct sori_str s, size_t from, const char *within, const char *last) {
    size_t end = from;
    for (size_t i = from; letter_or_digit(at(s, i)) || one_of(at(s, i), within); i++)
        if (letter_or_digit(s.ptr[i]) || strchr(last, s.ptr[i])) end = i + 1;
    return end;
}

/* The length of the link at the front, or 0; `looked`: how far none begins. */
static size_t link_at(struct sori_str s, size_t *looked) {
    size_t head = scheme(s), end = host(s, head, looked);
    if (!end) return 0;
    size_t named = end;
    if (at(s, end) == ':' && at(s, end + 1) >= '0' && at(s, end + 1) <= '9')
        for (end++; at(s, end) >= '0' && at(s, end) <= '9';) end++;
    if (!head && at(s, end) != '/') return named; /* a port or a query alone is none of it */
    if (at(s, end) == '/') end = tail(s, end, "!*';:=+,.$/%#[]-_~@|&", "+-=_#/");
    if (at(s, end) == '?') end = tail(s, end, "!?*'@();:&=+$/%#[]-_.,~|", "-_&=#/");
    return end;
}

static int64_t weight(struct sori_str s) {
    int64_t all = 0;
    size_t dull = 0, i = 0, n; /* no link begins before `dull` */
    bool open = true;          /* may one begin here? */
    while (i < s.len) {
        struct sori_str rest = {s.ptr + i, s.len - i};
        size_t looked = 0, head = scheme(rest);
        n = (open && i >= dull) || head ? link_at(rest, &looked) : 0;
        if (n) {
            all += LINK;
            open = false;
            i += n;
            continue;
        }
        if (head && (unsigned char)at(rest, looked) >= 0x80) { /* a host in other letters */
            all += LINK;
            i += head;
            continue;
        }
        if (looked > head) dull = i + looked;
        all += light(utf8_next(rest, &n)) ? 1 : 2;
        open = !letter_or_digit(s.ptr[i]) && !one_of(s.ptr[i], "@#$-_./");
        i += n;
    }
    return all;
}

bool measure_weighs(struct sori_str channel) { return str_is(channel, "x"); }

int64_t measure(struct sori_str channel, struct sori_str text) {
    return measure_weighs(channel) ? weight(text) : (int64_t)utf8_count(text);
}
