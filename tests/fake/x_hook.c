/* Webhooks of the fake X: registered only where the address proves that it holds our secret. */
#include "fake/x.h"

enum { URL_MAX = 200 };

static json_t *hook_of(struct fake *f, const char *member, const char *value) {
    size_t i;
    json_t *one;
    json_array_foreach(x_list(f, "webhooks"), i,
                       one) if (strcmp(json_text(one, member), value) == 0) return one;
    return NULL;
}

void x_webhooks(struct x_call *c) {
    json_t *list = x_list(c->f, "webhooks");
    reply_json(c->r, 200,
               json_pack("{s:O, s:{s:i}}", "data", list, "meta", "result_count",
                         (int)json_array_size(list)));
}

static void refused(struct x_call *c, const char *what, const char *words) {
    x_problem(c->f, c->r, 400, "invalid-request", "Invalid Request", "%s: %s", what, words);
}

static bool good_url(const char *url) {
    const char *host = strncmp(url, "https://", 8) == 0 ? url + 8 : "";
    size_t n = strcspn(host, "/?#");
    return n && strlen(url) <= URL_MAX && !memchr(host, ':', n);
}

void x_register(struct x_call *c) {
    const char *url = json_text(c->a->json, "url");
    char id[24];
    if (!good_url(url)) {
        refused(c, "UrlValidationFailed", "https, no port, at most 200 characters");
        return;
    }
    if (hook_of(c->f, "url", url)) {
        refused(c, "DuplicateUrlFailed", "there is a webhook with this address");
        return;
    }
    if (json_array_size(x_list(c->f, "webhooks")) >= (size_t)fake_number(c->f, "webhooks")) {
        refused(c, "WebhookLimitExceeded", "this access has no more webhooks");
        return;
    }
    x_new_id(c->f, fake_now(), id);
    json_t *hook = json_pack("{s:s, s:s, s:b, s:o}", "id", id, "url", url, "valid", 0, "created_at",
                             x_stamp(fake_now()));
    if (x_crc(c->f, hook)) {
        json_array_append(x_list(c->f, "webhooks"), hook);
        reply_json(c->r, 200, json_incref(hook));
    } else {
        refused(c, "CrcValidationFailed", "the address did not answer with the right token");
    }
    json_decref(hook);
}

void x_validate(struct x_call *c) {
    json_t *hook = hook_of(c->f, "id", c->part[0]);
    if (!hook) {
        x_problem(c->f, c->r, 404, "resource-not-found", "Not Found Error",
                  "Could not find webhook with id: [%s].", c->part[0]);
        return;
    }
    json_incref(hook);
    if (x_crc(c->f, hook))
        reply_json(c->r, 200, json_pack("{s:{s:b}}", "data", "attempted", 1));
    else
        refused(c, "CrcValidationFailed", "the address did not answer with the right token");
    json_decref(hook);
}

void x_unregister(struct x_call *c) {
    json_t *list = x_list(c->f, "webhooks"), *one;
    size_t i;
    json_array_foreach(list, i, one) if (strcmp(json_text(one, "id"), c->part[0]) == 0) {
        json_array_remove(list, i);
        break;
    }
    reply_json(c->r, 200, json_pack("{s:{s:b}}", "data", "deleted", 1));
}
