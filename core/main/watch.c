/* The watch on policy, configuration, plugins and models of the workspace: what is saved is taken
 * when nobody has written for a moment, and never while somebody still does. */
#include "flow/generation/reload.h"

#include "base/clock.h"
#include "base/log.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

enum { DEBOUNCE_MS = 300, BUSY_TELL_MS = 10000 };
enum { EVENTS = IN_CLOSE_WRITE | IN_MODIFY | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_CREATE };

enum { DEPTH_MAX = 4, WATCHES_MAX = 256 };

enum place { ROOT, POLICY, PLUGINS, MODELS };
/* Names that count in it; none: all. */
static const char *const ends[][3] = {[ROOT] = {"sori.lua"},
                                      [POLICY] = {".lua", ".md", ".txt"},
                                      [PLUGINS] = {".so"},
                                      [MODELS] = {NULL}};

struct watched {
    int wd;
    enum place place;
};
struct watch {
    struct event *event, *settle;
    struct watched all[WATCHES_MAX];
    size_t count;
    int64_t busy_since; /* monotonic ms; 0: nobody writes */
    bool busy_told;
};

static void watched(void *ctx, const struct fate *fate) {
    struct core *c = ctx;
    if (c->foreground && !fate->ok)
        printf("reload refused; the old generation goes on:\n%.*s", STR(fate->text));
    if (c->foreground && fate->ok && !str_starts(fate->text, SORI_STR("nothing")))
        printf("%.*s\n", STR(fate->text));
    fflush(stdout);
}

void watch_recall(struct core *c) {
    struct timeval quiet = {0, DEBOUNCE_MS * 1000};
    if (c->watch) evtimer_add(c->watch->settle, &quiet);
}

/* Half a file is no change: it is taken when it is closed, which is an event as well. */
static bool being_written(struct core *c) {
    struct watch *w = c->watch;
    struct buf name = {0};
    bool busy = snapshot_busy(c, &name);
    if (!busy) {
        w->busy_since = 0;
        w->busy_told = false;
    } else if (!w->busy_since) {
        w->busy_since = clock_mono();
    } else if (!w->busy_told && clock_mono() > w->busy_since + BUSY_TELL_MS) {
        log_line(LOG_WARN, "reload",
                 "%.*s has been open for writing for a while: what was saved is taken when it is "
                 "closed",
                 STR(buf_view(&name)));
        w->busy_told = true;
    }
    buf_free(&name);
    return busy;
}

static void on_settled(evutil_socket_t fd, short what, void *ctx) {
    struct core *c = ctx;
    (void)fd;
    (void)what;
    if (c->active && !c->active->conf.watch) return; /* `sori reload` takes it */
    if (being_written(c)) {
        watch_recall(c);
        return;
    }
    struct reload_ask ask = {.by = SORI_STR("watch"),
                             .why = SORI_STR(WHY_WATCH),
                             .from = FROM_WATCH,
                             .done = watched,
                             .ctx = c};
    reload_ask(c, &ask);
}

/* A folder that is watched already keeps its number. */
static void add_one(struct watch *w, int fd, const char *path, enum place place) {
    int wd = inotify_add_watch(fd, path, EVENTS | IN_ONLYDIR);
    if (wd < 0) return;
    for (size_t i = 0; i < w->count; i++)
        if (w->all[i].wd == wd) return;
    if (w->count == WATCHES_MAX) w->count = 1; /* numbers of folders that are gone; all come anew */
    w->all[w->count++] = (struct watched){wd, place};
}

static void add_tree(struct watch *w, int fd, struct buf *path, int depth) {
    size_t len = path->len;
    add_one(w, fd, path->data, POLICY);
    DIR *d = depth ? opendir(path->data) : NULL;
    for (struct dirent *e; d && (e = readdir(d));) {
        if (e->d_name[0] == '.' || e->d_type != DT_DIR) continue;
        buf_printf(path, "/%s", e->d_name);
        add_tree(w, fd, path, depth - 1);
        path->len = len;
        path->data[len] = 0;
    }
    if (d) closedir(d);
}

static void add_watches(struct core *c, int fd) {
    struct buf path = {0};
    add_one(c->watch, fd, c->dir, ROOT);
    buf_printf(&path, "%s/plugins", c->dir);
    add_one(c->watch, fd, path.data, PLUGINS);
    buf_clear(&path);
    buf_printf(&path, "%s/models", c->dir);
    add_one(c->watch, fd, path.data, MODELS);
    buf_clear(&path);
    buf_printf(&path, "%s/policy", c->dir);
    add_tree(c->watch, fd, &path, DEPTH_MAX);
    buf_free(&path);
}

static bool ends_well(const char *name, enum place place) {
    size_t n = strlen(name);
    if (!ends[place][0]) return true;
    for (size_t i = 0; i < 3 && ends[place][i]; i++) {
        size_t t = strlen(ends[place][i]);
        if (n >= t && strcmp(name + n - t, ends[place][i]) == 0) return true;
    }
    return false;
}

/* An editor's own files never count. */
static bool counts(const struct watch *w, const struct inotify_event *e) {
    static const char *const ours[] = {"policy", "plugins", "models"};
    if (!e->len || e->name[0] == '.' || e->name[0] == '#') return false;
    for (size_t i = 0; i < w->count; i++) {
        if (w->all[i].wd != e->wd) continue;
        if (!(e->mask & IN_ISDIR)) return ends_well(e->name, w->all[i].place);
        for (size_t k = 0; k < 3; k++)
            if (w->all[i].place == ROOT && strcmp(e->name, ours[k]) == 0) return true;
        return w->all[i].place != ROOT;
    }
    return false;
}

/* True when something that counts has changed since the last look. */
static bool look(struct core *c, int fd) {
    _Alignas(struct inotify_event) char bytes[8192];
    ssize_t n;
    bool changed = false;
    while ((n = read(fd, bytes, sizeof bytes)) > 0)
        for (ssize_t at = 0; at < n;) {
            const struct inotify_event *e = (const struct inotify_event *)(bytes + at);
            changed = changed || counts(c->watch, e) || (e->mask & IN_Q_OVERFLOW);
            at += (ssize_t)(sizeof *e + e->len);
        }
    add_watches(c, fd); /* a folder may be new */
    return changed;
}

static void on_watch(evutil_socket_t fd, short what, void *ctx) {
    (void)what;
    if (look(ctx, fd)) watch_recall(ctx);
}

bool watch_forget(struct core *c) {
    struct watch *w = c->watch;
    if (!w) return false;
    bool waits = evtimer_pending(w->settle, NULL) != 0;
    if (w->event && look(c, event_get_fd(w->event))) waits = true;
    if (waits) evtimer_del(w->settle);
    return waits;
}

void watch_start(struct core *c) {
    int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    c->watch = mem_get(sizeof *c->watch);
    c->watch->settle = evtimer_new(c->base, on_settled, c);
    if (fd < 0) {
        log_line(LOG_WARN, "core", "the workspace cannot be watched (%s): use `sori reload`",
                 strerror(errno));
        return;
    }
    add_watches(c, fd);
    c->watch->event = event_new(c->base, fd, EV_READ | EV_PERSIST, on_watch, c);
    event_add(c->watch->event, NULL);
}
