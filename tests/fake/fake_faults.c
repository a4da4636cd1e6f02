/* Scripted trouble: the next requests that match are answered otherwise, late, or not at all. */
#include "fake/fake_inner.h"

#include <fnmatch.h>

static bool fits(const json_t *fault, const struct ask *a) {
    const char *method = json_text(fault, "method"), *path = json_text(fault, "path");
    const char *match = json_text(fault, "match");
    if (*method && strcmp(method, a->method) != 0) return false;
    if (*path && fnmatch(path, a->path, 0) != 0) return false;
    if (!*match) return true;
    const char *name;
    json_t *value;
    json_object_foreach(a->query, name,
                        value) if (strstr(json_string_value(value), match)) return true;
    json_object_foreach(a->form, name,
                        value) if (strstr(json_string_value(value), match)) return true;
    return a->body && strstr(a->body, match) != NULL;
}

static int64_t count_down(json_t *fault, const char *name) {
    int64_t n = json_integer_value(json_object_get(fault, name));
    if (n > 0) json_object_set_new(fault, name, json_integer(n - 1));
    return n;
}

json_t *fault_take(struct fake *f, const struct ask *a) {
    size_t i;
    json_t *fault;
    json_array_foreach(f->faults, i, fault) {
        if (!fits(fault, a)) continue;
        bool for_ever = json_is_true(json_object_get(fault, "for_ever"));
        if (!for_ever && json_integer_value(json_object_get(fault, "times")) <= 0) continue;
        if (count_down(fault, "skip") > 0) return NULL;
        if (!for_ever) count_down(fault, "times");
        json_object_set_new(fault, "used",
                            json_integer(json_integer_value(json_object_get(fault, "used")) + 1));
        return fault;
    }
    return NULL;
}

bool fault_answer(struct fake *f, const json_t *fault, struct reply *r) {
    const char *error = json_text(fault, "error"), *body = json_text(fault, "body");
    const char *headers = json_text(fault, "header");
    int status = (int)json_integer_value(json_object_get(fault, "status"));
    bool stated = *error || status > 0;
    if (*error && f->site->error) f->site->error(f, error, r);
    if (status > 0) {
        r->status = status;
        if (*body || !*error) {
            buf_clear(&r->body);
            buf_puts(&r->body, body);
        }
    }
    if (*headers) buf_printf(&r->headers, "%s\n", headers);
    return stated;
}
