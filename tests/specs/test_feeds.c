/* uses: blog_code */
/* Real feed files against what another reader made of them. Takes whatever cases the folder has:
 * $SORI_SPECS/feeds/{feedparser,feedvalidator} with files and expected.jsonl. */
#include "blog/feed.h"

#include "specs/specs.h"
#include "common/date.h"
#include "common/html.h"
#include "common/url.h"

#include <dirent.h>
#include <jansson.h>
#include <regex.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

#include <cmocka.h>

/* Differences that we want, each by its line in CHANNELS. They are counted apart. */
enum difference { ORIGINAL_LINK, RESOLVED_BY_LINK, STRANGE_TIME, TEXT_HTML_LINK, DIFFERENCES };
static const char *const reasons[DIFFERENCES] = {
    [ORIGINAL_LINK] = "CHANNELS 4.3, row url: \"feedburner:origLink wins\"",
    [RESOLVED_BY_LINK] = "CHANNELS 4.3: \"Links: resolve against xml:base, else the feed's link, "
                         "else the final request URL\"",
    [STRANGE_TIME] = "CHANNELS 4.3, Dates: \"24:00, second 60 ...: use the fetch time\"",
    [TEXT_HTML_LINK] = "CHANNELS 4.3, row url: \"link rel=alternate (default rel), first with type "
                       "text/html\"",
};

enum field { ID, LINK, TITLE, DATE, FIELDS };
static const char *const field_names[FIELDS] = {"id", "link", "title", "date"};

struct tally {
    size_t files, read, good_count, wanted[FIELDS], same[FIELDS], wanted_by_us[DIFFERENCES];
};

static char folder[4096];

static char *read_file(const char *path, size_t *len) {
    FILE *in = fopen(path, "rb");
    if (!in) return NULL;
    char *bytes = NULL;
    size_t used = 0, room = 0, n;
    do {
        if (room - used < 65536) bytes = realloc(bytes, room = room * 2 + 131072);
        assert_non_null(bytes);
        n = fread(bytes + used, 1, room - used, in);
        used += n;
    } while (n > 0);
    fclose(in);
    *len = used;
    return bytes;
}

static struct sori_str json_text(const json_t *object, const char *name) {
    const json_t *v = json_object_get(object, name);
    return json_is_string(v) ? (struct sori_str){json_string_value(v), json_string_length(v)}
                             : (struct sori_str){NULL, 0};
}

/* Is the text a date by RFC 822 or W3CDTF, with numbers in range? Judged by patterns of its own,
 * so that the parser under test has no say in it. */
static bool valid_date(struct sori_str s, bool *strange) {
    static const char *const patterns[] = {
        "^[0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01])([Tt]([01][0-9]|2[0-4]):[0-5][0-9]"
        "(:([0-5][0-9]|60)([.][0-9]+)?)?([Zz]|[+-][0-9]{2}:[0-9]{2}))?)?)?$",
        "^((mon|tue|wed|thu|fri|sat|sun),[ \n\t]+)?[0-9]{1,2}[ \n\t]+"
        "(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[ \n\t]+([0-9]{2}|[0-9]{4})[ \n\t]+"
        "([01][0-9]|2[0-4]):[0-5][0-9](:([0-5][0-9]|60))?[ \n\t]+"
        "(ut|gmt|[a-ik-z]|[ecmp][sd]t|[+-][0-9]{4})$"};
    char text[128] = {0};
    if (s.len >= sizeof text) return false;
    memcpy(text, s.ptr, s.len);
    bool hit = false;
    for (size_t i = 0; i < 2 && !hit; i++) {
        regex_t re;
        assert_int_equal(regcomp(&re, patterns[i], REG_EXTENDED | REG_ICASE | REG_NOSUB), 0);
        hit = regexec(&re, text, 0, NULL, 0) == 0;
        regfree(&re);
    }
    *strange = strstr(text, "24:") || strstr(text, ":60");
    int year = 0, month = 0, day = 0;
    if (hit && sscanf(text, "%4d-%2d-%2d", &year, &month, &day) == 3) {
        struct tm tm = {.tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day};
        timegm(&tm);
        hit = tm.tm_mday == day; /* 31 June is no date */
    }
    return hit;
}

static bool same_folded(struct sori_str ours, struct sori_str theirs, bool html) {
    struct text a = {0}, b = {0}, c = {0};
    text_fold(&a, ours);
    if (html) html_plain(&b, theirs);
    text_fold(&c, html ? text_view(&b) : theirs);
    bool same = s_eq(text_view(&a), text_view(&c));
    text_free(&a);
    text_free(&b);
    text_free(&c);
    return same;
}

struct one {
    const char *file;
    struct tally *t;
    const struct feed *feed;
    struct sori_str base;
};

static void wrong(struct one *o, enum field field, struct sori_str want, struct sori_str have) {
    printf("  %s: %s: want \"%.*s\", have \"%.*s\"\n", o->file, field_names[field],
           S(s_head(want, 160)), S(s_head(have, 160)));
}

static void judge(struct one *o, enum field field, bool same, struct sori_str want,
                  struct sori_str have) {
    o->t->wanted[field]++;
    if (same)
        o->t->same[field]++;
    else
        wrong(o, field, want, have);
}

static void check_link(struct one *o, const json_t *oracle, const struct feed_entry *e) {
    struct sori_str want = json_text(oracle, "link");
    if (!url_is_http(want)) return;
    bool same = s_eq(want, e->url);
    if (!same && e->original) {
        o->t->wanted_by_us[ORIGINAL_LINK]++;
        return;
    }
    /* The same reference, resolved against the feed's own link instead of its address. */
    struct sori_str origin = o->base;
    struct url a = url_split(want), b = url_split(origin);
    if (!same && s_eq(a.authority, b.authority) && o->feed->url.len) {
        o->t->wanted_by_us[RESOLVED_BY_LINK]++;
        return;
    }
    const json_t *links = json_object_get(oracle, "links");
    for (size_t i = 0; !same && i < json_array_size(links); i++) {
        const json_t *link = json_array_get(links, i);
        if (!s_is(json_text(link, "rel"), "alternate") || !s_eq(json_text(link, "href"), e->url))
            continue;
        o->t->wanted_by_us[TEXT_HTML_LINK]++; /* several alternates: ours is the first of them */
        return;
    }
    judge(o, LINK, same, want, e->url);
}

static void check_date(struct one *o, const json_t *oracle, const char *name, const char *utc,
                       bool have, int64_t ours) {
    struct sori_str text = s_trim(json_text(oracle, name)), want = json_text(oracle, utc);
    bool strange;
    int64_t theirs;
    if (!want.len || !valid_date(text, &strange) || !date_parse(want, &theirs)) return;
    if (strange && !have) {
        o->t->wanted_by_us[STRANGE_TIME]++;
        return;
    }
    char shown[32] = "none";
    if (have) date_format(ours, shown);
    /* Their times have no fractions. */
    bool same = have && ours - ((ours % 1000) + 1000) % 1000 == theirs;
    judge(o, DATE, same, want, s_of(shown));
}

static void check_entry(struct one *o, const json_t *oracle, const struct feed_entry *e) {
    struct sori_str id = json_text(oracle, "id"), title = json_text(oracle, "title");
    if (id.len) judge(o, ID, s_eq(id, e->id), id, e->id);
    /* Their title is markup or words and does not say which: one reading must be ours. */
    if (title.len)
        judge(o, TITLE, same_folded(e->title, title, true) || same_folded(e->title, title, false),
              title, e->title);
    check_link(o, oracle, e);
    check_date(o, oracle, "published", "published_utc", e->dated, e->published);
    /* dc:date is `updated` to them and the time of publication to us. */
    check_date(o, oracle, "updated", "updated_utc", e->redated || e->dated,
               e->redated ? e->updated : e->published);
}

static void check_case(const char *set, const json_t *row, struct tally *t) {
    const char *file = json_string_value(json_object_get(row, "file"));
    const json_t *oracle = json_object_get(row, "oracle");
    const json_t *entries = json_object_get(oracle, "entries");
    const json_t *meets = json_object_get(row, "oracle_meets_expect");
    if (!file || json_array_size(entries) == 0 || (meets && !json_is_true(meets))) return;
    if (strcmp(set, "feedparser") == 0 && !json_is_true(meets)) return;
    /* Channel definitions and outlines are no feeds of entries. */
    if (strstr(file, "/cdf/") || strstr(file, "cdf_") || strstr(file, "opml/")) return;
    if (s_is(json_text(oracle, "version"), "cdf")) return;
    char path[8192], base[4096];
    snprintf(path, sizeof path, "%s/%s/%s", folder, set, file);
    snprintf(base, sizeof base, "http://127.0.0.1:8097/tests/%s", file);
    size_t len = 0;
    char *bytes = read_file(path, &len);
    if (!bytes) return; /* another selection of the same files */
    struct sori_str type = {NULL, 0};
    json_t *headers = json_object_get(row, "http_headers"), *value;
    const char *name;
    json_object_foreach(headers, name, value) {
        if (s_same(s_of(name), "content-type")) type = json_text(headers, name);
    }
    struct feed f;
    feed_parse(&f, (struct sori_str){bytes, len}, type, s_of(base));
    struct one o = {file, t, &f, s_of(base)};
    t->files++;
    if (f.count == json_array_size(entries)) {
        t->good_count++;
        for (size_t i = 0; i < f.count; i++)
            check_entry(&o, json_array_get(entries, i), &f.entries[i]);
    } else {
        printf("  %s: %zu entries wanted, %zu found\n", file, json_array_size(entries), f.count);
    }
    feed_free(&f);
    free(bytes);
}

/* Every file below the folder is read under several guises: none may crash, hang or leak. */
static size_t read_all(const char *path) {
    DIR *dir = opendir(path);
    size_t n = 0;
    for (struct dirent *d; dir && (d = readdir(dir));) {
        char below[8192];
        struct stat st;
        snprintf(below, sizeof below, "%s/%s", path, d->d_name);
        if (d->d_name[0] == '.' || stat(below, &st) != 0) continue;
        if (S_ISDIR(st.st_mode)) {
            n += read_all(below);
            continue;
        }
        size_t len = 0;
        char *bytes = read_file(below, &len);
        assert_non_null(bytes);
        for (int half = 0; half < 2; half++) {
            struct feed f;
            struct timespec begin, end;
            clock_gettime(CLOCK_MONOTONIC, &begin);
            feed_parse(&f, (struct sori_str){bytes, half ? len / 2 : len}, s_of("text/xml"),
                       s_of("http://127.0.0.1/"));
            for (size_t i = 0; i < f.count; i++) assert_true(f.entries[i].key.len > 0);
            feed_free(&f);
            clock_gettime(CLOCK_MONOTONIC, &end);
            if (end.tv_sec - begin.tv_sec > 5) fail_msg("%s takes longer than 5 s", below);
        }
        free(bytes);
        n++;
    }
    if (dir) closedir(dir);
    return n;
}

static void run_set(const char *set) {
    char path[8192];
    snprintf(path, sizeof path, "%s/%s", folder, set);
    struct tally t = {0};
    t.read = read_all(path);
    printf("%s: %zu files read whole and cut in half\n", set, t.read);
    if (t.read == 0) fail_msg("%s holds no file", path);
    snprintf(path, sizeof path, "%s/%s/expected.jsonl", folder, set);
    size_t len = 0;
    char *lines = read_file(path, &len);
    if (!lines) fail_msg("%s is missing", path);
    struct sori_str rest = {lines, len}, line;
    while (s_next(&rest, '\n', &line)) {
        json_t *row = json_loadb(line.ptr, line.len, 0, NULL);
        if (row) check_case(set, row, &t);
        json_decref(row);
    }
    free(lines);
    printf("%s: entry count right in %zu of %zu files\n", set, t.good_count, t.files);
    for (int i = 0; i < FIELDS; i++)
        printf("%s: %s right in %zu of %zu values\n", set, field_names[i], t.same[i], t.wanted[i]);
    for (int i = 0; i < DIFFERENCES; i++)
        printf("%s: %zu deliberately different by %s\n", set, t.wanted_by_us[i], reasons[i]);
    if (t.files == 0) fail_msg("%s has no case with entries", set);
    assert_true(t.good_count * 100 >= t.files * 99);
    for (int i = 0; i < FIELDS; i++) assert_true(t.same[i] * 100 >= t.wanted[i] * 95);
}

static void feedparser(void **state) {
    (void)state;
    run_set("feedparser");
}

static void feedvalidator(void **state) {
    (void)state;
    run_set("feedvalidator");
}

int main(void) {
    struct stat st;
    snprintf(folder, sizeof folder, "%s/feeds", specs_folder());
    if (stat(folder, &st) != 0) return specs_absent(folder);
    const struct CMUnitTest tests[] = {cmocka_unit_test(feedparser),
                                       cmocka_unit_test(feedvalidator)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
