/* uses: sori_supervise sori_fence sori_base */
/* The fences of net, gate and reader: what each may still do works, what it may not ends it or is
 * refused. The fences of workers are tried by the zoo. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "fence/fence.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum profile { NET, STRANGER, GATE, READER, CALM_NET };
enum end { FINE, REFUSED, ENDED }; /* done; EACCES or EPERM; stopped by the fence */

static char dir[64], other[128], own[128], secrets[128];
static int listening;

/* ---- deeds: true when it worked */
static bool write_at(const char *folder) {
    char path[256];
    snprintf(path, sizeof path, "%s/file", folder);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    bool ok = fd >= 0 && write(fd, "x", 1) == 1 && fdatasync(fd) == 0;
    if (fd >= 0) close(fd);
    return ok && rename(path, path) == 0 && unlink(path) == 0;
}
static bool write_own(void) { return write_at(own); }
static bool write_other(void) { return write_at(other); }
static bool read_secret(void) {
    char path[256];
    snprintf(path, sizeof path, "%s/a.token", secrets);
    return open(path, O_RDONLY) >= 0;
}
static bool write_secret(void) { return write_at(secrets); }
static bool read_passwd(void) { return open("/etc/passwd", O_RDONLY) >= 0; }
static bool make_socket(void) { return socket(AF_INET, SOCK_STREAM, 0) >= 0; }
static struct sockaddr_in local(uint16_t port) {
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port)};
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return a;
}
static bool dial(void) {
    struct sockaddr_in a;
    socklen_t n = sizeof a;
    getsockname(listening, (struct sockaddr *)&a, &n);
    int s = socket(AF_INET, SOCK_STREAM, 0);
    return s >= 0 && connect(s, (struct sockaddr *)&a, sizeof a) == 0;
}
static bool take_in(void) {
    fcntl(listening, F_SETFL, O_NONBLOCK);
    return accept4(listening, NULL, NULL, SOCK_CLOEXEC) >= 0 || errno == EAGAIN;
}
static bool listen_anew(void) {
    struct sockaddr_in a = local(0);
    int s = socket(AF_INET, SOCK_STREAM, 0);
    return s >= 0 && bind(s, (struct sockaddr *)&a, sizeof a) == 0;
}
static bool run_shell(void) { return execl("/bin/true", "true", NULL) == 0; }
static bool make_child(void) {
    pid_t pid = fork();
    if (pid == 0) _exit(0);
    return pid > 0;
}
static void *idle(void *p) { return p; }
static bool make_thread(void) {
    pthread_t t;
    return pthread_create(&t, NULL, idle, NULL) == 0 && pthread_join(t, NULL) == 0;
}
static bool trace(void) { return ptrace(PTRACE_ATTACH, getppid(), NULL, NULL) == 0; }
static bool kill_parent(void) { return kill(getppid(), 0) == 0; }
/* Input and output can send signals: any signal, to any process of the same user. */
static bool own_signal(void) { return fcntl(0, F_SETOWN, getppid()) == 0; }
static bool pick_signal(void) { return fcntl(0, F_SETSIG, SIGKILL) == 0; }
static bool aim_signal(void) {
    pid_t parent = getppid();
    return ioctl(listening, FIOSETOWN, &parent) == 0;
}
/* Reading limits is allowed; an address whose lower half is 0 is no NULL. */
static bool limit_parent(void) {
    struct rlimit now;
    void *at = (void *)(uintptr_t)0x100000000u;
    if (prlimit(getppid(), RLIMIT_NOFILE, NULL, &now) != 0) return false;
    void *map = mmap(at, 4096, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    if (map != at) return false;
    memcpy(map, &now, sizeof now);
    return syscall(SYS_prlimit64, getppid(), RLIMIT_NOFILE, map, NULL) == 0;
}

static const struct {
    const char *name;
    bool (*deed)(void);
    enum end ends[5]; /* net, stranger, gate, reader, net without rotated tokens */
} deeds[] = {
    {"write own folder", write_own, {FINE, REFUSED, FINE, FINE, FINE}},
    {"write another folder", write_other, {REFUSED, REFUSED, REFUSED, REFUSED, REFUSED}},
    {"read a secret", read_secret, {FINE, REFUSED, FINE, REFUSED, FINE}},
    {"write a secret", write_secret, {FINE, REFUSED, REFUSED, REFUSED, REFUSED}},
    {"read /etc/passwd", read_passwd, {REFUSED, REFUSED, REFUSED, REFUSED, REFUSED}},
    {"socket", make_socket, {FINE, FINE, ENDED, ENDED, FINE}},
    {"connect", dial, {FINE, FINE, ENDED, ENDED, FINE}},
    {"accept", take_in, {ENDED, ENDED, FINE, FINE, ENDED}},
    {"bind", listen_anew, {REFUSED, REFUSED, ENDED, ENDED, REFUSED}},
    {"exec", run_shell, {ENDED, ENDED, ENDED, ENDED, ENDED}},
    {"fork", make_child, {ENDED, ENDED, ENDED, ENDED, ENDED}},
    {"thread", make_thread, {FINE, FINE, FINE, FINE, FINE}},
    {"ptrace", trace, {ENDED, ENDED, ENDED, ENDED, ENDED}},
    {"kill", kill_parent, {ENDED, ENDED, ENDED, ENDED, ENDED}},
    {"own signals", own_signal, {ENDED, ENDED, ENDED, ENDED, ENDED}},
    {"pick a signal", pick_signal, {ENDED, ENDED, ENDED, ENDED, ENDED}},
    {"aim a signal", aim_signal, {ENDED, ENDED, ENDED, ENDED, ENDED}},
    {"limit the parent", limit_parent, {ENDED, ENDED, ENDED, ENDED, ENDED}},
};

static bool raise_fence(enum profile p, struct err *err) {
    const char *roots[] = {own, NULL};
    switch (p) {
    case NET: return fence_net(secrets, true, roots, err);
    case CALM_NET: return fence_net(secrets, false, roots, err);
    case STRANGER: return fence_net(NULL, false, NULL, err);
    case GATE: return fence_gate(own, secrets, err);
    default: return fence_reader(own, err);
    }
}

/* Its own process; `said` gets its stderr. */
static enum end attempt(enum profile p, bool (*deed)(void), char *said, size_t size) {
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t pid = fork();
    if (pid == 0) {
        dup2(ends[1], 2);
        close(4); /* no blackbox: the sentence goes to stderr */
        struct err err;
        if (!raise_fence(p, &err)) {
            dprintf(2, "%s", err.text);
            _exit(3);
        }
        bool ok = deed();
        _exit(ok ? 0 : errno == EACCES || errno == EPERM ? 1 : 2);
    }
    close(ends[1]);
    ssize_t n = read(ends[0], said, size - 1);
    said[n > 0 ? n : 0] = 0;
    close(ends[0]);
    int status;
    waitpid(pid, &status, 0);
    assert_true(WIFEXITED(status));
    int code = WEXITSTATUS(status);
    if (code == FENCE_EXIT) return ENDED;
    if (code > 1) fail_msg("exit code %d: %s", code, said);
    return code == 1 ? REFUSED : FINE;
}

static void test_profiles(void **state) {
    (void)state;
    static const char *const names[] = {"net", "stranger", "gate", "reader", "calm net"};
    for (size_t i = 0; i < sizeof deeds / sizeof *deeds; i++)
        for (int p = NET; p <= CALM_NET; p++) {
            char said[512];
            enum end end = attempt((enum profile)p, deeds[i].deed, said, sizeof said);
            if (end != deeds[i].ends[p])
                fail_msg("%s by %s: %d, expected %d (%s)", deeds[i].name, names[p], end,
                         deeds[i].ends[p], said);
            if (end == ENDED) assert_non_null(strstr(said, "forbidden: "));
        }
}

static bool look_up(void) {
    char text[64];
    snprintf(text, sizeof text, "%s", fence_text());
    return strstr(text, "seccomp") != NULL;
}

static void test_missing_folder(void **state) {
    (void)state;
    assert_string_equal(fence_text(), "none");
    char said[512], kept[128];
    assert_int_equal(attempt(READER, look_up, said, sizeof said), FINE);
    memcpy(kept, own, sizeof kept);
    snprintf(own, sizeof own, "%s/is-not-there", dir);
    pid_t pid = fork();
    if (pid == 0) {
        struct err err;
        bool ok = fence_reader(own, &err);
        _exit(!ok && strstr(err.text, "is-not-there") ? 7 : 8);
    }
    int status;
    waitpid(pid, &status, 0);
    memcpy(own, kept, sizeof own);
    assert_int_equal(WEXITSTATUS(status), 7);
}

static int setup(void **state) {
    (void)state;
    snprintf(dir, sizeof dir, "/tmp/sori-fence-XXXXXX");
    if (!mkdtemp(dir)) return -1;
    snprintf(own, sizeof own, "%s/own", dir);
    snprintf(other, sizeof other, "%s/other", dir);
    snprintf(secrets, sizeof secrets, "%s/secrets", dir);
    mkdir(own, 0700);
    mkdir(other, 0700);
    mkdir(secrets, 0700);
    char path[256];
    snprintf(path, sizeof path, "%s/a.token", secrets);
    close(open(path, O_WRONLY | O_CREAT, 0600));
    /* Away from 4, where a guest's blackbox would be. */
    int low = socket(AF_INET, SOCK_STREAM, 0);
    listening = fcntl(low, F_DUPFD, 20);
    close(low);
    struct sockaddr_in a = local(0);
    return bind(listening, (struct sockaddr *)&a, sizeof a) || listen(listening, 8);
}

static int teardown(void **state) {
    (void)state;
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", dir);
    return system(command);
}

int main(void) {
#ifdef SORI_SANITIZED
    printf("SKIPPED: a sanitizer needs calls that a fence forbids; see the release build\n");
    return 77;
#endif
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_profiles),
                                       cmocka_unit_test(test_missing_folder)};
    return cmocka_run_group_tests(tests, setup, teardown);
}
