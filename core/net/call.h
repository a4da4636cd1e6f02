/* One request's life, shared by the files that carry it: engine.c (beginning and end), call.c
 * (checks, hops), transfer.c (one hop by libcurl), answer.c (what came back). */
#ifndef NET_CALL_H
#define NET_CALL_H

#include "net/engine.h"
#include "net/credential.h"
#include "net/settings.h"
#include "net/target.h"
#include "net/web.h"

/* What came back in the current hop. */
struct answer {
    long http_status;
    struct buf headers; /* rep ANS_HEADER, as they go into the record */
    struct buf body;
    size_t header_bytes;
    bool headers_too_long;
    bool truncated;
    int64_t retry_at;
};

/* Of an answer that never ends: hears it as it comes. */
struct call_taker {
    void *ctx;
    void (*opened)(void *ctx); /* the head of a 200 is here */
    /* Bytes of its body. False ends the transfer. Called from inside of libcurl. */
    bool (*take)(void *ctx, struct call *c, const char *bytes, size_t len);
};

struct call {
    struct engine *engine;
    struct call *next, **link; /* the engine's list */
    bool *over;                /* set when the call ends inside engine_http */
    engine_done *done;
    void *ctx;
    struct settings *settings;
    const struct connection *connection; /* NULL for strangers */

    struct buf request; /* the record; the views below lie in it */
    struct sori_str method, body, name;
    int64_t effect, flags;
    size_t max_body;
    struct call_taker taker; /* take: NULL for requests that end */

    struct event *timer; /* the total deadline */
    int64_t timeout_ms;
    struct target target;
    unsigned redirects;
    bool away; /* a redirect led to another origin: nothing private goes along */
    struct resolve_job *job;
    struct resolved addresses;
    CURL *easy;
    struct curl_slist *headers, *pins;
    struct credential credential;
    const struct refresh *waits; /* for a new token; rotate.c */
    bool renewed;                /* it came because the platform refused the old one: once */
    char curl_error[CURL_ERROR_SIZE];
    bool sent;    /* bytes of a request left this machine */
    bool blocked; /* the guard refused a socket; `err` says why */

    struct answer answer;
    struct err err;
};

/* call.c */
void call_run(struct call *c);           /* the first hop */
void call_restart(struct call *c);       /* the same again, with a new credential */
bool call_private(const struct call *c); /* something secret goes along */
bool call_address_ok(struct call *c, const struct sockaddr *address);
void call_hop_done(struct call *c, CURLcode code); /* from the web */
/* transfer.c */
bool transfer_begin(struct call *c, struct web *web); /* false with c->err */
void transfer_end(struct call *c, struct web *web);   /* idempotent; notes whether bytes left */
/* answer.c */
size_t answer_header(char *bytes, size_t size, size_t n, void *call);
size_t answer_body(char *bytes, size_t size, size_t n, void *call);
void answer_clear(struct answer *a);
void answer_write(struct call *c, struct buf *record); /* hides the secret in all of it */
/* engine.c */
/* As engine_http, without a deadline; `*call` is set before anything is told, and is NULL again
 * where it ended at once. */
void engine_stream(struct engine *e, struct sori_str request, const struct call_taker *taker,
                   engine_done *done, void *ctx, struct call **call);
void engine_drop(struct call *c);                          /* ends it without a word */
void call_finish(struct call *c, enum sori_status status); /* frees it */
struct web *engine_web(struct engine *e);
struct resolver *engine_resolver(struct engine *e);
struct settings *engine_settings(struct engine *e); /* those in force */
struct call *engine_calls(struct engine *e);
struct refresh **engine_refreshes(struct engine *e);
/* A request of ours, with what is secret in its head and body: forgotten wiped. */
void engine_ours(struct engine *e, struct sori_str request, engine_done *done, void *ctx);
/* rotate.c: the request waits for a new token, and goes on or ends when there is one or none. */
void rotate_wait(struct call *c);
/* A new one is fetched, and nobody waits for it. */
void rotate_early(struct call *c);
void rotate_free(struct engine *e);

#endif
