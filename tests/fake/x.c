/* The fake X: its settings, and who may call what and how often. */
#include "fake/x.h"

#include <stdlib.h>

static const struct fake_setting settings[] = {
    {"user_id", "2244994945", "our user"},
    {"handle", "ongyeol", "our user's name"},
    {"name", "온결 리빙", "our user's name as people read it"},
    {"consumer_key", "fake-consumer-key", "of the application"},
    {"consumer_secret", "fake-consumer-secret", "of the application; webhooks are signed with it"},
    {"token", "2244994945-fake-token", "OAuth 1.0a; another value: the old one is revoked"},
    {"token_secret", "fake-token-secret", "OAuth 1.0a"},
    {"bearer", "fake-bearer", "of the application"},
    {"client_id", "fake-client", "OAuth 2.0"},
    {"client_secret", "fake-client-secret", "OAuth 2.0; empty: a public client"},
    {"callback", "http://127.0.0.1/sori", "OAuth 2.0: the redirect address as it is registered"},
    {"consent", "allow", "allow or deny: what the person does at the page"},
    {"code_life", "30", "seconds that a code lives"},
    {"access", "fake-access-0", "the first OAuth 2.0 token"},
    {"refresh", "fake-refresh-0", "and its refresh token"},
    {"expires", "7200", "seconds that OAuth 2.0 tokens live"},
    {"plan", "self-serve", "self-serve or enterprise"},
    {"spelling", "tweet", "tweet or post: the words of answers"},
    {"envelope", "problem", "problem, errors, old or text: how errors are said"},
    {"private", "user", "user or oauth2: who may subscribe to private events"},
    {"public", "", "https://WORLD=http://HERE: where webhooks really are"},
    {"connections", "1", "streams of posts at once"},
    {"webhooks", "1", "how many there may be"},
    {"rules_max", "1000", "how many there may be"},
    {"page", "100", "the most that a page holds"},
    {"lag", "0", "ms until a post is listed"},
    {"tries", "1", "times that a webhook is sent until it is taken"},
    {"own_lag", "0", "ms until a post of ours is listed as ours"},
    {"window", "900", "seconds of a rate limit's window"},
    {"limits", "", "BUCKET=N,… where less is allowed than usual"},
    {"spent", "", "1: the credits are used up"},
    {NULL, NULL, NULL},
};

json_t *x_list(struct fake *f, const char *name) {
    json_t *world = fake_world(f);
    if (!json_object_get(world, name)) json_object_set_new(world, name, json_array());
    return json_object_get(world, name);
}

json_t *x_table(struct fake *f, const char *name) {
    json_t *world = fake_world(f);
    if (!json_object_get(world, name)) json_object_set_new(world, name, json_object());
    return json_object_get(world, name);
}

void x_count(struct fake *f, const char *what) {
    json_t *audit = x_table(f, "audit");
    json_int_t n = json_integer_value(json_object_get(audit, what));
    json_object_set_new(audit, what, json_integer(n + 1));
}

bool x_is(struct fake *f, const char *setting, const char *value) {
    return strcmp(fake_get(f, setting), value) == 0;
}

bool x_has(const char *list, const char *word) {
    size_t n = strlen(word);
    for (; *list; list += strcspn(list, ","), list += *list == ',')
        if (strcspn(list, ",") == n && strncmp(list, word, n) == 0) return true;
    return false;
}

static void begin(struct fake *f) {
    x_meet(f, fake_get(f, "user_id"), fake_get(f, "name"), fake_get(f, "handle"));
    x_tokens_begin(f);
}

/* ---- the interface ---- */

#define POST_FIELDS "tweet.fields,expansions,media.fields,poll.fields,user.fields,place.fields"
#define RANGE       "since_id,until_id,start_time,end_time,max_results,pagination_token,"

static const struct route {
    const char *method, *path, *query;
    void (*run)(struct x_call *c);
    const char *bucket, *scopes;
    int who, app, user; /* who may; calls in 15 minutes */
} routes[] = {
    {"GET", "/2/users/me", "user.fields,expansions,tweet.fields", x_me, "users",
     "users.read tweet.read", X_USER, 0, 75},
    {"GET", "/2/users/*/mentions", RANGE POST_FIELDS, x_mentions, "mentions",
     "tweet.read users.read", X_APP | X_USER, 450, 300},
    {"GET", "/2/users/*/tweets", RANGE "exclude," POST_FIELDS, x_own, "own",
     "tweet.read users.read", X_APP | X_USER, 10000, 900},
    {"GET", "/2/tweets/search/recent", RANGE "query,next_token,sort_order," POST_FIELDS, x_search,
     "search", "tweet.read users.read", X_APP | X_USER, 450, 300},
    {"GET", "/2/tweets/search/stream", "backfill_minutes,start_time,end_time," POST_FIELDS,
     x_stream, "stream", "", X_APP, 50, 0},
    {"GET", "/2/tweets/search/stream/rules", "ids,max_results,pagination_token", x_rules, "rules",
     "", X_APP, 450, 0},
    {"POST", "/2/tweets/search/stream/rules", "dry_run,delete_all", x_change_rules, "rules changed",
     "", X_APP, 100, 0},
    {"DELETE", "/2/connections/all", "", x_hang_up, "connections", "", X_APP, 25, 0},
    {"GET", "/2/tweets/*", POST_FIELDS, x_lookup, "lookup", "tweet.read users.read", X_APP | X_USER,
     3500, 5000},
    {"POST", "/2/tweets", "", x_create, "posts", "tweet.read tweet.write users.read", X_USER, 0,
     100},
    {"DELETE", "/2/tweets/*", "", x_delete, "deletes", "tweet.write tweet.read users.read", X_USER,
     0, 50},
    {"PUT", "/2/tweets/*/hidden", "", x_hide, "hidden", "tweet.moderate.write", X_USER, 0, 50},
    {"POST", "/2/users/*/likes", "", x_like, "likes", "like.write", X_USER, 0, 50},
    {"DELETE", "/2/users/*/likes/*", "", x_unlike, "likes", "like.write", X_USER, 0, 50},
    {"POST", "/2/dm_conversations/with/*/messages", "", x_send, "messages", "dm.write", X_USER, 0,
     15},
    {"GET", "/2/dm_conversations/with/*/dm_events",
     "max_results,pagination_token,event_types,dm_event.fields," POST_FIELDS, x_conversation,
     "conversations", "dm.read", X_USER, 0, 15},
    {"GET", "/2/usage/tweets", "days,usage.fields", x_usage, "usage", "", X_APP, 50, 0},
    {"GET", "/2/activity/stream", "backfill_minutes,start_time,end_time", x_activity, "activity",
     "", X_APP, 50, 0},
    {"GET", "/2/activity/subscriptions", "max_results,pagination_token", x_subscriptions,
     "subscriptions", "", X_APP | X_USER, 500, 500},
    {"POST", "/2/activity/subscriptions", "", x_subscribe, "subscriptions", "", X_APP | X_USER, 500,
     500},
    {"DELETE", "/2/activity/subscriptions/*", "", x_unsubscribe, "subscriptions", "", X_APP, 500,
     0},
    {"GET", "/2/webhooks", "webhook_config.fields", x_webhooks, "webhooks", "", X_APP, 450, 0},
    {"POST", "/2/webhooks", "", x_register, "webhooks", "", X_APP | X_OAUTH1, 450, 450},
    {"POST", "/2/webhooks/replay", "", x_replay, "replays", "", X_APP, 25, 0},
    {"PUT", "/2/webhooks/*", "", x_validate, "webhooks", "", X_APP | X_OAUTH1, 450, 450},
    {"DELETE", "/2/webhooks/*", "", x_unregister, "webhooks", "", X_APP | X_OAUTH1, 450, 450},
};

static const struct route *route_of(struct x_call *c, bool *path_known) {
    for (size_t i = 0; i < sizeof routes / sizeof *routes; i++) {
        if (!ask_path(c->a, routes[i].path, c->part)) continue;
        *path_known = true;
        if (ask_is(c->a, routes[i].method)) return &routes[i];
    }
    return NULL;
}

static bool good_query(struct x_call *c, const struct route *route) {
    const char *name;
    json_t *value;
    json_object_foreach(c->a->query, name, value) if (!x_has(route->query, name)) {
        x_count(c->f, "unknown query parameter");
        x_invalid(c, name, "The query parameter [%s] is not one of [%s]", name, route->query);
        return false;
    }
    return true;
}

static bool may(struct x_call *c, const struct route *route) {
    c->kind = x_who(c->f, c->a, c->r);
    if (!c->kind) return false;
    if (!(route->who & c->kind)) {
        x_count(c->f, "wrong kind of authentication");
        x_problem(c->f, c->r, 403, "unsupported-authentication", "Unsupported Authentication",
                  "Authenticating with %s is forbidden for this endpoint. Supported authentication "
                  "types are [%s%s].",
                  c->kind == X_APP      ? "OAuth 2.0 Application-Only"
                  : c->kind == X_OAUTH1 ? "OAuth 1.0a User Context"
                                        : "OAuth 2.0 User Context",
                  route->who & X_APP ? "OAuth 2.0 Application-Only, " : "",
                  route->who & X_USER ? "OAuth 1.0a User Context, OAuth 2.0 User Context" : "");
        return false;
    }
    if (c->kind == X_OAUTH2 && !x_scope(c->f, c->a, route->scopes)) {
        x_problem(c->f, c->r, 403, "client-forbidden", "Forbidden",
                  "the token lacks a scope of: %s", route->scopes);
        return false;
    }
    return true;
}

static void serve(struct fake *f, const struct ask *a, struct reply *r) {
    struct x_call c = {.f = f, .a = a, .r = r};
    bool path_known = false;
    if (x_tokens(f, a, r)) return;
    const struct route *route = route_of(&c, &path_known);
    if (!route) {
        x_count(f, path_known ? "unknown method" : "unknown path");
        x_problem(f, r, path_known ? 405 : 404, NULL,
                  path_known ? "Method Not Allowed" : "Not Found", "%s %s is nothing of X",
                  a->method, a->path);
        return;
    }
    if (!may(&c, route) || !x_rate(&c, route->bucket, route->app, route->user)) return;
    if (x_is(f, "spent", "1"))
        x_error(f, "credits", r);
    else if (good_query(&c, route))
        route->run(&c);
}

int main(int argc, char **argv) {
    static const struct fake_site site = {.name = "x",
                                          .settings = settings,
                                          .begin = begin,
                                          .serve = serve,
                                          .control = x_control,
                                          .error = x_error};
    return fake_main(argc, argv, &site);
}
