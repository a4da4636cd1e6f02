/* What the fake X says when it does not do something: three envelopes, and rate limits. */
#include "fake/x.h"

#include <stdarg.h>
#include <stdio.h>

#define TYPES "https://api.twitter.com/2/problems/"

static json_t *problem(int status, const char *type, const char *title, const char *detail) {
    json_t *out = json_pack("{s:s, s:s, s:i}", "title", title, "detail", detail, "status", status);
    json_object_set_new(out, "type",
                        type ? json_sprintf(TYPES "%s", type) : json_string("about:blank"));
    return out;
}

static int old_code(int status) {
    switch (status) {
    case 401: return 89;
    case 403: return 187;
    case 404: return 144;
    case 429: return 88;
    case 503: return 130;
    default: return status >= 500 ? 131 : 214;
    }
}

static void answer_problem(struct fake *f, struct reply *r, int status, json_t *one) {
    json_t *out;
    const char *detail = json_text(one, "detail");
    if (x_is(f, "envelope", "text")) {
        reply_text(r, status, "text/plain", "%s\n", detail);
        json_decref(one);
        return;
    }
    if (x_is(f, "envelope", "old"))
        out = json_pack("{s:[{s:i, s:s}]}", "errors", "code", old_code(status), "message", detail);
    else if (x_is(f, "envelope", "errors"))
        out = json_pack("{s:[O], s:O, s:O, s:O}", "errors", one, "title",
                        json_object_get(one, "title"), "detail", json_object_get(one, "detail"),
                        "type", json_object_get(one, "type"));
    else
        out = json_incref(one);
    json_decref(one);
    buf_clear(&r->body);
    reply_json(r, status, out);
    r->type = x_is(f, "envelope", "problem") ? "application/problem+json" : "application/json";
}

void x_problem(struct fake *f, struct reply *r, int status, const char *type, const char *title,
               const char *format, ...) {
    char detail[512];
    va_list args;
    va_start(args, format);
    vsnprintf(detail, sizeof detail, format, args);
    va_end(args);
    answer_problem(f, r, status, problem(status, type, title, detail));
}

void x_invalid(struct x_call *c, const char *parameter, const char *format, ...) {
    char message[512];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    const char *value = json_text(c->a->query, parameter);
    reply_json(c->r, 400,
               json_pack("{s:[{s:{s:[s]}, s:s}], s:s, s:s, s:s}", "errors", "parameters", parameter,
                         value, "message", message, "title", "Invalid Request", "detail",
                         "One or more parameters to your request was invalid.", "type",
                         TYPES "invalid-request"));
}

void x_not_found(struct x_call *c, const char *kind, const char *parameter, const char *id) {
    json_t *one = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "value", id, "resource_id", id,
                            "parameter", parameter, "resource_type", kind, "title",
                            "Not Found Error", "type", TYPES "resource-not-found");
    json_object_set_new(one, "detail",
                        json_sprintf("Could not find %s with %s: [%s].", kind, parameter, id));
    reply_json(c->r, 200, json_pack("{s:[o]}", "errors", one));
}

bool x_error(struct fake *f, const char *name, struct reply *r) {
    int64_t reset = fake_now() / 1000 + 60;
    if (strcmp(name, "rate") == 0) {
        reply_header(r, "x-rate-limit-limit", "300");
        reply_header(r, "x-rate-limit-remaining", "0");
        reply_header(r, "x-rate-limit-reset", "%lld", (long long)reset);
        x_problem(f, r, 429, NULL, "Too Many Requests", "Too Many Requests");
    } else if (strcmp(name, "usage-capped") == 0) {
        x_problem(f, r, 429, "usage-capped", "UsageCapExceeded",
                  "Usage cap exceeded: Monthly product cap");
    } else if (strcmp(name, "credits") == 0) {
        x_problem(f, r, 402, "credits", "CreditsDepleted",
                  "Your enrolled account does not have any credits to fulfill this request.");
    } else if (strcmp(name, "unauthorized") == 0) {
        x_problem(f, r, 401, NULL, "Unauthorized", "Unauthorized");
    } else if (strcmp(name, "unavailable") == 0) {
        x_problem(f, r, 503, NULL, "Service Unavailable", "Service Unavailable");
    } else if (strcmp(name, "internal") == 0) {
        x_problem(f, r, 500, NULL, "Internal Server Error", "Internal Server Error");
    } else if (strcmp(name, "crowded") == 0) {
        reply_json(r, 429,
                   json_pack("{s:s, s:s, s:s, s:s}", "title", "ConnectionException", "detail",
                             "This stream is currently at the maximum allowed connection limit.",
                             "connection_issue", "TooManyConnections", "type",
                             TYPES "streaming-connection"));
    } else {
        return false;
    }
    return true;
}

/* The setting `limits` says "BUCKET=N,…" where a test wants less than X allows. */
static int64_t limit_of(struct fake *f, const char *bucket, int usual) {
    const char *at = fake_get(f, "limits");
    size_t len = strlen(bucket);
    for (; *at; at += strcspn(at, ","), at += *at == ',') {
        if (strncmp(at, bucket, len) == 0 && at[len] == '=') return strtoll(at + len + 1, NULL, 10);
    }
    return usual;
}

bool x_rate(struct x_call *c, const char *bucket, int app, int user) {
    struct fake *f = c->f;
    char key[96];
    int64_t now = fake_now(), window = fake_number(f, "window") * 1000;
    int64_t limit = limit_of(f, bucket, c->kind == X_APP ? app : user);
    snprintf(key, sizeof key, "%s %d", bucket, c->kind);
    json_t *row = json_object_get(x_table(f, "rates"), key);
    if (!row || json_integer_value(json_object_get(row, "until")) <= now) {
        row = json_pack("{s:i, s:I}", "used", 0, "until", (json_int_t)(now + window));
        json_object_set_new(x_table(f, "rates"), key, row);
    }
    int64_t used = json_integer_value(json_object_get(row, "used"));
    int64_t until = json_integer_value(json_object_get(row, "until"));
    bool fits = used < limit;
    if (fits) used++;
    json_object_set_new(row, "used", json_integer(used));
    reply_header(c->r, "x-rate-limit-limit", "%lld", (long long)limit);
    reply_header(c->r, "x-rate-limit-remaining", "%lld", (long long)(limit - used));
    reply_header(c->r, "x-rate-limit-reset", "%lld", (long long)((until + 999) / 1000));
    if (c->kind == X_OAUTH1) reply_header(c->r, "x-access-level", "read-write-directmessages");
    if (!fits) {
        x_count(f, "too many requests");
        x_problem(f, c->r, 429, NULL, "Too Many Requests", "Too Many Requests");
    }
    return fits;
}
