/* The facts by name and number, and a record of them decoded. */
#include "lua/policy_inner.h"
#include "base/clock.h"
#include "base/utf8.h"

#include <math.h>
#include <stdlib.h>

#define KIND_INT                            FT_INT, NULL, NULL
#define KIND_STR                            FT_STR, NULL, NULL
#define KIND_BOOL                           FT_BOOL, NULL, NULL
#define KIND_TIME                           FT_TIME, NULL, NULL
#define KIND_ENUM(t)                        FT_ENUM, t##_word, t##_of
#define ROW(tag, type, word, of, lua, help) {tag, type, lua, help, word, of},
#define ROW_(...)                           ROW(__VA_ARGS__)
#define FACT(tag, NAME, type, lua, help)    ROW_(tag, KIND_##type, lua, help)
const struct fact_info fact_table[] = {
#include "base/fields.def"
};
const size_t fact_count = sizeof fact_table / sizeof *fact_table;

const struct fact_info *fact_by_name(struct sori_str lua) {
    for (size_t i = 0; i < fact_count; i++)
        if (str_is(lua, fact_table[i].lua)) return &fact_table[i];
    return NULL;
}

const struct fact_info *fact_by_tag(uint32_t tag) {
    for (size_t i = 0; i < fact_count; i++)
        if (fact_table[i].tag == tag) return &fact_table[i];
    return NULL;
}

static void read_score(const struct policy *p, struct facts *f, struct sori_str nested) {
    struct sori_str name = rec_get_str(nested, 1);
    for (size_t i = 0; i < p->used_count; i++)
        if (str_eq(name, p->used[i].name)) {
            f->score[i] = rec_get_int(nested, 2, 0);
            f->have_score |= 1ull << i;
        }
}

static void read_cell(const struct policy *p, struct facts *f, struct sori_str nested) {
    struct sori_str name = rec_get_str(nested, 1);
    for (size_t i = 0; i < p->cell_count; i++)
        if (str_eq(name, p->cells[i].name)) {
            f->cell[i] = rec_get_int(nested, 2, 0);
            f->have_cell |= 1ull << i;
        }
}

/* By tag: 1 + the type that a fact has in a record, 0 where there is none. */
static const uint8_t type_of[FACT_TOP] = {
#undef ROW
#define ROW(tag, type, word, of, lua, help) [tag] = (type) == FT_STR ? 1 + REC_STR : 1 + REC_INT,
#define FACT(tag, NAME, type, lua, help)    ROW_(tag, KIND_##type, lua, help)
#include "base/fields.def"
};

bool facts_read(const struct policy *p, struct facts *f, struct sori_str record) {
    f->have = f->have_score = f->listed = f->have_cell = 0;
    f->missed = f->missed_score = f->missed_cell = 0;
    f->searched = f->exhausted = f->windows = false;
    f->record = record;
    memset(f->cell, 0, p->cell_count * sizeof *f->cell);
    struct rec_field field;
    int more;
    while ((more = rec_next(&record, &field)) == 1) {
        /* A fact of the wrong type counts as unknown. */
        if (field.type != REC_REC && field.tag < FACT_TOP && type_of[field.tag] == field.type + 1) {
            f->f[field.tag] = field;
            f->have |= 1ull << field.tag;
        } else if (field.tag == FACT_LABEL && field.type == REC_REC)
            read_score(p, f, field.s);
        else if (field.tag == FACT_WINDOW && field.type == REC_REC)
            f->windows = true;
        else if (field.tag == FACT_CELL && field.type == REC_REC)
            read_cell(p, f, field.s);
    }
    return more == 0;
}

void span_print(struct buf *b, int64_t ms) {
    int64_t min = ms / 60000;
    if (ms < 0)
        buf_puts(b, "0 min");
    else if (min < 60)
        buf_printf(b, "%lld min", (long long)min);
    else if (min < 48 * 60) {
        buf_printf(b, "%lld h", (long long)(min / 60));
        if (min % 60) buf_printf(b, " %lld min", (long long)(min % 60));
    } else
        buf_printf(b, "%lld days", (long long)(min / 60 / 24));
}

void span_exact(struct buf *b, int64_t ms) {
    enum { MINUTE = 60000, HOUR = 60 * MINUTE, DAY = 24 * HOUR };
    if (ms <= 0 || (ms % MINUTE == 0 && (ms < 2 * DAY || ms % DAY == 0))) {
        span_print(b, ms);
        return;
    }
    size_t before = b->len;
    if (ms >= HOUR) buf_printf(b, "%lld h ", (long long)(ms / HOUR));
    if (ms % HOUR >= MINUTE) buf_printf(b, "%lld min ", (long long)(ms % HOUR / MINUTE));
    if (ms % MINUTE >= 1000) buf_printf(b, "%lld s ", (long long)(ms % MINUTE / 1000));
    if (ms % 1000) buf_printf(b, "%lld ms ", (long long)(ms % 1000));
    if (b->len > before) b->data[--b->len] = 0;
}

void fact_print(struct buf *b, const struct fact_info *info, const struct facts *f) {
    if (!fact_has(f, info->tag)) {
        buf_puts(b, "unknown");
        return;
    }
    const struct rec_field *v = &f->f[info->tag];
    switch (info->type) {
    case FT_STR: buf_str(b, v->s); break;
    case FT_ENUM: buf_puts(b, info->word(v->i)); break;
    case FT_BOOL: buf_puts(b, v->i ? "true" : "false"); break;
    case FT_TIME: clock_rfc3339(b, v->i); break;
    case FT_INT:
        if (info->tag == FACT_WAITED || info->tag == FACT_WINDOW_LEFT)
            span_print(b, v->i);
        else if (info->tag == FACT_TONE_SURE)
            buf_printf(b, "%lld.%04lld", (long long)(v->i / 10000), (long long)(v->i % 10000));
        else
            buf_printf(b, "%lld", (long long)v->i);
    }
}

static bool no_such_word(const struct fact_info *info, struct sori_str text, struct err *err) {
    struct buf all = {0};
    for (int i = 0; i < 32; i++)
        if (strcmp(info->word(i), "?") != 0 && info->word(i)[0])
            buf_printf(&all, "%s%s", all.len ? ", " : "", info->word(i));
    err_set(err, "%s: no such word '%.*s'; expected one of: %s", info->lua, STR(text), all.data);
    buf_free(&all);
    return false;
}

static bool put_text(struct buf *record, const struct fact_info *info, struct sori_str text,
                     struct err *err) {
    int64_t n;
    switch (info->type) {
    case FT_STR: rec_str(record, info->tag, text); return true;
    case FT_ENUM:
        n = info->of(text);
        if (n < 0) return no_such_word(info, text, err);
        rec_int(record, info->tag, n);
        return true;
    case FT_TIME:
        if (!clock_parse_rfc3339(text, &n))
            return err_set(err, "%s: '%.*s' is no time; write it like 2026-11-22T03:05:00Z",
                           info->lua, STR(text));
        rec_int(record, info->tag, n);
        return true;
    case FT_INT:
        if (!clock_parse_span(text, &n))
            return err_set(err, "%s: '%.*s' is no number and no span like \"90m\"", info->lua,
                           STR(text));
        rec_int(record, info->tag, n);
        return true;
    default: return err_set(err, "%s: true or false is expected, not a text", info->lua);
    }
}

bool fact_put(struct buf *record, const struct fact_info *info, const struct loose *v,
              struct err *err) {
    if (v->type == LOOSE_TEXT) return put_text(record, info, v->text, err);
    if (v->type == LOOSE_TRUTH) {
        if (info->type != FT_BOOL)
            return err_set(err, "%s: true and false are not expected here", info->lua);
        rec_int(record, info->tag, v->truth);
        return true;
    }
    if (info->type != FT_INT && info->type != FT_TIME)
        return err_set(err, "%s: a number is not expected here", info->lua);
    double n = v->number;
    if (info->tag == FACT_TONE_SURE && n <= 1) n = round(n * 10000);
    if (!(n > -9e15 && n < 9e15)) return err_set(err, "%s: the number is too large", info->lua);
    rec_int(record, info->tag, (int64_t)n);
    return true;
}

void label_put(struct buf *record, struct sori_str label, int64_t score) {
    size_t mark = rec_begin(record, FACT_LABEL);
    rec_str(record, 1, label);
    rec_int(record, 2, score);
    rec_end(record, mark);
}

void cell_put(struct buf *record, struct sori_str cell, int64_t value) {
    size_t mark = rec_begin(record, FACT_CELL);
    rec_str(record, 1, cell);
    rec_int(record, 2, value);
    rec_end(record, mark);
}

void window_put(struct buf *record, struct sori_str topic, int64_t hour, double usual) {
    size_t mark = rec_begin(record, FACT_WINDOW);
    rec_str(record, 1, topic);
    rec_int(record, 2, hour);
    rec_int(record, 3, usual < 0 ? 0 : (int64_t)round(usual * 100));
    if (usual < 0) rec_int(record, 4, 0);
    rec_end(record, mark);
}

int64_t score_of(double number) {
    if (!(number >= 0 && number <= 10000)) return -1;
    return (int64_t)(number <= 1 ? round(number * 10000) : round(number));
}
