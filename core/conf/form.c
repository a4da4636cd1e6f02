#include "conf/inner.h"

#include "base/clock.h"
#include "base/enums.h"
#include "base/utf8.h"
#include "conf/conf.h"
#include "conf/value.h"

#include <stdio.h>
#include <stdlib.h>

enum { TEXT_MAX = 4096, LIST_MAX = 200, LANGS_MAX = 8 };

/* What was found, short enough for a sentence. */
static const char *found(lua_State *L, char out[128]) {
    size_t len;
    switch (lua_type(L, -1)) {
    case LUA_TSTRING: {
        struct sori_str s = {.ptr = lua_tolstring(L, -1, &len)};
        s.len = len;
        struct buf shown = {0};
        value_show(&shown, s);
        snprintf(out, 128, "%s", shown.data);
        buf_free(&shown);
        break;
    }
    case LUA_TNUMBER:
        if (lua_isinteger(L, -1))
            snprintf(out, 128, "%lld", (long long)lua_tointeger(L, -1));
        else
            snprintf(out, 128, "%.14g", lua_tonumber(L, -1));
        break;
    case LUA_TBOOLEAN: snprintf(out, 128, "%s", lua_toboolean(L, -1) ? "true" : "false"); break;
    case LUA_TTABLE: snprintf(out, 128, "{ … }"); break;
    default: snprintf(out, 128, "a %s", lua_typename(L, lua_type(L, -1))); break;
    }
    return out;
}

static int line_of(const struct place *at, struct sori_str name) {
    return lines_key(at->lines, name, at->line);
}

void form_wrong(const struct place *at, const char *name, const char *why) {
    char text[128];
    blame(&at->r->blames, line_of(at, str_c(name)), "%s: %s = %s: %s", at->title, name,
          found(sandbox_lua(at->r->sandbox), text), why);
}

static void wrong(const struct place *at, const char *name, const char *expected) {
    char text[512];
    snprintf(text, sizeof text, "expected %s", expected);
    form_wrong(at, name, text);
}

/* The text on top; false where it is none. */
bool form_text(lua_State *L, struct sori_str *s) {
    size_t len;
    if (lua_type(L, -1) != LUA_TSTRING) return false;
    s->ptr = lua_tolstring(L, -1, &len);
    s->len = len;
    return len > 0 && len <= TEXT_MAX && utf8_valid(*s) && !memchr(s->ptr, 0, len);
}

static bool any_text(struct sori_str s) {
    size_t count = 0, n;
    for (; s.len; s.ptr += n, s.len -= n, count++)
        if (!utf8_is_plain(utf8_next(s, &n))) return false;
    return count <= 200;
}
static bool plain_url(struct sori_str s) { return value_url(s, false); }
static bool plugin(struct sori_str s) {
    for (size_t i = 0; i < s.len; i++)
        if (s.ptr[i] == '.' && (i == 0 || i + 1 == s.len || s.ptr[i - 1] == '.')) return false;
    struct buf b = {0};
    buf_str(&b, s);
    for (size_t i = 0; i < b.len; i++)
        if (b.data[i] == '.' || b.data[i] == '_') b.data[i] = '-';
    bool ok = value_name(buf_view(&b));
    buf_free(&b);
    return ok;
}

static const struct {
    bool (*fits)(struct sori_str);
    const char *expected;
} texts[] = {
    [FORM_TEXT] = {any_text, "a text of 1 to 200 characters in one line"},
    [FORM_LISTEN] = {value_listen, "\"HOST:PORT\" of this machine, such as \"127.0.0.1:8080\""},
    [FORM_URL] = {plain_url, "an http:// or https:// URL, such as \"https://hooks.example.kr\""},
    [FORM_NAME] = {value_name, "the name of a calendar, small letters, digits and dashes"},
    [FORM_PLUGIN] = {plugin, "a plugin's name, such as \"blog\""},
    [FORM_LANGS] = {value_lang, "languages, such as { \"ko\", \"en\" }"},
    [FORM_ALLOW] = {value_allow,
                    "exact addresses and folders, such as { \"127.0.0.1:8801\", \"/srv/inbox\" }"},
    [FORM_SITES] = {plain_url, "URLs of our own pages, such as { \"https://blog.example.kr/\" }"},
};

static void put_text(const struct place *at, const struct word *w) {
    struct sori_str s;
    if (form_text(sandbox_lua(at->r->sandbox), &s) && texts[w->form].fits(s))
        rec_str(at->r->record, w->tag, s);
    else
        wrong(at, w->name, texts[w->form].expected);
}

/* One text, or a list of them. */
static void put_list(const struct place *at, const struct word *w) {
    lua_State *L = sandbox_lua(at->r->sandbox);
    if (lua_type(L, -1) == LUA_TSTRING) {
        put_text(at, w);
        return;
    }
    lua_Unsigned count = lua_type(L, -1) == LUA_TTABLE ? lua_rawlen(L, -1) : 0;
    if (count == 0 || count > (w->form == FORM_LANGS ? LANGS_MAX : LIST_MAX)) {
        wrong(at, w->name, texts[w->form].expected);
        return;
    }
    for (lua_Unsigned i = 1; i <= count; i++) {
        lua_rawgeti(L, -1, (lua_Integer)i);
        put_text(at, w);
        lua_pop(L, 1);
    }
}

static void limits(const struct word *w, char out[160], const char *form) {
    snprintf(out, 160, "%s", form);
    if (w->min == 0 && w->max == 0) return;
    const char *unit = w->form == FORM_SPAN ? " s" : w->form == FORM_SIZE ? " bytes" : "";
    int64_t per = w->form == FORM_SPAN ? 1000 : 1;
    size_t n = strlen(out);
    snprintf(out + n, 160 - n, ", from %lld to %lld%s", (long long)(w->min / per),
             (long long)(w->max / per), unit);
}

static void put_number(const struct place *at, const struct word *w) {
    lua_State *L = sandbox_lua(at->r->sandbox);
    struct sori_str s = {0};
    int64_t v = 0;
    bool ok = false;
    const char *form = "";
    if (w->form == FORM_SPAN) {
        form = "a time such as \"90s\", \"2m\", \"1h\" or \"7d\"";
        ok = form_text(L, &s) && clock_parse_span(s, &v);
    } else if (w->form == FORM_SIZE) {
        form = "a size such as \"64k\", \"8m\" or \"1g\"";
        ok = form_text(L, &s) && value_size(s, &v);
    } else if (w->form == FORM_COUNT) {
        form = "a whole number";
        ok = lua_isinteger(L, -1) != 0;
        v = ok ? lua_tointeger(L, -1) : 0;
    } else if (w->form == FORM_SHARE_OR_OFF) {
        form = "\"off\", or a share from \"0%\" to \"100%\", such as \"10%\"";
        ok = form_text(L, &s) && (str_is(s, "off") || value_share(s, &v));
    } else if (w->form == FORM_SWITCH) {
        form = "true or false";
        ok = lua_type(L, -1) == LUA_TBOOLEAN;
        v = lua_toboolean(L, -1);
    } else if (w->form == FORM_SHARE) {
        form = "a share from \"0%\" to \"100%\", such as \"5%\"";
        ok = form_text(L, &s) && value_share(s, &v);
    } else {
        form = "a number from 0 to 1, such as 0.6";
        double d = lua_type(L, -1) == LUA_TNUMBER ? lua_tonumber(L, -1) : -1;
        ok = d >= 0 && d <= 1;
        v = ok ? (int64_t)(d * 10000 + 0.5) : 0;
    }
    if (ok && (w->min || w->max)) ok = v >= w->min && v <= w->max;
    if (ok) {
        rec_int(at->r->record, w->tag, v);
        return;
    }
    char expected[160];
    limits(w, expected, form);
    wrong(at, w->name, expected);
}

static void put_mode(const struct place *at, const struct word *w) {
    struct sori_str s = {0};
    static const char *const modes[] = {"observe", "approve", "auto"};
    bool is_text = form_text(sandbox_lua(at->r->sandbox), &s);
    int mode = is_text ? mode_of(s) : -1;
    const char *near = is_text ? nearest_word(s, modes, 3) : NULL;
    char expected[128];
    snprintf(expected, sizeof expected, "\"observe\", \"approve\" or \"auto\"%s%s%s",
             near ? " (did you mean \"" : "", near ? near : "", near ? "\"?)" : "");
    if (mode >= 0)
        rec_int(at->r->record, w->tag, mode);
    else
        wrong(at, w->name, expected);
}

/* { ko = "tone.ko", en = "tone.en" } */
static void put_models(const struct place *at, const struct word *w) {
    static const char expected[] = "a model by language, such as { ko = \"tone.ko\" }";
    lua_State *L = sandbox_lua(at->r->sandbox);
    if (lua_type(L, -1) != LUA_TTABLE) {
        wrong(at, w->name, expected);
        return;
    }
    int table = lua_gettop(L);
    sandbox_keys(L, table);
    lua_Unsigned count = lua_rawlen(L, -1);
    bool ok = count > 0;
    for (lua_Unsigned i = 1; ok && i <= count; i++) {
        struct sori_str lang, model = {0};
        lua_rawgeti(L, table + 1, (lua_Integer)i);
        ok = form_text(L, &lang) && value_lang(lang);
        lua_pushvalue(L, -1);
        lua_rawget(L, table);
        ok = ok && form_text(L, &model) && plugin(model);
        if (ok) {
            size_t mark = rec_begin(at->r->record, w->tag);
            rec_str(at->r->record, 1, lang);
            rec_str(at->r->record, 2, model);
            rec_end(at->r->record, mark);
        }
        lua_settop(L, table + 1);
    }
    lua_settop(L, table);
    if (!ok) wrong(at, w->name, expected);
}

void form_put(const struct place *at, const struct word *word) {
    switch (word->form) {
    case FORM_TEXT:
    case FORM_LISTEN:
    case FORM_URL:
    case FORM_NAME:
    case FORM_PLUGIN: put_text(at, word); break;
    case FORM_ZONE: form_put_zone(at, word); break;
    case FORM_HOURS: form_put_hours(at, word); break;
    case FORM_DAYS: form_put_days(at, word); break;
    case FORM_LANGS:
    case FORM_ALLOW:
    case FORM_SITES: put_list(at, word); break;
    case FORM_SPAN:
    case FORM_SIZE:
    case FORM_COUNT:
    case FORM_SHARE:
    case FORM_SHARE_OR_OFF:
    case FORM_SWITCH:
    case FORM_FLOOR: put_number(at, word); break;
    case FORM_MODELS: put_models(at, word); break;
    case FORM_MODE: put_mode(at, word); break;
    }
}

/* Text, number or truth as it is written; false for anything else. */
static bool scalar(lua_State *L, struct buf *out) {
    struct sori_str s;
    char number[128];
    int type = lua_type(L, -1);
    if (type == LUA_TSTRING && lua_rawlen(L, -1) == 0) return true;
    if (type == LUA_TSTRING) {
        if (!form_text(L, &s)) return false;
        buf_str(out, s);
    } else if (type == LUA_TNUMBER || type == LUA_TBOOLEAN) {
        buf_puts(out, found(L, number));
    } else {
        return false;
    }
    return true;
}

static bool list(lua_State *L, struct buf *out) {
    lua_Unsigned count = lua_rawlen(L, -1);
    bool ok = count <= LIST_MAX;
    lua_Unsigned pairs = 0;
    lua_pushnil(L);
    while (lua_next(L, -2)) {
        pairs++;
        lua_pop(L, 1);
    }
    ok = ok && pairs == count; /* a list, nothing with names */
    for (lua_Unsigned i = 1; ok && i <= count; i++) {
        size_t start = out->len;
        if (i > 1) buf_putc(out, '\n');
        lua_rawgeti(L, -1, (lua_Integer)i);
        start = out->len;
        ok = scalar(L, out) && out->len > start &&
             !memchr(out->data + start, '\n', out->len - start);
        lua_pop(L, 1);
    }
    return ok;
}

void form_option(const struct place *at, struct sori_str name) {
    lua_State *L = sandbox_lua(at->r->sandbox);
    struct buf value = {0};
    bool ok = lua_type(L, -1) == LUA_TTABLE ? list(L, &value) : scalar(L, &value);
    if (ok) {
        size_t mark = rec_begin(at->r->record, CONN_OPTION);
        rec_str(at->r->record, 1, name);
        rec_str(at->r->record, 2, buf_view(&value));
        rec_int(at->r->record, 3, line_of(at, name));
        rec_end(at->r->record, mark);
    } else {
        char *word = mem_text(name);
        wrong(at, word, "a text, a number, true, false or a list of them");
        free(word);
    }
    buf_free(&value);
}
