#include "net/web.h"

#include "base/buf.h"
#include "base/err.h"

#include <stdlib.h>

enum { CONNECTIONS_MAX = 200, CONNECTIONS_KEPT = 32 };

struct web {
    struct event_base *base;
    CURLM *multi;
    struct event *timer;
    web_done *done;
};

static void harvest(struct web *w) {
    CURLMsg *msg;
    int left;
    while ((msg = curl_multi_info_read(w->multi, &left))) {
        if (msg->msg != CURLMSG_DONE) continue;
        CURL *easy = msg->easy_handle;
        CURLcode code = msg->data.result;
        char *private = NULL;
        curl_easy_getinfo(easy, CURLINFO_PRIVATE, &private);
        curl_multi_remove_handle(w->multi, easy);
        w->done(private, easy, code);
    }
}

static void turn(struct web *w, curl_socket_t fd, int mask) {
    int running;
    curl_multi_socket_action(w->multi, fd, mask, &running);
    harvest(w);
}

static void on_socket(evutil_socket_t fd, short what, void *arg) {
    turn(arg, fd,
         (what & EV_READ ? CURL_CSELECT_IN : 0) | (what & EV_WRITE ? CURL_CSELECT_OUT : 0));
}

static void on_timer(evutil_socket_t fd, short what, void *arg) {
    (void)fd;
    (void)what;
    turn(arg, CURL_SOCKET_TIMEOUT, 0);
}

static int want_timer(CURLM *multi, long ms, void *arg) {
    (void)multi;
    struct web *w = arg;
    if (ms < 0) return evtimer_del(w->timer);
    struct timeval tv = {.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};
    return evtimer_add(w->timer, &tv);
}

static int want_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *socket_arg) {
    (void)easy;
    struct web *w = arg;
    struct event *old = socket_arg;
    if (old) event_free(old);
    struct event *ev = NULL;
    if (what != CURL_POLL_REMOVE) {
        short wish = (short)((what & CURL_POLL_IN ? EV_READ : 0) |
                             (what & CURL_POLL_OUT ? EV_WRITE : 0) | EV_PERSIST);
        ev = event_new(w->base, fd, wish, on_socket, w);
        SORI_ASSERT(ev && event_add(ev, NULL) == 0);
    }
    curl_multi_assign(w->multi, fd, ev);
    return 0;
}

struct web *web_new(struct event_base *base, long per_host, web_done *done) {
    struct web *w = mem_get(sizeof *w);
    w->base = base;
    w->done = done;
    w->multi = curl_multi_init();
    w->timer = evtimer_new(base, on_timer, w);
    SORI_ASSERT(w->multi && w->timer);
    curl_multi_setopt(w->multi, CURLMOPT_SOCKETFUNCTION, want_socket);
    curl_multi_setopt(w->multi, CURLMOPT_SOCKETDATA, w);
    curl_multi_setopt(w->multi, CURLMOPT_TIMERFUNCTION, want_timer);
    curl_multi_setopt(w->multi, CURLMOPT_TIMERDATA, w);
    curl_multi_setopt(w->multi, CURLMOPT_PIPELINING, (long)CURLPIPE_NOTHING);
    curl_multi_setopt(w->multi, CURLMOPT_MAXCONNECTS, (long)CONNECTIONS_KEPT);
    curl_multi_setopt(w->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, (long)CONNECTIONS_MAX);
    curl_multi_setopt(w->multi, CURLMOPT_MAX_HOST_CONNECTIONS, per_host);
    return w;
}

void web_free(struct web *w) {
    curl_multi_cleanup(w->multi);
    event_free(w->timer);
    free(w);
}

bool web_add(struct web *w, CURL *easy) {
    return curl_multi_add_handle(w->multi, easy) == CURLM_OK;
}

void web_remove(struct web *w, CURL *easy) { curl_multi_remove_handle(w->multi, easy); }
