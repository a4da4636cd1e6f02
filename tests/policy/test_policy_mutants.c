/* uses: sori_lua sori_base */
/* The bundled policy with damaged files: it loads or it is refused with a place for every error; it
 * never crashes, hangs or leaks, and what loads decides. */
#include "policy/bundle.h"

#include <ctype.h>

static unsigned seed = 4242;
static unsigned dice(unsigned n) {
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 8) % n;
}

static void damage(struct buf *b) {
    static const char *const bits[] = {"{",        "}",           "\"",       "\n", "---\n", "=",
                                       "{author}", "function() ", " end ",    "0",  ",",     "[[",
                                       "--",       "\xff",        "slot x: ", "(",  ")"};
    for (unsigned n = 1 + dice(3); n && b->len; n--) {
        size_t at = dice((unsigned)b->len);
        struct buf made = {0};
        buf_put(&made, b->data, at);
        unsigned how = dice(4);
        if (how == 0) buf_puts(&made, bits[dice(sizeof bits / sizeof *bits)]);
        if (how == 1) buf_putc(&made, (char)dice(256));
        size_t skip = at + (how == 0 ? 0 : how == 3 ? dice(40) : 1);
        if (skip < b->len) buf_put(&made, b->data + skip, b->len - skip);
        buf_free(b);
        *b = made;
    }
}

/* A copy in which one file is damaged. */
static struct buf mutant(struct sori_str bundle, unsigned files) {
    struct buf out = {0};
    struct rec_field f;
    unsigned number = 0, chosen = dice(files);
    while (rec_next(&bundle, &f) == 1) {
        struct buf bytes = {0};
        buf_str(&bytes, rec_get_str(f.s, BUNDLE_BYTES));
        if (number++ == chosen) damage(&bytes);
        size_t mark = rec_begin(&out, BUNDLE_FILE);
        rec_str(&out, BUNDLE_PATH, rec_get_str(f.s, BUNDLE_PATH));
        rec_str(&out, BUNDLE_BYTES, buf_view(&bytes));
        rec_end(&out, mark);
        buf_free(&bytes);
    }
    return out;
}

/* "rules/care.lua:31: …" */
static bool has_place(const char *line) {
    const char *colon = strchr(line, ':');
    return colon && colon != line && isdigit((unsigned char)colon[1]);
}

static void damaged_bundles(void **state) {
    (void)state;
    struct buf bundle = {0}, env = make_env();
    struct err err = {""};
    unsigned files = 0, loaded = 0, refused = 0;
    if (!bundle_read("scripts/policy", &bundle, &err)) fail_msg("%s", err.text);
    struct sori_str rest = buf_view(&bundle);
    struct rec_field f;
    while (rec_next(&rest, &f) == 1) files++;
    struct buf facts = facts_of("{\"text\": \"배송이 늦어요\", \"tone\": \"negative\", \"lang\": "
                                "\"ko\", \"contact\": {\"relationship\": \"consumer\"}}");
    for (int i = 0; i < 600; i++) {
        struct buf changed = mutant(buf_view(&bundle), files), errors = {0}, decision = {0};
        struct policy *p = policy_load(buf_view(&changed), buf_view(&env), &errors);
        if (p) {
            loaded++;
            policy_decide(p, buf_view(&facts), &decision);
            assert_true(rec_get_int(buf_view(&decision), DEC_STATUS, 0) > 0);
        } else
            refused++;
        for (char *line = errors.data ? strtok(errors.data, "\n") : NULL; line;
             line = strtok(NULL, "\n"))
            if (!has_place(line)) fail_msg("no place: %s", line);
        policy_free(p);
        buf_free(&changed), buf_free(&errors), buf_free(&decision);
    }
    print_message("%u loaded, %u refused\n", loaded, refused);
    assert_true(loaded > 50 && refused > 100);
    buf_free(&bundle), buf_free(&env), buf_free(&facts);
}

static void no_bundle_at_all(void **state) {
    (void)state;
    struct buf env = make_env();
    srand(3);
    for (int i = 0; i < 300; i++) {
        char bytes[200];
        struct buf errors = {0};
        size_t len = (size_t)rand() % sizeof bytes;
        for (size_t k = 0; k < len; k++) bytes[k] = (char)rand();
        assert_null(
            policy_load((struct sori_str){bytes, len}, (struct sori_str){bytes, len}, &errors));
        assert_true(errors.len > 0);
        buf_free(&errors);
    }
    buf_free(&env);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(damaged_bundles),
                                       cmocka_unit_test(no_bundle_at_all)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
