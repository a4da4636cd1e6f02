/* What a plugin tells of budgets and costs, and the streams that it wants open: gathered during the
 * call and reported with its end. What it is told of budgets that are used up came with the call.
 */
#include "worker/worker.h"

#include "base/utf8.h"

enum {
    RATES_MOST = 64,
    COSTS_MOST = 256,
    STREAMS_MOST = 16,
    NAME_MOST = 128,
    URL_MOST = 8192,
    HEADERS_MOST = 32
};
#define SPEND_MOST INT64_C(1000000000000) /* a million of the currency in one call is a mistake */

static struct worker *of(const struct sori_host *host) { return host->ctx; }

static bool fits(struct sori_str s, size_t most) {
    return s.len <= most && (!s.len || s.ptr) && utf8_valid(s);
}

void host_rate(const struct sori_host *host, const struct sori_rate *rate) {
    struct worker *w = of(host);
    if (!rate || !SORI_HAS(rate, until)) return;
    if (rate->remaining <= 0 && rate->until > w->call.retry_at) w->call.retry_at = rate->until;
    if (!fits(rate->bucket, NAME_MOST) || w->call.rates == RATES_MOST) return;
    w->call.rates++;
    size_t mark = rec_begin(&w->call.told, DONE_RATE);
    rec_str(&w->call.told, 1, rate->bucket);
    rec_int(&w->call.told, 2, rate->limit);
    rec_int(&w->call.told, 3, rate->remaining);
    rec_int(&w->call.told, 4, rate->until);
    rec_int_opt(&w->call.told, 5, rate->flags);
    rec_end(&w->call.told, mark);
}

static struct sori_rate read_rate(struct sori_str r) {
    return (struct sori_rate){.struct_size = sizeof(struct sori_rate),
                              .flags = (uint32_t)rec_get_int(r, 5, 0),
                              .bucket = rec_get_str(r, 1),
                              .limit = rec_get_int(r, 2, 0),
                              .remaining = rec_get_int(r, 3, 0),
                              .until = rec_get_int(r, 4, 0)};
}

/* The newest that `record` says of the bucket. */
static bool find_rate(struct sori_str record, uint32_t tag, struct sori_str bucket,
                      struct sori_rate *rate) {
    struct rec_field f;
    bool found = false;
    while (rec_next(&record, &f) == 1) {
        if (f.tag != tag || f.type != REC_REC || !str_eq(rec_get_str(f.s, 1), bucket)) continue;
        *rate = read_rate(f.s);
        found = true;
    }
    return found;
}

static bool full_full(const struct sori_host *host, struct sori_str bucket,
                      struct sori_rate *rate) {
    struct worker *w = of(host);
    struct sori_rate r;
    if (!rate || !fits(bucket, NAME_MOST)) return false;
    bool found = find_rate(buf_view(&w->call.told), DONE_RATE, bucket, &r) ||
                 find_rate(w->call.payload, CALL_FULL, bucket, &r);
    if (!found || r.remaining > 0 || r.until <= host->now(host)) return false;
    size_t room = rate->struct_size < sizeof r ? rate->struct_size : sizeof r;
    r.bucket = bucket;
    r.struct_size = (uint32_t)room;
    memcpy(rate, &r, room);
    return true;
}

static void cost_spend(const struct sori_host *host, struct sori_str what, int64_t micros) {
    struct worker *w = of(host);
    if (micros <= 0 || micros > SPEND_MOST || w->call.spent > INT64_MAX - micros) return;
    w->call.spent += micros;
    if (!fits(what, NAME_MOST)) what = SORI_STR("other");
    if (w->call.costs++ >= COSTS_MOST) { /* of a call that reports without end: the sum alone */
        w->call.more += micros;
        return;
    }
    size_t mark = rec_begin(&w->call.told, DONE_SPENT);
    rec_str(&w->call.told, 1, what);
    rec_int(&w->call.told, 2, micros);
    rec_end(&w->call.told, mark);
}

static int64_t cost_spent(const struct sori_host *host) { return of(host)->call.spent; }

/* Why it cannot be held, or NULL. */
static const char *refuse(const struct worker *w, const struct sori_stream *s) {
    if (w->call.method != M_POLL) return "a stream can be wanted in poll only";
    if (w->call.streams == STREAMS_MOST) return "more than 16 streams of one connection";
    if (!s->name.len || !fits(s->name, NAME_MOST)) return "its name is empty or too long";
    if (!s->url.len || !fits(s->url, URL_MOST)) return "its url is empty or too long";
    if (!str_starts(s->url, SORI_STR("https://")) && !str_starts(s->url, SORI_STR("http://")))
        return "its url is neither https: nor http:";
    if (!fits(s->auth_slot, NAME_MOST) || !fits(s->auth_user, NAME_MOST))
        return "its credential's name is too long";
    if (s->headers.count > HEADERS_MOST || (s->headers.count && !s->headers.items))
        return "it has more than 32 headers";
    for (size_t i = 0; i < s->headers.count; i++)
        if (!fits(s->headers.items[i].name, NAME_MOST) ||
            !fits(s->headers.items[i].value, URL_MOST))
            return "one of its headers is too long";
    return NULL;
}

static enum sori_status stream_want(const struct sori_host *host, const struct sori_stream *given) {
    struct worker *w = of(host);
    struct sori_stream s = {0};
    if (!given || given->struct_size < offsetof(struct sori_stream, silence_ms)) {
        call_why(w,
                 "a stream was refused: it is NULL, or without its struct_size; set it to sizeof");
        return SORI_CONFIG;
    }
    memcpy(&s, given, given->struct_size < sizeof s ? given->struct_size : sizeof s);
    const char *why = refuse(w, &s);
    if (why) {
        call_why(w, "a stream was refused: %s", why);
        return SORI_CONFIG;
    }
    struct buf *b = &w->call.wanted;
    w->call.streams++;
    size_t mark = rec_begin(b, DONE_STREAM);
    rec_str(b, STREAM_NAME, s.name);
    rec_str(b, STREAM_URL, s.url);
    for (size_t i = 0; i < s.headers.count; i++)
        pairs_put(b, STREAM_HEADER, s.headers.items[i].name, s.headers.items[i].value);
    rec_int_opt(b, STREAM_SCHEME, s.auth_scheme);
    rec_str_opt(b, STREAM_SLOT, s.auth_slot);
    rec_str_opt(b, STREAM_USER, s.auth_user);
    rec_int_opt(b, STREAM_SILENCE, s.silence_ms);
    rec_int_opt(b, STREAM_LINE_MAX, s.line_max);
    rec_end(b, mark);
    return SORI_OK;
}

const void *host_extension(const struct sori_host *host, const char *id) {
    static const struct sori_stream_host stream = {.struct_size = sizeof stream,
                                                   .want = stream_want};
    static const struct sori_cost_host cost = {
        .struct_size = sizeof cost, .spend = cost_spend, .spent = cost_spent};
    static const struct sori_full_host full = {.struct_size = sizeof full, .full = full_full};
    (void)host;
    if (!id) return NULL;
    if (strcmp(id, SORI_STREAM_ID) == 0) return &stream;
    if (strcmp(id, SORI_COST_ID) == 0) return &cost;
    return strcmp(id, SORI_FULL_ID) == 0 ? &full : NULL;
}
