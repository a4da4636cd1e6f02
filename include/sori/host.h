/* sori/host.h: what a plugin may ask of its host. A plugin links to nothing of ours; this table
 * comes with `create` and is valid until `destroy` returns.
 *
 * Threads: every function may be called only from the thread that made the current call into the
 * plugin, and only during such a call, unless its comment says [any]. */
#ifndef SORI_HOST_H
#define SORI_HOST_H

#include "status.h"
#include "types.h"

enum sori_log_level {
    SORI_LOG_DEBUG = 0,
    SORI_LOG_INFO = 1,
    SORI_LOG_WARN = 2,
    SORI_LOG_ERROR = 3
};

/* What a request does at the other end. A WRITE is let through only inside `act`, and at most
 * one state-changing intention per act: the core writes down that it was sent before it leaves.
 * A SETUP arranges what the platform will send to us (subscriptions, rules of a stream, the address
 * of a webhook) and says nothing to anyone: it is let through inside `poll` and `health`, to the
 * methods and URLs that the descriptor's `setups` name, and to no others. */
enum sori_http_effect { SORI_HTTP_READ = 0, SORI_HTTP_WRITE = 1, SORI_HTTP_SETUP = 2 };

/* How net adds the credential. The plugin never sees it. */
enum sori_auth_scheme {
    SORI_AUTH_NONE = 0,
    SORI_AUTH_BEARER = 1, /* Authorization: Bearer SECRET                                     */
    SORI_AUTH_BASIC = 2,  /* Authorization: Basic; user from `auth_user`, password = secret    */
    SORI_AUTH_QUERY = 3,  /* appended to the query as `auth_user`=SECRET                       */
    /* OAuth 1.0a, HMAC-SHA1 (RFC 5849): the slots `consumer_key`, `consumer_secret`, `token` and
     * `token_secret` of the connection; `auth_slot` is "token". */
    SORI_AUTH_OAUTH1 = 4,
    /* Bearer of `auth_slot`, and appsecret_proof in the query, made with the slot that `auth_user`
     * names. */
    SORI_AUTH_APPSECRET_PROOF = 5,
    /* Bearer `auth_user`|SECRET: an application's own token, from its id and its secret. */
    SORI_AUTH_APP = 6,
    /* Asks about a token: input_token in the query is that of `auth_slot`; the request itself
     * carries Bearer ID|SECRET as above, `auth_user` being "ID:SLOT". */
    SORI_AUTH_INPUT_TOKEN = 7
};

enum {
    /* The URL was named by a stranger: fetched by the process without credentials, under the
     * address rules of CHANNELS §10. `auth_slot` must be empty and the effect READ. */
    SORI_HTTP_STRANGER = 1u << 0,
    /* Do not follow redirects: the 3xx answer is returned as it is. */
    SORI_HTTP_NO_REDIRECT = 1u << 1,
    /* HEAD semantics for http(s). */
    SORI_HTTP_HEAD = 1u << 2
};

struct sori_http_request {
    uint32_t struct_size;
    uint32_t effect;        /* enum sori_http_effect */
    uint32_t flags;         /* SORI_HTTP_… */
    uint32_t auth_scheme;   /* enum sori_auth_scheme */
    struct sori_str method; /* "GET", "POST", "PUT", "DELETE" */
    /* http:, https:, or folder: (GET of a path that ends in '/' lists names, one a line as
     * "name\tsize\tmtime_ms"; GET reads a file; PUT writes one new file atomically, answering 201,
     * 200 when a file of that name with the same bytes was there already, 409 when one with other
     * bytes was; 404 when a name does not exist). */
    struct sori_str url;
    struct sori_pairs headers;
    struct sori_str body;
    struct sori_str auth_slot; /* a slot of the descriptor, or empty */
    struct sori_str auth_user; /* for BASIC the user, for QUERY the parameter's name */
    uint32_t timeout_ms;       /* 0: what is left of the call */
    uint32_t max_body;         /* bytes; 0: 10 MiB */
};

/* The answer. Owned by the host, valid until the next http call or the end of the current call. */
struct sori_http_response {
    uint32_t struct_size;
    int32_t http_status;       /* 0 where no answer came */
    struct sori_str url;       /* after redirects */
    struct sori_pairs headers; /* names in lower case, in order of arrival */
    struct sori_str body;
    bool truncated; /* the body was longer than max_body */
};

/* A rate budget as the platform reported it. Where one runs low, polls wait for it, so that its
 * last share is for actions; not where it is SORI_RATE_APART, of one kind of request alone: then
 * only that waits, and the plugin sees to it. */
enum { SORI_RATE_APART = 1 };
struct sori_rate {
    uint32_t struct_size;
    uint32_t flags;
    struct sori_str bucket; /* what the budget is for; empty = the connection */
    int64_t limit, remaining;
    int64_t until; /* time at which it is full again; 0 unknown */
};

struct sori_host;

/* Extension "sori.stream/0": answers that never end. Net holds the connection, watches its
 * silence, and comes back after a loss by the ladder of CHANNELS §3.4; each line of the answer is a
 * delivery for `decode`, its form the stream's name. Lines are not asked for again after a loss:
 * `poll` is called soon after with the time that was missed (sori_poll.missed_from) and reads it.
 */
struct sori_stream {
    uint32_t struct_size;
    uint32_t auth_scheme; /* as in a request; the method is GET */
    struct sori_str name; /* the form of its deliveries */
    struct sori_str url;  /* http: or https:; a changed one closes the old connection first */
    struct sori_pairs headers;
    struct sori_str auth_slot, auth_user;
    uint32_t silence_ms; /* no byte for so long: lost. Keep-alives count. 0: 25 s */
    uint32_t line_max;   /* bytes; a longer line is dropped and counted. 0: 1 MiB */
};
struct sori_stream_host {
    uint32_t struct_size;
    uint32_t reserved;
    /* In `poll` only: this stream should be open. A poll that ends with OK or AGAIN and did not say
     * so closes it. CONFIG where it cannot be. */
    enum sori_status (*want)(const struct sori_host *, const struct sori_stream *);
};
#define SORI_STREAM_ID "sori.stream/0"

/* Extension "sori.cost/0": what calls cost, in millionths of the platform's currency. Kept by day
 * (UTC) and connection, also where the call fails; shown by `sori status`. */
struct sori_cost_host {
    uint32_t struct_size;
    uint32_t reserved;
    void (*spend)(const struct sori_host *, struct sori_str what, int64_t micros);
    /* Of this connection today, this call's own included. */
    int64_t (*spent)(const struct sori_host *);
};
#define SORI_COST_ID "sori.cost/0"

/* Extension "sori.full/0": budgets that are used up, as `rate` was told of them with nothing
 * remaining and a time: by any process of this connection, also by one that ended before this one
 * began. So what a platform asked for is kept though the process that heard it crashed. */
struct sori_full_host {
    uint32_t struct_size;
    uint32_t reserved;
    /* True where that budget is used up now: fills `rate` (its struct_size is set by the caller)
     * with what was told last; its bucket is the string that was given. */
    bool (*full)(const struct sori_host *, struct sori_str bucket, struct sori_rate *rate);
};
#define SORI_FULL_ID "sori.full/0"

struct sori_host {
    uint32_t struct_size;
    uint32_t abi; /* SORI_ABI of the host */
    void *ctx;
    /* Writes one line to the core's log. [any] */
    void (*log)(const struct sori_host *, enum sori_log_level, struct sori_str msg);
    /* The core's time, ms since 1970. Never the machine's own clock. */
    int64_t (*now)(const struct sori_host *);
    /* Milliseconds left of the current call; negative when it is over. */
    int64_t (*left)(const struct sori_host *);
    /* True when the current call should end soon with CANCELLED. [any] */
    bool (*cancelled)(const struct sori_host *);
    /* A blocking request. Returns SORI_OK with any HTTP answer, 4xx and 5xx included; RETRY where
     * no byte of the request left or the effect is READ; PERMANENT where it was refused by rule
     * (undeclared host, private address); CANCELLED; and for a WRITE whose bytes left without a
     * whole answer SORI_BUG is never used: the host remembers UNKNOWN_OUTCOME by itself, returns
     * RETRY, and the core records the unknown outcome whatever `act` then answers. */
    enum sori_status (*http)(const struct sori_host *, const struct sori_http_request *,
                             struct sori_http_response *);
    /* Small durable values of this connection (≤ 64 KiB each; at most 1,000 names, 16 MiB together,
     * else PERMANENT). `put`, in `poll` only, becomes durable with the cursors of the same call.
     * `get` returns an empty value for an unknown name; it is valid until the next `state_get`. Act
     * lanes may read, not write. */
    struct sori_str (*state_get)(const struct sori_host *, struct sori_str name);
    enum sori_status (*state_put)(const struct sori_host *, struct sori_str name,
                                  struct sori_str value);
    void (*rate)(const struct sori_host *, const struct sori_rate *);
    /* Explains, for people, why the call is about to return something else than OK. Copied. */
    void (*fail)(const struct sori_host *, int32_t platform_code, struct sori_str message);
    /* Later additions by name, or NULL. */
    const void *(*extension)(const struct sori_host *, const char *id);
};

#endif
