/* Texts with slots: "{case.department}: {case.waited} without an answer". */
#include "lua/reply/template.h"
#include "base/utf8.h"

/* "case.waited" is the fact `waited`; "case.state" is `case`. */
const struct fact_info *slot_fact(struct sori_str name) {
    static const char *const of_case[] = {"department", "owner", "waited", "due"};
    if (str_starts(name, SORI_STR("case."))) {
        struct sori_str rest = {name.ptr + 5, name.len - 5};
        if (str_is(rest, "state")) return fact_by_name(SORI_STR("case"));
        for (size_t i = 0; i < sizeof of_case / sizeof *of_case; i++)
            if (str_is(rest, of_case[i])) return fact_by_name(rest);
        return NULL;
    }
    return fact_by_name(name);
}

static bool add_piece(struct reader *r, int line, struct pieces *t, struct piece piece) {
    if (t->count == PIECES_MAX)
        return complain(r, line, "more than %d slots and pieces in one text", PIECES_MAX);
    struct piece *grown = arena_get(r->arena, (t->count + 1) * sizeof *grown);
    if (t->count) memcpy(grown, t->item, t->count * sizeof *grown);
    grown[t->count++] = piece;
    t->item = grown;
    return true;
}

/* As the head declares it. */
static bool declared_slot(struct reader *r, int line, struct sori_str name, struct head *h,
                          struct pieces *out) {
    const char *names[SLOTS_MAX];
    const struct fact_info *info = slot_fact(name);
    for (size_t i = 0; i < h->count; i++) {
        names[i] = policy_text(r->p, h->slot[i].name);
        if (!str_eq(name, h->slot[i].name) && !(info && h->slot[i].piece.fact == info)) continue;
        h->slot[i].used = true;
        return add_piece(r, line, out, h->slot[i].piece);
    }
    return complain_near(r, line, name, names, h->count,
                         "the slot {%.*s} is not declared in the head; add \"slot %.*s: TYPE\"",
                         STR(name), STR(name));
}

static bool read_slot(struct reader *r, int line, struct sori_str name, struct pieces *out) {
    const char *names[FACT_TOP];
    const struct fact_info *info = slot_fact(name);
    if (!info) {
        struct sori_str word = name;
        if (str_starts(word, SORI_STR("case."))) word.ptr += 5, word.len -= 5;
        for (size_t i = 0; i < fact_count; i++) names[i] = fact_table[i].lua;
        return complain_near(r, line, word, names, fact_count,
                             "unknown slot {%.*s}; expected the name of a fact", STR(name));
    }
    return add_piece(r, line, out, (struct piece){.fact = info, .max = SLOT_TEXT_MAX});
}

static bool add_plain(struct reader *r, int line, struct pieces *t, struct buf *plain) {
    if (!plain->len) return true;
    struct sori_str text = arena_copy(r->arena, buf_view(plain));
    buf_clear(plain);
    return add_piece(r, line, t, (struct piece){.text = text});
}

bool read_declared(struct reader *r, int line, struct sori_str text, struct head *h,
                   struct pieces *out) {
    bool ok = true;
    struct buf plain = {0};
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        bool twice = i + 1 < text.len && text.ptr[i + 1] == c;
        if ((c == '{' || c == '}') && twice)
            i++; /* {{ and }} are braces */
        else if (c == '{') {
            const char *end = memchr(text.ptr + i, '}', text.len - i);
            if (!end) {
                ok = complain(r, line, "a '{' is never closed; write '{{' for a brace");
                break;
            }
            ok = add_plain(r, line, out, &plain) && ok;
            struct sori_str name = {text.ptr + i + 1, (size_t)(end - text.ptr) - i - 1};
            ok = (h ? declared_slot(r, line, name, h, out) : read_slot(r, line, name, out)) && ok;
            if (out->count == PIECES_MAX && !ok) break;
            i = (size_t)(end - text.ptr);
            continue;
        }
        buf_putc(&plain, c);
    }
    ok = add_plain(r, line, out, &plain) && ok;
    buf_free(&plain);
    return ok;
}

bool read_pieces(struct reader *r, int line, struct sori_str text, struct pieces *out) {
    return read_declared(r, line, text, NULL, out);
}

/* Marks that turn the direction of all that follows, our own words included. */
static bool turns(uint32_t c) {
    return (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0x200e ||
           c == 0x200f || c == 0x061c;
}

/* What strangers wrote goes in on one line, not endlessly, and turns nothing around. */
static void put_cut(struct buf *out, struct sori_str s, uint32_t max) {
    size_t len;
    for (uint32_t n = 0; s.len; n++) {
        if (n == max) {
            buf_puts(out, "…");
            return;
        }
        uint32_t c = utf8_next(s, &len);
        if (c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029)
            buf_putc(out, ' ');
        else if (c == 0xfffd) /* bytes that are no text, too */
            buf_puts(out, "\xef\xbf\xbd");
        else if (!turns(c))
            buf_put(out, s.ptr, len);
        s.ptr += len;
        s.len -= len;
    }
}

/* Words of strangers, not of ours. */
static bool is_theirs(uint32_t tag) {
    return tag == FACT_AUTHOR || tag == FACT_TEXT || tag == FACT_TITLE || tag == FACT_PARENT_TEXT;
}

static void put_wrong(struct fill *fill, struct sori_str slot, const char *why) {
    buf_printf(&fill->wrong, "%s%.*s %s", fill->wrong.len ? "; " : "", STR(slot), why);
}

/* What a channel told: too long is cut, what does not fit is as good as unknown. */
static bool put_fact(const struct piece *piece, struct fill *fill, struct buf *out) {
    const struct facts *f = fill->f;
    if (!fact_has(f, piece->fact->tag)) return false;
    struct sori_str s = f->f[piece->fact->tag].s;
    bool typed = piece->type == SLOT_NAME || piece->type == SLOT_URL;
    if (typed && slot_misfit(piece->type, s)) return false;
    const char *bait =
        piece->type == SLOT_TEXT && is_theirs(piece->fact->tag) ? slot_bait(s) : NULL;
    if (bait && piece->has_otherwise) return false;
    if (bait) put_wrong(fill, str_c(piece->fact->lua), bait);
    if (piece->fact->type == FT_STR)
        put_cut(out, s, piece->max);
    else
        fact_print(out, piece->fact, f);
    return true;
}

static const struct given *given_of(const struct fill *fill, struct sori_str name) {
    for (size_t i = 0; i < fill->given_count; i++)
        if (str_eq(fill->given[i].name, name)) return &fill->given[i];
    return NULL;
}

/* What the rule gives: too long or of another type is not said. */
static bool put_given(const struct piece *piece, struct fill *fill, struct buf *out) {
    const struct given *given = given_of(fill, piece->given);
    if (!given) return false;
    const char *misfit = slot_misfit(piece->type, given->value);
    size_t n = utf8_count(given->value);
    struct buf line = {0};
    if (misfit)
        put_wrong(fill, piece->given, misfit);
    else if (n > piece->max)
        buf_printf(&fill->wrong, "%s%.*s has %zu characters of at most %u",
                   fill->wrong.len ? "; " : "", STR(piece->given), n, piece->max);
    slot_print(piece->type, given->value, fill->lang, &line);
    put_cut(out, buf_view(&line), piece->max);
    buf_free(&line);
    return true;
}

bool pieces_render(const struct pieces *t, struct fill *fill, struct buf *out) {
    for (size_t i = 0; i < t->count && out->len <= DECISION_MAX; i++) {
        const struct piece *piece = &t->item[i];
        if (!piece->fact && !piece->given.len)
            buf_str(out, piece->text);
        else if (piece->fact ? put_fact(piece, fill, out) : put_given(piece, fill, out))
            continue;
        else if (piece->has_otherwise)
            buf_str(out, piece->otherwise);
        else {
            struct sori_str name = piece->fact ? str_c(piece->fact->lua) : piece->given;
            buf_printf(&fill->missing, "%s%.*s", fill->missing.len ? ", " : "", STR(name));
            buf_puts(out, "?");
        }
    }
    return fill->missing.len == 0 && fill->wrong.len == 0;
}
