#include "supervise/life.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static void drop(struct guest *g, struct post *p) {
    g->post_head = p->next;
    if (!g->post_head) g->post_tail = &g->post_head;
    g->post_frames--;
    g->post_bytes -= p->payload.len;
    if (p->head.type == W_CALL) g->post_calls--;
    if (p->fd >= 0) close(p->fd);
    free((char *)(uintptr_t)p->payload.ptr);
    free(p);
}

static bool keep(struct guest *g, struct wire_head head, struct sori_str payload, int fd) {
    if ((head.type == W_CALL && g->post_calls >= POST_CALLS_MAX) ||
        g->post_frames >= POST_FRAMES_MAX || g->post_bytes + payload.len > POST_BYTES_MAX)
        return false;
    int own = -1;
    if (fd >= 0 && (own = fcntl(fd, F_DUPFD_CLOEXEC, 3)) < 0) return false;
    struct post *p = mem_get(sizeof *p);
    *p = (struct post){.head = head, .payload = mem_copy(payload), .fd = own};
    *g->post_tail = p;
    g->post_tail = &p->next;
    g->post_frames++;
    g->post_bytes += payload.len;
    if (head.type == W_CALL) g->post_calls++;
    event_add(g->writable, NULL);
    return true;
}

bool post_send(struct guest *g, struct wire_head head, struct sori_str payload, int fd) {
    if (!g->post_head) {
        if (wire_send(&g->wire, head, payload, fd)) return true;
        if (errno != EAGAIN && errno != ENOBUFS) return false; /* it is dying: `lost` follows */
    }
    return keep(g, head, payload, fd);
}

void post_flush(struct guest *g) {
    while (g->post_head) {
        struct post *p = g->post_head;
        if (!wire_send(&g->wire, p->head, p->payload, p->fd) &&
            (errno == EAGAIN || errno == ENOBUFS)) {
            event_add(g->writable, NULL);
            return;
        }
        drop(g, p);
    }
}

void post_clear(struct guest *g) {
    while (g->post_head) drop(g, g->post_head);
    g->post_tail = &g->post_head;
}
