/* uses: sori_store sori_base */
/* Random batches into both drivers: every answer must be the same, refusals included. The seed is
 * printed; SORI_SEED repeats a run. */
#include "test_store_util.h"

#include "base/hash.h"

#include <time.h>

struct pair {
    struct store *s[2];
    struct store_batch b;
    char dir[64];
    uint64_t rng;
    int64_t ids; /* ids and natives come from 1..ids, so that they meet often */
};

static uint64_t next(struct pair *p) {
    p->rng ^= p->rng << 13;
    p->rng ^= p->rng >> 7;
    p->rng ^= p->rng << 17;
    return p->rng;
}
static int64_t below(struct pair *p, int64_t n) { return (int64_t)(next(p) % (uint64_t)n); }
static int64_t id(struct pair *p) { return 1 + below(p, p->ids); }
static int64_t maybe(struct pair *p) { return below(p, 4) ? below(p, 50) : NIL; }

/* Constant words, so that they live as long as a batch needs them. */
static struct sori_str word(struct pair *p) {
    static const char *const words[] = {"", "a", "b", "aa", "가", "나다", "\xff", "zzz", "B"};
    int64_t n = below(p, 10);
    return n == 9 ? (struct sori_str){0} : str_c(words[n]);
}

/* A value of a column: mostly small, now and then NULL. */
#define INT(name)  row->name = maybe(p);
#define TEXT(name) row->name = word(p);
#define BLOB(name) row->name = word(p);
#define TABLE(name, how)                                                                           \
    static void fill_##name(struct pair *p) {                                                      \
        struct row_##name *row = store_add_##name(&p->b);
#define END(name) }
#include "store/rows.def"

static void add_random_row(struct pair *p) {
    size_t pick = (size_t)below(p, 24), n = 0;
#define TABLE(name, how)                                                                           \
    if (n++ == pick) fill_##name(p);
#include "store/rows.def"
}

/* Rows as the flow writes them, so that most commits go through. */
static void add_likely(struct pair *p) {
    switch (below(p, 12)) {
    case 0: add_interaction(&p->b, id(p), below(p, 2) ? "a" : "나다")->space = id(p); break;
    case 1: add_journal(&p->b, id(p), 1 + below(p, 13), id(p), "글")->prev = below(p, 9); break;
    case 2: add_decision(&p->b, id(p), below(p, 5)); break;
    case 3:
    case 4: {
        struct row_action *a = add_action(&p->b, id(p), 1 + below(p, 8), below(p, 2), below(p, 10));
        a->verb = 1 + below(p, 3), a->connection = below(p, 3), a->contact = below(p, 4);
        a->sent_at = below(p, 2) ? below(p, 900) : NIL, a->native = word(p), a->kase = maybe(p);
        break;
    }
    case 5:
        *store_add_kase(&p->b) = (struct row_kase){
            .id = id(p), .contact = 1 + below(p, 4), .version = 1, .state = below(p, 5)};
        break;
    case 6:
        *store_add_timer(&p->b) =
            (struct row_timer){.id = id(p), .due = below(p, 99), .kind = 7, .name = word(p)};
        break;
    case 7:
        *store_add_task(&p->b) = (struct row_task){
            .connection = below(p, 3), .key = str_c(below(p, 2) ? "k" : "l"), .due = below(p, 99)};
        break;
    case 8:
        *store_add_author(&p->b) = (struct row_author){
            .id = id(p), .space = below(p, 3), .native = str_c("u"), .contact = 1};
        break;
    case 9:
        *store_add_segment(&p->b) =
            (struct row_segment){.id = id(p), .drained = 1, .state = below(p, 2)};
        break;
    case 10:
        *store_add_cell(&p->b) = (struct row_cell){
            .scope = 1, .subject = below(p, 4), .name = str_c("c"), .value = maybe(p)};
        break;
    default: add_random_row(p);
    }
}

static void add_change(struct pair *p) {
    switch (below(p, 7)) {
    case 0:
    case 1: {
        struct set_action *a = change_action(&p->b, id(p), (uint32_t)next(p), below(p, 10));
        a->epoch = maybe(p), a->epoch_is = below(p, 3) ? NIL : below(p, 5), a->sent_at = maybe(p);
        a->reason = word(p), a->native = word(p);
        if (below(p, 5) == 0) a->due = below(p, 50);
        break;
    }
    case 2: {
        struct set_interaction *i = store_add_set_interaction(&p->b);
        i->id = id(p), i->state = maybe(p), i->said = maybe(p), i->last = maybe(p);
        i->title = word(p);
        break;
    }
    case 3: {
        struct set_author *a = store_add_set_author(&p->b);
        a->id = id(p), a->reach = maybe(p), a->name = word(p);
        break;
    }
    case 4:
        *store_add_add_tally(&p->b) = (struct add_tally){below(p, 3), str_c("like"), below(p, 3),
                                                         below(p, 2), below(p, 5) - 2};
        break;
    case 5: store_add_del_timer(&p->b)->id = id(p); break;
    default: *store_add_del_task(&p->b) = (struct del_task){below(p, 3), str_c("k")};
    }
}

/* ---- everything that can be read, as text ---- */
static struct buf *out;
static void print_int(const char *name, int64_t i) {
    if (i == NIL)
        buf_printf(out, " %s=-", name);
    else
        buf_printf(out, " %s=%lld", name, (long long)i);
}
static void print_str(const char *name, struct sori_str s) {
    buf_printf(out, " %s=", name);
    if (!s.ptr) buf_putc(out, '-');
    buf_putc(out, '"');
    buf_str(out, s);
    buf_putc(out, '"');
}
#define INT(name)  print_int(#name, row->name);
#define TEXT(name) print_str(#name, row->name);
#define BLOB(name) print_str(#name, row->name);
#define TABLE(name, how)                                                                           \
    __attribute__((unused)) static void print_##name(void *ctx, const void *any) {                 \
        const struct row_##name *row = any;                                                        \
        (void)ctx;                                                                                 \
        buf_puts(out, "\n  " #name);
#define END(name) }
#include "store/rows.def"

#define ONE(type, call)                                                                            \
    do {                                                                                           \
        struct row_##type row;                                                                     \
        buf_puts(out, "\n" #call);                                                                 \
        if (call) print_##type(NULL, &row);                                                        \
    } while (0)

static void print_head(bool found, const struct store_head *h) {
    buf_puts(out, "\nhead");
    if (!found) return;
    for (size_t i = 0; i < sizeof *h / sizeof(int64_t); i++) print_int("", ((const int64_t *)h)[i]);
}

static void print_of(struct store *s, int64_t k) {
    struct store_head h;
    print_head(store_head(s, k, &h), &h);
    print_head(store_seen(s, k, str_c("나다"), &h), &h);
    ONE(interaction, store_interaction(s, k, &row));
    ONE(journal, store_journal(s, k, &row));
    ONE(decision, store_decision(s, k, &row));
    ONE(action, store_action(s, k, &row));
    ONE(action, store_action_by_native(s, k, str_c("가"), &row));
    ONE(author, store_author(s, k, str_c("u"), &row));
    ONE(author, store_author_by_id(s, k, &row));
    ONE(contact, store_contact(s, k, &row));
    ONE(kase, store_open_kase(s, k, &row));
    ONE(kase, store_kase(s, k, &row));
    ONE(segment, store_segment(s, k, &row));
    ONE(generation, store_generation(s, k, &row));
    ONE(reaction, store_reaction(s, k, str_c("a"), str_c("b"), &row));
    store_actions_of(s, k, print_action, NULL);
    store_actions_of_kase(s, k, print_action, NULL);
    store_ready(s, k, 50, 5, print_action, NULL);
    store_actions(s, 1u << (k % 10) | 3, k, 5, print_action, NULL);
    store_cells(s, 1, k, print_cell, NULL);
    store_tasks(s, k, 50, 5, print_task, NULL);
    store_cursors(s, k, 1, print_cursor, NULL);
    print_int("replies", store_replies_since(s, k, 100));
    print_int("reply", store_last_reply(s, k));
    print_int("count", store_count(s, k, str_c("like")));
    print_int("sighting", store_has_sighting(s, k, 3));
    print_int("had", store_had_digest(s, k, 7 * k));
}

static void print_negative(void *ctx, const void *row) {
    (void)ctx;
    print_int("negative", ((const struct row_decision *)row)->seq);
}

static void print_all(struct pair *p, struct store *s) {
    store_spaces(s, print_space, NULL);
    store_connections(s, print_connection, NULL);
    store_undecided(s, 3, 20, print_journal, NULL);
    store_actions(s, ~0u, NIL, 40, print_action, NULL);
    store_timers(s, 60, 20, print_timer, NULL);
    for (int64_t k = 0; k <= p->ids; k++) print_of(s, k);
    print_int("segment", store_first_segment(s));
    print_int("generation", store_active_generation(s));
    store_negatives(s, 1005, 1040, 7, print_negative, NULL);
    print_int("kases", store_open_kases(s));
    struct store_ids ids = store_ids(s);
    for (size_t i = 0; i < sizeof ids / sizeof(int64_t); i++) print_int("", ((int64_t *)&ids)[i]);
}

static void compare(struct pair *p, int step) {
    static struct buf text[2];
    for (int k = 0; k < 2; k++) {
        out = &text[k];
        buf_clear(out);
        print_all(p, p->s[k]);
    }
    if (str_eq(buf_view(&text[0]), buf_view(&text[1]))) return;
    size_t at = 0;
    while (at < text[0].len && at < text[1].len && text[0].data[at] == text[1].data[at]) at++;
    size_t from = at > 300 ? at - 300 : 0;
    fail_msg("step %d: sqlite …%.600s\n---- memory …%.600s", step, text[0].data + from,
             text[1].data + from);
}

static void both_drivers_agree(void **state) {
    struct pair *p = *state;
    int done = 0, refused = 0;
    for (int step = 0; step < 1500; step++) {
        store_batch_clear(&p->b);
        for (int64_t n = 1 + below(p, 5); n > 0; n--) {
            if (below(p, 3))
                add_likely(p);
            else
                add_change(p);
        }
        bool ok[2];
        size_t missed[2];
        struct err err[2];
        for (int k = 0; k < 2; k++) {
            p->b.epoch = store_epoch(p->s[k]);
            ok[k] = store_commit(p->s[k], &p->b, &err[k]);
            missed[k] = p->b.missed;
            assert_null(store_dead(p->s[k]));
        }
        if (ok[0] != ok[1])
            fail_msg("step %d: sqlite %s, memory %s", step, ok[0] ? "ok" : err[0].text,
                     ok[1] ? "ok" : err[1].text);
        if (ok[0]) assert_int_equal(missed[0], missed[1]);
        *(ok[0] ? &done : &refused) += 1;
        if (step % 10 == 0) compare(p, step);
    }
    compare(p, -1);
    print_message("%d committed, %d refused\n", done, refused);
    assert_true(done > 150 && refused > 150);
}

static int setup(void **state) {
    struct pair *p = mem_get(sizeof *p);
    const char *seed = getenv("SORI_SEED");
    p->rng = seed ? strtoull(seed, NULL, 10) : (uint64_t)time(NULL) * 2654435761u + 1;
    print_message("SORI_SEED=%llu\n", (unsigned long long)p->rng);
    p->ids = 40;
    snprintf(p->dir, sizeof p->dir, "/tmp/sori-store-XXXXXX");
    assert_non_null(mkdtemp(p->dir));
    struct err err;
    p->s[0] = store_open(p->dir, &err);
    p->s[1] = store_open_memory();
    assert_non_null(p->s[0]);
    *state = p;
    return 0;
}

static int finish(void **state) {
    struct pair *p = *state;
    store_close(p->s[0]);
    store_close(p->s[1]);
    store_batch_free(&p->b);
    remove_dir(p->dir);
    free(p);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(both_drivers_agree, setup, finish),
        cmocka_unit_test_setup_teardown(both_drivers_agree, setup, finish),
    };
    return cmocka_run_group_tests_name("store, random", tests, NULL, NULL);
}
