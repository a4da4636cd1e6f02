/* What a dying process still says. Everything here runs inside a signal handler: no allocation, no
 * stdio; the sentence is written before anything that could fail a second time. */
#include "worker/worker.h"

#include <dlfcn.h>
#include <execinfo.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

enum { STACK_BYTES = 128 * 1024, FRAMES = 24, SKIPPED = 2 };

/* The handler is told nothing but the signal. */
static struct blackbox *crash_box;

struct text {
    char *to;
    size_t size, len;
};
static void put(struct text *t, const char *s) {
    while (*s && t->len + 1 < t->size) t->to[t->len++] = *s++;
    t->to[t->len] = 0;
}
static void put_hex(struct text *t, uint64_t v) {
    char digits[19] = "0x";
    int n = 2;
    bool begun = false;
    for (int shift = 60; shift >= 0; shift -= 4) {
        unsigned d = (unsigned)(v >> shift) & 15;
        begun |= d || shift == 0;
        if (begun) digits[n++] = "0123456789abcdef"[d];
    }
    digits[n] = 0;
    put(t, digits);
}

static const char *signal_name(int sig) {
    switch (sig) {
    case SIGSEGV: return "SIGSEGV (wild address)";
    case SIGBUS: return "SIGBUS (bad address)";
    case SIGILL: return "SIGILL (bad instruction)";
    case SIGFPE: return "SIGFPE (division by zero or the like)";
    case SIGABRT: return "SIGABRT (it gave up by itself)";
    default: return "SIGTRAP";
    }
}

static void write_trace(struct blackbox *box) {
    void *frames[FRAMES];
    int n = backtrace(frames, FRAMES);
    struct text t = {box->trace, sizeof box->trace, 0};
    for (int i = SKIPPED; i < n; i++) {
        Dl_info info;
        if (i > SKIPPED) put(&t, " < ");
        if (dladdr(frames[i], &info) && info.dli_fname) {
            const char *file = strrchr(info.dli_fname, '/');
            put(&t, info.dli_sname ? info.dli_sname : file ? file + 1 : info.dli_fname);
            uint64_t base = (uint64_t)(uintptr_t)(info.dli_sname ? info.dli_saddr : info.dli_fbase);
            put(&t, "+");
            put_hex(&t, (uint64_t)(uintptr_t)frames[i] - base);
        } else {
            put_hex(&t, (uint64_t)(uintptr_t)frames[i]);
        }
    }
}

static void on_crash(int sig, siginfo_t *info, void *context) {
    (void)context;
    struct blackbox *box = crash_box;
    if (box && box->end == END_NONE) {
        char what[256];
        struct text t = {what, sizeof what, 0};
        put(&t, signal_name(sig));
        box->signal = sig;
        if (sig == SIGSEGV || sig == SIGBUS) {
            box->address = (uint64_t)(uintptr_t)info->si_addr;
            put(&t, " at ");
            put_hex(&t, box->address);
        }
        blackbox_end(box, END_SIGNAL, what);
        write_trace(box);
    }
    signal(sig, SIG_DFL);
    raise(sig);
}

void crash_install(struct blackbox *box) {
    crash_box = box;
    void *first[1];
    (void)backtrace(first, 1); /* loads libgcc now, while files may be opened */
#ifndef SORI_SANITIZED         /* a sanitizer says more about the same signals */
    void *stack =
        mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (stack != MAP_FAILED) sigaltstack(&(stack_t){.ss_sp = stack, .ss_size = STACK_BYTES}, NULL);
    struct sigaction act = {.sa_sigaction = on_crash,
                            .sa_flags = (int)(SA_SIGINFO | SA_ONSTACK | SA_RESETHAND | SA_NODEFER)};
    sigemptyset(&act.sa_mask);
    static const int fatal[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP};
    for (size_t i = 0; i < sizeof fatal / sizeof *fatal; i++) sigaction(fatal[i], &act, NULL);
#else
    (void)on_crash;
#endif
}
