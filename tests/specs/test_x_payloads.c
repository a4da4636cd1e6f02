/* uses: x_code */
/* Published events and recorded answers of X become the rows that the tables of the specification
 * say; in either spelling, twice, in any order and in heaps. */
#include "unit/x_host.h"

#include "specs/specs.h"

#include <dirent.h>
#include <sys/stat.h>

enum { FILES = 64 };

static char folder[512];

static const char *const options[] = {"user_id=" ME, "handle=ExampleUser", NULL};

/* What each event is, as the table of events and the table of posts say: nothing of this is taken
 * from the plugin. */
static const struct wanted {
    const char *file, *native;
    enum sori_kind kind;
    enum sori_share share;
    enum sori_event event;
    enum sori_origin origin;
    const char *parent, *target, *author, *text;
    uint32_t can_reply;
} table[] = {
    {"dm.received", "dm/2080765901528535096", SORI_KIND_MESSAGE, SORI_SHARE_NONE, SORI_EVENT_SAID,
     SORI_ORIGIN_PERSON, "", "", OTHER, "hello!", SORI_CAN_REPLY},
    {"post.create", "2080761390344937796", SORI_KIND_POST, SORI_SHARE_NONE, SORI_EVENT_SAID,
     SORI_ORIGIN_US_BY_HAND, "", "", ME, "Hello from the Activity API", 0},
    {"post.delete", "2080761269309813134", SORI_KIND_POST, SORI_SHARE_NONE, SORI_EVENT_REMOVED,
     SORI_ORIGIN_US_BY_HAND, "", "", ME, "", 0},
    {"post.mention.create", "2080765813578191303", SORI_KIND_MENTION, SORI_SHARE_NONE,
     SORI_EVENT_SAID, SORI_ORIGIN_PERSON, "", "", OTHER, "hey @ExampleUser", SORI_CAN_REPLY},
    {"post.quote.create", "2090000000000000002", SORI_KIND_SHARE, SORI_SHARE_SPECIFIC,
     SORI_EVENT_SAID, SORI_ORIGIN_PERSON, "", "2080761390344937796", OTHER,
     "Adding some context to this.", SORI_CAN_REPLY},
    {"post.reply.create", "2090000000000000001", SORI_KIND_COMMENT, SORI_SHARE_NONE,
     SORI_EVENT_SAID, SORI_ORIGIN_PERSON, "2080761390344937796", "2080761390344937796", OTHER,
     "@ExampleUser Great post — thanks for sharing!", 0},
};

struct file {
    char name[128];
    struct sori_str body, other; /* in the spelling of 2.166, and of 2.167 */
};
static struct file files[FILES];
static size_t file_count;

static struct sori_str read_file(const char *path) {
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    char *bytes = calloc(1, 1 << 20);
    assert_non_null(bytes);
    size_t n = fread(bytes, 1, (1 << 20) - 1, f);
    fclose(f);
    return (struct sori_str){bytes, n};
}

/* The names that the newer document gives to the same things. */
static struct sori_str respelt(struct sori_str body) {
    static const char *const names[][2] = {
        {"\"referenced_tweets\"", "\"referenced_posts\""},
        {"\"tweets\"", "\"posts\""},
        {"\"edit_history_tweet_ids\"", "\"edit_history_post_ids\""},
        {"\"note_tweet\"", "\"note_post\""},
        {"\"retweet_count\"", "\"repost_count\""},
        {"\"tweet_count\"", "\"post_count\""},
        {"\"pinned_tweet_id\"", "\"pinned_post_id\""},
        {"\"in_reply_to_tweet_id\"", "\"in_reply_to_post_id\""},
        {"\"liked_tweet_id\"", "\"liked_post_id\""},
        {"\"liked_tweet_author_id\"", "\"liked_post_author_id\""},
    };
    struct text out = {0};
    for (size_t at = 0; at < body.len;) {
        size_t k = 0;
        while (k < sizeof names / sizeof *names && !s_starts(s_from(body, at), names[k][0])) k++;
        if (k < sizeof names / sizeof *names) {
            text_lit(&out, names[k][1]);
            at += strlen(names[k][0]);
        } else {
            text_char(&out, body.ptr[at++]);
        }
    }
    return text_view(&out);
}

static int load(void) {
    char path[1024];
    snprintf(path, sizeof path, "%s/payloads/x-activity", folder);
    DIR *d = opendir(path);
    if (!d) return 0;
    for (struct dirent *e; (e = readdir(d)) && file_count < FILES;) {
        size_t n = strlen(e->d_name);
        if (n < 6 || strcmp(e->d_name + n - 5, ".json") != 0) continue;
        struct file *f = &files[file_count++];
        snprintf(f->name, sizeof f->name, "%.*s", (int)(n - 5), e->d_name);
        snprintf(path, sizeof path, "%s/payloads/x-activity/%s", folder, e->d_name);
        f->body = read_file(path);
        f->other = respelt(f->body);
    }
    closedir(d);
    return (int)file_count;
}

static void each_event_is_what_the_tables_say(void **state) {
    (void)state;
    assert_int_equal(begin_as("", NULL), SORI_OK);
    size_t known = 0;
    for (size_t f = 0; f < 2 * file_count; f++) {
        const struct file *file = &files[f / 2];
        fake.item_count = fake.reject_count = 0;
        assert_int_equal(decode_as(options, f % 2 ? file->other : file->body, "webhook"), SORI_OK);
        const struct wanted *w = NULL;
        for (size_t k = 0; k < sizeof table / sizeof *table; k++)
            if (strcmp(table[k].file, file->name) == 0) w = &table[k];
        if (!w) { /* no interaction: counted and kept raw, whole */
            print_message("%s: %.*s\n", file->name, S(fake.rejects[0].why));
            assert_int_equal(fake.item_count, 0);
            assert_int_equal(fake.reject_count, 1);
            check_has(fake.rejects[0].raw, "\"event_type\"");
            continue;
        }
        known++;
        assert_int_equal(fake.reject_count, 0);
        assert_int_equal(fake.item_count, 1);
        const struct sori_item *i = &fake.items[0];
        check_words(i->native_id, w->native);
        assert_int_equal(i->kind, w->kind);
        assert_int_equal(i->share, w->share);
        assert_int_equal(i->event, w->event);
        assert_int_equal(i->origin, w->origin);
        check_words(i->parent, w->parent);
        check_words(i->target, w->target);
        check_words(i->author_id, w->author);
        check_words(i->text, w->text);
        assert_int_equal(i->can & SORI_CAN_REPLY, w->can_reply);
        assert_int_equal(i->visibility == SORI_VISIBILITY_PRIVATE, w->kind == SORI_KIND_MESSAGE);
    }
    assert_int_equal(known, 2 * sizeof table / sizeof *table);
    end();
}

/* ---- the same rows ---- */

static int by_text(const void *a, const void *b) {
    return strcmp(((const struct sori_str *)a)->ptr, ((const struct sori_str *)b)->ptr);
}

/* What was given, as sorted lines without repetition, in one text. */
static char *rows(void) {
    struct sori_str *lines = calloc(fake.item_count + 1, sizeof *lines);
    assert_non_null(lines);
    for (size_t k = 0; k < fake.item_count; k++) {
        const struct sori_item *i = &fake.items[k];
        lines[k] = arena_format(&fake.arena, "%.*s|%u|%u|%u|%lld|%.*s|%.*s|%.*s|%.*s|%u|%lld\n",
                                S(i->native_id), i->kind, i->event, i->origin,
                                (long long)i->version, S(i->parent), S(i->target), S(i->author_id),
                                S(i->text), i->can, (long long)i->said_at);
    }
    qsort(lines, fake.item_count, sizeof *lines, by_text);
    struct text out = {0};
    for (size_t k = 0; k < fake.item_count; k++)
        if (k == 0 || !s_eq(lines[k], lines[k - 1])) text_str(&out, lines[k]);
    free(lines);
    fake.item_count = fake.reject_count = 0;
    return out.data;
}

static void any_order_twice_and_in_heaps(void **state) {
    (void)state;
    assert_int_equal(begin_as("", NULL), SORI_OK);
    for (size_t f = 0; f < file_count; f++) decode_as(options, files[f].body, "webhook");
    char *wanted = rows();
    assert_non_null(wanted);
    uint32_t seed = 7;
    for (int round = 0; round < 20; round++) {
        for (size_t k = 0; k < 4 * file_count; k++) {
            seed = seed * 1664525 + 1013904223;
            const struct file *f = &files[(seed >> 8) % file_count];
            decode_as(options, (seed >> 4) & 1 ? f->body : f->other, "webhook");
            if (k >= 2 * file_count) continue;
            decode_as(options, files[k % file_count].body, "webhook");
        }
        char *have = rows();
        assert_string_equal(have, wanted);
        free(have);
    }
    /* A heap of a thousand in one body. */
    struct text heap = {0};
    for (size_t k = 0; k < 1000; k++) {
        text_char(&heap, k ? ',' : '[');
        text_str(&heap, files[k * 7 % file_count].body);
    }
    text_char(&heap, ']');
    for (int times = 0; times < 2; times++) {
        fake.reject_count = 0;
        fake.item_count = 0;
        decode_as(options, text_view(&heap), "webhook");
        char *have = rows();
        assert_string_equal(have, wanted);
        free(have);
    }
    text_free(&heap);
    free(wanted);
    end();
}

/* ---- recorded answers ---- */

struct exchange {
    json_t *root;
    const char *method;
    int status;
    char *headers, *body;
};

static struct exchange recorded(const char *name, size_t index) {
    char path[1024];
    snprintf(path, sizeof path, "%s/payloads/x-recorded/test_client_%s.json", folder, name);
    struct exchange e = {.root = json_load_file(path, 0, NULL)};
    assert_non_null(e.root);
    const json_t *one = json_array_get(e.root, index), *answer = json_object_get(one, "response");
    const json_t *head = json_object_get(answer, "headers");
    e.method = json_string_value(json_object_get(json_object_get(one, "request"), "method"));
    e.status = (int)json_integer_value(json_object_get(answer, "status"));
    e.body = json_dumps(json_object_get(answer, "body"), JSON_COMPACT);
    struct text lines = {0};
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)head, key,
                        value) if (json_is_string(value) && s_starts(s_of(key), "x-"))
        text_format(&lines, "%s: %s\n", key, json_string_value(value));
    e.headers = lines.data;
    return e;
}

static void drop(struct exchange *e) {
    json_decref(e->root);
    free(e->headers);
    free(e->body);
}

/* Reads one recorded page as a list that ends there. */
static void read_page(const char *name, const char *const *with, const char *url,
                      enum sori_kind bare) {
    struct exchange e = recorded(name, 0);
    begin(with);
    once("GET", url, e.status, e.headers, e.body);
    on("GET", url, 200, NULL, "{\"meta\":{\"result_count\":0}}");
    assert_int_equal(poll_once(), SORI_OK);
    assert_int_equal(asked(url), 2); /* there was a next_token */
    json_t *root = json_loads(e.body, 0, NULL);
    const json_t *data = json_object_get(root, "data"), *post;
    assert_int_equal(fake.item_count, json_array_size(data));
    assert_int_equal(fake.reject_count, 0);
    size_t k;
    struct sori_str newest = {NULL, 0};
    json_array_foreach((json_t *)(uintptr_t)data, k, post) {
        const char *id = json_string_value(json_object_get(post, "id"));
        /* An edited post goes by its first id. */
        const json_t *first = json_array_get(json_object_get(post, "edit_history_tweet_ids"), 0);
        const struct sori_item *i = &fake.items[k];
        check_words(i->native_id, json_string_value(first));
        assert_true(i->kind == bare);
        assert_true(i->said_at > 1400000000000 && i->text.len > 0);
        assert_true(s_find(i->text, "&amp;") == i->text.len);
        if (x_id_compare(s_of(id), newest) > 0) newest = s_of(id);
    }
    struct sori_str cursor = fake.cursors[0].value;
    assert_true(cursor.len > newest.len && memcmp(cursor.ptr, newest.ptr, newest.len) == 0);
    assert_int_equal(fake.rate_until, 0);
    json_decref(root);
    drop(&e);
    end();
}

static void recorded_lists_are_read(void **state) {
    (void)state;
    const char *const mentions[] = {"user_id=783214", "receive=mentions", NULL};
    const char *const search[] = {"user_id=783214", "receive=search", "watch=from:x", NULL};
    read_page("get_users_mentions", mentions, "/2/users/783214/mentions", SORI_KIND_MENTION);
    read_page("get_users_tweets", search, "/search/recent", SORI_KIND_POST);
    read_page("get_quote_tweets", search, "/search/recent", SORI_KIND_POST);
    read_page("get_home_timeline", search, "/search/recent", SORI_KIND_POST);
}

static enum sori_act_status act_on(uint32_t verb, const char *native, const char *text) {
    struct sori_action a = {.struct_size = sizeof a,
                            .verb = verb,
                            .kind = SORI_KIND_MENTION,
                            .native_id = s_of(native),
                            .text = s_of(text),
                            .attempt = 1};
    return connector->act(self, &a, &fake_result);
}

static void recorded_actions_are_understood(void **state) {
    (void)state;
    const char *const with[] = {"user_id=1072250532645998596", "plan=enterprise", NULL};
    static const struct {
        const char *file, *url, *native;
        uint32_t verb[2];
    } list[] = {{"create_and_delete_tweet",
                 "/2/tweets",
                 "1456012973835788293",
                 {SORI_VERB_REPLY, SORI_VERB_DELETE}},
                {"hide_and_unhide_reply",
                 "/2/tweets/1344794616005066752/hidden",
                 "1344794616005066752",
                 {SORI_VERB_HIDE, SORI_VERB_UNHIDE}},
                {"like_and_unlike",
                 "/2/users/1072250532645998596/likes",
                 "1293593516040269825",
                 {SORI_VERB_LIKE, SORI_VERB_UNLIKE}}};
    for (size_t k = 0; k < 3; k++) {
        begin(with);
        for (size_t half = 0; half < 2; half++) {
            struct exchange e = recorded(list[k].file, half);
            once(e.method, list[k].url, e.status, e.headers, e.body);
            assert_int_equal(act_on(list[k].verb[half], list[k].native, "Test Tweet"), SORI_ACT_OK);
            if (list[k].verb[half] == SORI_VERB_REPLY) check_words(fake.made, list[k].native);
            drop(&e);
        }
        assert_int_equal(fake.writes, 2);
        end();
    }
}

int main(void) {
    snprintf(folder, sizeof folder, "%s", specs_folder());
    if (!load()) {
        char path[512];
        snprintf(path, sizeof path, "%.480s/payloads/x-activity", folder);
        return specs_absent(path);
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_event_is_what_the_tables_say),
        cmocka_unit_test(any_order_twice_and_in_heaps),
        cmocka_unit_test(recorded_lists_are_read),
        cmocka_unit_test(recorded_actions_are_understood),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
