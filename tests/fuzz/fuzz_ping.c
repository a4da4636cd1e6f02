/* uses: trackback_code */
/* TrackBack, Pingback and Webmention as strangers post them: what is taken names two addresses, and
 * comes back from its task as it went in. */
#include "fuzz/fuzz.h"
#include "trackback/ping.h"

#include <stdlib.h>

const char *const fuzz_seeds[] = {
    "source=https%3A%2F%2Fa.kr%2F1&target=https%3A%2F%2Fb.kr%2F2",
    "url=https://a.kr/%ED%95%9C&title=%B9%E8%BC%DB&blog_name=x&excerpt=y+z%zz&charset=euc-kr",
    "<?xml version=\"1.0\"?><methodCall><methodName>pingback.ping</methodName><params><param>"
    "<value><string>https://a.kr/1</string></value></param><param><value>https://b.kr/2</value>"
    "</param></params></methodCall>",
    "source=http://[::1]/&target=http://b.kr:0/&source=x", NULL};

static void must(bool holds) {
    if (!holds) abort();
}

static void check(struct arena *a, const struct ping *p) {
    struct ping back = {0};
    must(p->source.len > 0 && p->target.len > 0);
    struct sori_str id = ping_id(a, p);
    must(id.len > 0 && id.len <= 512);
    must(ping_parse(ping_write(a, p), &back));
    must(s_eq(back.source, p->source) && s_eq(back.target, p->target));
    must(s_eq(ping_id(a, &back), id));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *const forms[] = {"trackback", "pingback", "webmention"};
    for (size_t i = 0; i < 3; i++) {
        struct arena a = {0};
        struct ping p = {0};
        const char *why = NULL;
        struct sori_pair headers[] = {
            {SORI_STR("content-type"), SORI_STR("application/x-www-form-urlencoded")},
            {SORI_STR("path"), SORI_STR("/in/blog/tb/https%3A%2F%2Fb.kr%2F2")}};
        struct sori_delivery d = {.struct_size = sizeof d,
                                  .form = s_of(forms[i]),
                                  .headers = {headers, 2},
                                  .path = SORI_STR("https://b.kr/2"),
                                  .body = {(const char *)data, size},
                                  .received_at = 1800000000000};
        if (ping_read(&a, &d, &p, &why))
            check(&a, &p);
        else
            must(why && *why);
        struct ping task = {0};
        ping_parse((struct sori_str){(const char *)data, size}, &task);
        arena_free(&a);
    }
    return 0;
}
