#include "lua/case/save.h"

#include "base/clock.h"
#include "base/utf8.h"
#include "lua/policy_inner.h"

/* ---- facts ---- */

static bool is_person(uint32_t tag) { return tag == FACT_AUTHOR || tag == FACT_OWNER; }

static bool is_text(uint32_t tag) {
    return tag == FACT_TEXT || tag == FACT_TITLE || tag == FACT_PARENT_TEXT ||
           tag == FACT_TARGET_TITLE || tag == FACT_URL || tag == FACT_WHY_NOT;
}

void case_mask(struct mask *m, struct sori_str facts, struct buf *out) {
    struct rec_field f;
    struct buf text = {0};
    /* Names first: texts speak of them. */
    for (struct sori_str rest = facts; rec_next(&rest, &f) == 1;)
        if (f.type == REC_STR && is_person(f.tag)) mask_person(m, f.s, &text);
    while (rec_next(&facts, &f) == 1) {
        buf_clear(&text);
        if (f.type == REC_INT)
            rec_int(out, f.tag, f.i);
        else if (f.type == REC_REC)
            rec_rec(out, f.tag, f.s);
        else if (is_person(f.tag)) {
            mask_person(m, f.s, &text);
            rec_str(out, f.tag, buf_view(&text));
        } else if (is_text(f.tag)) {
            mask_text(m, f.s, &text);
            rec_str(out, f.tag, buf_view(&text));
        } else
            rec_str(out, f.tag, f.s);
    }
    buf_free(&text);
}

static void with_id(struct sori_str facts, int64_t id, struct buf *out) {
    struct rec_field f;
    buf_clear(out);
    while (rec_next(&facts, &f) == 1)
        if (f.type == REC_INT)
            rec_int(out, f.tag, f.tag == FACT_ID ? id : f.i);
        else if (f.type == REC_REC)
            rec_rec(out, f.tag, f.s);
        else
            rec_str(out, f.tag, f.s);
}

/* The next field that is not the trace, which differs with every value seen. */
static int next_of(struct sori_str *rest, struct rec_field *f) {
    int more;
    while ((more = rec_next(rest, f)) == 1 && f->tag == DEC_TRACE) continue;
    return more;
}

static bool same_intent(struct sori_str a, struct sori_str b, bool texts) {
    struct rec_field f, g;
    for (;;) {
        int one, two;
        while ((one = rec_next(&a, &f)) == 1 && !texts && f.tag == INTENT_TEXT) continue;
        while ((two = rec_next(&b, &g)) == 1 && !texts && g.tag == INTENT_TEXT) continue;
        if (one != 1 || two != 1) return one == two;
        if (f.tag != g.tag || f.type != g.type || f.i != g.i || !str_eq(f.s, g.s)) return false;
    }
}

static bool same(struct sori_str a, struct sori_str b, bool texts) {
    struct rec_field f, g;
    for (;;) {
        int one = next_of(&a, &f), two = next_of(&b, &g);
        if (one != 1 || two != 1) return one == two;
        if (f.tag != g.tag || f.type != g.type) return false;
        if (f.type == REC_INT                          ? f.i != g.i
            : f.type == REC_REC && f.tag == DEC_INTENT ? !same_intent(f.s, g.s, texts)
                                                       : !str_eq(f.s, g.s))
            return false;
    }
}

bool case_same(struct sori_str a, struct sori_str b) { return same(a, b, false); }

void case_small_id(struct policy *p, struct sori_str facts, struct buf *out) {
    enum { TRIES = 64 };
    struct buf as_is = {0}, then = {0};
    policy_decide(p, facts, &as_is);
    for (int64_t id = 1; id <= TRIES; id++) {
        with_id(facts, id, out);
        buf_clear(&then);
        policy_decide(p, buf_view(out), &then);
        if (same(buf_view(&as_is), buf_view(&then), true)) break;
        if (id == TRIES) with_id(facts, rec_get_int(facts, FACT_ID, 1), out);
    }
    buf_free(&as_is);
    buf_free(&then);
}

/* ---- as Lua ---- */

static void put_text(struct buf *b, struct sori_str s) {
    buf_putc(b, '"');
    for (size_t i = 0, len; i < s.len; i += len) {
        uint32_t code = utf8_next((struct sori_str){s.ptr + i, s.len - i}, &len);
        if (code == '"' || code == '\\')
            buf_printf(b, "\\%c", (char)code);
        else if (code == '\n')
            buf_puts(b, "\\n");
        else if (len == 1 && (code == 0xfffd || code < 0x20 || code == 0x7f))
            buf_printf(b, "\\%03u", (unsigned)(unsigned char)s.ptr[i]);
        else if (!utf8_is_plain(code))
            buf_printf(b, "\\u{%x}", code);
        else
            buf_put(b, s.ptr + i, len);
    }
    buf_putc(b, '"');
}

static void put_share(struct buf *b, int64_t score) {
    buf_printf(b, "%lld.%04lld", (long long)(score / 10000), (long long)(score % 10000));
}

static void put_fact(struct buf *b, const struct fact_info *info, const struct rec_field *f) {
    int64_t back;
    struct buf time = {0};
    buf_printf(b, "    %s = ", info->lua);
    if (f->type == REC_STR)
        put_text(b, f->s);
    else if (info->type == FT_ENUM)
        put_text(b, str_c(info->word(f->i)));
    else if (info->type == FT_BOOL)
        buf_puts(b, f->i ? "true" : "false");
    else if (info->tag == FACT_TONE_SURE)
        put_share(b, f->i);
    else if (info->type == FT_TIME) {
        clock_rfc3339(&time, f->i);
        if (clock_parse_rfc3339(buf_view(&time), &back) && back == f->i)
            put_text(b, buf_view(&time));
        else
            buf_printf(b, "%lld", (long long)f->i);
    } else
        buf_printf(b, "%lld", (long long)f->i);
    buf_puts(b, ",\n");
    buf_free(&time);
}

static bool is_default(const struct rec_field *f) {
    switch (f->tag) {
    case FACT_ORIGIN: return f->i == ORIGIN_PERSON;
    case FACT_CAN_REPLY:
    case FACT_CAN_PRIVATE:
    case FACT_CAN_LIKE:
    case FACT_CAN_HIDE:
    case FACT_CAN_DELETE: return f->i == 1;
    case FACT_MODE: return f->i == MODE_AUTO;
    default: return false;
    }
}

/* What a test takes where nothing is said, and these facts do not have. */
static void put_unknown(struct buf *b, uint64_t have) {
    static const uint8_t taken[] = {FACT_RELATIONSHIP, FACT_INFLUENCER, FACT_CAN_REPLY,
                                    FACT_CAN_PRIVATE,  FACT_CAN_LIKE,   FACT_CAN_HIDE,
                                    FACT_CAN_DELETE,   FACT_MODE};
    for (size_t i = 0; i < sizeof taken; i++)
        if (!(have >> taken[i] & 1))
            buf_printf(b, "    %s = \"unknown\",\n", fact_by_tag(taken[i])->lua);
}

static void put_labels(struct buf *b, struct sori_str facts) {
    struct rec_field f;
    bool any = false;
    for (; rec_next(&facts, &f) == 1;) {
        if (f.tag != FACT_LABEL || f.type != REC_REC) continue;
        buf_puts(b, any ? ", [" : "    label = { [");
        put_text(b, rec_get_str(f.s, 1));
        buf_puts(b, "] = ");
        put_share(b, rec_get_int(f.s, 2, 0));
        any = true;
    }
    if (any) buf_puts(b, " },\n");
}

static void put_windows(struct buf *b, struct sori_str facts) {
    struct rec_field f;
    bool any = false;
    for (; rec_next(&facts, &f) == 1;) {
        if (f.tag != FACT_WINDOW || f.type != REC_REC) continue;
        int64_t usual = rec_get_int(f.s, 3, 0);
        buf_puts(b, any ? ", [" : "    windows = { [");
        put_text(b, rec_get_str(f.s, 1));
        buf_printf(b, "] = { hour = %lld", (long long)rec_get_int(f.s, 2, 0));
        if (rec_get_int(f.s, 4, WINDOW_KNOWN_HOURS) >= WINDOW_KNOWN_HOURS)
            buf_printf(b, ", usual = %lld.%02lld", (long long)(usual / 100),
                       (long long)(usual % 100));
        buf_puts(b, " }");
        any = true;
    }
    if (any) buf_puts(b, " },\n");
}

/* A cell is a name in Lua where it can be, else a key in brackets. */
static bool is_name(struct sori_str s) {
    bool ok = s.len && !(s.ptr[0] >= '0' && s.ptr[0] <= '9');
    for (size_t i = 0; i < s.len; i++)
        ok &= (s.ptr[i] >= 'a' && s.ptr[i] <= 'z') || (s.ptr[i] >= 'A' && s.ptr[i] <= 'Z') ||
              (s.ptr[i] >= '0' && s.ptr[i] <= '9') || s.ptr[i] == '_';
    return ok;
}

static void put_cells(const struct policy *p, struct sori_str facts, struct buf *b,
                      struct buf *left) {
    struct rec_field f;
    while (rec_next(&facts, &f) == 1) {
        if (f.tag != FACT_CELL || f.type != REC_REC) continue;
        struct sori_str name = rec_get_str(f.s, 1);
        bool known = false;
        for (size_t i = 0; i < p->cell_count; i++) known |= str_eq(p->cells[i].name, name);
        if (!known) {
            buf_printf(left, "%scell %.*s", left->len ? ", " : "", STR(name));
            continue;
        }
        buf_puts(b, is_name(name) ? "    " : "    [");
        if (is_name(name))
            buf_str(b, name);
        else
            put_text(b, name);
        buf_printf(b, "%s = %lld,\n", is_name(name) ? "" : "]", (long long)rec_get_int(f.s, 2, 0));
    }
}

static void put_given(const struct policy *p, struct sori_str facts, struct buf *b,
                      struct buf *left) {
    struct rec_field f;
    uint64_t have = 0;
    buf_puts(b, "  given = {\n");
    for (struct sori_str rest = facts; rec_next(&rest, &f) == 1;) {
        const struct fact_info *info = f.tag < FACT_TOP ? fact_by_tag(f.tag) : NULL;
        if (!info || f.type == REC_REC || have >> f.tag & 1) continue;
        have |= 1ull << f.tag;
        if (!is_default(&f)) put_fact(b, info, &f);
    }
    put_unknown(b, have);
    put_labels(b, facts);
    put_windows(b, facts);
    put_cells(p, facts, b, left);
    buf_puts(b, "  },\n");
}

/* ---- what is expected ---- */

static void put_span(struct buf *b, int64_t ms) {
    static const struct {
        const char *unit;
        int64_t ms;
    } units[] = {{"d", 86400000}, {"h", 3600000}, {"m", 60000}, {"s", 1000}, {"ms", 1}};
    size_t u = 0;
    while (u + 1 < sizeof units / sizeof *units && ms % units[u].ms) u++;
    buf_printf(b, "\"%lld%s\"", (long long)(ms / units[u].ms), units[u].unit);
}

/* reply = "sorry", tag = { "a", "b" }, hold = true */
static void put_verb(struct sori_str decision, int verb, struct buf *b) {
    struct rec_field f;
    struct buf list = {0};
    size_t n = 0, named = 0;
    while (rec_next(&decision, &f) == 1) {
        if (f.tag != DEC_INTENT || f.type != REC_REC) continue;
        if (rec_get_int(f.s, INTENT_VERB, 0) != verb) continue;
        struct sori_str name = rec_get_str(f.s, INTENT_NAME);
        bool span = verb == VERB_CLOCK || verb == VERB_FOLLOW_UP;
        n++;
        if (!span && !name.len) continue;
        buf_puts(&list, named++ ? ", " : "");
        if (span)
            put_span(&list, rec_get_int(f.s, INTENT_VALUE, 0));
        else
            put_text(&list, name);
    }
    if (n && !named) buf_printf(b, "    %s = true,\n", verb_word(verb));
    if (named == 1) buf_printf(b, "    %s = %s,\n", verb_word(verb), list.data);
    if (named > 1) buf_printf(b, "    %s = { %s },\n", verb_word(verb), list.data);
    buf_free(&list);
}

static void put_list(struct sori_str decision, uint32_t tag, const char *key, struct buf *b) {
    struct rec_field f;
    size_t n = 0;
    while (rec_next(&decision, &f) == 1) {
        if (f.tag != tag || f.type != REC_STR) continue;
        if (n++)
            buf_puts(b, ", ");
        else
            buf_printf(b, "    %s = { ", key);
        put_text(b, f.s);
    }
    if (n) buf_puts(b, " },\n");
}

static void put_expect(struct sori_str decision, struct buf *b) {
    struct rec_field f;
    bool speaks = false, approve = false;
    uint64_t verbs = 0;
    for (struct sori_str rest = decision; rec_next(&rest, &f) == 1;) {
        if (f.tag != DEC_INTENT || f.type != REC_REC) continue;
        int64_t verb = rec_get_int(f.s, INTENT_VERB, 0);
        if (verb > 0 && verb < 64) verbs |= 1ull << verb;
        speaks |= verb < VERB_ASSIGN;
        approve |= (verb == VERB_REPLY || verb == VERB_PRIVATE_REPLY) &&
                   rec_get_int(f.s, INTENT_APPROVE, 0);
    }
    buf_puts(b, "  expect = {\n    status = ");
    put_text(b, str_c(decision_word(rec_get_int(decision, DEC_STATUS, 0))));
    buf_puts(b, ",\n    rule = ");
    if (rec_get_str(decision, DEC_RULE).len)
        put_text(b, rec_get_str(decision, DEC_RULE));
    else
        buf_puts(b, "false");
    buf_puts(b, ",\n");
    if (rec_get_str(decision, DEC_DIRECTION).len) {
        buf_puts(b, "    direction = ");
        put_text(b, rec_get_str(decision, DEC_DIRECTION));
        buf_puts(b, ",\n");
    }
    put_list(decision, DEC_NOTE, "notes", b);
    for (int verb = 1; verb < 64; verb++)
        if (verbs >> verb & 1) put_verb(decision, verb, b);
    if (verbs >> VERB_REPLY & 1 || verbs >> VERB_PRIVATE_REPLY & 1)
        buf_printf(b, "    approve = %s,\n", approve ? "true" : "false");
    if (!speaks) buf_puts(b, "    silent = true,\n");
    buf_puts(b, "  },\n");
}

void case_write(const struct policy *p, struct sori_str facts, struct sori_str decision,
                const char *name, struct buf *lua, struct buf *left) {
    buf_puts(lua, "saved:case(");
    put_text(lua, str_c(name));
    buf_puts(lua, ") {\n");
    put_given(p, facts, lua, left);
    put_expect(decision, lua);
    buf_puts(lua, "}\n");
}
