/* The allow-lists of system calls, in raw BPF. What is not listed is trapped, so that trap.c can
 * name it; what could un-name it (another handler for SIGSYS) is not listed either. */
#include "fence/parts.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#define NATIVE_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define NATIVE_ARCH AUDIT_ARCH_AARCH64
#else
#error "the fence knows x86-64 and arm64"
#endif

enum { PROGRAM_MAX = 1024, LOW_ARG = offsetof(struct seccomp_data, args) };

/* Everyone needs these: memory, time, the wire, an end. */
static const int basic[] = {
    SYS_read,
    SYS_write,
    SYS_readv,
    SYS_writev,
    SYS_recvmsg,
    SYS_sendmsg,
    SYS_recvfrom,
    SYS_sendto,
    SYS_futex,
    SYS_clock_gettime,
    SYS_gettimeofday,
    SYS_ppoll,
    SYS_pselect6,
    SYS_munmap,
    SYS_madvise,
    SYS_mremap,
    SYS_brk,
    SYS_close,
    SYS_fstat,
    SYS_lseek,
    SYS_pread64,
    SYS_memfd_create,
    SYS_rt_sigprocmask,
    SYS_rt_sigreturn,
    SYS_sigaltstack,
    SYS_clock_getres,
    SYS_clock_nanosleep,
    SYS_nanosleep,
    SYS_getpid,
    SYS_gettid,
    SYS_getppid,
    SYS_getuid,
    SYS_geteuid,
    SYS_getgid,
    SYS_getegid,
    SYS_sched_yield,
    SYS_sched_getaffinity,
    SYS_getrandom,
    SYS_exit,
    SYS_exit_group,
    SYS_restart_syscall,
    SYS_set_robust_list,
    SYS_rseq,
    SYS_getrusage,
    SYS_uname,
    SYS_sysinfo,
    SYS_set_tid_address,
    SYS_getcpu,
    SYS_membarrier,
#ifdef SYS_poll
    SYS_poll,
    SYS_select,
    SYS_time,
#endif
};

static const int waiting[] = {
    SYS_epoll_create1,
    SYS_epoll_ctl,
    SYS_epoll_pwait,
    SYS_eventfd2,
    SYS_pipe2,
    SYS_dup,
    SYS_dup3,
    SYS_timerfd_create,
    SYS_timerfd_settime,
    SYS_timerfd_gettime,
    SYS_getsockopt,
    SYS_setsockopt,
    SYS_getsockname,
    SYS_getpeername,
    SYS_shutdown,
    SYS_recvmmsg,
    SYS_sendmmsg,
    SYS_socketpair,
    SYS_signalfd4,
    SYS_rt_sigtimedwait,
    SYS_getpriority,
#ifdef SYS_epoll_wait
    SYS_epoll_create,
    SYS_epoll_wait,
    SYS_pipe,
    SYS_dup2,
    SYS_eventfd,
#endif
};

static const int files[] = {
    SYS_openat,     SYS_newfstatat, SYS_statx,           SYS_faccessat,
    SYS_faccessat2, SYS_readlinkat, SYS_getdents64,      SYS_pwrite64,
    SYS_pwritev,    SYS_preadv,     SYS_fsync,           SYS_fdatasync,
    SYS_ftruncate,  SYS_fallocate,  SYS_renameat2,       SYS_unlinkat,
    SYS_mkdirat,    SYS_flock,      SYS_fchmod,          SYS_fchown,
    SYS_utimensat,  SYS_umask,      SYS_getcwd,          SYS_statfs,
    SYS_fstatfs,    SYS_msync,      SYS_copy_file_range, SYS_sync_file_range,
    SYS_linkat,     SYS_fadvise64,  SYS_renameat,        SYS_openat2,
#ifdef SYS_open
    SYS_open,       SYS_stat,       SYS_lstat,           SYS_access,
    SYS_readlink,   SYS_rename,     SYS_unlink,          SYS_mkdir,
    SYS_rmdir,      SYS_link,
#endif
};

/* mlock: credentials stay out of swap. */
static const int connecting[] = {SYS_socket, SYS_connect, SYS_bind, SYS_mlock};
static const int accepting[] = {SYS_accept, SYS_accept4, SYS_listen};
static const int threading[] = {SYS_sched_setaffinity, SYS_sched_getparam, SYS_sched_getscheduler,
                                SYS_get_robust_list};

struct program {
    struct sock_filter code[PROGRAM_MAX];
    unsigned short len;
};

static void put(struct program *p, uint16_t code, uint32_t k, uint8_t yes, uint8_t no) {
    SORI_ASSERT(p->len < PROGRAM_MAX);
    p->code[p->len++] = (struct sock_filter){.code = code, .jt = yes, .jf = no, .k = k};
}
static void answer(struct program *p, uint32_t action) { put(p, BPF_RET | BPF_K, action, 0, 0); }
static void load(struct program *p, size_t at) {
    put(p, BPF_LD | BPF_W | BPF_ABS, (uint32_t)at, 0, 0);
}
static void load_call(struct program *p) { load(p, offsetof(struct seccomp_data, nr)); }

static void on_call(struct program *p, int nr, uint32_t action) {
    put(p, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)nr, 0, 1);
    answer(p, action);
}

enum test { IS, IS_NOT, HAS_BIT, HAS_NO_BIT };

/* `action` where the argument meets the test; else the next rule looks at the same call. */
static void on_arg(struct program *p, int nr, unsigned arg, enum test test, uint32_t value,
                   uint32_t action) {
    bool bits = test == HAS_BIT || test == HAS_NO_BIT, straight = test == IS || test == HAS_BIT;
    put(p, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)nr, 0, 4);
    load(p, LOW_ARG + arg * 8);
    put(p, (uint16_t)(BPF_JMP | BPF_K | (bits ? BPF_JSET : BPF_JEQ)), value, straight ? 0 : 1,
        straight ? 1 : 0);
    answer(p, action);
    load_call(p);
}

/* Allowed where the whole argument, a pointer, is NULL. */
static void on_null(struct program *p, int nr, unsigned arg) {
    put(p, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)nr, 0, 6);
    load(p, LOW_ARG + arg * 8);
    put(p, BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 3);
    load(p, LOW_ARG + arg * 8 + 4);
    put(p, BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 1);
    answer(p, SECCOMP_RET_ALLOW);
    load_call(p);
}

/* The trap handler's own calls carry 64 random bits in arguments that the call does not have. */
static void on_cookie(struct program *p, int nr, uint64_t cookie) {
    put(p, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)nr, 0, 6);
    load(p, LOW_ARG + 4 * 8);
    put(p, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)cookie, 0, 3);
    load(p, LOW_ARG + 5 * 8);
    put(p, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)(cookie >> 32), 0, 1);
    answer(p, SECCOMP_RET_ALLOW);
    load_call(p);
}

static void allow_list(struct program *p, const int *calls, size_t count) {
    for (size_t i = 0; i < count; i++) on_call(p, calls[i], SECCOMP_RET_ALLOW);
}
#define ALLOW_LIST(p, list) allow_list(p, list, sizeof(list) / sizeof *(list))

/* Files and sockets can be told to send signals, SIGKILL too, to any process of the same user
 * (F_SETOWN, F_SETSIG, FIOSETOWN, SIOCSPGRP): only what is needed is left. */
static void control(struct program *p, unsigned sets) {
    static const int commands[] = {
        F_DUPFD, F_DUPFD_CLOEXEC, F_GETFD,     F_SETFD,     F_GETFL,      F_SETFL,     F_GETLK,
        F_SETLK, F_SETLKW,        F_OFD_GETLK, F_OFD_SETLK, F_OFD_SETLKW, F_ADD_SEALS, F_GET_SEALS};
    static const unsigned long requests[] = {FIONBIO, FIONREAD, FIOCLEX, TCGETS, TIOCGWINSZ};
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        on_arg(p, SYS_fcntl, 1, IS, (uint32_t)commands[i], SECCOMP_RET_ALLOW);
    for (size_t i = 0; i < sizeof requests / sizeof *requests && !(sets & SET_WORKER); i++)
        on_arg(p, SYS_ioctl, 1, IS, (uint32_t)requests[i], SECCOMP_RET_ALLOW);
}

/* Calls that are fine with some arguments only. */
static void guarded(struct program *p, unsigned sets) {
    uint32_t allow = SECCOMP_RET_ALLOW;
    on_arg(p, SYS_rt_sigaction, 0, IS_NOT, SIGSYS, allow);
    on_arg(p, SYS_tgkill, 0, IS, (uint32_t)getpid(), allow);
    on_null(p, SYS_prlimit64, 2); /* reading limits */
    on_arg(p, SYS_prctl, 0, IS, PR_SET_NAME, allow);
    on_arg(p, SYS_prctl, 0, IS, PR_GET_DUMPABLE, allow);
#ifdef PR_SET_VMA
    on_arg(p, SYS_prctl, 0, IS, PR_SET_VMA, allow);
#endif
    bool executable = !(sets & SET_WORKER) || (sets & SET_LOADING);
    if (executable) {
        on_call(p, SYS_mmap, allow);
        on_call(p, SYS_mprotect, allow);
    } else {
        on_arg(p, SYS_mmap, 2, HAS_NO_BIT, PROT_EXEC, allow);
        on_arg(p, SYS_mprotect, 2, HAS_NO_BIT, PROT_EXEC, allow);
    }
    if (sets & SET_LOADING) on_call(p, SYS_seccomp, allow); /* stage 2 comes by it */
    if (sets & SET_THREADS) {
        on_arg(p, SYS_clone, 0, HAS_BIT, CLONE_THREAD, allow);
        /* Its flags are in memory, which BPF cannot read; libc then falls back to clone. */
        on_call(p, SYS_clone3, SECCOMP_RET_ERRNO | ENOSYS);
    }
}

static void build(struct program *p, unsigned sets, uint64_t cookie) {
    load(p, offsetof(struct seccomp_data, arch));
    put(p, BPF_JMP | BPF_JEQ | BPF_K, NATIVE_ARCH, 1, 0);
    answer(p, SECCOMP_RET_KILL_PROCESS);
    load_call(p);
#if defined(__x86_64__)
    put(p, BPF_JMP | BPF_JGE | BPF_K, 0x40000000u, 0, 1); /* the x32 numbers of the same calls */
    answer(p, SECCOMP_RET_KILL_PROCESS);
#endif
    ALLOW_LIST(p, basic);
    guarded(p, sets);
    control(p, sets);
    if (!(sets & SET_WORKER)) ALLOW_LIST(p, waiting);
    if (sets & SET_FILES) ALLOW_LIST(p, files);
    if (sets & SET_CONNECT) ALLOW_LIST(p, connecting);
    if (sets & SET_ACCEPT) ALLOW_LIST(p, accepting);
    if (sets & SET_THREADS) ALLOW_LIST(p, threading);
    if (cookie) on_cookie(p, SYS_openat, cookie);
#ifdef SORI_SANITIZED
    static const int sanitizer[] = {
        SYS_openat, SYS_readlinkat, SYS_newfstatat, SYS_mmap, SYS_mprotect, SYS_pipe2, SYS_prctl,
#ifdef SYS_open
        SYS_open,   SYS_readlink,
#endif
    };
    ALLOW_LIST(p, sanitizer);
#endif
    answer(p, SECCOMP_RET_TRAP);
}

bool seccomp_apply(unsigned sets, uint64_t cookie, struct err *err) {
    struct program p = {.len = 0};
    build(&p, sets, cookie);
    struct sock_fprog prog = {.len = p.len, .filter = p.code};
    if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &prog) == 0) return true;
    return err_set(err, "fence: seccomp: %s; the kernel must have CONFIG_SECCOMP_FILTER",
                   strerror(errno));
}
