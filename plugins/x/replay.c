/* What X sent to our webhook while nobody was there: it sends each event once, keeps those of a
 * day, and sends them again when it is asked to. Where it does not let us ask, mentions are read
 * instead. */
#include "x/x.h"

#include <time.h>

enum {
    MINUTE_MS = 60000,
    AWAY_MS = 2 * MINUTE_MS, /* shorter is the pause between two polls */
    KEPT_MS = 24 * 3600000 - 2 * MINUTE_MS
};

/* State "awake": up to here the webhook was taken, ms; written once a minute. */
static int64_t awake_at(struct x *x) {
    return s_number(x->host->state_get(x->host, SORI_STR("awake")));
}

static void stay_awake(struct x *x, int64_t at) {
    x->host->state_put(x->host, SORI_STR("awake"), arena_format(&x->call, "%lld", (long long)at));
}

void x_replay_from(struct x *x, int64_t at) {
    x->awake = 0;
    x->began = x->host->now(x->host);
    stay_awake(x, at);
}

/* X counts in minutes, UTC: "202611220056". */
static json_t *minute(int64_t ms) {
    time_t at = (time_t)(ms / 1000);
    struct tm tm;
    char text[16] = "";
    if (gmtime_r(&at, &tm)) strftime(text, sizeof text, "%Y%m%d%H%M", &tm);
    return json_string(text);
}

static enum sori_status ask(struct x *x, struct sori_str webhook, int64_t from, int64_t to) {
    json_t *body = json_pack("{s:o, s:o, s:o}", "webhook_id",
                             json_stringn(webhook.ptr ? webhook.ptr : "", webhook.len), "from_date",
                             minute(from), "to_date", minute(to));
    struct x_request r = {.method = "POST",
                          .effect = SORI_HTTP_SETUP,
                          .as = X_AS_APP,
                          .path = SORI_STR("/2/webhooks/replay"),
                          .body = body,
                          .bucket = "replays"};
    struct x_answer a = x_ask(x, &r);
    json_decref(body);
    enum sori_status s = x_verdict(x, &a, "asking for the events that were missed");
    if (s == SORI_OK)
        x_log(x, SORI_LOG_INFO,
              "%.*s: X sends again what it sent in the %lld minutes while nobody was there",
              S(x->connection), (long long)((to - from) / MINUTE_MS));
    if (s == SORI_PERMANENT || s == SORI_GONE || s == SORI_CONFIG) {
        x_log(x, SORI_LOG_WARN,
              "%.*s: X does not send events again that were missed (%.*s %.*s): mentions are read "
              "instead, likes and messages of that time are lost",
              S(x->connection), S(a.title), S(utf8_cut(a.detail, 300)));
        x->missed_from = from;
        x->missed_to = to;
        s = SORI_OK;
    }
    x_answer_free(&a);
    return s;
}

enum sori_status x_replay(struct x *x, const struct sori_sink *sink) {
    int64_t now = x->host->now(x->host), at = awake_at(x);
    if (!x->began) x->began = now;
    bool never = at <= 0 || at > now;
    if (never || now - at < AWAY_MS) x->awake = now;
    if (x->awake) {
        if (never || now - at >= MINUTE_MS) stay_awake(x, now);
        return SORI_OK;
    }
    struct sori_str webhook =
        arena_copy(&x->call, x->host->state_get(x->host, SORI_STR("webhook")));
    /* The minute in which we woke is over: what it brought is asked for with the others. */
    int64_t to = now - now % MINUTE_MS, from = at - MINUTE_MS, kept = now - KEPT_MS;
    if (!x_is_id(webhook) || to <= x->began) return SORI_OK;
    if (from < kept) {
        sink->gap(sink, from, kept, SORI_STR("X keeps what it sent to a webhook for a day only"));
        from = kept;
    }
    enum sori_status s = ask(x, webhook, from, to);
    if (s == SORI_OK) stay_awake(x, now); /* where this poll still fails it is asked for again */
    return s;
}
