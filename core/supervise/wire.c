#include "supervise/wire.h"

#include "base/buf.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { HEAD_MAPPED = 1u, WIRE_BUFFER = 4 << 20, WIRE_SEALS = F_SEAL_SHRINK | F_SEAL_WRITE };

#ifndef SORI_WIRE_HASH
#define SORI_WIRE_HASH "unversioned"
#endif

const char *wire_build_id(void) { return "0.1.0-" SORI_WIRE_HASH; }

void wire_open(struct wire *w, int fd) {
    *w = (struct wire){.fd = fd};
    w->in = mem_get(sizeof(struct wire_head) + WIRE_INLINE);
}

static void drop_map(struct wire *w) {
    if (w->map) munmap(w->map, w->map_len);
    w->map = NULL;
    w->map_len = 0;
}

void wire_close(struct wire *w) {
    drop_map(w);
    free(w->in);
    if (w->fd >= 0) close(w->fd);
    *w = (struct wire){.fd = -1};
}

/* The kernel's limit for others than root still holds two frames. */
static void widen(int fd) {
    int size = WIRE_BUFFER;
    if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof size) != 0)
        (void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) != 0)
        (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
}

bool wire_pair(int fds[2], struct err *err) {
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) != 0)
        return err_set(err, "cannot make a socket pair: %s", strerror(errno));
    widen(fds[0]);
    widen(fds[1]);
    return true;
}

/* A sealed copy of the payload, or -1. */
static int make_memfd(struct sori_str payload) {
    int fd = memfd_create("sori-payload", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd < 0) return -1;
    for (size_t done = 0; done < payload.len;) {
        ssize_t n = write(fd, payload.ptr + done, payload.len - done);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) {
            int saved = n == 0 ? EIO : errno;
            close(fd);
            errno = saved;
            return -1;
        }
        done += (size_t)n;
    }
    if (fcntl(fd, F_ADD_SEALS, WIRE_SEALS | F_SEAL_GROW | F_SEAL_SEAL) != 0) {
        int saved = errno;
        close(fd);
        errno = saved;
        return -1;
    }
    return fd;
}

static bool send_packet(int to, const struct wire_head *head, struct sori_str inline_bytes,
                        const int *fds, size_t fd_count) {
    struct iovec iov[2] = {
        {.iov_base = (void *)(uintptr_t)head, .iov_len = sizeof *head},
        {.iov_base = (void *)(uintptr_t)inline_bytes.ptr, .iov_len = inline_bytes.len}};
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(2 * sizeof(int))];
    } control = {.bytes = {0}};
    struct msghdr msg = {.msg_iov = iov, .msg_iovlen = inline_bytes.len ? 2 : 1};
    if (fd_count) {
        msg.msg_control = control.bytes;
        msg.msg_controllen = CMSG_SPACE(fd_count * sizeof(int));
        struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(fd_count * sizeof(int));
        memcpy(CMSG_DATA(c), fds, fd_count * sizeof(int));
    }
    /* The kernel counts descriptors under way for all processes of a user, against the sender's own
     * small limit: a crowded moment passes. */
    for (int patience = 2000;;) {
        if (sendmsg(to, &msg, MSG_NOSIGNAL) >= 0) return true;
        if (errno == ETOOMANYREFS && patience-- > 0)
            nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
        else if (errno != EINTR)
            return false;
    }
}

bool wire_send(struct wire *w, struct wire_head head, struct sori_str payload, int fd) {
    if (payload.len > WIRE_BODY_MAX) {
        errno = EMSGSIZE;
        return false;
    }
    head.size = (uint32_t)payload.len;
    head.flags = payload.len > WIRE_INLINE ? HEAD_MAPPED : 0;
    int fds[2];
    size_t count = 0;
    int mapped = -1;
    if (head.flags) {
        mapped = make_memfd(payload);
        if (mapped < 0) return false;
        fds[count++] = mapped;
        payload.len = 0;
    }
    if (fd >= 0) fds[count++] = fd;
    bool ok = send_packet(w->fd, &head, payload, fds, count);
    if (mapped >= 0) {
        int saved = errno;
        close(mapped);
        errno = saved;
    }
    return ok;
}

/* Takes the descriptors out of the control data; more than we can use are closed. */
static size_t take_fds(struct msghdr *msg, int out[2]) {
    size_t count = 0;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS) continue;
        size_t n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < n; i++) {
            int fd;
            memcpy(&fd, CMSG_DATA(c) + i * sizeof fd, sizeof fd);
            if (count < 2)
                out[count++] = fd;
            else
                close(fd);
        }
    }
    return count;
}

/* Maps a payload; refuses what its sender could still change or cut off under our feet. */
static bool map_payload(struct wire *w, int fd, size_t size) {
    struct stat st;
    int seals = fcntl(fd, F_GET_SEALS);
    if (seals < 0 || (seals & WIRE_SEALS) != WIRE_SEALS || fstat(fd, &st) != 0 ||
        st.st_size < (off_t)size || size == 0 || size > WIRE_BODY_MAX)
        return false;
    void *p = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (p == MAP_FAILED) return false;
    w->map = p;
    w->map_len = size;
    return true;
}

static int bad_message(const int *fds, size_t count) {
    for (size_t i = 0; i < count; i++) close(fds[i]);
    errno = EBADMSG;
    return -1;
}

int wire_recv(struct wire *w, struct wire_msg *msg) {
    drop_map(w);
    msg->fd = -1;
    struct iovec iov = {.iov_base = w->in, .iov_len = sizeof(struct wire_head) + WIRE_INLINE};
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(8 * sizeof(int))];
    } control;
    struct msghdr m = {.msg_iov = &iov,
                       .msg_iovlen = 1,
                       .msg_control = control.bytes,
                       .msg_controllen = sizeof control.bytes};
    ssize_t n;
    do n = recvmsg(w->fd, &m, MSG_CMSG_CLOEXEC);
    while (n < 0 && errno == EINTR);
    if (n < 0 && errno == ECONNRESET) return 0; /* it died with our bytes unread */
    if (n < 0) return -1;
    int fds[2] = {-1, -1};
    size_t count = take_fds(&m, fds);
    if (n == 0 && count == 0) return 0;
    if ((m.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) || (size_t)n < sizeof msg->head)
        return bad_message(fds, count);
    memcpy(&msg->head, w->in, sizeof msg->head);
    size_t inline_len = (size_t)n - sizeof msg->head, used = 0;
    if (msg->head.flags == HEAD_MAPPED) {
        if (inline_len != 0 || count == 0 || !map_payload(w, fds[0], msg->head.size))
            return bad_message(fds, count);
        close(fds[0]);
        used = 1;
        msg->payload = (struct sori_str){w->map, w->map_len};
    } else {
        if (msg->head.flags != 0 || inline_len != msg->head.size) return bad_message(fds, count);
        msg->payload = (struct sori_str){w->in + sizeof msg->head, inline_len};
    }
    if (count > used) msg->fd = fds[used++];
    if (count > used) close(fds[used]);
    return 1;
}
