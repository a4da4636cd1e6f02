/* Numbers that belong to somebody: of phones, residents, cards, accounts and orders. Prices, dates
 * and times stay. */
#include "lua/mask/inner.h"

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

/* Between the groups of a number; `wide`: also what stands between other numbers. */
static size_t separator(struct sori_str s, bool wide) {
    static const char *const marks[] = {"-", ".", "–", "‐", "－", "—", ")", NULL},
                             *const more[] = {" - ",      " – ", ") ", "  ",  " ", "\t",
                                              "\xc2\xa0", "/",   "_",  "~",   "·", "ㆍ",
                                              "・",       "∼",   "～", " / ", NULL};
    size_t n = wide ? mask_one_of(s, more) : 0;
    return n ? n : mask_one_of(s, marks);
}

static struct run read_run(struct sori_str s, bool wide) {
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
        size_t gap = separator(mask_behind(s, at), wide);
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

/* ---- what stands before and behind ---- */

static bool behind_order(struct sori_str text, size_t at) {
    static const char *const words[] = {
        "주문번호",     "주문 번호", "주문",     "송장번호", "송장",  "운송장",   "접수번호",
        "예약번호",     "회원번호",  "고객번호", "order",    "Order", "order no", "order number",
        "Order number", "tracking",  "no",       "#",        NULL};
    return mask_after(text, at, words);
}

static bool behind_bank(struct sori_str text, size_t at) {
    static const char *const words[] = {"계좌", "계좌번호", "은행", "입금", "통장",   "account",
                                        "국민", "신한",     "우리", "하나", "농협",   "기업",
                                        "수협", "신협",     "뱅크", "금고", "우체국", NULL};
    return mask_after(text, at, words);
}

static bool behind_phone(struct sori_str text, size_t at) {
    static const char *const words[] = {
        "연락처", "전화번호", "전화", "핸드폰", "휴대폰", "휴대전화", "폰",    "번호",   "H.P",
        "HP",     "hp",       "tel",  "Tel",    "TEL",    "phone",    "Phone", "mobile", NULL};
    return mask_after(text, at, words);
}

/* The last four, which are asked for where somebody has to be found. */
static bool behind_end(struct sori_str text, size_t at) {
    static const char *const words[] = {"뒷자리",  "뒷번호",   "끝자리", "끝번호",
                                        "뒤4자리", "뒤 4자리", NULL};
    return mask_after(text, at, words);
}

static bool counts(struct sori_str s, size_t at) {
    static const char *const units[] = {"개", "명", "원", " 원",  "만", "번",  "건",
                                        "회", "일", "월", "년",   "시", "분",  "차",
                                        "장", "권", "병", "박스", "%",  "won", NULL};
    return mask_one_of(mask_behind(s, at), units) > 0;
}

static bool classify(struct sori_str text, size_t at, const struct run *r, enum mask_kind *kind,
                     size_t *kept) {
    static const char *const postal[] = {"우편번호", "(우)", NULL};
    size_t n = r->count;
    bool date = is_date(r);
    *kept = 0;
    if (is_resident(r)) return *kind = MASK_RESIDENT, true;
    if (is_card(r)) return *kind = MASK_CARD, true;
    if (phone_prefix(r)) return *kept = phone_prefix(r), *kind = MASK_PHONE, true;
    if (n == 5 && mask_after(text, at, postal)) return *kind = MASK_ACCOUNT, true;
    if (n >= 4 && behind_order(text, at) && !(date && r->groups > 1)) {
        if (n < 7 && counts(text, at + r->len)) return false;
        if (has_year(r) && n > 8) *kept = 4;
        return *kind = MASK_ORDER, true;
    }
    if (date) return false;
    if (n >= 6 && behind_bank(text, at)) return *kind = MASK_ACCOUNT, true;
    if (n >= 7 && n <= 8 && behind_phone(text, at)) return *kind = MASK_PHONE, true;
    if (n == 4 && behind_end(text, at)) return *kind = MASK_PHONE, true;
    if (r->decimal) return false;
    if (n > 8 && has_year(r)) return *kept = 4, *kind = MASK_ORDER, true;
    if (r->groups == 2 && r->group[0] == 6 && r->group[1] >= 3 && is_day(r, 2))
        return *kind = MASK_ORDER, true;
    return *kind = MASK_ACCOUNT, n >= 9;
}

/* ---- groups with anything between them: what is sure by its form, or by the word before ---- */

static bool is_phone(const struct run *r) {
    return phone_prefix(r) && r->groups <= 4 && r->count >= 9 &&
           (r->plus || r->group[r->groups - 1] >= 4);
}

/* Without its last group; false where there is but one. */
static bool shorten(struct sori_str s, struct run *r) {
    if (r->groups < 2) return false;
    *r = read_run((struct sori_str){s.ptr, r->len - r->group[r->groups - 1]}, true);
    return true;
}

/* Does the same number go on, with a dash or a point? Then it is not what it looks like. */
static bool goes_on(struct sori_str s, const struct run *r) {
    char c;
    size_t gap = separator(mask_behind(s, r->len), false);
    return gap && digit(mask_behind(s, r->len + gap), &c) > 0;
}

static size_t find_wide(struct sori_str text, size_t at, enum mask_kind *kind, size_t *kept) {
    struct sori_str s = mask_behind(text, at);
    struct run r = read_run(s, true);
    if (r.groups >= 2 && r.groups <= 4 && r.count >= 10 && r.count <= 16 && !is_phone(&r) &&
        behind_bank(text, at))
        return *kind = MASK_ACCOUNT, r.len;
    do {
        if (goes_on(s, &r)) continue;
        if (r.groups > 1 && is_phone(&r))
            return *kept = phone_prefix(&r), *kind = MASK_PHONE, r.len;
        if (groups_are(&r, 4, 4, 4, 4) || groups_are(&r, 4, 6, 5, 0))
            return *kind = MASK_CARD, r.len;
        if (groups_are(&r, 6, 7, 0, 0) && is_day(&r, 2)) return *kind = MASK_RESIDENT, r.len;
        if ((groups_are(&r, 4, 4, 0, 0) || groups_are(&r, 3, 4, 0, 0)) && behind_phone(text, at))
            return *kind = MASK_PHONE, r.len;
    } while (shorten(s, &r));
    return 0;
}

size_t mask_find_digits(struct sori_str text, size_t at, enum mask_kind *kind, size_t *kept) {
    struct sori_str s = mask_behind(text, at);
    char c;
    *kept = 0;
    if (!digit(s, &c) && !(mask_byte(s, 0) == '+' && mask_digit(mask_byte(s, 1)))) return 0;
    if (at && mask_digit(text.ptr[at - 1])) return 0;
    bool glued = at && mask_latin(text.ptr[at - 1]),
         fraction = at > 1 && text.ptr[at - 1] == '.' && mask_digit(text.ptr[at - 2]);
    if (glued || fraction) { /* RTX4090 and 1.0412 stay; tel010… and "1.010…" are calls */
        struct run r = read_run(s, true);
        while ((!is_phone(&r) || goes_on(s, &r)) && shorten(s, &r)) continue;
        bool mobile = strncmp(r.digits, "01", 2) == 0 && r.count >= 10;
        return mobile && is_phone(&r) ? *kept = phone_prefix(&r), *kind = MASK_PHONE, r.len : 0;
    }
    size_t n = find_wide(text, at, kind, kept);
    if (n) return n;
    struct run r = read_run(s, false);
    static const char *const money[] = {"원", " 원", "won", "만원", NULL};
    if (r.count == 0 || (r.groups == 1 && mask_one_of(mask_behind(s, r.len), money))) return 0;
    return classify(text, at, &r, kind, kept) ? r.len : 0;
}
