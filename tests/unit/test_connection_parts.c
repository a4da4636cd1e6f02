/* uses: sori_conf sori_base PkgConfig::JANSSON */
/* What `connection add` makes of what it is given: credentials by their kind, and a block of
 * sori.lua that reads back as what was meant. */
#include "cli/connection/secret.c"
#include "cli/connection/values.c"
#include "cli/connection/write.c"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static bool build(int64_t kind, const char *typed, struct buf *bytes, struct err *err) {
    struct buf slot = {0};
    rec_str(&slot, 1, SORI_STR("token"));
    rec_int(&slot, 4, kind);
    buf_clear(bytes);
    bool ok = secret_build(buf_view(&slot), str_c(typed), bytes, err);
    buf_free(&slot);
    return ok;
}

static void refuses(int64_t kind, const char *typed, const char *words) {
    struct buf bytes = {0};
    struct err err;
    assert_false(build(kind, typed, &bytes, &err));
    if (!strstr(err.text, words)) fail_msg("'%s' lacks '%s'", err.text, words);
    assert_null(strstr(err.text, "planted"));
    secret_forget(&bytes);
}

static void texts(void **state) {
    struct buf bytes = {0};
    struct err err;
    (void)state;
    assert_true(build(SORI_SLOT_TEXT, "  비밀 번호 1 \r\n", &bytes, &err));
    assert_string_equal(bytes.data, "비밀 번호 1\n");
    refuses(SORI_SLOT_TEXT, " \n", "empty");
    refuses(SORI_SLOT_TEXT, "planted\nplanted", "one line of text");
    secret_forget(&bytes);
}

static void tokens(void **state) {
    struct buf bytes = {0};
    struct err err;
    (void)state;
    assert_true(build(SORI_SLOT_RENEWED, "THR4\n", &bytes, &err));
    assert_non_null(strstr(bytes.data, "{\"access_token\":\"THR4\",\"since\":"));
    assert_int_equal(bytes.data[bytes.len - 1], '\n');
    assert_true(build(SORI_SLOT_OAUTH2,
                      "{\"access_token\": \"a\", \"refresh_token\": \"r\", \"client_id\": \"c\", "
                      "\"expires_in\": 7200}",
                      &bytes, &err));
    json_t *file = json_loadb(bytes.data, bytes.len, 0, NULL);
    json_int_t at = json_integer_value(json_object_get(file, "expires_at"));
    assert_true(at > clock_now() + 7100000 && at < clock_now() + 7300000);
    assert_null(json_object_get(file, "expires_in"));
    json_decref(file);
    refuses(SORI_SLOT_OAUTH2, "planted-bare", "access_token, refresh_token, expires_at, client_id");
    refuses(SORI_SLOT_OAUTH2, "{\"access_token\":\"planted\",\"client_id\":\"c\"}",
            "lacks refresh_token");
    refuses(SORI_SLOT_OAUTH2, "{\"access_token\":\"planted\",\"refresh_token\":\"r\"}",
            "lacks client_id");
    refuses(SORI_SLOT_RENEWED, "{\"access_token\":\"planted b\"}", "a blank");
    refuses(SORI_SLOT_RENEWED, "{\"access_token\":\"planted\",\"expires_at\":1700000000}",
            "13 digits");
    refuses(SORI_SLOT_RENEWED, "{\"access_token\":\"planted\",\"access_token\":\"b\"}",
            "cannot be read");
    secret_forget(&bytes);
}

static void made_ones(void **state) {
    struct buf one = {0}, two = {0};
    (void)state;
    secret_make(&one);
    secret_make(&two);
    assert_int_equal(one.len, 33);
    assert_string_not_equal(one.data, two.data);
    secret_forget(&one);
    secret_forget(&two);
}

static void put_opt(struct buf *d, const char *name, int64_t type, int64_t flags) {
    size_t mark = rec_begin(d, DESC_OPTION);
    rec_str(d, OPT_NAME, str_c(name));
    rec_int(d, OPT_TYPE, type);
    rec_int(d, OPT_FLAGS, flags);
    rec_end(d, mark);
}

/* Quotes, backslashes, brackets and Korean: the block means what was given, and nothing in it can
 * end it early. */
static void blocks(void **state) {
    static const char odd[] = "a\"] } -- \\ 온결 \"리빙\" lang:ko\nzwei";
    struct connecting x = {.name = "new", .channel = "thing"};
    struct buf source = {0}, record = {0}, errors = {0};
    struct conf conf;
    struct err err;
    (void)state;
    put_opt(&x.descriptor, "watch", SORI_OPTION_LIST, 0);
    put_opt(&x.descriptor, "deep", SORI_OPTION_BOOL, 0);
    given_set(&x.options, SORI_STR("watch"), str_c(odd));
    given_set(&x.options, SORI_STR("deep"), SORI_STR("true"));
    given_set(&x.own, SORI_STR("mode"), SORI_STR("auto"));
    given_set(&x.own, SORI_STR("every"), SORI_STR("5m"));
    const char *allows[] = {"127.0.0.1:8801"};
    x.allows = allows;
    x.allow_count = 1;
    buf_puts(&source,
             "workspace { name = \"온결\", timezone = \"UTC\", languages = { \"ko\" } }\n");
    connecting_block(&x, &source);
    if (!conf_read(buf_view(&source), "sori.lua", &record, &errors)) fail_msg("%s", errors.data);
    assert_true(conf_open(&record, &conf, &err));
    assert_int_equal(conf.connection_count, 1);
    assert_int_equal(conf.connections[0].every, 300000);
    struct sori_str watch = {0}, deep = {0},
                    allow = rec_get_str(conf.connections[0].record, CONN_ALLOW);
    struct rec_field f;
    for (struct sori_str r = conf.connections[0].record; rec_next(&r, &f) == 1;) {
        if (f.tag != CONN_OPTION) continue;
        if (str_is(rec_get_str(f.s, 1), "watch")) watch = rec_get_str(f.s, 2);
        if (str_is(rec_get_str(f.s, 1), "deep")) deep = rec_get_str(f.s, 2);
    }
    assert_true(str_is(watch, odd));
    assert_true(str_is(deep, "true"));
    assert_true(str_is(allow, "127.0.0.1:8801"));
    conf_close(&conf);
    given_free(&x.options);
    given_free(&x.own);
    buf_free(&x.descriptor);
    buf_free(&source);
    buf_free(&record);
    buf_free(&errors);
}

static void relaxed(void **state) {
    struct buf d = {0};
    struct err err;
    (void)state;
    put_opt(&d, "user_id", SORI_OPTION_STRING, SORI_OPTION_REQUIRED);
    put_opt(&d, "limit", SORI_OPTION_INT, 0);
    assert_true(value_check(buf_view(&d), "limit", SORI_STR("5"), &err));
    assert_false(value_check(buf_view(&d), "limit", SORI_STR("viel"), &err));
    assert_string_equal(err.text, "limit = \"viel\": expected a whole number");
    assert_false(value_check(buf_view(&d), "limmit", SORI_STR("5"), &err));
    assert_non_null(strstr(err.text, "did you mean \"limit\"?"));
    assert_false(value_check(buf_view(&d), "user_id", (struct sori_str){0}, &err));
    buf_free(&d);
}

static void left(const char *secrets, const char *name, time_t age, char path[128]) {
    char file[160];
    struct timespec at[2] = {{.tv_sec = time(NULL) - age}, {.tv_sec = time(NULL) - age}};
    snprintf(path, 128, "%s/%s", secrets, name);
    snprintf(file, sizeof file, "%s/x.token", path);
    assert_int_equal(mkdir(path, 0700), 0);
    FILE *f = fopen(file, "w");
    assert_non_null(f);
    fclose(f);
    assert_int_equal(utimensat(AT_FDCWD, path, at, 0), 0);
}

/* Whoever is ended in the middle leaves credentials behind; not for ever. */
static void what_was_left_is_taken_away(void **state) {
    char folder[] = "/tmp/sori-parts-XXXXXX", secrets[64], old[128], young[128], command[80];
    struct connecting x = {.workspace = folder, .name = "x"};
    struct err err = {.text = ""};
    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(secrets, sizeof secrets, "%s/secrets", folder);
    assert_int_equal(mkdir(secrets, 0700), 0);
    left(secrets, ".adding-old", 2 * 86400, old);
    left(secrets, ".adding-young", 3600, young);
    if (!connecting_stage(&x, SORI_STR("token"), SORI_STR("planted\n"), &err))
        fail_msg("%s", err.text);
    assert_int_equal(access(old, F_OK), -1);
    assert_int_equal(access(young, F_OK), 0);
    connecting_unstage(&x);
    given_free(&x.secrets);
    snprintf(command, sizeof command, "rm -r %s", folder);
    assert_int_equal(system(command), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts),     cmocka_unit_test(tokens),
        cmocka_unit_test(made_ones), cmocka_unit_test(blocks),
        cmocka_unit_test(relaxed),   cmocka_unit_test(what_was_left_is_taken_away)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
