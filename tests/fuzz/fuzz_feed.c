/* uses: blog_code */
/* Any bytes as a feed: the first byte chooses what the server claims about them. */
#include "blog/feed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *const types[] = {"",
                                        "text/xml",
                                        "text/xml; charset=euc-kr",
                                        "application/xml; charset=utf-16",
                                        "text/plain; charset=iso-2022-kr",
                                        "application/feed+json",
                                        "text/xml; charset=gb2312",
                                        "text/xml; charset=\"shift_jis"};
    if (size == 0) return 0;
    struct feed f;
    feed_parse(&f, (struct sori_str){(const char *)data + 1, size - 1}, s_of(types[data[0] % 8]),
               s_of("https://blog.example.kr/feed"));
    for (size_t i = 0; i < f.count; i++) {
        if (f.entries[i].key.len == 0) __builtin_trap();
        if (!utf8_valid(f.entries[i].title) || !utf8_valid(f.entries[i].text)) __builtin_trap();
    }
    feed_free(&f);
    return 0;
}
