/* uses: x_code */
/* How X counts and reads a text, over twitter-text's own conformance cases. */
#include "x/text.h"

#include "specs/specs.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

static struct {
    struct x_text *x;
    const char *group, *name;
    size_t passed, failed;
} now;

static struct sori_str text_of(const json_t *v) {
    return (struct sori_str){json_string_value(v), json_string_length(v)};
}

static void expect(bool holds, const char *want, const char *have) {
    holds ? now.passed++ : now.failed++;
    if (!holds) printf("FAILED %s: %s: want %s, have %s\n", now.group, now.name, want, have);
}

static void expect_json(struct json_t *have, const json_t *want) {
    char *h = json_dumps(have, JSON_ENCODE_ANY), *w = json_dumps(want, JSON_ENCODE_ANY);
    expect(json_equal(have, want), w ? w : "?", h ? h : "?");
    free(h);
    free(w);
    json_decref(have);
}

static json_t *json_of(struct sori_str s) { return json_stringn(s.ptr ? s.ptr : "", s.len); }

/* ---- weights ---- */

static void weighted(struct sori_str text, const json_t *want) {
    struct x_weight w = x_weigh(now.x, text, X_WEIGHT_MAX);
    expect_json(json_pack("{s:I,s:b,s:I,s:I,s:I,s:I,s:I}", "weightedLength", (json_int_t)w.weight,
                          "valid", w.valid, "permillage", (json_int_t)w.permillage,
                          "displayRangeStart", (json_int_t)0, "displayRangeEnd",
                          (json_int_t)w.units - 1, "validRangeStart", (json_int_t)0,
                          "validRangeEnd", (json_int_t)w.valid_units - 1),
                want);
}

/* ---- validation ---- */

static void username(struct sori_str text, const json_t *want) {
    expect_json(json_boolean(x_is_username(text)), want);
}
static void hashtag(struct sori_str text, const json_t *want) {
    expect_json(json_boolean(x_is_hashtag(text)), want);
}
static void url(struct sori_str text, const json_t *want) {
    expect_json(json_boolean(x_is_url(text, true)), want);
}

/* ---- extraction: strings, or objects with indices, as the case wants them ---- */

static void found(struct x_entities e, const char *member, const char *list, const json_t *want) {
    bool indices = json_is_object(json_array_get(want, 0));
    json_t *all = json_array();
    for (size_t i = 0; i < e.n; i++) {
        json_t *one = json_of(e.at[i].text);
        if (indices) {
            one = json_pack("{s:o,s:[I,I]}", member, one, "indices", (json_int_t)e.at[i].from,
                            (json_int_t)e.at[i].to);
            if (list && json_object_get(json_array_get(want, 0), list))
                json_object_set_new(one, list, json_of(e.at[i].list));
        }
        json_array_append_new(all, one);
    }
    expect_json(all, want);
}

static void urls(struct sori_str text, const json_t *want) {
    struct arena a = {0};
    found(x_urls(now.x, &a, text), "url", NULL, want);
    arena_free(&a);
}
static void mentions(struct sori_str text, const json_t *want) {
    struct arena a = {0};
    found(x_mentions(&a, text), "screen_name", "list_slug", want);
    arena_free(&a);
}
static void hashtags(struct sori_str text, const json_t *want) {
    struct arena a = {0};
    found(x_hashtags(now.x, &a, text), "hashtag", NULL, want);
    arena_free(&a);
}
static void reply(struct sori_str text, const json_t *want) {
    struct sori_str name = x_reply_to(text);
    expect_json(name.len ? json_of(name) : json_null(), want);
}

/* Every top-level domain of the list is one to us, but those that were given up since: so many
 * may be missing that the list is not ours by accident. */
static void top_level(struct sori_str text, const json_t *want) {
    struct arena a = {0};
    struct x_entities e = x_urls(now.x, &a, text);
    if (e.n != 1 || !s_eq(e.at[0].text, text_of(json_array_get(want, 0)))) now.failed++;
    now.passed++;
    arena_free(&a);
}

typedef void check(struct sori_str text, const json_t *want);

static const struct {
    const char *file, *group;
    check *check;
    size_t may_miss; /* percent */
} groups[] = {
    {"validate", "WeightedTweetsWithDiscountedEmojiCounterTest", weighted, 0},
    {"validate", "UnicodeDirectionalMarkerCounterTest", weighted, 0},
    {"validate", "usernames", username, 0},
    {"validate", "hashtags", hashtag, 0},
    {"validate", "urls", url, 0},
    {"extract", "urls", urls, 0},
    {"extract", "urls_with_indices", urls, 0},
    {"extract", "urls_with_directional_markers", urls, 0},
    {"extract", "tco_urls_with_params", urls, 0},
    {"extract", "mentions", mentions, 0},
    {"extract", "mentions_or_lists_with_indices", mentions, 0},
    {"extract", "replies", reply, 0},
    {"extract", "hashtags", hashtags, 0},
    {"extract", "hashtags_from_astral", hashtags, 0},
    {"extract", "hashtags_with_indices", hashtags, 0},
    {"tlds", "country", top_level, 10},
    {"tlds", "generic", top_level, 10},
};

static json_t *load(const char *folder, const char *name) {
    char path[4096];
    json_error_t e;
    snprintf(path, sizeof path, "%s/twitter-text/conformance/%s.json", folder, name);
    json_t *all = json_load_file(path, JSON_ALLOW_NUL, &e);
    if (!all) printf("FAILED %s: %s\n", path, e.text);
    return all;
}

static bool run(const json_t *file, size_t g) {
    const json_t *all = json_object_get(json_object_get(file, "tests"), groups[g].group), *one;
    size_t i;
    now.passed = now.failed = 0;
    now.group = groups[g].group;
    json_array_foreach(all, i, one) {
        const json_t *text = json_object_get(one, "text");
        const json_t *want = json_object_get(one, "expected");
        now.name = json_string_value(json_object_get(one, "description"));
        if (!json_is_string(text) || !want || !now.name)
            expect(false, "text, expected and description", "a case without them");
        else
            groups[g].check(text_of(text), want);
    }
    printf("%-8s %-44s %3zu cases, %zu not as wanted\n", groups[g].file, now.group,
           json_array_size(all), now.failed);
    if (json_array_size(all) == 0) printf("FAILED %s: the group has no case\n", now.group);
    return json_array_size(all) > 0 && now.failed * 100 <= now.passed * groups[g].may_miss;
}

int main(void) {
    const char *folder = specs_folder(), *why;
    char path[4096];
    struct stat st;
    snprintf(path, sizeof path, "%s/twitter-text", folder);
    if (stat(path, &st) != 0) return specs_absent(path);
    now.x = x_text_open(&why);
    if (!now.x) {
        printf("FAILED: %s\n", why);
        return 1;
    }
    bool good = true;
    json_t *file = NULL;
    for (size_t g = 0; g < sizeof groups / sizeof *groups; g++) {
        if (g == 0 || strcmp(groups[g].file, groups[g - 1].file) != 0) {
            json_decref(file);
            file = load(folder, groups[g].file);
        }
        good = run(file, g) && good;
    }
    json_decref(file);
    x_text_close(now.x);
    return good ? 0 : 1;
}
