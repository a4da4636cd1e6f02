/* Work that a connector leaves for a later poll. A connection has so many at most; and one that is
 * handed out again and again and never done, or on which its worker dies, goes in the end. What is
 * dropped stands in a fault, with its bytes. */
#include "flow/channel/task.h"

#include "base/clock.h"
#include "base/log.h"
#include "flow/admit.h"
#include "flow/limits.h"

enum { HAND_KEY = 1, HAND_BODY = 2, HAND_DUE = 3, HAND_TRIES = 4 }; /* a record of conn.handed */

static void drop(struct core *c, struct conn *conn, struct sori_str key, struct sori_str body,
                 const char *why, bool loud) {
    struct buf text = {0};
    buf_printf(&text, "task %.*s is dropped: %s", STR(key), why);
    if (loud) log_line(LOG_ERROR, conn->name, "%s", text.data);
    flow_fault(c, conn->plugin->id, "task", conn, NIL, NIL, NIL, 0, buf_view(&text), body);
    buf_free(&text);
}

static void count(struct core *c, struct conn *conn) {
    conn->tasks = store_task_count(c->store, conn->id) + (int64_t)c->batch.task_n;
    conn->tasks_counted = clock_mono();
}

/* Counted up here and counted anew where it matters, because many are put under a key that is
 * there. */
static bool has_place(struct core *c, struct conn *conn) {
    int64_t now = clock_mono();
    if (conn->tasks_counted && conn->tasks < TASKS_MOST) return true;
    if (conn->tasks_counted && now < conn->tasks_counted + TASKS_COUNT_MS) return false;
    count(c, conn);
    return conn->tasks < TASKS_MOST;
}

/* It is in hand no more: done, or left anew. */
static void take_back(struct conn *conn, struct sori_str key) {
    struct sori_str rest = buf_view(&conn->handed);
    struct rec_field f;
    struct buf others = {0};
    if (!conn->handed.len) return;
    while (rec_next(&rest, &f) == 1)
        if (str_eq(rec_get_str(f.s, HAND_KEY), key))
            conn->poll_moved = true;
        else
            rec_rec(&others, 1, f.s);
    buf_free(&conn->handed);
    conn->handed = others;
}

static void put(struct core *c, struct conn *conn, struct sori_str key, struct sori_str body,
                int64_t due, int64_t tries) {
    *store_add_task(&c->batch) = (struct row_task){.connection = conn->id,
                                                   .key = keep(c, key),
                                                   .body = keep(c, body),
                                                   .due = due,
                                                   .attempts = tries};
    flow_dirty(c);
}

void task_take(struct core *c, struct conn *conn, struct sori_str r) {
    struct sori_str key = rec_get_str(r, 1), body = rec_get_str(r, 2);
    int64_t due = rec_get_int(r, 3, 0), now = core_now(c);
    if (!admit_name(key)) return;
    if (due < 0) due = 0;
    take_back(conn, key);
    if (!has_place(c, conn)) {
        char why[96];
        snprintf(why, sizeof why, "%d others of this connection wait already", TASKS_MOST);
        drop(c, conn, key, body, why, clock_mono() - conn->tasks_counted < 5);
        return;
    }
    conn->tasks++;
    put(c, conn, key, body, due ? due : now, 0);
    if (due <= now) conn->poll_due = 0; /* do not wait for the schedule */
}

void task_done(struct core *c, struct conn *conn, struct sori_str key) {
    if (!admit_name(key)) return;
    take_back(conn, key);
    if (conn->tasks > 0) conn->tasks--;
    *store_add_del_task(&c->batch) = (struct del_task){conn->id, keep(c, key)};
    flow_dirty(c);
}

struct hand {
    struct conn *conn;
    struct buf *poll;
};

static void hand_one(void *ctx, const void *row) {
    const struct row_task *t = row;
    struct hand *h = ctx;
    size_t mark = rec_begin(h->poll, POLL_TASK);
    rec_str(h->poll, PAIR_NAME, t->key);
    rec_str(h->poll, PAIR_VALUE, t->body);
    rec_end(h->poll, mark);
    mark = rec_begin(&h->conn->handed, 1);
    rec_str(&h->conn->handed, HAND_KEY, t->key);
    rec_str(&h->conn->handed, HAND_BODY, t->body);
    rec_int(&h->conn->handed, HAND_DUE, t->due);
    rec_int(&h->conn->handed, HAND_TRIES, t->attempts == NIL ? 0 : t->attempts);
    rec_end(&h->conn->handed, mark);
}

void task_hand(struct core *c, struct conn *conn, struct buf *poll) {
    struct hand h = {conn, poll};
    buf_clear(&conn->handed);
    /* Looking waits for a commit in flight: where there were none a moment ago it is spared. */
    if (clock_mono() > conn->tasks_counted + TASKS_LOOK_MS) count(c, conn);
    if (!conn->tasks) return;
    store_tasks(c->store, conn->id, core_now(c), conn->poll_died ? 1 : TASKS_AT_ONCE, hand_one, &h);
}

void task_over(struct core *c, struct conn *conn, enum task_end end) {
    struct sori_str rest = buf_view(&conn->handed);
    struct rec_field f;
    if (end != TASKS_KEPT) conn->poll_died = end == TASKS_DIED;
    while (end != TASKS_KEPT && rec_next(&rest, &f) == 1) {
        struct sori_str key = rec_get_str(f.s, HAND_KEY), body = rec_get_str(f.s, HAND_BODY);
        int64_t tries =
            rec_get_int(f.s, HAND_TRIES, 0) + (end == TASKS_DIED ? TASK_DEATH : TASK_LEFT);
        if (tries < TASK_TRIES) {
            put(c, conn, key, body, rec_get_int(f.s, HAND_DUE, 0), tries);
            continue;
        }
        drop(c, conn, key, body,
             end == TASKS_DIED ? "its worker died again and again with it in hand"
                               : "it was given out again and again and never done",
             true);
        *store_add_del_task(&c->batch) = (struct del_task){conn->id, keep(c, key)};
        flow_dirty(c);
    }
    buf_clear(&conn->handed);
}
