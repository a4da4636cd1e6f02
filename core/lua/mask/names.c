/* Names of people: those that are known, and what stands where names stand. */
#include "lua/mask/inner.h"

#include <strings.h>

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

/* Of two syllables. */
static bool is_long_surname(struct sori_str s) {
    static const char *const surnames[] = {"남궁", "선우", "황보", "제갈", "사공",
                                           "독고", "서문", "동방", NULL};
    return mask_one_of(s, surnames) > 0;
}

/* Bytes of the name that Hangul begins with by its surname: two or three syllables behind it. */
static size_t name_length(struct sori_str s) { return is_long_surname(s) ? 12 : 9; }

/* What follows a name and is not one. */
static const char *const titles[] = {"님",   "씨",   "팀장",   "대리",   "과장",   "부장",
                                     "차장", "실장", "기사님", "매니저", "상담사", "상담원",
                                     "선생", "올림", "드림",   "고객",   NULL};
static const char *const said[] = {"이름은",    "성함",     "성명",     "예금주",   "예금주명",
                                   "받는 사람", "받는사람", "받는분",   "받는 분",  "수취인",
                                   "수취인명",  "수령인",   "주문자",   "주문자명", "보내는 사람",
                                   "보내는분",  "입금자",   "입금자명", "예약자명", NULL};
static const char *const spoken[] = {"my name is", "My name is", "name is", "Name", NULL};
static const char *const greeted[] = {"저는",       "나는",         "전",       "저",
                                      "안녕하세요", "안녕하십니까", "여보세요", NULL};
static const char *const copulas[] = {"입니다", "인데",   "이라고", "라고", "이에요",
                                      "예요",   "이예요", "이고요", NULL};
/* Words of three syllables that look like a name with a title behind them. */
static const char *const no_names[] = {
    "고객",   "선생",   "사장",   "이사",   "회원",   "기사",   "손님",   "주인장",
    "안내원", "상담원", "조합원", "임직원", "구매자", "이용자", "여러분", "주문자",
    "소비자", "지점장", "방문자", "신청자", "배송기", "택배기", "유튜버", "이벤트",
    "정기권", "장난아", "이분도", "이분들", "편집자", "진행자", "담당자", "유료주",
    "지하주", "공영주", "소중한", "우수한", "유일한", "성실한", "무고한", "선량한",
    "진정한", "신규",   "우수",   "전체",   "이런",   NULL};
/* What somebody may be, besides having a name. */
static const char *const no_selves[] = {
    "전문가", "한국인", "유학생", "임산부", "고민중", "이용중", "신입생", "구독자",
    "여행자", "노동자", "연구원", "공무원", "지망생", "주인공", "변호사", "한의사",
    "정회원", "준회원", "임차인", "임대인", "장애인", "신제품", "최고급", "인생템",
    "추천템", "정품",   "최고",   "최악",   "이번",   "이상",   "문제",   "주문",
    "고장",   "유료",   "배송",   "구매",   NULL};

/* Does a title stand here? 님 always; others where 님, a particle or nothing of a word follows:
 * 씨앗 and 대리점 are none. */
static bool is_title(struct sori_str s) {
    static const char *const particles[] = {"님", "가", "는", "를", "은", "을", "도", "의",
                                            "와", "과", "께", "한", "에", "랑", "요", "입",
                                            "이", "만", "말", "처", "인", NULL};
    if (str_starts(s, SORI_STR("님"))) return true;
    size_t n = mask_one_of(s, titles);
    if (n == 0) return false;
    struct sori_str behind = mask_behind(s, n);
    return mask_hangul(behind) == 0 || mask_one_of(behind, particles) > 0;
}

/* 민수씨, 허준 씨: 씨 alone is sure enough for two syllables. */
static bool is_called(struct sori_str s, size_t run) {
    static const char *const none[] = {"아저", "아가", "마음", "포도", "수박", "호박", "참깨",
                                       "들깨", "고추", "사과", "복숭", "감씨", NULL};
    static const struct sori_str title = {"씨", 3};
    if (mask_one_of(s, none)) return false;
    struct sori_str behind = mask_behind(s, 6);
    if (run == 6 && mask_byte(behind, 0) == ' ') behind = mask_behind(behind, 1);
    return run >= 6 && str_starts(behind, title) && is_title(behind);
}

static bool is_capital(char c) { return c >= 'A' && c <= 'Z'; }

static size_t latin_name(struct sori_str s) {
    size_t n = 0;
    while (n < 40 && (mask_latin(mask_byte(s, n)) || mask_byte(s, n) == '\'')) n++;
    if (mask_byte(s, n) != ' ' || is_capital(mask_byte(s, n + 1)) != is_capital(s.ptr[0])) return n;
    size_t more = n + 1;
    while (more < 60 && mask_latin(mask_byte(s, more))) more++;
    return more;
}

static bool after_colon(struct sori_str text, size_t at) {
    while (at && text.ptr[at - 1] == ' ') at--;
    return at && text.ptr[at - 1] == ':';
}

static bool is_said(struct sori_str text, size_t at) {
    static const char *const field[] = {"이름", "Name", "name", NULL};
    return mask_after(text, at, said) || (after_colon(text, at) && mask_after(text, at, field));
}

/* John Smith, where somebody tells a name; two words in capitals are enough behind "I'm". */
static size_t placed_latin(struct sori_str text, size_t at) {
    static const char *const selves[] = {"I'm",     "I am",    "this is", "This is", "Contact",
                                         "contact", "Regards", "regards", "Thanks",  NULL};
    struct sori_str s = mask_behind(text, at);
    if (!mask_latin(mask_byte(s, 0)) || mask_digit(s.ptr[0])) return 0;
    if (mask_after(text, at, spoken) || (is_capital(s.ptr[0]) && is_said(text, at)))
        return latin_name(s);
    if (!is_capital(s.ptr[0]) || !mask_after(text, at, selves)) return 0;
    size_t n = latin_name(s);
    return memchr(s.ptr, ' ', n) ? n : 0;
}

/* "저는 김민수인데요", "김민수입니다." at the very front. */
static bool is_introduced(struct sori_str text, size_t at, size_t name) {
    struct sori_str s = mask_behind(text, at), behind = mask_behind(s, name);
    if (mask_one_of(s, no_selves) || !mask_one_of(behind, copulas)) return false;
    bool front = at == 0 || text.ptr[at - 1] == '\n';
    return mask_after(text, at, greeted) || (front && str_starts(behind, SORI_STR("입니다")));
}

/* A name that stands where names stand: before a title, after "제 이름은". */
static size_t placed(struct sori_str text, size_t at) {
    struct sori_str s = mask_behind(text, at);
    if ((at && mask_latin(text.ptr[at - 1])) || mask_in_hangul(text, at)) return 0;
    size_t run = mask_hangul(s), name = name_length(s);
    if (run == 0) return placed_latin(text, at);
    if (mask_one_of(s, no_names)) return 0;
    if (is_said(text, at)) {
        /* Three syllables, or two where nothing more follows. */
        if (!is_surname(s) || run < 6) return 0;
        return run >= name ? name : run >= 9 ? 9 : 6;
    }
    if (is_called(s, run)) return 6;
    if (run < name || (!is_surname(s) && name == 9)) return 0;
    struct sori_str behind = mask_behind(s, name);
    if (mask_byte(behind, 0) == ' ') behind = mask_behind(behind, 1);
    return is_title(behind) || is_introduced(text, at, name) ? name : 0;
}

/* ---- who is known by name ---- */

/* What may stand behind a word that names a person. */
static const char *const behind_person[] = {"님",     "씨",     "이에요", "예요", "이예요",
                                            "입니다", "이라고", "라고",   "올림", " 올림",
                                            "드림",   " 드림",  "이가",   "인데", NULL};

/* 김하늘, 남궁민수: a surname and two syllables. */
static bool is_full_name(struct sori_str s) {
    return s.len == name_length(s) && mask_hangul(s) == s.len && (s.len == 12 || is_surname(s));
}

/* 하늘 of 김하늘, where somebody speaks of a person: the word may mean the sky. */
static size_t given_name(struct sori_str name, struct sori_str s) {
    if (!is_full_name(name)) return 0;
    struct sori_str given = {name.ptr + name.len - 6, 6};
    return str_starts(s, given) && mask_one_of(mask_behind(s, 6), behind_person) ? 6 : 0;
}

struct sori_str mask_core(struct sori_str name) {
    size_t from = 0, to = 0, len;
    for (size_t at = 0; at < name.len; at += len) {
        uint32_t c = utf8_next(mask_behind(name, at), &len);
        bool letter = utf8_is_hangul(c) || (c < 0x80 && mask_latin((char)c));
        if (letter && to == 0) from = at;
        if (letter) to = at + len;
    }
    return (struct sori_str){name.ptr + from, to - from};
}

/* A nickname of one or two syllables is a word that others use too: 나, 고객, 사랑. */
static bool is_meant(struct sori_str behind, size_t syllables) {
    static const char *const particles[] = {"가", "이", "는", "은", "를",   "을",   "도", "의",
                                            "와", "과", "야", "아", "한테", "에게", NULL};
    if (mask_one_of(behind, behind_person)) return true;
    if (syllables == 1) return false;
    size_t n = mask_one_of(behind, particles);
    return mask_hangul(mask_behind(behind, n)) == 0;
}

static size_t known_hangul(struct sori_str text, size_t at, struct sori_str was) {
    struct sori_str s = mask_behind(text, at);
    size_t syllables = mask_hangul(was) == was.len ? was.len / 3 : 4;
    bool full = syllables >= 3 && mask_hangul(was) == was.len && is_surname(was);
    if (mask_in_hangul(text, at) && !full) return 0; /* 저는김하늘인데 */
    if (str_starts(s, was) && (syllables > 2 || is_meant(mask_behind(s, was.len), syllables)))
        return was.len;
    struct sori_str given = {was.ptr + 3, was.len - 3};
    if (full && was.len == 9 && s.len > 4 && memcmp(s.ptr, was.ptr, 3) == 0 && s.ptr[3] == ' ' &&
        str_starts(mask_behind(s, 4), given) && !mask_in_hangul(text, at))
        return was.len + 1; /* 김 하늘 */
    return mask_in_hangul(text, at) ? 0 : given_name(was, s);
}

/* Emily, or Stone, of Emily Stone; in capitals alone, since "will" and "may" are words. `marks`
 * stand between two parts. */
static size_t part_of_latin(struct sori_str s, struct sori_str was, const char *marks) {
    for (size_t from = 0, n; from < was.len; from += n + 1) {
        for (n = 0; from + n < was.len && !strchr(marks, was.ptr[from + n]);) n++;
        struct sori_str part = {was.ptr + from, n};
        if (n < 3 || n == was.len || n > s.len || !is_capital(part.ptr[0]) || !is_capital(*s.ptr))
            continue;
        if (strncasecmp(s.ptr, part.ptr, n) == 0 && !mask_latin(mask_byte(s, n))) return n;
    }
    return 0;
}

static size_t known_latin(struct sori_str text, size_t at, struct sori_str was) {
    enum { ANY_CASE = 4 }; /* shorter ones are words too: It, Me */
    struct sori_str s = mask_behind(text, at);
    if (mask_in_hangul(text, at) || (at && mask_latin(text.ptr[at - 1]))) return 0;
    size_t part = part_of_latin(s, was, " ");
    if (part == 0) part = part_of_latin(s, was, " -,."); /* Mary of Mary-Jane; Stone, Emily */
    if (s.len < was.len || mask_latin(mask_byte(s, was.len))) return part;
    bool same = was.len >= ANY_CASE ? strncasecmp(s.ptr, was.ptr, was.len) == 0
                                    : memcmp(s.ptr, was.ptr, was.len) == 0;
    return same ? was.len : part;
}

/* A name in both scripts, 김하늘 (Haneul Kim): each of them is one where it is whole. A word of a
 * nickname, 커피 of "커피 Lover", is none. */
static size_t known_in_both(struct sori_str text, size_t at, struct sori_str was) {
    if (str_starts(mask_behind(text, at), was) && !mask_in_hangul(text, at)) return was.len;
    for (size_t from = 0, to; from < was.len; from = to) {
        size_t hangul = mask_hangul(mask_behind(was, from));
        to = from + hangul;
        while (hangul == 0 && to < was.len && mask_hangul(mask_behind(was, to)) == 0) to++;
        struct sori_str one = mask_core((struct sori_str){was.ptr + from, to - from});
        bool whole = hangul ? is_full_name(one) : one.len && memchr(one.ptr, ' ', one.len);
        size_t n = !whole ? 0 : hangul ? known_hangul(text, at, one) : known_latin(text, at, one);
        if (n) return n;
    }
    return 0;
}

static size_t known(struct sori_str text, size_t at, struct sori_str name) {
    size_t hangul = 0;
    for (size_t i = 0, n; i < name.len; i += n ? n : 1)
        hangul += n = mask_hangul(mask_behind(name, i));
    if (hangul && hangul < name.len) return known_in_both(text, at, name);
    return hangul ? known_hangul(text, at, name) : known_latin(text, at, name);
}

size_t mask_find_name(const struct mask *m, struct sori_str text, size_t at,
                      struct sori_str *whom) {
    struct sori_str s = mask_behind(text, at);
    for (size_t i = 0; i < m->known_count; i++) {
        struct sori_str was = m->known[i].was, core = m->known[i].core;
        if (m->known[i].kind != MASK_NAME || was.len < 2) continue;
        *whom = was;
        if (core.len < was.len && str_starts(s, was)) return was.len;
        if (core.len < 2) continue;
        size_t n = known(text, at, core);
        if (n) return n;
    }
    size_t n = placed(text, at);
    *whom = (struct sori_str){s.ptr, n};
    return n;
}
