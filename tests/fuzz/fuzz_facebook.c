/* uses: facebook_code */
/* Webhook bodies: whatever comes, decoding ends, and every item that it gives can be one. */
#include "facebook/facebook.h"
#include "fuzz/fuzz.h"

#include <stdlib.h>

#define ENTRY(object, rest)                                                                        \
    "{\"object\":\"" object "\",\"entry\":[{\"id\":\"12\",\"time\":1799999999," rest "}]}"
#define FEED(field, value)                                                                         \
    ENTRY("page", "\"changes\":[{\"field\":\"" field "\",\"value\":{" value "}}]")
#define LETTER(rest)                                                                               \
    ENTRY("page", "\"messaging\":[{\"sender\":{\"id\":7},\"recipient\":{\"id\":\"12\"},"           \
                  "\"timestamp\":1799999999000," rest "}]")

const char *const fuzz_seeds[] = {
    FEED("feed", "\"item\":\"comment\",\"verb\":\"add\",\"post_id\":\"12_5\",\"comment_id\":"
                 "\"12_5_6\",\"parent_id\":\"12_5\",\"from\":{\"id\":7,\"name\":\"김하늘\"},"
                 "\"message\":\"배송 \\ud55c\\uae00\",\"created_time\":1799999000,\"photo\":\"u\""),
    FEED("feed", "\"item\":\"reaction\",\"verb\":\"edit\",\"post_id\":\"12_5\",\"reaction_type\":"
                 "\"anger\",\"sender_id\":7"),
    FEED("feed", "\"item\":\"share\",\"verb\":\"remove\",\"share_id\":9,\"post_id\":\"12_9\""),
    FEED("feed", "\"item\":\"status\",\"verb\":\"hide\",\"post_id\":\"12_9\",\"photos\":[\"a\",1]"),
    FEED("mention", "\"item\":\"comment\",\"verb\":\"add\",\"post_id\":\"4_5\",\"comment_id\":"
                    "\"5_6\""),
    FEED("ratings", "\"item\":\"rating\",\"verb\":\"add\",\"open_graph_story_id\":9,\"rating\":3,"
                    "\"review_text\":\"a\",\"reviewer_id\":7"),
    LETTER("\"message\":{\"mid\":\"m_1\",\"text\":\"a\",\"is_echo\":true,\"reply_to\":{\"mid\":"
           "\"m_0\"},\"attachments\":[{\"type\":\"image\",\"payload\":{\"url\":\"u\"}}]}"),
    LETTER("\"reaction\":{\"mid\":\"m_1\",\"action\":\"unreact\"}"),
    LETTER("\"postback\":{\"title\":\"t\",\"payload\":\"p\"}"),
    LETTER("\"message_edit\":{\"mid\":\"m_1\",\"text\":\"b\",\"num_edit\":1}"),
    ENTRY("instagram", "\"field\":\"comments\",\"value\":{\"id\":\"1\",\"text\":\"a\",\"from\":{"
                       "\"id\":\"7\",\"username\":\"u\"},\"media\":{\"id\":\"2\"}}"),
    ENTRY("instagram", "\"changes\":[{\"field\":\"mentions\",\"value\":{\"media_id\":\"1\"}}]"),
    ENTRY("page", "\"changed_fields\":[\"feed\"],\"standby\":[{}]"),
    "{\"time\":1,\"values\":[{\"field\":\"replies\",\"value\":{\"id\":\"1\",\"username\":\"u\","
    "\"replied_to\":{\"id\":\"2\"},\"root_post\":{\"id\":\"2\",\"owner_id\":\"3\"}}}]}",
    NULL};

static bool text_ok(struct sori_str s) { return s.len == 0 || s.ptr != NULL; }

static enum sori_more on_item(const struct sori_sink *sink, const struct sori_item *i) {
    const struct sori_str ids[] = {i->native_id, i->parent, i->target, i->author_id};
    const struct sori_str texts[] = {i->author_name, i->author_url, i->text, i->url,
                                     i->why_not,     i->reaction,   i->note, i->title};
    (void)sink;
    if (!fb_good_id(i->native_id) || i->attachments.count > 64) abort();
    for (size_t k = 0; k < sizeof ids / sizeof *ids; k++)
        if (ids[k].len > FB_NATIVE_MOST || !text_ok(ids[k])) abort();
    for (size_t k = 0; k < sizeof texts / sizeof *texts; k++)
        if (!text_ok(texts[k])) abort();
    if (i->kind == SORI_KIND_UNKNOWN || i->kind > SORI_KIND_POST) abort();
    if (i->version < 0 || i->said_at < 0 || i->window_left_ms < 0) abort();
    if (i->origin > SORI_ORIGIN_US_BY_HAND || !s_starts(i->space, "facebook:")) abort();
    return SORI_MORE;
}
static enum sori_more on_reject(const struct sori_sink *sink, int64_t line, struct sori_str why,
                                struct sori_str raw) {
    (void)sink;
    (void)line;
    if (!why.len || !text_ok(raw)) abort();
    return SORI_MORE;
}
static enum sori_more on_task(const struct sori_sink *sink, struct sori_str key,
                              struct sori_str body, int64_t due) {
    struct fb_task t;
    (void)sink;
    if (!key.len || key.len > FB_NATIVE_MOST || due < 0 || !fb_task_read(body, &t)) abort();
    return SORI_MORE;
}
static void on_log(const struct sori_host *h, enum sori_log_level level, struct sori_str msg) {
    (void)h;
    (void)level;
    if (!msg.len) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *const surfaces[] = {"page", "instagram", "instagram_login", "threads"};
    static const struct sori_host host = {.struct_size = sizeof host, .log = on_log};
    static const struct sori_sink sink = {
        .struct_size = sizeof sink, .item = on_item, .reject = on_reject, .task = on_task};
    for (size_t i = 0; i < 4; i++) {
        struct fb f = {.host = &host};
        struct sori_pair option = {SORI_STR("surface"), s_of(surfaces[i])};
        struct sori_delivery d = {.struct_size = sizeof d,
                                  .options = {&option, 1},
                                  .body = {(const char *)data, size},
                                  .received_at = 1800000000000};
        if (fb_decode(&f, &d, &sink) != SORI_OK) abort();
    }
    return 0;
}
