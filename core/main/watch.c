/* The watch on policy, configuration, plugins and models of the workspace: what is saved is taken
 * when nobody has written for a moment, and never while somebody still does. */
#include "flow/reload.h"

#include "base/clock.h"
#include "base/log.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

enum { DEBOUNCE_MS = 300, BUSY_TELL_MS = 10000 };
enum { EVENTS = IN_CLOSE_WRITE | IN_MODIFY | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_CREATE };

static const struct {
    const char *path;
    const char *ends[3]; /* of names that count; none: all */
} folders[] = {{"", {"sori.lua"}},
               {"/policy", {".lua", ".md"}},
               {"/policy/rules", {".lua", ".md"}},
               {"/policy/replies", {".lua", ".md"}},
               {"/policy/tests", {".lua", ".md"}},
               {"/policy/lib", {".lua", ".md"}},
               {"/plugins", {".so"}},
               {"/models", {NULL}}};
enum { FOLDERS = sizeof folders / sizeof *folders };

struct watch {
    struct event *event, *settle;
    int wd[FOLDERS];
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
    if (being_written(c)) {
        watch_recall(c);
        return;
    }
    struct reload_ask ask = {.by = SORI_STR("watch"),
                             .why = SORI_STR("a file changed"),
                             .from = FROM_WATCH,
                             .done = watched,
                             .ctx = c};
    reload_ask(c, &ask);
}

static void add_watches(struct core *c, int fd) {
    struct buf path = {0};
    for (size_t i = 0; i < FOLDERS; i++) {
        buf_clear(&path);
        buf_printf(&path, "%s%s", c->dir, folders[i].path);
        c->watch->wd[i] = inotify_add_watch(fd, path.data, EVENTS);
    }
    buf_free(&path);
}

/* An editor's own files never count. */
static bool counts(const struct watch *w, const struct inotify_event *e) {
    if (!e->len || e->name[0] == '.' || e->name[0] == '#') return false;
    size_t n = strlen(e->name);
    for (size_t i = 0; i < FOLDERS; i++) {
        if (w->wd[i] != e->wd) continue;
        if (e->mask & IN_ISDIR) {
            static const char *const ours[] = {"policy", "plugins", "models"};
            for (size_t k = 0; i == 0 && k < 3; k++)
                if (strcmp(e->name, ours[k]) == 0) return true;
            return i != 0;
        }
        if (!folders[i].ends[0]) return true;
        for (size_t k = 0; k < 3 && folders[i].ends[k]; k++) {
            size_t t = strlen(folders[i].ends[k]);
            if (n >= t && strcmp(e->name + n - t, folders[i].ends[k]) == 0) return true;
        }
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
