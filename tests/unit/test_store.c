/* uses: sori_store sori_base */
/* store.h, over both drivers. */
#include "test_store_util.h"

static void every_row_comes_back(void **state) {
    struct fixture *f = *state;
    struct row_interaction *i = add_interaction(&f->b, 900, "17812");
    i->author = 5, i->share = 2, i->said_at = 11, i->heard_at = 12, i->version = 13;
    i->said = i->last = 501, i->title = str_c("제목"), i->url = str_c("https://x.example/17812");
    i->caps = (struct sori_str){"\0\1\2", 3};
    struct row_journal *j = add_journal(&f->b, 501, ENTRY_SAID, 900, "배송이 늦어요");
    j->digest = -7, j->rev = 3, j->seg = 7, j->off = 4096, j->actor = str_c("");
    add_decision(&f->b, 501, TONE_NEGATIVE)->facts = (struct sori_str){"\0f", 2};
    must_commit(f);

    struct row_interaction got;
    assert_true(store_interaction(f->s, 900, &got));
    assert_true(str_is(got.native, "17812") && str_is(got.title, "제목"));
    assert_true(str_eq(got.caps, (struct sori_str){"\0\1\2", 3}));
    assert_null(got.lang.ptr);
    assert_int_equal(got.share, 2);
    assert_int_equal(got.parent, NIL);
    assert_int_equal(got.heard_at, 12);

    struct row_journal said;
    assert_true(store_journal(f->s, 501, &said));
    assert_true(str_is(said.text, "배송이 늦어요"));
    assert_true(said.actor.ptr && said.actor.len == 0); /* empty is not NULL */
    assert_int_equal(said.digest, -7);
    assert_int_equal(said.off, 4096);
    assert_int_equal(said.prev, NIL);

    struct row_decision d;
    assert_true(store_decision(f->s, 501, &d));
    assert_true(str_eq(d.facts, (struct sori_str){"\0f", 2}));
    assert_null(d.result.ptr);
    assert_false(store_decision(f->s, 502, &d));
}

static void a_head_is_found_by_key_and_id(void **state) {
    struct fixture *f = *state;
    struct store_head h;
    assert_false(store_seen(f->s, 1, str_c("a"), &h));
    struct row_interaction *i = add_interaction(&f->b, 4, "a");
    i->author = 9, i->said = 1, i->last = 2, i->version = 77, i->connection = 3;
    add_interaction(&f->b, 5, "")->said = 50; /* the journal has no such row */
    add_journal(&f->b, 1, ENTRY_SAID, 4, "x")->digest = 123;
    add_journal(&f->b, 2, ENTRY_HIDDEN, 4, "")->prev = 1;
    must_commit(f);
    assert_true(store_seen(f->s, 1, str_c("a"), &h));
    assert_int_equal(h.id, 4);
    assert_int_equal(h.author, 9);
    assert_int_equal(h.version, 77);
    assert_int_equal(h.digest, 123);
    assert_int_equal(h.rev, 1);
    assert_int_equal(h.connection, 3);
    assert_int_equal(h.parent, NIL);
    assert_false(store_seen(f->s, 2, str_c("a"), &h));
    assert_false(store_seen(f->s, 1, str_c("A"), &h));
    assert_false(store_seen(f->s, 1, str_c("aa"), &h));
    assert_true(store_seen(f->s, 1, str_c(""), &h));
    assert_int_equal(h.digest, NIL);
    assert_true(store_head(f->s, 4, &h));
    assert_int_equal(h.digest, 123);
    assert_false(store_head(f->s, 6, &h));
    assert_false(store_head(f->s, 0, &h));
}

static void a_digest_is_remembered_through_revisions(void **state) {
    struct fixture *f = *state;
    struct row_interaction *i = add_interaction(&f->b, 1, "a");
    i->said = 4, i->last = 5;
    add_journal(&f->b, 1, ENTRY_SAID, 1, "하나")->digest = 10;
    struct row_journal *j = add_journal(&f->b, 4, ENTRY_EDITED, 1, "둘");
    j->digest = 20, j->prev = 1;
    j = add_journal(&f->b, 5, ENTRY_HIDDEN, 1, "");
    j->digest = 30, j->prev = 4;
    must_commit(f);
    assert_true(store_had_digest(f->s, 1, 10));
    assert_true(store_had_digest(f->s, 1, 20));
    assert_false(store_had_digest(f->s, 1, 30)); /* that is no text */
    assert_false(store_had_digest(f->s, 1, 40));
    assert_false(store_had_digest(f->s, 2, 10));
}

static void a_second_decision_is_refused_whole(void **state) {
    struct fixture *f = *state;
    add_journal(&f->b, 1, ENTRY_SAID, 0, "a");
    add_journal(&f->b, 2, ENTRY_SAID, 0, "b");
    add_decision(&f->b, 1, TONE_POSITIVE);
    must_commit(f);
    add_journal(&f->b, 3, ENTRY_SAID, 0, "c");
    struct add_tally *t = store_add_add_tally(&f->b);
    *t = (struct add_tally){1, str_c("like"), 0, 0, 5};
    add_decision(&f->b, 2, TONE_POSITIVE);
    add_decision(&f->b, 1, TONE_NEGATIVE);
    must_refuse(f, "decision");
    struct row_decision d;
    assert_false(store_decision(f->s, 2, &d));
    assert_true(store_decision(f->s, 1, &d));
    assert_int_equal(d.tone, TONE_POSITIVE);
    assert_int_equal(store_ids(f->s).seq, 2);
    assert_int_equal(store_count(f->s, 1, str_c("like")), 0);
    add_decision(&f->b, 2, TONE_POSITIVE);
    must_commit(f);
}

static void keys_are_unique(void **state) {
    struct fixture *f = *state;
    add_interaction(&f->b, 1, "a");
    must_commit(f);
    add_interaction(&f->b, 2, "a");
    must_refuse(f, "interaction");
    add_interaction(&f->b, 1, "b");
    must_refuse(f, "interaction");
    add_interaction(&f->b, 2, "b")->space = 2;
    add_interaction(&f->b, 3, "b")->space = 2;
    must_refuse(f, "native");
    struct row_connection *c = store_add_connection(&f->b);
    *c = (struct row_connection){.id = 1, .name = str_c("blog"), .plugin = str_c("blog")};
    must_commit(f);
    c = store_add_connection(&f->b);
    *c = (struct row_connection){.id = 2, .name = str_c("blog"), .plugin = str_c("blog")};
    must_refuse(f, "connection"); /* and replaces no other row */
    c = store_add_connection(&f->b);
    *c = (struct row_connection){.id = 1, .name = str_c("blog-2"), .plugin = str_c("blog")};
    must_commit(f);
    struct row_connection found;
    assert_false(store_connection(f->s, SORI_STR("blog"), &found));
    assert_true(store_connection(f->s, SORI_STR("blog-2"), &found));
    assert_int_equal(found.id, 1);
    assert_true(str_is(found.plugin, "blog"));
    struct row_author *a = store_add_author(&f->b);
    *a = (struct row_author){.id = 1, .space = 1, .native = str_c("u"), .contact = 1};
    must_commit(f);
    a = store_add_author(&f->b);
    *a = (struct row_author){.id = 2, .space = 1, .native = str_c("u"), .contact = 1};
    must_refuse(f, "author");
}

static void null_where_there_must_be_something_is_refused(void **state) {
    struct fixture *f = *state;
    add_interaction(&f->b, NIL, "a");
    must_refuse(f, "interaction.id");
    add_interaction(&f->b, 1, "a")->native = (struct sori_str){0};
    must_refuse(f, "interaction.native");
    struct add_tally *t = store_add_add_tally(&f->b);
    *t = (struct add_tally){1, {0}, 0, 0, 5};
    must_refuse(f, "tally");
    struct store_head h;
    assert_false(store_head(f->s, 1, &h));
}

static void another_epoch_is_refused(void **state) {
    struct fixture *f = *state;
    add_interaction(&f->b, 1, "a");
    f->b.epoch = store_epoch(f->s) + 1;
    assert_false(store_commit(f->s, &f->b, &f->err));
    assert_memory_equal(f->err.text, "refused: ", 9);
    must_commit(f);
}

static void reactions_and_tallies_add_up(void **state) {
    struct fixture *f = *state;
    for (int k = 0; k < 3; k++) {
        struct row_reaction *r = store_add_reaction(&f->b);
        *r = (struct row_reaction){.target = 9,
                                   .actor = str_c("u1"),
                                   .class = str_c("like"),
                                   .value = k % 2,
                                   .version = 10 + k};
        *store_add_add_tally(&f->b) = (struct add_tally){9, str_c("like"), 5, 1, k == 2 ? -1 : 2};
        must_commit(f);
    }
    struct row_reaction r;
    assert_true(store_reaction(f->s, 9, str_c("u1"), str_c("like"), &r));
    assert_int_equal(r.version, 12);
    assert_false(store_reaction(f->s, 9, str_c("like"), str_c("u1"), &r));
    assert_int_equal(store_count(f->s, 9, str_c("like")), 3);
    assert_int_equal(store_count(f->s, 9, str_c("love")), 0);
}

static void people_cases_and_cells(void **state) {
    struct fixture *f = *state;
    struct row_contact *c = store_add_contact(&f->b);
    *c = (struct row_contact){.id = 1, .relationship = RELATION_LOYAL, .version = 1};
    struct row_author *a = store_add_author(&f->b);
    *a = (struct row_author){.id = 3,
                             .space = 1,
                             .native = str_c("u"),
                             .contact = 1,
                             .name = str_c("김하늘"),
                             .reach = NIL,
                             .last_interaction = NIL};
    for (int64_t k = 1; k <= 3; k++)
        *store_add_kase(&f->b) = (struct row_kase){
            .id = k, .contact = 1, .version = 1, .state = k == 3 ? KASE_CLOSED : KASE_ANSWERED};
    *store_add_sighting(&f->b) = (struct row_sighting){1, 2};
    *store_add_sighting(&f->b) = (struct row_sighting){1, 2};
    must_commit(f);
    struct row_author author;
    assert_true(store_author(f->s, 1, str_c("u"), &author));
    assert_true(str_is(author.name, "김하늘"));
    struct set_author *change = store_add_set_author(&f->b);
    change->id = 3, change->last_interaction = 8;
    struct row_kase *k = store_add_kase(&f->b);
    *k = (struct row_kase){.id = 2, .contact = 1, .version = 2, .state = KASE_CLOSED};
    must_commit(f);
    assert_true(store_author_by_id(f->s, 3, &author));
    assert_int_equal(author.last_interaction, 8);
    assert_true(str_is(author.native, "u"));
    struct row_kase kase;
    assert_true(store_open_kase(f->s, 1, &kase));
    assert_int_equal(kase.id, 1);
    assert_false(store_open_kase(f->s, 2, &kase));
    assert_int_equal(store_open_kases(f->s), 1);
    assert_true(store_has_sighting(f->s, 1, 2));
    assert_false(store_has_sighting(f->s, 2, 1));
    change = store_add_set_author(&f->b);
    change->id = 99;
    must_refuse(f, "author 99");
    struct set_interaction *none = store_add_set_interaction(&f->b);
    none->id = 98, none->state = STATE_REMOVED;
    must_refuse(f, "interaction 98");
}

static void an_interaction_changes_where_named(void **state) {
    struct fixture *f = *state;
    struct row_interaction *i = add_interaction(&f->b, 1, "a");
    i->title = str_c("옛"), i->author = 5;
    struct set_interaction *set = store_add_set_interaction(&f->b); /* added in the same commit */
    set->id = 1, set->state = STATE_REMOVED, set->title = str_c("새");
    must_commit(f);
    struct row_interaction got;
    assert_true(store_interaction(f->s, 1, &got));
    assert_int_equal(got.state, STATE_REMOVED);
    assert_int_equal(got.author, 5);
    assert_int_equal(got.parent, NIL);
    assert_true(str_is(got.title, "새") && str_is(got.native, "a"));
}

struct nested {
    struct fixture *f;
    size_t n;
};
static void commit_within(void *ctx, const void *row) {
    struct nested *n = ctx;
    const struct row_cell *cell = row;
    char before[32];
    snprintf(before, sizeof before, "%.*s", STR(cell->name));
    /* The same read inside itself, and a commit, leave what is walked as it was. */
    struct row_cell *add = store_add_cell(&n->f->b);
    *add = (struct row_cell){.scope = 1, .subject = 1, .name = str_c("zz"), .value = 1};
    must_commit(n->f);
    struct nested inner = {n->f, 0};
    if (n->n < 100) {
        inner.n = 100;
        store_cells(n->f->s, 1, 1, commit_within, &inner);
    }
    assert_true(str_is(cell->name, before));
    n->n++;
}

static void a_callback_may_use_the_store(void **state) {
    struct fixture *f = *state;
    for (const char *name = "abc"; *name; name++)
        *store_add_cell(&f->b) =
            (struct row_cell){.scope = 1, .subject = 1, .name = {name, 1}, .expires = NIL};
    must_commit(f);
    struct nested n = {f, 0};
    store_cells(f->s, 1, 1, commit_within, &n);
    assert_int_equal(n.n, 3);
}

static void what_runs_is_kept(void **state) {
    struct fixture *f = *state;
    *store_add_segment(&f->b) = (struct row_segment){.id = 1, .state = 1};
    *store_add_segment(&f->b) = (struct row_segment){.id = 2, .drained = 32};
    *store_add_generation(&f->b) = (struct row_generation){.id = 1, .at = 1, .state = 2};
    *store_add_generation(&f->b) = (struct row_generation){.id = 2, .at = 2, .state = 1};
    *store_add_meta(&f->b) = (struct row_meta){str_c("decided_below"), str_c("17")};
    *store_add_cursor(&f->b) =
        (struct row_cursor){.connection = 1, .name = str_c("comments"), .value = str_c("c1")};
    *store_add_fault(&f->b) = (struct row_fault){.id = 4, .at = 1, .guest = str_c("care")};
    *store_add_space(&f->b) = (struct row_space){1, str_c("blog:b.example")};
    must_commit(f);
    assert_int_equal(store_first_segment(f->s), 2);
    assert_int_equal(store_active_generation(f->s), 1);
    struct buf value = {0};
    assert_true(store_meta(f->s, "decided_below", &value));
    assert_string_equal(value.data, "17");
    assert_false(store_meta(f->s, "nothing", &value));
    buf_free(&value);
    *store_add_segment(&f->b) = (struct row_segment){.id = 2, .drained = 99, .state = 1};
    must_commit(f);
    struct row_segment segment;
    assert_true(store_segment(f->s, 2, &segment));
    assert_int_equal(segment.drained, 99);
    assert_int_equal(store_first_segment(f->s), NIL);
    assert_int_equal(store_ids(f->s).fault, 4);
    assert_int_equal(store_ids(f->s).space, 1);
    assert_int_equal(store_ids(f->s).interaction, 0);
}

static void blobs_are_kept_by_content(void **state) {
    struct fixture *f = *state;
    int64_t a = blob_put(f->s, str_c("가"), &f->err), b = blob_put(f->s, str_c("나"), &f->err);
    assert_true(a > 0 && b > 0 && a != b);
    assert_int_equal(blob_put(f->s, str_c("가"), &f->err), a);
    assert_true(blob_put(f->s, (struct sori_str){0}, &f->err) > 0);
    struct buf got = {0};
    assert_true(blob_get(f->s, b, &got));
    assert_string_equal(got.data, "나");
    assert_false(blob_get(f->s, 99, &got));
    buf_free(&got);
}

static void note_digit(void *ctx, const void *row) {
    int64_t *digits = ctx;
    *digits = *digits * 10 + ((const struct row_decision *)row)->seq;
}

/* The seqs of them, as digits. */
static int64_t negatives(struct store *s, int64_t from, int64_t to, size_t limit) {
    int64_t digits = 0;
    store_negatives(s, from, to, limit, note_digit, &digits);
    return digits;
}

static void negatives_are_counted(void **state) {
    struct fixture *f = *state;
    for (int64_t seq = 1; seq <= 10; seq++)
        add_decision(&f->b, seq, seq % 2 ? TONE_NEGATIVE : TONE_POSITIVE);
    must_commit(f);
    assert_int_equal(negatives(f->s, 0, INT64_MAX, 100), 13579);
    assert_int_equal(negatives(f->s, 1007, 2000, 100), 79);
    assert_int_equal(negatives(f->s, 1003, 1007, 100), 35);
    assert_int_equal(negatives(f->s, 0, INT64_MAX, 2), 13);
    assert_int_equal(negatives(f->s, 2000, INT64_MAX, 100), 0);
}

#define BOTH(test)                                                                                 \
    {"sqlite: " #test, test, setup_sqlite, teardown, NULL}, {                                      \
        "memory: " #test, test, setup_memory, teardown, NULL                                       \
    }

int main(void) {
    const struct CMUnitTest tests[] = {
        BOTH(every_row_comes_back),
        BOTH(a_head_is_found_by_key_and_id),
        BOTH(a_digest_is_remembered_through_revisions),
        BOTH(a_second_decision_is_refused_whole),
        BOTH(keys_are_unique),
        BOTH(null_where_there_must_be_something_is_refused),
        BOTH(another_epoch_is_refused),
        BOTH(reactions_and_tallies_add_up),
        BOTH(people_cases_and_cells),
        BOTH(an_interaction_changes_where_named),
        BOTH(a_callback_may_use_the_store),
        BOTH(what_runs_is_kept),
        BOTH(blobs_are_kept_by_content),
        BOTH(negatives_are_counted),
    };
    return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
