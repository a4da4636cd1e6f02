/* uses: facebook_code */
/* Published answers of the Graph, Instagram and Threads interfaces, through the poll path: whatever
 * is found under $SORI_SPECS/payloads/meta (default ../shared/specs). Absent: skipped loudly. */
#include "unit/facebook_world.h"

#include "specs/specs.h"

#include <glob.h>
#include <sys/stat.h>

static char *read_whole(const char *path) {
    FILE *f = fopen(path, "rb");
    if (!f) return NULL;
    struct text t = {0};
    char bytes[4096];
    size_t n;
    while ((n = fread(bytes, 1, sizeof bytes, f)) > 0) text_put(&t, bytes, n);
    fclose(f);
    return t.data;
}
/* One that the test knows by name; it fails where the folder is there and the file is not. */
static char *body_of(const char *name) {
    char path[1024];
    snprintf(path, sizeof path, "%s/payloads/meta/%s", specs_folder(), name);
    char *body = read_whole(path);
    if (!body) fail_msg("%s is not there", path);
    return body;
}

static const char *const surfaces[4] = {"surface=page", "surface=instagram",
                                        "surface=instagram_login", "surface=threads"};
static const char *const *with(int surface) {
    static const char *options[6];
    options[0] = surfaces[surface];
    options[1] = "account=1234567";
    options[2] = "history=315360000000"; /* ten years: the samples are old */
    options[3] = "window=31536000000";
    options[4] = "subscribe=false";
    options[5] = NULL;
    return options;
}

static const char *const tasks[] = {"comment 5_1 5",     "post 5",
                                    "mention-post 5",    "mention-comment 5_1",
                                    "media 17873440459", "media-comment 17873440460 17873440459",
                                    "thread 1234567",    "message m_1"};

static void task(const char *body) {
    world.due[0] = (struct sori_task){s_of(body), s_of(body)};
    world.due_count = 1;
}

/* Every answer to every question: nothing crashes, nothing is given without an id, and what it ends
 * with is a status that has its reason. */
static void any_answer_to_any_question(void **state) {
    (void)state;
    const char *const groups[] = {"threads", "instagram", "v10_0", "v16_0", "send", "webhooks"};
    size_t files = 0;
    for (size_t g = 0; g < sizeof groups / sizeof *groups; g++) {
        char pattern[1024];
        snprintf(pattern, sizeof pattern, "%s/payloads/meta/%s/*.json", specs_folder(), groups[g]);
        glob_t found;
        if (glob(pattern, 0, NULL, &found) != 0) continue;
        for (size_t i = 0; i < found.gl_pathc; i++, files++) {
            char *body = read_whole(found.gl_pathv[i]);
            assert_non_null(body);
            for (int surface = 0; surface < 4; surface++) {
                begin(with(surface));
                on("GET", "", 200, NULL, body);
                for (size_t k = 0; k < sizeof tasks / sizeof *tasks; k++) {
                    task(tasks[k]);
                    enum sori_status s = poll_once();
                    assert_true(s <= SORI_GONE && s != SORI_CANCELLED);
                    if (s != SORI_OK && s != SORI_AGAIN) assert_true(world.why.len > 0);
                    world.now += 3600000;
                }
                end();
            }
            free(body);
        }
        globfree(&found);
    }
    printf("%zu answers\n", files);
    assert_true(files >= 70);
}

static void replies_of_threads(void **state) {
    (void)state;
    char *list = body_of("threads/basic-list-reply.json"),
         *profile = body_of("threads/basic-profile.json"),
         *one = body_of("threads/basic-media.json"), *gone = body_of("threads/exception.json");
    begin(with(3));
    on("GET", "/1234567?", 200, NULL, profile);
    on("GET", "/threads?", 200, NULL,
       "{\"data\":[{\"id\":\"1\",\"text\":\"x\",\"username\":\"threadsapitestuser\",\"timestamp\":"
       "\"2024-01-01T18:00:00+0000\",\"has_replies\":true}]}");
    on("GET", "/mentions?", 200, NULL, "{\"data\":[]}");
    on("GET", "/1/conversation?", 200, NULL, list);
    assert_int_equal(poll_once(), SORI_OK);
    /* The sample gives all three replies one id: the second is the first, edited and hidden. */
    size_t said = 0;
    for (size_t i = 0; i < world.item_count; i++)
        said +=
            s_is(world.items[i].native_id, "1234567890") && world.items[i].event == SORI_EVENT_SAID;
    assert_int_equal(said, 3);
    assert_non_null(item("1234567890", SORI_EVENT_HIDDEN));
    assert_non_null(item("1234567890", SORI_EVENT_SHOWN));
    assert_int_equal(item("1234567890", SORI_EVENT_SAID)->said_at, 1704133200000);
    assert_int_equal(item("1234567890", SORI_EVENT_SAID)->kind, SORI_KIND_COMMENT);
    assert_int_equal(world.reject_count, 0);
    task("thread 1234567");
    on("GET", "/1234567?", 200, NULL, one);
    assert_int_equal(poll_once(), SORI_OK);
    check_words(item("1234567", SORI_EVENT_SAID)->text, "Today Is Monday");
    check_words(item("1234567", SORI_EVENT_SAID)->url,
                "https://www.threads.net/@threadsapitestuser/post/abcdefg");
    /* Ours, as the profile says. */
    assert_int_equal(item("1234567", SORI_EVENT_SAID)->kind, SORI_KIND_POST);
    /* The error of Threads, which has a type of its own. */
    task("thread 7654321");
    on("GET", "/7654321?", 400, NULL, gone);
    assert_int_equal(poll_once(), SORI_OK);
    assert_non_null(item("7654321", SORI_EVENT_REMOVED));
    end();
    free(list), free(profile), free(one), free(gone);
}

static void mentions_and_messages(void **state) {
    (void)state;
    char *media = body_of("instagram/mentioned-media.json"),
         *message = body_of("v10_0/instagram-message.json"),
         *tagged = body_of("v10_0/tagged-post.json");
    begin(with(1));
    on("GET", "", 200, NULL, "{\"data\":[]}");
    on("GET", "/1234567?fields=id", 200, NULL, "{\"id\":\"1234567\",\"username\":\"us\"}");
    on("GET", "mentioned_media", 200, NULL, media);
    on("GET", "/m_1?", 200, NULL, message);
    task("media 17873440459141021");
    assert_int_equal(poll_once(), SORI_OK);
    check_words(item("17873440459141021", SORI_EVENT_SAID)->text, "metricsaurus headquarters!");
    assert_int_equal(item("17873440459141021", SORI_EVENT_SAID)->kind, SORI_KIND_MENTION);
    task("message m_1");
    assert_int_equal(poll_once(), SORI_OK);
    check_words(item("<MESSAGE_ID>", SORI_EVENT_SAID)->text, "<MESSAGE_TEXT>");
    end();
    begin(with(0));
    struct text list = {0};
    text_format(&list, "{\"data\":[%s]}", tagged);
    on("GET", "", 200, NULL, "{\"data\":[]}");
    on("GET", "/1234567?fields=id", 200, NULL, "{\"id\":\"1234567\",\"name\":\"us\"}");
    on("GET", "/tagged?", 200, NULL, list.data);
    assert_int_equal(poll_once(), SORI_OK);
    const struct sori_item *i = item("1875137689236883_3800298753387424", SORI_EVENT_SAID);
    assert_non_null(i);
    check_words(i->text, "just a small tagged post example");
    assert_int_equal(i->kind, SORI_KIND_MENTION);
    assert_int_equal(i->said_at, 1614340197000);
    end();
    text_free(&list);
    free(media), free(message), free(tagged);
}

int main(void) {
    char path[1024];
    struct stat there;
    snprintf(path, sizeof path, "%s/payloads/meta", specs_folder());
    if (stat(path, &there) != 0) return specs_absent(path);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_answer_to_any_question),
        cmocka_unit_test(replies_of_threads),
        cmocka_unit_test(mentions_and_messages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
