/* A connector over a stream, its gaps, a rotated token, rules to set up, budgets and costs: what
 * facebook and x do, without what they mean. A line is "ID TEXT".
 *
 *   POST /rules          a setup, at the first poll; POST /evil is one that must be refused
 *   GET /me              401: AUTH; header x-left: what is left of a budget of 100
 *   GET /since?FROM-TO   lines that a stream missed
 *   GET /stream          the stream */
#include "sori/plugin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct streamer {
    const struct sori_host *host;
    char url[512];
    bool set_up;
};

static enum sori_status create(const struct sori_host *host, const struct sori_config *config,
                               void **self) {
    struct streamer *me = calloc(1, sizeof *me);
    if (!me) return SORI_BUG;
    me->host = host;
    for (size_t i = 0; i < config->options.count; i++) {
        const struct sori_pair *o = &config->options.items[i];
        if (o->name.len == 3 && memcmp(o->name.ptr, "url", 3) == 0)
            snprintf(me->url, sizeof me->url, "%.*s", (int)o->value.len, o->value.ptr);
    }
    *self = me;
    return SORI_OK;
}
static void destroy(void *self) { free(self); }

static enum sori_status ask(struct streamer *me, const char *method, const char *path,
                            uint32_t effect, struct sori_http_response *out) {
    char url[700];
    snprintf(url, sizeof url, "%s%s", me->url, path);
    *out = (struct sori_http_response){.struct_size = sizeof *out};
    struct sori_http_request r = {.struct_size = sizeof r,
                                  .effect = effect,
                                  .method = {method, strlen(method)},
                                  .url = {url, strlen(url)},
                                  .auth_scheme = SORI_AUTH_BEARER,
                                  .auth_slot = SORI_STR("token")};
    return me->host->http(me->host, &r, out);
}

static void give(struct sori_str line, const struct sori_sink *sink) {
    const char *blank = line.len ? memchr(line.ptr, ' ', line.len) : NULL;
    if (!blank) return;
    struct sori_item item = {.struct_size = sizeof item, .kind = SORI_KIND_COMMENT};
    item.native_id = (struct sori_str){line.ptr, (size_t)(blank - line.ptr)};
    item.text = (struct sori_str){blank + 1, line.len - item.native_id.len - 1};
    item.author_id = SORI_STR("somebody");
    sink->item(sink, &item);
}

static enum sori_status look(struct streamer *me) {
    struct sori_http_response got;
    enum sori_status status = ask(me, "GET", "/me", SORI_HTTP_READ, &got);
    if (status != SORI_OK) return status;
    for (size_t i = 0; i < got.headers.count; i++)
        if (got.headers.items[i].name.len == 6 &&
            !memcmp(got.headers.items[i].name.ptr, "x-left", 6)) {
            struct sori_rate rate = {.struct_size = sizeof rate,
                                     .bucket = SORI_STR("calls"),
                                     .limit = 100,
                                     .remaining = atoi(got.headers.items[i].value.ptr),
                                     .until = me->host->now(me->host) + 5000};
            me->host->rate(me->host, &rate);
        }
    const struct sori_cost_host *cost = me->host->extension(me->host, SORI_COST_ID);
    if (cost) cost->spend(me->host, SORI_STR("read"), 1000);
    return got.http_status == 401 ? SORI_AUTH : SORI_OK;
}

static enum sori_status set_up(struct streamer *me) {
    struct sori_http_response got;
    if (me->set_up) return SORI_OK;
    if (ask(me, "POST", "/evil", SORI_HTTP_SETUP, &got) == SORI_OK) return SORI_BUG;
    enum sori_status status = ask(me, "POST", "/rules?dry=1", SORI_HTTP_SETUP, &got);
    me->set_up = status == SORI_OK && got.http_status == 200;
    return status;
}

static enum sori_status poll(void *self, const struct sori_poll *p, const struct sori_sink *sink) {
    struct streamer *me = self;
    struct sori_http_response got;
    char path[100], url[600];
    enum sori_status status = look(me);
    if (status == SORI_OK) status = set_up(me);
    if (status != SORI_OK) return status;
    const struct sori_stream_host *streams = me->host->extension(me->host, SORI_STREAM_ID);
    snprintf(url, sizeof url, "%s/stream", me->url);
    struct sori_stream s = {.struct_size = sizeof s,
                            .auth_scheme = SORI_AUTH_BEARER,
                            .name = SORI_STR("lines"),
                            .url = {url, strlen(url)},
                            .auth_slot = SORI_STR("token"),
                            .silence_ms = 3000};
    if (streams->want(me->host, &s) != SORI_OK) return SORI_BUG;
    if (!p->missed_from) return SORI_OK;
    snprintf(path, sizeof path, "/since?%lld-%lld", (long long)p->missed_from,
             (long long)p->missed_to);
    status = ask(me, "GET", path, SORI_HTTP_READ, &got);
    if (status != SORI_OK || got.http_status != 200) return status == SORI_OK ? SORI_RETRY : status;
    for (size_t i = 0, from = 0; i < got.body.len; i++)
        if (got.body.ptr[i] == '\n') {
            give((struct sori_str){got.body.ptr + from, i - from}, sink);
            from = i + 1;
        }
    return SORI_OK;
}

static enum sori_status decode(void *self, const struct sori_delivery *d,
                               const struct sori_sink *sink) {
    (void)self;
    if (d->body.len == 5 && memcmp(d->body.ptr, "crash", 5) == 0) abort();
    give(d->body, sink);
    return SORI_OK;
}

static enum sori_status health(void *self, const struct sori_health *h) {
    enum sori_status status = look(self);
    h->say(h, status == SORI_OK ? SORI_LOG_INFO : SORI_LOG_ERROR, SORI_STR("the token was tried"));
    h->fact(h, SORI_STR("account"), SORI_STR("온결 리빙"));
    h->fact(h, SORI_STR("account"), SORI_STR("온결 리빙 (1234)"));
    return status;
}

static const struct sori_connector connector = {.struct_size = sizeof connector,
                                                .flags =
                                                    SORI_CONNECTOR_POLLS | SORI_CONNECTOR_DECODES,
                                                .create = create,
                                                .destroy = destroy,
                                                .poll = poll,
                                                .decode = decode,
                                                .health = health};
static const struct sori_option options[] = {
    {.name = "url", .type = SORI_OPTION_URL, .flags = SORI_OPTION_REQUIRED}};
static const struct sori_slot slots[] = {
    {.name = "token", .required = 1, .kind = SORI_SLOT_OAUTH2, .refresh = "@url/token"}};
static const char *const hosts[] = {"@url", NULL};
static const char *const setups[] = {"POST @url/rules", NULL};
static const struct sori_interface interfaces[] = {{SORI_CONNECTOR_ID, &connector}};
static const struct sori_plugin plugin = {.struct_size = sizeof plugin,
                                          .abi = SORI_ABI,
                                          .id = "streamer",
                                          .name = "Streamer",
                                          .version = "0.1",
                                          .license = "MIT",
                                          .options = {options, 1, sizeof *options},
                                          .hosts = hosts,
                                          .slots = slots,
                                          .slot_count = 1,
                                          .slot_stride = sizeof *slots,
                                          .interfaces = interfaces,
                                          .interface_count = 1,
                                          .interface_stride = sizeof *interfaces,
                                          .setups = setups};

SORI_EXPORT const struct sori_plugin *sori_plugin_v0(void) { return &plugin; }
