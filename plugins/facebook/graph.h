/* Asking the Graph API of Facebook, Instagram or Threads, and reading what it answers: errors by
 * code and subcode, and how much of the budget is used up. */
#ifndef FACEBOOK_GRAPH_H
#define FACEBOOK_GRAPH_H

#include "common/text.h"
#include "sori/plugin.h"

#include <jansson.h>

/* With which credential a request goes. */
enum graph_as {
    GRAPH_AS_TOKEN = 0,   /* the connection's token, with appsecret_proof where there is a secret */
    GRAPH_AS_APP = 1,     /* the application itself, from its id and its secret */
    GRAPH_ABOUT_TOKEN = 2 /* the application, asking about the connection's token */
};

/* How one connection asks. Lives as long as its instance. */
struct graph {
    const struct sori_host *host;
    struct arena *call;    /* strings of answers live here: freed at the end of each call */
    struct sori_str base;  /* "https://graph.facebook.com/v26.0", no slash at its end */
    struct sori_str app;   /* the application's id; empty where it is not known */
    struct sori_str token; /* the slot of the connection's token */
    const char *place;     /* for people: "Facebook", "Instagram", "Threads" */
    bool proof;            /* calls carry appsecret_proof */
    bool bare;             /* found out: this connection has no app secret */
    int used;              /* of the budget, in percent, as the last answer said; 0 unknown */
    int64_t quiet_until;   /* the platform gives access back then; 0 not stated */
    unsigned requests;     /* made in this call */
    bool acts;             /* this call acts: limits that it meets are those of acts */
    bool messages;         /* … by a message, which has limits of its own */
};

/* Begins a call: what was counted for the last one is forgotten. */
void graph_begin(struct graph *g);

/* An answer. Free with graph_free. */
struct graph_answer {
    enum sori_status sent; /* what host->http said */
    int status;            /* HTTP status */
    bool write, proof;     /* how it was asked */
    json_t *json;          /* NULL where the answer is no JSON */
    /* Of an error as the platform states it; all 0 or empty where it states none. */
    int code, subcode;
    bool transient;
    struct sori_str message, for_people, trace;
    int64_t retry_after; /* ms */
};
static inline bool graph_good(const struct graph_answer *a) {
    return a->sent == SORI_OK && a->status >= 200 && a->status < 300 && a->json && !a->code;
}

/* GET of a path below the base, "1234/feed"; the query without "?". */
struct graph_answer graph_get(struct graph *g, enum graph_as as, struct sori_str path,
                              struct sori_str query);
/* A request that changes something: POST with a form ("a=b&c=d"), POST with JSON where `body`
 * begins with "{", DELETE where the method says so. `effect` is WRITE (in act) or SETUP. */
struct graph_answer graph_send(struct graph *g, enum sori_http_effect effect, const char *method,
                               struct sori_str path, struct sori_str body);
void graph_free(struct graph_answer *a);

/* Appends "NAME=VALUE", percent-encoded, after an "&" where the form has something. */
void form_add(struct text *form, const char *name, struct sori_str value);

/* Says why to the host, in the operator's words, and returns the status that a poll or a health
 * check ends with. */
enum sori_status graph_failed(struct graph *g, const struct graph_answer *a, const char *doing);
/* The same for an action. `again` says that doing it twice would change nothing; else an answer
 * that leaves it open whether it was done is UNKNOWN_OUTCOME. */
enum sori_act_status graph_refused(struct graph *g, const struct graph_answer *a, bool again,
                                   const char *doing);
/* Before an action asks anything: RATE, with why, where the platform asked acts to wait, be it in a
 * call of a process that is gone. */
enum sori_act_status graph_rests(struct graph *g);

/* Is this the answer about a thing that no longer exists, or that we may not see? */
bool graph_is_gone(const struct graph_answer *a);
/* Is it a cursor of ours that has expired? Only for requests that carried one. */
bool graph_is_stale_cursor(const struct graph_answer *a);

void graph_fail(struct graph *g, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void graph_log(struct graph *g, enum sori_log_level level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
