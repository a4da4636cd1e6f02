/* Misbehaves in the way and in the call that its options `what` and `where` name. */
#include "sori/plugin.h"

#include <fcntl.h>
#include <iconv.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { WIRE = 3 };

struct beast {
    const struct sori_host *host;
    char what[32], where[32];
};

/* ---- crashes */
static volatile uintptr_t wild = 16; /* nothing is mapped there */
static void segv(struct beast *b) { (void)b, *(volatile int *)wild = 1; }
static void give_up(struct beast *b) { (void)b, abort(); }
static void leave(struct beast *b) { (void)b, exit(0); }
static volatile unsigned char *deepest;
static unsigned deeper(unsigned n) {
    volatile unsigned char here[4096];
    here[n % sizeof here] = 1;
    deepest = here;
    return n ? deeper(n - 1) + here[0] : 0;
}
static void overflow(struct beast *b) { (void)b, (void)deeper(1u << 30); }
/* ---- hogs */
static void loop(struct beast *b) {
    (void)b;
    for (volatile int i = 0;; i++) {
    }
}
static void block(struct beast *b) {
    (void)b;
    sigset_t none;
    sigemptyset(&none);
    for (;;) (void)pselect(0, NULL, NULL, NULL, NULL, &none);
}
static void polite(struct beast *b) {
    while (!b->host->cancelled(b->host)) {
    }
}
static void eat(struct beast *b) {
    (void)b;
    for (size_t total = 0; total < (size_t)10 << 30; total += 64 << 20) {
        char *p = malloc(64 << 20);
        memset(p, 1, 64 << 20); /* NULL as soon as the limit is met */
    }
}
static void leak(struct beast *b) {
    (void)b;
    for (int i = 0; i < 100000; i++) (void)memfd_create("leak", 0);
}
/* Memory files are outside of RLIMIT_AS: there must be few of them. */
static void hoard(struct beast *b) {
    static char much[1 << 20];
    int fd;
    (void)b;
    for (size_t mib = 0; (fd = memfd_create("hoard", 0)) >= 0;)
        for (int i = 0; i < 64 && write(fd, much, sizeof much) > 0; i++)
            if (++mib > 512) abort();
}
static void flood(struct beast *b) {
    static char line[4096];
    memset(line, 'x', sizeof line);
    while (!b->host->cancelled(b->host) && write(1, line, sizeof line) > 0) {
    }
}
/* ---- escapes */
static void make_socket(struct beast *b) { (void)b, (void)socket(AF_INET, SOCK_STREAM, 0); }
static void open_file(struct beast *b) { (void)b, (void)open("/etc/passwd", O_RDONLY); }
static void stat_file(struct beast *b) { (void)b, (void)access("/etc/passwd", R_OK); }
static void open_lib(struct beast *b) {
    (void)b;
    if (open("/usr/lib/os-release", O_RDONLY) < 0) return; /* refused quietly, as it should be */
    abort();
}
/* What libraries do on their own must go on to work, or fail without death. */
static void libraries(struct beast *b) {
    (void)b;
    iconv_t cp949 = iconv_open("UTF-8", "CP949");
    char in[] = "\xc8\xaf\xba\xd2", out[16] = "", *from = in, *to = out;
    size_t left = 4, room = sizeof out;
    if (cp949 == (iconv_t)-1 || iconv(cp949, &from, &left, &to, &room) != 0) abort();
    if (strcmp(out, "환불") != 0) abort();
    if (iconv_open("UTF-8", "IBM1390") != (iconv_t)-1) abort(); /* not among the preloaded */
    time_t t = 1795316700;
    struct tm tm;
    if (!localtime_r(&t, &tm) || tm.tm_hour != 3) abort();
    if (open("/dev/urandom", O_RDONLY) >= 0) abort();
}
static void do_fork(struct beast *b) {
    (void)b;
    if (fork() == 0) _exit(0);
}
static void do_exec(struct beast *b) { (void)b, execl("/bin/sh", "sh", "-c", "id", NULL); }
static void *idle(void *p) { return p; }
static void thread(struct beast *b) {
    (void)b;
    pthread_t t;
    (void)pthread_create(&t, NULL, idle, NULL);
}
static void trace(struct beast *b) { (void)b, (void)ptrace(PTRACE_ATTACH, getppid(), NULL, NULL); }
static void peek(struct beast *b) {
    (void)b;
    char byte;
    struct iovec mine = {&byte, 1}, theirs = {&byte, 1};
    (void)process_vm_readv(getppid(), &mine, 1, &theirs, 1, 0);
}
static void kill_core(struct beast *b) { (void)b, kill(getppid(), SIGKILL); }
static void unname(struct beast *b) { (void)b, signal(SIGSYS, SIG_IGN); }
static void unname_and_open(struct beast *b) {
    (void)b;
    sigset_t sys;
    sigemptyset(&sys);
    sigaddset(&sys, SIGSYS);
    sigprocmask(SIG_BLOCK, &sys, NULL);
    (void)socket(AF_INET, SOCK_STREAM, 0);
}
static void executable(struct beast *b) {
    (void)b;
    (void)mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}
static void strange(struct beast *b) { (void)b, (void)syscall(SYS_acct, NULL); }
static void uring(struct beast *b) { (void)b, (void)syscall(SYS_io_uring_setup, 1, NULL); }
/* ---- the wire */
static void scribble(struct beast *b) {
    (void)b;
    for (int i = 0; i < 10; i++) (void)send(WIRE, "no protocol of yours", 20, MSG_NOSIGNAL);
}
static void hang_up(struct beast *b) {
    (void)b, close(WIRE);
    for (;;) {
    }
}
static void frames(struct beast *b) {
    (void)b;
    unsigned head[8] = {5, 0, 4242, 1, 0, 0, 0, 0}; /* a W_DONE of a call that never was */
    for (int i = 0; i < 100000; i++) (void)send(WIRE, head, sizeof head, MSG_NOSIGNAL);
}
static void bad_type(struct beast *b) {
    (void)b;
    unsigned head[8] = {77, 0, 1, 1, 0, 0, 0, 0};
    (void)send(WIRE, head, sizeof head, MSG_NOSIGNAL);
}
static void unsealed(struct beast *b) {
    (void)b;
    int fd = memfd_create("unsealed", 0);
    static char much[200000];
    (void)!write(fd, much, sizeof much);
    unsigned head[8] = {4, 0, 1, 1, 0, 0, sizeof much, 1};
    struct iovec iov = {head, sizeof head};
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control = {.bytes = {0}};
    struct msghdr m = {.msg_iov = &iov,
                       .msg_iovlen = 1,
                       .msg_control = control.bytes,
                       .msg_controllen = sizeof control.bytes};
    struct cmsghdr *c = CMSG_FIRSTHDR(&m);
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(sizeof fd);
    memcpy(CMSG_DATA(c), &fd, sizeof fd);
    (void)sendmsg(WIRE, &m, MSG_NOSIGNAL);
}

static const struct {
    const char *name;
    void (*deed)(struct beast *);
} deeds[] = {{"segv", segv},
             {"abort", give_up},
             {"exit", leave},
             {"overflow", overflow},
             {"loop", loop},
             {"block", block},
             {"polite", polite},
             {"eat", eat},
             {"leak", leak},
             {"hoard", hoard},
             {"flood", flood},
             {"socket", make_socket},
             {"open", open_file},
             {"access", stat_file},
             {"open_lib", open_lib},
             {"libraries", libraries},
             {"fork", do_fork},
             {"exec", do_exec},
             {"thread", thread},
             {"ptrace", trace},
             {"peek", peek},
             {"kill", kill_core},
             {"unname", unname},
             {"unname_open", unname_and_open},
             {"executable", executable},
             {"strange", strange},
             {"uring", uring},
             {"scribble", scribble},
             {"hang_up", hang_up},
             {"frames", frames},
             {"bad_type", bad_type},
             {"unsealed", unsealed}};

static void misbehave(struct beast *b, const char *where) {
    if (strcmp(b->where, where) != 0) return;
    for (size_t i = 0; i < sizeof deeds / sizeof *deeds; i++)
        if (strcmp(b->what, deeds[i].name) == 0) deeds[i].deed(b);
}

/* ---- wrong values, which need a sink */
static void lie_of_author(const char *what, const struct sori_sink *sink) {
    static char id[600];
    memset(id, 'a', sizeof id);
    struct sori_author author = {
        .struct_size = sizeof author, .id = SORI_STR("7"), .name = SORI_STR("김하늘")};
    if (strcmp(what, "small") == 0) author.struct_size = 4;
    if (strcmp(what, "nobody") == 0) author.id.len = 0;
    if (strcmp(what, "long") == 0) author.id = (struct sori_str){id, sizeof id};
    if (strcmp(what, "space") == 0) author.space = SORI_STR("facebook:1");
    if (strcmp(what, "null") == 0) author.url = (struct sori_str){NULL, 5};
    if (strcmp(what, "utf8") == 0) author.name = SORI_STR("하\xff\0늘");
    (void)sink->author(sink, &author);
}

static void lie(struct beast *b, const struct sori_sink *sink) {
    if (strncmp(b->what, "author_", 7) == 0) {
        lie_of_author(b->what + 7, sink);
        return;
    }
    struct sori_item item = {.struct_size = sizeof item,
                             .kind = SORI_KIND_COMMENT,
                             .native_id = SORI_STR("1"),
                             .text = SORI_STR("안녕하세요")};
    if (strcmp(b->what, "null_text") == 0) item.text = (struct sori_str){NULL, 5};
    if (strcmp(b->what, "huge_text") == 0) item.text.len = (size_t)1 << 40;
    if (strcmp(b->what, "wild_text") == 0) item.text = (struct sori_str){(const char *)64, 100};
    if (strcmp(b->what, "long_id") == 0) {
        static char id[600];
        memset(id, 'a', sizeof id);
        item.native_id = (struct sori_str){id, sizeof id};
    }
    if (strcmp(b->what, "bad_kind") == 0) item.kind = 99;
    if (strcmp(b->what, "bad_space") == 0) item.space = SORI_STR("facebook:1");
    if (strcmp(b->what, "small") == 0) item.struct_size = 4;
    if (strcmp(b->what, "bad_utf8") == 0) item.text = SORI_STR("좋아\xff\0요");
    if (strcmp(b->what, "long_text") == 0) {
        static char text[200000];
        for (size_t i = 0; i + 3 <= sizeof text; i += 3) memcpy(text + i, "\xea\xb0\x80", 3);
        item.text = (struct sori_str){text, sizeof text};
    }
    if (strcmp(b->what, "endless") == 0) {
        static char text[60000];
        memset(text, 'a', sizeof text);
        item.text = (struct sori_str){text, sizeof text};
        while (sink->item(sink, &item) == SORI_MORE) {
        }
        return;
    }
    (void)sink->item(sink, &item);
}

static void take(char *to, size_t size, struct sori_str s) {
    size_t n = s.len < size - 1 ? s.len : size - 1;
    memcpy(to, s.ptr, n);
    to[n] = 0;
}

static enum sori_status create(const struct sori_host *host, const struct sori_config *config,
                               void **self) {
    struct beast *b = calloc(1, sizeof *b);
    b->host = host;
    for (size_t i = 0; i < config->options.count; i++) {
        const struct sori_pair *o = &config->options.items[i];
        bool what = o->name.len == 4;
        take(what ? b->what : b->where, sizeof b->what, o->value);
    }
    *self = b;
    misbehave(b, "create");
    return SORI_OK;
}
static void destroy(void *self) { free(self); }
static enum sori_status poll(void *self, const struct sori_poll *poll,
                             const struct sori_sink *sink) {
    (void)poll;
    misbehave(self, "poll");
    lie(self, sink);
    return SORI_OK;
}
static enum sori_status decode(void *self, const struct sori_delivery *d,
                               const struct sori_sink *sink) {
    struct sori_item item = {.struct_size = sizeof item, .native_id = d->body, .text = d->body};
    if (d->body.len == 6 && memcmp(d->body.ptr, "poison", 6) == 0) misbehave(self, "decode");
    (void)sink->item(sink, &item);
    return SORI_OK;
}
static enum sori_act_status act(void *self, const struct sori_action *action,
                                const struct sori_result *result) {
    (void)action, (void)result;
    struct beast *b = self;
    misbehave(b, "act");
    if (strcmp(b->what, "write") != 0) return SORI_ACT_OK;
    struct sori_http_request ask = {.struct_size = sizeof ask,
                                    .effect = SORI_HTTP_WRITE,
                                    .method = SORI_STR("POST"),
                                    .url = SORI_STR("https://a.kr/")};
    struct sori_http_response answer = {.struct_size = sizeof answer};
    return b->host->http(b->host, &ask, &answer) == SORI_OK ? SORI_ACT_OK : SORI_ACT_RETRY;
}

static const struct sori_connector connector = {
    .struct_size = sizeof connector,
    .flags = SORI_CONNECTOR_POLLS | SORI_CONNECTOR_DECODES | SORI_CONNECTOR_ACTS,
    .create = create,
    .destroy = destroy,
    .poll = poll,
    .decode = decode,
    .act = act,
    .reconcile = act};
static const struct sori_interface interfaces[] = {{SORI_CONNECTOR_ID, &connector}};
static const struct sori_plugin plugin = {.struct_size = sizeof plugin,
                                          .abi = SORI_ABI,
                                          .id = "beast",
                                          .name = "Beast",
                                          .version = "0.1",
                                          .license = "MIT",
                                          .interfaces = interfaces,
                                          .interface_count = 1,
                                          .interface_stride = sizeof *interfaces};
SORI_EXPORT const struct sori_plugin *sori_plugin_v0(void) { return &plugin; }
