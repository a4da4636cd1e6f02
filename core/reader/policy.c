/* Facts and decisions as JSON, by the names that policies use. */
#include "reader/part.h"

#include "base/enums.h"
#include "base/item.h"
#include "lua/policy.h"

#include <stdlib.h>

enum value_kind { V_INT, V_STR, V_BOOL, V_TIME, V_WORD };

static const struct {
    uint32_t tag;
    const char *name;
    enum value_kind kind;
    const char *(*word)(int64_t);
} fact_table[] = {
#define AS_INT                           V_INT, NULL
#define AS_STR                           V_STR, NULL
#define AS_BOOL                          V_BOOL, NULL
#define AS_TIME                          V_TIME, NULL
#define AS_ENUM(table)                   V_WORD, table##_word
#define FACT(tag, NAME, type, lua, help) {tag, lua, AS_##type},
#include "base/fields.def"
};

static void one_fact(const struct rec_field *f, struct jw *w) {
    for (size_t i = 0; i < sizeof fact_table / sizeof *fact_table; i++) {
        if (fact_table[i].tag != f->tag) continue;
        const char *name = fact_table[i].name;
        if (f->type == REC_STR)
            jw_str(w, name, f->s);
        else if (fact_table[i].kind == V_BOOL)
            jw_bool(w, name, f->i != 0);
        else if (fact_table[i].kind == V_TIME)
            jw_time(w, name, f->i);
        else if (fact_table[i].kind == V_WORD)
            jw_word(w, name, fact_table[i].word(f->i));
        else
            jw_int(w, name, f->i);
        return;
    }
}

/* Repeated {1 name, 2 number | 3 text} fields of one tag as an object. */
static void named(struct sori_str facts, uint32_t tag, const char *name, struct jw *w) {
    struct rec_field f;
    jw_open(w, name, '{');
    while (rec_next(&facts, &f) == 1) {
        if (f.tag != tag || f.type != REC_REC) continue;
        char *key = mem_text(rec_get_str(f.s, 1));
        struct sori_str text = rec_get_str(f.s, 3);
        if (text.ptr)
            jw_str(w, key, text);
        else
            jw_int(w, key, rec_get_int(f.s, 2, 0));
        free(key);
    }
    jw_close(w, '}');
}

/* Object "windows": of each topic the last hour and a usual one. */
static void windows(struct sori_str facts, struct jw *w) {
    struct rec_field f;
    jw_open(w, "windows", '{');
    while (rec_next(&facts, &f) == 1) {
        if (f.tag != FACT_WINDOW || f.type != REC_REC) continue;
        char *topic = mem_text(rec_get_str(f.s, 1));
        jw_open(w, topic, '{');
        jw_int(w, "hour", rec_get_int(f.s, 2, 0));
        if (rec_get_int(f.s, 4, WINDOW_KNOWN_HOURS) >= WINDOW_KNOWN_HOURS)
            jw_hundredths(w, "usual", rec_get_int(f.s, 3, 0));
        jw_close(w, '}');
        free(topic);
    }
    jw_close(w, '}');
}

void form_facts(struct sori_str facts, struct jw *w) {
    struct sori_str all = facts;
    struct rec_field f;
    jw_open(w, "facts", '{');
    while (rec_next(&facts, &f) == 1) one_fact(&f, w);
    jw_close(w, '}');
    named(all, FACT_LABEL, "scores", w);
    named(all, FACT_CELL, "cells", w);
    windows(all, w);
}

static void intent(struct sori_str record, struct jw *w) {
    jw_open(w, NULL, '{');
    jw_word(w, "verb", verb_word(rec_get_int(record, INTENT_VERB, 0)));
    struct sori_str name = rec_get_str(record, INTENT_NAME),
                    text = rec_get_str(record, INTENT_TEXT);
    if (name.len > 0) jw_str(w, "name", name);
    if (text.len > 0) jw_str(w, "text", text);
    int64_t value = rec_get_int(record, INTENT_VALUE, INT64_MIN);
    if (value != INT64_MIN) jw_int(w, "value", value);
    int64_t slot = rec_get_int(record, INTENT_SLOT, 0);
    if (slot) jw_int(w, "slot", slot);
    if (rec_get_int(record, INTENT_APPROVE, 0)) jw_bool(w, "approve", true);
    if (rec_get_rec(record, INTENT_CHECK).len > 0) form_checks(record, INTENT_CHECK, w);
    struct sori_str goal = rec_get_str(record, INTENT_GOAL),
                    source = rec_get_str(record, INTENT_SOURCE);
    if (goal.len > 0) jw_str(w, "goal", goal);
    if (source.len > 0) jw_str(w, "source", source);
    jw_close(w, '}');
}

/* Repeated texts of one tag as an array. */
static void texts(struct sori_str record, uint32_t tag, const char *name, struct jw *w) {
    struct rec_field f;
    jw_open(w, name, '[');
    while (rec_next(&record, &f) == 1)
        if (f.tag == tag && f.type == REC_STR) jw_str(w, NULL, f.s);
    jw_close(w, ']');
}

void form_decision(struct sori_str result, struct jw *w) {
    jw_str(w, "where", rec_get_str(result, DEC_WHERE));
    jw_str(w, "outcome", rec_get_str(result, DEC_OUTCOME));
    jw_str(w, "direction", rec_get_str(result, DEC_DIRECTION));
    struct rec_field f;
    texts(result, DEC_LABEL, "labels", w);
    texts(result, DEC_NOTE, "notes", w);
    jw_open(w, "intentions", '[');
    while (rec_next(&result, &f) == 1)
        if (f.tag == DEC_INTENT && f.type == REC_REC) intent(f.s, w);
    jw_close(w, ']');
}
