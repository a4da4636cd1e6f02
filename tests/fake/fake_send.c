/* What a platform sends to others: webhooks with retries, and handshakes. */
#include "fake/fake_inner.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <time.h>

struct sending {
    struct sending *next;
    char *url, *headers;
    struct buf body;
    int64_t due;
    int tries, left;
    json_t *row; /* in deliveries; ours is one reference */
};

static size_t take(char *bytes, size_t size, size_t n, void *to) {
    buf_put(to, bytes, size * n);
    return size * n;
}

/* Without the lock. */
static int transfer(const char *method, const char *url, const char *headers, const char *body,
                    size_t len, struct buf *answer) {
    CURL *c = curl_easy_init();
    struct curl_slist *list = NULL;
    long status = 0;
    if (!c) abort();
    while (headers && *headers) {
        size_t n = strcspn(headers, "\n");
        char *line = mem_text((struct sori_str){headers, n});
        if (n) list = curl_slist_append(list, line);
        free(line);
        headers += n + (headers[n] == '\n');
    }
    list = curl_slist_append(list, "Expect:");
    curl_easy_setopt(c, CURLOPT_URL, url);
    curl_easy_setopt(c, CURLOPT_CUSTOMREQUEST, method);
    curl_easy_setopt(c, CURLOPT_HTTPHEADER, list);
    curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(c, CURLOPT_PROXY, "");
    curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, 10000L);
    curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(c, CURLOPT_WRITEDATA, answer);
    if (body) {
        curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)len);
        curl_easy_setopt(c, CURLOPT_POSTFIELDS, body);
    }
    if (curl_easy_perform(c) == CURLE_OK) curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &status);
    curl_slist_free_all(list);
    curl_easy_cleanup(c);
    return (int)status;
}

int fake_fetch(struct fake *f, const char *method, const char *url, const char *headers,
               const char *body, size_t len, struct buf *answer) {
    pthread_mutex_unlock(&f->lock);
    int status = transfer(method, url, headers, body, len, answer);
    pthread_mutex_lock(&f->lock);
    return status;
}

void fake_deliver(struct fake *f, const char *url, const char *headers, const char *body,
                  size_t len, int tries, int64_t delay) {
    struct sending *s = mem_get(sizeof *s), **end = &f->sendings;
    s->url = mem_text(str_c(url));
    s->headers = mem_text(str_c(headers));
    buf_put(&s->body, body, len);
    s->due = fake_now() + delay;
    s->left = tries;
    s->row = json_pack("{s:s, s:o, s:i, s:i, s:b}", "url", url, "body", json_bytes(body, len),
                       "tries", 0, "status", 0, "over", 0);
    json_array_append(f->deliveries, s->row);
    while (*end) end = &(*end)->next;
    *end = s;
    pthread_cond_broadcast(&f->news);
}

static void wait_for_news(struct fake *f) {
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += 100 * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    pthread_cond_timedwait(&f->news, &f->lock, &until);
}

static struct sending *take_due(struct fake *f) {
    int64_t now = fake_now();
    for (struct sending **at = &f->sendings; *at; at = &(*at)->next) {
        struct sending *s = *at;
        if (s->due > now) continue;
        *at = s->next;
        s->next = NULL;
        return s;
    }
    return NULL;
}

static void sent(struct fake *f, struct sending *s, int status) {
    bool good = status >= 200 && status < 300;
    s->tries++;
    s->left--;
    json_object_set_new(s->row, "tries", json_integer(s->tries));
    json_object_set_new(s->row, "status", json_integer(status));
    json_object_set_new(s->row, "over", json_boolean(good || s->left <= 0));
    if (good || s->left <= 0) {
        free(s->url);
        free(s->headers);
        buf_free(&s->body);
        json_decref(s->row);
        free(s);
        return;
    }
    int shift = s->tries < 8 ? s->tries - 2 : 6;
    s->due = fake_now() + (shift < 0 ? 0 : 1000ll << shift);
    s->next = f->sendings;
    f->sendings = s;
}

static void *deliver(void *arg) {
    struct fake *f = arg;
    pthread_mutex_lock(&f->lock);
    while (true) {
        struct sending *s = take_due(f);
        if (!s) {
            wait_for_news(f);
            continue;
        }
        struct buf answer = {0};
        pthread_mutex_unlock(&f->lock);
        int status = transfer("POST", s->url, s->headers, s->body.data ? s->body.data : "",
                              s->body.len, &answer);
        buf_free(&answer);
        pthread_mutex_lock(&f->lock);
        sent(f, s, status);
    }
    return NULL;
}

void sending_begin(struct fake *f) {
    pthread_t thread;
    curl_global_init(CURL_GLOBAL_DEFAULT);
    if (pthread_create(&thread, NULL, deliver, f)) abort();
    pthread_detach(thread);
}
