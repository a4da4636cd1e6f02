/* What is below /_fake/: how scenarios steer a fake and look into it. */
#include "fake/fake_inner.h"

#include <fnmatch.h>
#include <stdlib.h>

bool request_fits(const json_t *row, const struct ask *a) {
    const char *method = ask_arg(a, "method"), *path = ask_arg(a, "path");
    const char *match = ask_arg(a, "match");
    int64_t status = ask_number(a, "status", -1);
    if (method && strcmp(method, json_text(row, "method")) != 0) return false;
    if (path && fnmatch(path, json_text(row, "path"), 0) != 0) return false;
    if (status >= 0 && json_integer_value(json_object_get(row, "status")) != status) return false;
    if (!match) return true;
    char *dump = json_dumps(row, JSON_COMPACT);
    bool found = dump && strstr(dump, match) != NULL;
    free(dump);
    return found;
}

static void requests(struct fake *f, const struct ask *a, struct reply *r) {
    if (ask_is(a, "DELETE")) {
        json_array_clear(f->requests);
        reply_text(r, 200, "text/plain", "ok\n");
        return;
    }
    json_t *found = json_array();
    size_t i;
    json_t *row;
    json_array_foreach(f->requests, i, row) if (request_fits(row, a)) json_array_append(found, row);
    if (ask_arg(a, "count")) {
        reply_text(r, 200, "text/plain", "%zu\n", json_array_size(found));
        json_decref(found);
    } else {
        reply_json(r, 200, found);
    }
}

static void fail(struct fake *f, const struct ask *a, struct reply *r) {
    static const char *const words[] = {"method", "path", "match", "error",
                                        "body",   "cut",  "header"};
    static const char *const numbers[] = {"status", "delay", "wait", "skip"};
    if (ask_is(a, "DELETE")) {
        json_array_clear(f->faults);
        reply_text(r, 200, "text/plain", "ok\n");
        return;
    }
    if (ask_is(a, "GET")) {
        reply_json(r, 200, json_incref(f->faults));
        return;
    }
    json_t *fault = json_object();
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (ask_arg(a, words[i]))
            json_object_set_new(fault, words[i], json_string(ask_arg(a, words[i])));
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        json_object_set_new(fault, numbers[i], json_integer(ask_number(a, numbers[i], 0)));
    int64_t times = ask_number(a, "times", 1);
    json_object_set_new(fault, "times", json_integer(times));
    json_object_set_new(fault, "for_ever", json_boolean(times == 0));
    json_object_set_new(fault, "used", json_integer(0));
    struct reply trial = {.status = 200};
    const char *error = json_text(fault, "error"), *cut = json_text(fault, "cut");
    bool good = !*error || (f->site->error && f->site->error(f, error, &trial));
    good = good && (!*cut || strcmp(cut, "before") == 0 || strcmp(cut, "after") == 0);
    buf_free(&trial.body);
    buf_free(&trial.headers);
    if (good) json_array_append(f->faults, fault);
    json_decref(fault);
    if (good)
        reply_text(r, 200, "text/plain", "ok\n");
    else
        reply_text(r, 400, "text/plain", "no such error, or cut is not before or after\n");
}

static void settings(struct fake *f, const struct ask *a, struct reply *r) {
    const char *name;
    json_t *value;
    if (ask_is(a, "GET")) {
        reply_json(r, 200, json_incref(f->settings));
        return;
    }
    json_object_foreach(a->form, name, value) if (!json_object_get(f->settings, name)) {
        reply_text(r, 400, "text/plain", "there is no setting %s\n", name);
        return;
    }
    json_object_foreach(a->form, name, value) fake_set(f, name, json_string_value(value));
    reply_text(r, 200, "text/plain", "ok\n");
}

static void streams(struct fake *f, const struct ask *a, struct reply *r) {
    const char *name = ask_arg(a, "name"), *words = ask_arg(a, "send");
    int64_t beat = ask_number(a, "beat", -1);
    if (!name) {
        reply_text(r, 400, "text/plain", "name= is missing\n");
        return;
    }
    if (ask_is(a, "POST")) {
        bool steers = words || beat >= 0 || ask_arg(a, "cut");
        if (words) fake_stream_send(f, name, words, strlen(words));
        if (!steers) fake_stream_send(f, name, a->body, a->body_len);
        if (beat >= 0) fake_stream_beat(f, name, beat);
        if (ask_arg(a, "cut")) fake_stream_cut(f, name);
    }
    reply_text(r, 200, "text/plain", "%u\n", fake_stream_count(f, name));
}

void control_serve(struct fake *f, const struct ask *a, struct reply *r) {
    const char *path = a->path + strlen("/_fake");
    if (strcmp(path, "/ready") == 0)
        reply_text(r, 200, "text/plain", "%s\n", f->site->name);
    else if (strcmp(path, "/requests") == 0)
        requests(f, a, r);
    else if (strcmp(path, "/fail") == 0)
        fail(f, a, r);
    else if (strcmp(path, "/set") == 0)
        settings(f, a, r);
    else if (strcmp(path, "/deliveries") == 0)
        reply_json(r, 200, json_incref(f->deliveries));
    else if (strcmp(path, "/streams") == 0)
        streams(f, a, r);
    else if (!f->site->control || !f->site->control(f, a, path, r))
        reply_text(r, 404, "text/plain", "the fake %s knows no %s\n", f->site->name, a->path);
}
