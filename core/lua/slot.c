/* The types of slots: what may stand in them, and how it is written. What a rule gives is held
 * against its type while the bundle loads, where it can be known then, and else when the reply is
 * made; what a channel tells is held against it too, so that a name that is an advertisement's link
 * is not said back. */
#include "lua/template.h"
#include "base/utf8.h"

#include <stdio.h>

static const char *const words[] = {"",     "text", "number", "url", "date",
                                    "name", "word", "span",   "time"};

enum slot_type slot_type_of(struct sori_str word) {
    for (int i = SLOT_TEXT; i <= SLOT_TIME; i++)
        if (str_is(word, words[i])) return (enum slot_type)i;
    return SLOT_NONE;
}

const char *slot_type_word(enum slot_type type) { return words[type]; }

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

/* Nothing of a link or of a handle: somebody's name is said in our voice. */
static bool is_name(struct sori_str s) {
    bool some = false;
    if (has(s, "://") || has(s, "www.") || has(s, "@") || has(s, "\n")) return false;
    for (; s.len; some = true) {
        size_t len;
        uint32_t c = utf8_next(s, &len);
        if (!utf8_is_plain(c) || c == '<' || c == '>') return false;
        s.ptr += len;
        s.len -= len;
    }
    return some;
}

const char *slot_misfit(enum slot_type type, struct sori_str value) {
    int y, m, d;
    switch (type) {
    case SLOT_NUMBER: return is_number(value) ? NULL : "is no number";
    case SLOT_URL: return is_url(value) ? NULL : "is no link; it begins with https:// or http://";
    case SLOT_DATE:
        return read_date(value, &y, &m, &d) ? NULL : "is no date; write it like 2026-11-22";
    case SLOT_NAME: return is_name(value) ? NULL : "is no name: it is empty, a link or a handle";
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
