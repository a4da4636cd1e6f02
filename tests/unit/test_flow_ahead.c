/* uses: sori_flow sori_gate sori_store sori_supervise sori_conf sori_lua sori_base */
/* Memory runs ahead of the disk: what is in the batch, or flies, is as known as what is on disk. */
#include "flow/act/act.h"
#include "flow/record.h"

#include "base/hash.h"

#include "flow_world.h"

/* As flow_take_off does; the disk does not know of it yet. */
static void fly(void) {
    struct volume empty = core.flight;
    core.flight = core.filling;
    core.filling = empty;
    core.after_tail = &core.after;
    core.flying = true;
}

static struct sori_item item_of(const char *id, const char *author) {
    return (struct sori_item){.struct_size = sizeof(struct sori_item),
                              .kind = SORI_KIND_COMMENT,
                              .native_id = str_c(id),
                              .author_id = str_c(author),
                              .text = SORI_STR("배송이 늦어요")};
}

static struct head *give(const struct sori_item *item) {
    record_item(&core, &conn, item, (struct arrival){NIL, NIL});
    return head_seen(&core, record_space(&core, &conn, item), item->native_id);
}

static int64_t contact_of(const struct head *h) {
    struct row_author row;
    assert_true(person_row(&core, h->h.author, &row));
    return row.contact;
}

static void what_becomes_of_words_is_of_who_said_them(void **state) {
    (void)state;
    for (int flies = 0; flies < 2; flies++) {
        struct sori_item item = item_of(flies ? "b" : "a", flies ? "kim" : "lee");
        int64_t contact = contact_of(give(&item));
        if (flies) fly();
        item.event = SORI_EVENT_REMOVED;
        give(&item);
        const struct row_journal *j = &core.batch.journal[core.batch.journal_n - 1];
        assert_int_equal(j->kind, ENTRY_REMOVED);
        assert_int_equal(j->contact, contact);
    }
}

static void an_answer_by_hand_answers_at_once(void **state) {
    (void)state;
    for (int flies = 0; flies < 2; flies++) {
        struct sori_item item = item_of(flies ? "b" : "a", flies ? "kim" : "lee");
        struct head *h = give(&item);
        struct contact *p = person_contact(&core, contact_of(h));
        kase_open(&core, p, h->h.said, h->h.id, "someone is needed");
        assert_int_equal(p->kase->state, KASE_OPEN);
        if (flies) fly();
        struct sori_item answer = item_of(flies ? "b1" : "a1", "us");
        answer.parent = item.native_id;
        answer.origin = SORI_ORIGIN_US_BY_HAND;
        give(&answer);
        assert_int_equal(p->kase->state, KASE_ANSWERED);
    }
}

static void who_it_was_is_learnt_at_once(void **state) {
    (void)state;
    for (int flies = 0; flies < 2; flies++) {
        struct sori_item item = item_of(flies ? "b" : "a", "");
        int64_t nobody = give(&item)->h.author;
        if (flies) fly();
        item.author_id = SORI_STR("kim");
        struct head *h = give(&item);
        assert_int_not_equal(h->h.author, nobody);
        struct row_author row;
        assert_true(person_row(&core, h->h.author, &row));
        assert_true(str_is(row.native, "kim"));
    }
}

/* An echo that is quicker than the disk is no stranger's word that a rule would answer. */
static void an_echo_is_known_before_its_action_is_on_disk(void **state) {
    (void)state;
    struct sori_item item = item_of("a", "lee");
    struct entry e = {.conn = &conn, .interaction = give(&item)->h.id};
    int64_t id = act_put(&core, &e, VERB_REPLY, 0, SORI_STR("고맙습니다"), (struct sori_str){0},
                         ACTION_SENT, (struct sori_str){0}, (struct sori_str){0}, NIL, NIL);
    flow_commit(&core);
    act_change(&core, id, 1u << ACTION_SENT, ACTION_DONE)->native = SORI_STR("ours");
    for (int flies = 0; flies < 2; flies++) {
        struct sori_item echo = item_of("ours", "us");
        echo.parent = SORI_STR("a");
        if (flies) fly();
        struct conn other = conn;
        other.id = 7;
        assert_false(act_made(&core, &other, echo.native_id));
        assert_true(act_made(&core, &conn, echo.native_id));
        assert_false(act_made(&core, &conn, SORI_STR("another")));
        if (flies) assert_int_equal(give(&echo)->h.origin, ORIGIN_BY_RULE);
    }
}

/* Somebody who was nobody turns out to be known: the case goes along, with what was counted for it,
 * and is as asleep, or as late, as it was. */
static void a_case_moves_as_it_is(void **state) {
    (void)state;
    for (int sleeps = 0; sleeps < 2; sleeps++) {
        struct sori_item item = item_of(sleeps ? "b" : "a", "");
        struct head *h = give(&item);
        struct contact *from = person_contact(&core, contact_of(h));
        struct kase *k = kase_open(&core, from, h->h.said, h->h.id, "someone is needed");
        from->cells = mem_get(sizeof *from->cells);
        from->cells[from->cell_count++] =
            (struct cell){mem_text(SORI_STR("sorries")), 1, k->id, 2, NIL};
        if (sleeps) {
            k->state = KASE_SNOOZED;
            k->due = NIL;
        } else {
            k->due = core_now(&core) - 1000; /* that was said already */
        }
        flow_commit(&core);
        int64_t version = k->version;
        item.author_id = sleeps ? SORI_STR("kim") : SORI_STR("lee");
        struct contact *to = person_contact(&core, contact_of(give(&item)));
        assert_ptr_equal(to->kase, k);
        assert_int_equal(to->cell_count, 1);
        assert_int_equal(to->cells[0].value, 2);
        assert_int_equal(from->cell_count, 0);
        assert_int_equal(k->version, version);
        size_t timers = core.batch.timer_n;
        kase_flush(&core);
        assert_int_equal(core.batch.timer_n, timers);
    }
}

static void nobody_decides(struct core *c, struct after *a) {
    (void)a;
    c->active->ready = false;
}

/* A clock that ends while words of the batch are the newest of its case says so all the same. */
static void a_clock_ends_whatever_is_in_the_batch(void **state) {
    (void)state;
    struct sori_item item = item_of("a", "lee"), more = item_of("b", "lee");
    struct head *h = give(&item);
    struct contact *p = person_contact(&core, contact_of(h));
    struct kase *k = kase_open(&core, p, h->h.said, h->h.id, "someone is needed");
    k->due = core_now(&core) - 1;
    flow_commit(&core);
    h = give(&more);
    kase_write(&core, k, h->h.said, h->h.id);
    struct after rest = {.run = nobody_decides};
    generation.ready = true;
    generation.retry_at = INT64_MAX;
    flow_after(&core, &rest);
    due_pump(&core);
    struct row_journal j;
    assert_true(store_journal(core.store, core.ids.seq, &j));
    assert_int_equal(j.kind, ENTRY_OVERDUE);
}

/* Names are strangers' to choose: two of one digest, which could be computed where the key is
 * known, would stop the core again and again. */
static void nobody_knows_the_digests(void **state) {
    (void)state;
    struct sori_item item = item_of("a", "lee");
    uint64_t space = (uint64_t)give(&item)->space;
    const struct hash_key heads = {space, 0x736f7269u}, authors = {space, 0x617574686f72u};
    assert_int_equal(core.heads.count, 1);
    assert_int_equal(core.authors.count, 1);
    assert_null(map_get(&core.heads, hash_sip(heads, SORI_STR("a"))));
    assert_null(map_get(&core.authors, hash_sip(authors, SORI_STR("lee"))));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_becomes_of_words_is_of_who_said_them, begin, end),
        cmocka_unit_test_setup_teardown(an_answer_by_hand_answers_at_once, begin, end),
        cmocka_unit_test_setup_teardown(who_it_was_is_learnt_at_once, begin, end),
        cmocka_unit_test_setup_teardown(an_echo_is_known_before_its_action_is_on_disk, begin, end),
        cmocka_unit_test_setup_teardown(a_case_moves_as_it_is, begin, end),
        cmocka_unit_test_setup_teardown(a_clock_ends_whatever_is_in_the_batch, begin, end),
        cmocka_unit_test_setup_teardown(nobody_knows_the_digests, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
