/* The wire between our own processes: SOCK_SEQPACKET, a fixed head and a record, one packet a
 * message; payloads above WIRE_INLINE travel as a sealed memfd. Private: both ends compare build
 * ids in W_HELLO. Used by core, worker, net and reader alike. */
#ifndef SUPERVISE_WIRE_H
#define SUPERVISE_WIRE_H

#include "base/err.h"
#include "base/record.h"

enum { WIRE_FD = 3, BLACKBOX_FD = 4, WIRE_INLINE = 96 * 1024, WIRE_BODY_MAX = 64 << 20 };

/* Message types. Fields of each payload are listed in messages.h. */
enum wire_type {
    W_HELLO = 1, /* guest → core, first: build id, fence, descriptor                          */
    W_CALL,      /* core → guest: begin a call; head.method says which                        */
    W_CANCEL,    /* core → guest: end that call soon                                          */
    W_SINK,      /* guest → core: a batch of sink records inside a call                       */
    W_DONE,      /* guest → core: the call ended; status and result                           */
    W_HTTP,      /* guest → core → net: a request                                             */
    W_HTTP_DONE, /* net → core → guest: its answer                                            */
    W_LOG,       /* guest → core: a line                                                      */
    W_QUIT       /* core → guest: finish the call in hand and leave                           */
};

/* What a W_CALL asks for. */
enum wire_method {
    M_NONE = 0,
    M_SCAN,   /* worker: load, give the descriptor in W_HELLO, and leave                     */
    M_CREATE, /* connector or classifier: make the instance                                  */
    M_POLL,
    M_DECODE,
    M_ACT,
    M_RECONCILE,
    M_HEALTH,
    M_SCORE,
    M_EXPLAIN,
    M_TRAIN,
    M_POLICY_LOAD,
    M_DECIDE,
    M_POLICY_TEST,
    M_CONF,     /* read sori.lua                                                               */
    M_NET_CONF, /* net: connections, hosts, slots                                              */
    M_HTTP,     /* net: one request                                                            */
    M_QUERY,    /* reader: a named query                                                       */
    M_CLIENT,   /* reader: take over a CLI client's socket (fd attached)                       */
    M_METRICS,  /* reader: listen on this socket (fd attached)                                 */
    M_STATUS,   /* reader: figures of the core for /metrics and status                         */
    M_STREAM,   /* net: hold an answer that never ends; its lines come as W_SINK               */
    M_GRANT,    /* net: the first token of a slot, for a code                                  */
    M_BACKTEST, /* proof: a candidate policy over history; progress comes as W_SINK            */
    M_SHADOW,   /* proof: hold a candidate policy beside the live one                          */
    M_BESIDE,   /* proof: what the live policy was asked, and said                             */
    M_REPORT    /* proof: how the candidate beside the live one differs so far                 */
};

struct wire_head {
    uint32_t type;   /* enum wire_type */
    uint32_t method; /* enum wire_method of a W_CALL, else 0 */
    uint32_t call;   /* id of the call this belongs to; 0 none */
    uint32_t epoch;  /* of the guest: an answer of an older life is dropped */
    uint32_t sub;    /* number of an http request inside its call */
    uint32_t status; /* W_DONE: enum sori_status or sori_act_status */
    uint32_t size;   /* payload bytes */
    uint32_t flags;  /* 1: payload is in the attached memfd */
};

struct wire_msg {
    struct wire_head head;
    struct sori_str payload; /* valid until the next wire_recv on this reader */
    int fd;                  /* a passed descriptor (not the payload's), or -1; the caller closes */
};

/* One end. Zero-initialise with wire_open; owns fd. */
struct wire {
    int fd;
    char *in;  /* receive buffer */
    void *map; /* mapped memfd of the last message */
    size_t map_len;
};

void wire_open(struct wire *w, int fd);
void wire_close(struct wire *w);
/* A connected pair with buffers large enough for WIRE_INLINE; both close-on-exec. */
bool wire_pair(int fds[2], struct err *err);

/* Sends one message; head->size and flags are set here. `fd` is passed along where ≥ 0. On a
 * non-blocking wire whose other end does not read: false with errno EAGAIN. */
bool wire_send(struct wire *w, struct wire_head head, struct sori_str payload, int fd);
/* Receives one: 1 a message, 0 the other end is gone, -1 errno (EAGAIN: nothing now; EBADMSG: not
 * our protocol). A memfd must be sealed against writing and shrinking, else EBADMSG. */
int wire_recv(struct wire *w, struct wire_msg *msg);

/* The build id that both ends compare: version and a hash made at configure time. */
const char *wire_build_id(void);

#endif
