/* Questions to a request, and how an answer is filled. */
#include "fake/fake.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

const char *ask_arg(const struct ask *a, const char *name) {
    const json_t *v = json_object_get(a->query, name);
    if (!v) v = json_object_get(a->form, name);
    if (!v) v = json_object_get(a->json, name);
    return json_string_value(v);
}

const char *ask_header(const struct ask *a, const char *lower_name) {
    return json_string_value(json_object_get(a->headers, lower_name));
}

int64_t ask_number(const struct ask *a, const char *name, int64_t otherwise) {
    const char *text = ask_arg(a, name);
    char *end;
    if (!text || !*text) return otherwise;
    long long n = strtoll(text, &end, 10);
    return *end ? otherwise : (int64_t)n;
}

bool ask_is(const struct ask *a, const char *method) {
    if (strcmp(a->method, "HEAD") == 0 && strcmp(method, "GET") == 0) return true;
    return strcmp(a->method, method) == 0;
}

bool ask_path(const struct ask *a, const char *pattern, char parts[4][ASK_PART]) {
    const char *path = a->path;
    size_t n = 0;
    while (*pattern) {
        if (strcmp(pattern, "**") == 0) return true;
        if (*pattern != '*') {
            if (*pattern++ != *path++) return false;
            continue;
        }
        size_t len = strcspn(path, "/");
        if (len == 0 || len >= ASK_PART || n == 4) return false;
        memcpy(parts[n], path, len);
        parts[n++][len] = '\0';
        path += len;
        pattern++;
    }
    return *path == '\0';
}

void reply_json(struct reply *r, int status, json_t *json) {
    char *dump = json_dumps(json, JSON_COMPACT | JSON_ENCODE_ANY);
    if (!dump) abort();
    r->status = status;
    r->type = "application/json; charset=UTF-8";
    buf_clear(&r->body);
    buf_puts(&r->body, dump);
    free(dump);
    json_decref(json);
}

static void append(struct buf *out, const char *format, va_list args) {
    char *text = NULL;
    if (vasprintf(&text, format, args) < 0) abort();
    buf_puts(out, text);
    free(text);
}

void reply_text(struct reply *r, int status, const char *type, const char *format, ...) {
    va_list args;
    r->status = status;
    r->type = type;
    buf_clear(&r->body);
    va_start(args, format);
    append(&r->body, format, args);
    va_end(args);
}

void reply_header(struct reply *r, const char *name, const char *format, ...) {
    va_list args;
    buf_printf(&r->headers, "%s: ", name);
    va_start(args, format);
    append(&r->headers, format, args);
    va_end(args);
    buf_putc(&r->headers, '\n');
}
