/* Replies: replies/NAME.LANG.md, with a head that says what they are for and what may stand in
 * them.
 *
 *     ---
 *     about: thanks for praise
 *     max: 300
 *     goal: thank
 *     slot author: name, at most 30, else 고객
 *     ---
 *     {author}님, 따뜻한 말씀 감사합니다.
 *     ---
 *     A second wording. One of them is taken by the interaction's id.
 *     ---
 *     when relationship: loyal
 *     {author}님, 늘 **감사합니다**. What fits best is taken before what fits all.
 */
#include "lua/reply/template.h"
#include "base/utf8.h"

#include <stdlib.h>
#include <strings.h>

enum { WORDINGS_MAX = 100, WHEN_MAX = 4 };

/* "when tone: negative" lines at the front of a wording. */
static bool read_whens(struct reader *r, struct sori_str *body, int line, struct wording *w) {
    bool ok = true;
    struct sori_str rest = *body, text;
    while (rest.len && (text = line_trim(line_take(&rest)), str_starts(text, SORI_STR("when ")))) {
        struct sori_str value = {text.ptr + 5, text.len - 5}, key = line_until(&value, ':');
        if (w->when_count == WHEN_MAX)
            return complain(r, line, "more than %d lines of when above one wording", WHEN_MAX);
        if (!w->when) w->when = arena_get(r->arena, WHEN_MAX * sizeof *w->when);
        ok &= read_when(r, line++, key, line_trim(value), &w->when[w->when_count++]);
        *body = rest;
    }
    return ok;
}

/* What turns the direction of a text or moves a terminal's cursor shows other words than are read
 * here. */
static bool shows_itself(struct reader *r, struct sori_str body, int line) {
    for (size_t len; body.len; body.ptr += len, body.len -= len) {
        uint32_t c = utf8_next(body, &len);
        line += c == '\n';
        if (!utf8_is_plain(c) && c != '\n' && c != '\r' && c != '\t')
            return frown(r, line,
                         "a character that is not seen and changes how the rest is shown (U+%04X); "
                         "write the line anew without it",
                         c);
    }
    return true;
}

static bool read_wording(struct reader *r, struct sori_str body, int line, struct head *h,
                         struct template *t) {
    struct wording w = {.line = line};
    struct buf plain = {0};
    bool ok = read_whens(r, &body, line, &w);
    line += (int)w.when_count;
    body = line_trim(body);
    if (body.len == 0) return complain(r, line, "a reply without words");
    if (!utf8_valid(body)) return complain(r, line, "the text is not UTF-8");
    if (!shows_itself(r, body, line)) return false;
    if (t->wordings == WORDINGS_MAX)
        return complain(r, line, "more than %d wordings of one reply", WORDINGS_MAX);
    struct wording *grown = arena_get(r->arena, (t->wordings + 1) * sizeof *grown);
    if (t->wordings) memcpy(grown, t->wording, t->wordings * sizeof *grown);
    t->wording = grown;
    markdown_plain(body, &plain);
    ok &= read_declared(r, line, buf_view(&plain), h, &w.text);
    buf_free(&plain);
    t->wording[t->wordings++] = w;
    return ok;
}

/* The wordings, parted by lines of three dashes. */
static bool read_bodies(struct reader *r, struct sori_str rest, int line, struct head *h,
                        struct template *t) {
    bool ok = true, more = true;
    while (more) {
        struct sori_str body = {rest.ptr, 0};
        int first = line;
        more = false;
        while (rest.len) {
            struct sori_str text = line_take(&rest);
            line++;
            if (str_is(line_trim(text), "---")) {
                more = true;
                break;
            }
            body.len = (size_t)(rest.ptr - body.ptr);
        }
        ok &= read_wording(r, body, first, h, t);
        if (t->wordings == WORDINGS_MAX && !ok) break;
    }
    return ok;
}

static void read_template(struct reader *r, const struct file *file, struct template *t) {
    struct sori_str path = str_c(file->path), rest = file->bytes;
    struct sori_str base = {path.ptr + 8, path.len - 8 - 3};
    const char *dot = memchr(base.ptr, '.', base.len);
    t->path = path;
    if (str_starts(rest, SORI_STR("\xef\xbb\xbf"))) rest.ptr += 3, rest.len -= 3;
    struct head *h = arena_get(r->arena, sizeof *h);
    t->head = h;
    if (!dot || memchr(base.ptr, '/', base.len)) {
        complain(r, 1, "the name of a reply is NAME.LANG.md, like sorry.ko.md");
        return;
    }
    t->name = (struct sori_str){base.ptr, (size_t)(dot - base.ptr)};
    t->lang = (struct sori_str){dot + 1, base.len - t->name.len - 1};
    int line = 1;
    bool ok = head_read(r, &rest, &line, h);
    if (ok) read_bodies(r, rest, line, h, t);
    t->max = h->max;
    t->goal = h->goal;
    t->source = h->source;
    t->needs_apology = h->needs_apology;
    t->needs_source = h->needs_source;
    t->holding = h->holding;
    t->next_step = h->next_step;
}

void templates_read(struct policy *p, struct buf *errors) {
    p->templates = arena_get(&p->arena, (p->file_count + 1) * sizeof *p->templates);
    for (size_t i = 0; i < p->file_count; i++) {
        struct sori_str path = str_c(p->files[i].path);
        if (!str_starts(path, SORI_STR("replies/"))) continue;
        struct reader r = {p, p->files[i].path, 1, NULL, &p->arena, errors};
        read_template(&r, &p->files[i], &p->templates[p->template_count++]);
    }
}

/* ---- what a rule gives ---- */

static bool given_fits(struct reader *r, int line, const struct template *t,
                       const struct slot *slot, struct sori_str value) {
    const char *misfit = slot_misfit(slot->piece.type, value);
    if (misfit)
        return complain(r, line, "slot %.*s of the reply '%.*s': \"%.*s\" %s", STR(slot->name),
                        STR(t->name), value.len > 40 ? 40 : (int)value.len, value.ptr, misfit);
    size_t n = utf8_count(value);
    if (n > slot->piece.max)
        return complain(r, line, "slot %.*s of the reply '%.*s': %zu characters; at most %u fit",
                        STR(slot->name), STR(t->name), n, slot->piece.max);
    return true;
}

bool template_given(struct reader *r, int line, const struct template *t, const struct given *given,
                    size_t count) {
    bool ok = true;
    const struct head *h = t->head;
    for (size_t i = 0; i < h->count; i++) {
        const struct slot *slot = &h->slot[i];
        const struct given *found = NULL;
        if (!slot->piece.given.len) continue;
        for (size_t k = 0; k < count; k++)
            if (str_eq(given[k].name, slot->name)) found = &given[k];
        if (found)
            ok &= given_fits(r, line, t, slot, found->value);
        else if (!slot->piece.has_otherwise && slot->used)
            ok = complain(r, line,
                          "the reply '%.*s' needs the slot %.*s (%.*s:%d); give it with slots = { "
                          "%.*s = … }",
                          STR(t->name), STR(slot->name), STR(t->path), slot->line, STR(slot->name));
    }
    return ok;
}

/* ---- choosing ---- */

/* "ko" of "ko-KR": files are named by the language alone, unless one is for just that place. */
static struct sori_str language_of(struct sori_str lang) {
    for (size_t i = 0; i < lang.len; i++)
        if (lang.ptr[i] == '-' || lang.ptr[i] == '_') lang.len = i;
    return lang;
}

static bool same_language(struct sori_str a, struct sori_str b) {
    return a.len == b.len && a.len && strncasecmp(a.ptr, b.ptr, a.len) == 0;
}

/* The file in the language of who spoke, else in the workspace's first language, else the only one
 * there is. */
const struct template *template_find(const struct policy *p, struct sori_str name,
                                     struct sori_str lang) {
    const struct template *near = NULL, *fallback = NULL, *any = NULL;
    for (size_t i = 0; i < p->template_count; i++) {
        const struct template *t = &p->templates[i];
        if (!str_eq(t->name, name)) continue;
        if (same_language(t->lang, lang)) return t;
        if (same_language(t->lang, language_of(lang))) near = t;
        if (p->lang_count && str_eq(t->lang, p->langs[0])) fallback = t;
        if (!any) any = t;
    }
    return near ? near : fallback ? fallback : any;
}

static bool fits(const struct policy *p, const struct wording *w, struct facts *f) {
    for (size_t i = 0; i < w->when_count; i++)
        if (!cond_holds(p, f, &w->when[i])) return false;
    return true;
}

const struct wording *template_wording(const struct policy *p, const struct template *t,
                                       struct facts *f) {
    uint64_t pick = fact_has(f, FACT_ID) ? (uint64_t)f->f[FACT_ID].i : 0;
    size_t most = 0, count = 0;
    bool fit[WORDINGS_MAX];
    for (size_t i = 0; i < t->wordings; i++) {
        const struct wording *w = &t->wording[i];
        fit[i] = w->when_count >= most && fits(p, w, f);
        if (!fit[i]) continue;
        count = w->when_count > most ? 1 : count + 1;
        most = w->when_count;
    }
    if (count == 0) return NULL;
    pick %= count;
    for (size_t i = 0;; i++)
        if (fit[i] && t->wording[i].when_count == most && pick-- == 0) return &t->wording[i];
}
