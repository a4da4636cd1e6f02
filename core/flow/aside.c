/* A plugin whose decoder does not come up, or is far too slow, must not hold up the others: its
 * deliveries are copied from the window into a spool of its own, data/aside/PLUGIN, and are on disk
 * there before the mark of the common one moves over them. From then on all of its deliveries go
 * that way, in order, until it has caught up; then its folder goes.
 *
 * It may hold as much as the spool itself. When three quarters of that are used the gate answers
 * 503 to its senders, and to nobody else, until half of it is free; the last quarter takes what is
 * under way. Were that full too, deliveries to it would stay in the common spool: nothing that was
 * taken is dropped.
 *
 * How far it was decoded is a row of meta ("aside:PLUGIN", "SEGMENT OFFSET"), written with what was
 * recorded. After a crash some deliveries are decoded again, and nothing of them is new. */
#include "flow/receive.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "flow/limits.h"
#include "flow/generation/reload.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { ASIDE_SEG = 1, ASIDE_OFF = 2, ASIDE_BYTES = 3 }; /* a record of it */

struct aside {
    char *dir;
    struct spool_writer *writer;
    struct tail feed;
    size_t queued, queued_bytes; /* of the feed, in the plugin's queue */
    int64_t retired;             /* segments below it are gone */
    int64_t synced, told;        /* monotonic ms */
    bool full;                   /* the gate takes no more for it */
};

static void folder_of(struct core *c, const struct plugin *p, struct buf *path) {
    buf_printf(path, "%s/aside", c->data);
    if (p) buf_printf(path, "/%s", p->id);
}

static struct sori_str meta_name(struct core *c, const struct plugin *p) {
    char name[128];
    snprintf(name, sizeof name, "aside:%s", p->id);
    return keep(c, str_c(name));
}

static void write_mark(struct core *c, const struct plugin *p, const char *value) {
    *store_add_meta(&c->batch) =
        (struct row_meta){.name = meta_name(c, p), .value = keep(c, str_c(value))};
    flow_dirty(c);
}

static bool open_aside(struct core *c, struct plugin *p, bool anew, struct err *err) {
    struct buf path = {0}, mark = {0};
    folder_of(c, NULL, &path);
    bool ok = file_make_dir(path.data, 0700, err);
    buf_clear(&path);
    folder_of(c, p, &path);
    struct spool_writer *w =
        ok ? spool_create(path.data, ASIDE_SEGMENT, c->active->conf.spool_max, err) : NULL;
    if (w) {
        long long seg = 0, at = 0;
        struct aside *a = p->aside = mem_get(sizeof *a);
        a->dir = mem_text(buf_view(&path));
        a->writer = w;
        bool marked = !anew && store_meta(c->store, meta_name(c, p).ptr, &mark) && mark.len &&
                      sscanf(mark.data, "%lld %lld", &seg, &at) == 2;
        a->feed = (struct tail){.dir = a->dir, .segment = marked ? seg : 0, .at = marked ? at : 0};
        a->retired = a->feed.segment;
    }
    buf_free(&path);
    buf_free(&mark);
    return w != NULL;
}

void aside_find(struct core *c, struct plugin *p) {
    struct buf path = {0};
    struct err err;
    if (p->aside_sought) return;
    p->aside_sought = true;
    folder_of(c, p, &path);
    if (spool_next(path.data, 0) >= 0) {
        if (open_aside(c, p, false, &err))
            log_line(LOG_WARN, p->id, "deliveries that were set aside earlier are taken up again");
        else {
            log_line(LOG_ERROR, p->id, "%s", err.text);
            p->aside_sought = false;
        }
    }
    buf_free(&path);
}

/* ---- into it ---- */

static bool append(struct aside *a, const struct delivery *d, struct err *err) {
    struct buf b = {0};
    rec_int(&b, ASIDE_SEG, d->seg);
    rec_int(&b, ASIDE_OFF, d->off);
    rec_str(&b, ASIDE_BYTES, (struct sori_str){d->bytes, d->len});
    bool ok = spool_append(a->writer, buf_view(&b), err);
    buf_free(&b);
    return ok;
}

static void tell_full(struct plugin *p, const struct err *err) {
    int64_t now = clock_mono();
    if (p->aside->told && now < p->aside->told + ASIDE_TELL_MS) return;
    p->aside->told = now;
    log_line(LOG_ERROR, p->id,
             "no more of its deliveries can be set aside, so those of all channels wait: %s",
             err->text);
}

static bool is_of(const struct delivery *d, const struct plugin *p) {
    return !d->finished && d->conn && d->conn->plugin == p;
}

/* What of it is in the window goes into its own spool; the window lets go of it when it is on
 * disk. */
static bool take_window(struct core *c, struct plugin *p) {
    struct aside *a = p->aside;
    struct err err;
    size_t n = 0;
    for (struct delivery *d = c->window_first; d; d = d->next) {
        if (!is_of(d, p)) continue;
        if (!append(a, d, &err)) {
            tell_full(p, &err);
            break;
        }
        d->aside = true;
        n++;
    }
    if (!n) return false;
    a->synced = clock_mono();
    if (!spool_sync(a->writer, &err)) {
        log_line(LOG_ERROR, p->id, "%s; ending, since a failed sync is final", err.text);
        _exit(70);
    }
    for (struct delivery *d = c->window_first; d; d = d->next)
        if (is_of(d, p) && d->aside) d->finished = true;
    return true;
}

static void wipe(const char *dir) {
    DIR *d = opendir(dir);
    if (!d) return;
    for (struct dirent *e; (e = readdir(d));)
        if (e->d_name[0] != '.') unlinkat(dirfd(d), e->d_name, 0);
    closedir(d);
    rmdir(dir);
}

/* Those in the queue stay there: they are the first of what was set aside, in its order. */
static void place_queue(struct plugin *p) {
    struct aside *a = p->aside;
    struct sori_str payload;
    int64_t off;
    for (struct delivery *d = p->first; d; d = d->behind) {
        if (d->seg == NIL) continue; /* a line of a stream, which no spool holds */
        if (!d->aside || !tail_read(&a->feed, &payload, &d->place, &off, &d->after)) break;
        a->queued++;
        a->queued_bytes += d->len;
    }
}

static void close_aside(struct plugin *p) {
    struct aside *a = p->aside;
    p->aside = NULL;
    spool_close(a->writer);
    tail_close(&a->feed);
    free(a->dir);
    free(a);
}

void aside_hold(struct core *c, struct plugin *p) {
    struct err err;
    struct buf path = {0};
    folder_of(c, p, &path);
    wipe(path.data);
    buf_free(&path);
    if (!open_aside(c, p, true, &err)) {
        log_line(LOG_ERROR, p->id, "its deliveries cannot be set aside: %s", err.text);
        return;
    }
    if (!take_window(c, p)) {
        close_aside(p);
        return;
    }
    place_queue(p);
    write_mark(c, p, "");
    log_line(
        LOG_WARN, p->id,
        "its decoder has finished nothing for %d s: its deliveries are set aside on disk until "
        "it works again, and all others go on",
        HELD_MS / 1000);
    flow_fault(c, p->id, "decode", NULL, NIL, NIL, NIL, 0,
               SORI_STR("the decoder kept others waiting: its deliveries are set aside"),
               (struct sori_str){0});
}

/* ---- out of it ---- */

static void feed_one(struct core *c, struct plugin *p, struct sori_str record, int64_t place,
                     int64_t after) {
    struct aside *a = p->aside;
    struct delivery *d = delivery_new(c, rec_get_str(record, ASIDE_BYTES));
    d->seg = rec_get_int(record, ASIDE_SEG, NIL);
    d->off = rec_get_int(record, ASIDE_OFF, NIL);
    d->place = place;
    d->after = after;
    d->aside = d->finished = true;
    if (!d->conn || d->conn->plugin != p) { /* its connection was taken out meanwhile */
        delivery_astray(c, d);
        if (!a->queued) aside_done(c, p, d);
        delivery_release(d);
        return;
    }
    a->queued++;
    a->queued_bytes += d->len;
    delivery_queue(p, d);
}

struct gone {
    struct after after;
    struct plugin *plugin;
};

/* After the commit that forgot the mark. */
static void remove_folder(struct core *c, struct after *after) {
    struct gone *g = (struct gone *)after;
    struct buf path = {0};
    folder_of(c, g->plugin, &path);
    if (!g->plugin->aside) wipe(path.data);
    buf_free(&path);
    free(g);
}

static void caught_up(struct core *c, struct plugin *p) {
    struct gone *g = mem_get(sizeof *g);
    bool full = p->aside->full;
    close_aside(p);
    if (full) keeper_tell(c);
    write_mark(c, p, "");
    g->plugin = p;
    g->after.run = remove_folder;
    flow_after(c, &g->after);
    log_line(LOG_INFO, p->id, "what was set aside is decoded; its deliveries go the usual way");
}

static bool window_has(const struct core *c, const struct plugin *p) {
    for (const struct delivery *d = c->window_first; d; d = d->next)
        if (is_of(d, p)) return true;
    return false;
}

bool aside_full(const struct plugin *p) { return p->aside && p->aside->full; }

static void tell_gate(struct core *c, struct plugin *p) {
    struct aside *a = p->aside;
    bool full = spool_percent(a->writer) >= (a->full ? ASIDE_FREE : ASIDE_FULL);
    if (full == a->full) return;
    a->full = full;
    keeper_tell(c);
    if (full)
        log_line(LOG_ERROR, p->id,
                 "so much of it is set aside that the gate takes no more: its senders are told to "
                 "come again (503). Mend the plugin, or give the limit \"spool\" more room");
    else
        log_line(LOG_INFO, p->id, "there is room again: the gate takes what is sent to it");
}

void aside_pump(struct core *c, struct plugin *p) {
    struct aside *a = p->aside;
    struct sori_str record;
    int64_t seg, off, end;
    tell_gate(c, p);
    /* A sync costs milliseconds of everybody's time: it waits a little, or for many. */
    if (clock_mono() >= a->synced + ASIDE_SYNC_MS || c->window >= WINDOW / 2) take_window(c, p);
    while (a->queued < ASIDE_QUEUE && a->queued_bytes < ASIDE_QUEUE_BYTES && flow_has_room(c)) {
        if (!tail_read(&a->feed, &record, &seg, &off, &end)) {
            if (!a->queued && !window_has(c, p)) caught_up(c, p);
            return;
        }
        feed_one(c, p, record, seg, end);
    }
}

struct passed {
    struct after after;
    struct plugin *plugin;
    int64_t below;
};

static void retire(struct core *c, struct after *after) {
    struct passed *x = (struct passed *)after;
    (void)c;
    if (x->plugin->aside) spool_retire(x->plugin->aside->dir, x->below, 0, 0);
    free(x);
}

void aside_done(struct core *c, struct plugin *p, const struct delivery *d) {
    struct aside *a = p->aside;
    char mark[64];
    if (!a || !d->after) return;
    if (d->queued) {
        a->queued--;
        a->queued_bytes -= d->len;
    }
    snprintf(mark, sizeof mark, "%lld %lld", (long long)d->place, (long long)d->after);
    write_mark(c, p, mark);
    if (d->place <= a->retired) return;
    struct passed *x = mem_get(sizeof *x);
    a->retired = x->below = d->place;
    x->plugin = p;
    x->after.run = retire;
    flow_after(c, &x->after);
}

size_t aside_waiting(const struct core *c) {
    size_t n = 0;
    for (size_t i = 0; i < c->plugin_count; i++)
        if (c->plugin[i]->aside) n += 1 + c->plugin[i]->aside->queued;
    return n;
}
