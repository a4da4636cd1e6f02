/* uses: x_code */
/* Any bytes as a delivery of X: decoding ends, gives text only, and keeps what it does not know. */
#include "fuzz/fuzz.h"
#include "x/x.h"

#include <stdlib.h>

const char *const fuzz_seeds[] = {
    "{\"data\":{\"id\":\"2080765813578191303\",\"author_id\":\"22\",\"text\":\"@a 안녕 &amp; "
    "https://t.co/abcdefghij\",\"referenced_tweets\":[{\"type\":\"quoted\",\"id\":\"5\"}],"
    "\"entities\":{\"urls\":[{\"start\":5,\"end\":9,\"url\":\"https://t.co/abcdefghij\","
    "\"expanded_url\":\"https://x.com/a/status/5\"}],\"mentions\":[{\"start\":0,\"end\":2,"
    "\"username\":\"a\",\"id\":\"1\"}]}},\"includes\":{\"users\":[{\"id\":\"22\"}],\"tweets\":"
    "[{\"id\":\"5\",\"author_id\":\"1\"}]}}",
    "{\"data\":{\"event_type\":\"like.create\",\"filter\":{\"user_id\":\"1\"},\"payload\":{\"id\":"
    "\"a\",\"liked_tweet_id\":\"5\",\"liked_tweet_author_id\":\"1\",\"timestamp_ms\":\"9\"}}}",
    "{\"data\":{\"event_type\":\"dm.received\",\"payload\":{\"direct_message_events\":[{\"id\":"
    "\"3\",\"message_create\":{\"sender_id\":\"22\",\"message_data\":{\"text\":\"hi\"}}}]}}}",
    "{\"for_user_id\":\"1\",\"tweet_create_events\":[{\"id_str\":\"9\",\"text\":\"a\",\"user\":"
    "{\"id\":22},\"quoted_status\":{\"id\":5,\"user\":{\"id\":1}}}],\"favorite_events\":[{}]}",
    "{\"errors\":[{\"title\":\"operational-disconnect\"}]}",
    NULL};

static enum sori_more item(const struct sori_sink *s, const struct sori_item *i) {
    (void)s;
    if (!i->native_id.len || !utf8_valid(i->text) || !utf8_valid(i->url)) abort();
    if (memchr(i->text.len ? i->text.ptr : "x", 0, i->text.len ? i->text.len : 1)) abort();
    return SORI_MORE;
}
static enum sori_more gauge(const struct sori_sink *s, struct sori_str t, struct sori_str c,
                            int64_t n) {
    (void)s, (void)t, (void)c, (void)n;
    return SORI_MORE;
}
static enum sori_more keep(const struct sori_sink *s, int64_t line, struct sori_str why,
                           struct sori_str raw) {
    (void)s, (void)line, (void)raw;
    if (!why.len) abort();
    return SORI_MORE;
}
static enum sori_more task(const struct sori_sink *s, struct sori_str k, struct sori_str b,
                           int64_t due) {
    (void)s, (void)k, (void)b, (void)due;
    return SORI_MORE;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const struct sori_host host = {.struct_size = sizeof host, .abi = SORI_ABI};
    const struct sori_pair options[] = {{SORI_STR("user_id"), SORI_STR("1")},
                                        {SORI_STR("handle"), SORI_STR("a")}};
    const struct sori_sink sink = {
        .struct_size = sizeof sink, .item = item, .gauge = gauge, .reject = keep, .task = task};
    struct sori_delivery d = {.struct_size = sizeof d,
                              .options = {options, 2},
                              .form = SORI_STR("webhook"),
                              .body = {(const char *)data, size}};
    struct x x = {.host = &host};
    if (x_decode(&x, &d, &sink) != SORI_OK) abort();
    arena_free(&x.call);
    return 0;
}
