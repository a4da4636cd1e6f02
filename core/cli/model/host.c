/* A classifier plugin in this process: the same calls as in a worker, for a person at a terminal.
 */
#include "cli/model/model.h"

#include "base/clock.h"
#include "worker/worker.h"

#include <stdlib.h>

static void desk_log(const struct sori_host *host, enum sori_log_level level, struct sori_str msg) {
    (void)host;
    if (level >= SORI_LOG_WARN) fprintf(stderr, "sori: %.*s\n", STR(msg));
}
static int64_t desk_now(const struct sori_host *host) {
    (void)host;
    return clock_now();
}
static int64_t desk_left(const struct sori_host *host) {
    (void)host;
    return INT64_C(1) << 40;
}
static bool desk_cancelled(const struct sori_host *host) {
    (void)host;
    return false;
}
static enum sori_status desk_http(const struct sori_host *host,
                                  const struct sori_http_request *request,
                                  struct sori_http_response *response) {
    (void)host;
    (void)request;
    *response = (struct sori_http_response){.struct_size = sizeof *response};
    return SORI_PERMANENT;
}
static struct sori_str desk_state_get(const struct sori_host *host, struct sori_str name) {
    (void)host;
    (void)name;
    return (struct sori_str){NULL, 0};
}
static enum sori_status desk_state_put(const struct sori_host *host, struct sori_str name,
                                       struct sori_str value) {
    (void)host;
    (void)name;
    (void)value;
    return SORI_PERMANENT;
}
static void desk_rate(const struct sori_host *host, const struct sori_rate *rate) {
    (void)host;
    (void)rate;
}
static void desk_fail(const struct sori_host *host, int32_t code, struct sori_str message) {
    (void)code;
    struct model_host *h = host->ctx;
    snprintf(h->why, sizeof h->why, "%.*s", STR(message));
}
static const void *desk_extension(const struct sori_host *host, const char *id) {
    (void)host;
    (void)id;
    return NULL;
}

/* Loaded and looked over by the same code as in a worker. */
static bool load(struct model_host *h, const char *path, struct err *err) {
    struct worker *w = mem_get(sizeof *w);
    w->kind = WORK_CLASSIFIER;
    w->plugin_path = path;
    bool ok = plugin_load(w, err);
    h->classifier = w->plugin.classifier;
    free(w);
    return ok;
}

bool model_host_open(struct model_host *h, const char *plugin, struct err *err) {
    *h = (struct model_host){.host = {.struct_size = sizeof h->host,
                                      .abi = SORI_ABI,
                                      .log = desk_log,
                                      .now = desk_now,
                                      .left = desk_left,
                                      .cancelled = desk_cancelled,
                                      .http = desk_http,
                                      .state_get = desk_state_get,
                                      .state_put = desk_state_put,
                                      .rate = desk_rate,
                                      .fail = desk_fail,
                                      .extension = desk_extension}};
    h->host.ctx = h;
    struct buf path = {0};
    bool ok = cli_plugin(plugin, &path, err) && load(h, path.data, err);
    buf_free(&path);
    return ok;
}

bool model_live_open(struct model_live *m, struct model_host *h, const char *path,
                     struct err *err) {
    *m = (struct model_live){.host = h};
    struct sori_classifier_config config = {.struct_size = sizeof config,
                                            .model_path = str_c(path)};
    snprintf(h->why, sizeof h->why, "the plugin did not say why");
    if (h->classifier->create(&h->host, &config, &m->self) != SORI_OK)
        return err_set(err, "%s: %s", path, h->why);
    if (h->classifier->labels(m->self, &m->labels) != SORI_OK || m->labels.count < 2 ||
        m->labels.count > 64) {
        model_live_close(m);
        return err_set(err, "%s: the plugin names no usable labels for it", path);
    }
    return true;
}

void model_live_close(struct model_live *m) {
    if (m->self) m->host->classifier->destroy(m->self);
    m->self = NULL;
}

const struct sori_label *model_label(const struct model_live *m, uint32_t k) {
    const char *at = (const char *)m->labels.items + (size_t)k * m->labels.stride;
    return (const struct sori_label *)(const void *)at;
}
