/* The keeper: about the smallest program that can hold a workspace up. It locks, listens, starts
 * and restarts; it parses nothing that anyone outside wrote, and has no database. Listening sockets
 * live here, so that neither a core nor a gate that dies loses a connection that was waiting. */
#include "base/clock.h"
#include "base/err.h"
#include "base/file.h"
#include "base/log.h"
#include "main/roles.h"
#include "supervise/messages.h"
#include "supervise/role.h"
#include "supervise/wire.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WAIT_MIN_MS = 200, WAIT_MAX_MS = 60000, STEADY_MS = 20000, STOP_MS = 8000 };

struct child {
    const char *role;
    pid_t pid;
    struct wire wire;
    int64_t started, start_at, wait; /* monotonic ms */
    int extra;                       /* passed as ROLE_EXTRA_FD, or -1 */
};

struct keeper {
    char workspace[PATH_MAX], bin[PATH_MAX];
    bool foreground, stopping, ran; /* ran: a core came up under this keeper */
    int lock, signals, exit_code;
    struct child core, gate;
    struct buf gate_conf; /* what the gate was last told to be */
    char gate_listen[256], metrics_listen[256];
    int metrics_fd;
};

/* What people said, and what speaks in their name, is nobody else's. */
static bool close_folders(struct keeper *k, struct err *err) {
    static const char *const folders[] = {"data", "secrets"};
    for (size_t i = 0; i < 2; i++) {
        char path[PATH_MAX + 16];
        unsigned was;
        snprintf(path, sizeof path, "%s/%s", k->workspace, folders[i]);
        if (!file_close_to_others(path, &was, err)) return false;
        if (was)
            log_line(LOG_WARN, "keeper",
                     "%s: others could open it (mode %04o); it is closed now (0700)%s", path, was,
                     i ? ". Exchange the credentials in it if anybody else uses this machine" : "");
    }
    return true;
}

static bool lock_workspace(struct keeper *k, struct err *err) {
    char path[PATH_MAX + 16], pid[32] = {0};
    snprintf(path, sizeof path, "%s/data", k->workspace);
    if (!file_make_dir(path, 0700, err)) return false;
    snprintf(path, sizeof path, "%s/data/lock", k->workspace);
    k->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (k->lock < 0) return err_set(err, "%s: %s", path, strerror(errno));
    if (flock(k->lock, LOCK_EX | LOCK_NB) != 0) {
        ssize_t n = pread(k->lock, pid, sizeof pid - 1, 0);
        pid[n > 0 ? n : 0] = 0;
        pid[strcspn(pid, "\n")] = 0;
        return err_set(
            err,
            "%s is in use already, by process %s. Stop that one first, or use another workspace",
            k->workspace, pid[0] ? pid : "(unknown)");
    }
    int n = snprintf(pid, sizeof pid, "%d\n", (int)getpid());
    if (ftruncate(k->lock, 0) != 0 || pwrite(k->lock, pid, (size_t)n, 0) != n)
        return err_set(err, "%s: %s", path, strerror(errno));
    return true;
}

/* ---- children ---- */

_Noreturn static void become(struct keeper *k, struct child *ch, int wire, pid_t keeper) {
    char path[PATH_MAX + 16];
    sigset_t none;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != keeper) _exit(127);
    setpgid(0, 0);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (dup2(wire, WIRE_FD) < 0 || (ch->extra >= 0 && dup2(ch->extra, ROLE_EXTRA_FD) < 0))
        _exit(127);
    if (ch->extra < 0) close(ROLE_EXTRA_FD);
    close(WIRE_FD + 1);
    syscall(SYS_close_range, ROLE_EXTRA_FD + 1, ~0u, 0);
    snprintf(path, sizeof path, "%s/sorid", k->bin);
    const char *argv[8] = {path,          "--role",     ch->role,
                           "--workspace", k->workspace, k->foreground ? "--foreground" : NULL};
    execv(path, (char *const *)(uintptr_t)argv);
    _exit(127);
}

static void start(struct keeper *k, struct child *ch) {
    struct err err;
    int fds[2];
    if (!wire_pair(fds, &err)) {
        log_line(LOG_ERROR, "keeper", "%s", err.text);
        ch->start_at = clock_mono() + 1000;
        return;
    }
    int high = fcntl(fds[1], F_DUPFD_CLOEXEC, 32), extra = ch->extra;
    if (extra >= 0) ch->extra = fcntl(extra, F_DUPFD_CLOEXEC, 32);
    pid_t keeper = getpid(), pid = fork();
    if (pid == 0) become(k, ch, high, keeper);
    if (extra >= 0) close(ch->extra);
    ch->extra = extra;
    close(high);
    close(fds[1]);
    if (pid < 0) {
        close(fds[0]);
        ch->start_at = clock_mono() + 1000;
        return;
    }
    wire_open(&ch->wire, fds[0]);
    ch->pid = pid;
    ch->started = clock_mono();
    if (ch == &k->gate)
        wire_send(&ch->wire, (struct wire_head){.type = W_CALL, .method = M_NET_CONF, .call = 1},
                  buf_view(&k->gate_conf), -1);
}

static void ended(struct keeper *k, struct child *ch, int status) {
    wire_close(&ch->wire);
    ch->wire.fd = -1;
    ch->pid = 0;
    if (k->stopping) return;
    /* It asked to stop, or the workspace cannot run as it is. What ran before and cannot now (a
     * full disk) may run again. */
    if (WIFEXITED(status) && ch == &k->core &&
        ((WEXITSTATUS(status) == 3 && !k->ran) || WEXITSTATUS(status) == 0)) {
        k->exit_code = WEXITSTATUS(status);
        k->stopping = true;
        return;
    }
    bool steady = clock_mono() - ch->started > STEADY_MS;
    ch->wait = steady || !ch->wait          ? WAIT_MIN_MS
               : ch->wait * 2 > WAIT_MAX_MS ? WAIT_MAX_MS
                                            : ch->wait * 2;
    ch->start_at = clock_mono() + ch->wait;
    if (WIFSIGNALED(status))
        log_line(LOG_ERROR, "keeper", "%s ended by signal %d; starting it again in %lld ms",
                 ch->role, WTERMSIG(status), (long long)ch->wait);
    else
        log_line(LOG_ERROR, "keeper", "%s ended with code %d; starting it again in %lld ms",
                 ch->role, WEXITSTATUS(status), (long long)ch->wait);
}

static void reap(struct keeper *k) {
    int status;
    for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;) {
        if (pid == k->core.pid)
            ended(k, &k->core, status);
        else if (pid == k->gate.pid)
            ended(k, &k->gate, status);
    }
}

/* ---- listening ---- */

static int listen_on(const char *where, struct err *err) {
    char host[256];
    snprintf(host, sizeof host, "%s", where);
    char *colon = strrchr(host, ':');
    struct addrinfo hints = {.ai_family = AF_UNSPEC,
                             .ai_socktype = SOCK_STREAM,
                             .ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV},
                    *list = NULL;
    if (!colon) {
        err_set(err, "%s: expected ADDRESS:PORT", where);
        return -1;
    }
    *colon = 0;
    char *name = host[0] == '[' ? host + 1 : host;
    if (host[0] == '[' && *name && name[strlen(name) - 1] == ']') name[strlen(name) - 1] = 0;
    if (getaddrinfo(*name ? name : NULL, colon + 1, &hints, &list) != 0) {
        err_set(err, "%s: expected a numeric address and a port", where);
        return -1;
    }
    int fd = socket(list->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), on = 1;
    if (fd >= 0) setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (fd < 0 || bind(fd, list->ai_addr, list->ai_addrlen) != 0 || listen(fd, 256) != 0) {
        err_set(err, "%s: cannot be listened on: %s", where, strerror(errno));
        if (fd >= 0) close(fd);
        fd = -1;
    }
    freeaddrinfo(list);
    return fd;
}

/* Gives `fd` the place of the socket for `where`; keeps the one that is there when it is the same.
 */
static bool relisten(int *fd, char *now, size_t size, struct sori_str where, struct err *err) {
    char wanted[256];
    snprintf(wanted, sizeof wanted, "%.*s", STR(where));
    if (strcmp(now, wanted) == 0 && (*fd >= 0 || !wanted[0])) return true;
    int new = wanted[0] ? listen_on(wanted, err) : -1;
    if (wanted[0] && new < 0) return false;
    if (*fd >= 0) close(*fd);
    *fd = new;
    snprintf(now, size, "%s", wanted);
    return true;
}

static void set_gate(struct keeper *k, struct sori_str payload, struct err *err) {
    int before = k->gate.extra;
    if (!relisten(&k->gate.extra, k->gate_listen, sizeof k->gate_listen,
                  rec_get_str(payload, KEEP_LISTEN), err))
        return;
    buf_clear(&k->gate_conf);
    buf_str(&k->gate_conf, rec_get_rec(payload, KEEP_GATE));
    if (k->gate.pid && before != k->gate.extra)
        kill(k->gate.pid, SIGTERM);
    else if (k->gate.pid)
        wire_send(&k->gate.wire,
                  (struct wire_head){.type = W_CALL, .method = M_NET_CONF, .call = 2},
                  buf_view(&k->gate_conf), -1);
    k->gate.wait = 0;
    k->gate.start_at = 0;
}

static void from_core(struct keeper *k) {
    struct wire_msg msg;
    struct err err = {{0}};
    if (wire_recv(&k->core.wire, &msg) != 1 || msg.head.type != W_CALL) return;
    if (msg.fd >= 0) close(msg.fd);
    int fd = -1;
    k->ran = true; /* it speaks only once a generation is live */
    if (msg.head.method == M_NET_CONF) set_gate(k, msg.payload, &err);
    if (msg.head.method == M_METRICS &&
        relisten(&k->metrics_fd, k->metrics_listen, sizeof k->metrics_listen,
                 rec_get_str(msg.payload, KEEP_LISTEN), &err))
        fd = k->metrics_fd;
    struct buf b = {0};
    if (err.text[0]) rec_str(&b, DONE_WHY, str_c(err.text));
    wire_send(&k->core.wire,
              (struct wire_head){.type = W_DONE,
                                 .method = msg.head.method,
                                 .call = msg.head.call,
                                 .status = err.text[0] != 0},
              buf_view(&b), fd);
    buf_free(&b);
}

/* ---- life ---- */

static void on_signal(struct keeper *k) {
    struct signalfd_siginfo si;
    while (read(k->signals, &si, sizeof si) == (ssize_t)sizeof si) {
        if (si.ssi_signo == SIGCHLD)
            reap(k);
        else if (si.ssi_signo == SIGHUP && k->core.pid)
            kill(k->core.pid, SIGHUP);
        else if (si.ssi_signo == SIGTERM || si.ssi_signo == SIGINT) {
            k->stopping = true;
            k->exit_code = 0;
        }
    }
}

static void start_due(struct keeper *k) {
    int64_t now = clock_mono();
    if (!k->core.pid && now >= k->core.start_at) start(k, &k->core);
    if (!k->gate.pid && k->gate.extra >= 0 && now >= k->gate.start_at) start(k, &k->gate);
}

static void turn(struct keeper *k, int timeout) {
    struct pollfd p[3] = {{.fd = k->signals, .events = POLLIN},
                          {.fd = k->core.pid ? k->core.wire.fd : -1, .events = POLLIN},
                          {.fd = k->gate.pid ? k->gate.wire.fd : -1, .events = POLLIN}};
    if (poll(p, 3, timeout) <= 0) return;
    if (p[1].revents & POLLIN) from_core(k);
    struct wire_msg msg;
    if (p[2].revents & POLLIN && wire_recv(&k->gate.wire, &msg) == 1 && msg.fd >= 0) close(msg.fd);
    if (p[0].revents & POLLIN) on_signal(k);
    /* A child that hung up is reaped by its signal; do not spin on its dead wire meanwhile. */
    if ((p[1].revents | p[2].revents) & POLLHUP) usleep(1000);
}

static void stop_children(struct keeper *k) {
    struct child *both[] = {&k->gate, &k->core}; /* nothing new comes in while the core finishes */
    for (size_t i = 0; i < 2; i++) {
        if (!both[i]->pid) continue;
        kill(both[i]->pid, SIGTERM);
        int64_t until = clock_mono() + STOP_MS;
        while (both[i]->pid && clock_mono() < until) turn(k, 50);
        if (both[i]->pid) kill(both[i]->pid, SIGKILL);
        while (both[i]->pid) turn(k, 50);
    }
}

static bool find_bin(struct keeper *k, struct err *err) {
    char self[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    if (n < 0) return err_set(err, "/proc/self/exe: %s", strerror(errno));
    self[n] = 0;
    snprintf(k->bin, sizeof k->bin, "%s", dirname(self));
    return true;
}

int keeper_main(const char *workspace, bool foreground) {
    struct err err;
    struct keeper k = {.foreground = foreground,
                       .lock = -1,
                       .metrics_fd = -1,
                       .core = {.role = "core", .extra = -1, .wire.fd = -1},
                       .gate = {.role = "gate", .extra = -1, .wire.fd = -1}};
    if (!realpath(workspace, k.workspace)) {
        fprintf(stderr, "sorid: %s: %s; `sori new workspace %s` makes one\n", workspace,
                strerror(errno), workspace);
        return 2;
    }
    if (!find_bin(&k, &err) || !close_folders(&k, &err) || !lock_workspace(&k, &err)) {
        fprintf(stderr, "sorid: %s\n", err.text);
        return 1;
    }
    sigset_t set;
    sigemptyset(&set);
    int heard[] = {SIGCHLD, SIGTERM, SIGINT, SIGHUP};
    for (size_t i = 0; i < 4; i++) sigaddset(&set, heard[i]);
    sigprocmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
    k.signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    while (!k.stopping) {
        start_due(&k);
        turn(&k, 200);
    }
    stop_children(&k);
    buf_free(&k.gate_conf);
    return k.exit_code;
}
