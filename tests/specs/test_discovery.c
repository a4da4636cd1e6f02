/* uses: trackback_code PkgConfig::JANSSON */
/* Endpoint discovery over the published cases: whatever is found under $SORI_SPECS (default
 * ../shared/specs), never a fixed list. Absent: skipped loudly. Present without a case: failed. */
#include "trackback/discover.h"

#include "specs/specs.h"

#include "common/charset.h"
#include "common/url.h"

#include <glob.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

enum { PORT = 8123 };

static struct { int passed, failed; } tally;

static void judge(const char *name, const char *kind, struct sori_str got, const char *wanted) {
    if (s_is(got, wanted ? wanted : "")) {
        tally.passed++;
        return;
    }
    tally.failed++;
    printf("FAILED %s (%s): found \"%.*s\", expected \"%s\"\n", name, kind, S(got),
           wanted ? wanted : "");
}

static bool read_whole(const char *path, struct text *out) {
    FILE *f = fopen(path, "rb");
    if (!f) return false;
    char bytes[4096];
    size_t n;
    while ((n = fread(bytes, 1, sizeof bytes, f)) > 0) text_put(out, bytes, n);
    fclose(f);
    return true;
}

static struct sori_str pick(const struct endpoints *e, const char *kind) {
    return strcmp(kind, "pingback") == 0 ? e->pingback : e->webmention;
}

/* A stored HTTP answer: status line, fields, an empty line, the body. */
static struct endpoints of_answer(struct arena *a, struct sori_str answer, struct sori_str url) {
    struct sori_pair headers[64];
    struct sori_pairs list = {headers, 0};
    struct sori_str line;
    while (s_next(&answer, '\n', &line)) {
        line = s_trim(line);
        if (!line.len) break;
        size_t colon = s_find_char(line, ':');
        if (colon == line.len || list.count == 64 || s_starts(line, "HTTP/")) continue;
        headers[list.count++] =
            (struct sori_pair){s_head(line, colon), s_trim(s_from(line, colon + 1))};
    }
    return discover(a, answer, list, url);
}

static void exchange_case(const json_t *c, const char *file) {
    struct arena a = {0};
    struct text answer = {0}, path = {0};
    const char *target = json_string_value(json_object_get(c, "target"));
    const char *kind = json_string_value(json_object_get(c, "kind"));
    const char *slash = strrchr(file, '/');
    text_format(&path, "%.*s/http/%s", (int)(slash - file), file, target + strlen("http://"));
    if (!read_whole(path.data, &answer)) {
        tally.failed++;
        printf("FAILED %s: %s is missing\n", target, path.data);
    } else {
        struct endpoints e = of_answer(&a, text_view(&answer), s_of(target));
        judge(target, kind, pick(&e, kind), json_string_value(json_object_get(c, "endpoint")));
    }
    text_free(&answer);
    text_free(&path);
    arena_free(&a);
}

static void markup_case(const json_t *c) {
    struct arena a = {0};
    const char *input = json_string_value(json_object_get(c, "input"));
    const char *base = json_string_value(json_object_get(c, "base"));
    const char *kind = json_string_value(json_object_get(c, "kind"));
    bool header = strcmp(kind, "link-header") == 0;
    struct sori_pair link = {SORI_STR("link"), s_of(input)};
    struct sori_pairs headers = {&link, header ? 1 : 0};
    struct endpoints e =
        discover(&a, header ? (struct sori_str){0} : s_of(input), headers, s_of(base));
    judge(json_string_value(json_object_get(c, "name")), kind, e.webmention,
          json_string_value(json_object_get(c, "endpoint")));
    arena_free(&a);
}

static void expected_files(const char *pattern) {
    glob_t found;
    struct text path = {0};
    text_format(&path, "%s/%s", specs_folder(), pattern);
    if (glob(path.data, 0, NULL, &found) != 0) found.gl_pathc = 0;
    for (size_t i = 0; i < found.gl_pathc; i++) {
        size_t n;
        json_t *c, *all = json_load_file(found.gl_pathv[i], 0, NULL);
        if (!all) printf("FAILED %s: no JSON\n", found.gl_pathv[i]), tally.failed++;
        json_array_foreach(all, n, c) {
            if (json_object_get(c, "target"))
                exchange_case(c, found.gl_pathv[i]);
            else if (json_object_get(c, "input"))
                markup_case(c);
        }
        json_decref(all);
    }
    if (found.gl_pathc) globfree(&found);
    text_free(&path);
}

static void put_port(struct text *out, struct sori_str in) {
    while (in.len) {
        size_t at = s_find(in, "PORT");
        text_str(out, s_head(in, at));
        if (at < in.len) text_format(out, "%d", PORT);
        in = s_from(in, at + 4);
    }
}

static void put_key(struct text *t) {
    char *at;
    while ((at = t->data ? strstr(t->data, "KEY") : NULL)) memcpy(at, "abc", 3);
}

static struct sori_str said(struct arena *a, struct sori_str in) {
    struct text t = {0};
    put_port(&t, in);
    put_key(&t);
    return text_keep(&t, a);
}

static void numbered_case(const char *file) {
    struct arena a = {0};
    struct sori_pair headers[16];
    struct sori_pairs list = {headers, 0};
    struct text body = {0}, path = {0};
    json_t *pair, *c = json_load_file(file, 0, NULL);
    size_t i;
    const char *slash = strrchr(file, '/');
    text_format(&path, "%.*s/%s", (int)(slash - file), file,
                json_string_value(json_object_get(c, "body_file")));
    json_array_foreach(json_object_get(c, "response_headers"), i, pair) {
        if (list.count == 16) break;
        headers[list.count++] =
            (struct sori_pair){s_of(json_string_value(json_array_get(pair, 0))),
                               said(&a, s_of(json_string_value(json_array_get(pair, 1))))};
    }
    const char *final = json_string_value(json_object_get(c, "final_path"));
    if (!final) final = json_string_value(json_object_get(c, "request_path"));
    struct sori_str url =
        arena_format(&a, "http://127.0.0.1:%d%.*s", PORT, S(said(&a, s_of(final))));
    struct sori_str wanted = arena_format(
        &a, "http://127.0.0.1:%d%.*s", PORT,
        S(said(&a, s_of(json_string_value(json_object_get(c, "expected_endpoint_path"))))));
    if (read_whole(path.data, &body)) {
        struct endpoints e = discover(&a, said(&a, text_view(&body)), list, url);
        judge(file, "webmention", e.webmention, wanted.ptr);
    } else {
        tally.failed++;
        printf("FAILED %s: %s is missing\n", file, path.data);
    }
    json_decref(c);
    text_free(&body);
    text_free(&path);
    arena_free(&a);
}

static void numbered_files(void) {
    glob_t found;
    struct text path = {0};
    text_format(&path, "%s/webmention/discovery/*.json", specs_folder());
    if (glob(path.data, 0, NULL, &found) == 0) {
        for (size_t i = 0; i < found.gl_pathc; i++) numbered_case(found.gl_pathv[i]);
        globfree(&found);
    }
    text_free(&path);
}

static int part(const char *name, void (*run)(const char *), const char *pattern) {
    int before = tally.passed + tally.failed;
    run(pattern);
    int cases = tally.passed + tally.failed - before;
    printf("%s: %d cases\n", name, cases);
    if (!cases) printf("FAILED %s: no case was found below %s\n", name, specs_folder());
    return cases;
}

static void run_numbered(const char *pattern) {
    (void)pattern;
    numbered_files();
}

int main(void) {
    if (!specs_there()) return specs_absent(specs_folder());
    bool all = part("webmention/discovery", run_numbered, NULL) > 0;
    all &= part("mentions-http/expected", expected_files, "mentions-http/expected-*.json") > 0;
    printf("discovery: %d passed, %d failed\n", tally.passed, tally.failed);
    return all && tally.failed == 0 ? 0 : 1;
}
