/* Links, e-mail and handles. */
#include "lua/mask/inner.h"

#include <strings.h>

static bool in_link(char c) { return c > ' ' && c < 0x7f && !strchr("<>\"'`{}|\\^", c); }
static bool in_local(char c) { return mask_latin(c) || (c && strchr("._%+-", c)); }
static bool in_host(char c) { return mask_latin(c) || c == '.' || c == '-'; }

/* Not what ends the sentence. */
static size_t without_end(struct sori_str s, size_t n) {
    while (n && strchr(".,;:!?)]~", s.ptr[n - 1])) n--;
    return n;
}

/* "shop.example.co.kr" at the front, when it ends like a host's name. */
static size_t host(struct sori_str s) {
    static const char *const ends[] = {
        "com",  "net",  "org", "kr", "io",    "me",    "tv",   "shop",   "biz",   "app",  "dev",
        "info", "site", "xyz", "gg", "co",    "jp",    "cn",   "us",     "uk",    "be",   "ly",
        "page", "edu",  "gov", "ai", "cloud", "store", "blog", "online", "link",  "club", "live",
        "de",   "fr",   "eu",  "ru", "hk",    "tw",    "sg",   "vn",     "world", "cc",   NULL};
    size_t n = 0, dot = 0;
    while (in_host(mask_byte(s, n))) {
        if (s.ptr[n] == '.') dot = n;
        n++;
    }
    while (n && s.ptr[n - 1] == '.') {
        n--;
        for (dot = n; dot && s.ptr[dot] != '.'; dot--) continue;
    }
    if (dot == 0) return 0;
    struct sori_str end = {s.ptr + dot + 1, n - dot - 1};
    for (size_t i = 0; ends[i]; i++)
        if (end.len == strlen(ends[i]) && strncasecmp(end.ptr, ends[i], end.len) == 0) return n;
    return 0;
}

size_t mask_find_url(struct sori_str text, size_t at) {
    struct sori_str s = mask_behind(text, at);
    static const char *const schemes[] = {"https://", "http://", "HTTP://",
                                          "HTTPS://", "www.",    NULL};
    if (at && mask_latin(text.ptr[at - 1])) return 0;
    size_t n = mask_one_of(s, schemes);
    if (n == 0) {
        if (at && strchr("@.-_", text.ptr[at - 1])) return 0;
        n = host(s);
        if (n == 0 || mask_byte(s, n) == '@') return 0;
        if (mask_byte(s, n) != '/') return n;
    }
    while (in_link(mask_byte(s, n))) n++;
    return without_end(s, n);
}

/* Right behind a sign: naver.com, naver[dot]com, naver, 네이버닷컴. */
static size_t mail_host(struct sori_str s) {
    static const char *const dots[] = {"[dot]", "(dot)", "。", ".", NULL}, *const korean[] = {
                                                                               "네이버", "다음",
                                                                               "지메일", "한메일",
                                                                               "네이트", "핫메일",
                                                                               "구글",   "카카오",
                                                                               NULL};
    size_t n = mask_one_of(s, korean), gap;
    if (n && (gap = mask_one_of(mask_behind(s, n), dots))) n += gap;
    if (n) return n + mask_hangul(mask_behind(s, n));
    for (;;) {
        size_t label = n;
        while (mask_latin(mask_byte(s, n)) || mask_byte(s, n) == '-') n++;
        if (n == label) return n;
        gap = mask_one_of(mask_behind(s, n), dots);
        if (!gap || !mask_latin(mask_byte(s, n + gap))) return n;
        n += gap;
    }
}

size_t mask_find_email(struct sori_str text, size_t at) {
    static const char *const tight[] = {"@",        "＠",       "(at)",   "[at]",
                                        "(골뱅이)", "[골뱅이]", "골뱅이", NULL},
                             *const loose[] = {" @ ",      " @",      "@ ",      " at ",
                                               " 골뱅이 ", "골뱅이 ", " 골뱅이", NULL};
    struct sori_str s = mask_behind(text, at);
    size_t n = 0, sign, end;
    if (at && in_local(text.ptr[at - 1])) return 0;
    while (n < 64 && in_local(mask_byte(s, n))) n++;
    if (n == 0 && !mask_in_hangul(text, at)) { /* 홍길동@naver.com */
        n = mask_hangul(s);
        if (n > 24 || mask_byte(s, n) != '@' || !host(mask_behind(s, n + 1))) return 0;
    }
    if (n == 0) return 0;
    sign = mask_one_of(mask_behind(s, n), loose);
    end = sign ? host(mask_behind(s, n + sign)) : 0;
    if (end) return n + sign + end;
    sign = mask_one_of(mask_behind(s, n), tight);
    end = sign ? mail_host(mask_behind(s, n + sign)) : 0;
    return end > 1 ? n + sign + end : 0;
}

/* What somebody is called elsewhere: 카톡 abc1234, 아이디는 minsu. */
static size_t told_handle(struct sori_str text, size_t at) {
    static const char *const ids[] = {"아이디", NULL}, *const places[] = {
                                                           "ID",        "id",         "Id",
                                                           "계정",      "카톡",       "카카오톡",
                                                           "인스타",    "인스타그램", "트위터",
                                                           "페북",      "텔레그램",   "라인",
                                                           "디엠",      "kakao",      "kakaotalk",
                                                           "KakaoTalk", "insta",      "instagram",
                                                           "Instagram", "telegram",   "Telegram",
                                                           "twitter",   NULL};
    struct sori_str s = mask_behind(text, at);
    size_t n = 0, marks = 0;
    if (at && (mask_latin(text.ptr[at - 1]) || text.ptr[at - 1] == '_')) return 0;
    if (!mask_latin(mask_byte(s, 0))) return 0;
    while (n < 64 &&
           (mask_latin(mask_byte(s, n)) || (mask_byte(s, n) && strchr("_.-", s.ptr[n])))) {
        marks += mask_digit(s.ptr[n]) || s.ptr[n] == '_' || s.ptr[n] == '.';
        n++;
    }
    n = without_end(s, n);
    if (n < 4) return 0;
    return mask_after(text, at, ids) || (marks && mask_after(text, at, places)) ? n : 0;
}

size_t mask_find_handle(struct sori_str text, size_t at) {
    static const char *const signs[] = {"@", "＠", NULL};
    struct sori_str s = mask_behind(text, at);
    size_t sign = mask_one_of(s, signs);
    if (!sign) return told_handle(text, at);
    if (at && mask_latin(text.ptr[at - 1])) return 0;
    size_t n = sign + mask_hangul(mask_behind(s, sign));
    /* Behind Latin letters Hangul is what the sentence goes on with. */
    while (mask_latin(mask_byte(s, n)) || mask_byte(s, n) == '_' || mask_byte(s, n) == '.') n++;
    n = without_end(s, n);
    return n > sign ? n : 0;
}
