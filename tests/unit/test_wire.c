/* uses: sori_supervise sori_base */
/* The wire: frames, bodies in sealed memory, passed descriptors, and every lie that a guest can
 * send. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/buf.h"
#include "supervise/wire.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

struct pair {
    struct wire a, b;
};

static int open_pair(void **state) {
    struct pair *p = calloc(1, sizeof *p);
    int fds[2];
    if (!wire_pair(fds, NULL)) return -1;
    wire_open(&p->a, fds[0]);
    wire_open(&p->b, fds[1]);
    *state = p;
    return 0;
}
static int close_pair(void **state) {
    struct pair *p = *state;
    wire_close(&p->a);
    wire_close(&p->b);
    free(p);
    return 0;
}

static unsigned open_fds(void) {
    DIR *d = opendir("/proc/self/fd");
    unsigned n = 0;
    while (readdir(d)) n++;
    closedir(d);
    return n;
}

static void test_sizes(void **state) {
    struct pair *p = *state;
    static const size_t sizes[] = {0, 1, 1000, WIRE_INLINE, WIRE_INLINE + 1, 5 << 20};
    unsigned before = open_fds();
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        char *bytes = calloc(1, sizes[i] + 1);
        for (size_t k = 0; k < sizes[i]; k++) bytes[k] = (char)(k * 31 + i);
        struct wire_head head = {.type = W_SINK, .call = 7, .epoch = 3, .sub = 2, .status = 5};
        assert_true(wire_send(&p->a, head, (struct sori_str){bytes, sizes[i]}, -1));
        struct wire_msg m;
        assert_int_equal(wire_recv(&p->b, &m), 1);
        assert_int_equal(m.head.type, W_SINK);
        assert_int_equal(m.head.call, 7);
        assert_int_equal(m.head.epoch, 3);
        assert_int_equal(m.head.sub, 2);
        assert_int_equal(m.head.status, 5);
        assert_int_equal(m.payload.len, sizes[i]);
        if (sizes[i]) assert_memory_equal(m.payload.ptr, bytes, sizes[i]);
        assert_int_equal(m.fd, -1);
        free(bytes);
    }
    struct wire_msg m;
    wire_send(&p->a, (struct wire_head){.type = W_QUIT}, (struct sori_str){NULL, 0}, -1);
    assert_int_equal(wire_recv(&p->b, &m), 1); /* the last map is gone */
    assert_int_equal(open_fds(), before);
    assert_false(wire_send(&p->a, (struct wire_head){.type = W_SINK},
                           (struct sori_str){"", (size_t)WIRE_BODY_MAX + 1}, -1));
    assert_int_equal(errno, EMSGSIZE);
}

static void test_passed_descriptor(void **state) {
    struct pair *p = *state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    char *big = calloc(1, 200000);
    for (int round = 0; round < 2; round++) { /* beside a small and a mapped payload */
        struct sori_str body = {big, round ? 200000 : 10};
        assert_true(wire_send(&p->a, (struct wire_head){.type = W_CALL}, body, ends[1]));
        struct wire_msg m;
        assert_int_equal(wire_recv(&p->b, &m), 1);
        assert_int_equal(m.payload.len, body.len);
        assert_true(m.fd >= 0);
        assert_int_equal(fcntl(m.fd, F_GETFD), FD_CLOEXEC);
        assert_int_equal(write(m.fd, "x", 1), 1);
        char c;
        assert_int_equal(read(ends[0], &c, 1), 1);
        close(m.fd);
    }
    free(big);
    close(ends[0]);
    close(ends[1]);
}

static void test_full_and_gone(void **state) {
    struct pair *p = *state;
    assert_int_equal(fcntl(p->a.fd, F_SETFL, O_NONBLOCK), 0);
    static char body[WIRE_INLINE];
    unsigned sent = 0;
    while (sent < 1000 && wire_send(&p->a, (struct wire_head){.type = W_SINK},
                                    (struct sori_str){body, sizeof body}, -1))
        sent++;
    assert_true(sent >= 2 && sent < 1000);
    assert_true(errno == EAGAIN || errno == ENOBUFS);
    struct wire_msg m;
    for (unsigned i = 0; i < sent; i++) assert_int_equal(wire_recv(&p->b, &m), 1);
    assert_int_equal(fcntl(p->b.fd, F_SETFL, O_NONBLOCK), 0);
    assert_int_equal(wire_recv(&p->b, &m), -1);
    assert_int_equal(errno, EAGAIN);
    close(p->a.fd);
    p->a.fd = -1;
    assert_int_equal(wire_recv(&p->b, &m), 0);
}

/* ---- lies ---- */

static void send_raw(struct pair *p, const void *bytes, size_t len, const int *fds, size_t count) {
    struct iovec iov = {(void *)(uintptr_t)bytes, len};
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(16 * sizeof(int))];
    } control = {.bytes = {0}};
    struct msghdr m = {.msg_iov = &iov, .msg_iovlen = 1};
    if (count) {
        m.msg_control = control.bytes;
        m.msg_controllen = CMSG_SPACE(count * sizeof(int));
        struct cmsghdr *c = CMSG_FIRSTHDR(&m);
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(count * sizeof(int));
        memcpy(CMSG_DATA(c), fds, count * sizeof(int));
    }
    assert_true(sendmsg(p->a.fd, &m, MSG_NOSIGNAL) >= 0);
}

static void refused(struct pair *p) {
    struct wire_msg m;
    assert_int_equal(wire_recv(&p->b, &m), -1);
    assert_int_equal(errno, EBADMSG);
}

static int body_fd(size_t size, int seals) {
    int fd = memfd_create("body", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    assert_int_equal(ftruncate(fd, (off_t)size), 0);
    if (seals) assert_int_equal(fcntl(fd, F_ADD_SEALS, seals), 0);
    return fd;
}

static void test_lies(void **state) {
    struct pair *p = *state;
    unsigned before = open_fds();
    struct wire_head head = {.type = W_SINK, .size = 100};
    send_raw(p, "short", 5, NULL, 0);
    refused(p);
    send_raw(p, &head, sizeof head, NULL, 0); /* says 100, has none */
    refused(p);
    head.flags = 2;
    head.size = 0;
    send_raw(p, &head, sizeof head, NULL, 0);
    refused(p);
    head.flags = 1;
    head.size = 200000;
    send_raw(p, &head, sizeof head, NULL, 0); /* mapped, without memory */
    refused(p);
    static const int seals[] = {0, F_SEAL_WRITE, F_SEAL_SHRINK};
    for (size_t i = 0; i < 3; i++) {
        int fd = body_fd(200000, seals[i]);
        send_raw(p, &head, sizeof head, &fd, 1);
        close(fd);
        refused(p);
    }
    int all = F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW;
    int small = body_fd(1000, all); /* smaller than it says */
    send_raw(p, &head, sizeof head, &small, 1);
    close(small);
    refused(p);
    int null = open("/dev/null", O_RDONLY);
    send_raw(p, &head, sizeof head, &null, 1); /* no memory at all */
    refused(p);
    head.size = UINT32_MAX;
    int huge = body_fd(1000, all);
    send_raw(p, &head, sizeof head, &huge, 1);
    close(huge);
    refused(p);
    head = (struct wire_head){.type = W_SINK};
    int many[16];
    for (int i = 0; i < 16; i++) many[i] = null;
    send_raw(p, &head, sizeof head, many, 16); /* more descriptors than anybody needs */
    refused(p);
    close(null);
    static char long_one[sizeof(struct wire_head) + WIRE_INLINE + 100];
    send_raw(p, long_one, sizeof long_one, NULL, 0);
    refused(p);
    assert_int_equal(open_fds(), before);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_sizes, open_pair, close_pair),
        cmocka_unit_test_setup_teardown(test_passed_descriptor, open_pair, close_pair),
        cmocka_unit_test_setup_teardown(test_full_and_gone, open_pair, close_pair),
        cmocka_unit_test_setup_teardown(test_lies, open_pair, close_pair),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
