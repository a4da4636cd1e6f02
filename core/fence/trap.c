/* What happens to a call that the fence does not know: it is named, and its process ends. While a
 * worker loads, opening a file also lands here, because only here can its path be read. */
#include "fence/parts.h"

#include "supervise/blackbox.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

enum { PATH_MOST = 512, BOX_FD = 4 };

/* Written before the fence, read in the handler. A signal handler gets nothing else passed in. */
static struct {
    struct blackbox *box;
    const char *const *allowed;
    uint64_t cookie;
    bool quiet; /* stage 2 */
} trap;

static const struct {
    int nr;
    const char *name;
} names[] = {
#define NAME(x)                                                                                    \
    { SYS_##x, #x }
    NAME(socket),
    NAME(connect),
    NAME(bind),
    NAME(listen),
    NAME(accept),
    NAME(accept4),
    NAME(socketpair),
    NAME(setsockopt),
    NAME(getsockopt),
    NAME(shutdown),
    NAME(sendmmsg),
    NAME(recvmmsg),
    NAME(clone),
    NAME(clone3),
    NAME(execve),
    NAME(execveat),
    NAME(wait4),
    NAME(waitid),
    NAME(kill),
    NAME(tkill),
    NAME(tgkill),
    NAME(rt_sigaction),
    NAME(ptrace),
    NAME(process_vm_readv),
    NAME(process_vm_writev),
    NAME(pidfd_open),
    NAME(pidfd_getfd),
    NAME(pidfd_send_signal),
    NAME(openat),
    NAME(openat2),
    NAME(open_by_handle_at),
    NAME(newfstatat),
    NAME(statx),
    NAME(readlinkat),
    NAME(faccessat),
    NAME(faccessat2),
    NAME(getdents64),
    NAME(unlinkat),
    NAME(renameat2),
    NAME(mkdirat),
    NAME(linkat),
    NAME(symlinkat),
    NAME(mknodat),
    NAME(fchmodat),
    NAME(fchownat),
    NAME(chdir),
    NAME(chroot),
    NAME(ftruncate),
    NAME(truncate),
    NAME(pwrite64),
    NAME(mmap),
    NAME(mprotect),
    NAME(dup),
    NAME(dup3),
    NAME(pipe2),
    NAME(ioctl),
    NAME(mount),
    NAME(umount2),
    NAME(unshare),
    NAME(setns),
    NAME(bpf),
    NAME(perf_event_open),
    NAME(io_uring_setup),
    NAME(io_uring_enter),
    NAME(userfaultfd),
    NAME(keyctl),
    NAME(add_key),
    NAME(request_key),
    NAME(prctl),
    NAME(seccomp),
    NAME(prlimit64),
    NAME(setrlimit),
    NAME(setuid),
    NAME(setgid),
    NAME(capset),
    NAME(reboot),
    NAME(init_module),
    NAME(finit_module),
    NAME(epoll_create1),
    NAME(eventfd2),
    NAME(inotify_init1),
    NAME(getcwd),
    NAME(shmget),
    NAME(mlock),
    NAME(personality),
    NAME(setpgid),
    NAME(setsid),
#ifdef SYS_open
    NAME(open),
    NAME(creat),
    NAME(stat),
    NAME(lstat),
    NAME(access),
    NAME(readlink),
    NAME(fork),
    NAME(vfork),
    NAME(unlink),
    NAME(rename),
    NAME(mkdir),
    NAME(dup2),
    NAME(pipe),
    NAME(epoll_create),
    NAME(chmod),
    NAME(getdents),
#endif
#undef NAME
};

struct trapped {
    int nr;
    uint64_t args[6];
};

static struct trapped look(const siginfo_t *info, const ucontext_t *uc) {
    struct trapped t = {.nr = info->si_syscall};
#if defined(__x86_64__)
    const greg_t *r = uc->uc_mcontext.gregs;
    uint64_t args[6] = {(uint64_t)r[REG_RDI], (uint64_t)r[REG_RSI], (uint64_t)r[REG_RDX],
                        (uint64_t)r[REG_R10], (uint64_t)r[REG_R8],  (uint64_t)r[REG_R9]};
#else
    const unsigned long long *r = uc->uc_mcontext.regs;
    uint64_t args[6] = {r[0], r[1], r[2], r[3], r[4], r[5]};
#endif
    memcpy(t.args, args, sizeof args);
    return t;
}

static void give_back(ucontext_t *uc, long value) {
#if defined(__x86_64__)
    uc->uc_mcontext.gregs[REG_RAX] = value;
#else
    uc->uc_mcontext.regs[0] = (unsigned long long)value;
#endif
}

/* Which argument is a path, or -1. */
static int path_arg(int nr) {
    switch (nr) {
    case SYS_openat:
    case SYS_openat2:
    case SYS_newfstatat:
    case SYS_statx:
    case SYS_readlinkat:
    case SYS_faccessat:
    case SYS_faccessat2:
    case SYS_unlinkat:
    case SYS_mkdirat: return 1;
#ifdef SYS_open
    case SYS_open:
    case SYS_creat:
    case SYS_stat:
    case SYS_lstat:
    case SYS_access:
    case SYS_readlink:
    case SYS_unlink:
    case SYS_mkdir:
#endif
    case SYS_execve:
    case SYS_chdir:
    case SYS_chroot: return 0;
    default: return -1;
    }
}

static void copy_path(char *to, uint64_t from) {
    to[0] = 0;
    if (from) blackbox_text(to, PATH_MOST, (const char *)(uintptr_t)from);
}

_Noreturn static void forbid(const struct trapped *t, const char *path) {
    char what[256] = "forbidden: ";
    const char *name = NULL;
    for (size_t i = 0; i < sizeof names / sizeof *names && !name; i++)
        if (names[i].nr == t->nr) name = names[i].name;
    size_t n = strlen(what);
    if (name) {
        blackbox_text(what + n, sizeof what - n, name);
    } else {
        char digits[] = "system call 0000";
        for (int i = 3, v = t->nr; i >= 0; i--, v /= 10) digits[12 + i] = (char)('0' + v % 10);
        blackbox_text(what + n, sizeof what - n, digits);
    }
    n = strlen(what);
    if (path[0]) {
        what[n++] = ' ';
        blackbox_text(what + n, sizeof what - n, path);
        n = strlen(what);
    }
    blackbox_end(trap.box, END_FORBIDDEN, what);
    if (n + 1 < sizeof what) what[n++] = '\n';
    ssize_t ignored = trap.box ? 0 : write(STDERR_FILENO, what, n);
    (void)ignored;
    for (;;) syscall(SYS_exit_group, FENCE_EXIT);
}

static bool below(const char *path, const char *root) {
    size_t n = strlen(root);
    if (strncmp(path, root, n) != 0) return false;
    return path[n] == 0 || (n && root[n - 1] == '/') || path[n] == '/';
}

static bool in_list(const char *path, const char *const *list) {
    for (; list && *list; list++)
        if (below(path, *list)) return true;
    return false;
}

/* What C libraries look for on their own; a plugin that calls iconv or makes a hash did not ask
 * for a file, so it gets "no such file" and goes on. */
static const char *const quiet[] = {"/dev/urandom",
                                    "/dev/random",
                                    "/etc/localtime",
                                    "/usr/share/zoneinfo",
                                    "/usr/lib/locale",
                                    "/usr/share/locale",
                                    "/usr/lib",
                                    "/lib",
                                    "/lib64",
                                    "/usr/local/lib",
                                    "/etc/ld.so.cache",
                                    "/sys/devices/system/cpu",
                                    "/proc/sys/vm",
                                    "/proc/stat",
                                    NULL};

static bool is_open(int nr) {
#ifdef SYS_open
    if (nr == SYS_open) return true;
#endif
    return nr == SYS_openat;
}

/* Opens again on the caller's behalf, from our own copy of the path. -errno where it failed. */
static long reopen(const char *path, int flags) {
    long low = (long)(uint32_t)trap.cookie, up = (long)(trap.cookie >> 32);
    long r = syscall(SYS_openat, AT_FDCWD, path, flags, 0, low, up);
    return r < 0 ? -errno : r;
}

/* fstat of an open descriptor, as libc spells it. */
static long restat(const struct trapped *t) {
    struct stat st;
    long r = syscall(SYS_fstat, (int)t->args[0], &st);
    if (r < 0) return -errno;
    memcpy((void *)(uintptr_t)t->args[2], &st, sizeof st);
    return 0;
}

static void on_trap(int sig, siginfo_t *info, void *context) {
    (void)sig;
    int saved = errno;
    ucontext_t *uc = context;
    struct trapped t = look(info, uc);
    char path[PATH_MOST] = "";
    int at = path_arg(t.nr);
    if (at >= 0) copy_path(path, t.args[at]);
    int flags = (int)t.args[t.nr == SYS_openat ? 2 : 1];
    bool reads = is_open(t.nr) && (flags & (O_ACCMODE | O_CREAT | O_TRUNC)) == O_RDONLY;
    bool plain = path[0] == '/' && !strstr(path, "/../");
    if (t.nr == SYS_newfstatat && !path[0])
        give_back(uc, restat(&t));
    else if (reads && plain && !trap.quiet && in_list(path, trap.allowed))
        give_back(uc, reopen(path, flags));
    else if (reads && plain && in_list(path, quiet))
        give_back(uc, -ENOENT);
    else
        forbid(&t, path);
    errno = saved;
}

bool trap_install(const char *const *allowed, uint64_t cookie, struct err *err) {
    trap.allowed = allowed;
    trap.cookie = cookie;
    struct stat st;
    if (fstat(BOX_FD, &st) == 0 && S_ISREG(st.st_mode) && st.st_size == BLACKBOX_SIZE) {
        void *p = mmap(NULL, BLACKBOX_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, BOX_FD, 0);
        trap.box = p == MAP_FAILED ? NULL : p;
    }
    struct sigaction act = {.sa_sigaction = on_trap, .sa_flags = SA_SIGINFO | SA_NODEFER};
    sigemptyset(&act.sa_mask);
    sigset_t sys;
    sigemptyset(&sys);
    sigaddset(&sys, SIGSYS);
    if (sigaction(SIGSYS, &act, NULL) != 0 || sigprocmask(SIG_UNBLOCK, &sys, NULL) != 0)
        return err_set(err, "fence: SIGSYS: %s", strerror(errno));
    return true;
}

void trap_close_files(void) {
    trap.quiet = true;
    trap.cookie = 0;
}
