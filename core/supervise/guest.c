#include "supervise/life.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- memory --------------------------------------------------------------------------------- */

static char *text_or_null(const char *text) { return text ? mem_text(str_c(text)) : NULL; }

/* The fence compares paths as text, so they are absolute and without links. */
static char *real_or_null(const char *path) {
    if (!path) return NULL;
    char *real = realpath(path, NULL);
    if (real || path[0] == '/') return real ? real : mem_text(str_c(path));
    struct buf b = {0};
    char *here = getcwd(NULL, 0);
    buf_printf(&b, "%s/%s", here ? here : "", path);
    free(here);
    return b.data;
}

static void copy_spec(struct guest *g, const struct guest_spec *spec) {
    g->spec = *spec;
    g->spec.name = text_or_null(spec->name);
    g->spec.plugin = real_or_null(spec->plugin);
    g->spec.model = real_or_null(spec->model);
    g->spec.folder = text_or_null(spec->folder);
    size_t n = 0;
    while (spec->roots && spec->roots[n]) n++;
    char **roots = spec->roots ? mem_get((n + 1) * sizeof *roots) : NULL;
    for (size_t i = 0; i < n; i++) roots[i] = mem_text(str_c(spec->roots[i]));
    g->spec.roots = (const char *const *)roots;
}

static void free_text(const char *text) { free((char *)(uintptr_t)text); }

static void free_guest(struct guest *g) {
    event_free(g->clock);
    event_free(g->restart);
    for (size_t i = 0; g->spec.roots && g->spec.roots[i]; i++) free_text(g->spec.roots[i]);
    free((void *)(uintptr_t)g->spec.roots);
    free_text(g->spec.name);
    free_text(g->spec.plugin);
    free_text(g->spec.model);
    free_text(g->spec.folder);
    free(g->bin);
    free(g);
}

/* Callbacks may stop or kill the guest that calls them. */
void life_enter(struct guest *g) { g->inside++; }
bool life_leave(struct guest *g) {
    if (--g->inside == 0 && g->doomed) {
        free_guest(g);
        return false;
    }
    return !g->doomed;
}
static void free_soon(struct guest *g) {
    g->doomed = true;
    if (g->inside == 0) free_guest(g);
}

/* ---- its process ---------------------------------------------------------------------------- */

void life_strike(const struct guest *g) {
    if (g->pidfd >= 0) syscall(SYS_pidfd_send_signal, g->pidfd, SIGKILL, NULL, 0);
}

void life_end(struct guest *g, const char *words) {
    if (!g->last_words[0]) snprintf(g->last_words, sizeof g->last_words, "%s", words);
    life_strike(g);
}

/* Everything that belongs to one life of it. */
static void clear_life(struct guest *g) {
    if (g->readable) event_free(g->readable);
    if (g->writable) event_free(g->writable);
    if (g->death) event_free(g->death);
    g->readable = g->writable = g->death = NULL;
    event_del(g->clock);
    post_clear(g);
    wire_close(&g->wire);
    chatter_close(&g->chatter);
    blackbox_unmap(g->box);
    g->box = NULL;
    if (g->pidfd >= 0) close(g->pidfd);
    g->pidfd = -1;
    g->pid = 0;
    g->life = LIFE_DOWN;
    g->call_count = 0;
    g->stop_deadline = g->born_deadline = 0;
    g->killed_late = g->hung_up = g->deaf = false;
    g->last_words[0] = 0;
}

static void start_again(struct guest *g, bool named) {
    int64_t wait = patience_after_death(&g->patience, clock_mono(), named);
    struct timeval in = {.tv_sec = wait / 1000, .tv_usec = (wait % 1000) * 1000};
    event_add(g->restart, &in);
}

static void on_writable(evutil_socket_t fd, short what, void *ctx) {
    (void)fd, (void)what;
    post_flush(ctx);
}

/* What it said before it died still counts: a call may have ended well in its last moment. */
static void hear_the_rest(struct guest *g) {
    for (int turn = 0; turn < 1024 && g->readable && event_pending(g->readable, EV_READ, NULL);
         turn++)
        call_on_readable(g->wire.fd, EV_READ, g);
}

static void on_death(evutil_socket_t fd, short what, void *ctx) {
    (void)fd, (void)what;
    struct guest *g = ctx;
    siginfo_t end = {0};
    if (waitid(P_PIDFD, (id_t)g->pidfd, &end, WEXITED | WNOHANG) != 0 || end.si_pid == 0) return;
    life_enter(g);
    hear_the_rest(g);
    if (!g->doomed) {
        g->deaths++;
        struct obituary o;
        obituary_write(&o, g, &end);
        clear_life(g);
        if (!g->stopping && g->events.lost) g->events.lost(g->events.ctx, g, &o);
        if (g->stopping || g->doomed)
            g->doomed = true;
        else if (!g->spec.once)
            start_again(g, o.item >= 0);
    }
    (void)life_leave(g);
}

static bool begin(struct guest *g, struct err *err) {
    g->epoch++;
    if (!spawn_guest(g, err)) return false;
    g->readable = event_new(g->base, g->wire.fd, EV_READ | EV_PERSIST, call_on_readable, g);
    g->writable = event_new(g->base, g->wire.fd, EV_WRITE, on_writable, g);
    g->death = event_new(g->base, g->pidfd, EV_READ | EV_PERSIST, on_death, g);
    SORI_ASSERT(g->readable && g->writable && g->death);
    event_add(g->readable, NULL);
    event_add(g->death, NULL);
    g->life = LIFE_STARTING;
    g->born_deadline = clock_mono() + HELLO_MS;
    call_clock(g);
    return true;
}

static void on_restart(evutil_socket_t fd, short what, void *ctx) {
    (void)fd, (void)what;
    struct guest *g = ctx;
    struct err err;
    if (begin(g, &err)) return;
    /* No descriptors or processes left: that passes, or is shown for as long as it lasts. */
    log_line(LOG_ERROR, g->spec.name, "cannot be started again: %s", err.text);
    start_again(g, false);
}

struct guest *guest_start(struct event_base *base, const char *bin, const struct guest_spec *spec,
                          const struct guest_events *events, struct err *err) {
    struct guest *g = mem_get(sizeof *g);
    g->base = base;
    g->bin = mem_text(str_c(bin));
    copy_spec(g, spec);
    g->events = *events;
    g->pidfd = -1;
    g->wire.fd = g->chatter.fd = -1;
    g->post_tail = &g->post_head;
    patience_begin(&g->patience);
    g->clock = event_new(base, -1, 0, call_on_clock, g);
    g->restart = event_new(base, -1, 0, on_restart, g);
    SORI_ASSERT(g->clock && g->restart);
    if (begin(g, err)) return g;
    free_guest(g);
    return NULL;
}

void guest_stop(struct guest **gp) {
    struct guest *g = *gp;
    *gp = NULL;
    if (!g || g->stopping) return;
    g->stopping = true;
    event_del(g->restart);
    if (g->life == LIFE_DOWN) {
        free_soon(g);
        return;
    }
    (void)post_send(g, (struct wire_head){.type = W_QUIT, .epoch = g->epoch},
                    (struct sori_str){NULL, 0}, -1); /* no room: the deadline ends it */
    if (g->call_count == 0) g->stop_deadline = clock_mono() + GRACE_MS;
    call_clock(g);
}

void guest_kill(struct guest **gp) {
    struct guest *g = *gp;
    *gp = NULL;
    if (!g) return;
    g->stopping = true;
    event_del(g->restart);
    if (g->life != LIFE_DOWN) {
        life_strike(g);
        while (waitid(P_PIDFD, (id_t)g->pidfd, &(siginfo_t){0}, WEXITED) != 0 && errno == EINTR) {
        }
        clear_life(g);
    }
    free_soon(g);
}

bool guest_is_ready(const struct guest *g) { return g->life == LIFE_READY && !g->stopping; }
const char *guest_name(const struct guest *g) { return g->spec.name; }
const char *guest_fence(const struct guest *g) { return g->fence; }
int guest_pid(const struct guest *g) { return (int)g->pid; }
unsigned guest_open_calls(const struct guest *g) { return (unsigned)g->call_count; }
unsigned guest_deaths(const struct guest *g) { return g->deaths; }

int64_t guest_cpu_us(const struct guest *g) {
    if (!g->pid) return 0;
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/stat", (int)g->pid);
    struct buf b = {0};
    int64_t us = 0;
    if (file_read(path, 4096, false, &b, NULL)) {
        /* The name in parentheses may hold anything; fields are counted from its end. */
        const char *p = strrchr(b.data, ')');
        for (int field = 2; p && field < 13; field++) p = strchr(p + 1, ' ');
        long long user = 0, kernel = 0;
        if (p && sscanf(p, " %lld %lld", &user, &kernel) == 2)
            us = (user + kernel) * (1000000 / sysconf(_SC_CLK_TCK));
    }
    buf_free(&b);
    return us;
}
