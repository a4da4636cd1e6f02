/* What the tests of the store share: a folder, a store of either driver, short ways to add rows. */
#ifndef TEST_STORE_UTIL_H
#define TEST_STORE_UTIL_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "store/store.h"

#include <unistd.h>

struct fixture {
    char dir[64];
    char path[80]; /* of the database; empty in memory */
    struct store *s;
    struct store_batch b;
    struct err err;
};

static inline void remove_dir(const char *dir) {
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", dir);
    assert_int_equal(system(command), 0);
}

static inline void fixture_dir(struct fixture *f) {
    snprintf(f->dir, sizeof f->dir, "/tmp/sori-store-XXXXXX");
    assert_non_null(mkdtemp(f->dir));
    snprintf(f->path, sizeof f->path, "%s/sori.db", f->dir);
}

static inline int setup_sqlite(void **state) {
    struct fixture *f = mem_get(sizeof *f);
    fixture_dir(f);
    f->s = store_open(f->dir, &f->err);
    if (!f->s) fail_msg("%s", f->err.text);
    *state = f;
    return 0;
}

static inline int setup_memory(void **state) {
    struct fixture *f = mem_get(sizeof *f);
    f->s = store_open_memory();
    *state = f;
    return 0;
}

static inline int teardown(void **state) {
    struct fixture *f = *state;
    store_close(f->s);
    store_batch_free(&f->b);
    if (f->dir[0]) remove_dir(f->dir);
    free(f);
    return 0;
}

static inline bool commit(struct fixture *f) {
    f->b.epoch = store_epoch(f->s);
    f->err.text[0] = 0;
    bool ok = store_commit(f->s, &f->b, &f->err);
    store_batch_clear(&f->b);
    return ok;
}

static inline void must_commit(struct fixture *f) {
    if (!commit(f)) fail_msg("%s", f->err.text);
}

/* The store refuses and lives on. */
static inline void must_refuse(struct fixture *f, const char *words) {
    assert_false(commit(f));
    assert_memory_equal(f->err.text, "refused: ", 9);
    if (!strstr(f->err.text, words)) fail_msg("'%s' does not say '%s'", f->err.text, words);
    assert_null(store_dead(f->s));
}

static inline struct row_interaction *add_interaction(struct store_batch *b, int64_t id,
                                                      const char *native) {
    struct row_interaction *i = store_add_interaction(b);
    *i = (struct row_interaction){.id = id,
                                  .space = 1,
                                  .native = str_c(native),
                                  .kind = 2,
                                  .state = 1,
                                  .said = NIL,
                                  .last = NIL,
                                  .author = NIL,
                                  .parent = NIL,
                                  .target = NIL,
                                  .prev_by_author = NIL};
    return i;
}

static inline struct row_journal *add_journal(struct store_batch *b, int64_t seq, int64_t kind,
                                              int64_t interaction, const char *text) {
    struct row_journal *j = store_add_journal(b);
    *j = (struct row_journal){.seq = seq,
                              .at = 1000 + seq,
                              .kind = kind,
                              .contact = NIL,
                              .interaction = interaction,
                              .prev = NIL,
                              .rev = 1,
                              .action = NIL,
                              .kase = NIL,
                              .digest = seq * 7,
                              .text = str_c(text),
                              .seg = NIL,
                              .off = NIL};
    return j;
}

static inline struct row_decision *add_decision(struct store_batch *b, int64_t seq, int64_t tone) {
    struct row_decision *d = store_add_decision(b);
    *d = (struct row_decision){.seq = seq,
                               .at = 1000 + seq,
                               .generation = 1,
                               .status = 1,
                               .rule = str_c("thanks"),
                               .tone = tone,
                               .trace = seq};
    return d;
}

static inline struct row_action *add_action(struct store_batch *b, int64_t id, int64_t interaction,
                                            int64_t slot, int64_t state) {
    struct row_action *a = store_add_action(b);
    *a = (struct row_action){.id = id,
                             .seq = 1,
                             .interaction = interaction,
                             .rev = 1,
                             .verb = VERB_REPLY,
                             .slot = slot,
                             .connection = 1,
                             .contact = 1,
                             .kase = NIL,
                             .kase_version = NIL,
                             .state = state,
                             .due = 100 + id,
                             .epoch = NIL,
                             .lease_until = NIL,
                             .sent_at = NIL,
                             .text_hash = NIL,
                             .body = str_c("죄송합니다")};
    return a;
}

static inline struct set_action *change_action(struct store_batch *b, int64_t id, uint32_t from,
                                               int64_t state) {
    struct set_action *a = store_add_set_action(b);
    a->id = id;
    a->from = from;
    a->state = state;
    return a;
}

#endif
