/* TrackBack, Pingback and Webmention as one channel: three ways to say "I wrote about your page".
 * An announcement is a claim. It is recorded as it arrives, and becomes an interaction only when
 * the page that it names was fetched and really links to ours. */
#include "common/charset.h"
#include "common/url.h"
#include "ping.h"
#include "verify.h"

#include <sori/plugin.h>
#include <stdlib.h>

enum {
    PAGE_MAX = 1 << 20,
    FETCH_MS = 15000,
    SPARE_MS = 2000,
    ATTEMPTS = 8,
    MINUTE = 60 * 1000,
    HOUR = 60 * MINUTE,
    DAY = 24 * HOUR,
    STAGES = 3
};

struct trackback {
    const struct sori_host *host;
    struct charsets *charsets; /* held open: converters are files, and files are fenced later */
};

static const char why_not[] = "reply: a mention is answered on the page that made it";

/* ---- decode ---- */

static struct sori_item item_of(struct arena *a, const struct ping *p) {
    struct text target = {0};
    struct sori_item item = {.struct_size = sizeof item, .kind = SORI_KIND_TRACKBACK};
    if (!url_normal(&target, p->target)) text_str(&target, p->target);
    item.native_id = ping_id(a, p);
    item.target = utf8_cut(text_keep(&target, a), 512);
    item.url = p->source;
    item.why_not = SORI_STR(why_not);
    return item;
}

static enum sori_status decode(void *self, const struct sori_delivery *d,
                               const struct sori_sink *sink) {
    struct arena a = {0};
    struct ping p;
    const char *why;
    (void)self;
    if (!ping_read(&a, d, &p, &why)) {
        sink->reject(sink, 0, s_of(why), d->body);
        arena_free(&a);
        return SORI_OK;
    }
    struct sori_item item = item_of(&a, &p);
    item.observed = SORI_OBSERVED_EVENT;
    item.event = SORI_EVENT_ARRIVED;
    item.author_name = p.blog_name;
    item.title = p.title;
    item.text = p.excerpt;
    item.said_at = p.arrived_at;
    item.note = arena_format(&a, "arrived as %s", p.protocol);
    sink->item(sink, &item);
    sink->task(sink, item.native_id, ping_write(&a, &p), 0);
    arena_free(&a);
    return SORI_OK;
}

/* ---- verification ---- */

enum outcome { THERE, NOT_THERE, LATER, STOPPED };

struct visit {
    struct arena arena;
    enum outcome outcome;
    struct finding finding;
    const char *why;
    int64_t not_before; /* what the source asked for, 0 nothing */
};

static int64_t retry_after(const struct sori_http_response *r, int64_t now) {
    int64_t seconds = s_number(s_trim(pairs_get(r->headers, "retry-after")));
    return seconds > 0 ? now + (seconds < 86400 ? seconds : 86400) * 1000 : 0;
}

static void judge(struct visit *v, const struct ping *p, const struct sori_http_response *r,
                  int64_t now) {
    int s = r->http_status;
    if (s >= 200 && s < 300) {
        struct sori_str type = pairs_get(r->headers, "content-type");
        struct sori_str url = r->url.len ? r->url : p->source;
        v->finding = verify(&v->arena, r->body, type, url, p->target);
        v->outcome = v->finding.linked ? THERE : NOT_THERE;
        v->why = !v->finding.readable ? "the source is no page that links can be looked for in"
                 : r->truncated       ? "no link to us in the first MiB of the source"
                                      : "the source does not link to us";
    } else if (s == 404 || s == 410) {
        v->outcome = NOT_THERE;
        v->why = "the source does not exist";
    } else if (s == 0 || s >= 500 || s == 408 || s == 425 || s == 429 || s == 403 || s == 401) {
        v->outcome = LATER;
        v->why = "the source refused to answer";
        v->not_before = retry_after(r, now);
    } else {
        v->outcome = NOT_THERE;
        v->why = "the source could not be read";
    }
}

static void fetch(const struct sori_host *host, const struct ping *p, struct visit *v) {
    static const char accept[] =
        "text/html, application/xhtml+xml, application/json;q=0.8, text/plain;q=0.7, */*;q=0.1";
    static const struct sori_pair headers[] = {{{"Accept", 6}, {accept, sizeof accept - 1}}};
    struct sori_http_request q = {.struct_size = sizeof q,
                                  .effect = SORI_HTTP_READ,
                                  .flags = SORI_HTTP_STRANGER,
                                  .method = SORI_STR("GET"),
                                  .url = p->source,
                                  .headers = {headers, 1},
                                  .timeout_ms = FETCH_MS,
                                  .max_body = PAGE_MAX};
    struct sori_http_response r = {.struct_size = sizeof r};
    *v = (struct visit){0};
    switch (host->http(host, &q, &r)) {
    case SORI_OK: judge(v, p, &r, host->now(host)); return;
    case SORI_CANCELLED: v->outcome = STOPPED; return;
    case SORI_PERMANENT:
        v->outcome = NOT_THERE;
        v->why = "the source lies where we do not fetch from";
        return;
    default: v->outcome = LATER; v->why = "the source could not be reached";
    }
}

static void put_off(const struct sori_sink *sink, struct arena *a, struct sori_str key,
                    const struct ping *p, int64_t due) {
    sink->task(sink, key, ping_write(a, p), due);
}

/* 1 minute, 5, 25, 2 hours, then every 10. */
static int64_t wait_of(int attempt) {
    int64_t wait = MINUTE;
    for (int i = 1; i < attempt && wait < 10 * HOUR; i++) wait *= 5;
    return wait < 10 * HOUR ? wait : 10 * HOUR;
}

static struct sori_str host_of(struct arena *a, struct sori_str url) {
    struct text t = {0};
    struct sori_str normal = url;
    if (url_normal(&t, url)) normal = text_keep(&t, a);
    return url_host(url_split(normal).authority);
}

static void say(const struct sori_sink *sink, struct arena *a, const struct ping *p,
                const struct finding *f) {
    struct sori_item item = item_of(a, p);
    struct text author = {0};
    item.observed = SORI_OBSERVED_STATE;
    item.event = SORI_EVENT_SAID;
    item.kind = f->kind;
    item.share = f->share;
    struct sori_str host = host_of(a, p->source);
    if (f->author_url.len && url_normal(&author, f->author_url))
        item.author_id = utf8_cut(text_keep(&author, a), 512);
    else
        item.author_id = host;
    item.author_name = f->author_name.len ? f->author_name : p->blog_name.len ? p->blog_name : host;
    item.author_url = f->author_url;
    item.title = f->title.len ? f->title : p->title;
    item.text = f->text.len ? f->text : p->excerpt;
    item.said_at = f->said_at ? f->said_at : p->arrived_at;
    if (f->kind == SORI_KIND_REACTION) {
        item.reaction = SORI_STR("like");
        item.reaction_value = 1;
    }
    item.note = arena_format(a, "%s, the link was verified at its source%s%.*s", p->protocol,
                             f->note.len ? "; " : "", S(f->note));
    sink->item(sink, &item);
}

static void drop(const struct sori_sink *sink, struct arena *a, const struct ping *p,
                 const char *why) {
    struct sori_item item = item_of(a, p);
    item.observed = SORI_OBSERVED_STATE;
    item.event = SORI_EVENT_REMOVED;
    item.note = arena_format(a, "%s, not verified: %s", p->protocol, why);
    sink->item(sink, &item);
}

/* What follows from a visit: the interaction, its removal, and when to look again. */
static void conclude(const struct sori_sink *sink, const struct sori_task *task, struct ping *p,
                     struct visit *v, int64_t now) {
    struct arena *a = &v->arena;
    if (v->outcome == LATER && p->attempt + 1 < ATTEMPTS) {
        p->attempt++;
        int64_t due = now + wait_of(p->attempt);
        put_off(sink, a, task->key, p, due > v->not_before ? due : v->not_before);
        return;
    }
    if (v->outcome == LATER && p->stage > 0) {
        sink->task_done(sink, task->key); /* it was there once; silence does not undo that */
        return;
    }
    p->attempt = 0;
    if (v->outcome != THERE && p->stage > 0 && p->missed == 0) {
        p->missed = 1;
        put_off(sink, a, task->key, p, now + HOUR);
        return;
    }
    if (v->outcome != THERE) {
        drop(sink, a, p, v->why);
        sink->task_done(sink, task->key);
        return;
    }
    p->missed = 0;
    say(sink, a, p, &v->finding);
    p->stage++;
    if (p->stage < STAGES)
        put_off(sink, a, task->key, p, now + (p->stage == 1 ? DAY : 6 * (int64_t)DAY));
    else
        sink->task_done(sink, task->key);
}

static enum sori_status poll(void *self, const struct sori_poll *poll,
                             const struct sori_sink *sink) {
    struct trackback *t = self;
    const struct sori_host *host = t->host;
    for (size_t i = 0; i < poll->task_count; i++) {
        const struct sori_task *task =
            (const void *)((const char *)poll->tasks + i * poll->task_stride);
        struct ping p;
        struct visit v;
        if (host->cancelled(host)) return SORI_CANCELLED;
        if (host->left(host) < SPARE_MS) return SORI_AGAIN;
        if (!ping_parse(task->body, &p)) {
            sink->reject(sink, 0, SORI_STR("a task of another version that cannot be read"),
                         task->body);
            sink->task_done(sink, task->key);
            continue;
        }
        fetch(host, &p, &v);
        if (v.outcome == STOPPED) {
            arena_free(&v.arena);
            return SORI_CANCELLED;
        }
        conclude(sink, task, &p, &v, host->now(host));
        arena_free(&v.arena);
    }
    return SORI_OK;
}

/* ---- the rest of the table ---- */

static enum sori_status create(const struct sori_host *host, const struct sori_config *config,
                               void **self) {
    struct trackback *t = calloc(1, sizeof *t);
    (void)config;
    if (!t) return SORI_BUG;
    t->host = host;
    t->charsets = charsets_open();
    *self = t;
    return SORI_OK;
}

static void destroy(void *self) {
    struct trackback *t = self;
    charsets_close(t->charsets);
    free(t);
}

static enum sori_act_status act(void *self, const struct sori_action *action,
                                const struct sori_result *result) {
    const struct trackback *t = self;
    (void)action;
    (void)result;
    t->host->fail(t->host, 0, SORI_STR("mentions cannot be answered where they were announced"));
    return SORI_ACT_PERMANENT;
}

static enum sori_status health(void *self, const struct sori_health *health) {
    (void)self;
    health->say(health, SORI_LOG_INFO,
                SORI_STR("waits for TrackBacks, Pingbacks and Webmentions at the gate"));
    return SORI_OK;
}

static const struct sori_connector connector = {
    .struct_size = sizeof connector,
    .flags = SORI_CONNECTOR_POLLS | SORI_CONNECTOR_DECODES,
    .create = create,
    .destroy = destroy,
    .poll = poll,
    .decode = decode,
    .act = act,
    .reconcile = act,
    .health = health,
};

static const struct sori_option options[] = {
    {.name = "url",
     .type = SORI_OPTION_URL,
     .flags = SORI_OPTION_REQUIRED,
     .help = "our site: mentions of pages below this address are taken"},
};

static const struct sori_receive receives[] = {
    {.form = "trackback", .path = "/tb/", .answer = SORI_ANSWER_TRACKBACK, .max_body = 64 << 10},
    {.form = "pingback",
     .path = "",
     .content_type = "text/xml",
     .answer = SORI_ANSWER_XMLRPC,
     .max_body = 8 << 10},
    {.form = "webmention",
     .path = "",
     .content_type = "application/x-www-form-urlencoded",
     .answer = SORI_ANSWER_WEBMENTION,
     .max_body = 64 << 10},
};

static const struct sori_interface interfaces[] = {{SORI_CONNECTOR_ID, &connector}};

static const struct sori_plugin plugin = {
    .struct_size = sizeof plugin,
    .abi = SORI_ABI,
    .id = "trackback",
    .name = "TrackBack, Pingback, Webmention",
    .version = "0.1.0",
    .vendor = "Sori",
    .license = "MIT",
    .summary = "mentions of our pages, announced by other sites and verified at their source",
    .options = {options, 1, sizeof options[0]},
    .receives = receives,
    .receive_count = 3,
    .receive_stride = sizeof receives[0],
    .interfaces = interfaces,
    .interface_count = 1,
    .interface_stride = sizeof interfaces[0],
};

const struct sori_plugin *sori_plugin_v0(void) { return &plugin; }
