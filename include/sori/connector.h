/* sori/connector.h: "sori.connector/0", how a channel is heard and answered.
 *
 * Each function runs in a process that has no network, no files and no credentials. Calls of one
 * lane never overlap and come from one thread; they may block until their deadline (host->left).
 * Lanes are separate processes of the same .so: `decode` is one for all connections of a plugin;
 * polling and acting are one each per connection. So never expect memory to be shared between
 * them: what must be shared goes through state or cursors. */
#ifndef SORI_CONNECTOR_H
#define SORI_CONNECTOR_H

#include "host.h"
#include "item.h"
#include "status.h"

/* The connection's options after defaults and validation, and its surroundings. */
struct sori_config {
    uint32_t struct_size;
    struct sori_str connection; /* its name; empty in the decode lane */
    struct sori_pairs options;  /* in the canonical form of their type */
    struct sori_str timezone;   /* of the workspace, "Asia/Seoul" */
};

struct sori_task {
    struct sori_str key, body;
};

struct sori_poll {
    uint32_t struct_size;
    uint32_t task_stride;          /* sizeof(struct sori_task) of the host */
    struct sori_pairs cursors;     /* all cursors of the connection */
    const struct sori_task *tasks; /* due work left by `decode`; few at a time */
    size_t task_count;
    uint32_t limit;    /* wish: about so many items */
    int64_t live_from; /* when the connection was added */
    /* A stream of this connection was not heard between these times: read what it missed. Given
     * again until a poll ends with OK; both 0: nothing missed. */
    int64_t missed_from, missed_to;
};

/* One thing that came in through the gate or an import; bytes exactly as received. */
struct sori_delivery {
    uint32_t struct_size;
    struct sori_str connection;
    struct sori_pairs options; /* that connection's options */
    struct sori_str form;      /* which `sori_receive` took it, or "import" */
    struct sori_str path;      /* what follows the form's path, percent-decoded once */
    struct sori_str query;
    struct sori_pairs headers; /* kept head fields, names in lower case */
    struct sori_str body;
    int64_t received_at;
};

/* Verbs that leave through a connector. */
enum sori_verb {
    SORI_VERB_REPLY = 1,
    SORI_VERB_PRIVATE_REPLY = 2,
    SORI_VERB_LIKE = 3,
    SORI_VERB_HIDE = 4,
    SORI_VERB_DELETE = 5,
    SORI_VERB_PUBLISH = 6,
    SORI_VERB_UNHIDE = 7,
    SORI_VERB_UNLIKE = 8,
    SORI_VERB_EDIT = 9 /* of our own text: `native_id` is ours, `text` the new one */
};

/* What the connector can do, as data. */
struct sori_verb_info {
    uint32_t verb;     /* enum sori_verb */
    uint32_t flags;    /* SORI_VERB_… below */
    int64_t settle_ms; /* how long after a send an own action may take to be listed */
    int64_t text_max;  /* characters; 0 no limit */
};
enum {
    /* `reconcile` reads a complete and consistent list once `settle_ms` has passed: only then is
     * "absent" believed and the action sent again. Otherwise a person decides. */
    SORI_VERB_LISTABLE = 1u << 0,
    /* Doing it twice changes nothing at the platform (like, hide). */
    SORI_VERB_IDEMPOTENT = 1u << 1
};

struct sori_action {
    uint32_t struct_size;
    uint32_t verb;                    /* enum sori_verb */
    struct sori_str id;               /* ours, stable over attempts */
    struct sori_str space, native_id; /* the interaction acted upon */
    uint32_t kind;                    /* its enum sori_kind */
    struct sori_str target, parent;   /* native ids, where known */
    struct sori_str url, author_id;
    struct sori_str text; /* what to say */
    struct sori_pairs args;
    int64_t since;    /* reconcile: look at what was made from here on */
    int64_t said_at;  /* of the interaction acted upon; 0 not known */
    uint32_t attempt; /* 1 the first time */
    uint32_t by; /* enum sori_origin: US_BY_HAND where a person asked for it, else US_BY_RULE */
};

struct sori_result {
    uint32_t struct_size;
    void *ctx;
    /* Call at most once: the native id (and permalink, may be empty) of what was made. Copied. */
    void (*made)(const struct sori_result *, struct sori_str native_id, struct sori_str url);
};

struct sori_health {
    uint32_t struct_size;
    void *ctx;
    /* One line a person reads; level as in enum sori_log_level. Copied. */
    void (*say)(const struct sori_health *, enum sori_log_level, struct sori_str line);
    /* The same for programs: a name and its value, the newest counts. Copied. Names that Sori
     * knows: account              who we are there, for people ("온결 리빙 (1234)")
     *   token.expires_at     ms since 1970; 0 never
     *   token.data_until     ms since 1970: access to data ends unless a person renews it
     *   token.missing        permissions that are needed and absent, blanks between
     *   subscription.NAME    yes | no | unknown: one layer of what must be subscribed; say() tells
     *                        what is missing and what to do about it */
    void (*fact)(const struct sori_health *, struct sori_str name, struct sori_str value);
};

enum {
    SORI_CONNECTOR_POLLS = 1u << 0,
    SORI_CONNECTOR_DECODES = 1u << 1,
    SORI_CONNECTOR_ACTS = 1u << 2
};

struct sori_connector {
    uint32_t struct_size;
    uint32_t flags; /* SORI_CONNECTOR_… */
    const struct sori_verb_info *verbs;
    uint32_t verb_count, verb_stride;
    /* Makes an instance; `*self` is the plugin's own and is passed back until `destroy`. No http.
     * OK, CONFIG or BUG. */
    enum sori_status (*create)(const struct sori_host *, const struct sori_config *, void **self);
    void (*destroy)(void *self);
    /* Reads what is new since the cursors, gives it to the sink, then its new cursors. */
    enum sori_status (*poll)(void *self, const struct sori_poll *, const struct sori_sink *);
    /* Pure: the same bytes give the same items; no http, no state. */
    enum sori_status (*decode)(void *self, const struct sori_delivery *, const struct sori_sink *);
    enum sori_act_status (*act)(void *self, const struct sori_action *, const struct sori_result *);
    /* Did this action happen? OK (and `made`), ABSENT, or UNKNOWN_OUTCOME where two could match. */
    enum sori_act_status (*reconcile)(void *self, const struct sori_action *,
                                      const struct sori_result *);
    /* May make requests. */
    enum sori_status (*health)(void *self, const struct sori_health *);
};

#define SORI_CONNECTOR_ID "sori.connector/0"

#endif
