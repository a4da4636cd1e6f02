/* Replies: replies/NAME.LANG.md, with a head that says what may stand in the slots.
 *
 *     ---
 *     about: thanks for praise
 *     max: 300
 *     slot author: text, at most 30, else 고객
 *     ---
 *     {author}님, 따뜻한 말씀 감사합니다.
 *     ---
 *     A second wording. One of them is taken by the interaction's id.
 */
#include "lua/policy_inner.h"
#include "base/utf8.h"

#include <stdlib.h>

enum { VARIANTS_MAX = 100 };

struct head {
    struct piece slot[16];
    struct sori_str name[16];
    bool used[16];
    size_t count;
    int64_t max;
};

static struct sori_str trim(struct sori_str s) {
    while (s.len && strchr(" \t\r\n", s.ptr[0])) s.ptr++, s.len--;
    while (s.len && strchr(" \t\r\n", s.ptr[s.len - 1])) s.len--;
    return s;
}

/* Takes one line off the front. */
static struct sori_str take_line(struct sori_str *s) {
    const char *end = s->len ? memchr(s->ptr, '\n', s->len) : NULL;
    struct sori_str line = {s->ptr, end ? (size_t)(end - s->ptr) : s->len};
    size_t step = line.len + (end != NULL);
    s->ptr += step;
    s->len -= step;
    if (line.len && line.ptr[line.len - 1] == '\r') line.len--;
    return line;
}

/* Takes what stands before `mark` off the front, trimmed. */
static struct sori_str take_until(struct sori_str *s, char mark) {
    const char *end = s->len ? memchr(s->ptr, mark, s->len) : NULL;
    struct sori_str part = {s->ptr, end ? (size_t)(end - s->ptr) : s->len};
    size_t step = part.len + (end != NULL);
    s->ptr += step;
    s->len -= step;
    return trim(part);
}

static bool read_count(struct sori_str s, int64_t *out) {
    *out = 0;
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] < '0' || s.ptr[i] > '9' || *out > 1000000) return false;
        *out = *out * 10 + (s.ptr[i] - '0');
    }
    return s.len && *out > 0;
}

static bool type_fits(struct sori_str type, const struct fact_info *info) {
    switch (info->type) {
    case FT_STR: return str_is(type, "text");
    case FT_ENUM: return str_is(type, "word");
    case FT_TIME: return str_is(type, "time");
    case FT_INT: return str_is(type, "number") || str_is(type, "span");
    default: return false;
    }
}

/* "author: text, at most 30, else 고객" */
static bool read_slot_line(struct reader *r, int line, struct sori_str rest, struct head *h) {
    struct sori_str name = take_until(&rest, ':'), type = take_until(&rest, ',');
    struct pieces probe = {0};
    struct buf braces = {0};
    buf_printf(&braces, "{%.*s}", STR(name));
    bool known = read_pieces(r, line, buf_view(&braces), &probe);
    buf_free(&braces);
    if (!known) return false;
    struct piece piece = probe.item[0];
    if (!type_fits(type, piece.fact))
        return complain(
            r, line,
            "slot %.*s: the type '%.*s' does not fit this fact; text, word, number, span "
            "or time is expected",
            STR(name), STR(type));
    while ((rest = trim(rest)).len) {
        int64_t n;
        if (str_starts(rest, SORI_STR("else "))) {
            piece.has_otherwise = true;
            piece.otherwise =
                arena_copy(r->arena, trim((struct sori_str){rest.ptr + 5, rest.len - 5}));
            break;
        }
        struct sori_str part = take_until(&rest, ',');
        if (!str_starts(part, SORI_STR("at most ")) ||
            !read_count((struct sori_str){part.ptr + 8, part.len - 8}, &n))
            return complain(r, line,
                            "slot %.*s: '%.*s' is not understood; expected \"at most 30\" or "
                            "\"else TEXT\"",
                            STR(name), STR(part));
        piece.max = (uint32_t)n;
    }
    if (h->count == 16) return complain(r, line, "more than 16 slots");
    h->name[h->count] = name;
    h->slot[h->count++] = piece;
    return true;
}

static bool read_head(struct reader *r, struct sori_str *rest, int *line, struct head *h) {
    bool ok = true;
    struct sori_str probe = *rest;
    if (!str_is(take_line(&probe), "---")) return true; /* no head: no slots */
    *rest = probe;
    for (*line = 2; rest->len; ++*line) {
        struct sori_str text = take_line(rest);
        if (str_is(trim(text), "---")) return ++*line, ok;
        if (trim(text).len == 0 || str_starts(text, SORI_STR("about:"))) continue;
        if (str_starts(text, SORI_STR("slot ")))
            ok &= read_slot_line(r, *line, (struct sori_str){text.ptr + 5, text.len - 5}, h);
        else if (str_starts(text, SORI_STR("max:"))) {
            if (!read_count(trim((struct sori_str){text.ptr + 4, text.len - 4}), &h->max))
                ok = complain(r, *line, "max: a number of characters is expected");
        } else
            ok = complain(r, *line,
                          "'%.*s' is not understood; expected about:, max: or slot NAME: TYPE",
                          STR(text));
    }
    return complain(r, *line, "the head is never closed; expected a line of three dashes");
}

/* Puts the declarations of the head into the pieces of a body. */
static bool declare(struct reader *r, int line, struct head *h, struct pieces *t) {
    bool ok = true;
    const char *names[16];
    for (size_t k = 0; k < h->count; k++) names[k] = policy_text(r->p, h->name[k]);
    for (size_t i = 0; i < t->count; i++) {
        struct piece *piece = &t->item[i];
        size_t k = 0;
        if (!piece->fact) continue;
        while (k < h->count && h->slot[k].fact != piece->fact) k++;
        if (k < h->count) {
            *piece = h->slot[k];
            h->used[k] = true;
        } else
            ok = complain_near(r, line, str_c(piece->fact->lua), names, h->count,
                               "the slot {%s} is not declared in the head; add \"slot %s: TYPE\"",
                               piece->fact->lua, piece->fact->lua);
    }
    return ok;
}

/* The bodies, parted by lines of three dashes. */
static bool read_bodies(struct reader *r, struct sori_str rest, int line, struct head *h,
                        struct template *t) {
    bool ok = true, more = true;
    while (more) {
        const char *from = rest.ptr;
        struct sori_str body = {from, 0};
        int first = line;
        more = false;
        while (rest.len) {
            struct sori_str text = take_line(&rest);
            line++;
            if (str_is(trim(text), "---")) {
                more = true;
                break;
            }
            body.len = (size_t)(rest.ptr - from);
        }
        body = trim(body);
        if (body.len == 0) return complain(r, first, "a reply without words");
        if (!utf8_valid(body)) return complain(r, first, "the text is not UTF-8");
        if (t->variants == VARIANTS_MAX)
            return complain(r, first, "more than %d wordings of one reply", VARIANTS_MAX);
        struct pieces *grown = arena_get(r->arena, (t->variants + 1) * sizeof *grown);
        if (t->variants) memcpy(grown, t->variant, t->variants * sizeof *grown);
        t->variant = grown;
        struct pieces *made = &t->variant[t->variants++];
        ok &= read_pieces(r, first, body, made) && declare(r, first, h, made);
    }
    return ok;
}

static void read_template(struct reader *r, const struct file *file, struct template *t) {
    struct sori_str path = str_c(file->path), rest = file->bytes;
    struct sori_str base = {path.ptr + 8, path.len - 8 - 3};
    const char *dot = memchr(base.ptr, '.', base.len);
    t->path = path;
    if (str_starts(rest, SORI_STR("\xef\xbb\xbf"))) rest.ptr += 3, rest.len -= 3;
    if (!dot || memchr(base.ptr, '/', base.len)) {
        complain(r, 1, "the name of a reply is NAME.LANG.md, like sorry.ko.md");
        return;
    }
    t->name = (struct sori_str){base.ptr, (size_t)(dot - base.ptr)};
    t->lang = (struct sori_str){dot + 1, base.len - t->name.len - 1};
    struct head *h = mem_get(sizeof *h);
    int line = 1;
    bool ok = read_head(r, &rest, &line, h);
    if (ok) ok = read_bodies(r, rest, line, h, t);
    t->max = h->max;
    for (size_t k = 0; ok && k < h->count; k++)
        if (!h->used[k])
            complain(r, 1, "the slot %.*s is declared and stands nowhere", STR(h->name[k]));
    free(h);
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

/* The variant in the language of who spoke, else in the workspace's first language, else the only
 * one there is. */
const struct template *template_find(const struct policy *p, struct sori_str name,
                                     struct sori_str lang) {
    const struct template *fallback = NULL, *any = NULL;
    for (size_t i = 0; i < p->template_count; i++) {
        const struct template *t = &p->templates[i];
        if (!str_eq(t->name, name)) continue;
        if (str_eq(t->lang, lang)) return t;
        if (p->lang_count && str_eq(t->lang, p->langs[0])) fallback = t;
        if (!any) any = t;
    }
    return fallback ? fallback : any;
}
