/* How a connection to X is: who the token speaks for, what it may do, and whether each layer of
 * what X shall send us is there. */
#include "x/x.h"

static void fact(const struct sori_health *h, const char *name, struct sori_str value) {
    if (SORI_HAS(h, fact) && h->fact) h->fact(h, s_of(name), value);
}

static void layer(struct x *x, const struct sori_health *h, const char *name, size_t have,
                  size_t want, const char *missing) {
    fact(h, name, have >= want ? SORI_STR("yes") : SORI_STR("no"));
    if (have < want)
        h->say(h, SORI_LOG_WARN, arena_format(&x->call, "%s (%zu of %zu)", missing, have, want));
}

static void rights(struct x *x, const struct sori_health *h, const struct x_answer *a) {
    struct text missing = {0};
    if (!a->access.len) return;
    if (s_find(a->access, "write") >= a->access.len) text_lit(&missing, "tweet.write ");
    if (x->conf.messages && s_find(a->access, "directmessages") >= a->access.len)
        text_lit(&missing, "dm.write ");
    fact(h, "token.missing", s_trim(text_view(&missing)));
    if (missing.len)
        h->say(h, SORI_LOG_WARN,
               arena_format(&x->call,
                            "the token may not do all (%.*s): set the application's rights at "
                            "console.x.com, then make the token again",
                            S(text_view(&missing))));
    text_free(&missing);
}

/* X answered what costs: where credits were used up there are some again. */
static void credits_are_back(struct x *x) {
    const struct sori_full_host *h =
        x->host->extension ? x->host->extension(x->host, SORI_FULL_ID) : NULL;
    struct sori_rate r = {.struct_size = sizeof r};
    if (!h || !h->full(x->host, SORI_STR("credits"), &r)) return;
    r.remaining = r.limit;
    r.until = 0;
    x->host->rate(x->host, &r);
}

static enum sori_status account(struct x *x, const struct sori_health *h) {
    struct x_request r = {.method = "GET",
                          .as = X_AS_USER,
                          .path = SORI_STR("/2/users/me"),
                          .query = SORI_STR("user.fields=id,name,username,protected"),
                          .bucket = "users"};
    struct x_answer a = x_ask(x, &r);
    enum sori_status s = x_verdict(x, &a, "asking who we are");
    x_spend(x, "users", X_PRICE_USER);
    const json_t *me = json_object_get(a.json, "data");
    struct sori_str id = x_id(&x->call, me, "id");
    if (s == SORI_OK) {
        struct sori_str name = arena_format(&x->call, "%.*s (@%.*s, %.*s)", S(x_str(me, "name")),
                                            S(x_str(me, "username")), S(id));
        fact(h, "account", name);
        h->say(h, SORI_LOG_INFO, arena_format(&x->call, "speaks as %.*s", S(name)));
        if (!s_eq(id, x->conf.user_id)) {
            x_fail(x, 0, "the token speaks for user %.*s, user_id names %.*s: set one right", S(id),
                   S(x->conf.user_id));
            s = SORI_CONFIG;
        }
        if (!x->conf.oauth2) fact(h, "token.expires_at", SORI_STR("0"));
        if (json_is_true(json_object_get(me, "protected")))
            h->say(h, SORI_LOG_WARN,
                   SORI_STR("the account is protected: strangers see no answer, and X sends no "
                            "events of it"));
        rights(x, h, &a);
        credits_are_back(x);
    }
    x_answer_free(&a);
    return s;
}

static enum sori_status rules(struct x *x, const struct sori_health *h) {
    enum sori_status s;
    json_t *list = x_rules(x, &s);
    if (!list) {
        fact(h, "subscription.rules", SORI_STR("unknown"));
        return s;
    }
    struct sori_str rest = x->conf.watch, line;
    size_t want = 0, have = 0;
    while (s_next(&rest, '\n', &line)) {
        line = s_trim(line);
        if (!line.len) continue;
        want++;
        have += x_is_rule(list, line);
        if (!x_is_rule(list, line))
            h->say(h, SORI_LOG_WARN,
                   arena_format(&x->call, "X has no rule \"%.*s\"; it is sent with the next poll",
                                S(line)));
    }
    layer(x, h, "subscription.rules", have, want ? want : 1,
          want ? "not every watch is a rule at X" : "receive has stream, but nothing is watched");
    json_decref(list);
    return SORI_OK;
}

static enum sori_status webhook(struct x *x, const struct sori_health *h) {
    enum sori_status s;
    json_t *list = x_webhooks(x, &s);
    if (!list) {
        fact(h, "subscription.webhook", SORI_STR("unknown"));
        return s;
    }
    const json_t *ours = x_webhook(x, list);
    bool valid = ours && !json_is_false(json_object_get(ours, "valid"));
    layer(x, h, "subscription.webhook", valid, 1,
          ours ? "X holds our webhook for invalid: its check of the address failed; Sori asks for "
                 "another within the hour"
               : "X does not know our webhook; Sori registers it with the next poll, and X must "
                 "then reach it");
    json_decref(list);
    return SORI_OK;
}

static enum sori_status events(struct x *x, const struct sori_health *h) {
    enum sori_status s;
    json_t *list = x_subscriptions(x, &s);
    if (!list) {
        fact(h, "subscription.events", SORI_STR("unknown"));
        return s;
    }
    struct sori_str rest = x_events(&x->conf), line;
    struct text missing = {0};
    size_t want = 0, have = 0;
    while (s_next(&rest, '\n', &line)) {
        line = s_trim(line);
        if (!line.len) continue;
        want++;
        if (x_subscription(x, list, line)) {
            have++;
        } else {
            text_char(&missing, ' ');
            text_str(&missing, line);
        }
    }
    struct sori_str words =
        arena_format(&x->call, "not subscribed to:%.*s", S(text_view(&missing)));
    layer(x, h, "subscription.events", have, want, words.ptr);
    text_free(&missing);
    json_decref(list);
    return SORI_OK;
}

enum sori_status x_health(struct x *x, const struct sori_health *h) {
    enum sori_status s = account(x, h);
    if (s == SORI_OK && (x->conf.receive & X_STREAM)) s = rules(x, h);
    if (s == SORI_OK && (x->conf.receive & X_ACTIVITY) && x->conf.webhook.len) s = webhook(x, h);
    if (s == SORI_OK && (x->conf.receive & X_ACTIVITY)) s = events(x, h);
    if (s == SORI_OK && !x->conf.enterprise)
        h->say(h, SORI_LOG_INFO,
               SORI_STR("self-serve: posts that mention or quote us can be answered, nothing can "
                        "be liked"));
    if (s == SORI_OK && !x_may_read(x))
        h->say(h, SORI_LOG_WARN,
               SORI_STR("nine tenths of daily_budget are spent: nothing is read before midnight "
                        "UTC"));
    return s;
}
