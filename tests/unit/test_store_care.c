/* uses: sori_store sori_base PkgConfig::SQLITE */
/* Backup, restore, check: sound stores pass, and each kind of damage is named. */
#include "test_store_util.h"

#include "base/clock.h"

#include <sqlite3.h>
#include <sys/stat.h>

/* A small sound store: two people, three words, a case, actions in every state. */
static void fill(struct fixture *f) {
    struct store_batch *b = &f->b;
    *store_add_space(b) = (struct row_space){1, str_c("blog:b.example")};
    *store_add_connection(b) = (struct row_connection){
        .id = 1, .name = str_c("blog"), .plugin = str_c("blog"), .live_from = 5};
    *store_add_contact(b) = (struct row_contact){.id = 1, .version = 1};
    *store_add_author(b) =
        (struct row_author){.id = 1, .space = 1, .native = str_c("u1"), .contact = 1};
    for (int64_t id = 1; id <= 3; id++) {
        struct row_interaction *i = add_interaction(b, id, "");
        i->native = (struct sori_str){&"abcd"[id], 1};
        i->connection = 1, i->author = 1, i->said = i->last = id;
        add_journal(b, id, ENTRY_SAID, id, "환불이요")->contact = 1;
        add_decision(b, id, TONE_NEGATIVE);
    }
    b->journal->seg = 1, b->journal->off = 32;
    *store_add_segment(b) = (struct row_segment){.id = 1, .drained = 4096};
    *store_add_meta(b) =
        (struct row_meta){.name = SORI_STR("aside:blog"), .value = SORI_STR("7 4096")};
    *store_add_kase(b) =
        (struct row_kase){.id = 1, .contact = 1, .version = 1, .opened_seq = 1, .last_seq = 1};
    *store_add_kase_entry(b) = (struct row_kase_entry){1, 1, 1};
    for (int64_t state = 0; state < ACTION_COUNT; state++) {
        struct row_action *a = add_action(b, state + 1, 1, state, state);
        if (state >= ACTION_SENT && state <= ACTION_UNKNOWN) a->sent_at = 700;
    }
    add_action(b, 20, 2, 0, ACTION_READY)->verb = VERB_ASSIGN;
    for (int64_t k = 0; k < 3; k++)
        *store_add_reaction(b) = (struct row_reaction){
            .target = 3, .class = str_c("like"), .actor = {&"xyz"[k], 1}, .value = k != 1};
    *store_add_add_tally(b) = (struct add_tally){3, str_c("like"), 0, 0, 2};
    must_commit(f);
}

static int setup_filled(void **state) {
    setup_sqlite(state);
    fill(*state);
    return 0;
}

static void expect_sound(const char *path) {
    struct buf findings = {0};
    struct err err = {{0}};
    bool ok = store_check(path, &findings, &err);
    if (!ok) fail_msg("%s %s", err.text, findings.data ? findings.data : "");
    buf_free(&findings);
}

static void expect_finding(const char *path, const char *words) {
    struct buf findings = {0};
    struct err err = {{0}};
    assert_false(store_check(path, &findings, &err));
    if (!findings.data || !strstr(findings.data, words))
        fail_msg("'%s' is not in: %s%s", words, err.text, findings.data ? findings.data : "");
    buf_free(&findings);
}

static void a_sound_store_passes(void **state) {
    struct fixture *f = *state;
    expect_sound(f->path);
    add_interaction(&f->b, 9, "late");
    f->b.interaction->connection = 1;
    must_commit(f); /* checking did not disturb the writer */
}

static void every_damage_is_named(void **state) {
    struct fixture *f = *state;
    static const struct {
        const char *sql, *words;
    } damages[] = {
        {"UPDATE interaction SET author = 77 WHERE id = 2", "interaction 2 names author 77"},
        {"UPDATE interaction SET target = 9 WHERE id = 2", "interaction 2 names interaction 9"},
        {"UPDATE journal SET prev = 88 WHERE seq = 2", "journal 2 names journal 88"},
        {"UPDATE interaction SET said = 1 WHERE id = 2", "interaction 2 has the text of journal 1"},
        {"UPDATE journal SET prev = 3 WHERE seq = 3", "not older"},
        {"DELETE FROM journal WHERE seq = 3", "decision 3 names journal 3"},
        {"UPDATE journal SET at = 5 WHERE seq = 3", "journal 3 at 5"},
        {"UPDATE action SET sent_at = NULL WHERE id = 4", "action 4 is sent, but not when"},
        {"UPDATE action SET sent_at = 9 WHERE id = 2", "action 2 is ready, but was sent at 9"},
        {"UPDATE action SET state = 12 WHERE id = 3", "action 3 is in state 12"},
        {"UPDATE tally SET n = 3", "the tally says 3, the ledger 2"},
        {"DELETE FROM tally", "the tally says 0, the ledger 2"},
        {"UPDATE kase SET contact = 5", "kase 1 names contact 5"},
        {"INSERT INTO generation(id, at, state) VALUES (1, 1, 2), (2, 1, 2)", "2 generations"},
    };
    store_close(f->s);
    f->s = NULL;
    for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
        struct buf copy = {0}, sql = {0};
        sqlite3 *db = NULL;
        buf_printf(&copy, "%s/copy-%zu.db", f->dir, i);
        buf_printf(&sql, "VACUUM INTO '%s'", copy.data);
        assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
        assert_int_equal(sqlite3_exec(db, sql.data, NULL, NULL, NULL), SQLITE_OK);
        sqlite3_close(db);
        assert_int_equal(sqlite3_open(copy.data, &db), SQLITE_OK);
        if (sqlite3_exec(db, damages[i].sql, NULL, NULL, NULL) != SQLITE_OK)
            fail_msg("%s: %s", damages[i].sql, sqlite3_errmsg(db));
        sqlite3_close(db);
        expect_finding(copy.data, damages[i].words);
        buf_free(&copy);
        buf_free(&sql);
    }
    f->s = store_open(f->dir, &f->err);
    assert_non_null(f->s);
}

static void a_sealed_target_keeps_its_tally(void **state) {
    struct fixture *f = *state;
    *store_add_add_tally(&f->b) = (struct add_tally){2, str_c("like"), 0, 0, 40};
    must_commit(f);
    expect_sound(f->path);
}

static void flip(const char *path, long at) {
    FILE *file = fopen(path, "r+b");
    assert_non_null(file);
    assert_int_equal(fseek(file, at, SEEK_SET), 0);
    for (int i = 0; i < 64; i++) fputc(0xa5, file);
    assert_int_equal(fclose(file), 0);
}

static void a_torn_page_is_found(void **state) {
    struct fixture *f = *state;
    store_close(f->s);
    flip(f->path, 3 * 4096);
    expect_finding(f->path, "damaged");
    flip(f->path, 0);
    struct buf findings = {0};
    assert_false(store_check(f->path, &findings, &f->err));
    assert_true(findings.len > 0 || strstr(f->err.text, "not a database"));
    f->s = store_open(f->dir, &f->err);
    assert_null(f->s);
    buf_free(&findings);
    assert_int_equal(unlink(f->path), 0);
    f->s = store_open(f->dir, &f->err);
}

static int64_t action_state(struct store *s, int64_t id) {
    struct row_action a;
    assert_true(store_action(s, id, &a));
    return a.state;
}

static void what_may_be_out_is_unknown_after_a_restore(void **state) {
    struct fixture *f = *state;
    char backup[160], dir[96], file[120];
    snprintf(backup, sizeof backup, "%s/sori.backup", f->dir);
    snprintf(dir, sizeof dir, "%s/other", f->dir);
    assert_int_equal(mkdir(dir, 0700), 0);
    int64_t blob = blob_put(f->s, str_c("manifest"), &f->err);
    if (!store_backup(f->s, backup, &f->err)) fail_msg("%s", f->err.text);
    expect_sound(backup);
    assert_false(store_backup(f->s, backup, &f->err)); /* replaces nothing */
    assert_non_null(strstr(f->err.text, "is there already"));
    add_interaction(&f->b, 50, "after");
    must_commit(f);

    int64_t before = clock_now();
    if (!store_restore(dir, backup, &f->err)) fail_msg("%s", f->err.text);
    struct store *s = store_open(dir, &f->err);
    if (!s) fail_msg("%s", f->err.text);
    static const int64_t want[] = {ACTION_WAITING, ACTION_UNKNOWN,  ACTION_UNKNOWN, ACTION_UNKNOWN,
                                   ACTION_DONE,    ACTION_UNKNOWN,  ACTION_FAILED,  ACTION_STALE,
                                   ACTION_MOOT,    ACTION_WITHDRAWN};
    for (int64_t k = 0; k < ACTION_COUNT; k++) assert_int_equal(action_state(s, k + 1), want[k]);
    assert_int_equal(action_state(s, 20), ACTION_READY); /* never leaves this machine */
    assert_true(store_epoch(s) > store_epoch(f->s));
    struct store_head h;
    assert_true(store_seen(s, 1, str_c("b"), &h));
    assert_false(store_seen(s, 1, str_c("after"), &h));
    struct row_action a;
    assert_true(store_action(s, 4, &a));
    assert_int_equal(a.sent_at, 700);
    assert_true(store_action(s, 2, &a));
    assert_int_equal(a.sent_at, a.due);
    struct row_segment segment; /* a mark in a spool that is gone would skip a new one's records */
    assert_false(store_segment(s, 1, &segment));
    struct buf mark = {0};
    assert_false(store_meta(s, "aside:blog", &mark));
    struct row_journal j;
    assert_true(store_journal(s, 1, &j));
    assert_int_equal(j.seg, NIL);
    struct buf got = {0};
    assert_true(blob_get(s, blob, &got));
    assert_string_equal(got.data, "manifest");
    buf_clear(&got);
    assert_true(store_meta(s, "restored_at", &got));
    assert_true(strtoll(got.data, NULL, 10) >= before);
    buf_free(&got);
    store_close(s);
    snprintf(file, sizeof file, "%s/sori.db", dir);
    expect_sound(file);
}

static int64_t live_from;
static void note_live(void *ctx, const void *row) {
    (void)ctx;
    live_from = ((const struct row_connection *)row)->live_from;
}

static void a_restore_replaces_nothing_and_takes_no_wreck(void **state) {
    struct fixture *f = *state;
    char backup[160], dir[96], file[120];
    snprintf(backup, sizeof backup, "%s/sori.backup", f->dir);
    snprintf(dir, sizeof dir, "%s/other", f->dir);
    snprintf(file, sizeof file, "%s/sori.db", dir);
    assert_int_equal(mkdir(dir, 0700), 0);
    assert_true(store_backup(f->s, backup, &f->err));
    assert_false(store_restore(f->dir, backup, &f->err));
    assert_non_null(strstr(f->err.text, "is there already"));
    assert_false(store_restore(dir, "/nonexistent/file", &f->err));
    assert_non_null(strstr(f->err.text, "/nonexistent/file"));
    assert_int_not_equal(access(file, F_OK), 0);
    int64_t now = clock_now();
    assert_true(store_restore(dir, backup, &f->err));
    struct store *s = store_open(dir, &f->err);
    store_connections(s, note_live, NULL);
    assert_true(live_from >= now); /* what was said before is past: it may have been answered */
    store_close(s);
    unlink(file);
    flip(backup, 3 * 4096);
    assert_false(store_restore(dir, backup, &f->err));
    assert_non_null(strstr(f->err.text, "not sound"));
    assert_int_not_equal(access(file, F_OK), 0);
}

static void a_backup_in_steps_takes_what_is_committed_meanwhile(void **state) {
    struct fixture *f = *state;
    static char big[4000];
    memset(big, 'x', sizeof big);
    char to[96];
    snprintf(to, sizeof to, "%s/steps", f->dir);
    int64_t seq = 100;
    for (; seq < 4100; seq++)
        add_journal(&f->b, seq, ENTRY_HUMAN, 0, "")->text = (struct sori_str){big, sizeof big};
    must_commit(f);
    struct store_copy *c = store_backup_begin(f->s, to, &f->err);
    if (!c) fail_msg("%s", f->err.text);
    assert_int_equal(store_backup_step(c, &f->err), 1);
    store_backup_end(c); /* given up: nothing stays */
    assert_int_not_equal(access(to, F_OK), 0);

    c = store_backup_begin(f->s, to, &f->err);
    int more = 1, steps = 0;
    int64_t last = seq;
    while ((more = store_backup_step(c, &f->err)) > 0) {
        last = seq;
        for (int64_t k = 0; k < 50; k++, seq++)
            add_journal(&f->b, seq, ENTRY_HUMAN, 0, "그 사이에");
        f->b.journal->prev = 100; /* reads old pages */
        *store_add_cell(&f->b) = (struct row_cell){1, 1, str_c("n"), steps, NIL}; /* writes one */
        must_commit(f);
        if (steps % 3 == 0) store_tidy(f->s);
        steps++;
    }
    if (more < 0) fail_msg("%s", f->err.text);
    store_backup_end(c);
    assert_true(steps >= 5);
    expect_sound(to);
    char dir[96];
    snprintf(dir, sizeof dir, "%s/other", f->dir);
    assert_int_equal(mkdir(dir, 0700), 0);
    if (!store_restore(dir, to, &f->err)) fail_msg("%s", f->err.text);
    struct store *s = store_open(dir, &f->err);
    assert_true(store_ids(s).seq >= last - 1);
    struct row_journal j;
    for (int64_t k = 100; k <= store_ids(s).seq; k++) assert_true(store_journal(s, k, &j));
    store_close(s);
}

/* Writes 4 MB and tidies, `n` times; returns the largest size that the WAL had. */
static off_t write_much(struct fixture *f, int64_t *seq, int n, off_t *now) {
    static char big[4000];
    memset(big, 'x', sizeof big);
    char wal[96];
    snprintf(wal, sizeof wal, "%s-wal", f->path);
    off_t largest = 0;
    for (; n > 0; n--) {
        for (int64_t k = 0; k < 1000; k++)
            add_journal(&f->b, (*seq)++, ENTRY_HUMAN, 0, "")->text =
                (struct sori_str){big, sizeof big};
        must_commit(f);
        store_tidy(f->s);
        struct stat st;
        assert_int_equal(stat(wal, &st), 0);
        *now = st.st_size;
        if (st.st_size > largest) largest = st.st_size;
    }
    return largest;
}

static void the_wal_stays_bounded(void **state) {
    struct fixture *f = *state;
    int64_t seq = 100;
    off_t now = 0, largest = write_much(f, &seq, 60, &now);
    print_message("largest WAL: %ld MB\n", (long)(largest >> 20));
    assert_true(largest < 64 << 20);
    /* A reader that stays holds it back; nobody waits for it, and once it left all is well. */
    sqlite3 *reader = NULL;
    assert_int_equal(sqlite3_open_v2(f->path, &reader, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    sqlite3_db_config(reader, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    assert_int_equal(sqlite3_exec(reader, "BEGIN; SELECT * FROM meta", NULL, NULL, NULL),
                     SQLITE_OK);
    largest = write_much(f, &seq, 30, &now);
    assert_true(largest > 100 << 20);
    sqlite3_close(reader);
    write_much(f, &seq, 25, &now);
    print_message("held back: %ld MB, then %ld MB\n", (long)(largest >> 20), (long)(now >> 20));
    assert_true(now <= 64 << 20);
    assert_int_equal(store_ids(f->s).seq, seq - 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup_filled, teardown)
        TEST(a_sound_store_passes),
        TEST(every_damage_is_named),
        TEST(a_sealed_target_keeps_its_tally),
        TEST(a_torn_page_is_found),
        TEST(what_may_be_out_is_unknown_after_a_restore),
        TEST(a_restore_replaces_nothing_and_takes_no_wreck),
        TEST(a_backup_in_steps_takes_what_is_committed_meanwhile),
        TEST(the_wal_stays_bounded),
    };
    return cmocka_run_group_tests_name("store, care", tests, NULL, NULL);
}
