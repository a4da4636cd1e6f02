/* host->http: the request goes over the wire to the core, which passes it to net; this process has
 * no socket of its own. */
#include "worker/worker.h"

#include "base/clock.h"

enum { FIELD_MOST = 16 << 20, ANSWER_GRACE_MS = 500, REQUEST_MOST = WIRE_BODY_MAX - 65536 };

static bool bad(struct sori_str s) { return s.len > FIELD_MOST || (s.len && !s.ptr); }

/* Why this request cannot be, or NULL. */
static const char *refuse(const struct worker *w, const struct sori_http_request *r) {
    uint32_t m = w->call.method;
    if (m != M_POLL && m != M_ACT && m != M_RECONCILE && m != M_HEALTH)
        return "requests can be made in poll, act, reconcile and health only; decode and create "
               "are pure";
    if (r->effect > SORI_HTTP_SETUP) return "its effect is neither READ, WRITE nor SETUP";
    if (r->effect == SORI_HTTP_WRITE && m != M_ACT)
        return "a request that writes is let through inside act only";
    if (r->effect == SORI_HTTP_SETUP && m != M_POLL && m != M_HEALTH)
        return "a request that sets up is let through inside poll and health only";
    if (bad(r->method) || bad(r->url) || bad(r->body) || bad(r->auth_slot) || bad(r->auth_user) ||
        !r->url.len || !r->method.len || (r->headers.count && !r->headers.items))
        return "it has no url, no method, or a text without bytes";
    for (size_t i = 0; i < r->headers.count; i++)
        if (bad(r->headers.items[i].name) || bad(r->headers.items[i].value))
            return "a header is a text without bytes";
    if ((r->flags & SORI_HTTP_STRANGER) && (r->auth_slot.len || r->effect != SORI_HTTP_READ))
        return "what a stranger named is read without credentials";
    return NULL;
}

static void encode(const struct sori_http_request *r, int64_t left, struct buf *b) {
    rec_str(b, HTTP_METHOD, r->method);
    rec_str(b, HTTP_URL, r->url);
    for (size_t i = 0; i < r->headers.count; i++)
        pairs_put(b, HTTP_HEADER, r->headers.items[i].name, r->headers.items[i].value);
    rec_str_opt(b, HTTP_BODY, r->body);
    rec_int_opt(b, HTTP_EFFECT, r->effect);
    rec_int_opt(b, HTTP_FLAGS, r->flags);
    rec_int_opt(b, HTTP_SCHEME, r->auth_scheme);
    rec_str_opt(b, HTTP_SLOT, r->auth_slot);
    rec_str_opt(b, HTTP_USER, r->auth_user);
    int64_t timeout = r->timeout_ms && r->timeout_ms < left ? r->timeout_ms : left;
    rec_int(b, HTTP_TIMEOUT, timeout);
    rec_int_opt(b, HTTP_MAX_BODY, r->max_body);
}

static void give(struct worker *w, struct sori_http_response *out) {
    struct sori_str record = buf_view(&w->answer.bytes);
    pairs_read(&w->answer.headers, record, ANS_HEADER);
    struct sori_http_response full = {.struct_size = sizeof full,
                                      .http_status = (int32_t)rec_get_int(record, ANS_STATUS, 0),
                                      .url = rec_get_str(record, ANS_URL),
                                      .headers = pairs_view(&w->answer.headers),
                                      .body = rec_get_str(record, ANS_BODY),
                                      .truncated = rec_get_int(record, ANS_TRUNCATED, 0) != 0};
    size_t room = out->struct_size < sizeof full ? out->struct_size : sizeof full;
    full.struct_size = (uint32_t)room;
    memcpy(out, &full, room);
}

static enum sori_status finish(struct worker *w, const struct sori_http_request *r,
                               uint32_t status) {
    struct sori_str record = buf_view(&w->answer.bytes);
    bool writes = r->effect == SORI_HTTP_WRITE;
    if (writes && status != SORI_OK && rec_get_int(record, ANS_SENT, 0))
        w->call.sent_unknown = true;
    int64_t retry_at = rec_get_int(record, ANS_RETRY_AT, 0);
    if (retry_at > w->call.retry_at) w->call.retry_at = retry_at;
    struct sori_str why = rec_get_str(record, ANS_WHY);
    if (status != SORI_OK && why.len) {
        buf_clear(&w->call.why);
        buf_str(&w->call.why, why);
    }
    return status <= SORI_BUG ? (enum sori_status)status : SORI_BUG;
}

enum sori_status host_http(const struct sori_host *host, const struct sori_http_request *request,
                           struct sori_http_response *response) {
    struct worker *w = host->ctx;
    struct sori_http_request r = {0};
    if (!request || !response || request->struct_size < 16 || !SORI_HAS(response, http_status)) {
        call_why(w, "a request was refused: it or its response is NULL, or without its "
                    "struct_size; set each to sizeof");
        return SORI_PERMANENT;
    }
    memcpy(&r, request, request->struct_size < sizeof r ? request->struct_size : sizeof r);
    buf_clear(&w->answer.bytes);
    give(w, response);
    const char *why = refuse(w, &r);
    if (why) {
        call_why(w, "a request was refused: %s", why);
        return SORI_PERMANENT;
    }
    int64_t left = call_left(w);
    if (w->call.cancelled || left <= 0) return SORI_CANCELLED;
    struct buf b = {0};
    encode(&r, left, &b);
    if (b.len > REQUEST_MOST) {
        call_why(w, "a request was refused: it is %zu bytes with its headers; expected at most %d",
                 b.len, REQUEST_MOST);
        buf_free(&b);
        return SORI_PERMANENT;
    }
    uint32_t sub = ++w->call.sub, status = SORI_RETRY;
    call_send(w, W_HTTP, sub, buf_view(&b));
    buf_free(&b);
    bool came = call_hear(w, sub, left + ANSWER_GRACE_MS, &status) == 1;
    if (!came) {
        /* It may be on its way: nobody knows, so nobody may send it again blindly. */
        if (r.effect == SORI_HTTP_WRITE) w->call.sent_unknown = true;
        call_why(w, "no answer came before the call had to end");
        return w->call.cancelled ? SORI_CANCELLED : SORI_RETRY;
    }
    give(w, response);
    return finish(w, &r, status);
}
