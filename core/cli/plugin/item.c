#include "cli/plugin/words.h"

#include "base/clock.h"
#include "base/enums.h"
#include "base/item.h"
#include "sori/plugin.h"

static void put(json_t *j, const char *name, struct sori_str value) {
    if (value.len) json_object_set_new(j, name, json_stringn(value.ptr, value.len));
}

static void put_time(json_t *j, const char *name, int64_t ms) {
    if (!ms) return;
    struct buf b = {0};
    clock_rfc3339(&b, ms);
    put(j, name, buf_view(&b));
    buf_free(&b);
}

static const char *state_of(const struct sori_item *item) {
    switch (item->event) {
    case SORI_EVENT_REMOVED: return state_word(STATE_REMOVED);
    case SORI_EVENT_HIDDEN: return state_word(STATE_HIDDEN);
    case SORI_EVENT_ARRIVED: return state_word(STATE_STUB);
    default: return state_word(STATE_LIVE);
    }
}

static json_t *author(const struct sori_item *item) {
    json_t *j = json_object();
    put(j, "id", item->author_id);
    put(j, "name", item->author_name);
    put(j, "url", item->author_url);
    if (item->author_reach) json_object_set_new(j, "reach", json_integer(item->author_reach));
    return j;
}

json_t *plugin_item_json(struct sori_str record, struct sori_str plugin, struct sori_str connection,
                         int64_t heard_at) {
    struct sori_item item;
    if (!item_get(record, &item)) return NULL;
    json_t *j = json_object();
    put(j, "channel", plugin);
    put(j, "connection", connection);
    put(j, "space", item.space);
    put(j, "native_id", item.native_id);
    if (item.version) json_object_set_new(j, "version", json_integer(item.version));
    json_object_set_new(j, "kind", json_string(kind_word(item.kind)));
    put(j, "share", str_c(share_word(item.share)));
    json_object_set_new(j, "origin", json_string(origin_word(item.origin)));
    json_object_set_new(j, "state", json_string(state_of(&item)));
    put(j, "parent", item.parent);
    put(j, "target", item.target);
    put(j, "url", item.url);
    json_object_set_new(j, "author", author(&item));
    put(j, "title", item.title);
    put(j, "text", item.text);
    put(j, "lang", item.lang);
    put_time(j, "said_at", item.said_at);
    put_time(j, "heard_at", heard_at);
    return j;
}
