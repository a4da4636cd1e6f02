/* uses: x_code */
/* Texts of strangers as X counts and cuts them: whatever they hold, what is found lies in them, and
 * the parts of a long one are valid and lose nothing but blanks. */
#include "fuzz/fuzz.h"
#include "x/text.h"

#include <stdlib.h>

const char *const fuzz_seeds[] = {
    "@sori_kr 배송이 늦어 죄송합니다. https://shop.example.kr/a_(b)?q=1#c #사과 ＠b/list ＃태그 "
    "👩‍❤️‍💋‍👨🇰🇷1️⃣ help@shop.co.kr",
    "twitter.みんなです。example.com中国語t.co/abc's http://xn--fiqs8s/ RT@a: \"c.d\" 。」",
    "\xe1\x84\x92\xe1\x85\xa1\xe1\x86\xab\xcc\x81\xcc\xa7 \xe2\x81\xa6\xe2\x80\xaa"
    "foobar.پاکستان/\xe2\x80\xac\xe2\x81\xa9 http://256.1.2.3:80/%e2;_[::1]",
    NULL};

static void lies_in(struct sori_str text, struct x_entities e) {
    size_t last = 0;
    for (size_t i = 0; i < e.n; i++) {
        struct sori_str s = e.at[i].text;
        if (e.at[i].from < last || e.at[i].to <= e.at[i].from || s.len == 0) abort();
        if (s.ptr < text.ptr || s.ptr + s.len > text.ptr + text.len) abort();
        last = e.at[i].to;
    }
}

static void parts_are_whole(struct x_text *x, struct sori_str text, struct x_parts p,
                            size_t limit) {
    const char *end = text.ptr;
    for (size_t i = 0; i < p.n; i++) {
        if (p.at[i].ptr < end || !x_weigh(x, p.at[i], limit).valid) abort();
        struct sori_str gap = {end, (size_t)(p.at[i].ptr - end)};
        if (gap.len && x_weigh(x, gap, gap.len * 2).valid) abort(); /* it must be blank */
        end = p.at[i].ptr + p.at[i].len;
    }
    struct sori_str gap = {end, (size_t)(text.ptr + text.len - end)};
    if (!p.refused && gap.len && x_weigh(x, gap, gap.len * 2).valid) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const char *why;
    struct x_text *x = x_text_open(&why);
    if (!x) abort();
    struct arena a = {0};
    struct sori_str text = {(const char *)data, size};
    size_t limit = size % 2 ? X_WEIGHT_MAX : X_LIMIT_MIN;
    lies_in(text, x_urls(x, &a, text));
    lies_in(text, x_mentions(&a, text));
    lies_in(text, x_hashtags(x, &a, text));
    x_reply_to(text);
    x_is_url(text, size % 3 == 0);
    x_is_username(text);
    x_is_hashtag(text);
    struct x_weight w = x_weigh(x, text, limit);
    if (w.valid_units > w.units || w.valid_bytes > size || (w.valid && w.valid_bytes < size))
        abort();
    parts_are_whole(x, text, x_split(x, &a, text, limit), limit);
    arena_free(&a);
    x_text_close(x);
    return 0;
}
