/* uses: import_code */
/* Rows of tables and JSON lines that somebody hands to `sori import`: every row becomes an item or
 * is refused with its reason, and none is lost in between. */
#include "common/text.h"
#include "fuzz/fuzz.h"

#include "sori/plugin.h"

#include <stdlib.h>

const char *const fuzz_seeds[] = {
    "A-1,김소리,2026-11-20 14:00,\"배송이 \"\"너무\"\" 늦어요,\n환불해 주세요\",1\r\n",
    "A-2,이하늘,2026-11-20T05:00:00Z,좋아요,5\n\"열린 인용,3\n",
    "A-1;b;c\n\n;;\n\"\"\"\";\t;x\n",
    "{\"native_id\":\"1\",\"text\":\"배송\",\"author\":{\"name\":\"김\",\"reach\":12},\"said_at\":"
    "\"2026-11-20T05:00:00Z\",\"kind\":\"mention\"}\n{\"text\":1}\n[]\n",
    "{\"native_id\":\"2\",\"text\":\"\\ud55c\\uae00\",\"parent\":\"1\",\"state\":\"removed\"}",
    "\xb9\xe8\xbc\xdb,\xb1\xe8\n",
    NULL};

static enum sori_more on_item(const struct sori_sink *s, const struct sori_item *i) {
    (void)s;
    if (i->native_id.len == 0 || i->native_id.len > 600 || i->kind > SORI_KIND_POST) abort();
    if (!i->text.ptr && i->text.len) abort();
    return SORI_MORE;
}
static enum sori_more on_reject(const struct sori_sink *s, int64_t line, struct sori_str why,
                                struct sori_str raw) {
    (void)s;
    if (line < 2 || !why.len || (raw.len && !raw.ptr)) abort();
    return SORI_MORE;
}

static enum sori_more on_cursor(const struct sori_sink *s, struct sori_str name,
                                struct sori_str value) {
    (void)s;
    if (!name.len || !value.len || value.len > 400) abort();
    return SORI_MORE;
}

static void run(const char *format, const char *header, const char *encoding, struct sori_str in) {
    static const struct sori_sink sink = {
        .struct_size = sizeof sink, .item = on_item, .reject = on_reject, .cursor = on_cursor};
    const struct sori_connector *c = sori_plugin_v0()->interfaces[0].vtable;
    struct sori_pair headers[] = {
        {SORI_STR("format"), s_of(format)},         {SORI_STR("file"), SORI_STR("후기.csv")},
        {SORI_STR("header"), s_of(header)},         {SORI_STR("encoding"), s_of(encoding)},
        {SORI_STR("line"), SORI_STR("2")},          {SORI_STR("first-line"), SORI_STR("2")},
        {SORI_STR("repeats"), SORI_STR("1 4 5 9")}, {SORI_STR("tell"), SORI_STR("columns")}};
    struct sori_delivery d = {.struct_size = sizeof d,
                              .connection = SORI_STR("shop"),
                              .form = SORI_STR("import"),
                              .headers = {headers, sizeof headers / sizeof *headers},
                              .body = in};
    struct sori_config config = {.struct_size = sizeof config};
    static void *self; /* one for all: what it opens once is not what is looked at */
    if (!self && c->create(NULL, &config, &self) != SORI_OK) abort();
    c->decode(self, &d, &sink);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct sori_str in = {(const char *)data, size};
    run("csv", "주문번호,작성자,작성일,내용,별점", "", in);
    run("csv", "id;text;said_at", "cp949", in);
    run("jsonl", "", "", in);
    return 0;
}
