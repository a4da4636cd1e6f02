/* Inside worker/: one program that holds the code of others. worker.c lives its life, call.c hears
 * and answers the wire, plugin.c loads, host.c and http.c are what a plugin may ask, sink.c takes
 * what it found; connector.c, classifier.c, policy.c and conf.c serve the calls of their kind. */
#ifndef WORKER_WORKER_H
#define WORKER_WORKER_H

#include "base/arena.h"
#include "base/record.h"
#include "sori/plugin.h"
#include "supervise/blackbox.h"
#include "supervise/messages.h"
#include "supervise/wire.h"

enum worker_kind { WORK_CONNECTOR, WORK_CLASSIFIER, WORK_POLICY, WORK_CONF, WORK_SCAN };

/* Exit codes: 0 told to leave; 3 refused to start (the blackbox says why). */
enum { WORKER_REFUSED = 3 };

struct pair_list {
    struct sori_pair *items;
    size_t count, cap;
};

/* The call in hand. Its buffers keep their memory from call to call. */
struct call {
    uint32_t id, method, epoch;
    struct sori_str payload; /* borrowed: inside `in` or `map` until the call ends */
    char *in;
    void *map;
    size_t map_len;
    int64_t now, began, deadline; /* the core's time; monotonic ms */
    bool cancelled, sent_unknown, wrote;
    uint32_t sub; /* http requests so far */
    int64_t code, retry_at;
    int64_t spent; /* micros of the connection today, this call's own included */
    int64_t more;  /* micros that are in none of the DONE_SPENT yet */
    unsigned rates, costs, streams;
    struct buf why;
    struct buf told;   /* DONE_RATE, DONE_SPENT: kept however the call ends */
    struct buf wanted; /* DONE_STREAM */
};

struct shelf_row;
struct shelf {
    struct shelf_row *rows;
    size_t count, cap, bytes;
    struct arena names;
    bool told; /* that there is no more room */
};

struct pending {
    struct pending *next;
    struct wire_head head;
    struct sori_str payload; /* owned */
};

struct plugin {
    void *library;
    const struct sori_plugin *desc;
    const struct sori_connector *connector;
    const struct sori_classifier *classifier;
};

/* The last answer of host->http. */
struct answer {
    struct buf bytes;
    struct pair_list headers;
};

struct sink {
    struct buf out;       /* SINK_ fields not sent yet */
    struct buf tmp;       /* cleaned text on its way into the arena */
    struct arena strings; /* of the item in hand */
    size_t sent;          /* bytes of this call */
};

struct policy;

struct worker {
    enum worker_kind kind;
    const char *plugin_path, *model_path; /* borrowed from the arguments */
    size_t memory;
    struct wire wire;
    struct blackbox *box;
    struct plugin plugin;
    struct sori_host host;
    void *self; /* the plugin's instance */
    bool made, quit;
    struct call call;
    struct pending *pending, **pending_tail;
    struct answer answer;
    struct sink sink;
    struct buf done; /* fields of the W_DONE under way */
    struct pair_list pairs, more_pairs;
    struct shelf cursors, states; /* of the poll in hand */
    struct buf state_value;
    /* classifier */
    uint32_t label_count;
    struct sori_text *texts;
    float *scores;
    uint8_t *score_status;
    size_t text_cap, score_cap;
    /* policy */
    struct policy *policy;
    struct buf bundle, env; /* kept for the checks of determinism */
    struct policy *spare;   /* a second state, which decides next to nothing */
    uint64_t decided;
    unsigned spare_used;
    int64_t spare_at;     /* when it was made, monotonic ms */
    struct evolve *cells; /* of a closed back-test; NULL in every other life */
};

/* ---- worker.c: never returns before the guest is told to leave. The exit code. */
int worker_main(int argc, char **argv);

/* ---- call.c */
/* Waits for the next call; false when it is time to leave. */
bool call_next(struct worker *w);
/* Hears what came meanwhile, waiting up to `wait_ms` (0: not at all) for the answer to http request
 * `sub`, which lands in `w->answer.bytes`. 1 it came, 0 not yet. */
int call_hear(struct worker *w, uint32_t sub, int64_t wait_ms, uint32_t *status);
/* Says why for a plugin that ended its call with `status` and without a word. */
void call_blame(struct worker *w, uint32_t method, uint32_t status);
/* Sends W_DONE with w->done and everything that the call gathered. */
void call_done(struct worker *w, uint32_t status);
void call_send(struct worker *w, enum wire_type type, uint32_t sub, struct sori_str payload);
int64_t call_left(const struct worker *w);
/* Says why, for people, unless something was said already. */
void call_why(struct worker *w, const char *format, ...) __attribute__((format(printf, 2, 3)));
void worker_log(struct worker *w, enum sori_log_level level, struct sori_str text);

/* ---- plugin.c, describe.c */
/* Loads w->plugin_path and checks its tables. False with one sentence for people. */
bool plugin_load(struct worker *w, struct err *err);
bool plugin_check(const struct sori_plugin *p, const char *file, struct err *err);
/* Appends DESC_ fields of a checked descriptor. */
void plugin_describe(const struct sori_plugin *p, struct buf *out);
const void *plugin_vtable(const struct sori_plugin *p, const char *id);
/* Element i of an array whose elements are `stride` bytes long. */
static inline const void *plugin_at(const void *items, uint32_t stride, uint32_t i) {
    return (const char *)items + (size_t)i * stride;
}

/* plugin_more.c: slots, setups and the guide. */
bool plugin_check_more(const struct sori_plugin *p, const char *file, struct err *err);
/* plugin_sense.c: what the tables say of each other; after all else. */
bool plugin_check_sense(const struct sori_plugin *p, const char *file, struct err *err);
/* Element i as this host knows it: what a shorter one lacks is zero. `to` has `size` bytes. */
static inline void plugin_copy(void *to, size_t size, const void *items, uint32_t stride,
                               uint32_t i) {
    memset(to, 0, size);
    memcpy(to, plugin_at(items, stride, i), stride < size ? stride : size);
}
/* How many bytes an entry of an older table has at least. */
#define PLUGIN_SLOT_LEAST offsetof(struct sori_slot, kind)
#define PLUGIN_LEAST      offsetof(struct sori_plugin, setups)
/* describe.c: all of a guide, 0 where the descriptor ends before it. */
uint32_t plugin_guide_count(const struct sori_plugin *p);
const char *const *plugin_setups(const struct sori_plugin *p); /* or NULL */

/* ---- host.c, extension.c, http.c */
void host_open(struct worker *w);
void host_rate(const struct sori_host *host, const struct sori_rate *rate);
const void *host_extension(const struct sori_host *host, const char *id);
enum sori_status host_http(const struct sori_host *host, const struct sori_http_request *request,
                           struct sori_http_response *response);

/* ---- sink.c */
struct sori_sink sink_table(struct worker *w);
void sink_begin(struct worker *w);
void sink_flush(struct worker *w);
/* SINK_END of a delivery. */
void sink_end(struct worker *w, int64_t index, uint32_t status);

/* ---- pairs.c: the pair fields of `tag` in a record; strings are borrowed from it. */
void pairs_read(struct pair_list *list, struct sori_str record, uint32_t tag);
struct sori_pairs pairs_view(const struct pair_list *list);
void pairs_put(struct buf *b, uint32_t tag, struct sori_str name, struct sori_str value);

/* ---- shelf.c */
/* Begins with the pairs of `tag` in a call's record. */
void shelf_begin(struct shelf *s, struct sori_str record, uint32_t tag);
/* NULL when it is kept, else what is wrong with it. */
const char *shelf_put(struct shelf *s, struct sori_str name, struct sori_str value);
/* Borrowed until the next change; false where there is none of that name. */
bool shelf_get(const struct shelf *s, struct sori_str name, struct sori_str *value);
/* What was put in this call, as pairs of `tag`. */
void shelf_write(const struct shelf *s, struct buf *out, uint32_t tag);

/* ---- the kinds: serve the call in hand, up to its W_DONE. */
void connector_serve(struct worker *w);
void classifier_serve(struct worker *w);
void policy_serve(struct worker *w);
void conf_serve(struct worker *w);
/* conf.c: "a\nb\n" as repeated strings of that tag. */
void worker_put_lines(struct buf *out, uint32_t tag, struct sori_str text);
/* After the first M_CREATE: no more files. Ends the process when the fence cannot be closed. */
void worker_close_fence(struct worker *w);

/* ---- crash.c */
/* Writes a fatal signal and its backtrace into the blackbox. Before the fence. */
void crash_install(struct blackbox *box);

/* ---- charset.c */
/* Opens the character sets of the web while files may be opened, so that iconv knows them later. */
void charset_preload(void);

#endif
