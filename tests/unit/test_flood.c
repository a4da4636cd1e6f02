/* uses: sori_base */
/* The benchmark's interactions are what it says they are. */
#include "bench/flood/text.c"
#include "bench/flood/item.c"

#include "base/utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

enum { MANY = 50000, TOTAL = 1000000 };

static void they_are_believable(void **state) {
    (void)state;
    static struct flood_room room;
    struct sori_item item;
    size_t voices = 0, reactions = 0, edits = 0, texts = 0, korean = 0, private_ = 0;
    for (uint64_t i = 0; i < MANY; i++) {
        flood_item(1, i, TOTAL, &room, &item);
        voices += item.kind == SORI_KIND_COMMENT || item.kind == SORI_KIND_MENTION ||
                  item.kind == SORI_KIND_MESSAGE;
        reactions += item.kind == SORI_KIND_REACTION;
        private_ += item.visibility == SORI_VISIBILITY_PRIVATE;
        edits += item.version > 1;
        assert_true(item.native_id.len > 0 && item.author_id.len > 0 && item.author_name.len > 0);
        if (item.text.len == 0) continue;
        size_t length = utf8_count(item.text);
        assert_true(utf8_valid(item.text) && length >= 60 && length <= 140);
        size_t first;
        korean += utf8_is_hangul(utf8_next(item.text, &first));
        texts++;
    }
    assert_true(voices * 10 >= MANY * 9);
    assert_true(reactions > MANY / 50 && private_ > MANY / 20 && edits > MANY / 200);
    assert_true(korean > texts / 2 && korean < texts * 9 / 10);
}

static int by_text(const void *a, const void *b) { return strcmp(a, b); }

static void some_repeat_and_few_speak_often(void **state) {
    (void)state;
    static struct flood_room room;
    static char native[MANY][24], author[MANY][24];
    struct sori_item item;
    for (uint64_t i = 0; i < MANY; i++) {
        flood_item(1, i, TOTAL, &room, &item);
        memcpy(native[i], room.native, sizeof native[i]);
        memcpy(author[i], room.author, sizeof author[i]);
    }
    qsort(native, MANY, sizeof native[0], by_text);
    qsort(author, MANY, sizeof author[0], by_text);
    size_t repeats = 0, authors = 1, run = 1, most = 1;
    for (size_t i = 1; i < MANY; i++) {
        repeats += strcmp(native[i], native[i - 1]) == 0;
        bool same = strcmp(author[i], author[i - 1]) == 0;
        authors += !same;
        run = same ? run + 1 : 1;
        most = run > most ? run : most;
    }
    print_message("%zu repeats, %zu authors, one spoke %zu times\n", repeats, authors, most);
    /* One in fifty comes again, as it was or edited. */
    assert_true(repeats > MANY / 70 && repeats < MANY / 35);
    assert_true(authors < MANY * 3 / 4 && most > 200);
}

static void one_seed_one_flood(void **state) {
    (void)state;
    static struct flood_room a, b, c;
    struct sori_item x, y, z;
    size_t same = 0;
    for (uint64_t i = 0; i < 1000; i++) {
        flood_item(7, i, TOTAL, &a, &x);
        flood_item(7, i, TOTAL, &b, &y);
        flood_item(8, i, TOTAL, &c, &z);
        assert_int_equal(x.kind, y.kind);
        assert_int_equal(x.text.len, y.text.len);
        if (x.text.len > 0) assert_memory_equal(x.text.ptr, y.text.ptr, x.text.len);
        same += x.text.len > 0 && x.text.len == z.text.len &&
                memcmp(x.text.ptr, z.text.ptr, x.text.len) == 0;
    }
    assert_true(same < 5);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(they_are_believable),
                                       cmocka_unit_test(some_repeat_and_few_speak_often),
                                       cmocka_unit_test(one_seed_one_flood)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
