/* What the gate does with one complete, checked request: which connection and form it is for,
 * whether it may be kept, and the answer in the channel's own form. No sockets here. */
#ifndef GATE_RECEIVE_H
#define GATE_RECEIVE_H

#include "base/record.h"
#include "gate/head.h"
#include "gate/response.h"
#include "gate/sign.h"

struct form {
    struct sori_str name, path, type, header, prefix;
    uint32_t answer, sign; /* enum sori_answer, sori_sign */
    size_t max_body;
    struct secret secret; /* of its signature */
    struct secret verify; /* META_CHALLENGE: secrets/CONNECTION.verify_token, may be absent */
};

struct connection {
    struct sori_str name;
    struct sori_str *sites;
    struct form *forms;
    size_t site_count, form_count;
    bool busy; /* what was received for it waits in such numbers that no more is taken */
};

/* A configuration in force; clients hold it by reference while they are served. */
struct gate_conf {
    struct buf bytes; /* owns all strings below */
    struct connection *connections;
    size_t count;
    int refs;
};

/* Reads a GATE_… record. A connection that cannot be served safely (a secret is missing) is left
 * out, and a line about it appended to `refused`. NULL with `err` where the record is broken. */
struct gate_conf *gate_conf_read(struct sori_str record, struct vault *vault, struct buf *refused,
                                 struct err *err);
struct gate_conf *gate_conf_hold(struct gate_conf *conf);
void gate_conf_drop(struct gate_conf *conf);

struct route {
    const struct connection *connection;
    const struct form *form;
    struct sori_str rest; /* of the path behind the form's, still encoded */
};

/* Finds where the request goes. False: `answer` says why not (404, 405, 411, 413, 415). */
bool receive_route(const struct gate_conf *conf, const struct head *head, struct route *route,
                   struct response *answer);
/* Checks the whole request and makes its answer. Where answer->keep, `payload` holds the record
 * for the spool. */
void receive_take(const struct route *route, const struct head *head, struct sori_str body,
                  int64_t now, struct buf *payload, struct response *answer);

/* channel.c: the answers of each channel. */
void channel_get(const struct route *route, const struct head *head, struct sori_str path,
                 struct response *answer);
void channel_post(const struct route *route, struct sori_str path, struct sori_str body,
                  struct response *answer);

#endif
