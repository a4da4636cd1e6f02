/* Errors of the Graph API in an operator's words. The HTTP status is 400 for nearly all of them,
 * rate limits too: code and subcode decide. */
#include "facebook/graph.h"

#include "common/as_act.h"

enum { MINUTE = 60 * 1000, HOUR = 60 * MINUTE };

/* What to do about a code. `subcode` 0 is any. */
static const struct trouble {
    int code, to, subcode; /* `to`: the last of a range, or 0 */
    enum sori_status status;
    int64_t wait; /* of RATE, where the platform names no time */
    const char *words;
} troubles[] = {
    {190, 0, 458, SORI_AUTH, 0, "the person who gave the token has removed the app: connect again"},
    {190, 0, 459, SORI_AUTH, 0,
     "the person who gave the token must first log in at the platform's own site, which asks for a "
     "check; then connect again"},
    {190, 0, 464, SORI_AUTH, 0,
     "the person who gave the token must first confirm the account at the platform's own site; "
     "then connect again"},
    {190, 0, 460, SORI_AUTH, 0,
     "the person who gave the token has changed the password, which ends all tokens: make a new "
     "one"},
    {190, 0, 463, SORI_AUTH, 0, "the token has expired: make a new one"},
    {190, 0, 467, SORI_AUTH, 0, "the token is no longer valid: make a new one"},
    {190, 0, 492, SORI_AUTH, 0,
     "the person who gave the token no longer has a role on this Page: give the role back, or let "
     "another person make the token"},
    {190, 0, 0, SORI_AUTH, 0, "the token is not accepted: make a new one"},
    {102, 0, 0, SORI_AUTH, 0, "the session of the token has ended: make a new one"},
    {10, 0, 2018278, SORI_PERMANENT, 0,
     "the 24 hours in which this person may be written to are over"},
    {551, 0, 0, SORI_PERMANENT, 0, "this person cannot be reached by messages now"},
    {3, 0, 0, SORI_PERMANENT, 0, "the app may not use this part of the interface"},
    {10, 0, 0, SORI_PERMANENT, 0, "a permission or feature is missing"},
    {200, 299, 0, SORI_PERMANENT, 0, "a permission is missing"},
    {4, 0, 0, SORI_RATE, HOUR, "the app has made too many calls"},
    {17, 0, 0, SORI_RATE, HOUR, "too many calls with this token"},
    {32, 0, 0, SORI_RATE, HOUR, "too many calls for this Page"},
    {613, 0, 0, SORI_RATE, 5 * MINUTE, "too many calls of this one kind"},
    {80000, 80014, 0, SORI_RATE, HOUR, "the hourly budget of this account is used up"},
    {341, 0, 0, SORI_RATE, 6 * HOUR, "a limit of the app was reached"},
    {368, 0, 0, SORI_RATE, 6 * HOUR,
     "the platform has blocked this account for a while, because it takes what was sent for a "
     "breach of its rules: look at the Page's support inbox before anything more is sent"},
    {506, 0, 0, SORI_PERMANENT, 0,
     "the platform takes the same text only once in a row: use another text"},
    {1609005, 0, 0, SORI_PERMANENT, 0, "the platform could not fetch the link in the text"},
    {100, 0, 33, SORI_GONE, 0, "it no longer exists, or may not be seen with this token"},
    {803, 0, 0, SORI_GONE, 0, "it does not exist"},
    {1, 2, 0, SORI_RETRY, 0, "the platform has a passing trouble"},
};

static const struct trouble *find(const struct graph_answer *a) {
    for (size_t i = 0; i < sizeof troubles / sizeof *troubles; i++) {
        const struct trouble *t = &troubles[i];
        bool code = a->code == t->code || (t->to && a->code >= t->code && a->code <= t->to);
        if (code && (!t->subcode || t->subcode == a->subcode)) return t;
    }
    return NULL;
}

/* The platform's own words: those for people where it has some. */
static struct sori_str told(const struct graph_answer *a) {
    return a->for_people.len ? a->for_people : a->message;
}

static void explain(struct graph *g, const struct graph_answer *a, const char *doing,
                    const char *words) {
    struct sori_str said = told(a), trace = a->trace;
    struct text code = {0};
    text_format(&code, "code %d", a->code);
    if (a->subcode) text_format(&code, ", subcode %d", a->subcode);
    graph_fail(g, a->code, "%s: %s (%s %.*s%s%.*s)", doing, words, g->place, S(text_view(&code)),
               said.len ? ": " : "", S(said));
    text_free(&code);
    if (trace.len)
        graph_log(g, SORI_LOG_DEBUG, "%s: code %d, subcode %d, fbtrace_id %.*s", doing, a->code,
                  a->subcode, S(trace));
}

/* Limits that acts meet are apart from those of reading: each has its own memory. One kind of call
 * alone (613) and a block of what we say (368) hold up no reading. */
static struct sori_str bucket_of(struct graph *g, int code) {
    if (g->acts && code == 613) return SORI_STR("sending of one kind");
    if (g->acts) return g->messages ? SORI_STR("messages sent") : SORI_STR("sending");
    return code ? arena_format(g->call, "code %d", code) : SORI_STR("");
}

static enum sori_status slow_down(struct graph *g, const struct graph_answer *a, int64_t wait) {
    int64_t now = g->host->now(g->host), until = now + wait;
    if (a->retry_after) until = now + a->retry_after;
    if (g->quiet_until > now) until = g->quiet_until;
    bool apart = g->acts && (g->messages || a->code == 613 || a->code == 368);
    struct sori_rate rate = {.struct_size = sizeof rate,
                             .flags = apart ? SORI_RATE_APART : 0,
                             .bucket = bucket_of(g, a->code),
                             .limit = 100,
                             .remaining = 0,
                             .until = until};
    g->host->rate(g->host, &rate);
    g->used = 100;
    g->quiet_until = until;
    return SORI_RATE;
}

enum sori_act_status graph_rests(struct graph *g) {
    const struct sori_full_host *h =
        g->host->extension ? g->host->extension(g->host, SORI_FULL_ID) : NULL;
    struct sori_rate rate = {.struct_size = sizeof rate};
    if (!h || !h->full(g->host, bucket_of(g, 0), &rate)) return SORI_ACT_OK;
    g->host->rate(g->host, &rate);
    graph_fail(g, 0, "%s asked us to slow down: it is asked again in %lld minutes", g->place,
               (long long)((rate.until - g->host->now(g->host)) / 60000 + 1));
    return SORI_ACT_RATE;
}

static bool about_proof(const struct graph_answer *a) {
    return a->code == 100 && s_find_same(a->message, "appsecret_proof") < a->message.len;
}

/* No error object: a proxy, or the platform's own front. */
static enum sori_status by_status(struct graph *g, const struct graph_answer *a,
                                  const char *doing) {
    if (a->status == 429) {
        graph_fail(g, a->status, "%s: %s asks to slow down (429)", doing, g->place);
        return slow_down(g, a, 5 * MINUTE);
    }
    if (a->status == 401) {
        graph_fail(g, a->status, "%s: %s refused the token (401)", doing, g->place);
        return SORI_AUTH;
    }
    bool odd = a->status < 300; /* success that nobody can read: cut off, or no JSON */
    graph_fail(g, a->status, "%s: %s answered %d %s", doing, g->place, a->status,
               odd ? "with something that is no JSON" : "without saying why");
    return a->status >= 500 || odd ? SORI_RETRY : SORI_PERMANENT;
}

enum sori_status graph_failed(struct graph *g, const struct graph_answer *a, const char *doing) {
    if (a->sent != SORI_OK) return a->sent; /* the host has said why */
    if (!a->code) return by_status(g, a, doing);
    if (about_proof(a)) {
        explain(g, a, doing,
                a->proof ? "the token is not from the app whose secret is in app_secret: take both "
                           "from the same app"
                         : "the app wants every call proved: put its secret into the slot "
                           "app_secret");
        return SORI_AUTH;
    }
    const struct trouble *t = find(a);
    bool passing = a->transient && (!t || t->status == SORI_PERMANENT);
    if (!t || passing) {
        explain(g, a, doing,
                passing            ? "the platform has a passing trouble"
                : a->status >= 500 ? "the platform has trouble"
                : a->code == 100   ? "the platform does not take the request as it is"
                                   : "the platform refused");
        return passing || a->status >= 500 ? SORI_RETRY : SORI_PERMANENT;
    }
    explain(g, a, doing, t->words);
    if (a->code == 368)
        graph_log(g, SORI_LOG_ERROR, "%s: %s (code 368: %.*s)", doing, t->words, S(told(a)));
    if (t->status != SORI_RATE) return t->status;
    return slow_down(g, a, t->wait);
}

enum sori_act_status graph_refused(struct graph *g, const struct graph_answer *a, bool again,
                                   const char *doing) {
    enum sori_status s = graph_failed(g, a, doing);
    /* An answer came, and it does not say whether the thing was done before the trouble. */
    if (s == SORI_RETRY && a->sent == SORI_OK && a->write && !again)
        return SORI_ACT_UNKNOWN_OUTCOME;
    return as_act(s);
}

bool graph_is_gone(const struct graph_answer *a) {
    return a->sent == SORI_OK && ((a->code == 100 && a->subcode == 33) || a->code == 803);
}

bool graph_is_stale_cursor(const struct graph_answer *a) {
    return a->sent == SORI_OK && a->code == 100 && a->subcode != 33 && !about_proof(a);
}
