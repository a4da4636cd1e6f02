/* uses: facebook_code */
/* Messages name nobody: who wrote is looked up, a bounded number of times, and said apart. */
#include "facebook_world.h"

static const char *const page[] = {"account=1001", "subscribe=false", NULL};
static const char *const gram[] = {"surface=instagram_login", "account=1784", "subscribe=false",
                                   NULL};

static void site(const char *const *options) {
    begin(options);
    on("GET", "", 200, NULL, "{\"data\":[]}"); /* every list is empty */
    on("GET", "/1001?", 200, NULL, "{\"id\":\"1001\",\"name\":\"온결 리빙\"}");
    on("GET", "/1784?", 200, NULL, "{\"id\":\"1784\",\"username\":\"ongyeol\"}");
}

/* The core hands it out; one poll. */
static void want(const char *id) {
    world.due[0] = (struct sori_task){s_of(words("profile:%s", id)), s_of(words("profile %s", id))};
    world.due_count = 1;
    world.tasks = world.done = (struct sori_str){NULL, 0};
}

static void a_person_has_a_name(void **state) {
    (void)state;
    site(page);
    on("GET", "/7001?", 200, NULL, "{\"id\":\"7001\",\"name\":\"김하늘\"}");
    on("GET", "/7002?", 200, NULL,
       "{\"id\":\"7002\",\"first_name\":\"Ada\",\"last_name\":\"Lee\"}");
    on("GET", "/7003?", 200, NULL, "{\"id\":\"7003\"}");
    want("7001");
    assert_int_equal(poll_once(), SORI_OK);
    assert_int_equal(asked("/7001?fields=name,first_name,last_name "), 1);
    check_words(world.authors, "facebook:graph 7001 김하늘 \n");
    check_words(world.done, "profile:7001\n");
    want("7002");
    assert_int_equal(poll_once(), SORI_OK);
    check_words(world.authors, "facebook:graph 7002 Ada Lee \n");
    want("7003"); /* answered without a name: nothing is said */
    assert_int_equal(poll_once(), SORI_OK);
    check_words(world.authors, "");
    check_words(world.done, "profile:7003\n");
    assert_int_equal(world.item_count, 0);
    end();
}

static void a_person_of_instagram(void **state) {
    (void)state;
    site(gram);
    on("GET", "/8001?", 200, NULL, "{\"id\":\"8001\",\"name\":\"이바다\",\"username\":\"bada\"}");
    on("GET", "/8002?", 200, NULL, "{\"id\":\"8002\",\"username\":\"haneul\"}");
    want("8001");
    assert_int_equal(poll_once(), SORI_OK);
    assert_int_equal(asked("/8001?fields=name,username "), 1);
    check_words(world.authors, "facebook:instagram 8001 이바다 https://www.instagram.com/bada\n");
    want("8002");
    assert_int_equal(poll_once(), SORI_OK);
    check_words(world.authors, "facebook:instagram 8002 haneul https://www.instagram.com/haneul\n");
    end();
}

/* Refusals are usual: nobody is asked for twice within a day, be it after a restart. */
static void a_refusal_is_remembered(void **state) {
    static const char *const refusals[] = {
        "{\"error\":{\"message\":\"(#100) None\",\"code\":100,\"error_subcode\":2018218}}",
        "{\"error\":{\"message\":\"(#230) User consent is required\",\"code\":230}}",
        "{\"error\":{\"message\":\"Object does not exist\",\"code\":100,\"error_subcode\":33}}"};
    (void)state;
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        site(page);
        on("GET", "/7001?", 400, NULL, refusals[i]);
        for (int again = 0; again < 3; again++) {
            want("7001");
            assert_int_equal(poll_once(), SORI_OK);
            assert_int_equal(asked("/7001?"), again == 0);
            check_words(world.done, "profile:7001\n");
            check_words(world.tasks, "");
            check_words(world.authors, "");
            restart();
        }
        world.now += FB_DAY + 1;
        want("7001");
        assert_int_equal(poll_once(), SORI_OK);
        assert_int_equal(asked("/7001?"), 1);
        end();
    }
}

static void trouble_is_tried_again(void **state) {
    (void)state;
    site(page);
    on("GET", "/7001?", 500, NULL, "{\"error\":{\"message\":\"An unknown error\",\"code\":2}}");
    for (int n = 1; n < 5; n++) {
        want("7001");
        assert_int_equal(poll_once(), SORI_OK);
        check_words(world.tasks, words("profile:7001=profile 7001@%lld\n",
                                       (long long)(world.now + (int64_t)n * n * 60000)));
        check_words(world.done, "");
    }
    want("7001");
    assert_int_equal(poll_once(), SORI_OK);
    check_words(world.done, "profile:7001\n");
    end();
    site(page); /* a dead token says so, and the task stays */
    on("GET", "/7001?", 400, NULL, "{\"error\":{\"message\":\"expired\",\"code\":190}}");
    want("7001");
    assert_int_equal(poll_once(), SORI_AUTH);
    check_words(world.done, "");
    end();
}

/* However many write, what is remembered of them stays small, and the newest are in it. */
static void memory_is_bounded(void **state) {
    (void)state;
    site(page);
    char *many = arena_get(&world.arena, 70000);
    size_t len = 0;
    for (int i = 0; i < 2000; i++)
        len += (size_t)sprintf(many + len, "%d\t%lld\n", 900000000 + i, (long long)world.now - 1);
    put_pair(world.state, &world.state_count, 32, SORI_STR("profiles"),
             (struct sori_str){many, len});
    on("GET", "/7001?", 200, NULL, "{\"id\":\"7001\",\"name\":\"김하늘\"}");
    want("7001");
    assert_int_equal(poll_once(), SORI_OK);
    struct sori_str kept = world_state_get(&world.host, SORI_STR("profiles"));
    assert_true(kept.len > 30000 && kept.len <= 32768);
    assert_true(s_starts(kept, "7001\t"));
    end();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_person_has_a_name),     cmocka_unit_test(a_person_of_instagram),
        cmocka_unit_test(a_refusal_is_remembered), cmocka_unit_test(trouble_is_tried_again),
        cmocka_unit_test(memory_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
