/* Is the connection sound: whose token, until when, what it may do, and which of the three layers
 * of subscriptions is missing. */
#include "facebook/subscribe.h"

#include <stdio.h>

struct check {
    struct fb *f;
    const struct sori_health *health;
    struct fb_me me;
    int64_t now;
    bool app_told; /* something about the app could not be asked, and that was said */
};

static void say(struct check *c, enum sori_log_level level, struct sori_str line) {
    c->health->say(c->health, level, line);
}

static void fact(struct check *c, const char *name, struct sori_str value) {
    c->health->fact(c->health, s_of(name), value);
}

static struct sori_str whole(struct check *c, int64_t n) {
    return arena_format(&c->f->call, "%lld", (long long)n);
}

/* What the token must be allowed to do, blanks between. */
static const char *wanted_scopes(const struct fb *f) {
    switch (f->surface) {
    case FB_PAGE:
        return f->messages ? "pages_show_list pages_read_engagement pages_read_user_content "
                             "pages_manage_engagement pages_manage_metadata pages_messaging"
                           : "pages_show_list pages_read_engagement pages_read_user_content "
                             "pages_manage_engagement pages_manage_metadata";
    case FB_INSTAGRAM:
        return f->messages ? "instagram_basic instagram_manage_comments pages_read_engagement "
                             "pages_manage_metadata instagram_manage_messages"
                           : "instagram_basic instagram_manage_comments pages_read_engagement "
                             "pages_manage_metadata";
    case FB_INSTAGRAM_LOGIN: return "instagram_business_basic instagram_business_manage_comments";
    case FB_THREADS: break;
    }
    return "threads_basic threads_read_replies threads_manage_replies threads_manage_mentions "
           "threads_content_publish";
}

/* ---- the token ---- */

static struct sori_str days(struct check *c, int64_t until) {
    int64_t left = until - c->now;
    if (left < 0) return SORI_STR("it is over");
    if (left < 2 * (int64_t)FB_DAY)
        return arena_format(&c->f->call, "%lld hours are left", (long long)(left / 3600000));
    return arena_format(&c->f->call, "%lld days are left", (long long)(left / FB_DAY));
}

static enum sori_log_level soon(struct check *c, int64_t until) {
    return until < c->now                         ? SORI_LOG_ERROR
           : until - c->now < 7 * (int64_t)FB_DAY ? SORI_LOG_WARN
                                                  : SORI_LOG_INFO;
}

static void expiry(struct check *c, const json_t *data) {
    struct arena *a = &c->f->call;
    int64_t at = fb_time(data, "expires_at"), until = fb_time(data, "data_access_expires_at");
    fact(c, "token.expires_at", whole(c, at));
    if (at)
        say(c, soon(c, at), arena_format(a, "the token ends: %.*s", S(days(c, at))));
    else
        say(c, SORI_LOG_INFO, SORI_STR("the token has no end of its own"));
    if (!until) return;
    fact(c, "token.data_until", whole(c, until));
    say(c, soon(c, until),
        arena_format(a,
                     "access to data: %.*s; then the person who gave the token must log in to "
                     "the app again",
                     S(days(c, until))));
}

static void scopes(struct check *c, const json_t *data) {
    struct sori_str wanted = s_of(wanted_scopes(c->f)), one;
    struct text comma = {0};
    while (s_next(&wanted, ' ', &one)) {
        if (comma.len) text_char(&comma, ',');
        text_str(&comma, one);
    }
    struct sori_str missing =
        subscribe_missing(c->f, text_view(&comma), json_object_get(data, "scopes"));
    text_free(&comma);
    fact(c, "token.missing", missing);
    if (missing.len)
        say(c, SORI_LOG_ERROR,
            arena_format(
                &c->f->call,
                "the token lacks these permissions: %.*s. Make a new one, and agree to all "
                "of them",
                S(missing)));
}

static void about_kind(struct check *c, const json_t *data) {
    struct fb *f = c->f;
    struct sori_str type = fb_text(data, "type"), app = fb_id(&f->call, data, "app_id");
    bool page = f->surface == FB_PAGE || f->surface == FB_INSTAGRAM;
    if (page && type.len && !s_same(type, "PAGE"))
        say(c, SORI_LOG_ERROR,
            arena_format(&f->call,
                         "this is a token of type %.*s, not of a Page: comments come without their "
                         "authors, or not at all. Take the Page's from GET /me/accounts",
                         S(type)));
    if (app.len && f->app.len && !s_eq(app, f->app))
        say(c, SORI_LOG_ERROR,
            arena_format(&f->call, "the token was made by the app %.*s, not by %.*s", S(app),
                         S(f->app)));
}

static enum sori_status token(struct check *c) {
    struct fb *f = c->f;
    if (f->surface == FB_INSTAGRAM_LOGIN) {
        say(c, SORI_LOG_INFO,
            SORI_STR("the token is accepted. It is renewed before its 60 days end; Instagram does "
                     "not tell which permissions it has"));
        return SORI_OK;
    }
    if (!f->app.len) {
        say(c, SORI_LOG_WARN,
            SORI_STR("the token is accepted. Set app, the id of the application, to have its end, "
                     "its permissions and the subscriptions checked too"));
        c->app_told = true;
        return SORI_OK;
    }
    struct graph_answer a = graph_get(&f->graph, GRAPH_ABOUT_TOKEN, SORI_STR("debug_token"),
                                      (struct sori_str){NULL, 0});
    enum sori_status s = SORI_OK;
    const json_t *data = json_object_get(a.json, "data");
    if (!graph_good(&a)) {
        s = graph_failed(&f->graph, &a, "checking the token");
        if (s == SORI_PERMANENT || s == SORI_GONE) s = SORI_OK;
        say(c, SORI_LOG_WARN,
            arena_format(&f->call,
                         "the token could not be checked (code %d: %.*s): do app and app_secret "
                         "belong together?",
                         a.code, S(a.message)));
    } else if (json_is_false(json_object_get(data, "is_valid"))) {
        const json_t *error = json_object_get(data, "error");
        struct graph_answer why = {.sent = SORI_OK,
                                   .status = 400,
                                   .code = (int)fb_number(error, "code"),
                                   .subcode = (int)fb_number(error, "subcode"),
                                   .message = fb_text(error, "message")};
        if (!why.code) why.code = 190;
        s = graph_failed(&f->graph, &why, "checking the token");
    } else {
        about_kind(c, data);
        expiry(c, data);
        scopes(c, data);
    }
    graph_free(&a);
    return s;
}

/* ---- the three layers ---- */

static void layer(struct check *c, const char *name, const char *value, enum sori_log_level level,
                  struct sori_str line) {
    fact(c, name, s_of(value));
    say(c, level, line);
}

static const char *object_of(const struct fb *f) {
    return f->surface == FB_PAGE ? "page" : f->surface == FB_THREADS ? "threads" : "instagram";
}

/* What the app's own subscription must name. */
static struct sori_str app_fields(const struct fb *f) {
    if (f->surface == FB_PAGE) return subscribe_fields(f);
    return f->messages ? SORI_STR("comments,mentions,messages") : SORI_STR("comments,mentions");
}

static void app_says(struct check *c, const json_t *list) {
    struct fb *f = c->f;
    const json_t *found = NULL;
    size_t i;
    json_t *one;
    json_array_foreach(list, i, one) if (s_is(fb_text(one, "object"), object_of(f))) found = one;
    struct sori_str fields = app_fields(f);
    if (!found) {
        layer(c, "subscription.app", "no", SORI_LOG_ERROR,
              arena_format(&f->call,
                           "the app has no webhook for \"%s\": in the app's dashboard open "
                           "Webhooks, choose %s, enter this connection's webhook address and its "
                           "verify_token, and subscribe to %.*s",
                           object_of(f), object_of(f), S(fields)));
        return;
    }
    struct sori_str missing = subscribe_missing(f, fields, json_object_get(found, "fields"));
    struct sori_str address = fb_text(found, "callback_url");
    bool off = json_is_false(json_object_get(found, "active"));
    if (off || missing.len)
        layer(c, "subscription.app", "no", SORI_LOG_ERROR,
              arena_format(&f->call,
                           "the app's webhook for \"%s\" %s: in the app's dashboard open Webhooks "
                           "and subscribe to %.*s",
                           object_of(f), off ? "is switched off" : "lacks fields",
                           S(off ? fields : missing)));
    else
        layer(c, "subscription.app", "yes", SORI_LOG_INFO,
              arena_format(&f->call, "the app's webhook for \"%s\" is %.*s", object_of(f),
                           S(address)));
}

static enum sori_status app_layer(struct check *c) {
    struct fb *f = c->f;
    bool asked = f->app.len && (f->surface == FB_PAGE || f->surface == FB_INSTAGRAM);
    if (!asked) {
        fact(c, "subscription.app", SORI_STR("unknown"));
        if (!c->app_told)
            say(c, SORI_LOG_INFO,
                arena_format(&f->call,
                             "%s does not tell whether the app's webhook is set up: look in the "
                             "app's dashboard under Webhooks",
                             f->graph.place));
        return SORI_OK;
    }
    struct graph_answer a =
        graph_get(&f->graph, GRAPH_AS_APP, arena_format(&f->call, "%.*s/subscriptions", S(f->app)),
                  (struct sori_str){NULL, 0});
    enum sori_status s = SORI_OK;
    if (graph_good(&a)) {
        app_says(c, json_object_get(a.json, "data"));
    } else {
        s = graph_failed(&f->graph, &a, "reading the app's webhooks");
        layer(c, "subscription.app", "unknown", SORI_LOG_WARN,
              arena_format(&f->call,
                           "the app's webhooks could not be read (code %d: %.*s): is app_secret "
                           "that of the app?",
                           a.code, S(a.message)));
        if (s != SORI_RETRY && s != SORI_RATE) s = SORI_OK;
    }
    graph_free(&a);
    return s;
}

static void page_says(struct check *c, bool ours, struct sori_str missing, bool tried) {
    struct fb *f = c->f;
    const char *what = f->surface == FB_INSTAGRAM_LOGIN ? "account" : "Page";
    if (ours && !missing.len) {
        layer(c, "subscription.page", "yes", SORI_LOG_INFO,
              arena_format(&f->call, "the %s sends what we need to the app", what));
        return;
    }
    const char *next = tried ? "subscribing did not change that; does the token have "
                               "pages_manage_metadata?"
                             : "set subscribe = true, and Sori subscribes it";
    layer(c, "subscription.page", "no", SORI_LOG_ERROR,
          ours ? arena_format(&f->call, "the %s does not send these to the app: %.*s; %s", what,
                              S(missing), next)
               : arena_format(&f->call, "the %s is not subscribed to the app: %s", what, next));
}

static enum sori_status page_layer(struct check *c) {
    struct fb *f = c->f;
    if (!subscribe_fields(f).len) {
        layer(c, "subscription.page", "unknown", SORI_LOG_INFO,
              SORI_STR("Threads has no subscription of single accounts: whoever gave the app a "
                       "token is subscribed"));
        return SORI_OK;
    }
    bool ours = false, tried = false;
    struct sori_str missing;
    enum sori_status s = subscribe_read(f, &c->me, &ours, &missing);
    if (s == SORI_OK && f->subscribe && (!ours || missing.len)) {
        tried = true;
        s = subscribe_set(f, &c->me);
        if (s == SORI_OK) s = subscribe_read(f, &c->me, &ours, &missing);
        if (s == SORI_PERMANENT || s == SORI_GONE) s = SORI_OK;
    } else if (s == SORI_PERMANENT || s == SORI_GONE) {
        layer(c, "subscription.page", "unknown", SORI_LOG_WARN,
              SORI_STR("what is subscribed could not be read: the token needs "
                       "pages_manage_metadata"));
        return SORI_OK;
    }
    if (s == SORI_OK) page_says(c, ours, missing, tried);
    return s;
}

/* No call says whether the app is live. Its own permissions tell which of them are granted to
 * everybody: that is advanced access. */
static enum sori_status live_layer(struct check *c) {
    struct fb *f = c->f;
    const char *words = "whether the app is live is not told: in the app's dashboard its mode must "
                        "be Live, and its permissions need advanced access, else only people with "
                        "a role in the app are heard";
    bool asked = f->app.len && (f->surface == FB_PAGE || f->surface == FB_INSTAGRAM);
    if (!asked) {
        layer(c, "subscription.live", "unknown", SORI_LOG_INFO, s_of(words));
        return SORI_OK;
    }
    struct graph_answer a =
        graph_get(&f->graph, GRAPH_AS_APP, arena_format(&f->call, "%.*s/permissions", S(f->app)),
                  SORI_STR("limit=200"));
    const char *wanted =
        f->surface == FB_PAGE ? "pages_read_user_content" : "instagram_manage_comments";
    const json_t *rows = json_object_get(a.json, "data");
    const char *value = "unknown";
    size_t i;
    json_t *row;
    if (graph_good(&a)) json_array_foreach(rows, i, row) {
            if (!s_is(fb_text(row, "permission"), wanted)) continue;
            value = s_same(fb_text(row, "status"), "live") ? "yes" : "no";
        }
    graph_free(&a);
    if (value[0] == 'y')
        layer(c, "subscription.live", value, SORI_LOG_INFO,
              arena_format(&f->call, "the app has advanced access to %s", wanted));
    else if (value[0] == 'n')
        layer(c, "subscription.live", value, SORI_LOG_ERROR,
              arena_format(&f->call,
                           "the app has no advanced access to %s: only people with a role in the "
                           "app are heard. Ask for it in the app's dashboard under App Review, and "
                           "set the app's mode to Live",
                           wanted));
    else
        layer(c, "subscription.live", value, SORI_LOG_WARN, s_of(words));
    return SORI_OK;
}

enum sori_status fb_health(struct fb *f, const struct sori_health *health) {
    fb_begin(f);
    struct check c = {.f = f, .health = health, .now = f->host->now(f->host)};
    enum sori_status s = fb_who(f, true, &c.me);
    if (s != SORI_OK) return s;
    struct sori_str name = c.me.name.len ? c.me.name : c.me.username;
    struct sori_str who = arena_format(&f->call, "%.*s%s%.*s%s", S(name), name.len ? " (" : "",
                                       S(c.me.id), name.len ? ")" : "");
    fact(&c, "account", who);
    say(&c, SORI_LOG_INFO, arena_format(&f->call, "connected as %.*s", S(who)));
    if (f->account.len && !s_eq(f->account, c.me.id))
        say(&c, SORI_LOG_ERROR,
            arena_format(&f->call, "the token is for %.*s, account says %.*s", S(c.me.id),
                         S(f->account)));
    s = token(&c);
    if (s == SORI_OK) s = app_layer(&c);
    if (s == SORI_OK) s = page_layer(&c);
    if (s == SORI_OK) s = live_layer(&c);
    return s;
}
