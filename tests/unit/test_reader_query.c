/* uses: sori_reader sori_store sori_supervise sori_fence sori_base PkgConfig::JANSSON */
#include "unit/reader_world.h"

static const char *text(const json_t *o, const char *name) {
    const char *s = json_string_value(json_object_get(o, name));
    return s ? s : "(null)";
}

static void one_form(void **state) {
    struct world *w = *state;
    json_t *rows = ask(w, "show", "id", "2"), *row = json_array_get(rows, 0);
    assert_int_equal(w->code, 0);
    static const char *const keys[] = {"id",      "channel", "connection", "space",   "native_id",
                                       "version", "kind",    "share",      "origin",  "state",
                                       "parent",  "target",  "url",        "author",  "contact",
                                       "title",   "text",    "lang",       "said_at", "heard_at"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (!json_object_get(row, keys[i])) fail_msg("%s is missing", keys[i]);
    assert_int_equal(json_integer_value(json_object_get(row, "id")), 2);
    assert_string_equal(text(row, "channel"), "blog");
    assert_string_equal(text(row, "space"), "blog:shop");
    assert_string_equal(text(row, "native_id"), "c-2");
    assert_string_equal(text(row, "target"), "post-1");
    assert_true(json_is_null(json_object_get(row, "parent")));
    assert_true(json_is_null(json_object_get(row, "share")));
    assert_string_equal(text(row, "text"), "환불이요. \"빨리\" 부탁드려요\n두 번째 문의");
    assert_string_equal(text(row, "said_at"), "2026-11-22T03:35:00Z");
    const json_t *author = json_object_get(row, "author"), *c = json_object_get(row, "contact");
    assert_string_equal(text(author, "id"), "u7");
    assert_string_equal(text(author, "name"), "김하늘");
    assert_int_equal(json_integer_value(json_object_get(author, "reach")), 120);
    assert_string_equal(text(c, "relationship"), "loyal");
    assert_true(json_is_false(json_object_get(c, "influencer")));
    assert_int_equal(json_array_size(json_object_get(row, "history")), 1);
    assert_int_equal(json_array_size(json_object_get(row, "actions")), 1);
    json_decref(rows);
}

static void why_has_facts_and_bundle(void **state) {
    struct world *w = *state;
    json_t *rows = ask(w, "why", "id", "2");
    const json_t *d = json_array_get(json_object_get(json_array_get(rows, 0), "decisions"), 0);
    assert_string_equal(text(d, "rule"), "unhappy customer");
    assert_string_equal(text(d, "where"), "rules/care.lua:31");
    assert_string_equal(text(json_object_get(d, "facts"), "tone"), "negative");
    assert_int_equal(
        json_integer_value(json_object_get(json_object_get(d, "scores"), "tone.negative")), 9312);
    struct sori_str at = w->blobs;
    struct rec_field f;
    int seen = 0;
    while (rec_next(&at, &f) == 1) {
        if (f.tag != TELL_BLOB) continue;
        struct sori_str name = rec_get_str(f.s, 1), bytes = rec_get_str(f.s, 2);
        if (str_is(name, "bundle/7") && str_is(bytes, "the bundle")) seen |= 1;
        if (str_is(name, "facts/2") && str_starts(rec_get_str(bytes, FACT_TEXT), SORI_STR("환불")))
            seen |= 2;
    }
    assert_int_equal(seen, 3);
    json_decref(rows);
}

static void inbox_asks_for_approval_once(void **state) {
    struct world *w = *state;
    json_t *rows = ask(w, "inbox", NULL, NULL), *row = json_array_get(rows, 0);
    assert_int_equal(json_array_size(rows), 1); /* the action stands for its case */
    assert_string_equal(text(row, "what"), "approve");
    assert_string_equal(text(row, "proposed"), "죄송합니다");
    assert_string_equal(text(row, "department"), "support");
    assert_string_equal(text(row, "due"), "2026-11-22T04:35:00Z");
    json_decref(rows);
}

/* What no rule matched is listed, unless its case is open, an action stands or nobody decided. */
static void unmatched_is_seen(void **state) {
    struct world *w = *state;
    struct err err;
    struct buf facts = {0};
    struct store_batch b = {.epoch = store_epoch(w->store)};
    rec_int(&facts, FACT_KIND, KIND_COMMENT);
    for (int64_t seq = 1; seq <= 3; seq += 2) /* 1 was of the past: no facts */
        *store_add_decision(&b) =
            (struct row_decision){.seq = seq,
                                  .at = AT + 9,
                                  .generation = 7,
                                  .status = DECISION_NONE,
                                  .tone = NIL,
                                  .facts = seq == 3 ? buf_view(&facts) : (struct sori_str){0},
                                  .trace = NIL};
    if (!store_commit(w->store, &b, &err)) fail_msg("%s", err.text);
    store_batch_clear(&b);
    json_t *rows = ask(w, "unmatched", NULL, NULL);
    assert_int_equal(json_array_size(rows), 0); /* in the inbox with its case */
    json_decref(rows);
    *store_add_kase(&b) = (struct row_kase){.id = 5,
                                            .contact = 1,
                                            .state = KASE_CLOSED,
                                            .version = 2,
                                            .opened_seq = 2,
                                            .last_seq = 3,
                                            .waiting_since = NIL,
                                            .due = NIL,
                                            .left_ms = NIL};
    if (!store_commit(w->store, &b, &err)) fail_msg("%s", err.text);
    store_batch_free(&b);
    rows = ask(w, "unmatched", NULL, NULL);
    assert_int_equal(json_array_size(rows), 1);
    assert_string_equal(text(json_array_get(rows, 0), "native_id"), "c-3");
    json_decref(rows);
    buf_free(&facts);
}

static size_t found(struct world *w, const char *words) {
    json_t *rows = ask(w, "search", "text", words);
    size_t n = json_array_size(rows);
    json_decref(rows);
    return n;
}

static void search_finds_and_follows(void **state) {
    struct world *w = *state;
    assert_int_equal(found(w, "환불"), 1);
    assert_int_equal(found(w, "불이요"), 1);
    assert_int_equal(found(w, "refund"), 1);
    assert_int_equal(found(w, "김하늘"), 3);
    assert_int_equal(found(w, "교환"), 0);
    /* An edit: the new words are found, the old ones not any more. */
    struct err err;
    struct store_batch b = {.epoch = store_epoch(w->store)};
    *store_add_journal(&b) = (struct row_journal){.seq = 10,
                                                  .at = AT + 10,
                                                  .kind = ENTRY_EDITED,
                                                  .contact = 1,
                                                  .interaction = 2,
                                                  .prev = 2,
                                                  .rev = 2,
                                                  .action = NIL,
                                                  .kase = NIL,
                                                  .text = SORI_STR("교환해 주세요"),
                                                  .seg = NIL,
                                                  .off = NIL};
    struct set_interaction *s = store_add_set_interaction(&b);
    s->id = 2;
    s->said = s->last = 10;
    assert_true(store_commit(w->store, &b, &err));
    store_batch_free(&b);
    assert_int_equal(found(w, "교환"), 1);
    assert_int_equal(found(w, "환불"), 0);
}

/* Ids of what is found, in the order of the answer: " 22 21". */
static void finds(struct world *w, const char *words, const char *ids) {
    json_t *rows = ask(w, "search", "text", words), *row;
    struct buf seen = {0};
    size_t i;
    json_array_foreach(rows, i, row)
        buf_printf(&seen, " %lld", (long long)json_integer_value(json_object_get(row, "id")));
    assert_string_equal(seen.data ? seen.data : "", ids);
    buf_free(&seen);
    json_decref(rows);
}

static void named(struct world *w, int64_t author, const char *name) {
    struct err err;
    struct store_batch b = {.epoch = store_epoch(w->store)};
    struct set_author *s = store_add_set_author(&b);
    s->id = author;
    s->name = str_c(name);
    assert_true(store_commit(w->store, &b, &err));
    store_batch_free(&b);
}

/* A name that a platform tells only later finds what was said before, among everything else, and
 * once; by two who have none yet, only what is his. */
static void a_name_that_is_learned_later(void **state) {
    struct world *w = *state;
    struct err err;
    struct store_batch b = {.epoch = store_epoch(w->store)};
    for (int64_t id = 2; id <= 3; id++)
        *store_add_author(&b) = (struct row_author){
            .id = id, .space = 1, .native = SORI_STR("m"), .contact = 1, .reach = NIL};
    b.author[1].native = SORI_STR("n");
    for (int64_t id = 20; id <= 23; id++) {
        static const char *const natives[] = {"m-20", "m-21", "m-22", "m-23"};
        heard(&b, id, natives[id - 20], id == 23 ? "교환" : "환불 문의");
        b.interaction[id - 20].author = id == 21 ? 3 : 2;
    }
    if (!store_commit(w->store, &b, &err)) fail_msg("%s", err.text);
    store_batch_free(&b);
    finds(w, "박서연", "");
    finds(w, "환불", " 22 21 20 2");
    named(w, 2, "박서연");
    finds(w, "박서연", " 23 22 20");
    finds(w, "환불 박서연", " 22 20");
    finds(w, "환불", " 22 21 20 2"); /* none twice, the newest first */
    finds(w, "박서연 김하늘", "");
    db_close(&w->reader); /* what is on disk says the same */
    w->reader.search = w->reader.db = NULL;
    named(w, 3, "이도윤");
    finds(w, "이도윤", " 21");
    finds(w, "박서", " 23 22 20");
}

static void export_pages_from_a_time(void **state) {
    struct world *w = *state;
    char since[32];
    snprintf(since, sizeof since, "%lld", (long long)(AT + 2));
    json_t *rows = ask(w, "export", "since", since);
    assert_int_equal(json_array_size(rows), 2);
    json_decref(rows);
    rows = ask(w, "export", "after", "3");
    assert_int_equal(json_array_size(rows), 0);
    json_decref(rows);
}

static void figures(void **state) {
    struct world *w = *state;
    rec_int(&w->reader.status, STAT_READY, 1);
    rec_int(&w->reader.status, STAT_GENERATION, 7);
    size_t mark = rec_begin(&w->reader.status, STAT_COUNTER);
    rec_str(&w->reader.status, COUNTER_NAME, SORI_STR("sori_items_total"));
    size_t label = rec_begin(&w->reader.status, COUNTER_LABELS);
    rec_str(&w->reader.status, 1, SORI_STR("connection"));
    rec_str(&w->reader.status, 2, SORI_STR("a\"b"));
    rec_end(&w->reader.status, label);
    rec_int(&w->reader.status, COUNTER_VALUE, 41);
    rec_str(&w->reader.status, COUNTER_HELP, SORI_STR("items heard"));
    rec_end(&w->reader.status, mark);
    struct buf out = {0};
    figures_prometheus(&w->reader, &out);
    assert_non_null(strstr(out.data, "# TYPE sori_items_total counter\n"
                                     "sori_items_total{connection=\"a\\\"b\"} 41\n"));
    assert_non_null(strstr(out.data, "sori_generation 7\n"));
    buf_free(&out);
    bool ready = true;
    figures_ready(&w->reader, &out, &ready);
    assert_false(ready); /* figures that never arrived are no proof of life */
    buf_free(&out);
    json_t *rows = ask(w, "status", NULL, NULL);
    const json_t *counts = json_object_get(json_array_get(rows, 0), "counts");
    assert_int_equal(json_integer_value(json_object_get(counts, "interactions")), 3);
    assert_int_equal(json_integer_value(json_object_get(counts, "waiting")), 1);
    json_decref(rows);
    buf_free(&w->reader.status);
}

int main(void) {
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(one_form),
        TEST(why_has_facts_and_bundle),
        TEST(inbox_asks_for_approval_once),
        TEST(unmatched_is_seen),
        TEST(search_finds_and_follows),
        TEST(a_name_that_is_learned_later),
        TEST(export_pages_from_a_time),
        TEST(figures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
