/* Says what a test wrote down. Its channel is a folder: each *.item file holds items, a line each,
 * "key=value|key=value", and every poll gives all of them again (so that redelivery is the rule). A
 * reply becomes reply-ACTION.json there; a file `act` says how replying goes: ok, lost (written, no
 * answer known), never (nothing written, no answer known), crash, or a wait (slow after, late
 * before). Where a file `reconcile` is, finding out takes four seconds. All these waits last, and
 * say so in the log, as long as a file `hold` is there (40 seconds at most).
 *
 * A line whose text holds 독약 kills the process that decodes it. A line with tasks=N leaves N
 * tasks, ID-1 to ID-N, with its text; a poll does those whose text is 완료, dies of 독약, and
 * leaves others. */
#include "sori/plugin.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#ifndef PUPPET_ID
#define PUPPET_ID "puppet"
#endif

struct puppet {
    const struct sori_host *host;
    char url[1024], at[2048], body[8192];
};

static struct sori_str field(struct sori_str line, const char *key) {
    size_t n = strlen(key);
    while (line.len) {
        const char *end = memchr(line.ptr, '|', line.len);
        size_t len = end ? (size_t)(end - line.ptr) : line.len;
        if (len > n && line.ptr[n] == '=' && memcmp(line.ptr, key, n) == 0)
            return (struct sori_str){line.ptr + n + 1, len - n - 1};
        line.ptr += len + (end != NULL);
        line.len -= len + (end != NULL);
    }
    return (struct sori_str){NULL, 0};
}

static int64_t number(struct sori_str line, const char *key) {
    struct sori_str s = field(line, key);
    int64_t n = 0;
    for (size_t i = 0; i < s.len && s.ptr[i] >= '0' && s.ptr[i] <= '9'; i++)
        n = n * 10 + (s.ptr[i] - '0');
    return n;
}

static uint32_t word(struct sori_str s, const char *const *words, size_t count, uint32_t other) {
    for (uint32_t i = 0; s.len && i < count; i++)
        if (s.len == strlen(words[i]) && memcmp(s.ptr, words[i], s.len) == 0) return i;
    return other;
}

static void give(struct sori_str line, const struct sori_sink *sink) {
    static const char *const kinds[] = {"unknown", "reaction", "comment",   "share",
                                        "mention", "message",  "trackback", "post"};
    static const char *const events[] = {"said", "removed", "hidden", "shown", "arrived"};
    static const char *const origins[] = {"person", "hand", "rule"};
    static const char *const shares[] = {"", "simple", "specific"};
    uint32_t all = SORI_CAN_REPLY | SORI_CAN_REPLY_PRIVATELY | SORI_CAN_LIKE;
    struct sori_item item = {.struct_size = sizeof item,
                             .kind = word(field(line, "kind"), kinds, 8, SORI_KIND_COMMENT),
                             .share = word(field(line, "share"), shares, 3, 0),
                             .event = word(field(line, "event"), events, 5, SORI_EVENT_SAID),
                             .origin = word(field(line, "origin"), origins, 3, SORI_ORIGIN_PERSON),
                             .observed = field(line, "seen").len ? SORI_OBSERVED_EVENT
                                                                 : SORI_OBSERVED_STATE,
                             .can = field(line, "why").len ? 0 : all,
                             .why_not = field(line, "why"),
                             .space = field(line, "space"),
                             .native_id = field(line, "id"),
                             .version = number(line, "version"),
                             .parent = field(line, "parent"),
                             .target = field(line, "target"),
                             .author_id = field(line, "author"),
                             .author_name = field(line, "author"),
                             .text = field(line, "text"),
                             .said_at = number(line, "said_at"),
                             .author_reach = number(line, "reach"),
                             .text_max = number(line, "max"),
                             .window_left_ms = number(line, "window"),
                             .reaction = field(line, "reaction"),
                             .reaction_value = number(line, "value")};
    char key[256];
    int64_t tasks = number(line, "tasks");
    for (int64_t i = 1; i <= tasks; i++) {
        int n = snprintf(key, sizeof key, "%.*s-%lld", (int)item.native_id.len, item.native_id.ptr,
                         (long long)i);
        sink->task(sink, (struct sori_str){key, (size_t)n}, item.text, 0);
    }
    if (tasks) return;
    if (!item.native_id.len)
        sink->reject(sink, 0, SORI_STR("a line without an id"), line);
    else
        sink->item(sink, &item);
}

static void give_lines(struct sori_str all, const struct sori_sink *sink) {
    while (all.len) {
        const char *end = memchr(all.ptr, '\n', all.len);
        size_t len = end ? (size_t)(end - all.ptr) : all.len;
        if (len) give((struct sori_str){all.ptr, len}, sink);
        all.ptr += len + (end != NULL);
        all.len -= len + (end != NULL);
    }
}

static enum sori_status get(struct puppet *me, const char *url, struct sori_http_response *answer) {
    struct sori_http_request ask = {
        .struct_size = sizeof ask, .method = SORI_STR("GET"), .url = {url, strlen(url)}};
    *answer = (struct sori_http_response){.struct_size = sizeof *answer};
    return me->host->http(me->host, &ask, answer);
}

static enum sori_status create(const struct sori_host *host, const struct sori_config *config,
                               void **self) {
    struct puppet *me = calloc(1, sizeof *me);
    if (!me) return SORI_BUG;
    me->host = host;
    int64_t from = 0;
    for (size_t i = 0; i < config->options.count; i++) {
        struct sori_str v = config->options.items[i].value;
        if (config->options.items[i].name.len == 3 && v.len < 1000)
            snprintf(me->url, sizeof me->url, "%.*s/", (int)v.len, v.ptr);
        else if (v.len)
            from = strtoll(v.ptr, NULL, 10);
    }
    if (host->now(host) / 1000 < from) { /* a channel that needs a while to come up */
        host->fail(host, 0, SORI_STR("it is not time yet"));
        free(me);
        return SORI_CONFIG;
    }
    *self = me;
    return SORI_OK;
}

static void destroy(void *self) { free(self); }

static volatile uintptr_t wild = 16; /* nothing is mapped there */

static bool is(struct sori_str s, const char *text) {
    return s.len == strlen(text) && memcmp(s.ptr, text, s.len) == 0;
}

static void do_tasks(const struct sori_poll *ask, const struct sori_sink *sink) {
    for (size_t i = 0; i < ask->task_count; i++) {
        const struct sori_task *t =
            (const struct sori_task *)((const char *)ask->tasks + i * ask->task_stride);
        if (is(t->body, "독약")) *(volatile int *)wild = 1;
        if (is(t->body, "완료")) sink->task_done(sink, t->key);
    }
}

static enum sori_status poll(void *self, const struct sori_poll *ask,
                             const struct sori_sink *sink) {
    struct puppet *me = self;
    struct sori_http_response answer;
    do_tasks(ask, sink);
    enum sori_status status = get(me, me->url, &answer);
    if (status != SORI_OK) return status;
    if (answer.http_status != 200) return SORI_CONFIG;
    char *list = calloc(1, answer.body.len + 1), *rest = NULL;
    if (!list) return SORI_BUG;
    if (answer.body.len) memcpy(list, answer.body.ptr, answer.body.len);
    for (char *name = strtok_r(list, "\n", &rest); name; name = strtok_r(NULL, "\n", &rest)) {
        char *tab = strchr(name, '\t');
        if (tab) *tab = 0;
        if (!strstr(name, ".item")) continue;
        snprintf(me->at, sizeof me->at, "%s%s", me->url, name);
        if (get(me, me->at, &answer) == SORI_OK && answer.http_status == 200)
            give_lines(answer.body, sink);
    }
    free(list);
    return SORI_OK;
}

static enum sori_status decode(void *self, const struct sori_delivery *d,
                               const struct sori_sink *sink) {
    (void)self;
    if (d->body.len && memmem(d->body.ptr, d->body.len, "독약", strlen("독약")))
        *(volatile int *)wild = 1;
    give_lines(d->body, sink);
    return SORI_OK;
}

/* A moment that a test wants to look at. */
static void linger(struct puppet *me, const char *where, int seconds) {
    struct sori_http_response answer;
    const struct timespec while_ago = {.tv_nsec = 200000000};
    char line[80];
    snprintf(line, sizeof line, "lingers %s", where);
    me->host->log(me->host, SORI_LOG_INFO, (struct sori_str){line, strlen(line)});
    nanosleep(&(struct timespec){.tv_sec = seconds}, NULL);
    snprintf(me->at, sizeof me->at, "%shold", me->url);
    for (int i = 0; i < 200; i++) {
        if (get(me, me->at, &answer) != SORI_OK || answer.http_status != 200) return;
        nanosleep(&while_ago, NULL);
    }
}

static void reply_url(struct puppet *me, const struct sori_action *action) {
    snprintf(me->at, sizeof me->at, "%sreply-%.*s.json", me->url, (int)action->id.len,
             action->id.ptr);
}

static enum sori_act_status act(void *self, const struct sori_action *action,
                                const struct sori_result *result) {
    struct puppet *me = self;
    struct sori_http_response answer;
    char how[16] = "ok";
    snprintf(me->at, sizeof me->at, "%sact", me->url);
    if (get(me, me->at, &answer) == SORI_OK && answer.http_status == 200)
        snprintf(how, sizeof how, "%.*s", (int)strcspn(answer.body.ptr, "\n"), answer.body.ptr);
    if (strcmp(how, "late") == 0) linger(me, "before it writes", 3);
    reply_url(me, action);
    if (strcmp(how, "refuse") == 0) return SORI_ACT_PERMANENT;
    if (strcmp(how, "retry") == 0) return SORI_ACT_RETRY;
    if (strcmp(how, "never") == 0) return SORI_ACT_UNKNOWN_OUTCOME;
    struct sori_str way = {NULL, 0};
    for (size_t i = 0; i < action->args.count; i++)
        if (action->args.items[i].name.len == 4) way = action->args.items[i].value; /* "long" */
    int n = snprintf(me->body, sizeof me->body,
                     "{\"to\": \"%.*s\", \"text\": \"%.*s\", \"verb\": %u, \"by\": %u, "
                     "\"long\": \"%.*s\"}\n",
                     (int)action->native_id.len, action->native_id.ptr, (int)action->text.len,
                     action->text.ptr, (unsigned)action->verb, (unsigned)action->by, (int)way.len,
                     way.len ? way.ptr : "");
    struct sori_http_request ask = {.struct_size = sizeof ask,
                                    .effect = SORI_HTTP_WRITE,
                                    .method = SORI_STR("PUT"),
                                    .url = {me->at, strlen(me->at)},
                                    .body = {me->body, (size_t)n}};
    if (me->host->http(me->host, &ask, &answer) != SORI_OK) return SORI_ACT_RETRY;
    if (strcmp(how, "crash") == 0) *(volatile int *)wild = 1;
    bool written = answer.http_status == 200 || answer.http_status == 201;
    if (strcmp(how, "slow") == 0) linger(me, "after it wrote", 3);
    if (strcmp(how, "lost") == 0) return SORI_ACT_UNKNOWN_OUTCOME;
    if (!written) return SORI_ACT_PERMANENT;
    result->made(result, action->id, (struct sori_str){NULL, 0});
    return SORI_ACT_OK;
}

static enum sori_act_status reconcile(void *self, const struct sori_action *action,
                                      const struct sori_result *result) {
    struct puppet *me = self;
    struct sori_http_response answer;
    reply_url(me, action);
    if (get(me, me->at, &answer) != SORI_OK) return SORI_ACT_RETRY;
    if (answer.http_status == 404) return SORI_ACT_ABSENT;
    if (answer.http_status != 200) return SORI_ACT_RETRY;
    snprintf(me->at, sizeof me->at, "%sreconcile", me->url);
    if (get(me, me->at, &answer) == SORI_OK && answer.http_status == 200)
        linger(me, "over what it found", 4);
    result->made(result, action->id, (struct sori_str){NULL, 0});
    return SORI_ACT_OK;
}

/* A private reply is not listable: only a person can say what became of a lost one. */
static const struct sori_verb_info verbs[] = {
    {.verb = SORI_VERB_REPLY, .flags = SORI_VERB_LISTABLE, .text_max = 2000},
    {.verb = SORI_VERB_PRIVATE_REPLY},
    {.verb = SORI_VERB_LIKE, .flags = SORI_VERB_IDEMPOTENT},
    {.verb = SORI_VERB_UNLIKE, .flags = SORI_VERB_IDEMPOTENT},
    {.verb = SORI_VERB_HIDE, .flags = SORI_VERB_IDEMPOTENT},
    {.verb = SORI_VERB_EDIT}};
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
    .reconcile = reconcile};
static const struct sori_option options[] = {
    {.name = "url", .type = SORI_OPTION_URL, .help = "the folder"},
    {.name = "from", .type = SORI_OPTION_INT, .max = INT64_MAX, .help = "no instance before"}};
static const struct sori_interface interfaces[] = {{SORI_CONNECTOR_ID, &connector}};
static const struct sori_plugin plugin = {.struct_size = sizeof plugin,
                                          .abi = SORI_ABI,
                                          .id = PUPPET_ID,
                                          .name = "Puppet",
                                          .version = "0.1",
                                          .license = "MIT",
                                          .summary = "says what a test wrote down",
                                          .options = {options, 2, sizeof *options},
                                          .interfaces = interfaces,
                                          .interface_count = 1,
                                          .interface_stride = sizeof *interfaces};

const struct sori_plugin *sori_plugin_v0(void) { return &plugin; }
