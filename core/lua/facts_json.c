/* The JSON of an interaction (the one form of import, export and `policy try`) as a fact record. */
#include "lua/policy_inner.h"

#include <jansson.h>

static struct sori_str text_of(const json_t *j) {
    return (struct sori_str){json_string_value(j), json_string_length(j)};
}

static bool put_value(struct buf *facts, const struct fact_info *info, const json_t *j,
                      uint64_t *have, struct err *err) {
    struct loose v = {0};
    if (json_is_null(j)) return true;
    if (json_is_string(j))
        v = (struct loose){.type = LOOSE_TEXT, .text = text_of(j)};
    else if (json_is_number(j))
        v = (struct loose){.type = LOOSE_NUMBER, .number = json_number_value(j)};
    else if (json_is_boolean(j))
        v = (struct loose){.type = LOOSE_TRUTH, .truth = json_is_true(j)};
    else
        return err_set(err, "%s: a text, a number, true or false is expected", info->lua);
    if (*have >> info->tag & 1) return true; /* "facts" were read first and win */
    if (v.type == LOOSE_TEXT && v.text.len == 0 && info->type != FT_STR) return true;
    *have |= 1ull << info->tag;
    return fact_put(facts, info, &v, err);
}

static bool put_facts(struct buf *facts, const json_t *object, uint64_t *have, struct err *err) {
    const char *key;
    json_t *value;
    if (object && !json_is_object(object))
        return err_set(err, "facts: { \"name\": value } is expected");
    json_object_foreach((json_t *)object, key, value) {
        const struct fact_info *info = fact_by_name(str_c(key));
        if (!info) {
            const char *names[FACT_TOP];
            for (size_t i = 0; i < fact_count; i++) names[i] = fact_table[i].lua;
            const char *near = nearest_word(str_c(key), names, fact_count);
            return err_set(
                err, near ? "facts.%s: no such fact; did you mean '%s'?" : "facts.%s: no such fact",
                key, near);
        }
        if (!put_value(facts, info, value, have, err)) return err_prefix(err, "facts");
    }
    return true;
}

static bool put_scores(struct buf *facts, const json_t *object, struct err *err) {
    const char *key;
    json_t *value;
    if (object && !json_is_object(object))
        return err_set(err, "labels: { \"tone.negative\": 0.9 } is expected");
    json_object_foreach((json_t *)object, key, value) {
        int64_t score = json_is_number(value) ? score_of(json_number_value(value)) : -1;
        if (score < 0) return err_set(err, "labels.%s: a number from 0 to 1 is expected", key);
        label_put(facts, str_c(key), score);
    }
    return true;
}

/* Without a tone of its own: the likeliest "tone.…" of the labels, unsure below the usual floor. */
static void put_tone(struct buf *facts, const json_t *labels, uint64_t *have) {
    enum { FLOOR = 6000 };
    const char *key;
    json_t *value;
    int64_t best = -1, tone = 0;
    json_object_foreach((json_t *)labels, key, value) {
        int64_t score = score_of(json_number_value(value)),
                of = str_starts(str_c(key), SORI_STR("tone.")) ? tone_of(str_c(key + 5)) : -1;
        if (of < 0 || score <= best) continue;
        best = score;
        tone = of;
    }
    if (best < 0 || *have >> FACT_TONE & 1) return;
    *have |= 1ull << FACT_TONE;
    rec_int(facts, FACT_TONE, best < FLOOR ? TONE_UNSURE : tone);
}

static bool put_cells(struct buf *facts, const json_t *object, struct err *err) {
    const char *key;
    json_t *value;
    if (object && !json_is_object(object))
        return err_set(err, "cells: { \"sorries\": 1 } is expected");
    json_object_foreach((json_t *)object, key, value) {
        if (!json_is_integer(value))
            return err_set(err, "cells.%s: a whole number is expected", key);
        cell_put(facts, str_c(key), json_integer_value(value));
    }
    return true;
}

/* { "topic.delivery": { "hour": 14, "usual": 2.1 } } */
static bool put_windows(struct buf *facts, const json_t *object, struct err *err) {
    const char *key;
    json_t *value;
    if (object && !json_is_object(object))
        return err_set(err, "windows: { \"topic.delivery\": { \"hour\": 14, \"usual\": 2.1 } } is "
                            "expected");
    json_object_foreach((json_t *)object, key, value) {
        const json_t *hour = json_object_get(value, "hour"),
                     *usual = json_object_get(value, "usual");
        double n = json_number_value(usual);
        if (!json_is_integer(hour) || json_integer_value(hour) < 0 ||
            (usual && !json_is_number(usual)) || !(n >= 0 && n <= 1e9))
            return err_set(err, "windows.%s: { \"hour\": 14, \"usual\": 2.1 } is expected", key);
        window_put(facts, str_c(key), json_integer_value(hour), usual ? n : -1);
    }
    return true;
}

static bool put_named(struct buf *facts, const char *lua, const json_t *value, uint64_t *have,
                      struct err *err) {
    return !value || put_value(facts, fact_by_name(str_c(lua)), value, have, err);
}

/* What the form has under the names of facts. */
static const char *const same[] = {"kind", "share", "channel", "connection", "origin", "title",
                                   "text", "lang",  "said_at", "heard_at",   "url",    "tone"};

/* A fact in the wrong place would be left out, and another thing decided than was asked. */
static bool are_in_place(const json_t *all, struct err *err) {
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)all, key, value) {
        bool known = !strcmp(key, "id") || !strcmp(key, "author") || json_is_object(value) ||
                     json_is_array(value) || json_is_null(value);
        for (size_t i = 0; !known && i < sizeof same / sizeof *same; i++)
            known = !strcmp(key, same[i]);
        if (!known && fact_by_name(str_c(key)))
            return err_set(err, "%s: is a fact; write \"facts\": { \"%s\": … }", key, key);
    }
    return true;
}

/* What the form has under other names. */
static bool put_form(struct buf *facts, const json_t *all, uint64_t *have, struct err *err) {
    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        if (!put_named(facts, same[i], json_object_get(all, same[i]), have, err)) return false;
    const json_t *author = json_object_get(all, "author"),
                 *contact = json_object_get(all, "contact");
    if (author && json_is_string(author)) {
        if (!put_named(facts, "author", author, have, err)) return false;
    } else if (!put_named(facts, "author", json_object_get(author, "name"), have, err) ||
               !put_named(facts, "reach", json_object_get(author, "reach"), have, err))
        return false;
    const json_t *id = json_object_get(all, "id");
    if (json_is_integer(id) && !put_named(facts, "id", id, have, err)) return false;
    return put_named(facts, "relationship", json_object_get(contact, "relationship"), have, err) &&
           put_named(facts, "influencer", json_object_get(contact, "influencer"), have, err);
}

static void put_default(struct buf *facts, uint64_t have, uint32_t tag, int64_t value) {
    if (!(have >> tag & 1)) rec_int(facts, tag, value);
}

bool policy_facts_from_json(struct sori_str json, struct buf *facts, struct err *err) {
    json_error_t at;
    /* Some editors set a mark before UTF-8, which nobody sees. */
    if (str_starts(json, SORI_STR("\xef\xbb\xbf"))) json.ptr += 3, json.len -= 3;
    json_t *all = json_loadb(json.ptr ? json.ptr : "", json.len, 0, &at);
    if (!all) return err_set(err, "line %d, column %d: no JSON: %s", at.line, at.column, at.text);
    size_t start = facts->len;
    uint64_t have = 0;
    bool ok = json_is_object(all) || err_set(err, "an object { … } is expected");
    ok = ok && are_in_place(all, err) &&
         put_facts(facts, json_object_get(all, "facts"), &have, err) &&
         put_form(facts, all, &have, err) &&
         put_scores(facts, json_object_get(all, "labels"), err) &&
         put_cells(facts, json_object_get(all, "cells"), err) &&
         put_windows(facts, json_object_get(all, "windows"), err);
    if (ok) {
        put_tone(facts, json_object_get(all, "labels"), &have);
        put_default(facts, have, FACT_ON, ENTRY_SAID);
        put_default(facts, have, FACT_KIND, KIND_COMMENT);
        put_default(facts, have, FACT_ORIGIN, ORIGIN_PERSON);
        put_default(facts, have, FACT_RELATIONSHIP, RELATION_NEUTRAL);
        put_default(facts, have, FACT_INFLUENCER, 0);
    } else
        facts->len = start;
    json_decref(all);
    return ok;
}
