/* Numbers that are no plain digits: spelt out so that no machine may find them, with letters in
 * them, on plates of cars. */
#include "lua/mask/inner.h"

/* A digit in any spelling: its length, 0 where there is none. */
static size_t numeral(struct sori_str s, int *value, bool *odd) {
    static const struct {
        const char *word;
        int value;
    } spelt[] = {{"공", 0}, {"영", 0}, {"일", 1}, {"이", 2}, {"삼", 3}, {"사", 4}, {"오", 5},
                 {"육", 6}, {"칠", 7}, {"팔", 8}, {"구", 9}, {"O", 0},  {"o", 0},  {"l", 1},
                 {"I", 1},  {"０", 0}, {"１", 1}, {"２", 2}, {"３", 3}, {"４", 4}, {"５", 5},
                 {"６", 6}, {"７", 7}, {"８", 8}, {"９", 9}};
    *odd = !mask_digit(mask_byte(s, 0));
    *value = mask_byte(s, 0) - '0';
    if (!*odd) return 1;
    for (size_t i = 0; i < sizeof spelt / sizeof *spelt; i++)
        if (str_starts(s, str_c(spelt[i].word)))
            return *value = spelt[i].value, strlen(spelt[i].word);
    return 0;
}

/* 공일공 일이삼사 오육칠팔, O1O-1234-5678, 0 1 0 1 2 3 4 …: its length. */
static size_t spelt(struct sori_str s) {
    size_t at = 0, end = 0, count = 0, strange = 0, gaps = 0;
    for (int value; at < s.len && count < 11;) {
        bool odd;
        size_t n = numeral(mask_behind(s, at), &value, &odd);
        if (n == 0) {
            if (count == 0 || at - end > 2 || !strchr(" -._/", s.ptr[at])) break;
            gaps += at++ == end;
            continue;
        }
        if (count < 3 && value != (count == 1)) return 0;
        strange += odd;
        at += n;
        end = at;
        count++;
    }
    return count >= 10 && (strange || gaps >= 8) ? end : 0;
}

void mask_spelt_digits(struct sori_str s, struct buf *out) {
    int value;
    bool odd;
    for (size_t i = 0, n; i < s.len; i += n ? n : 1)
        if ((n = numeral(mask_behind(s, i), &value, &odd))) buf_putc(out, (char)('0' + value));
}

/* AB-2026112 and the like: letters, then at least five digits. */
static size_t lettered(struct sori_str s) {
    size_t n = 0, digits = 0;
    while (mask_byte(s, n) >= 'A' && mask_byte(s, n) <= 'Z') n++;
    if (n == 0 || n > 6) return 0;
    if (mask_byte(s, n) == '-' || mask_byte(s, n) == '_') n++;
    while (mask_latin(mask_byte(s, n)) ||
           (mask_byte(s, n) == '-' && mask_digit(mask_byte(s, n + 1)))) {
        digits += mask_digit(s.ptr[n]);
        n++;
    }
    return digits >= 5 ? n : 0;
}

/* K3F9A2 where a booking is named. */
static size_t coded(struct sori_str text, size_t at) {
    static const char *const words[] = {
        "주문번호", "예약번호", "접수번호", "쿠폰번호",       "쿠폰",         "바우처",
        "회원번호", "고객번호", "시리얼",   "운송장",         "여권",         "여권번호",
        "면허번호", "사번",     "booking",  "booking number", "order number", NULL};
    struct sori_str s = mask_behind(text, at);
    size_t n = 0, digits = 0, letters = 0;
    while (n < 64 && (mask_latin(mask_byte(s, n)) ||
                      (n && mask_byte(s, n) == '-' && mask_latin(mask_byte(s, n + 1))))) {
        digits += mask_digit(s.ptr[n]);
        letters += mask_latin(s.ptr[n]) && !mask_digit(s.ptr[n]);
        n++;
    }
    return n >= 5 && digits && letters && mask_after(text, at, words) ? n : 0;
}

/* 12가 3456: the plate of a car. */
static size_t plate(struct sori_str s) {
    static const char *const letters[] = {"가", "나", "다", "라", "마", "거", "너", "더", "러",
                                          "머", "버", "서", "어", "저", "고", "노", "도", "로",
                                          "모", "보", "소", "오", "조", "구", "누", "두", "루",
                                          "무", "부", "수", "우", "주", "하", "허", "호", "바",
                                          "사", "아", "자", "배", NULL},
                             *const counted[] = {"원", "개", "명", "만", "억",
                                                 "번", "년", "월", "%",  NULL};
    size_t n = 0, from;
    while (mask_digit(mask_byte(s, n))) n++;
    if (n < 2 || n > 3 || !(from = mask_one_of(mask_behind(s, n), letters))) return 0;
    n += from;
    if (mask_byte(s, n) == ' ') n++;
    for (from = n; mask_digit(mask_byte(s, n));) n++;
    return n - from == 4 && !mask_one_of(mask_behind(s, n), counted) ? n : 0;
}

size_t mask_find_code(struct sori_str text, size_t at, enum mask_kind *kind, size_t *kept) {
    struct sori_str s = mask_behind(text, at);
    size_t n;
    *kept = 0;
    if (at && mask_latin(text.ptr[at - 1])) return 0;
    if ((n = spelt(s))) return *kept = MASK_SPELT, *kind = MASK_PHONE, n;
    if ((n = plate(s))) return *kind = MASK_ACCOUNT, n;
    if ((n = lettered(s))) return *kind = MASK_ORDER, n;
    if ((n = coded(text, at))) return *kept = MASK_CODE, *kind = MASK_ORDER, n;
    return 0;
}
