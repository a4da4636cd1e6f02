/* The blog connector: descriptor, options, and which way a site is heard. */
#include "blog/blog.h"
#include "common/url.h"

#include <libxml/parser.h>
#include <stdlib.h>

static const struct sori_option options[] = {
    {"url", SORI_OPTION_URL, SORI_OPTION_REQUIRED, NULL, 0, 0, NULL,
     "The site, as people open it: https://blog.example.kr"},
    {"user", SORI_OPTION_STRING, 0, NULL, 0, 0, NULL,
     "WordPress user that reads and answers; its application password is the secret \"password\". "
     "The role Editor lets it see held comments, pingbacks and trackbacks"},
    {"use", SORI_OPTION_ENUM, 0, "auto", 0, 0, "auto|rest|feeds",
     "How the site is heard: rest is WordPress's own interface, feeds is RSS, Atom and JSON Feed, "
     "auto takes rest where it is there"},
    {"feeds", SORI_OPTION_LIST, 0, NULL, 0, 0, NULL,
     "Feeds of posts to read; default: those that the site names"},
    {"comments", SORI_OPTION_LIST, 0, NULL, 0, 0, NULL,
     "Feeds of comments to read; default: those that the site names"},
    {"posts", SORI_OPTION_BOOL, 0, "true", 0, 0, NULL,
     "Record the site's posts too, as what comments are about"},
    {"history", SORI_OPTION_DURATION, 0, "365d", 0, 3650ll * 86400000, NULL,
     "How far back comments are read when the connection is new"},
    {"recheck", SORI_OPTION_DURATION, SORI_OPTION_ADVANCED, "1h", 10000, 30ll * 86400000, NULL,
     "How often all comments of the window are compared for edits, approvals and removals; the "
     "newest hundred are with every poll"},
    {"window", SORI_OPTION_DURATION, SORI_OPTION_ADVANCED, "14d", 3600000, 365ll * 86400000, NULL,
     "How long a comment is watched for edits and removal"},
    {"rest", SORI_OPTION_URL, SORI_OPTION_ADVANCED, NULL, 0, 0, NULL,
     "Root of the REST interface where it cannot be found: https://example.kr/wp-json/"},
    {"agent", SORI_OPTION_STRING, SORI_OPTION_ADVANCED, NULL, 0, 0, NULL,
     "User-Agent to send; some sites block what they do not know"},
};

static const char *const hosts[] = {"@url", "@rest", NULL};

static const struct sori_slot slots[] = {
    {.name = "password",
     .help = "WordPress application password of the user: Users, Profile, Application Passwords"},
};

static const struct sori_verb_info verbs[] = {
    {SORI_VERB_REPLY, SORI_VERB_LISTABLE, 5000, 0},
    {SORI_VERB_HIDE, SORI_VERB_LISTABLE | SORI_VERB_IDEMPOTENT, 5000, 0},
    {SORI_VERB_DELETE, SORI_VERB_LISTABLE | SORI_VERB_IDEMPOTENT, 5000, 0},
};

static struct sori_str kept(struct blog *b, struct sori_pairs p, const char *name) {
    return arena_copy(&b->kept, s_trim(pairs_get(p, name)));
}

static int64_t duration(struct sori_pairs p, const char *name, int64_t otherwise) {
    int64_t ms = s_number(pairs_get(p, name));
    return ms >= 0 ? ms : otherwise;
}

/* "blog:" and where the site is: host and path without the slash at its end. */
static struct sori_str space_of(struct blog *b) {
    struct text normal = {0};
    url_normal(&normal, b->site);
    struct url u = url_split(text_view(&normal));
    while (u.path.len && u.path.ptr[u.path.len - 1] == '/') u.path.len--;
    struct sori_str space = arena_format(&b->kept, "blog:%.*s%.*s", S(u.authority), S(u.path));
    text_free(&normal);
    return space;
}

static void destroy(void *self) {
    struct blog *b = self;
    if (!b) return;
    for (size_t i = 0; i < b->cached; i++) free((void *)(uintptr_t)b->cache[i].title.ptr);
    free(b->cache);
    charsets_close(b->charsets);
    arena_free(&b->call);
    arena_free(&b->kept);
    free(b);
}

static enum sori_status create(const struct sori_host *host, const struct sori_config *config,
                               void **self) {
    struct blog *b = calloc(1, sizeof *b);
    if (!b) abort();
    b->host = host;
    b->cache = calloc(POST_CACHE, sizeof *b->cache);
    if (!b->cache) abort();
    b->charsets = charsets_open();
    xmlInitParser();
    json_object_seed(0);
    b->site = kept(b, config->options, "url");
    b->user = kept(b, config->options, "user");
    b->feeds = kept(b, config->options, "feeds");
    b->comments = kept(b, config->options, "comments");
    b->rest_option = kept(b, config->options, "rest");
    b->agent = kept(b, config->options, "agent");
    struct sori_str use = pairs_get(config->options, "use");
    b->use = s_is(use, "rest") ? USE_REST : s_is(use, "feeds") ? USE_FEEDS : USE_AUTO;
    b->posts = !s_is(pairs_get(config->options, "posts"), "false");
    b->history = duration(config->options, "history", 365ll * 86400000);
    b->recheck = duration(config->options, "recheck", 3600000);
    b->window = duration(config->options, "window", 14ll * 86400000);
    /* The decode lane makes an instance without a connection; only a connection has a site. */
    if (b->site.len && !url_is_http(b->site)) {
        blog_fail(b, 0, "url = \"%.*s\" is no http or https address", S(b->site));
        destroy(b);
        return SORI_CONFIG;
    }
    b->space = space_of(b);
    *self = b;
    return SORI_OK;
}

static enum sori_status listen(struct blog *b, const struct sori_poll *p,
                               const struct sori_sink *sink) {
    struct wp_site site = {0};
    bool named = b->feeds.len || b->comments.len;
    enum sori_status s = SORI_OK;
    if (b->use != USE_FEEDS) {
        s = wp_find(b, &site, false);
        if (s != SORI_OK) return s;
        if (site.root.len) {
            s = wp_poll(b, &site, p, sink);
        } else if (b->use == USE_REST) {
            blog_fail(b, 0,
                      "%.*s has no WordPress REST interface: set rest to its address, or "
                      "use = \"feeds\"",
                      S(b->site));
            return SORI_CONFIG;
        } else {
            /* Not asked again before a day has passed. */
            s = wp_remember(b, &site);
        }
    }
    if (s == SORI_OK && (named || !site.root.len)) s = feeds_poll(b, p, sink, !site.root.len);
    return s;
}

static enum sori_status poll(void *self, const struct sori_poll *p, const struct sori_sink *sink) {
    struct blog *b = self;
    b->live_from = p->live_from;
    enum sori_status s = listen(b, p, sink);
    arena_free(&b->call);
    return s;
}

static enum sori_act_status act(void *self, const struct sori_action *action,
                                const struct sori_result *result) {
    struct blog *b = self;
    enum sori_act_status s = wp_act(b, action, result);
    arena_free(&b->call);
    return s;
}

static enum sori_act_status reconcile(void *self, const struct sori_action *action,
                                      const struct sori_result *result) {
    struct blog *b = self;
    enum sori_act_status s = wp_reconcile(b, action, result);
    arena_free(&b->call);
    return s;
}

static enum sori_status health(void *self, const struct sori_health *h) {
    struct blog *b = self;
    enum sori_status s = b->use == USE_FEEDS ? SORI_OK : wp_health(b, h);
    if (s == SORI_OK) s = feeds_health(b, h);
    arena_free(&b->call);
    return s;
}

static const struct sori_connector connector = {
    .struct_size = sizeof connector,
    .flags = SORI_CONNECTOR_POLLS | SORI_CONNECTOR_ACTS,
    .verbs = verbs,
    .verb_count = sizeof verbs / sizeof *verbs,
    .verb_stride = sizeof *verbs,
    .create = create,
    .destroy = destroy,
    .poll = poll,
    .act = act,
    .reconcile = reconcile,
    .health = health,
};

static const struct sori_interface interfaces[] = {{SORI_CONNECTOR_ID, &connector}};

static const struct sori_plugin plugin = {
    .struct_size = sizeof plugin,
    .abi = SORI_ABI,
    .id = "blog",
    .name = "Blog",
    .version = "0.1.0",
    .vendor = "Sori",
    .license = "MIT",
    .summary = "Hears WordPress sites and any RSS, Atom or JSON feed; answers on WordPress",
    .options = {options, sizeof options / sizeof *options, sizeof *options},
    .hosts = hosts,
    .slots = slots,
    .slot_count = sizeof slots / sizeof *slots,
    .slot_stride = sizeof *slots,
    .interfaces = interfaces,
    .interface_count = sizeof interfaces / sizeof *interfaces,
    .interface_stride = sizeof *interfaces,
};

const struct sori_plugin *sori_plugin_v0(void) { return &plugin; }
