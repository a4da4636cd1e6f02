#include "net/stream.h"

#include "base/clock.h"
#include "net/call.h"
#include "net/ladder.h"
#include "supervise/messages.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    SILENCE_MS = 25000,
    SILENCE_LEAST = 1000,
    SILENCE_MOST = 3600000,
    LINE_MOST = 1 << 20,
    LINE_LIMIT = 3 << 20, /* one part carries a whole line */
    PARTS = 64 * 1024,
    BEAT_MS = 2000, /* so often the core hears that all is well */
    UNAUTHORIZED = 401,
    FORBIDDEN = 403,
    TOO_MANY = 429
};

struct stream {
    struct event_base *base;
    struct engine *engine;
    struct stream_events events;
    struct buf want, request;
    struct call *call; /* of the connection in hand */
    struct event *timer, *soon;
    struct ladder ladder;
    struct buf line, parts;
    size_t line_max;
    int64_t silence, byte_at, beat_at, dropped; /* monotonic ms; lines */
    bool open, skipping, silent, full;
};

/* ---- what the core hears ---- */

static void flush(struct stream *s) {
    if (s->dropped) {
        rec_int(&s->parts, PART_DROPPED, s->dropped);
        s->dropped = 0;
    }
    if (s->parts.len && !s->events.part(s->events.ctx, buf_view(&s->parts))) s->full = true;
    buf_clear(&s->parts);
}

static void tell(struct stream *s, int64_t state, const char *why, int64_t until) {
    size_t mark = rec_begin(&s->parts, PART_STATE);
    rec_int(&s->parts, 1, state);
    rec_str_opt(&s->parts, 2, str_c(why));
    rec_int_opt(&s->parts, 3, until);
    rec_end(&s->parts, mark);
    flush(s);
}

static void beat(struct stream *s) {
    if (s->byte_at - s->beat_at < BEAT_MS) return;
    s->beat_at = s->byte_at;
    rec_int(&s->parts, PART_BEAT, clock_now());
}

/* ---- lines ---- */

static void end_line(struct stream *s, struct call *c) {
    struct buf *b = &s->line;
    if (s->skipping) {
        s->skipping = false;
        s->dropped++;
    } else {
        if (b->len && b->data[b->len - 1] == '\r') b->len--;
        if (b->len) {
            credential_hide(&c->credential, b->data, b->len);
            rec_str(&s->parts, PART_LINE, buf_view(b));
        }
    }
    buf_clear(b);
    if (s->parts.len >= PARTS) flush(s);
}

/* Bytes are cut anywhere; only a line's end means something. */
static bool take(void *ctx, struct call *c, const char *bytes, size_t len) {
    struct stream *s = ctx;
    s->byte_at = clock_mono();
    while (len && !s->full) {
        const char *end = memchr(bytes, '\n', len);
        size_t n = end ? (size_t)(end - bytes) : len;
        if (s->line.len + n > s->line_max) {
            s->skipping = true;
            buf_clear(&s->line);
        } else if (!s->skipping) {
            buf_put(&s->line, bytes, n);
        }
        if (end) end_line(s, c);
        bytes += n + (end != NULL);
        len -= n + (end != NULL);
    }
    beat(s);
    flush(s);
    return !s->full;
}

static void opened(void *ctx) {
    struct stream *s = ctx;
    s->open = true;
    s->byte_at = clock_mono();
    s->beat_at = 0;
    ladder_open(&s->ladder, s->byte_at);
    tell(s, STREAM_OPEN, NULL, 0);
}

/* ---- losses ---- */

static void ask(struct stream *s);

static void wait_for(struct event *timer, int64_t ms) {
    struct timeval tv = {.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};
    evtimer_add(timer, &tv);
}

static struct sori_str header(struct sori_str answer, const char *name) {
    struct rec_field f;
    while (rec_next(&answer, &f) == 1)
        if (f.tag == ANS_HEADER && str_is(rec_get_str(f.s, PAIR_NAME), name))
            return rec_get_str(f.s, PAIR_VALUE);
    return (struct sori_str){0};
}

/* When the platform says that it may be asked again, on the monotonic clock; 0 not said. */
static int64_t reset_of(struct sori_str answer) {
    int64_t at = rec_get_int(answer, ANS_RETRY_AT, 0);
    char text[24];
    snprintf(text, sizeof text, "%.*s", STR(header(answer, "x-rate-limit-reset")));
    int64_t seconds = strtoll(text, NULL, 10);
    if (!at && seconds > 0 && seconds < INT64_C(100000000000)) at = seconds * 1000;
    return at ? clock_mono() + (at - clock_now()) : 0;
}

static void come_back(struct stream *s, enum loss loss, int64_t reset, const char *why) {
    uint32_t dice = (uint32_t)rand();
    int64_t wait = ladder_jitter(ladder_lost(&s->ladder, loss, clock_mono(), reset), dice);
    tell(s, STREAM_WAITING, why, clock_now() + wait);
    wait_for(s->soon, wait);
}

static void over(struct stream *s, enum sori_status status, struct sori_str answer) {
    struct stream_events events = s->events;
    struct buf kept = {0};
    buf_str(&kept, answer);
    s->call = NULL;
    stream_close(s);
    events.over(events.ctx, status, buf_view(&kept));
    buf_free(&kept);
}

static void refused(struct stream *s, int64_t http, struct sori_str answer) {
    struct sori_str body = rec_get_str(answer, ANS_BODY);
    char why[256];
    if (body.len > 120) body.len = 120;
    for (size_t i = 0; i < body.len; i++)
        if ((unsigned char)body.ptr[i] < 0x20 || (unsigned char)body.ptr[i] >= 0x7f) body.len = i;
    snprintf(why, sizeof why, "the platform answers HTTP %lld%s%.*s", (long long)http,
             body.len ? ": " : "", STR(body));
    if (http == UNAUTHORIZED || http == FORBIDDEN) {
        struct buf b = {0};
        rec_int(&b, ANS_STATUS, http);
        rec_str(&b, ANS_WHY, str_c(why));
        over(s, SORI_AUTH, buf_view(&b));
        buf_free(&b);
        return;
    }
    struct sori_str whole = rec_get_str(answer, ANS_BODY);
    bool crowded = http == TOO_MANY && whole.len &&
                   memmem(whole.ptr, whole.len, "TooManyConnections", 18) != NULL;
    come_back(s,
              crowded            ? LOSS_CROWDED
              : http == TOO_MANY ? LOSS_RATE
                                 : LOSS_HTTP,
              crowded ? 0 : reset_of(answer), why);
}

static void ended(void *ctx, enum sori_status status, struct sori_str answer) {
    struct stream *s = ctx;
    struct sori_str said = rec_get_str(answer, ANS_WHY);
    int64_t http = rec_get_int(answer, ANS_STATUS, 0);
    bool was_open = s->open;
    char why[300];
    s->call = NULL;
    s->open = s->skipping = false;
    buf_clear(&s->line); /* half a line is no line: it lies in the time that was missed */
    evtimer_del(s->timer);
    if (s->full) {
        s->full = false;
        s->silent = false;
        come_back(s, LOSS_HTTP, 0, "Sori itself is too slow for it at the moment");
        return;
    }
    snprintf(why, sizeof why, "%s%.*s",
             s->silent  ? "no byte came for too long"
             : said.len ? ""
                        : "the platform ended it",
             s->silent ? 0 : (int)(said.len > 250 ? 250 : said.len), said.ptr ? said.ptr : "");
    s->silent = false;
    if (was_open)
        come_back(s, LOSS_ESTABLISHED, 0, why);
    else if (status == SORI_OK)
        refused(s, http, answer);
    else if (status == SORI_RETRY || status == SORI_CANCELLED)
        come_back(s, LOSS_NETWORK, 0, why);
    else
        over(s, status, answer);
}

static void on_silence(evutil_socket_t fd, short what, void *ctx) {
    struct stream *s = ctx;
    (void)fd, (void)what;
    int64_t left = s->byte_at + s->silence - clock_mono();
    if (left > 0 || !s->call) {
        if (s->call) wait_for(s->timer, left);
        return;
    }
    s->silent = true;
    engine_cancel(s->call);
}

/* ---- life ---- */

static void on_soon(evutil_socket_t fd, short what, void *ctx) {
    (void)fd, (void)what;
    ask(ctx);
}

static void ask(struct stream *s) {
    const struct call_taker taker = {.ctx = s, .opened = opened, .take = take};
    s->byte_at = clock_mono();
    ladder_begin(&s->ladder, s->byte_at);
    /* Set before: the request may end before the call returns, and then the stream is gone. */
    wait_for(s->timer, s->silence);
    engine_stream(s->engine, buf_view(&s->request), &taker, ended, s, &s->call);
}

static void put_request(struct stream *s) {
    struct sori_str want = buf_view(&s->want);
    struct rec_field f;
    rec_str(&s->request, HTTP_CONNECTION, rec_get_str(want, STREAM_CONNECTION));
    rec_str(&s->request, HTTP_METHOD, SORI_STR("GET"));
    rec_str(&s->request, HTTP_URL, rec_get_str(want, STREAM_URL));
    rec_int(&s->request, HTTP_SCHEME, rec_get_int(want, STREAM_SCHEME, SORI_AUTH_NONE));
    rec_str(&s->request, HTTP_SLOT, rec_get_str(want, STREAM_SLOT));
    rec_str(&s->request, HTTP_USER, rec_get_str(want, STREAM_USER));
    rec_int(&s->request, HTTP_MAX_BODY, PARTS); /* of an answer that is no stream */
    while (rec_next(&want, &f) == 1)
        if (f.tag == STREAM_HEADER && f.type == REC_REC) rec_rec(&s->request, HTTP_HEADER, f.s);
}

struct stream *stream_open(struct event_base *base, struct engine *e, struct sori_str want,
                           const struct stream_events *events) {
    struct stream *s = mem_get(sizeof *s);
    s->base = base;
    s->engine = e;
    s->events = *events;
    buf_str(&s->want, want);
    put_request(s);
    int64_t silence = rec_get_int(want, STREAM_SILENCE, 0), most;
    s->silence = silence <= 0 ? SILENCE_MS : silence < SILENCE_LEAST ? SILENCE_LEAST : silence;
    if (s->silence > SILENCE_MOST) s->silence = SILENCE_MOST;
    most = rec_get_int(want, STREAM_LINE_MAX, 0);
    s->line_max = most <= 0 ? LINE_MOST : most > LINE_LIMIT ? LINE_LIMIT : (size_t)most;
    s->timer = evtimer_new(base, on_silence, s);
    s->soon = evtimer_new(base, on_soon, s);
    SORI_ASSERT(s->timer && s->soon);
    wait_for(s->soon, 0);
    return s;
}

void stream_close(struct stream *s) {
    struct call *c = s->call;
    s->call = NULL;
    if (c) engine_drop(c);
    event_free(s->timer);
    event_free(s->soon);
    buf_free(&s->want);
    buf_free(&s->request);
    buf_free(&s->line);
    buf_free(&s->parts);
    free(s);
}
