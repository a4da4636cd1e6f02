/* The frame that all fake platforms stand on: an HTTP server on 127.0.0.1 whose every request is
 * kept, whose answers can be scripted by whoever tests with it, and which can send webhooks and
 * hold streams open. A fake is one program:
 *
 *   int main(int argc, char **argv) {
 *       static const struct fake_site site = {.name = "graph", .settings = …, .begin = …, …};
 *       return fake_main(argc, argv, &site);
 *   }
 *
 * and runs as:   graph [--port N] [--seed N] [--SETTING VALUE]…
 * It prints its port as its first line and serves until it is killed. Each connection has a thread;
 * the site's functions are called under one lock, so that they see one request at a time.
 *
 * Scenarios steer it with curl, parameters in the query or as a form:
 *   GET    /_fake/ready
 *   GET    /_fake/requests   ?method= &path=GLOB &match=TEXT &status=N &count=1 (only how many)
 *   DELETE /_fake/requests
 *   POST   /_fake/fail       method= path=GLOB match=TEXT times=N (default 1; 0: for ever) skip=N
 *                            error=NAME (the site's own) or status= body= type= header=NAME: VALUE
 *                            (lines); delay=MS (before the effect) wait=MS (after it)
 *                            cut=before (no effect, no answer) or cut=after (done, and no answer)
 *   GET    /_fake/fail       DELETE /_fake/fail
 *   POST   /_fake/set        SETTING=VALUE…         GET /_fake/set
 *   GET    /_fake/deliveries what was sent to others, with the answers
 *   POST   /_fake/streams    name= and: send=TEXT (or the body as it is, with ?name=), cut=1,
 *                            beat=MS (keep-alives; 0: silence)       GET /_fake/streams
 * and whatever the site adds. Only a site's own paths count as requests. */
#ifndef FAKE_FAKE_H
#define FAKE_FAKE_H

#include "base/buf.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fake;

/* One request, as the site sees it. Everything lives until its function returns. */
struct ask {
    const char *method;
    const char *path; /* decoded, without the query */
    json_t *query;    /* of strings, decoded */
    json_t *headers;  /* of strings; names in lower case */
    json_t *form;     /* of strings, where the body is a form; else empty */
    json_t *json;     /* the body, where it is JSON; else NULL */
    const char *body; /* as it came, NUL-terminated */
    size_t body_len;
    int64_t at; /* ms since 1970 */
};
/* A parameter of the query, of the form, or a string of the JSON object; NULL where there is none.
 */
const char *ask_arg(const struct ask *a, const char *name);
const char *ask_header(const struct ask *a, const char *lower_name);
/* A whole number of a parameter, or `otherwise`. */
int64_t ask_number(const struct ask *a, const char *name, int64_t otherwise);
bool ask_is(const struct ask *a, const char *method); /* HEAD counts as GET */
/* Does the path match? '*' is one segment, which is copied to the next of up to four places, each
 * of `ASK_PART` bytes; "**" at the end is the rest. */
enum { ASK_PART = 256 };
bool ask_path(const struct ask *a, const char *pattern, char parts[4][ASK_PART]);

/* What is answered. The frame has set 200 and an empty body. */
struct reply {
    int status;
    const char *type; /* static text; default application/json; charset=utf-8 */
    struct buf body;
    struct buf headers; /* "Name: value\n"… */
    char stream[64];    /* not empty: the answer is this stream, and `body` its first chunk */
    bool cut;           /* the connection is closed without an answer */
};
void reply_json(struct reply *r, int status, json_t *json); /* steals the reference */
void reply_text(struct reply *r, int status, const char *type, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void reply_header(struct reply *r, const char *name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

struct fake_setting {
    const char *name, *value, *help; /* value: the default */
};

/* What makes a fake the one that it is. */
struct fake_site {
    const char *name;
    const struct fake_setting *settings; /* ends with a name NULL */
    void (*begin)(struct fake *f);       /* once, when the settings are read */
    /* A request to the platform. Nothing done: 404. */
    void (*serve)(struct fake *f, const struct ask *a, struct reply *r);
    /* A request below /_fake/ that the frame does not know; `path` without "/_fake". False: 404. */
    bool (*control)(struct fake *f, const struct ask *a, const char *path, struct reply *r);
    /* An error of the platform by its name, as `fail error=NAME` asks for it. False: unknown. */
    bool (*error)(struct fake *f, const char *name, struct reply *r);
    void (*set)(struct fake *f, const char *name, const char *value); /* after a setting changed */
};
int fake_main(int argc, char **argv, const struct fake_site *site);

/* ---- what a site may use, in its functions only ---- */

json_t *fake_world(struct fake *f); /* an object that is the site's own */
const char *fake_get(const struct fake *f, const char *setting);
int64_t fake_number(const struct fake *f, const char *setting);
void fake_set(struct fake *f, const char *setting, const char *value);
int fake_port(const struct fake *f);
int64_t fake_now(void); /* ms since 1970 */
/* The next of a series that depends on the seed alone. */
uint64_t fake_random(struct fake *f);
/* Ids that grow: the first is `from`, then up by small uneven steps. */
uint64_t fake_id(struct fake *f, const char *series, uint64_t from);
/* Writes a line to stderr, for the one who looks at a test. */
void fake_say(struct fake *f, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Sends a body to a URL from a thread of its own. Not answered with 2xx: again at once, then after
 * 1, 2, 4, … seconds up to 64, `tries` times in all. Headers: "Name: value\n"…. `delay` in ms. */
void fake_deliver(struct fake *f, const char *url, const char *headers, const char *body,
                  size_t len, int tries, int64_t delay);
/* The same at once, within this request; returns the HTTP status, 0 where there was none. The
 * answer is appended. The lock is given up meanwhile. */
int fake_fetch(struct fake *f, const char *method, const char *url, const char *headers,
               const char *body, size_t len, struct buf *answer);

/* Open streams of a name. Each call writes a chunk of its own. */
void fake_stream_send(struct fake *f, const char *name, const char *bytes, size_t len);
void fake_stream_cut(struct fake *f, const char *name);
unsigned fake_stream_count(const struct fake *f, const char *name);
/* Keep-alives: these bytes every `ms`; 0 none. Default: "\r\n" every 20 s. */
void fake_stream_beat(struct fake *f, const char *name, int64_t ms);

/* ---- text ---- */

/* HMAC; appends lower-case hex, or base64. `sha` is 1 or 256. */
void hmac_hex(struct buf *out, int sha, const char *key, const void *bytes, size_t len);
void hmac_base64(struct buf *out, int sha, const char *key, const void *bytes, size_t len);
void percent_decode(struct buf *out, const char *text, size_t len, bool plus_is_blank);
void percent_encode(struct buf *out, const char *text); /* RFC 3986, upper-case hex */
json_t *form_parse(const char *body, size_t len);       /* an object of strings */
bool base64_decode(struct buf *out, const char *text);
/* "2026-11-22T10:33:16+0000"; or with 'Z' and milliseconds. */
void time_iso(char out[40], int64_t ms);
void time_iso_ms(char out[40], int64_t ms);
/* ISO 8601 (Z, +0000, +00:00, or none: UTC) or Unix seconds; -1 where it is neither. */
int64_t time_parse(const char *text);
const char *json_text(const json_t *object, const char *name); /* "" where there is none */
json_t *json_bytes(const char *bytes, size_t len); /* a string; of bytes that are no text, a note */

#endif
