/* A store with a few words of one person in it, and a reader that answers about it: shared by the
 * tests of queries. The rows of person and contact are late by the newest word, as they may be. */
#ifndef UNIT_READER_WORLD_H
#define UNIT_READER_WORLD_H

#include "base/hash.h"
#include "base/item.h"
#include "lua/policy.h"
#include "reader/part.h"
#include "store/store.h"
#include "supervise/messages.h"
#include "supervise/wire.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

static const int64_t AT = 1795318500000; /* 2026-11-22T03:35:00Z */

struct world {
    char dir[64];
    struct store *store;
    struct reader reader;
    struct sori_str blobs; /* rest of the last answer, owned */
    int code;
};

static inline void heard(struct store_batch *b, int64_t id, const char *native, const char *text) {
    *store_add_interaction(b) =
        (struct row_interaction){.id = id,
                                 .space = 1,
                                 .native = str_c(native),
                                 .kind = KIND_COMMENT,
                                 .connection = 1,
                                 .author = 1,
                                 .target = 1,
                                 .said_at = AT,
                                 .heard_at = AT + id,
                                 .state = STATE_LIVE,
                                 .said = id,
                                 .last = id,
                                 .version = 3,
                                 .parent = NIL,
                                 .prev_by_author = id - 1,
                                 .url = SORI_STR("https://blog.example.kr/?p=1#c"),
                                 .lang = SORI_STR("ko")};
    *store_add_journal(b) = (struct row_journal){.seq = id,
                                                 .at = AT + id,
                                                 .kind = ENTRY_SAID,
                                                 .contact = 1,
                                                 .interaction = id,
                                                 .prev = NIL,
                                                 .rev = 1,
                                                 .action = NIL,
                                                 .kase = NIL,
                                                 .text = str_c(text),
                                                 .seg = NIL,
                                                 .off = NIL};
}

static inline void decided(struct store_batch *b, struct buf *facts, struct buf *result) {
    rec_int(facts, FACT_KIND, KIND_COMMENT);
    rec_int(facts, FACT_TONE, TONE_NEGATIVE);
    size_t mark = rec_begin(facts, FACT_LABEL);
    rec_str(facts, 1, SORI_STR("tone.negative"));
    rec_int(facts, 2, 9312);
    rec_end(facts, mark);
    rec_int(result, DEC_STATUS, DECISION_DECIDED);
    rec_str(result, DEC_WHERE, SORI_STR("rules/care.lua:31"));
    mark = rec_begin(result, DEC_INTENT);
    rec_int(result, INTENT_VERB, VERB_REPLY);
    rec_str(result, INTENT_TEXT, SORI_STR("죄송합니다"));
    rec_end(result, mark);
    *store_add_decision(b) = (struct row_decision){.seq = 2,
                                                   .at = AT + 2,
                                                   .generation = 7,
                                                   .status = DECISION_DECIDED,
                                                   .rule = SORI_STR("unhappy customer"),
                                                   .tone = TONE_NEGATIVE,
                                                   .facts = buf_view(facts),
                                                   .result = buf_view(result),
                                                   .trace = 99};
}

static inline void fill(struct world *w) {
    struct err err;
    struct store_batch b = {.epoch = store_epoch(w->store)};
    *store_add_space(&b) = (struct row_space){1, SORI_STR("blog:shop")};
    *store_add_connection(&b) = (struct row_connection){.id = 1,
                                                        .name = SORI_STR("shop-blog"),
                                                        .plugin = SORI_STR("blog"),
                                                        .space = 1,
                                                        .live_from = AT,
                                                        .state = CONN_READY};
    *store_add_author(&b) = (struct row_author){.id = 1,
                                                .space = 1,
                                                .native = SORI_STR("u7"),
                                                .contact = 1,
                                                .name = SORI_STR("김하늘"),
                                                .reach = 120,
                                                .last_interaction = 2};
    *store_add_contact(&b) = (struct row_contact){.id = 1,
                                                  .relationship = RELATION_LOYAL,
                                                  .version = 1,
                                                  .first_at = AT,
                                                  .spoke = 2,
                                                  .last_seq = 2};
    heard(&b, 1, "post-1", "가을 신상품을 소개합니다");
    heard(&b, 2, "c-2", "환불이요. \"빨리\" 부탁드려요\n두 번째 문의");
    heard(&b, 3, "c-3", "Thank you, the refund arrived");
    struct buf facts = {0}, result = {0}, body = {0}, manifest = {0};
    decided(&b, &facts, &result);
    rec_str(&body, ACT_TEXT, SORI_STR("죄송합니다"));
    *store_add_kase(&b) = (struct row_kase){.id = 5,
                                            .contact = 1,
                                            .department = SORI_STR("support"),
                                            .state = KASE_OPEN,
                                            .version = 1,
                                            .opened_seq = 2,
                                            .last_seq = 2,
                                            .waiting_since = AT,
                                            .due = AT + 3600000,
                                            .left_ms = NIL};
    *store_add_kase_entry(&b) = (struct row_kase_entry){5, 2, 2};
    *store_add_action(&b) = (struct row_action){.id = 4,
                                                .seq = 2,
                                                .interaction = 2,
                                                .rev = 1,
                                                .verb = VERB_REPLY,
                                                .connection = 1,
                                                .contact = 1,
                                                .kase = 5,
                                                .kase_version = 1,
                                                .state = ACTION_WAITING,
                                                .due = AT,
                                                .epoch = NIL,
                                                .lease_until = NIL,
                                                .sent_at = NIL,
                                                .body = buf_view(&body)};
    rec_str(&manifest, MANIFEST_BUNDLE, SORI_STR("the bundle"));
    int64_t blob = blob_put(w->store, buf_view(&manifest), &err);
    *store_add_generation(&b) =
        (struct row_generation){.id = 7, .at = AT, .state = 2, .manifest = blob, .report = NIL};
    if (!store_commit(w->store, &b, &err)) fail_msg("%s", err.text);
    store_batch_free(&b);
    buf_free(&facts);
    buf_free(&result);
    buf_free(&body);
    buf_free(&manifest);
}

static inline int set_up(void **state) {
    struct world *w = mem_get(sizeof *w);
    struct err err;
    snprintf(w->dir, sizeof w->dir, "/tmp/sori-reader-XXXXXX");
    assert_non_null(mkdtemp(w->dir));
    w->store = store_open(w->dir, &err);
    if (!w->store) fail_msg("%s", err.text);
    fill(w);
    w->reader.data = w->dir;
    *state = w;
    return 0;
}

static inline int tear_down(void **state) {
    struct world *w = *state;
    db_close(&w->reader);
    store_close(w->store);
    free((void *)(uintptr_t)w->blobs.ptr);
    char command[96];
    snprintf(command, sizeof command, "rm -rf %s", w->dir);
    int rc = system(command);
    free(w);
    return rc;
}

/* Asks as the command line does; gives the rows as an array. */
static inline json_t *ask(struct world *w, const char *name, const char *arg, const char *value) {
    int fds[2];
    struct err err;
    assert_true(wire_pair(fds, &err));
    struct buf q = {0}, rest = {0};
    rec_str(&q, ASK_NAME, str_c(name));
    if (arg) {
        size_t mark = rec_begin(&q, ASK_ARG);
        rec_str(&q, 1, str_c(arg));
        rec_str(&q, 2, str_c(value));
        rec_end(&q, mark);
    }
    client_serve(&w->reader, fds[1], 1, buf_view(&q));
    buf_free(&q);
    struct wire wire;
    wire_open(&wire, fds[0]);
    json_t *rows = json_array();
    for (bool over = false; !over;) {
        struct wire_msg msg;
        assert_int_equal(wire_recv(&wire, &msg), 1);
        struct sori_str p = msg.payload;
        struct rec_field f;
        while (rec_next(&p, &f) == 1) {
            if (f.tag == TELL_ROW) {
                json_t *row = json_loadb(f.s.ptr, f.s.len, 0, NULL);
                assert_non_null(row);
                json_array_append_new(rows, row);
            } else if (f.type == REC_REC) {
                rec_rec(&rest, f.tag, f.s);
            }
        }
        over = msg.head.type == W_DONE;
        w->code = (int)msg.head.status;
    }
    wire_close(&wire);
    free((void *)(uintptr_t)w->blobs.ptr);
    w->blobs = mem_copy(buf_view(&rest));
    buf_free(&rest);
    return rows;
}

#endif
