#include "field.h"

#include "common/date.h"

static const struct {
    enum field field;
    const char *name; /* ours */
} ours[] = {
    {FIELD_NATIVE_ID, "native_id"},
    {FIELD_TEXT, "text"},
    {FIELD_TITLE, "title"},
    {FIELD_KIND, "kind"},
    {FIELD_SHARE, "share"},
    {FIELD_ORIGIN, "origin"},
    {FIELD_STATE, "state"},
    {FIELD_VISIBILITY, "visibility"},
    {FIELD_SPACE, "space"},
    {FIELD_VERSION, "version"},
    {FIELD_PARENT, "parent"},
    {FIELD_TARGET, "target"},
    {FIELD_URL, "url"},
    {FIELD_LANG, "lang"},
    {FIELD_SAID_AT, "said_at"},
    {FIELD_AUTHOR, "author.name"},
    {FIELD_AUTHOR_ID, "author.id"},
    {FIELD_AUTHOR_URL, "author.url"},
    {FIELD_AUTHOR_REACH, "author.reach"},
    {FIELD_REACTION, "reaction"},
    {FIELD_AUTHOR, "author"},
    {FIELD_AUTHOR, "author_name"},
    {FIELD_AUTHOR_ID, "author_id"},
    {FIELD_AUTHOR_URL, "author_url"},
    {FIELD_AUTHOR_REACH, "author_reach"},
};

/* Headings of other programs, parted by |. A row of this table goes before those below it: what
 * numbers the voice itself, before what it may only be about, before what may be anybody's. A mere
 * number ("번호", "no") is none: it counts the rows of one list, and the next list begins anew. */
static const struct {
    enum field field;
    const char *names;
} headings[] = {
    {FIELD_NATIVE_ID,
     "댓글번호|리뷰번호|후기번호|comment id|comment_id|review id|review_id|message id|"
     "message_id"},
    {FIELD_NATIVE_ID, "글번호|게시물번호|주문번호|접수번호|문의번호"},
    {FIELD_NATIVE_ID, "id"},
    {FIELD_TEXT, "내용|본문|문의내용|리뷰|댓글|후기|메시지|content|body|message|comment"},
    {FIELD_TITLE, "제목|subject"},
    {FIELD_KIND, "종류|구분|유형|type"},
    {FIELD_URL, "링크|주소|permalink|link"},
    {FIELD_LANG, "언어|language"},
    {FIELD_SAID_AT,
     "날짜|일시|작성일|작성일시|등록일|등록일시|작성시간|date|time|created_at|created"},
    {FIELD_AUTHOR, "작성자|이름|고객명|닉네임|글쓴이|name|user|writer"},
    {FIELD_AUTHOR_ID, "아이디|회원id|고객id|작성자id|user_id|user id"},
    {FIELD_AUTHOR_REACH, "팔로워|followers"},
};

enum field field_named(struct sori_str name) {
    name = s_trim(name);
    for (size_t i = 0; i < sizeof ours / sizeof ours[0]; i++)
        if (s_same(name, ours[i].name)) return ours[i].field;
    return FIELD_NONE;
}

static bool same_text(struct sori_str a, struct sori_str b) {
    if (a.len != b.len) return false;
    for (size_t i = 0; i < a.len; i++)
        if (s_lower(a.ptr[i]) != s_lower(b.ptr[i])) return false;
    return true;
}

size_t field_ranks(void) { return 1 + sizeof headings / sizeof headings[0]; }

enum field field_of(struct sori_str name, size_t rank) {
    if (rank == 0) return field_named(name);
    struct sori_str all = s_of(headings[rank - 1].names), one;
    name = s_trim(name);
    while (s_next(&all, '|', &one))
        if (same_text(one, name)) return headings[rank - 1].field;
    return FIELD_NONE;
}

const char *field_word(enum field field) {
    for (size_t i = 0; i < sizeof ours / sizeof ours[0]; i++)
        if (ours[i].field == field) return ours[i].name;
    return "?";
}

struct word {
    const char *text;
    uint32_t value;
};

static const struct word kinds[] = {{"unknown", SORI_KIND_UNKNOWN},
                                    {"reaction", SORI_KIND_REACTION},
                                    {"comment", SORI_KIND_COMMENT},
                                    {"share", SORI_KIND_SHARE},
                                    {"mention", SORI_KIND_MENTION},
                                    {"message", SORI_KIND_MESSAGE},
                                    {"trackback", SORI_KIND_TRACKBACK},
                                    {"post", SORI_KIND_POST},
                                    {"공감", SORI_KIND_REACTION},
                                    {"댓글", SORI_KIND_COMMENT},
                                    {"리뷰", SORI_KIND_COMMENT},
                                    {"후기", SORI_KIND_COMMENT},
                                    {"공유", SORI_KIND_SHARE},
                                    {"언급", SORI_KIND_MENTION},
                                    {"문의", SORI_KIND_MESSAGE},
                                    {"메시지", SORI_KIND_MESSAGE},
                                    {"쪽지", SORI_KIND_MESSAGE},
                                    {"트랙백", SORI_KIND_TRACKBACK},
                                    {"글", SORI_KIND_POST},
                                    {NULL, 0}};
static const struct word shares[] = {
    {"simple", SORI_SHARE_SIMPLE}, {"specific", SORI_SHARE_SPECIFIC}, {NULL, 0}};
static const struct word origins[] = {{"person", SORI_ORIGIN_PERSON},
                                      {"us-by-hand", SORI_ORIGIN_US_BY_HAND},
                                      {"us-by-rule", SORI_ORIGIN_US_BY_HAND},
                                      {NULL, 0}};
static const struct word states[] = {{"live", SORI_EVENT_SAID},
                                     {"stub", SORI_EVENT_ARRIVED},
                                     {"hidden", SORI_EVENT_HIDDEN},
                                     {"removed", SORI_EVENT_REMOVED},
                                     {NULL, 0}};
static const struct word visibilities[] = {
    {"public", SORI_VISIBILITY_PUBLIC}, {"private", SORI_VISIBILITY_PRIVATE}, {NULL, 0}};

static bool set_word(const struct word *words, struct sori_str value, uint32_t *out) {
    for (; words->text; words++) {
        if (!s_same(value, words->text)) continue;
        *out = words->value;
        return true;
    }
    return false;
}

static bool is_hangul(struct sori_str s) {
    for (size_t i = 0; i < s.len; i++)
        if ((uint8_t)s.ptr[i] >= 0xea && (uint8_t)s.ptr[i] <= 0xed) return true;
    return false;
}

/* Does the text say how far from UTC it is? Only looked for behind the first colon: before it a
 * minus is part of the date. */
static bool has_zone(struct sori_str s) {
    size_t colon = s_find_char(s, ':');
    struct sori_str tail = s_from(s, colon);
    for (size_t i = 0; i < tail.len; i++) {
        char c = tail.ptr[i];
        bool noon = s_starts_same(s_from(tail, i), "am") || s_starts_same(s_from(tail, i), "pm");
        if (noon) i++;
        if (!noon && (c == '+' || c == '-' || s_alpha(c))) return true;
    }
    return is_hangul(s); /* those are read as Korean time already */
}

static bool set_time(struct sori_str value, struct zone *zone, int64_t *out) {
    int64_t n = s_number(value);
    if (value.len >= 9 && n >= 100000000) {
        *out = n >= 100000000000 ? n : n * 1000;
        return true;
    }
    if (!date_parse(value, out)) return false;
    if (!has_zone(value)) *out = zone_utc(zone, *out);
    return true;
}

static bool set_count(struct sori_str value, int64_t *out) {
    struct text t = {0};
    for (size_t i = 0; i < value.len; i++)
        if (value.ptr[i] != ',') text_char(&t, value.ptr[i]);
    int64_t n = s_number(text_view(&t));
    text_free(&t);
    if (n >= 0) *out = n;
    return n >= 0;
}

bool field_set(struct sori_item *i, enum field field, struct sori_str v, struct zone *zone,
               const char **why) {
    struct sori_str word = s_trim(v);
    if (word.len == 0) return true;
    switch (field) {
    case FIELD_NATIVE_ID:
        i->native_id = word;
        *why = "native_id: longer than 512 bytes";
        return word.len <= 512;
    case FIELD_TEXT: i->text = v; return true;
    case FIELD_TITLE: i->title = word; return true;
    case FIELD_SPACE: i->space = word; return true;
    case FIELD_PARENT: i->parent = word; return true;
    case FIELD_TARGET: i->target = word; return true;
    case FIELD_URL: i->url = word; return true;
    case FIELD_LANG: i->lang = word; return true;
    case FIELD_AUTHOR: i->author_name = word; return true;
    case FIELD_AUTHOR_ID: i->author_id = word; return true;
    case FIELD_AUTHOR_URL: i->author_url = word; return true;
    case FIELD_REACTION: i->reaction = word; return true;
    case FIELD_KIND:
        *why = "kind: one of reaction, comment, share, mention, message, trackback, post was "
               "expected";
        return set_word(kinds, word, &i->kind);
    case FIELD_SHARE:
        *why = "share: simple or specific was expected";
        return set_word(shares, word, &i->share);
    case FIELD_ORIGIN:
        *why = "origin: person or us-by-hand was expected";
        return set_word(origins, word, &i->origin);
    case FIELD_STATE:
        *why = "state: live, hidden or removed was expected";
        return set_word(states, word, &i->event);
    case FIELD_VISIBILITY:
        *why = "visibility: public or private was expected";
        return set_word(visibilities, word, &i->visibility);
    case FIELD_VERSION:
        *why = "version: a number was expected";
        return set_count(word, &i->version);
    case FIELD_AUTHOR_REACH:
        *why = "author.reach: a number was expected";
        return set_count(word, &i->author_reach);
    case FIELD_SAID_AT:
        *why = "said_at: a time was expected, 2026-11-22T12:00:00+09:00";
        return set_time(word, zone, &i->said_at);
    default: return true;
    }
}
