#include "lua/text/text.h"

#include "base/utf8.h"
#include "lua/policy_inner.h"

#include <stdlib.h>

enum { WORDS_MOST = 250, WORD_MOST = 200, FOUND_MOST = 100 };

static struct sori_str text_arg(lua_State *L, int arg) {
    struct sori_str s;
    s.ptr = luaL_checklstring(L, arg, &s.len);
    return s;
}

/* Room that the call's budget pays for and Lua frees. */
static void *scratch(lua_State *L, size_t bytes) {
    luaL_checkstack(L, 4, "text");
    return lua_newuserdatauv(L, bytes ? bytes : 1, 0);
}

static uint32_t *folded(lua_State *L, struct sori_str s, size_t *n) {
    uint32_t *out = scratch(L, s.len * sizeof *out);
    sandbox_charge(L, (int64_t)s.len / 4);
    *n = words_fold(s, out);
    return out;
}

/* ---- finding, by Knuth, Morris and Pratt: no text and no word makes it slow ---- */

struct needle {
    const uint32_t *code;
    size_t len;
    size_t *back; /* where to go on after a mismatch */
};

static struct needle needle(lua_State *L, const uint32_t *code, size_t len) {
    struct needle w = {code, len, scratch(L, (len + 1) * sizeof *w.back)};
    size_t k = 0;
    w.back[0] = 0;
    for (size_t i = 1; i < len; i++) {
        while (k && code[i] != code[k]) k = w.back[k - 1];
        if (code[i] == code[k]) k++;
        w.back[i] = k;
    }
    return w;
}

/* Where the next occurrence ends, at or behind *at; 0 where there is none. */
static size_t next_end(const struct needle *w, const uint32_t *text, size_t n, size_t *at,
                       size_t *matched) {
    while (*at < n) {
        while (*matched && text[*at] != w->code[*matched]) *matched = w->back[*matched - 1];
        if (text[*at] == w->code[*matched]) ++*matched;
        ++*at;
        if (*matched < w->len) continue;
        *matched = w->back[w->len - 1];
        return *at;
    }
    return 0;
}

/* sori.text.contains(text, part): whatever the case, the width and the blanks. */
static int text_contains(lua_State *L) {
    size_t n, len, at = 0, matched = 0;
    uint32_t *text = folded(L, text_arg(L, 1), &n), *part = folded(L, text_arg(L, 2), &len);
    struct needle w = needle(L, part, len);
    sandbox_charge(L, (int64_t)(n + len) / 4);
    lua_pushboolean(L, !len || next_end(&w, text, n, &at, &matched));
    return 1;
}

static bool has_word(lua_State *L, const uint32_t *text, size_t n, struct sori_str written) {
    bool loose_start = written.len && written.ptr[0] == '*';
    if (loose_start) written = (struct sori_str){written.ptr + 1, written.len - 1};
    bool loose_end = written.len && written.ptr[written.len - 1] == '*';
    if (loose_end) written.len--;
    luaL_argcheck(L, written.len <= WORD_MOST, 2, "a word has at most 200 bytes");
    size_t len, at = 0, matched = 0, end;
    uint32_t *code = folded(L, written, &len);
    if (!len) return false;
    struct needle w = needle(L, code, len);
    bool korean = utf8_is_hangul(code[len - 1]), sign = !words_letter(code[len - 1]);
    while ((end = next_end(&w, text, n, &at, &matched))) {
        size_t from = end - len;
        if (!loose_start && words_letter(code[0]) && from && words_letter(text[from - 1])) continue;
        if (loose_end || sign || end == n || !words_letter(text[end])) return true;
        if (korean && particle_ends(text, n, end)) return true;
    }
    return false;
}

/* sori.text.word(text, "배송", …) or word(text, { "배송", … }): as a word, with particles behind
 * it. */
static int text_word(lua_State *L) {
    size_t n;
    uint32_t *text = folded(L, text_arg(L, 1), &n);
    int count = lua_gettop(L) - 2, list = 0;
    if (lua_type(L, 2) == LUA_TTABLE) {
        sandbox_inside(L, 2);
        list = lua_gettop(L);
        count = (int)lua_rawlen(L, list);
    }
    luaL_argcheck(L, count <= WORDS_MOST, 2, "at most 250 words");
    bool found = false;
    for (int i = 0; i < count && !found; i++) {
        int top = lua_gettop(L);
        if (list) lua_rawgeti(L, list, i + 1);
        sandbox_charge(L, (int64_t)n / 4 + 4);
        found = has_word(L, text, n, text_arg(L, list ? -1 : 2 + i));
        lua_settop(L, top);
    }
    lua_pushboolean(L, found);
    return 1;
}

/* ---- sori.text.normalise ---- */

static bool is_between(uint32_t c, uint32_t from, uint32_t count) { return c - from < count; }

static bool unseen(uint32_t c) { /* soft hyphen, zero width, variation selectors, marks of order */
    return c == 0xad || is_between(c, 0x200b, 5) || is_between(c, 0x202a, 5) || c == 0x2060 ||
           is_between(c, 0x2066, 4) || is_between(c, 0xfe00, 16) || c == 0xfeff;
}

static size_t normal(uint32_t *text, size_t n) {
    size_t out = 0;
    for (size_t i = 0; i < n; i++) {
        uint32_t c = text[i];
        if (unseen(c) || (out && words_compose(&text[out - 1], c))) continue;
        if (c == ' ' && (!out || text[out - 1] == ' ')) continue;
        bool third = out >= 2 && text[out - 1] == c && text[out - 2] == c;
        if (third && !(c >= '0' && c <= '9')) continue;
        text[out++] = c;
    }
    while (out && text[out - 1] == ' ') out--;
    return out;
}

/* sori.text.normalise(text): what two people mean who write the same in different ways: letters
 * small and of half width, one blank, nothing unseen, "ㅋㅋㅋㅋ" and "!!!!" as two. */
static int text_normalise(lua_State *L) {
    size_t n;
    struct sori_str s = text_arg(L, 1);
    uint32_t *text = folded(L, s, &n);
    struct buf b = {0};
    n = normal(text, n);
    char *out = scratch(L, n * 4);
    size_t len = 0;
    for (size_t i = 0; i < n; i++) {
        buf_clear(&b);
        utf8_put(&b, text[i]);
        memcpy(out + len, b.data, b.len);
        len += b.len;
    }
    buf_free(&b);
    lua_pushlstring(L, out, len);
    return 1;
}

/* ---- links, handles, hashtags ---- */

static bool is_word_byte(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* What an address may go on with. It ends at a Korean syllable: that is a particle far more often
 * than a path. */
static bool is_link_byte(char c) {
    return (unsigned char)c > ' ' && (unsigned char)c < 0x7f && !strchr("<>\"`{}|\\^", c);
}

static bool same_start(struct sori_str s, const char *word) {
    for (size_t i = 0; word[i]; i++) {
        char c = i < s.len ? s.ptr[i] : 0;
        if (c >= 'A' && c <= 'Z') c = (char)(c + 32);
        if (c != word[i]) return false;
    }
    return true;
}

/* Signs behind an address end a sentence; a bracket does where none was opened in it. */
static size_t link_length(struct sori_str s) {
    size_t n = 0, round = 0, square = 0;
    while (n < s.len && is_link_byte(s.ptr[n])) {
        char c = s.ptr[n];
        if ((c == ')' && !round) || (c == ']' && !square)) break;
        round = c == '(' ? round + 1 : round - (c == ')');
        square = c == '[' ? square + 1 : square - (c == ']');
        n++;
    }
    while (n && strchr(".,!?:;'*~_", s.ptr[n - 1])) n--;
    return n;
}

static size_t link_at(struct sori_str s) {
    static const char *const starts[] = {"http://", "https://", "www."};
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
        if (!same_start(s, starts[i])) continue;
        size_t n = link_length(s);
        if (n > strlen(starts[i])) return n;
    }
    return 0;
}

/* "@name", "@name.x", "@name@example.org". */
static size_t handle_at(struct sori_str s) {
    size_t n = 1;
    while (n < s.len && n <= 64 && (is_word_byte(s.ptr[n]) || s.ptr[n] == '.' || s.ptr[n] == '-'))
        n++;
    bool place = n > 1 && n + 1 < s.len && s.ptr[n] == '@' && is_word_byte(s.ptr[n + 1]);
    if (place)
        for (n++; n < s.len && (is_word_byte(s.ptr[n]) || s.ptr[n] == '.' || s.ptr[n] == '-');) n++;
    while (n && (s.ptr[n - 1] == '.' || s.ptr[n - 1] == '-')) n--;
    return n > 1 ? n : 0;
}

static size_t hashtag_at(struct sori_str s) {
    size_t n = 1, len;
    bool letters = false;
    while (n < s.len) {
        uint32_t c = utf8_next((struct sori_str){s.ptr + n, s.len - n}, &len);
        bool ok = c < 0x80 ? is_word_byte(s.ptr[n]) : words_letter(c);
        if (!ok) break;
        letters = letters || c >= 0x80 || c < '0' || c > '9';
        n += len;
    }
    return letters ? n : 0;
}

static int collect(lua_State *L, char sign, size_t at(struct sori_str)) {
    struct sori_str s = text_arg(L, 1);
    lua_Integer count = 0;
    sandbox_charge(L, (int64_t)s.len / 4);
    lua_newtable(L);
    for (size_t i = 0; i < s.len && count < FOUND_MOST; i++) {
        bool begins = !i || !is_word_byte(s.ptr[i - 1]);
        bool may = sign ? s.ptr[i] == sign
                        : s.ptr[i] == 'h' || s.ptr[i] == 'H' || s.ptr[i] == 'w' || s.ptr[i] == 'W';
        if (!may || !begins) continue;
        size_t n = at((struct sori_str){s.ptr + i, s.len - i});
        if (!n) continue;
        sandbox_charge(L, 10);
        lua_pushlstring(L, s.ptr + i, n);
        lua_rawseti(L, -2, ++count);
        i += n - 1;
    }
    return 1;
}

static int text_links(lua_State *L) { return collect(L, 0, link_at); }
static int text_handles(lua_State *L) { return collect(L, '@', handle_at); }
static int text_hashtags(lua_State *L) { return collect(L, '#', hashtag_at); }

void text_open(lua_State *L) {
    static const luaL_Reg functions[] = {{"contains", text_contains},
                                         {"word", text_word},
                                         {"normalise", text_normalise},
                                         {"links", text_links},
                                         {"handles", text_handles},
                                         {"hashtags", text_hashtags},
                                         {NULL, NULL}};
    luaL_setfuncs(L, functions, 0);
}
