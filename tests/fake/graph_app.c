/* The application and its subscriptions: the layers without which no webhook is sent. */
#include "fake/graph.h"

#include <stdio.h>
#include <stdlib.h>

static json_t *names(const char *list) {
    json_t *out = json_array();
    while (*list) {
        size_t n = strcspn(list, ",");
        if (n) json_array_append_new(out, json_stringn(list, n));
        list += n + (list[n] == ',');
    }
    return out;
}

static void subscribed_apps(struct fake *f, const struct ask *a, struct reply *r) {
    const char *fields = ask_arg(a, "subscribed_fields"), *now = fake_get(f, "subscribed");
    if (ask_is(a, "GET")) {
        json_t *data = json_array();
        if (*now)
            json_array_append_new(data, json_pack("{s:s, s:s, s:o}", "id", fake_get(f, "app"),
                                                  "name", "Sori", "subscribed_fields", names(now)));
        reply_json(r, 200, json_pack("{s:o}", "data", data));
        return;
    }
    if (ask_is(a, "POST") && (!fields || !*fields)) {
        gr_error(r, 400, 100, 0, "OAuthException",
                 "(#100) The parameter subscribed_fields is required");
        return;
    }
    fake_set(f, "subscribed", ask_is(a, "POST") ? fields : "");
    reply_json(r, 200, json_pack("{s:b}", "success", 1));
}

/* A callback counts when it has answered the handshake. */
static void subscribe(struct fake *f, const struct ask *a, struct reply *r) {
    const char *url = ask_arg(a, "callback_url"), *token = ask_arg(a, "verify_token");
    const char *fields = ask_arg(a, "fields"), *object = ask_arg(a, "object");
    bool same = false;
    if (!url || !token || !fields || !object) {
        gr_error(r, 400, 100, 0, "OAuthException",
                 "(#100) object, callback_url, fields and verify_token are required");
        return;
    }
    int status = gr_handshake(f, url, token, &same);
    if (status != 200 || !same) {
        gr_error(r, 400, 2200, 0, "OAuthException",
                 "(#2200) Callback verification failed with the following errors: HTTP Status Code "
                 "= %d; %s",
                 status, same ? "" : "the challenge did not come back");
        return;
    }
    fake_set(f, "hook", url);
    fake_set(f, "object", object);
    json_object_set_new(fake_world(f), "fields", names(fields));
    reply_json(r, 200, json_pack("{s:b}", "success", 1));
}

static void subscriptions(struct fake *f, const struct ask *a, struct reply *r) {
    if (ask_is(a, "POST")) {
        subscribe(f, a, r);
        return;
    }
    json_t *data = json_array(), *fields = json_array(), *name;
    const json_t *chosen = json_object_get(fake_world(f), "fields");
    size_t i;
    json_array_foreach(chosen, i, name)
        json_array_append_new(fields, json_pack("{s:O, s:s}", "name", name, "version", "v26.0"));
    if (*fake_get(f, "hook"))
        json_array_append_new(data, json_pack("{s:s, s:s, s:b, s:O}", "object",
                                              fake_get(f, "object"), "callback_url",
                                              fake_get(f, "hook"), "active", 1, "fields", fields));
    json_decref(fields);
    reply_json(r, 200, json_pack("{s:o}", "data", data));
}

static void permissions(struct reply *r) {
    static const char *const all[] = {"pages_show_list",           "pages_read_engagement",
                                      "pages_read_user_content",   "pages_manage_engagement",
                                      "pages_manage_metadata",     "pages_messaging",
                                      "instagram_manage_comments", "instagram_basic"};
    json_t *data = json_array();
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        json_array_append_new(data,
                              json_pack("{s:s, s:s}", "permission", all[i], "status", "live"));
    reply_json(r, 200, json_pack("{s:o}", "data", data));
}

bool gr_app(struct fake *f, const struct ask *a, const char *node, const char *edge,
            const char *kind, struct reply *r) {
    bool page = strcmp(node, gr_page(f)) == 0 || strcmp(node, fake_get(f, "account")) == 0;
    if (page && strcmp(edge, "subscribed_apps") == 0) {
        subscribed_apps(f, a, r);
        return true;
    }
    if (strcmp(node, fake_get(f, "app")) != 0) return false;
    if (strcmp(kind, "app") != 0)
        gr_error(r, 400, 15, 0, "OAuthException",
                 "(#15) This method must be called with an app access_token.");
    else if (strcmp(edge, "subscriptions") == 0)
        subscriptions(f, a, r);
    else if (strcmp(edge, "permissions") == 0)
        permissions(r);
    else
        return false;
    return true;
}
