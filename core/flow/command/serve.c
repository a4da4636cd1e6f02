/* data/sori.sock: the command line's way in. Commands are the core's; everything else is a query,
 * and the client's socket is passed on to the reader, so that a slow reader of answers never holds
 * the core. Only the owner of the workspace (and root) may connect. */
#include "flow/flow.h"

#include "base/log.h"
#include "reader/reader.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { CLIENTS_MAX = 64 };

struct client {
    struct client *next;
    struct core *core;
    struct wire wire;
    struct event *event;
    struct command *open; /* commands that still have to answer know that it left */
};

static void drop(struct client *cl) {
    for (struct client **p = &cl->core->clients; *p; p = &(*p)->next)
        if (*p == cl) {
            *p = cl->next;
            break;
        }
    if (cl->open) cl->open->client = NULL;
    event_free(cl->event);
    wire_close(&cl->wire);
    free(cl);
}

static void refuse(struct client *cl, const char *text) {
    struct buf b = {0};
    rec_str(&b, TELL_ERROR, str_c(text));
    wire_send(&cl->wire, (struct wire_head){.type = W_DONE, .status = 1}, buf_view(&b), -1);
    buf_free(&b);
}

/* ---- answers leave after the commit that makes them true ---- */
struct told {
    struct after after;
    struct command *cmd;
    int code;
    struct buf payload;
};

static void send_told(struct core *c, struct after *a) {
    struct told *t = (struct told *)a;
    (void)c;
    struct client *cl = t->cmd->client;
    if (cl) {
        cl->open = NULL;
        wire_send(&cl->wire, (struct wire_head){.type = W_DONE, .status = (uint32_t)t->code},
                  buf_view(&t->payload), -1);
    }
    free((char *)(uintptr_t)t->cmd->ask.ptr);
    free(t->cmd);
    buf_free(&t->payload);
    free(t);
}

static struct told *tell(struct command *cmd, int code) {
    struct told *t = mem_get(sizeof *t);
    t->after.run = send_told;
    t->cmd = cmd;
    t->code = code;
    return t;
}

void control_tell_text(struct command *cmd, int code, struct sori_str text, struct sori_str more) {
    struct told *t = tell(cmd, code);
    rec_str(&t->payload, code ? TELL_ERROR : TELL_TEXT, text);
    buf_str(&t->payload, more);
    flow_after(cmd->core, &t->after);
}

void control_tell(struct command *cmd, int code, const char *format, ...) {
    char text[4096];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    control_tell_text(cmd, code, str_c(text), (struct sori_str){0});
}

void control_tell_json(struct command *cmd, const char *text, struct sori_str json) {
    struct told *t = tell(cmd, 0);
    if (text) rec_str(&t->payload, TELL_TEXT, str_c(text));
    rec_str(&t->payload, TELL_JSON, json);
    flow_after(cmd->core, &t->after);
}

struct sori_str control_arg(const struct command *cmd, const char *name) {
    struct sori_str rest = cmd->ask;
    struct rec_field f;
    while (rec_next(&rest, &f) == 1)
        if (f.tag == ASK_ARG && f.type == REC_REC && str_is(rec_get_str(f.s, PAIR_NAME), name))
            return rec_get_str(f.s, PAIR_VALUE);
    return (struct sori_str){0};
}

static void pass_on(struct client *cl, struct sori_str ask) {
    struct core *c = cl->core;
    if (c->reader && guest_is_ready(c->reader) &&
        guest_call(c->reader, M_CLIENT, ask, 30000, cl->wire.fd)) {
        drop(cl); /* the reader has its own descriptor of the socket now */
        return;
    }
    refuse(cl, "the reader is not ready; try again in a moment");
}

static void on_client(evutil_socket_t fd, short what, void *ctx) {
    struct client *cl = ctx;
    struct wire_msg msg;
    (void)fd;
    (void)what;
    int got = wire_recv(&cl->wire, &msg);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0 || msg.head.type != W_CALL || msg.head.method != M_QUERY || cl->open ||
        !rec_valid(msg.payload, 4)) {
        drop(cl);
        return;
    }
    if (msg.fd >= 0) close(msg.fd);
    struct command *cmd = mem_get(sizeof *cmd);
    cmd->core = cl->core;
    cmd->client = cl;
    cmd->ask = mem_copy(msg.payload);
    cmd->name = rec_get_str(cmd->ask, ASK_NAME);
    cmd->user = rec_get_str(cmd->ask, ASK_USER);
    cmd->body = rec_get_str(cmd->ask, ASK_BODY);
    cl->open = cmd;
    if (control_run(cmd)) return;
    cl->open = NULL;
    pass_on(cl, cmd->ask);
    free((char *)(uintptr_t)cmd->ask.ptr);
    free(cmd);
}

static bool is_owner(int fd) {
    struct ucred peer;
    socklen_t len = sizeof peer;
    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 &&
           (peer.uid == geteuid() || peer.uid == 0);
}

static void on_connect(evutil_socket_t listen_fd, short what, void *ctx) {
    struct core *c = ctx;
    (void)what;
    int fd = accept4(listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0) return;
    size_t n = 0;
    for (struct client *cl = c->clients; cl; cl = cl->next) n++;
    if (!is_owner(fd) || n >= CLIENTS_MAX) {
        close(fd);
        return;
    }
    int size = 1 << 20;
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    struct client *cl = mem_get(sizeof *cl);
    cl->core = c;
    wire_open(&cl->wire, fd);
    cl->event = event_new(c->base, fd, EV_READ | EV_PERSIST, on_client, cl);
    event_add(cl->event, NULL);
    cl->next = c->clients;
    c->clients = cl;
}

bool serve_start(struct core *c, struct err *err) {
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    int n = snprintf(at.sun_path, sizeof at.sun_path, "%s/sori.sock", c->data);
    if (n < 0 || (size_t)n >= sizeof at.sun_path)
        return err_set(err,
                       "%s/sori.sock: the path is longer than a socket's name may be (%zu bytes); "
                       "use a workspace nearer to the root",
                       c->data, sizeof at.sun_path - 1);
    unlink(at.sun_path);
    c->listen_fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    mode_t old = umask(0177);
    bool ok = c->listen_fd >= 0 && bind(c->listen_fd, (struct sockaddr *)&at, sizeof at) == 0 &&
              listen(c->listen_fd, 16) == 0;
    umask(old);
    if (!ok) return err_set(err, "%s: cannot be listened on: %s", at.sun_path, strerror(errno));
    c->listen_event = event_new(c->base, c->listen_fd, EV_READ | EV_PERSIST, on_connect, c);
    event_add(c->listen_event, NULL);
    return true;
}
