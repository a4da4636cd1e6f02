/* flood: a connector that hears as many interactions as it is told to, for the benchmark. It needs
 * no network; its cursor is how many it has given. */
#include "flood.h"
#include "sori/plugin.h"

#include <stdlib.h>
#include <string.h>

struct flood {
    const struct sori_host *host;
    uint64_t items, seed, batch, people;
};

static uint64_t number(struct sori_str s) {
    uint64_t n = 0;
    for (size_t i = 0; i < s.len && s.ptr[i] >= '0' && s.ptr[i] <= '9'; i++)
        n = n * 10 + (uint64_t)(s.ptr[i] - '0');
    return n;
}

static uint64_t pair(const struct sori_pairs *pairs, const char *name) {
    for (size_t i = 0; i < pairs->count; i++)
        if (pairs->items[i].name.len == strlen(name) &&
            memcmp(pairs->items[i].name.ptr, name, strlen(name)) == 0)
            return number(pairs->items[i].value);
    return 0;
}

static enum sori_status create(const struct sori_host *host, const struct sori_config *config,
                               void **self) {
    struct flood *f = calloc(1, sizeof *f);
    if (!f) return SORI_RETRY;
    f->host = host;
    f->items = pair(&config->options, "items");
    f->seed = pair(&config->options, "seed");
    f->batch = pair(&config->options, "batch");
    f->people = pair(&config->options, "people");
    if (!f->people) f->people = f->items;
    *self = f;
    return SORI_OK;
}

static void destroy(void *self) { free(self); }

static enum sori_status poll(void *self, const struct sori_poll *poll,
                             const struct sori_sink *sink) {
    struct flood *f = self;
    uint64_t at = pair(&poll->cursors, "at"), limit = poll->limit ? poll->limit : 1000;
    if (at >= f->items) return SORI_OK;
    if (f->batch && f->batch < limit) limit = f->batch;
    int64_t now = f->host->now(f->host);
    enum sori_more more = SORI_MORE;
    for (uint64_t n = 0; n < limit && at < f->items && more == SORI_MORE; n++, at++) {
        struct flood_room room;
        struct sori_item item;
        flood_item(f->seed, at, f->people, &room, &item);
        item.said_at = now > poll->live_from ? now : poll->live_from;
        more = sink->item(sink, &item);
    }
    char text[24];
    size_t n = sizeof text;
    for (uint64_t left = at; left > 0 || n == sizeof text; left /= 10)
        text[--n] = (char)('0' + left % 10);
    sink->cursor(sink, SORI_STR("at"), (struct sori_str){text + n, sizeof text - n});
    return at < f->items && !f->batch ? SORI_AGAIN : SORI_OK;
}

static const struct sori_option options[] = {
    {"items", SORI_OPTION_INT, SORI_OPTION_REQUIRED, NULL, 1, 1000000000, NULL,
     "how many interactions"},
    {"seed", SORI_OPTION_INT, 0, "1", 0, 1000000000, NULL, "which ones"},
    {"batch", SORI_OPTION_INT, 0, "0", 0, 1000000, NULL, "so many a poll; 0: as many as are taken"},
    {"people", SORI_OPTION_INT, 0, "0", 0, 1000000000, NULL,
     "five times how many people; 0: items"},
};
static const struct sori_verb_info verbs[] = {{.verb = SORI_VERB_REPLY}};

/* In mode approve replies wait for a person, so that this is never asked for anything. */
static enum sori_act_status act(void *self, const struct sori_action *action,
                                const struct sori_result *result) {
    (void)self;
    (void)action;
    (void)result;
    return SORI_ACT_PERMANENT;
}

static const struct sori_connector connector = {
    .struct_size = sizeof connector,
    .flags = SORI_CONNECTOR_POLLS | SORI_CONNECTOR_ACTS,
    .verbs = verbs,
    .verb_count = 1,
    .verb_stride = sizeof verbs[0],
    .create = create,
    .destroy = destroy,
    .poll = poll,
    .act = act,
    .reconcile = act,
};
static const struct sori_interface interfaces[] = {{SORI_CONNECTOR_ID, &connector}};
static const struct sori_plugin plugin = {
    .struct_size = sizeof plugin,
    .abi = SORI_ABI,
    .id = "flood",
    .name = "Flood",
    .version = "0.1.0",
    .vendor = "Sori",
    .license = "MIT",
    .summary = "Made-up interactions for the benchmark",
    .options = {options, 4, sizeof options[0]},
    .slot_stride = sizeof(struct sori_slot),
    .receive_stride = sizeof(struct sori_receive),
    .interfaces = interfaces,
    .interface_count = 1,
    .interface_stride = sizeof interfaces[0],
};

SORI_EXPORT const struct sori_plugin *sori_plugin_v0(void) { return &plugin; }
