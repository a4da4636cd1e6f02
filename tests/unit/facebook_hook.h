/* Webhook bodies of a Page or an Instagram account, made of their changing parts. */
#ifndef UNIT_FACEBOOK_HOOK_H
#define UNIT_FACEBOOK_HOOK_H

#include "facebook/facebook.h"
#include "unit/facebook_heard.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define PAGE "1234567890321"
#define AT   1800000000000ll /* when a body is received */

static void *self; /* the instance of the decode lane */

static inline int begin(void **state) {
    (void)state;
    heard_forget();
    heard.stop_after = 0;
    self = heard_open();
    return 0;
}
static inline int end(void **state) {
    (void)state;
    heard_connector()->destroy(self);
    return 0;
}

static inline void deliver(const char *surface, const char *account, const char *body) {
    assert_int_equal(heard_deliver(self, s_of(body), surface, account, AT), SORI_OK);
}

/* One change of the Page's field, sent at `sent` seconds. */
__attribute__((format(printf, 3, 4))) static inline void change(const char *field, long sent,
                                                                const char *format, ...) {
    struct text body = {0};
    char words[4096];
    va_list args;
    va_start(args, format);
    vsnprintf(words, sizeof words, format, args);
    va_end(args);
    text_format(&body,
                "{\"object\":\"page\",\"entry\":[{\"id\":\"" PAGE "\",\"time\":%ld,\"changes\":[{"
                "\"field\":\"%s\",\"value\":{%s}}]}]}",
                sent, field, words);
    deliver("page", "", body.data);
    text_free(&body);
}

__attribute__((format(printf, 3, 4))) static inline void
message(const char *surface, const char *list, const char *format, ...) {
    struct text body = {0};
    char words[4096];
    va_list args;
    va_start(args, format);
    vsnprintf(words, sizeof words, format, args);
    va_end(args);
    text_format(&body,
                "{\"object\":\"%s\",\"entry\":[{\"id\":" PAGE ",\"time\":1799999999999,\"%s\":[{"
                "\"sender\":{\"id\":\"77\"},\"recipient\":{\"id\":\"" PAGE "\"},%s}]}]}",
                strcmp(surface, "page") == 0 ? "page" : "instagram", list, words);
    deliver(surface, "", body.data);
    text_free(&body);
}

#define COMMENT                                                                                    \
    "\"item\":\"comment\",\"post_id\":\"" PAGE "_55\",\"comment_id\":\"55_66\",\"parent_id\":"     \
    "\"" PAGE "_55\",\"from\":{\"id\":\"77\",\"name\":\"김하늘\"}"

static inline const struct sori_item *only(void) {
    assert_int_equal(heard.items, 1);
    return &heard.item[0];
}
static inline void assert_str(struct sori_str s, const char *text) {
    if (!s_is(s, text)) fail_msg("\"%.*s\" instead of \"%s\"", S(s), text);
}

/* The core's ledger: of (target, actor, class) the value of the newest version stands. */
static inline int standing(const char *target, const char *actor, const char *class_) {
    int64_t version = -1;
    int value = 0;
    for (size_t i = 0; i < heard.items; i++) {
        const struct sori_item *it = &heard.item[i];
        assert_int_equal(it->kind, SORI_KIND_REACTION);
        if (!s_is(it->target, target) || !s_is(it->author_id, actor) ||
            !s_is(it->reaction, class_) || it->version <= version)
            continue;
        version = it->version;
        value = (int)it->reaction_value;
    }
    return value;
}

#endif
