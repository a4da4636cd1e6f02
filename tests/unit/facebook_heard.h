/* What decoding a webhook body of the facebook connector gave, kept for looking at. */
#ifndef UNIT_FACEBOOK_HEARD_H
#define UNIT_FACEBOOK_HEARD_H

#include "common/text.h"
#include "sori/plugin.h"

#include <stdio.h>
#include <stdlib.h>

enum { HEARD_MOST = 40000, FILES_MOST = 8 };

struct heard_reject {
    struct sori_str why, raw;
};
struct heard_task {
    struct sori_str key, body;
    int64_t due;
};

static struct {
    struct arena arena;
    struct sori_item *item;
    struct heard_reject *reject;
    struct heard_task *task;
    size_t items, rejects, tasks;
    size_t stop_after; /* items; 0 never */
    char log[2048];
} heard;

static inline void heard_log(const struct sori_host *h, enum sori_log_level level,
                             struct sori_str msg) {
    (void)h;
    (void)level;
    snprintf(heard.log, sizeof heard.log, "%.*s", S(msg));
}
static inline void heard_fail(const struct sori_host *h, int32_t code, struct sori_str msg) {
    (void)code;
    heard_log(h, SORI_LOG_ERROR, msg);
}
static const struct sori_host heard_host = {
    .struct_size = sizeof heard_host, .abi = SORI_ABI, .log = heard_log, .fail = heard_fail};

static inline struct sori_str heard_keep(struct sori_str s) {
    return s.len ? arena_copy(&heard.arena, s) : (struct sori_str){NULL, 0};
}

static inline enum sori_more heard_item(const struct sori_sink *sink, const struct sori_item *i) {
    (void)sink;
    if (heard.items == HEARD_MOST) abort();
    struct sori_item copy = *i;
    struct sori_str *all[] = {&copy.space,     &copy.native_id,   &copy.parent,     &copy.target,
                              &copy.author_id, &copy.author_name, &copy.author_url, &copy.title,
                              &copy.text,      &copy.url,         &copy.why_not,    &copy.reaction,
                              &copy.note};
    for (size_t k = 0; k < sizeof all / sizeof *all; k++) *all[k] = heard_keep(*all[k]);
    if (i->attachments.count) {
        struct sori_pair *own = arena_get(&heard.arena, i->attachments.count * sizeof *own);
        for (size_t k = 0; k < i->attachments.count; k++)
            own[k] = (struct sori_pair){heard_keep(i->attachments.items[k].name),
                                        heard_keep(i->attachments.items[k].value)};
        copy.attachments.items = own;
    }
    heard.item[heard.items++] = copy;
    return heard.stop_after && heard.items >= heard.stop_after ? SORI_STOP : SORI_MORE;
}
static inline enum sori_more heard_on_reject(const struct sori_sink *sink, int64_t line,
                                             struct sori_str why, struct sori_str raw) {
    (void)sink;
    (void)line;
    if (heard.rejects == HEARD_MOST) abort();
    heard.reject[heard.rejects++] = (struct heard_reject){heard_keep(why), heard_keep(raw)};
    return SORI_MORE;
}
static inline enum sori_more heard_on_task(const struct sori_sink *sink, struct sori_str key,
                                           struct sori_str body, int64_t due) {
    (void)sink;
    if (heard.tasks == HEARD_MOST) abort();
    heard.task[heard.tasks++] = (struct heard_task){heard_keep(key), heard_keep(body), due};
    return SORI_MORE;
}
static const struct sori_sink heard_sink = {.struct_size = sizeof heard_sink,
                                            .item = heard_item,
                                            .reject = heard_on_reject,
                                            .task = heard_on_task};

static inline void heard_forget(void) {
    arena_free(&heard.arena);
    if (!heard.item) {
        heard.item = calloc(HEARD_MOST, sizeof *heard.item);
        heard.reject = calloc(HEARD_MOST, sizeof *heard.reject);
        heard.task = calloc(HEARD_MOST, sizeof *heard.task);
        if (!heard.item || !heard.reject || !heard.task) abort();
    }
    heard.items = heard.rejects = heard.tasks = 0;
    heard.log[0] = 0;
}

static inline const struct sori_connector *heard_connector(void) {
    return sori_plugin_v0()->interfaces[0].vtable;
}

/* An instance as the decode lane has it: without a connection. */
static inline void *heard_open(void) {
    void *self = NULL;
    struct sori_config config = {.struct_size = sizeof config};
    if (heard_connector()->create(&heard_host, &config, &self) != SORI_OK) abort();
    return self;
}

/* Adds what the body gives to what was heard. */
static inline enum sori_status heard_deliver(void *self, struct sori_str body, const char *surface,
                                             const char *account, int64_t at) {
    const struct sori_pair options[] = {{SORI_STR("surface"), s_of(surface)},
                                        {SORI_STR("account"), s_of(account)}};
    struct sori_delivery d = {.struct_size = sizeof d,
                              .connection = SORI_STR("our-page"),
                              .options = {options, 2},
                              .form = SORI_STR("hook"),
                              .body = body,
                              .received_at = at};
    return heard_connector()->decode(self, &d, &heard_sink);
}

#endif
