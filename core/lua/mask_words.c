/* Links, e-mail, handles and names. */
#include "lua/mask_inner.h"

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
    static const char *const ends[] = {"com", "net", "org", "kr",   "io",   "me",  "tv",   "shop",
                                       "biz", "app", "dev", "info", "site", "xyz", "gg",   "co",
                                       "jp",  "cn",  "us",  "uk",   "be",   "ly",  "page", NULL};
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
        if (str_is(end, ends[i])) return n;
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

size_t mask_find_email(struct sori_str text, size_t at) {
    static const char *const ats[] = {"@",    " @ ",    "(at)",     "[at]",
                                      " at ", "골뱅이", " 골뱅이 ", NULL};
    struct sori_str s = mask_behind(text, at);
    if (at && in_local(text.ptr[at - 1])) return 0;
    size_t n = 0;
    while (n < 64 && in_local(mask_byte(s, n))) n++;
    if (n == 0) return 0;
    size_t sign = mask_one_of(mask_behind(s, n), ats);
    size_t end = sign ? host(mask_behind(s, n + sign)) : 0;
    return end ? n + sign + end : 0;
}

size_t mask_find_handle(struct sori_str text, size_t at) {
    struct sori_str s = mask_behind(text, at);
    if (mask_byte(s, 0) != '@' || (at && mask_latin(text.ptr[at - 1]))) return 0;
    size_t n = 1 + mask_hangul(mask_behind(s, 1));
    /* Behind Latin letters Hangul is what the sentence goes on with. */
    while (mask_latin(mask_byte(s, n)) || mask_byte(s, n) == '_' || mask_byte(s, n) == '.') n++;
    n = without_end(s, n);
    return n > 1 ? n : 0;
}

/* ---- names ---- */

static bool is_surname(struct sori_str s) {
    static const char *const surnames[] = {
        "김", "이", "박", "최", "정", "강", "조", "윤", "장", "임", "한", "오", "서", "신",
        "권", "황", "안", "송", "전", "홍", "유", "고", "문", "양", "손", "배", "백", "허",
        "남", "심", "노", "하", "곽", "성", "차", "주", "우", "구", "민", "류", "나", "진",
        "지", "엄", "채", "원", "천", "방", "공", "현", "함", "변", "염", "여", "추", "도",
        "소", "석", "선", "설", "마", "길", "연", "위", "표", "명", "기", "반", "왕", "금",
        "옥", "육", "인", "맹", "탁", "국", "어", "은", "편", NULL};
    return mask_one_of(s, surnames) > 0;
}

/* What follows a name and is not one. */
static const char *const titles[] = {"님",   "씨",   "팀장",   "대리",   "과장",   "부장",
                                     "차장", "실장", "기사님", "매니저", "상담사", "상담원",
                                     "선생", "올림", "드림",   NULL};
static const char *const said[] = {"이름은",      "성함은",     "성함",       "성명",   "예금주",
                                   "받는 사람",   "받는사람",   "수취인",     "수령인", "주문자",
                                   "보내는 사람", "my name is", "My name is", NULL};
/* Words of three syllables that look like a name with a title behind them. */
static const char *const no_names[] = {
    "고객",   "선생",   "사장",   "이사",   "회원",   "기사",   "손님",   "주인장", "안내원",
    "상담원", "조합원", "임직원", "구매자", "이용자", "여러분", "주문자", "소비자", "지점장",
    "방문자", "신청자", "배송기", "택배기", "유튜버", "이벤트", "정기권", "장난아", "이분도",
    "이분들", "편집자", "진행자", "담당자", "유료주", "지하주", "공영주", NULL};

/* Does a title stand here? 님 always; others where 님, a particle or nothing of a word follows:
 * 씨앗 and 대리점 are none. */
static bool is_title(struct sori_str s) {
    static const char *const particles[] = {"님", "가", "는", "를", "은", "을", "도",
                                            "의", "와", "과", "께", "한", "에", "랑",
                                            "요", "입", "이", "만", "말", "처", NULL};
    if (str_starts(s, SORI_STR("님"))) return true;
    size_t n = mask_one_of(s, titles);
    if (n == 0) return false;
    struct sori_str behind = mask_behind(s, n);
    return mask_hangul(behind) == 0 || mask_one_of(behind, particles) > 0;
}

static size_t latin_name(struct sori_str s) {
    size_t n = 0;
    while (n < 40 && (mask_latin(mask_byte(s, n)) || mask_byte(s, n) == '\'')) n++;
    if (mask_byte(s, n) != ' ' || mask_byte(s, n + 1) < 'A' || mask_byte(s, n + 1) > 'Z') return n;
    size_t more = n + 1;
    while (more < 60 && mask_latin(mask_byte(s, more))) more++;
    return more;
}

static bool after_colon(struct sori_str text, size_t at) {
    while (at && text.ptr[at - 1] == ' ') at--;
    return at && text.ptr[at - 1] == ':';
}

/* A name that stands where names stand: before a title, after "제 이름은". */
static size_t placed(struct sori_str text, size_t at) {
    struct sori_str s = mask_behind(text, at);
    static const char *const field[] = {"이름", "Name", "name", NULL};
    bool after =
        mask_after(text, at, said) || (after_colon(text, at) && mask_after(text, at, field));
    if (at && mask_latin(text.ptr[at - 1])) return 0;
    size_t run = mask_hangul(s);
    if (run == 0)
        return after && mask_byte(s, 0) >= 'A' && mask_byte(s, 0) <= 'Z' ? latin_name(s) : 0;
    if (mask_in_hangul(text, at) || mask_one_of(s, no_names)) return 0;
    if (after) {
        /* Three syllables, or two where a particle or nothing follows. */
        if (!is_surname(s) || run < 6) return 0;
        return run >= 9 ? 9 : 6;
    }
    if (run < 9 || !is_surname(s)) return 0;
    struct sori_str behind = mask_behind(s, 9);
    if (mask_byte(behind, 0) == ' ') behind = mask_behind(behind, 1);
    return is_title(behind) ? 9 : 0;
}

/* 하늘 of 김하늘, where somebody speaks of a person: the word may mean the sky. */
static size_t given_name(struct sori_str name, struct sori_str s) {
    static const char *const behind[] = {"님",     "씨",     "이에요", "예요", "이예요",
                                         "입니다", "이라고", "라고",   "올림", " 올림",
                                         "드림",   " 드림",  "이가",   NULL};
    if (name.len != 9 || mask_hangul(name) != 9 || !is_surname(name)) return 0;
    struct sori_str given = {name.ptr + 3, 6};
    return str_starts(s, given) && mask_one_of(mask_behind(s, 6), behind) ? 6 : 0;
}

size_t mask_find_name(const struct mask *m, struct sori_str text, size_t at,
                      struct sori_str *whom) {
    struct sori_str s = mask_behind(text, at);
    for (size_t i = 0; i < m->known_count; i++) {
        struct sori_str was = m->known[i].was;
        if (m->known[i].kind != MASK_NAME || was.len < 2) continue;
        bool latin = mask_latin(was.ptr[0]), inside = at && mask_latin(text.ptr[at - 1]);
        if (mask_in_hangul(text, at) || (latin && inside)) continue;
        *whom = was;
        if (str_starts(s, was) && !(latin && mask_latin(mask_byte(s, was.len)))) return was.len;
        size_t given = given_name(was, s);
        if (given) return given;
    }
    size_t n = placed(text, at);
    *whom = (struct sori_str){s.ptr, n};
    return n;
}
