/* Numbers that belong to somebody: of phones, residents, cards, accounts and orders. Prices, dates
 * and times stay. */
#include "lua/mask_inner.h"

enum { GROUPS = 12, DIGITS = 40 };

struct run {
    char digits[DIGITS + 1];
    size_t count, group[GROUPS], groups;
    bool plus, decimal; /* decimal: 0.0000003 */
    size_t len;         /* bytes */
};

/* A digit, also of full width; its length, 0 where there is none. */
static size_t digit(struct sori_str s, char *out) {
    size_t len;
    if (s.len == 0) return 0;
    uint32_t code = utf8_next(s, &len);
    if (code >= 0xff10 && code <= 0xff19) code -= 0xff10 - '0';
    if (code > 0x7f || !mask_digit((char)code)) return 0;
    *out = (char)code;
    return len;
}

static size_t separator(struct sori_str s, bool blanks) {
    static const char *const marks[] = {"-", ".", "–", "‐", "－", "—", ")", NULL}, *const wide[] = {
                                                                                       " - ", ") ",
                                                                                       " ",   "-",
                                                                                       ".",   ")",
                                                                                       NULL};
    return mask_one_of(s, blanks ? wide : marks);
}

static struct run read_run(struct sori_str s, bool blanks) {
    struct run r = {.groups = 0};
    size_t at = mask_byte(s, 0) == '+';
    r.plus = at > 0;
    while (r.groups < GROUPS) {
        size_t n = 0, len, start = at;
        char c;
        while ((len = digit(mask_behind(s, at), &c)) && r.count < DIGITS) {
            r.digits[r.count++] = c;
            at += len;
            n++;
        }
        if (n == 0) {
            at = start;
            break;
        }
        r.decimal &= r.groups < 2;
        r.group[r.groups++] = n;
        r.len = at;
        size_t gap = separator(mask_behind(s, at), blanks);
        if (gap == 0) break;
        r.decimal = r.groups == 1 && r.group[0] <= 2 && s.ptr[at] == '.';
        at += gap;
    }
    return r;
}

static int number_at(const struct run *r, size_t from, size_t n) {
    int v = 0;
    for (size_t i = from; i < from + n && i < r->count; i++) v = v * 10 + (r->digits[i] - '0');
    return v;
}

static bool is_day(const struct run *r, size_t from) {
    int month = number_at(r, from, 2), day = number_at(r, from + 2, 2);
    return r->count >= from + 4 && month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

static bool has_year(const struct run *r) {
    int year = number_at(r, 0, 4);
    return r->count >= 8 && year >= 1990 && year <= 2099 && is_day(r, 4);
}

static bool groups_are(const struct run *r, size_t a, size_t b, size_t c, size_t d) {
    const size_t want[] = {a, b, c, d};
    size_t n = 0;
    while (n < 4 && want[n]) n++;
    if (r->groups != n) return false;
    for (size_t i = 0; i < n; i++)
        if (r->group[i] != want[i]) return false;
    return true;
}

static bool is_date(const struct run *r) {
    return groups_are(r, 4, 2, 2, 0) || groups_are(r, 4, 1, 2, 0) || groups_are(r, 4, 1, 1, 0) ||
           groups_are(r, 4, 2, 1, 0) || groups_are(r, 2, 2, 2, 0) ||
           (r->groups == 1 && r->count == 8 && has_year(r));
}

/* How many digits of a phone number say only what kind of a number it is; 0: it is none. */
static size_t phone_prefix(const struct run *r) {
    const char *d = r->digits;
    size_t n = r->count, country = 0;
    if (strncmp(d, "82", 2) == 0 && (r->plus || r->group[0] == 2) && n >= 10 && n <= 13)
        country = 2;
    if (r->plus && !country) return n >= 8 && n <= 15 ? 2 : 0;
    d += country;
    n -= country;
    if (country && d[0] != '0') { /* +82 10 … */
        if (d[0] == '1' && n >= 9 && n <= 10) return country + 2;
        return n >= 8 && n <= 10 ? country + 1 : 0;
    }
    if (d[0] != '0')
        return n == 8 && groups_are(r, 4, 4, 0, 0) && d[0] == '1' && strchr("568", d[1]) ? 4 : 0;
    if (d[1] == '2') return n >= 9 && n <= 10 ? country + 2 : 0;
    if (d[1] == '1') return n >= 10 && n <= 11 ? country + 3 : 0;
    if (d[1] >= '3' && d[1] <= '8') return n >= 10 && n <= 12 ? country + 3 : 0;
    return 0;
}

static bool luhn(const struct run *r) {
    int sum = 0;
    for (size_t i = 0; i < r->count; i++) {
        int v = r->digits[r->count - 1 - i] - '0';
        if (i % 2) v = v * 2 > 9 ? v * 2 - 9 : v * 2;
        sum += v;
    }
    return sum % 10 == 0;
}

static bool is_resident(const struct run *r) {
    if (!is_day(r, 2)) return false;
    if (groups_are(r, 6, 7, 0, 0) || groups_are(r, 6, 1, 0, 0)) return true;
    return r->groups == 1 && r->count == 13 && strchr("12345678", r->digits[6]);
}

static bool is_card(const struct run *r) {
    if (groups_are(r, 4, 4, 4, 4) || groups_are(r, 4, 6, 5, 0)) return true;
    return r->groups == 1 && r->count >= 15 && r->count <= 19 && !has_year(r) && luhn(r);
}

static bool classify(struct sori_str text, size_t at, const struct run *r, enum mask_kind *kind,
                     size_t *kept) {
    static const char *const
        order[] = {"주문번호",     "주문 번호", "주문번호는", "주문번호가", "주문",
                   "송장번호",     "송장",      "운송장",     "운송장번호", "접수번호",
                   "예약번호",     "order",     "Order",      "order no",   "order number",
                   "Order number", "tracking",  "#",          NULL},
        *const account[] = {"계좌", "계좌번호", "계좌는", "은행", "입금", "통장", "account", NULL};
    size_t n = r->count;
    *kept = 0;
    if (is_resident(r)) return *kind = MASK_RESIDENT, true;
    if (is_card(r)) return *kind = MASK_CARD, true;
    if (phone_prefix(r)) return *kept = phone_prefix(r), *kind = MASK_PHONE, true;
    if (n >= 4 && mask_after(text, at, order)) {
        if (has_year(r) && n > 8) *kept = 4;
        return *kind = MASK_ORDER, true;
    }
    if (n >= 6 && mask_after(text, at, account) && !is_date(r)) return *kind = MASK_ACCOUNT, true;
    if (is_date(r) || r->decimal) return false;
    if (n > 8 && has_year(r)) return *kept = 4, *kind = MASK_ORDER, true;
    if (r->groups == 2 && r->group[0] == 6 && r->group[1] >= 3 && is_day(r, 2))
        return *kind = MASK_ORDER, true;
    return *kind = MASK_ACCOUNT, n >= 9;
}

/* AB-2026112 and the like: letters, then at least five digits. */
static size_t lettered(struct sori_str text, size_t at) {
    struct sori_str s = mask_behind(text, at);
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

/* 공일공 일이삼사 오육칠팔: spelt out, so that no machine may find it. */
static size_t spelt(struct sori_str s) {
    static const char *const numerals[] = {"공", "영", "일", "이", "삼", "사", "오", "육",
                                           "칠", "팔", "구", "0",  "1",  "2",  "3",  "4",
                                           "5",  "6",  "7",  "8",  "9",  NULL},
                             *const starts[] = {"공일공", "영일영", "공1공", "0일0", "공일0", NULL};
    if (!mask_one_of(s, starts)) return 0;
    size_t at = 0, end = 0, count = 0;
    while (at < s.len && count < 11) {
        size_t n = mask_one_of(mask_behind(s, at), numerals);
        if (n == 0) {
            if (s.ptr[at] != ' ' && s.ptr[at] != '-' && s.ptr[at] != '.') break;
            at++;
            continue;
        }
        at += n;
        end = at;
        count++;
    }
    return count >= 10 ? end : 0;
}

size_t mask_find_digits(struct sori_str text, size_t at, enum mask_kind *kind, size_t *kept) {
    struct sori_str s = mask_behind(text, at);
    char c;
    *kept = 0;
    if (at && mask_latin(text.ptr[at - 1])) return 0;
    if (at > 1 && text.ptr[at - 1] == '.' && mask_digit(text.ptr[at - 2])) return 0;
    size_t n = spelt(s);
    if (n) return *kept = MASK_SPELT, *kind = MASK_PHONE, n;
    if ((n = lettered(text, at))) return *kind = MASK_ORDER, n;
    if (!digit(s, &c) && !(mask_byte(s, 0) == '+' && mask_digit(mask_byte(s, 1)))) return 0;
    /* With blanks between the groups only what is sure by its form. */
    struct run wide = read_run(s, true);
    while (wide.groups > 1) {
        if (phone_prefix(&wide) && wide.groups >= 2 && wide.groups <= 4 && wide.count >= 9)
            return *kept = phone_prefix(&wide), *kind = MASK_PHONE, wide.len;
        if (groups_are(&wide, 4, 4, 4, 4)) return *kind = MASK_CARD, wide.len;
        if (groups_are(&wide, 6, 7, 0, 0) && is_day(&wide, 2))
            return *kind = MASK_RESIDENT, wide.len;
        if (wide.groups <= 4) break;
        wide = read_run((struct sori_str){s.ptr, wide.len - wide.group[wide.groups - 1]}, true);
    }
    struct run r = read_run(s, false);
    static const char *const money[] = {"원", " 원", "won", "만원", NULL};
    if (r.count == 0 || (r.groups == 1 && mask_one_of(mask_behind(s, r.len), money))) return 0;
    return classify(text, at, &r, kind, kept) ? r.len : 0;
}
