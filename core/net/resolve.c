#include "net/resolve.h"

#include "base/buf.h"
#include "base/err.h"

#include <netdb.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { THREADS_MAX = 8 };

struct resolve_job {
    struct resolve_job *next;
    char *host;
    uint16_t port;
    struct resolved result;
    resolve_done *done; /* loop only; NULL once forgotten */
    void *arg;
};

struct queue {
    struct resolve_job *first, **last;
};

struct resolver {
    resolve_lookup *lookup;
    void *ctx;
    int wake;
    struct event *woken;
    pthread_t threads[THREADS_MAX];
    unsigned started; /* loop only */
    pthread_mutex_t lock;
    pthread_cond_t more;
    /* under the lock: */
    struct queue asked, answered;
    unsigned idle;
    bool ending;
};

static void queue_put(struct queue *q, struct resolve_job *job) {
    job->next = NULL;
    *q->last = job;
    q->last = &job->next;
}

static struct resolve_job *queue_take(struct queue *q) {
    struct resolve_job *job = q->first;
    if (job && !(q->first = job->next)) q->last = &q->first;
    return job;
}

static void job_free(struct resolve_job *job) {
    free(job->host);
    free(job);
}

static void system_lookup(void *ctx, const char *host, uint16_t port, struct resolved *out) {
    (void)ctx;
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    struct addrinfo *list = NULL;
    char service[8];
    snprintf(service, sizeof service, "%u", (unsigned)port);
    hints.ai_flags = AI_NUMERICSERV;
    int code = getaddrinfo(host, service, &hints, &list);
    if (code != 0) snprintf(out->why, sizeof out->why, "%s", gai_strerror(code));
    for (struct addrinfo *a = list; a; a = a->ai_next) {
        if (a->ai_addrlen > sizeof out->address[0]) continue;
        if (out->count == RESOLVE_MAX) {
            out->too_many = true;
            break;
        }
        memcpy(&out->address[out->count++], a->ai_addr, a->ai_addrlen);
    }
    if (list) freeaddrinfo(list);
}

static void *work(void *arg) {
    struct resolver *r = arg;
    pthread_mutex_lock(&r->lock);
    while (!r->ending) {
        struct resolve_job *job = queue_take(&r->asked);
        if (!job) {
            r->idle++;
            pthread_cond_wait(&r->more, &r->lock);
            r->idle--;
            continue;
        }
        pthread_mutex_unlock(&r->lock);
        r->lookup(r->ctx, job->host, job->port, &job->result);
        pthread_mutex_lock(&r->lock);
        queue_put(&r->answered, job);
        SORI_ASSERT(eventfd_write(r->wake, 1) == 0);
    }
    pthread_mutex_unlock(&r->lock);
    return NULL;
}

static void hear(evutil_socket_t fd, short what, void *arg) {
    (void)what;
    struct resolver *r = arg;
    eventfd_t n;
    if (eventfd_read(fd, &n) != 0) return; /* another wake took it */
    for (;;) {
        pthread_mutex_lock(&r->lock);
        struct resolve_job *job = queue_take(&r->answered);
        pthread_mutex_unlock(&r->lock);
        if (!job) return;
        if (job->done) job->done(job->arg, &job->result);
        job_free(job);
    }
}

struct resolver *resolver_new(struct event_base *base, resolve_lookup *lookup, void *ctx) {
    struct resolver *r = mem_get(sizeof *r);
    r->lookup = lookup ? lookup : system_lookup;
    r->ctx = ctx;
    r->asked.last = &r->asked.first;
    r->answered.last = &r->answered.first;
    SORI_ASSERT(pthread_mutex_init(&r->lock, NULL) == 0);
    SORI_ASSERT(pthread_cond_init(&r->more, NULL) == 0);
    r->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    SORI_ASSERT(r->wake >= 0);
    r->woken = event_new(base, r->wake, EV_READ | EV_PERSIST, hear, r);
    SORI_ASSERT(r->woken && event_add(r->woken, NULL) == 0);
    return r;
}

void resolver_free(struct resolver *r) {
    pthread_mutex_lock(&r->lock);
    r->ending = true;
    pthread_cond_broadcast(&r->more);
    pthread_mutex_unlock(&r->lock);
    for (unsigned i = 0; i < r->started; i++) pthread_join(r->threads[i], NULL);
    struct resolve_job *job;
    while ((job = queue_take(&r->asked)) || (job = queue_take(&r->answered))) job_free(job);
    event_free(r->woken);
    close(r->wake);
    pthread_cond_destroy(&r->more);
    pthread_mutex_destroy(&r->lock);
    free(r);
}

struct resolve_job *resolver_ask(struct resolver *r, const char *host, uint16_t port,
                                 resolve_done *done, void *arg) {
    struct resolve_job *job = mem_get(sizeof *job);
    job->host = mem_text(str_c(host));
    job->port = port;
    job->done = done;
    job->arg = arg;
    pthread_mutex_lock(&r->lock);
    queue_put(&r->asked, job);
    bool grow = r->idle == 0 && r->started < THREADS_MAX;
    pthread_cond_signal(&r->more);
    pthread_mutex_unlock(&r->lock);
    if (grow && pthread_create(&r->threads[r->started], NULL, work, r) == 0) r->started++;
    SORI_ASSERT(r->started > 0);
    return job;
}

void resolver_forget(struct resolver *r, struct resolve_job *job) {
    (void)r; /* the job itself is freed when its thread has answered */
    job->done = NULL;
}
