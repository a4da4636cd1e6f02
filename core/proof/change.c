#include "proof/change.h"

#include "base/enums.h"
#include "base/utf8.h"
#include "lua/policy.h"

/* The next field that belongs to the meaning. False at the end. */
static bool next_meant(struct sori_str *decision, struct rec_field *f) {
    while (rec_next(decision, f) == 1)
        if (f->tag == DEC_STATUS || f->tag == DEC_DIRECTION || f->tag == DEC_INTENT) return true;
    return false;
}

static bool next_name(struct sori_str *decision, struct rec_field *f) {
    while (rec_next(decision, f) == 1)
        if (f->tag == DEC_RULE || f->tag == DEC_NOTE) return true;
    return false;
}

static bool field_eq(const struct rec_field *a, const struct rec_field *b) {
    if (a->tag != b->tag || a->type != b->type) return false;
    return a->type == REC_INT ? a->i == b->i : str_eq(a->s, b->s);
}

static bool same(struct sori_str a, struct sori_str b,
                 bool (*next)(struct sori_str *, struct rec_field *)) {
    struct rec_field x, y;
    for (;;) {
        bool more = next(&a, &x);
        if (next(&b, &y) != more) return false;
        if (!more) return true;
        if (!field_eq(&x, &y)) return false;
    }
}

enum change change_of(struct sori_str then, struct sori_str now) {
    if (str_eq(then, now)) return CHANGES_NOTHING;
    if (!same(then, now, next_meant)) return CHANGES_MEANING;
    return same(then, now, next_name) ? CHANGES_NOTHING : CHANGES_NAME;
}

/* ---- in words ---- */

static void put_span(struct buf *b, int64_t ms) {
    static const struct {
        int64_t ms;
        const char *unit;
    } units[] = {{86400000, "d"}, {3600000, "h"}, {60000, "m"}, {1000, "s"}, {1, "ms"}};
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (ms % units[i].ms == 0 && (ms / units[i].ms > 0 || i == 4)) {
            buf_printf(b, " %lld%s", (long long)(ms / units[i].ms), units[i].unit);
            return;
        }
}

static void put_intent(struct sori_str intent, struct buf *out) {
    int64_t verb = rec_get_int(intent, INTENT_VERB, 0),
            value = rec_get_int(intent, INTENT_VALUE, INT64_MIN);
    struct sori_str name = rec_get_str(intent, INTENT_NAME);
    buf_puts(out, verb_word(verb));
    if (name.len) buf_printf(out, " %.*s", STR(name));
    if (value == INT64_MIN) return;
    if (verb == VERB_CLOCK || verb == VERB_FOLLOW_UP)
        put_span(out, value);
    else if (verb == VERB_SET || verb == VERB_ADD)
        buf_printf(out, " %lld", (long long)value);
}

static void put_cut(struct sori_str words, struct buf *out) {
    struct sori_str cut = utf8_cut(words, CHANGE_WORDS - 3);
    buf_str(out, cut);
    if (cut.len < words.len) buf_puts(out, "…");
}

void change_does(struct sori_str decision, struct buf *out) {
    struct buf b = {0};
    struct rec_field f;
    int64_t status = rec_get_int(decision, DEC_STATUS, 0);
    if (status == DECISION_HELD) buf_puts(&b, "held for a person: stopped");
    if (status == DECISION_NONE) buf_puts(&b, "no rule");
    size_t n = 0;
    for (struct sori_str rest = decision; rec_next(&rest, &f) == 1;) {
        if (f.tag != DEC_INTENT || f.type != REC_REC) continue;
        if (n++ || b.len) buf_puts(&b, n > 1 ? ", " : ": ");
        put_intent(f.s, &b);
    }
    if (!b.len) buf_puts(&b, "does nothing");
    put_cut(buf_view(&b), out);
    buf_free(&b);
}

/* ---- from what to what ---- */

enum { SIDE_MOST = 64 };
struct side {
    struct sori_str intent[SIDE_MOST];
    size_t n;
};

static void read_side(struct sori_str decision, struct side *s) {
    struct rec_field f;
    s->n = 0;
    while (rec_next(&decision, &f) == 1)
        if (f.tag == DEC_INTENT && f.type == REC_REC && s->n < SIDE_MOST) s->intent[s->n++] = f.s;
}

/* What both do is no news. */
static void drop_common(struct side *a, struct side *b) {
    size_t kept = 0;
    for (size_t i = 0; i < a->n; i++) {
        size_t k = 0;
        while (k < b->n && !str_eq(a->intent[i], b->intent[k])) k++;
        if (k == b->n) {
            a->intent[kept++] = a->intent[i];
            continue;
        }
        memmove(&b->intent[k], &b->intent[k + 1], (b->n - k - 1) * sizeof b->intent[0]);
        b->n--;
    }
    a->n = kept;
}

static void put_side(const struct side *s, const char *status, struct buf *out) {
    struct buf b = {0};
    buf_puts(&b, status);
    for (size_t i = 0; i < s->n; i++) {
        if (b.len) buf_puts(&b, i ? ", " : ": ");
        put_intent(s->intent[i], &b);
    }
    if (!b.len) buf_puts(&b, "nothing");
    put_cut(buf_view(&b), out);
    buf_free(&b);
}

static const char *status_words(struct sori_str decision) {
    int64_t status = rec_get_int(decision, DEC_STATUS, 0);
    return status == DECISION_NONE   ? "no rule"
           : status == DECISION_HELD ? "held, stopped"
                                     : "decided";
}

void change_move(struct sori_str then, struct sori_str now, struct buf *out) {
    struct side a, b;
    struct buf from = {0}, to = {0};
    bool same = rec_get_int(then, DEC_STATUS, 0) == rec_get_int(now, DEC_STATUS, 0);
    read_side(then, &a);
    read_side(now, &b);
    drop_common(&a, &b);
    put_side(&a, same ? "" : status_words(then), &from);
    put_side(&b, same ? "" : status_words(now), &to);
    if (!str_eq(buf_view(&from), buf_view(&to)))
        buf_printf(out, "%s → %s", from.data, to.data);
    else if (a.n)
        change_point(then, now, out);
    else if (!str_eq(rec_get_str(then, DEC_DIRECTION), rec_get_str(now, DEC_DIRECTION)))
        change_point(then, now, out);
    else
        buf_puts(out, "the order of what is done");
    buf_free(&from);
    buf_free(&to);
}

static const char *field_word(uint32_t tag) {
    switch (tag) {
    case INTENT_TEXT: return "words";
    case INTENT_NAME: return "name";
    case INTENT_VALUE: return "value";
    case INTENT_SLOT: return "slot";
    case INTENT_APPROVE: return "approval";
    case INTENT_LANG: return "language";
    case INTENT_SCOPE: return "scope of the cell";
    case INTENT_KEEP: return "how long the cell is kept";
    case INTENT_LONG: return "what becomes of a long reply";
    case INTENT_GOAL: return "goal";
    case INTENT_SOURCE: return "source";
    default: return "checks";
    }
}

/* Which field of two intentions of one verb differs first. */
static void intent_point(struct sori_str then, struct sori_str now, struct buf *out) {
    struct sori_str a = then, b = now;
    struct rec_field x, y;
    for (;;) {
        int more = rec_next(&a, &x), other = rec_next(&b, &y);
        if (more != 1 && other != 1) return;
        if (more == 1 && other == 1 && field_eq(&x, &y)) continue;
        uint32_t tag = more != 1 ? y.tag : other != 1 ? x.tag : x.tag < y.tag ? x.tag : y.tag;
        buf_printf(out, "%s of ", field_word(tag));
        put_intent(now, out);
        return;
    }
}

void change_point(struct sori_str then, struct sori_str now, struct buf *out) {
    struct rec_field x, y;
    for (;;) {
        bool more = next_meant(&then, &x), other = next_meant(&now, &y);
        if (!more && !other) return;
        if (more && other && field_eq(&x, &y)) continue;
        if (more && other && x.tag == DEC_INTENT && y.tag == DEC_INTENT &&
            rec_get_int(x.s, INTENT_VERB, 0) == rec_get_int(y.s, INTENT_VERB, 0)) {
            intent_point(x.s, y.s, out);
        } else if ((more && x.tag == DEC_DIRECTION) || (other && y.tag == DEC_DIRECTION)) {
            bool had = more && x.tag == DEC_DIRECTION, has = other && y.tag == DEC_DIRECTION;
            buf_printf(out, "direction: %.*s → %.*s", had ? (int)x.s.len : 4,
                       had ? x.s.ptr : "none", has ? (int)y.s.len : 4, has ? y.s.ptr : "none");
        } else {
            buf_puts(out, more && other && x.tag == DEC_STATUS ? "status" : "what is done");
        }
        return;
    }
}

bool change_texts(struct sori_str then, struct sori_str now, struct sori_str *was,
                  struct sori_str *is) {
    struct rec_field x, y;
    while (next_meant(&then, &x) && next_meant(&now, &y)) {
        if (field_eq(&x, &y)) continue;
        if (x.tag != DEC_INTENT || y.tag != DEC_INTENT ||
            rec_get_int(x.s, INTENT_VERB, 0) != rec_get_int(y.s, INTENT_VERB, 0))
            return false;
        *was = rec_get_str(x.s, INTENT_TEXT);
        *is = rec_get_str(y.s, INTENT_TEXT);
        return was->len && is->len && !str_eq(*was, *is);
    }
    return false;
}
