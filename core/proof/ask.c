#include "proof/ask.h"

#include "reader/reader.h"
#include "supervise/wire.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

struct ask {
    struct wire wire;
    struct event *event;
    struct buf fields;
    ask_told *told;
    void *ctx;
};

void ask_arg(struct buf *args, const char *name, struct sori_str value) {
    size_t mark = rec_begin(args, ASK_ARG);
    rec_str(args, 1, str_c(name));
    rec_str(args, 2, value);
    rec_end(args, mark);
}

void ask_arg_int(struct buf *args, const char *name, int64_t value) {
    char text[24];
    snprintf(text, sizeof text, "%lld", (long long)value);
    ask_arg(args, name, str_c(text));
}

void ask_end(struct ask **at) {
    struct ask *a = *at;
    *at = NULL;
    if (!a) return;
    event_free(a->event);
    wire_close(&a->wire);
    buf_free(&a->fields);
    free(a);
}

static void end(struct ask *a, bool ok, const char *why) {
    event_del(a->event);
    a->told(a->ctx, ok, buf_view(&a->fields), why); /* may end it */
}

static void refused(struct ask *a) {
    char why[600];
    snprintf(why, sizeof why, "%.*s", STR(rec_get_str(buf_view(&a->fields), TELL_ERROR)));
    end(a, false, why[0] ? why : "the history cannot be read");
}

static void on_readable(evutil_socket_t fd, short what, void *ctx) {
    struct ask *a = ctx;
    struct wire_msg m;
    (void)fd;
    (void)what;
    int got = wire_recv(&a->wire, &m);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got <= 0) {
        end(a, false, "the core went away before it answered");
        return;
    }
    if (m.fd >= 0) close(m.fd);
    buf_str(&a->fields, m.payload);
    if (m.head.type != W_DONE) return;
    if (m.head.status)
        refused(a);
    else
        end(a, true, NULL);
}

static int dial(const char *path, struct err *err) {
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    int n = snprintf(at.sun_path, sizeof at.sun_path, "%s", path);
    if (n < 0 || (size_t)n >= sizeof at.sun_path) {
        err_set(err, "%s: the path is too long for a socket", path);
        return -1;
    }
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&at, sizeof at) == 0) return fd;
    err_set(err, "%s: %s", path, strerror(errno));
    if (fd >= 0) close(fd);
    return -1;
}

struct ask *ask_begin(struct event_base *base, const char *socket, const char *name,
                      struct sori_str args, ask_told *told, void *ctx, struct err *err) {
    int fd = dial(socket, err);
    if (fd < 0) return NULL;
    struct ask *a = mem_get(sizeof *a);
    struct buf question = {0};
    wire_open(&a->wire, fd);
    a->told = told;
    a->ctx = ctx;
    rec_str(&question, ASK_NAME, str_c(name));
    buf_str(&question, args);
    bool sent =
        wire_send(&a->wire, (struct wire_head){.type = W_CALL, .method = M_QUERY, .call = 1},
                  buf_view(&question), -1);
    buf_free(&question);
    evutil_make_socket_nonblocking(fd);
    a->event = event_new(base, fd, EV_READ | EV_PERSIST, on_readable, a);
    if (sent && a->event && event_add(a->event, NULL) == 0) return a;
    err_set(err, "%s: the core went away", socket);
    ask_end(&a);
    return NULL;
}
