/* The X connector: descriptor, options, and the way of each call. */
#include "x/x.h"

#include "common/say.h"
#include "common/url.h"
#include "x/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static const struct sori_option options[] = {
    {"user_id", SORI_OPTION_STRING, SORI_OPTION_REQUIRED, NULL, 0, 0, NULL,
     "Our user's number at X: the digits in front of the dash of the access token"},
    {"handle", SORI_OPTION_STRING, 0, NULL, 0, 0, NULL, "Our user's name at X, without the @"},
    {"receive", SORI_OPTION_LIST, 0, NULL, 0, 0, NULL,
     "How X is heard: mentions (polled), search (the watches, polled), stream (the watches, as "
     "they "
     "are said), activity (events of our account, by webhook or stream); default: mentions and "
     "search"},
    {"watch", SORI_OPTION_LIST, 0, NULL, 0, 0, NULL,
     "What is listened for, in X's own query language: \"온결 리빙\" lang:ko"},
    {"webhook", SORI_OPTION_URL, 0, NULL, 0, 0, NULL,
     "This connection's webhook as X reaches it, without a port; without it events of our account "
     "come by a stream"},
    {"events", SORI_OPTION_LIST, SORI_OPTION_ADVANCED, NULL, 0, 0, NULL,
     "Events of our account to subscribe to; default: mentions, replies, quotes, reposts, likes, "
     "own posts, removals and messages"},
    {"plan", SORI_OPTION_ENUM, 0, "self-serve", 0, 0, "self-serve|enterprise",
     "What our contract with X allows: on self-serve only posts that mention or quote us can be "
     "answered, and nothing can be liked"},
    {"auth", SORI_OPTION_ENUM, 0, "oauth1", 0, 0, "oauth1|oauth2",
     "Which credential speaks for our user: OAuth 1.0a keys, or an OAuth 2.0 token"},
    {"daily_budget", SORI_OPTION_STRING, 0, NULL, 0, 0, NULL,
     "Dollars that may be spent in a day (UTC): \"5.00\"; reading ends at nine tenths of it"},
    {"long_reply", SORI_OPTION_ENUM, 0, "refuse", 0, 0, "refuse|split",
     "A reply that is too long for one post: refused, or split into a thread"},
    {"messages", SORI_OPTION_BOOL, 0, "true", 0, 0, NULL, "Direct messages may be sent"},
    {"history", SORI_OPTION_DURATION, 0, "1d", 0, 7ll * 86400000, NULL,
     "How far back is read when the connection is new; every post that is read costs"},
    {"api", SORI_OPTION_URL, SORI_OPTION_ADVANCED, "https://api.x.com", 0, 0, NULL,
     "Where X's interface is"},
    {"web", SORI_OPTION_URL, SORI_OPTION_ADVANCED, "https://x.com", 0, 0, NULL,
     "Where X's pages are: there a person allows the application (auth = \"oauth2\")"},
};

static const char *const hosts[] = {"@api", NULL};

static const char *const setups[] = {"POST @api/2/tweets/search/stream/rules",
                                     "POST @api/2/activity/subscriptions",
                                     "DELETE @api/2/activity/subscriptions/*",
                                     "POST @api/2/webhooks",
                                     "POST @api/2/webhooks/replay",
                                     "PUT @api/2/webhooks/*",
                                     NULL};

static const struct sori_slot slots[] = {
    {.name = "consumer_key", .help = "API Key of the application"},
    {.name = "consumer_secret",
     .help = "API Key Secret of the application; X signs webhooks with it"},
    {.name = "token", .help = "Access Token of our user (OAuth 1.0a)"},
    {.name = "token_secret", .help = "Access Token Secret of our user"},
    {.name = "bearer", .help = "Bearer Token of the application: searches, streams, webhooks"},
    {.name = "oauth2",
     .help = "OAuth 2.0 token of our user, with refresh token, as one line of JSON",
     .kind = SORI_SLOT_OAUTH2,
     .refresh = "@api/2/oauth2/token",
     .authorize = "@web/i/oauth2/authorize",
     .scopes = "tweet.read tweet.write tweet.moderate.write users.read like.read like.write "
               "dm.read dm.write offline.access",
     .redirect = "http://127.0.0.1/sori"},
};

static const struct sori_receive receives[] = {
    {.form = "webhook",
     .path = "",
     .content_type = NULL,
     .answer = SORI_ANSWER_X_CRC,
     .sign = SORI_SIGN_HMAC_SHA256_BASE64,
     .sign_header = "x-twitter-webhooks-signature",
     .sign_prefix = "sha256=",
     .sign_slot = "consumer_secret"},
};

/* X lists own posts and messages within seconds; half a minute is what its documents allow. */
static const struct sori_verb_info verbs[] = {
    {SORI_VERB_REPLY, SORI_VERB_LISTABLE, 30000, 0},
    {SORI_VERB_PRIVATE_REPLY, SORI_VERB_LISTABLE, 30000, X_MESSAGE_MAX},
    {SORI_VERB_PUBLISH, SORI_VERB_LISTABLE, 30000, 0},
    {SORI_VERB_LIKE, SORI_VERB_LISTABLE | SORI_VERB_IDEMPOTENT, 5000, 0},
    {SORI_VERB_UNLIKE, SORI_VERB_LISTABLE | SORI_VERB_IDEMPOTENT, 5000, 0},
    {SORI_VERB_HIDE, SORI_VERB_LISTABLE | SORI_VERB_IDEMPOTENT, 5000, 0},
    {SORI_VERB_UNHIDE, SORI_VERB_LISTABLE | SORI_VERB_IDEMPOTENT, 5000, 0},
    {SORI_VERB_DELETE, SORI_VERB_LISTABLE | SORI_VERB_IDEMPOTENT, 5000, 0},
};

static const struct sori_step guide[] = {
    {.kind = SORI_STEP_SAY,
     .text = "At https://console.x.com make a project with one application in it. Under "
             "\"User authentication settings\" choose \"Read and write and Direct message\". "
             "Reading and answering cost money: put credits on the account."},
    {.kind = SORI_STEP_OPTION, .name = "plan"},
    {.kind = SORI_STEP_OPTION, .name = "handle"},
    {.kind = SORI_STEP_SAY,
     .text = "Under \"Keys and tokens\" make the API Key and Secret, the Bearer Token, and the "
             "Access Token and Secret of the account that answers. The digits in front of the "
             "dash of the access token are the user's number."},
    {.kind = SORI_STEP_OPTION, .name = "user_id"},
    {.kind = SORI_STEP_SLOT, .name = "consumer_key"},
    {.kind = SORI_STEP_SLOT, .name = "consumer_secret"},
    {.kind = SORI_STEP_SLOT, .name = "bearer"},
    {.kind = SORI_STEP_OPTION, .name = "auth"},
    {.kind = SORI_STEP_SLOT, .name = "token", .only = "auth=oauth1"},
    {.kind = SORI_STEP_SLOT, .name = "token_secret", .only = "auth=oauth1"},
    {.kind = SORI_STEP_SAY,
     .text = "Under \"User authentication settings\" choose the type of App (a confidential client "
             "has a Client Secret, a public one has none), and give http://127.0.0.1/sori as its "
             "callback URI. Client ID and Client Secret are then shown once. X's codes live for "
             "half a minute.",
     .only = "auth=oauth2"},
    {.kind = SORI_STEP_SLOT, .name = "oauth2", .only = "auth=oauth2"},
    {.kind = SORI_STEP_CHECK, .name = "account", .text = "who the token speaks for"},
    {.kind = SORI_STEP_OPTION, .name = "receive"},
    {.kind = SORI_STEP_OPTION, .name = "watch"},
    {.kind = SORI_STEP_HOOK,
     .text = "If events of the account shall come by webhook, give this address, without a port, "
             "as the option webhook. Sori registers it at X and subscribes by itself."},
    {.kind = SORI_STEP_OPTION, .name = "webhook"},
    {.kind = SORI_STEP_OPTION, .name = "daily_budget"},
    {.kind = SORI_STEP_CHECK, .name = "subscription.rules", .text = "the watches, as rules at X"},
    {.kind = SORI_STEP_CHECK, .name = "subscription.webhook", .text = "the webhook at X"},
    {.kind = SORI_STEP_CHECK, .name = "subscription.events", .text = "the events of the account"},
};

void x_fail(struct x *x, int code, const char *format, ...) {
    va_list args;
    va_start(args, format);
    say_fail(x->host, code, format, args);
    va_end(args);
}

void x_log(struct x *x, enum sori_log_level level, const char *format, ...) {
    va_list args;
    va_start(args, format);
    say_log(x->host, level, format, args);
    va_end(args);
}

static void destroy(void *self) {
    struct x *x = self;
    if (!x) return;
    if (x->text) x_text_close(x->text);
    arena_free(&x->call);
    arena_free(&x->kept);
    free(x);
}

/* What the table of options cannot say. */
static bool sound(struct x *x, struct sori_pairs given) {
    static const char *const ways[] = {"mentions", "search", "stream", "activity"};
    struct sori_str lines = pairs_get(given, "receive"), line;
    while (s_next(&lines, '\n', &line)) {
        bool known = false;
        for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
            known = known || s_is(s_trim(line), ways[i]);
        if (!known) {
            x_fail(x, 0, "receive = \"%.*s\" is none of mentions, search, stream and activity",
                   S(line));
            return false;
        }
    }
    if (!x_is_id(x->conf.user_id)) {
        x_fail(x, 0, "user_id = \"%.*s\" is no number of a user at X", S(x->conf.user_id));
        return false;
    }
    if (x_dollars(pairs_get(given, "daily_budget")) < 0) {
        x_fail(x, 0, "daily_budget = \"%.*s\" is no amount of dollars such as \"5.00\"",
               S(pairs_get(given, "daily_budget")));
        return false;
    }
    struct url hook = url_split(x->conf.webhook);
    if (x->conf.webhook.len &&
        (!s_same(hook.scheme, "https") || s_find_char(hook.authority, ':') < hook.authority.len ||
         x->conf.webhook.len > 200)) {
        x_fail(x, 0, "webhook = \"%.*s\": X wants https, no port, and at most 200 characters",
               S(x->conf.webhook));
        return false;
    }
    return true;
}

static enum sori_status create(const struct sori_host *host, const struct sori_config *config,
                               void **self) {
    struct x *x = calloc(1, sizeof *x);
    if (!x) abort();
    x->host = host;
    json_object_seed(0);
    struct sori_pair *pairs = arena_get(&x->kept, config->options.count * sizeof *pairs + 1);
    for (size_t i = 0; i < config->options.count; i++)
        pairs[i] = (struct sori_pair){arena_copy(&x->kept, config->options.items[i].name),
                                      arena_copy(&x->kept, config->options.items[i].value)};
    struct sori_pairs kept = {pairs, config->options.count};
    x->connection = arena_copy(&x->kept, config->connection);
    x->conf = x_conf_read(kept);
    *self = x;
    /* The decode lane makes an instance without a connection: nothing of it is weighed or sent. */
    if (!x->connection.len) return SORI_OK;
    const char *why = NULL;
    x->text = x_text_open(&why);
    bool good = sound(x, kept);
    if (good && !x->text) x_fail(x, 0, "texts cannot be weighed: %s", why ? why : "no reason");
    if (good && x->text) return SORI_OK;
    destroy(x);
    *self = NULL;
    return SORI_CONFIG;
}

static enum sori_status poll(void *self, const struct sori_poll *p, const struct sori_sink *sink) {
    struct x *x = self;
    enum sori_status s = x_poll(x, p, sink);
    arena_free(&x->call);
    return s;
}

static enum sori_status decode(void *self, const struct sori_delivery *d,
                               const struct sori_sink *sink) {
    struct x *x = self;
    enum sori_status s = x_decode(x, d, sink);
    arena_free(&x->call);
    return s;
}

static enum sori_act_status act(void *self, const struct sori_action *action,
                                const struct sori_result *result) {
    struct x *x = self;
    enum sori_act_status s = x_act(x, action, result);
    arena_free(&x->call);
    return s;
}

static enum sori_act_status reconcile(void *self, const struct sori_action *action,
                                      const struct sori_result *result) {
    struct x *x = self;
    enum sori_act_status s = x_reconcile(x, action, result);
    arena_free(&x->call);
    return s;
}

static enum sori_status health(void *self, const struct sori_health *h) {
    struct x *x = self;
    enum sori_status s = x_health(x, h);
    arena_free(&x->call);
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
    .id = "x",
    .name = "X",
    .version = "0.1.0",
    .vendor = "Sori",
    .license = "MIT",
    .summary = "Hears and answers on X (API v2): mentions, replies, quotes, likes, messages, "
               "and whatever is watched for",
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
    .guide = guide,
    .guide_count = sizeof guide / sizeof *guide,
    .guide_stride = sizeof *guide,
};

const struct sori_plugin *sori_plugin_v0(void) { return &plugin; }
