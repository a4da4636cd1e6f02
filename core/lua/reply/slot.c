/* The types of slots: what may stand in them, and how it is written. What a rule gives is held
 * against its type while the bundle loads, where it can be known then, and else when the reply is
 * made; what a channel tells is held against it too, so that a name that is an advertisement's link
 * is not said back. */
#include "lua/reply/template.h"
#include "base/utf8.h"

#include <stdio.h>

static const char *const words[] = {"",     "text", "number", "url", "date",
                                    "name", "word", "span",   "time"};

enum slot_type slot_type_of(struct sori_str word) {
    for (int i = SLOT_TEXT; i <= SLOT_TIME; i++)
        if (str_is(word, words[i])) return (enum slot_type)i;
    return SLOT_NONE;
}

bool slot_type_given(enum slot_type type) { return type >= SLOT_TEXT && type <= SLOT_NAME; }

static bool has(struct sori_str s, const char *part) {
    return s.len && memmem(s.ptr, s.len, part, strlen(part));
}

static bool is_number(struct sori_str s) {
    size_t i = s.len && s.ptr[0] == '-', digits = 0, points = 0;
    for (; i < s.len; i++)
        if (s.ptr[i] >= '0' && s.ptr[i] <= '9')
            digits++;
        else if (s.ptr[i] == '.' && digits && i + 1 < s.len)
            points++;
        else
            return false;
    return digits && digits <= 18 && points <= 1;
}

static bool is_url(struct sori_str s) {
    size_t head = str_starts(s, SORI_STR("https://"))  ? 8
                  : str_starts(s, SORI_STR("http://")) ? 7
                                                       : 0;
    if (!head || s.len == head || strchr("/?#:", s.ptr[head])) return false;
    while (s.len) {
        size_t len;
        uint32_t c = utf8_next(s, &len);
        if (c <= ' ' || c == '<' || c == '>' || c == '"' || c == 0xfffd || !utf8_is_plain(c))
            return false;
        s.ptr += len;
        s.len -= len;
    }
    return true;
}

static bool read_date(struct sori_str s, int *y, int *m, int *d) {
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    char text[11] = "";
    if (s.len != 10 || s.ptr[4] != '-' || s.ptr[7] != '-') return false;
    for (int i = 0; i < 10; i++)
        if (i != 4 && i != 7 && (s.ptr[i] < '0' || s.ptr[i] > '9')) return false;
    memcpy(text, s.ptr, 10);
    sscanf(text, "%4d-%2d-%2d", y, m, d);
    bool leap = (*y % 4 == 0 && *y % 100 != 0) || *y % 400 == 0;
    return *y >= 1900 && *m >= 1 && *m <= 12 && *d >= 1 && *d <= days[*m - 1] + (*m == 2 && leap);
}

/* ---- what strangers write ---- */

static uint32_t code_at(struct sori_str s, size_t at) {
    size_t len;
    return at < s.len ? utf8_next((struct sori_str){s.ptr + at, s.len - at}, &len) : 0;
}

static bool latin(uint32_t c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

static bool digit(uint32_t c) { return (c >= '0' && c <= '9') || (c >= 0xff10 && c <= 0xff19); }

static bool wordy(uint32_t c) { return latin(c) || (c >= '0' && words_letter(c)); }

/* Behind a dot: what channels take for the end of a host's name, and make a link of. */
static bool ends_host(struct sori_str s) {
    return measure_korean_top(s) ||
           (s.len > 1 && latin((unsigned char)s.ptr[0]) && latin((unsigned char)s.ptr[1]));
}

/* A link, also without https://, a call of somebody, a tag. */
static bool is_bait(struct sori_str s) {
    uint32_t before = 0;
    if (has(s, "://") || has(s, "](")) return true;
    for (size_t at = 0, len; at < s.len; at += len) {
        struct sori_str rest = {s.ptr + at, s.len - at};
        uint32_t c = utf8_next(rest, &len), next = code_at(rest, len);
        if (c == '@' || c == 0xff20 || c == 0xfe6b) return true;
        if ((c == '#' || c == 0xff03 || c == 0xfe5f) && wordy(next) && !digit(next)) return true;
        if (c == '$' && latin(next)) return true;
        if (c == '.' && wordy(before) && ends_host((struct sori_str){rest.ptr + 1, rest.len - 1}))
            return true;
        before = c;
    }
    return false;
}

const char *slot_bait(struct sori_str value) {
    return is_bait(value) ? "has a link, a handle or a tag of somebody else" : NULL;
}

/* Is there nothing of it to be seen? */
static bool unseen(uint32_t c) {
    return c <= ' ' || c == 0xa0 || c == 0xad || c == 0x34f || c == 0x115f || c == 0x1160 ||
           c == 0x180e || (c >= 0x2000 && c <= 0x200f) || (c >= 0x2060 && c <= 0x206f) ||
           c == 0x3000 || c == 0x3164 || (c >= 0xfe00 && c <= 0xfe0f) || c == 0xfeff ||
           c == 0xffa0 || (c >= 0xe0000 && c <= 0xe0fff);
}

/* Somebody's name is said in our voice: no advertisement, no number to call. */
static bool is_name(struct sori_str s) {
    enum { DIGITS_MOST = 6 };
    bool some = false;
    size_t digits = 0;
    if (is_bait(s)) return false;
    while (s.len) {
        size_t len;
        uint32_t c = utf8_next(s, &len);
        if (!utf8_is_plain(c) || c == '<' || c == '>' || c == 0xfffd) return false;
        some |= !unseen(c);
        digits += digit(c);
        s.ptr += len;
        s.len -= len;
    }
    return some && digits <= DIGITS_MOST;
}

const char *slot_misfit(enum slot_type type, struct sori_str value) {
    int y, m, d;
    switch (type) {
    case SLOT_NUMBER: return is_number(value) ? NULL : "is no number";
    case SLOT_URL: return is_url(value) ? NULL : "is no link; it begins with https:// or http://";
    case SLOT_DATE:
        return read_date(value, &y, &m, &d) ? NULL : "is no date; write it like 2026-11-22";
    case SLOT_NAME:
        return is_name(value) ? NULL : "is no name: it is empty, a link, a handle or a number";
    default: return utf8_valid(value) ? NULL : "is not UTF-8";
    }
}

void slot_print(enum slot_type type, struct sori_str value, struct sori_str lang, struct buf *out) {
    static const char *const months[] = {"January",   "February", "March",    "April",
                                         "May",       "June",     "July",     "August",
                                         "September", "October",  "November", "December"};
    int y, m, d;
    if (type == SLOT_DATE && read_date(value, &y, &m, &d) && str_is(lang, "ko"))
        buf_printf(out, "%d년 %d월 %d일", y, m, d);
    else if (type == SLOT_DATE && read_date(value, &y, &m, &d) && str_is(lang, "en"))
        buf_printf(out, "%d %s %d", d, months[m - 1], y);
    else
        buf_str(out, value);
}
