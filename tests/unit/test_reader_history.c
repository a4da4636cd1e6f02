/* uses: sori_reader sori_store sori_supervise sori_fence sori_base */
/* History for back-tests: where it begins, in pieces, and which generation had what. */
#include "base/item.h"
#include "lua/policy.h"
#include "reader/part.h"
#include "store/store.h"
#include "supervise/messages.h"
#include "supervise/wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

static const int64_t AT = 1795318500000; /* 2026-11-22T03:35:00Z */
enum { ROWS = 900, STEP_MS = 1000 };

struct world {
    char dir[64];
    struct store *store;
    struct reader reader;
    struct buf told;
};

/* Every third seq is free, and each fifth decision has no facts. */
static int64_t seq_of(int i) { return 1 + i + i / 2; }

static void put_generation(struct world *w, struct store_batch *b, int64_t id, int state,
                           const char *bundle, const char *label) {
    struct err err;
    struct buf manifest = {0}, env = {0};
    size_t mark = rec_begin(&env, ENV_LABEL);
    rec_str(&env, 1, str_c(label));
    rec_end(&env, mark);
    rec_str(&manifest, MANIFEST_BUNDLE, str_c(bundle));
    rec_rec(&manifest, MANIFEST_ENV, buf_view(&env));
    int64_t blob = blob_put(w->store, buf_view(&manifest), &err);
    *store_add_generation(b) = (struct row_generation){
        .id = id, .at = AT, .state = state, .manifest = blob, .report = NIL, .decisions = 5};
    buf_free(&manifest);
    buf_free(&env);
}

static int set_up(void **state) {
    struct world *w = mem_get(sizeof *w);
    struct err err;
    struct buf facts = {0};
    snprintf(w->dir, sizeof w->dir, "/tmp/sori-history-XXXXXX");
    assert_non_null(mkdtemp(w->dir));
    w->store = store_open(w->dir, &err);
    if (!w->store) fail_msg("%s", err.text);
    struct store_batch b = {.epoch = store_epoch(w->store)};
    rec_int(&facts, FACT_KIND, KIND_COMMENT);
    for (int i = 0; i < ROWS; i++) {
        *store_add_journal(&b) = (struct row_journal){.seq = seq_of(i),
                                                      .at = AT + i * STEP_MS,
                                                      .kind = ENTRY_SAID,
                                                      .contact = 1 + i % 7,
                                                      .interaction = i + 1,
                                                      .prev = NIL,
                                                      .rev = 1,
                                                      .action = NIL,
                                                      .kase = NIL,
                                                      .text = SORI_STR("배송이 늦어요"),
                                                      .seg = NIL,
                                                      .off = NIL};
        *store_add_decision(&b) =
            (struct row_decision){.seq = seq_of(i),
                                  .at = AT + i * STEP_MS,
                                  .generation = i < ROWS / 2 ? 1 : 3,
                                  .status = i % 5 ? DECISION_DECIDED : DECISION_PAST,
                                  .tone = NIL,
                                  .facts = i % 5 ? buf_view(&facts) : (struct sori_str){0},
                                  .result = SORI_STR("x"),
                                  .trace = 9};
    }
    put_generation(w, &b, 1, 3, "cell \"sorries\"", "tone.negative");
    put_generation(w, &b, 2, 3, "cell \"visits\"", "topic.delivery");
    put_generation(w, &b, 3, 2, "cell \"visits\"", "topic.delivery");
    if (!store_commit(w->store, &b, &err)) fail_msg("%s", err.text);
    store_batch_free(&b);
    buf_free(&facts);
    w->reader.data = w->dir;
    *state = w;
    return 0;
}

static int tear_down(void **state) {
    struct world *w = *state;
    char command[96];
    db_close(&w->reader);
    store_close(w->store);
    buf_free(&w->told);
    snprintf(command, sizeof command, "rm -rf %s", w->dir);
    int rc = system(command);
    free(w);
    return rc;
}

struct pair {
    const char *name, *value;
};

/* All that was told lies in w->told. */
static void ask(struct world *w, const char *name, const struct pair *args, size_t n) {
    int fds[2];
    struct err err;
    struct buf q = {0};
    assert_true(wire_pair(fds, &err));
    rec_str(&q, ASK_NAME, str_c(name));
    for (size_t i = 0; i < n; i++) {
        size_t mark = rec_begin(&q, ASK_ARG);
        rec_str(&q, 1, str_c(args[i].name));
        rec_str(&q, 2, str_c(args[i].value));
        rec_end(&q, mark);
    }
    client_serve(&w->reader, fds[1], 1, buf_view(&q));
    buf_free(&q);
    struct wire wire;
    struct wire_msg m;
    wire_open(&wire, fds[0]);
    buf_clear(&w->told);
    do {
        assert_int_equal(wire_recv(&wire, &m), 1);
        buf_str(&w->told, m.payload);
    } while (m.head.type != W_DONE);
    assert_int_equal(m.head.status, 0);
    wire_close(&wire);
}

static struct sori_str plan_since(struct world *w, int64_t since) {
    char text[24];
    snprintf(text, sizeof text, "%lld", (long long)since);
    const struct pair args[] = {{"since", text},
                                {"need", "label topic.delivery"},
                                {"need", "cell sorries"},
                                {"need", "cell visits"}};
    ask(w, "history-plan", args, 4);
    return rec_get_rec(buf_view(&w->told), TELL_PLAN);
}

static void begins_where_it_was_asked_for(void **state) {
    struct world *w = *state;
    assert_int_equal(rec_get_int(plan_since(w, 0), PLAN_FROM, -1), 1);
    for (int i = 0; i < ROWS; i += 37) {
        /* Just then, and a little before: behind the one before, and not behind this one. */
        for (int early = 0; early < 2; early++) {
            int64_t from = rec_get_int(plan_since(w, AT + i * STEP_MS - early), PLAN_FROM, -1);
            assert_true(from <= seq_of(i) && (i == 0 || from > seq_of(i - 1)));
        }
    }
    struct sori_str plan = plan_since(w, AT + ROWS * STEP_MS);
    assert_true(rec_get_int(plan, PLAN_FROM, 0) > rec_get_int(plan, PLAN_TO, 0));
    assert_int_equal(rec_get_int(plan, PLAN_TO, 0), seq_of(ROWS - 1));
}

static void knows_what_each_generation_had(void **state) {
    struct sori_str plan = plan_since(*state, 0), rest = plan;
    struct rec_field f, g;
    int64_t lacks[4] = {0}, same[4] = {0};
    while (rec_next(&rest, &f) == 1)
        if (f.tag == PLAN_GENERATION) {
            int64_t id = rec_get_int(f.s, 1, 0);
            same[id] = rec_get_int(f.s, 2, 0);
            for (struct sori_str in = f.s; rec_next(&in, &g) == 1;)
                if (g.tag == 3) lacks[id] |= 1 << g.i;
        }
    assert_int_equal(rec_get_int(plan, PLAN_LIVE, 0), 3);
    assert_true(str_is(rec_get_str(plan, PLAN_BUNDLE), "cell \"visits\""));
    assert_int_equal(lacks[1], 1 | 4);
    assert_int_equal(lacks[2], 2);
    assert_int_equal(lacks[3], 2);
    assert_true(!same[1] && same[2] && same[3]); /* the same policy under another number */
}

static void comes_in_pieces_whole_and_in_order(void **state) {
    struct world *w = *state;
    int64_t next = 1, last = 0, n = 0, with_facts = 0;
    for (int piece = 0; piece < ROWS && next <= seq_of(ROWS - 1); piece++) {
        char from[24], to[24];
        snprintf(from, sizeof from, "%lld", (long long)next);
        snprintf(to, sizeof to, "%lld", (long long)next + 99);
        const struct pair args[] = {{"from", from}, {"to", to}};
        ask(w, "history", args, 2);
        struct sori_str rest = buf_view(&w->told);
        struct rec_field f;
        while (rec_next(&rest, &f) == 1) {
            if (f.tag != TELL_PAST) continue;
            int64_t seq = rec_get_int(f.s, PAST_SEQ, 0);
            struct sori_str facts = rec_get_str(f.s, PAST_FACTS);
            assert_true(seq > last && seq >= next && seq <= next + 99);
            last = seq;
            n++;
            if (!facts.len) continue;
            with_facts++; /* the text is among them again */
            assert_true(str_is(rec_get_str(facts, FACT_TEXT), "배송이 늦어요"));
            assert_int_equal(rec_get_int(facts, FACT_KIND, 0), KIND_COMMENT);
        }
        next += 100;
    }
    assert_int_equal(n, ROWS);
    assert_int_equal(with_facts, ROWS - ROWS / 5);
}

int main(void) {
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {TEST(begins_where_it_was_asked_for),
                                       TEST(knows_what_each_generation_had),
                                       TEST(comes_in_pieces_whole_and_in_order)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
