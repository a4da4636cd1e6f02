/* The connector of Facebook Pages, Instagram and Threads: descriptor, options, and one instance. */
#include "facebook/facebook.h"
#include "facebook/guide.h"

#include <stdlib.h>

static const struct sori_option options[] = {
    {"surface", SORI_OPTION_ENUM, 0, "page", 0, 0, "page|instagram|instagram_login|threads",
     "What is connected: a Facebook Page; an Instagram account through the Page that it is linked "
     "to (instagram) or by its own login (instagram_login); a Threads account"},
    {"account", SORI_OPTION_STRING, 0, NULL, 0, 0, NULL,
     "Id of the page or account; default: the one that the token is for. What the webhook brings "
     "about others is refused"},
    {"page", SORI_OPTION_STRING, 0, NULL, 0, 0, NULL,
     "With surface = \"instagram\": id of the Page that the account is linked to"},
    {"app", SORI_OPTION_STRING, 0, NULL, 0, 0, NULL,
     "Id of the application: with it the token and the subscriptions can be checked"},
    {"posts", SORI_OPTION_BOOL, 0, "true", 0, 0, NULL,
     "Record our own posts too, as what comments are about"},
    {"messages", SORI_OPTION_BOOL, 0, "true", 0, 0, NULL,
     "Read conversations too, where the webhook may have missed a private message"},
    {"subscribe", SORI_OPTION_BOOL, 0, "true", 0, 0, NULL,
     "Have the page or account send its events to the app, where it does not yet"},
    {"history", SORI_OPTION_DURATION, 0, "90d", 0, 3650ll * FB_DAY, NULL,
     "How far back is read when the connection is new"},
    {"recheck", SORI_OPTION_DURATION, SORI_OPTION_ADVANCED, "1h", 60000, 30ll * FB_DAY, NULL,
     "How often all comments of the window are compared for edits, removals and what was missed"},
    {"window", SORI_OPTION_DURATION, SORI_OPTION_ADVANCED, "14d", 3600000, 365ll * FB_DAY, NULL,
     "How long a post is watched for new, edited and removed comments by comparing"},
    {"version", SORI_OPTION_STRING, SORI_OPTION_ADVANCED, NULL, 0, 0, NULL,
     "Version of the interface; default: v26.0, with Threads v1.0"},
    {"graph", SORI_OPTION_URL, SORI_OPTION_ADVANCED, "https://graph.facebook.com", 0, 0, NULL,
     "Where Facebook's interface is"},
    {"instagram", SORI_OPTION_URL, SORI_OPTION_ADVANCED, "https://graph.instagram.com", 0, 0, NULL,
     "Where Instagram's own interface is, with surface = \"instagram_login\""},
    {"threads", SORI_OPTION_URL, SORI_OPTION_ADVANCED, "https://graph.threads.net", 0, 0, NULL,
     "Where the interface of Threads is"},
};

static const char *const hosts[] = {"@graph", "@instagram", "@threads", NULL};

static const char *const setups[] = {"POST @graph/*/*/subscribed_apps",
                                     "POST @graph/*/*/subscriptions",
                                     "POST @instagram/*/*/subscribed_apps", NULL};

static const struct sori_slot slots[] = {
    {.name = "app_secret",
     .required = 1,
     .help = "The application's secret (App settings, Basic; with instagram_login the Instagram "
             "app secret): signs what the webhook brings, and proves our calls"},
    {.name = "verify_token",
     .help = "Any word of ours that the platform repeats when the webhook is set up"},
    {.name = "page_token", .help = "Page access token, with surface page or instagram"},
    {.name = "instagram_token",
     .help = "Instagram user token, with surface instagram_login; renewed before its 60 days end",
     .kind = SORI_SLOT_RENEWED,
     .refresh = "@instagram/refresh_access_token?grant_type=ig_refresh_token"},
    {.name = "threads_token",
     .help = "Threads user token, with surface threads; renewed before its 60 days end",
     .kind = SORI_SLOT_RENEWED,
     .refresh = "@threads/refresh_access_token?grant_type=th_refresh_token"},
};

static const struct sori_receive receives[] = {
    {.form = "hook",
     .path = "",
     .answer = SORI_ANSWER_META_CHALLENGE,
     .sign = SORI_SIGN_HMAC_SHA256,
     .sign_header = "x-hub-signature-256",
     .sign_prefix = "sha256=",
     .sign_slot = "app_secret"},
};

enum { SETTLE = 10 * 1000, STATE = SORI_VERB_LISTABLE | SORI_VERB_IDEMPOTENT };

/* The longest text depends on the surface, and comes with each interaction. */
static const struct sori_verb_info verbs[] = {
    {SORI_VERB_REPLY, SORI_VERB_LISTABLE, SETTLE, 0},
    {SORI_VERB_PRIVATE_REPLY, 0, SETTLE, 0},
    {SORI_VERB_LIKE, STATE, SETTLE, 0},
    {SORI_VERB_UNLIKE, STATE, SETTLE, 0},
    {SORI_VERB_HIDE, STATE, SETTLE, 0},
    {SORI_VERB_UNHIDE, STATE, SETTLE, 0},
    {SORI_VERB_DELETE, STATE, SETTLE, 0},
    {SORI_VERB_EDIT, STATE, SETTLE, 0},
    {SORI_VERB_PUBLISH, SORI_VERB_LISTABLE, SETTLE, 0},
};

static struct sori_str kept(struct fb *f, struct sori_pairs p, const char *name,
                            const char *otherwise) {
    struct sori_str s = s_trim(pairs_get(p, name));
    return arena_copy(&f->kept, s.len ? s : s_of(otherwise));
}

static int64_t duration(struct sori_pairs p, const char *name, int64_t otherwise) {
    int64_t ms = s_number(pairs_get(p, name));
    return ms >= 0 ? ms : otherwise;
}

static void read_options(struct fb *f, struct sori_pairs p) {
    bool threads;
    f->surface = fb_surface_of(p);
    threads = f->surface == FB_THREADS;
    f->account = kept(f, p, "account", "");
    f->page = kept(f, p, "page", "");
    f->app = kept(f, p, "app", "");
    f->version = kept(f, p, "version", threads ? "v1.0" : "v26.0");
    if (threads)
        f->host_url = kept(f, p, "threads", "https://graph.threads.net");
    else if (f->surface == FB_INSTAGRAM_LOGIN)
        f->host_url = kept(f, p, "instagram", "https://graph.instagram.com");
    else
        f->host_url = kept(f, p, "graph", "https://graph.facebook.com");
    f->posts = !s_is(pairs_get(p, "posts"), "false");
    f->messages = !s_is(pairs_get(p, "messages"), "false");
    f->subscribe = !s_is(pairs_get(p, "subscribe"), "false");
    f->history = duration(p, "history", 90ll * FB_DAY);
    f->recheck = duration(p, "recheck", 3600000);
    f->window = duration(p, "window", 14ll * FB_DAY);
}

/* An id becomes a segment of a path. */
static bool good_ids(struct fb *f) {
    const struct {
        const char *name;
        struct sori_str id;
    } ids[] = {
        {"account", f->account}, {"page", f->page}, {"app", f->app}, {"version", f->version}};
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
        if (!ids[i].id.len || fb_good_id(ids[i].id)) continue;
        struct sori_str why =
            arena_format(&f->kept, "%s = \"%.*s\" is not as the platform writes ids and versions",
                         ids[i].name, S(s_head(ids[i].id, 64)));
        f->host->fail(f->host, 0, why);
        return false;
    }
    return true;
}

static void destroy(void *self) {
    struct fb *f = self;
    if (!f) return;
    arena_free(&f->call);
    arena_free(&f->kept);
    free(f);
}

static enum sori_status create(const struct sori_host *host, const struct sori_config *config,
                               void **self) {
    struct fb *f = calloc(1, sizeof *f);
    if (!f) abort();
    f->host = host;
    json_object_seed(0); /* it reads a file, and files are fenced later */
    read_options(f, config->options);
    if (!good_ids(f)) {
        destroy(f);
        return SORI_CONFIG;
    }
    *self = f;
    return SORI_OK;
}

static enum sori_status poll(void *self, const struct sori_poll *p, const struct sori_sink *sink) {
    struct fb *f = self;
    f->live_from = p->live_from;
    enum sori_status s = fb_poll(f, p, sink);
    arena_free(&f->call);
    return s;
}

static enum sori_status decode(void *self, const struct sori_delivery *d,
                               const struct sori_sink *sink) {
    return fb_decode(self, d, sink);
}

static enum sori_act_status act(void *self, const struct sori_action *action,
                                const struct sori_result *result) {
    struct fb *f = self;
    enum sori_act_status s = fb_act(f, action, result);
    arena_free(&f->call);
    return s;
}

static enum sori_act_status reconcile(void *self, const struct sori_action *action,
                                      const struct sori_result *result) {
    struct fb *f = self;
    enum sori_act_status s = fb_reconcile(f, action, result);
    arena_free(&f->call);
    return s;
}

static enum sori_status health(void *self, const struct sori_health *h) {
    struct fb *f = self;
    enum sori_status s = fb_health(f, h);
    arena_free(&f->call);
    return s;
}

static const struct sori_connector connector = {
    .struct_size = sizeof connector,
    .flags = SORI_CONNECTOR_POLLS | SORI_CONNECTOR_DECODES | SORI_CONNECTOR_ACTS,
    .verbs = verbs,
    .verb_count = sizeof verbs / sizeof *verbs,
    .verb_stride = sizeof *verbs,
    .create = create,
    .destroy = destroy,
    .poll = poll,
    .decode = decode,
    .act = act,
    .reconcile = reconcile,
    .health = health,
};

static const struct sori_interface interfaces[] = {{SORI_CONNECTOR_ID, &connector}};

static const struct sori_plugin plugin = {
    .struct_size = sizeof plugin,
    .abi = SORI_ABI,
    .id = "facebook",
    .name = "Facebook, Instagram, Threads",
    .version = "0.1.0",
    .vendor = "Sori",
    .license = "MIT",
    .summary = "Hears and answers comments, mentions, shares, reactions, reviews and private "
               "messages of a Facebook Page, an Instagram or a Threads account",
    .options = {options, sizeof options / sizeof *options, sizeof *options},
    .hosts = hosts,
    .slots = slots,
    .slot_count = sizeof slots / sizeof *slots,
    .slot_stride = sizeof *slots,
    .receives = receives,
    .receive_count = sizeof receives / sizeof *receives,
    .receive_stride = sizeof *receives,
    .interfaces = interfaces,
    .interface_count = sizeof interfaces / sizeof *interfaces,
    .interface_stride = sizeof *interfaces,
    .setups = setups,
    .guide = fb_guide,
    .guide_count = FB_GUIDE_STEPS,
    .guide_stride = sizeof *fb_guide,
};

const struct sori_plugin *sori_plugin_v0(void) { return &plugin; }
