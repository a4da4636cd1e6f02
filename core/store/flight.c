/* A commit in flight: one thread of the store's own writes a batch while the caller prepares the
 * next. The caller and the thread take turns: whatever needs the writing connection waits for the
 * thread first (flight_land), so that no part of a driver is ever used by two threads at once. */
#include "store/driver.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

enum phase { IDLE, WORKING, LANDED, LEAVING };

struct flight {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t turn;
    enum phase phase;
    struct store *store;
    struct store_batch *batch;
    struct err err;
    bool ok;
    int fd;
};

static void work(struct flight *f) {
    uint64_t one = 1;
    f->ok = commit_now(f->store, f->batch, &f->err);
    if (f->ok && !store_dead(f->store)) f->store->driver->tidy(f->store);
    pthread_mutex_lock(&f->lock);
    f->phase = LANDED;
    pthread_cond_broadcast(&f->turn);
    pthread_mutex_unlock(&f->lock);
    /* A counter that is full says the same as one more. */
    if (f->fd >= 0 && write(f->fd, &one, sizeof one) < 0) return;
}

static void *run(void *arg) {
    struct flight *f = arg;
    pthread_mutex_lock(&f->lock);
    while (f->phase != LEAVING) {
        if (f->phase == WORKING) {
            pthread_mutex_unlock(&f->lock);
            work(f);
            pthread_mutex_lock(&f->lock);
        } else {
            pthread_cond_wait(&f->turn, &f->lock);
        }
    }
    pthread_mutex_unlock(&f->lock);
    return NULL;
}

/* Signals are the main thread's. */
static bool start(struct flight *f) {
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    bool ok = pthread_create(&f->thread, NULL, run, f) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return ok;
}

static struct flight *flight_of(struct store *s) {
    if (s->flight || !s->driver->threads) return s->flight;
    struct flight *f = mem_get(sizeof *f);
    f->store = s;
    pthread_mutex_init(&f->lock, NULL);
    pthread_cond_init(&f->turn, NULL);
    if (start(f))
        s->flight = f;
    else
        free(f); /* without a thread the caller does it all */
    return s->flight;
}

bool flight_working(const struct store *s) {
    struct flight *f = s->flight;
    if (!f) return false;
    pthread_mutex_lock(&f->lock);
    bool working = f->phase == WORKING;
    pthread_mutex_unlock(&f->lock);
    return working;
}

void flight_land(struct store *s) {
    struct flight *f = s->flight;
    if (!f) return;
    pthread_mutex_lock(&f->lock);
    while (f->phase == WORKING) pthread_cond_wait(&f->turn, &f->lock);
    pthread_mutex_unlock(&f->lock);
}

void flight_end(struct store *s) {
    struct flight *f = s->flight;
    if (!f) return;
    flight_land(s);
    pthread_mutex_lock(&f->lock);
    f->phase = LEAVING;
    pthread_cond_broadcast(&f->turn);
    pthread_mutex_unlock(&f->lock);
    pthread_join(f->thread, NULL);
    pthread_cond_destroy(&f->turn);
    pthread_mutex_destroy(&f->lock);
    free(f);
    s->flight = NULL;
}

bool store_commit_begin(struct store *s, struct store_batch *b, int fd) {
    struct flight *f = flight_of(s);
    if (!f) return false;
    SORI_ASSERT(f->phase == IDLE);
    if (s->driver->announce) s->driver->announce(s, b);
    pthread_mutex_lock(&f->lock);
    f->batch = b;
    f->fd = fd;
    f->phase = WORKING;
    pthread_cond_broadcast(&f->turn);
    pthread_mutex_unlock(&f->lock);
    return true;
}

bool store_commit_end(struct store *s, struct err *err) {
    struct flight *f = s->flight;
    flight_land(s);
    SORI_ASSERT(f && f->phase == LANDED);
    f->phase = IDLE;
    if (f->ok && s->driver->care && !s->dead) s->driver->care(s);
    if (!f->ok) *err = f->err;
    return f->ok;
}

bool store_committing(const struct store *s) { return flight_working(s); }
