/* The fake Graph API: its settings, and which request goes where. */
#include "fake/graph.h"

#include <stdio.h>

static const struct fake_setting settings[] = {
    {"page", "104201234567890", "id of the Page"},
    {"name", "온결 리빙", "its name"},
    {"account", "17841400000000001", "id of the Instagram account"},
    {"threads", "24000000000000001", "id of the Threads account"},
    {"username", "ongyeol", "the user name of both"},
    {"app", "314159265358979", "id of the application"},
    {"secret", "app-secret", "its secret"},
    {"token", "page-token", "the Page's token"},
    {"user_token", "user-token", "a token of a person"},
    {"instagram_token", "ig-token", "the token of Instagram's own login"},
    {"threads_token", "threads-token", "the token of Threads"},
    {"proof", "1", "1: calls need appsecret_proof; 0: only wrong ones are refused"},
    {"hook", "", "URL that webhooks go to; empty: nowhere"},
    {"object", "page", "object that the application subscribes to with it"},
    {"subscribed", "", "fields that the Page sends to the application, commas between"},
    {"hold", "0", "1: webhooks are kept until POST /_fake/release"},
    {"tries", "20", "how often a webhook is tried"},
    {"usage", "0", "percent of the budget that answers tell of; 0: they tell nothing"},
    {"regain", "0", "minutes that a rate error names; 0: it names none"},
    {"same_text", "allow", "refuse: the same words twice in a row are error 506"},
    {"no_from", "0", "1: authors are withheld, as from a token without the permission"},
    {"profiles", "1", "0: the profiles of people who write messages are refused"},
    {"page_size", "0", "no page of a list has more rows than this; 0: what is asked for"},
    {"not_ready", "0", "so many publishings of a Threads container come too early"},
    {NULL, NULL, NULL},
};

static json_t *page_thing(struct fake *f) {
    return gr_make(f, "page", fake_get(f, "page"), fake_get(f, "page"), fake_get(f, "name"), "",
                   fake_now());
}

static void begin(struct fake *f) {
    json_object_set_new(fake_world(f), "things", json_object());
    json_object_set_new(fake_world(f), "tokens", json_object());
    json_object_set_new(fake_world(f), "held", json_array());
    page_thing(f);
    gr_make(f, "account", fake_get(f, "account"), fake_get(f, "account"), fake_get(f, "username"),
            "", fake_now());
    gr_make(f, "account", fake_get(f, "threads"), fake_get(f, "threads"), fake_get(f, "username"),
            "", fake_now());
    gr_token(f, fake_get(f, "token"), "page");
    gr_token(f, fake_get(f, "user_token"), "user");
    gr_token(f, fake_get(f, "instagram_token"), "instagram");
    gr_token(f, fake_get(f, "threads_token"), "threads");
}

static void changed(struct fake *f, const char *name, const char *value) {
    if (strcmp(name, "token") == 0) gr_token(f, value, "page");
    if (strcmp(name, "instagram_token") == 0) gr_token(f, value, "instagram");
    if (strcmp(name, "threads_token") == 0) gr_token(f, value, "threads");
}

/* "me" is whom the token is for. */
static const char *me(struct fake *f, const char *kind) {
    return fake_get(f, strcmp(kind, "instagram") == 0 ? "account"
                       : strcmp(kind, "threads") == 0 ? "threads"
                                                      : "page");
}

static void node(struct fake *f, const struct ask *a, const char *id, const char *edge,
                 const char *kind, struct reply *r) {
    if (strcmp(id, "me") == 0) id = me(f, kind);
    if (gr_app(f, a, id, edge, kind, r)) return;
    json_t *thing = gr_alive(f, id);
    if (!thing && !*edge && gr_profile(f, a, id, r)) return;
    if (!thing) {
        gr_missing(r, id);
        return;
    }
    bool known = ask_is(a, "GET") ? gr_read(f, a, thing, edge, r) : gr_act(f, a, thing, edge, r);
    if (!known)
        gr_error(r, 400, 100, 0, "OAuthException",
                 "(#100) Tried accessing nonexisting field (%s) on node type (%s)", edge,
                 gr_kind(thing));
}

static void serve(struct fake *f, const struct ask *a, struct reply *r) {
    char p[4][ASK_PART] = {"", "", "", ""};
    const char *kind = "";
    if (ask_path(a, "/refresh_access_token", p)) {
        const char *grant = ask_arg(a, "grant_type");
        bool threads = grant && strcmp(grant, "th_refresh_token") == 0;
        gr_refresh(f, a, threads ? "threads" : "instagram", r);
        return;
    }
    bool versioned = ask_path(a, "/v*/*", p) || ask_path(a, "/v*/*/*", p);
    if (!versioned) {
        gr_error(r, 400, 2500, 0, "OAuthException", "Unknown path components: %s", a->path);
        return;
    }
    reply_header(r, "facebook-api-version", "v%s", p[0]);
    reply_header(r, "x-fb-trace-id", "%016llx", (unsigned long long)fake_random(f));
    if (!gr_enter(f, a, &kind, r)) return;
    gr_usage(f, kind, r);
    if (strcmp(p[1], "debug_token") == 0)
        gr_debug_token(f, a, r);
    else
        node(f, a, p[1], p[2], kind, r);
}

int main(int argc, char **argv) {
    static const struct fake_site site = {.name = "graph",
                                          .settings = settings,
                                          .begin = begin,
                                          .serve = serve,
                                          .control = gr_control,
                                          .error = gr_error_named,
                                          .set = changed};
    return fake_main(argc, argv, &site);
}
