/* hello.c: a whole connector on one page. Its channel is a folder of JSON files:
 *
 *   {"id": "7", "text": "배송이 늦어요", "author": {"id": "kim", "name": "김하늘"},
 *    "kind": "comment", "said_at": "2026-11-22T03:05:00Z"}
 *
 * each one interaction; a reply becomes the file reply-ACTION.json beside them. Build and try it:
 *
 *   cc -shared -fPIC -I include -o hello.so sdk/example/hello.c
 *   sori plugin try ./hello.so --set url=folder:///tmp/voices --allow /tmp/voices
 *
 * What to notice: no socket and no file is opened here, net does that for us; nothing is shared
 * between poll and act but what lies in the folder; every value from outside may be any bytes. */
#define _POSIX_C_SOURCE 200809L /* strtok_r, whatever -std= says */
#include <sori/plugin.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct hello {
    const struct sori_host *host;
    char url[1024], at[2048]; /* the folder, with a '/' at its end; the file in hand */
    char id[512], text[65536], author[256], name[512], when[64], kind[32];
    char body[70000]; /* of a reply */
};

/* ---- JSON, as much as we need: the strings of one object. Numbers, lists and the rest are
 * skipped; what is broken ends the search, so that the worst text of a stranger finds nothing. ----
 */

static size_t skip_string(struct sori_str s, size_t i) { /* s.ptr[i] is '"'; behind its end */
    for (i++; i < s.len && s.ptr[i] != '"'; i++)
        if (s.ptr[i] == '\\') i++;
    return i < s.len ? i + 1 : s.len;
}

/* The value of `key` in the object `s`, as it is written; empty when there is none. */
static struct sori_str json_find(struct sori_str s, const char *key) {
    size_t depth = 0, from = 0, n = strlen(key);
    bool here = false; /* the value of our key is being passed */
    for (size_t i = 0; i < s.len;) {
        char c = s.ptr[i];
        size_t end = c == '"' ? skip_string(s, i) : i + 1;
        if (depth == 1 && here && (c == ',' || c == '}'))
            return (struct sori_str){s.ptr + from, i - from};
        if (depth == 1 && !here && c == '"' && end - i == n + 2 &&
            memcmp(s.ptr + i + 1, key, n) == 0)
            from = end; /* our word, a key if a colon follows */
        else if (depth == 1 && c == ':' && from)
            here = true, from = end;
        else if (depth == 1 && !here && c != ' ' && c != '\n' && c != '\r' && c != '\t')
            from = 0;
        if (c == '{' || c == '[') depth++;
        if ((c == '}' || c == ']') && depth-- <= 1) break;
        i = end;
    }
    return (struct sori_str){NULL, 0};
}

static unsigned hex4(const char *p) {
    char digits[5] = {p[0], p[1], p[2], p[3], 0};
    return (unsigned)strtoul(digits, NULL, 16);
}

static size_t utf8(char *to, unsigned c) {
    if (c < 0x80) return to[0] = (char)c, 1;
    size_t n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (size_t i = n - 1; i > 0; i--, c >>= 6) to[i] = (char)(0x80 | (c & 0x3f));
    to[0] = (char)((0xf00u >> n & 0xf0u) | c);
    return n;
}

/* The string that a value is, unescaped into `to`; "" when it is none. */
static struct sori_str json_text(struct sori_str v, char *to, size_t size) {
    size_t n = 0, i = 0;
    while (i < v.len && v.ptr[i] != '"') i++;
    for (i++; i < v.len && v.ptr[i] != '"' && n + 4 < size; i++) {
        if (v.ptr[i] != '\\' || i + 1 >= v.len) {
            to[n++] = v.ptr[i];
            continue;
        }
        static const char plain[] = "\"\\/bfnrt", means[] = "\"\\/\b\f\n\r\t";
        const char *known = strchr(plain, v.ptr[++i]);
        if (known && *known) to[n++] = means[known - plain];
        if (v.ptr[i] != 'u' || v.len - i < 5) continue;
        unsigned c = hex4(v.ptr + i + 1);
        i += 4;
        bool pair = c >= 0xd800 && c < 0xdc00 && v.len - i > 6 && v.ptr[i + 1] == '\\';
        if (pair) c = 0x10000 + ((c & 0x3ff) << 10) + (hex4(v.ptr + i + 3) & 0x3ff), i += 6;
        n += utf8(to + n, c >= 0xd800 && c < 0xe000 ? 0xfffd : c);
    }
    to[n] = 0;
    return (struct sori_str){to, n};
}

/* "2026-11-22T03:05:00Z" in milliseconds since 1970; 0, unknown, for anything else. */
static int64_t when(const char *text) {
    int y, m, d, h, min, s, used = 0;
    if (sscanf(text, "%4d-%2d-%2dT%2d:%2d:%2d%n", &y, &m, &d, &h, &min, &s, &used) != 6 ||
        text[used] != 'Z' || y < 1970 || m < 1 || m > 12)
        return 0;
    if (m <= 2) y--, m += 12; /* the year begins in March, so that leap days come last */
    int64_t days = 365LL * y + y / 4 - y / 100 + y / 400 + (153 * (m - 3) + 2) / 5 + d - 719469;
    return (((days * 24 + h) * 60 + min) * 60 + s) * 1000;
}

/* ---- the channel ---- */

static enum sori_status get(struct hello *me, const char *url, struct sori_http_response *answer) {
    struct sori_http_request ask = {.struct_size = sizeof ask,
                                    .effect = SORI_HTTP_READ,
                                    .method = SORI_STR("GET"),
                                    .url = {url, strlen(url)}};
    *answer = (struct sori_http_response){.struct_size = sizeof *answer};
    return me->host->http(me->host, &ask, answer);
}

static enum sori_status create(const struct sori_host *host, const struct sori_config *config,
                               void **self) {
    struct hello *me = calloc(1, sizeof *me);
    if (!me) return SORI_BUG;
    me->host = host;
    for (size_t i = 0; i < config->options.count; i++) {
        const struct sori_pair *o = &config->options.items[i];
        if (o->name.len == 3 && memcmp(o->name.ptr, "url", 3) == 0 && o->value.len < 1000)
            snprintf(me->url, sizeof me->url, "%.*s%s", (int)o->value.len, o->value.ptr,
                     o->value.len && o->value.ptr[o->value.len - 1] == '/' ? "" : "/");
    }
    *self = me;
    return SORI_OK;
}

static void destroy(void *self) { free(self); }

static enum sori_more give(struct hello *me, struct sori_str json, int64_t mtime,
                           const struct sori_sink *sink) {
    struct sori_str author = json_find(json, "author");
    struct sori_item item = {
        .struct_size = sizeof item,
        .kind = SORI_KIND_COMMENT,
        .observed = SORI_OBSERVED_STATE,
        .can = SORI_CAN_REPLY,
        .native_id = json_text(json_find(json, "id"), me->id, sizeof me->id),
        .version = mtime,
        .author_id = json_text(json_find(author, "id"), me->author, sizeof me->author),
        .author_name = json_text(json_find(author, "name"), me->name, sizeof me->name),
        .text = json_text(json_find(json, "text"), me->text, sizeof me->text)};
    json_text(json_find(json, "kind"), me->kind, sizeof me->kind);
    if (strcmp(me->kind, "mention") == 0) item.kind = SORI_KIND_MENTION;
    if (strcmp(me->kind, "message") == 0)
        item.kind = SORI_KIND_MESSAGE, item.visibility = SORI_VISIBILITY_PRIVATE;
    json_text(json_find(json, "said_at"), me->when, sizeof me->when);
    item.said_at = when(me->when);
    if (!item.native_id.len)
        return sink->reject(sink, 0, SORI_STR("it has no \"id\", a string"), json);
    return sink->item(sink, &item);
}

/* The cursor is the time of the newest file. Files of that very time are read again: redelivery
 * does no harm, a file that is never read would. */
static enum sori_status poll(void *self, const struct sori_poll *poll,
                             const struct sori_sink *sink) {
    struct hello *me = self;
    struct sori_http_response answer;
    int64_t seen = 0, newest;
    for (size_t i = 0; i < poll->cursors.count; i++)
        seen = strtoll(poll->cursors.items[i].value.ptr, NULL, 10);
    newest = seen;
    enum sori_status status = get(me, me->url, &answer);
    if (status != SORI_OK) return status; /* net has said why */
    if (answer.http_status != 200) {
        me->host->fail(me->host, answer.http_status, SORI_STR("the folder cannot be listed"));
        return SORI_CONFIG;
    }
    char *list = malloc(answer.body.len + 1), *rest = NULL; /* the next answer replaces this one */
    if (!list) return SORI_BUG;
    if (answer.body.len) memcpy(list, answer.body.ptr, answer.body.len);
    list[answer.body.len] = 0;
    enum sori_more more = SORI_MORE;
    for (char *line = strtok_r(list, "\n", &rest); line && more == SORI_MORE;
         line = strtok_r(NULL, "\n", &rest)) {
        char *tab = strchr(line, '\t'), *last = strrchr(line, '\t');
        int64_t mtime = last ? strtoll(last + 1, NULL, 10) : 0;
        if (!tab || mtime < seen) continue;
        *tab = 0;
        size_t n = strlen(line);
        if (n < 5 || strcmp(line + n - 5, ".json") != 0 || strncmp(line, "reply-", 6) == 0)
            continue;
        snprintf(me->at, sizeof me->at, "%s%s", me->url, line);
        status = get(me, me->at, &answer);
        if (status != SORI_OK) break;
        if (answer.http_status == 200) more = give(me, answer.body, mtime, sink);
        if (mtime > newest) newest = mtime;
    }
    free(list);
    /* After a STOP or a failure the cursor stays: the listing has no order to go on from. */
    if (status != SORI_OK || more == SORI_STOP) return status == SORI_OK ? SORI_AGAIN : status;
    char cursor[32];
    int n = snprintf(cursor, sizeof cursor, "%lld", (long long)newest);
    sink->cursor(sink, SORI_STR("newest"), (struct sori_str){cursor, (size_t)n});
    return SORI_OK;
}

/* The name is made of the action's id: doing it twice writes the same file. */
static struct sori_str reply_url(struct hello *me, const struct sori_action *action) {
    int n = snprintf(me->at, sizeof me->at, "%sreply-%.*s.json", me->url, (int)action->id.len,
                     action->id.ptr);
    return (struct sori_str){me->at, (size_t)n};
}

static size_t quote(char *to, size_t size, struct sori_str s) {
    size_t n = 0;
    for (size_t i = 0; i < s.len && n + 7 < size; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        if (c == '"' || c == '\\' || c < 0x20)
            n += (size_t)snprintf(to + n, size - n, "\\u%04x", c);
        else
            to[n++] = (char)c;
    }
    to[n] = 0;
    return n;
}

static enum sori_act_status act(void *self, const struct sori_action *action,
                                const struct sori_result *result) {
    struct hello *me = self;
    if (action->verb != SORI_VERB_REPLY) return SORI_ACT_PERMANENT;
    quote(me->text, sizeof me->text, action->text);
    quote(me->id, sizeof me->id, action->native_id);
    int n = snprintf(me->body, sizeof me->body, "{\"to\": \"%s\", \"text\": \"%s\"}\n", me->id,
                     me->text);
    struct sori_str url = reply_url(me, action);
    struct sori_http_request ask = {.struct_size = sizeof ask,
                                    .effect = SORI_HTTP_WRITE,
                                    .method = SORI_STR("PUT"),
                                    .url = url,
                                    .body = {me->body, (size_t)n}};
    struct sori_http_response answer = {.struct_size = sizeof answer};
    if (me->host->http(me->host, &ask, &answer) != SORI_OK) return SORI_ACT_RETRY;
    if (answer.http_status == 200 || answer.http_status == 201) {
        result->made(result, action->id, url);
        return SORI_ACT_OK;
    }
    me->host->fail(me->host, answer.http_status, SORI_STR("the reply could not be written"));
    return SORI_ACT_PERMANENT;
}

static enum sori_act_status reconcile(void *self, const struct sori_action *action,
                                      const struct sori_result *result) {
    struct hello *me = self;
    struct sori_http_response answer;
    struct sori_str url = reply_url(me, action);
    if (get(me, me->at, &answer) != SORI_OK) return SORI_ACT_RETRY;
    if (answer.http_status == 404) return SORI_ACT_ABSENT;
    if (answer.http_status != 200) return SORI_ACT_RETRY;
    result->made(result, action->id, url);
    return SORI_ACT_OK;
}

static enum sori_status health(void *self, const struct sori_health *say) {
    struct hello *me = self;
    struct sori_http_response answer;
    if (get(me, me->url, &answer) == SORI_OK && answer.http_status == 200) return SORI_OK;
    say->say(say, SORI_LOG_ERROR, SORI_STR("the folder cannot be listed; is it in `allow`?"));
    return SORI_CONFIG;
}

/* ---- what Sori reads before anything runs ---- */

static const struct sori_verb_info verbs[] = {{.verb = SORI_VERB_REPLY,
                                               .flags = SORI_VERB_LISTABLE | SORI_VERB_IDEMPOTENT,
                                               .text_max = 2000}};
static const struct sori_connector connector = {.struct_size = sizeof connector,
                                                .flags = SORI_CONNECTOR_POLLS | SORI_CONNECTOR_ACTS,
                                                .verbs = verbs,
                                                .verb_count = 1,
                                                .verb_stride = sizeof *verbs,
                                                .create = create,
                                                .destroy = destroy,
                                                .poll = poll,
                                                .act = act,
                                                .reconcile = reconcile,
                                                .health = health};
static const struct sori_option options[] = {
    {.name = "url",
     .type = SORI_OPTION_URL,
     .flags = SORI_OPTION_REQUIRED,
     .help = "the folder, folder:///var/voices; its path must stand in the connection's allow"}};
static const struct sori_interface interfaces[] = {{SORI_CONNECTOR_ID, &connector}};
static const struct sori_plugin plugin = {.struct_size = sizeof plugin,
                                          .abi = SORI_ABI,
                                          .id = "hello",
                                          .name = "Hello",
                                          .version = "0.1",
                                          .license = "MIT",
                                          .summary = "a folder of JSON files, for learning",
                                          .options = {options, 1, sizeof *options},
                                          .interfaces = interfaces,
                                          .interface_count = 1,
                                          .interface_stride = sizeof *interfaces};

const struct sori_plugin *sori_plugin_v0(void) { return &plugin; }
