/* uses: sori_net sori_base PkgConfig::JANSSON */
/* OAuth 1.0a signatures over the published vectors: base string, signature and header. */
#include "net/oauth1.h"

#include "specs/specs.h"
#include "base/err.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

static struct sori_str text(const json_t *o, const char *name) {
    const json_t *v = json_object_get(o, name);
    return (struct sori_str){json_string_value(v), json_string_length(v)};
}

static void put(struct buf *b, struct sori_str s) {
    for (size_t i = 0; i < s.len; i++) buf_printf(b, "%%%02X", (unsigned char)s.ptr[i]);
}

/* Parameters go into the query, or (every second time) into a form. */
static bool check(const json_t *v, bool as_form) {
    struct buf url = {0}, params = {0}, base = {0}, header = {0}, wanted = {0};
    const char *name;
    json_t *value;
    json_object_foreach(json_object_get(v, "params"), name, value) {
        if (params.len) buf_putc(&params, '&');
        put(&params, str_c(name));
        buf_putc(&params, '=');
        put(&params, str_c(json_string_value(value)));
    }
    buf_str(&url, text(v, "url"));
    if (!as_form && params.len) buf_printf(&url, "?%s", params.data);
    struct sori_str form = as_form ? buf_view(&params) : (struct sori_str){0};
    struct oauth1 o = {.consumer_key = text(v, "consumer_key"),
                       .consumer_secret = text(v, "consumer_secret"),
                       .token = text(v, "token"),
                       .token_secret = text(v, "token_secret"),
                       .nonce = text(v, "nonce"),
                       .timestamp = text(v, "timestamp")};
    oauth1_base(&o, text(v, "method"), url.data, form, &base);
    oauth1_header(&o, text(v, "method"), url.data, form, &header);
    buf_printf(&wanted, "Authorization: %.*s", STR(text(v, "authorization")));
    bool ok = str_eq(buf_view(&base), text(v, "base_string")) &&
              str_eq(buf_view(&header), buf_view(&wanted));
    if (!ok) printf("FAILED:\n  %s\n  %s\n", base.data, header.data);
    buf_free(&url);
    buf_free(&params);
    buf_free(&base);
    buf_free(&header);
    buf_free(&wanted);
    return ok;
}

int main(void) {
    char path[4096];
    snprintf(path, sizeof path, "%s/vectors/signatures.json", specs_folder());
    json_t *all = json_load_file(path, 0, NULL);
    if (!all) return specs_absent(path);
    size_t i, failed = 0, count = 0;
    json_t *v;
    json_array_foreach(json_object_get(all, "oauth1"), i, v) {
        for (int form = 0; form < 2; form++, count++) failed += !check(v, form != 0);
    }
    printf("%zu signatures, %zu failed\n", count, failed);
    json_decref(all);
    return failed || !count;
}
