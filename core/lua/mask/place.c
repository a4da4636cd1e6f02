/* Addresses: 서울시 강남구 테헤란로 152 (역삼동) 101동 1203호; 12 Main Street. An address has at
 * least two parts, so that "바로 2개" is none. */
#include "lua/mask/inner.h"

enum part {
    PART_NONE,
    PART_PROVINCE,
    PART_DISTRICT,
    PART_TOWN,
    PART_ROAD,
    PART_NUMBER,
    PART_HOUSE
};

static bool ends_with(struct sori_str s, const char *const *ends) {
    for (size_t i = 0; ends[i]; i++) {
        size_t n = strlen(ends[i]);
        if (s.len >= n && memcmp(s.ptr + s.len - n, ends[i], n) == 0) return true;
    }
    return false;
}

static bool is_word(struct sori_str s, const char *const *words) {
    for (size_t i = 0; words[i]; i++)
        if (str_is(s, words[i])) return true;
    return false;
}

static bool is_province(struct sori_str s) {
    static const char *const short_[] = {"서울", "부산", "대구", "인천", "광주", "대전",
                                         "울산", "세종", "경기", "강원", "충북", "충남",
                                         "전북", "전남", "경북", "경남", "제주", NULL},
                             *const tails[] = {"특별시",   "광역시",   "특별자치시", "특별자치도",
                                               "서울시",   "부산시",   "대구시",     "인천시",
                                               "광주시",   "대전시",   "울산시",     "세종시",
                                               "제주시",   "경기도",   "강원도",     "충청북도",
                                               "충청남도", "전라북도", "전라남도",   "경상북도",
                                               "경상남도", "제주도",   NULL};
    return is_word(s, short_) || ends_with(s, tails);
}

static bool is_district(struct sori_str s) {
    static const char *const tails[] = {"구", "군", "시", NULL}, *const no[] = {
                                                                     "친구", "가구", "요구", "도구",
                                                                     "입구", "출구", "누구", "연구",
                                                                     "다시", "역시", "잠시", "혹시",
                                                                     "즉시", "몹시", "일시", "당시",
                                                                     "동시", "무시", "표시", "도시",
                                                                     "임시", "수시", "장군", "미시",
                                                                     "문구", "기구", NULL};
    return s.len >= 6 && ends_with(s, tails) && !is_word(s, no);
}

static bool is_town(struct sori_str s) {
    static const char *const tails[] = {"동", "읍", "면", "리", NULL},
                             *const no[] = {"행동", "운동", "이동", "자동", "공동", "활동",
                                            "감동", "작동", "충동", "노동", "변동", "우리",
                                            "빨리", "처리", "멀리", "자리", "거리", "그러면",
                                            "하면", "화면", "반면", "라면", NULL};
    return s.len >= 6 && ends_with(s, tails) && !is_word(s, no);
}

/* 테헤란로, 세종대로14길 (with the digits in it). */
static bool is_road(struct sori_str s) {
    static const char *const tails[] = {"로", "길", NULL}, *const particles[] = {"으로",   "나이로",
                                                                                 "십자로", "차례로",
                                                                                 "순서로", NULL},
                             *const no[] = {"바로",   "새로",   "서로",   "따로",     "별로",
                                            "그대로", "대로",   "정말로", "실제로",   "진짜로",
                                            "제대로", "뜻대로", "함부로", "추가로",   "절대로",
                                            "때로",   "스스로", "하루로", "마음대로", "이대로",
                                            "저대로", "택배로", "카드로", "전화로",   "문자로",
                                            "메일로", NULL};
    return s.len >= 6 && ends_with(s, tails) && !ends_with(s, particles) && !is_word(s, no);
}

/* 152, 12-3, 152번길, 101동, 1203호, 3층, B동; its length in bytes. `unit`: it says what it counts.
 */
static size_t house_number(struct sori_str s, bool *unit, bool *dash) {
    static const char *const units[] = {"번지", "번길", "길", "동", "호", "층", NULL},
                             *const counts[] = {
                                 "개", "일", "명", "원", "시", "분", "차", "회", "주", "월", "년",
                                 "%",  "번", "만", "천", "배", "초", "위", "박", "장", "점", "건",
                                 "권", "대", "병", "인", "kg", "km", "cm", "g",  "ml", "등", NULL};
    size_t n = 0;
    *dash = *unit = false;
    if (mask_byte(s, 0) >= 'A' && mask_byte(s, 0) <= 'Z') n = 1;
    while (mask_digit(mask_byte(s, n))) n++;
    if (n && mask_byte(s, n) == '-' && mask_digit(mask_byte(s, n + 1))) {
        *dash = true;
        for (n++; mask_digit(mask_byte(s, n)); n++) continue;
    }
    if (n == 0) return 0;
    size_t u = mask_one_of(mask_behind(s, n), units);
    *unit = u > 0;
    if (u) return n + u;
    if (!mask_digit(s.ptr[0]) || mask_one_of(mask_behind(s, n), counts)) return 0;
    static const char *const particles[] = {"로", "에", "이", "입", "으", "을", "를", "은", "는",
                                            "의", "요", "과", "와", "도", "까", "부", NULL};
    if (mask_hangul(mask_behind(s, n)) && !mask_one_of(mask_behind(s, n), particles)) return 0;
    if ((mask_byte(s, n) == ',' || mask_byte(s, n) == '.') && mask_digit(mask_byte(s, n + 1)))
        return 0; /* 1,234; 2.2 */
    return n;
}

static bool is_house(struct sori_str s) {
    static const char *const tails[] = {
        "아파트", "빌라",   "오피스텔", "빌딩",       "타워", "맨션",   "주택", "캐슬",
        "자이",   "래미안", "푸르지오", "힐스테이트", "더샵", "기숙사", "연립", "타운",
        "파크",   "마을",   "단지",     "센터",       "상가", "원룸",   NULL};
    return ends_with(s, tails);
}

/* A word up to a blank or a mark: Hangul and digits. */
static size_t word(struct sori_str s) {
    size_t n = 0;
    while (n < s.len && n < 60) {
        size_t hangul = mask_hangul(mask_behind(s, n));
        if (hangul)
            n += hangul;
        else if (mask_latin(s.ptr[n]))
            n++;
        else
            break;
    }
    return n;
}

/* 서울시강남구테헤란로152: the first part of what is written without blanks, or 0. */
static size_t run_together(struct sori_str w, bool begun) {
    size_t n = 6;
    if (!begun) {
        while (n <= 21 && n < w.len && !is_province((struct sori_str){w.ptr, n})) n += 3;
        if (n == 6 && (str_starts(mask_behind(w, 6), SORI_STR("시")) ||
                       str_starts(mask_behind(w, 6), SORI_STR("도"))))
            n = 9;
        return n <= 21 && n < w.len ? n : 0;
    }
    while (n < w.len && n <= 15 && !is_district((struct sori_str){w.ptr, n})) n += 3;
    return n < w.len && n <= 15 ? n : 0;
}

static enum part part_of(struct sori_str s, bool begun, size_t *len, bool *strong) {
    bool unit, dash;
    *strong = false;
    if ((*len = house_number(s, &unit, &dash))) {
        *strong = unit || dash;
        return begun ? PART_NUMBER : PART_NONE;
    }
    struct sori_str w = {s.ptr, word(s)};
    *len = w.len;
    if (w.len == 0 || !mask_hangul(w)) return PART_NONE;
    struct sori_str stem = {s.ptr, mask_hangul(w)}; /* 테헤란로152 */
    if (begun && stem.len >= 9 && mask_digit(mask_byte(w, stem.len)) &&
        (is_road(stem) || is_town(stem)) && !is_road(w))
        w.len = *len = stem.len;
    else if ((stem.len = run_together(stem, begun)))
        w.len = *len = stem.len;
    if (is_province(w)) return PART_PROVINCE;
    if (is_road(w)) return PART_ROAD;
    if (is_district(w)) return PART_DISTRICT;
    if (is_town(w)) return PART_TOWN;
    return begun && is_house(w) ? PART_HOUSE : PART_NONE;
}

/* Behind an address: " 꿈에그린 105-1502", which nothing else tells to be a house. */
static size_t named_house(struct sori_str s) {
    bool unit, dash;
    if (mask_byte(s, 0) != ' ') return 0;
    size_t n = 1, name = word(mask_behind(s, n));
    if (!name || !mask_hangul(mask_behind(s, n))) return 0;
    n += name;
    if (mask_byte(s, n) != ' ') return 0;
    size_t number = house_number(mask_behind(s, n + 1), &unit, &dash);
    return number && (unit || dash) ? n + 1 + number : 0;
}

/* 101동 1203호 says where somebody lives without any street. */
static size_t flat(struct sori_str s) {
    static const char *const more[] = {"기", "선", "차", "점", "실", NULL};
    size_t n = 0, from;
    while (mask_digit(mask_byte(s, n))) n++;
    if (n == 0 || n > 4 || !str_starts(mask_behind(s, n), SORI_STR("동"))) return 0;
    n += strlen("동");
    n += mask_byte(s, n) == ' ';
    for (from = n; mask_digit(mask_byte(s, n));) n++;
    if (n - from < 3 || n - from > 4 || !str_starts(mask_behind(s, n), SORI_STR("호"))) return 0;
    n += strlen("호");
    return mask_one_of(mask_behind(s, n), more) ? 0 : n;
}

static size_t korean(struct sori_str text, size_t at) {
    struct sori_str s = mask_behind(text, at);
    size_t end = 0, pos = 0, provinces = 0, areas = 0, roads = 0, numbers = 0, strong_ones = 0;
    size_t stem = 0, digits = 0;
    if (mask_in_hangul(text, at)) return 0;
    for (int i = 0; i < 14 && pos < s.len; i++) {
        size_t len;
        bool strong;
        enum part part = part_of(mask_behind(s, pos), areas + roads > 0, &len, &strong);
        if (part == PART_NONE) break;
        provinces += part == PART_PROVINCE;
        areas += part == PART_PROVINCE || part == PART_DISTRICT || part == PART_TOWN;
        roads += part == PART_ROAD;
        if (part == PART_ROAD) stem = len;
        numbers += part == PART_NUMBER;
        if (part == PART_NUMBER && len > digits) digits = len;
        strong_ones += strong;
        pos += len;
        end = pos;
        static const char *const gaps[] = {", ", " (", ") ", " ", ",", "(", ")", NULL};
        size_t gap = mask_one_of(mask_behind(s, pos), gaps);
        if (gap == 0 && !(part < PART_NUMBER && pos < s.len)) break;
        pos += gap;
    }
    bool whole = (provinces && areas >= 3) || (areas >= 1 && roads + areas >= 2 && numbers) ||
                 ((areas || roads) && strong_ones) ||
                 (roads && numbers && stem >= 9 && digits >= 2);
    return whole ? end + named_house(mask_behind(s, end)) : 0;
}

static size_t english(struct sori_str text, size_t at) {
    static const char *const streets[] = {"Street", "St", "Avenue", "Ave",    "Road", "Rd",
                                          "Lane",   "Ln", "Drive",  "Dr",     "Blvd", "Boulevard",
                                          "Court",  "Ct", "Place",  "Square", NULL};
    struct sori_str s = mask_behind(text, at);
    size_t n = 0;
    if (at && mask_latin(text.ptr[at - 1])) return 0;
    while (n < 6 && mask_digit(mask_byte(s, n))) n++;
    if (n && mask_byte(s, n) >= 'A' && mask_byte(s, n) <= 'Z') n++; /* 221B */
    if (n == 0 || mask_byte(s, n) != ' ') return 0;
    for (int i = 0; i < 4; i++) {
        if (mask_byte(s, n) != ' ' || mask_byte(s, n + 1) < 'A' || mask_byte(s, n + 1) > 'Z')
            return 0;
        size_t start = ++n;
        while (mask_latin(mask_byte(s, n))) n++;
        struct sori_str w = {s.ptr + start, n - start};
        if (i && is_word(w, streets)) return n;
    }
    return 0;
}

size_t mask_find_place(struct sori_str text, size_t at) {
    char c = text.ptr[at];
    if (mask_digit(c)) {
        size_t n = at && mask_latin(text.ptr[at - 1]) ? 0 : flat(mask_behind(text, at));
        return n ? n : english(text, at);
    }
    return (unsigned char)c >= 0xea && (unsigned char)c <= 0xed ? korean(text, at) : 0;
}
