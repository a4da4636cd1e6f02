/* store.h for any driver: life and death, commits, blobs. */
#include "store/driver.h"

#include "base/hash.h"
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void store_init(struct store *s, const struct driver *driver) {
    s->driver = driver;
    table_describe(s->table);
    set_describe(s->set);
}

enum done store_kill(struct store *s, const char *format, ...) {
    if (s->dead) return DEAD;
    va_list args;
    va_start(args, format);
    vsnprintf(s->why.text, sizeof s->why.text, format, args);
    va_end(args);
    s->dead = true;
    log_line(LOG_ERROR, "store", "%s", s->why.text);
    return DEAD;
}

const char *store_dead(const struct store *s) { return s->dead ? s->why.text : NULL; }
int64_t store_epoch(const struct store *s) { return s->epoch; }

void store_close(struct store *s) {
    if (!s) return;
    flight_end(s);
    arena_free(&s->one);
    while (s->spare_n) {
        struct arena *a = s->spare[--s->spare_n];
        arena_free(a);
        free(a);
    }
    s->driver->close(s);
}

static bool is_dead(const struct store *s, struct err *err) {
    if (s->dead) err_set(err, "the store has stopped: %s", s->why.text);
    return s->dead;
}

bool commit_now(struct store *s, struct store_batch *b, struct err *err) {
    if (is_dead(s, err)) return false;
    if (b->epoch != s->epoch)
        return err_set(err, "refused: the batch is of writer epoch %lld, this is %lld",
                       (long long)b->epoch, (long long)s->epoch);
    struct err why = {{0}};
    enum done done = s->driver->begin(s, &why);
    if (done == DONE) done = batch_apply(s, b, &why);
    if (done == DONE) done = s->driver->end(s, &why);
    if (done == DONE) return true;
    s->driver->undo(s);
    if (done == REFUSED && !s->dead) return err_set(err, "refused: %.1000s", why.text);
    store_kill(s, "%s", why.text);
    return err_set(err, "%.1000s", s->why.text);
}

bool store_commit(struct store *s, struct store_batch *b, struct err *err) {
    flight_land(s);
    if (s->driver->announce) s->driver->announce(s, b);
    return commit_now(s, b, err);
}

void store_tidy(struct store *s) {
    flight_land(s);
    if (!s->dead) s->driver->tidy(s);
    if (!s->dead && s->driver->care) s->driver->care(s);
}

int64_t blob_put(struct store *s, struct sori_str data, struct err *err) {
    flight_land(s);
    if (is_dead(s, err)) return NIL;
    uint8_t hash[32];
    hash_sha256(data, hash);
    int64_t id = s->driver->blob_put(s, hash, data, err);
    if (s->dead) err_set(err, "%.1000s", s->why.text);
    return id;
}

bool blob_get(struct store *s, int64_t id, struct buf *out) {
    flight_land(s);
    return !s->dead && s->driver->blob_get(s, id, out);
}

struct store_copy *store_backup_begin(struct store *s, const char *to, struct err *err) {
    flight_land(s);
    return is_dead(s, err) ? NULL : s->driver->copy(s, to, err);
}
