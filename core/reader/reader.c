/* The reader's process: one loop over the core's wire and the visitors of /metrics; between them
 * the index takes in what is new. */
#include "reader/part.h"

#include "base/clock.h"
#include "base/log.h"
#include "fence/fence.h"
#include "supervise/messages.h"
#include "supervise/wire.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* Of each second the index takes a fifth where there is much to catch up with, and a twentieth
 * while the core itself has a queue: words may be found later, voices may not be heard later. */
enum { INDEX_EVERY_MS = 1000, INDEX_BUDGET_MS = 200, INDEX_BUSY_MS = 50, BUSY_QUEUE = 500 };

static bool hello(struct wire *wire) {
    struct buf b = {0};
    rec_str(&b, HELLO_BUILD, str_c(wire_build_id()));
    rec_str(&b, HELLO_FENCE, str_c(fence_text()));
    bool sent = wire_send(wire, (struct wire_head){.type = W_HELLO}, buf_view(&b), -1);
    buf_free(&b);
    return sent;
}

static void done(struct wire *wire, const struct wire_msg *msg) {
    struct wire_head head = {.type = W_DONE, .call = msg->head.call, .epoch = msg->head.epoch};
    (void)wire_send(wire, head, (struct sori_str){0}, -1);
}

/* One message of the core. False when it is time to go. */
static bool take(struct reader *r, struct wire *wire, struct metrics **metrics,
                 const struct wire_msg *msg) {
    if (msg->head.type == W_QUIT) return false;
    if (msg->head.type != W_CALL) {
        if (msg->fd >= 0) close(msg->fd);
        return true;
    }
    switch (msg->head.method) {
    case M_STATUS:
        buf_clear(&r->status);
        buf_str(&r->status, msg->payload);
        r->status_at = clock_mono();
        break;
    case M_CLIENT:
        if (msg->fd >= 0) client_serve(r, msg->fd, 1, msg->payload);
        break;
    case M_METRICS:
        metrics_stop(*metrics);
        *metrics = msg->fd >= 0 ? metrics_start(msg->fd) : NULL;
        break;
    default:
        log_line(LOG_WARN, "reader", "the core asked for method %u, which is unknown here",
                 msg->head.method);
        if (msg->fd >= 0) close(msg->fd);
    }
    done(wire, msg);
    return true;
}

static void loop(struct reader *r, struct wire *wire) {
    struct metrics *metrics = NULL;
    int64_t index_at = clock_mono();
    bool stay = true;
    while (stay) {
        struct pollfd fds[1 + METRICS_FDS] = {{.fd = wire->fd, .events = POLLIN}};
        size_t n = 1 + (metrics ? metrics_watch(metrics, fds + 1) : 0);
        int64_t wait = index_at - clock_mono();
        if (poll(fds, n, wait < 0 ? 0 : (int)wait) < 0 && errno != EINTR) break;
        if (metrics && n > 1) metrics_serve(metrics, r, fds + 1, n - 1);
        if (fds[0].revents) {
            struct wire_msg msg;
            int got = wire_recv(wire, &msg);
            if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) break;
            if (got == 1) stay = take(r, wire, &metrics, &msg);
        }
        if (stay && clock_mono() >= index_at) {
            bool busy = rec_get_int(buf_view(&r->status), STAT_QUEUE, 0) > BUSY_QUEUE;
            index_at = clock_mono() + INDEX_EVERY_MS;
            index_step(r, busy ? INDEX_BUSY_MS : INDEX_BUDGET_MS);
        }
    }
    metrics_stop(metrics);
}

int reader_main(int wire_fd, const char *data_dir) {
    struct err err;
    signal(SIGPIPE, SIG_IGN);
    umask(077); /* the index is nobody else's to read */
    if (!fence_reader(data_dir, &err)) {
        log_line(LOG_ERROR, "reader", "%s", err.text);
        return 1;
    }
    struct reader r = {.data = mem_text(str_c(data_dir))};
    struct wire wire;
    wire_open(&wire, wire_fd);
    if (hello(&wire)) loop(&r, &wire);
    db_close(&r);
    buf_free(&r.status);
    free(r.data);
    wire_close(&wire);
    return 0;
}
