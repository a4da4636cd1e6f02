#include "supervise/life.h"
#include "supervise/role.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

extern char **environ;

enum { ARGS_MAX = 16, ENV_MAX = 64 };

static const char *const kinds[] = {
    [GUEST_CONNECTOR] = "connector",
    [GUEST_CLASSIFIER] = "classifier",
    [GUEST_POLICY] = "policy",
    [GUEST_CONF] = "conf",
    [GUEST_SCAN] = "scan",
    [GUEST_NET] = "net",
    [GUEST_STRANGER_NET] = "stranger",
    [GUEST_READER] = "reader",
    [GUEST_PROOF] = "proof",
};

static bool is_role(enum guest_kind kind) {
    return kind == GUEST_NET || kind == GUEST_STRANGER_NET || kind == GUEST_READER ||
           kind == GUEST_PROOF;
}

struct launch {
    char path[4096], memory[32];
    const char *argv[ARGS_MAX];
    char *envp[ENV_MAX];
    int wire, box, out; /* high descriptors, close-on-exec */
    pid_t parent;
};

static void make_args(const struct guest *g, struct launch *l) {
    const struct guest_spec *s = &g->spec;
    size_t n = 0;
    bool role = is_role(s->kind);
    snprintf(l->path, sizeof l->path, "%s/%s", g->bin, role ? "sorid" : "sori-worker");
    l->argv[n++] = l->path;
    l->argv[n++] = role ? "--role" : "--kind";
    l->argv[n++] = kinds[s->kind];
    if (role) {
        if (s->kind == GUEST_READER && s->folder) l->argv[n++] = "--data", l->argv[n++] = s->folder;
    } else {
        if (s->plugin) l->argv[n++] = "--plugin", l->argv[n++] = s->plugin;
        if (s->model) l->argv[n++] = "--model", l->argv[n++] = s->model;
        if (s->memory) {
            snprintf(l->memory, sizeof l->memory, "%zu", s->memory);
            l->argv[n++] = "--memory", l->argv[n++] = l->memory;
        }
    }
    l->argv[n] = NULL;
}

/* Secrets travel in nobody's environment: only these pass. */
static void make_env(struct launch *l) {
    static const char *const pass[] = {
        "LANG=", "TZ=", "PATH=", "SORI_", "ASAN_OPTIONS=", "UBSAN_OPTIONS=", "TSAN_OPTIONS="};
    size_t n = 0;
    for (char **e = environ; *e && n + 1 < ENV_MAX; e++)
        for (size_t i = 0; i < sizeof pass / sizeof *pass; i++)
            if (strncmp(*e, pass[i], strlen(pass[i])) == 0) {
                l->envp[n++] = *e;
                break;
            }
    l->envp[n] = NULL;
}

/* Guests go first when memory runs out, so that the store's writer stays. */
static void offer_to_oom_killer(void) {
    int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (fd < 0) return;
    ssize_t ignored = write(fd, "500", 3);
    (void)ignored;
    close(fd);
}

/* After vfork: async-signal-safe calls only, and nothing of the parent's memory is changed. */
_Noreturn static void child(const struct launch *l) {
    static const int heard[] = {SIGTERM, SIGINT, SIGHUP};
    for (size_t i = 0; i < sizeof heard / sizeof *heard; i++) signal(heard[i], SIG_DFL);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != l->parent) _exit(127); /* it died before the line above */
    setpgid(0, 0); /* Ctrl-C at the terminal is for the keeper; guests are told on the wire */
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
    int null = open("/dev/null", O_RDWR);
    if (null < 0 || dup2(null, 0) < 0 || dup2(l->wire, WIRE_FD) < 0 ||
        dup2(l->box, BLACKBOX_FD) < 0)
        _exit(127);
    if (l->out >= 0 && (dup2(l->out, 1) < 0 || dup2(l->out, 2) < 0)) _exit(127);
    if (l->out < 0 && dup2(2, 1) < 0) _exit(127);
    if (syscall(SYS_close_range, ROLE_EXTRA_FD, ~0u, 0) != 0) _exit(127);
    offer_to_oom_killer();
    execve(l->path, (char *const *)(uintptr_t)l->argv, l->envp);
    _exit(127);
}

static int high(int fd) { return fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 16); }

struct ends {
    int wire[2], box, out[2];
};

static void close_ends(struct ends *e) {
    int all[] = {e->wire[0], e->wire[1], e->box, e->out[0], e->out[1]};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (all[i] >= 0) close(all[i]);
}

static bool make_ends(struct guest *g, struct ends *e, struct err *err) {
    *e = (struct ends){{-1, -1}, -1, {-1, -1}};
    if (!wire_pair(e->wire, err)) return false;
    g->box = blackbox_new(&e->box);
    if (!g->box) return err_set(err, "cannot make a blackbox: %s", strerror(errno));
    if (!is_role(g->spec.kind) && pipe2(e->out, O_CLOEXEC) != 0)
        return err_set(err, "cannot make a pipe: %s", strerror(errno));
    return true;
}

/* Not fork: that copies the page tables of a core that may hold hundreds of megabytes, and each new
 * worker would cost more the longer Sori runs. No handler may run in the child, on our memory. */
static pid_t start_child(const struct launch *l) {
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pid_t pid = vfork();
    if (pid == 0) child(l);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return pid;
}

static pid_t fork_child(const struct guest *g, const struct ends *e, struct err *err) {
    struct launch l = {
        .wire = high(e->wire[1]), .box = high(e->box), .out = high(e->out[1]), .parent = getpid()};
    make_args(g, &l);
    make_env(&l);
    pid_t pid = -1;
    if (access(l.path, X_OK) != 0)
        err_set(err, "cannot start %s: %s: %s; is the build complete?", g->spec.name, l.path,
                strerror(errno));
    else if (l.wire < 0 || l.box < 0 || (l.out < 0 && e->out[1] >= 0))
        err_set(err, "cannot start %s: %s", g->spec.name, strerror(errno));
    else if ((pid = start_child(&l)) < 0)
        err_set(err, "cannot start %s: fork: %s", g->spec.name, strerror(errno));
    if (l.wire >= 0) close(l.wire);
    if (l.box >= 0) close(l.box);
    if (l.out >= 0) close(l.out);
    return pid;
}

bool spawn_guest(struct guest *g, struct err *err) {
    struct ends e;
    bool ok = make_ends(g, &e, err);
    pid_t pid = ok ? fork_child(g, &e, err) : -1;
    int pidfd = pid > 0 ? (int)syscall(SYS_pidfd_open, pid, 0) : -1;
    if (pid > 0 && pidfd < 0) {
        err_set(err, "cannot watch %s: pidfd_open: %s", g->spec.name, strerror(errno));
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
    }
    if (pidfd < 0) {
        close_ends(&e);
        blackbox_unmap(g->box);
        g->box = NULL;
        return false;
    }
    fcntl(pidfd, F_SETFD, FD_CLOEXEC);
    g->pid = pid;
    g->pidfd = pidfd;
    wire_open(&g->wire, e.wire[0]);
    evutil_make_socket_nonblocking(e.wire[0]);
    e.wire[0] = -1;
    if (e.out[0] >= 0) chatter_open(&g->chatter, g->base, e.out[0], g->spec.name);
    e.out[0] = -1;
    close_ends(&e);
    return true;
}
