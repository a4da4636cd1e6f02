/* Takes the worker's wire into its own hands and says on it what no honest worker says. Its option
 * `how` names the lie. The test that loads it looks at the core. */
#include "base/record.h"
#include "sori/plugin.h"
#include "supervise/messages.h"
#include "supervise/wire.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* Call ids and epochs are counted from 1; all small ones are tried. */
enum { IDS = 8, EPOCHS = 3, BIG = 60 << 20 };

struct forger {
    const struct sori_host *host;
    char how[32], url[512];
};

struct bytes {
    size_t len;
    char data[64 * 1024];
};

static void varint(struct bytes *b, uint64_t v) {
    for (; v >= 0x80; v >>= 7) b->data[b->len++] = (char)(v | 0x80);
    b->data[b->len++] = (char)v;
}
static void put_int(struct bytes *b, uint32_t tag, int64_t v) {
    varint(b, (uint64_t)tag << 2 | REC_INT);
    varint(b, ((uint64_t)v << 1) ^ (uint64_t)(v >> 63));
}
static void put_head(struct bytes *b, uint32_t tag, uint32_t type, size_t len) {
    varint(b, (uint64_t)tag << 2 | type);
    varint(b, len);
}
static void put_str(struct bytes *b, uint32_t tag, const char *s) {
    put_head(b, tag, REC_STR, strlen(s));
    memcpy(b->data + b->len, s, strlen(s));
    b->len += strlen(s);
}

static bool send_one(struct wire_head head, const char *payload, int memfd) {
    struct iovec iov[2] = {{&head, sizeof head}, {(void *)(uintptr_t)payload, head.size}};
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control = {.bytes = {0}};
    struct msghdr m = {.msg_iov = iov, .msg_iovlen = memfd < 0 ? 2 : 1};
    if (memfd >= 0) {
        m.msg_control = control.bytes;
        m.msg_controllen = sizeof control.bytes;
        struct cmsghdr *c = CMSG_FIRSTHDR(&m);
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(c), &memfd, sizeof memfd);
    }
    return sendmsg(WIRE_FD, &m, MSG_NOSIGNAL) >= 0;
}

/* To whatever call is open. */
static void tell(uint32_t type, uint32_t status, const char *payload, size_t len, int memfd) {
    for (uint32_t call = 0; call <= IDS; call++)
        for (uint32_t epoch = 1; epoch <= EPOCHS; epoch++)
            send_one((struct wire_head){.type = type,
                                        .call = call,
                                        .epoch = epoch,
                                        .sub = 7777,
                                        .status = status,
                                        .size = (uint32_t)len,
                                        .flags = memfd >= 0},
                     payload, memfd);
}

/* Asks in the name of another connection, with that one's credential. */
static void steal(struct forger *me) {
    static struct bytes b;
    b.len = 0;
    put_str(&b, HTTP_CONNECTION, "victim");
    put_str(&b, HTTP_METHOD, "GET");
    put_str(&b, HTTP_URL, me->url);
    put_int(&b, HTTP_SCHEME, SORI_AUTH_BEARER);
    put_str(&b, HTTP_SLOT, "token");
    put_str(&b, HTTP_CONNECTION, "victim");
    tell(W_HTTP, 0, b.data, b.len, -1);
    nanosleep(&(struct timespec){.tv_sec = 1}, NULL);
}

/* Asks for more at once than net carries for everybody together. */
static void crowd(struct forger *me) {
    static struct bytes b;
    b.len = 0;
    put_str(&b, HTTP_METHOD, "GET");
    put_str(&b, HTTP_URL, me->url);
    for (int i = 0; i < 400; i++) tell(W_HTTP, 0, b.data, b.len, -1);
    nanosleep(&(struct timespec){.tv_sec = 30}, NULL);
}

/* Items whose every number is absurd, by turns. */
static void numbers(void) {
    static const int64_t odd[] = {INT64_MIN, INT64_MAX, -1, INT32_MIN, 0, 1, 255, 4096};
    static struct bytes b, item;
    for (size_t i = 0; i < 8; i++)
        for (size_t k = 0; k < 8; k++) {
            char id[32];
            item.len = b.len = 0;
            snprintf(id, sizeof id, "odd-%zu-%zu", i, k);
#define I_INT(tag, field) put_int(&item, tag, odd[(tag + i + (tag % 3) * k) % 8]);
#define I_STR(tag, field) put_str(&item, tag, k % 2 ? "\x1b[31m\xff\x00" : id);
#include "base/fields.def"
            put_head(&b, SINK_ITEM, REC_REC, item.len);
            memcpy(b.data + b.len, item.data, item.len);
            b.len += item.len;
            put_int(&b, SINK_GAUGE, odd[i]); /* of the wrong type */
            put_head(&b, SINK_TASK, REC_REC, 0);
            put_head(&b, SINK_END, REC_REC, 0);
            tell(W_SINK, 0, b.data, b.len, -1);
            tell(W_SINK, 0, b.data, b.len - 3, -1); /* cut off */
        }
}

/* One item with a title as long as the wire carries. */
static void title(void) {
    int fd = memfd_create("sori-payload", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    static struct bytes b, item;
    b.len = item.len = 0;
    char *all = calloc(1, BIG);
    if (fd < 0 || !all) return;
#define I_INT(tag, field)
#define I_STR(tag, field)                                                                          \
    if (strcmp(#field, "title") != 0) put_str(&item, tag, "poison");
#include "base/fields.def"
#define I_INT(tag, field)
#define I_STR(tag, field)                                                                          \
    if (strcmp(#field, "title") == 0) put_head(&item, tag, REC_STR, BIG - 4096);
#include "base/fields.def"
    put_head(&b, SINK_ITEM, REC_REC, item.len + BIG - 4096);
    memcpy(b.data + b.len, item.data, item.len);
    size_t head = b.len + item.len;
    memset(all, 'a', BIG);
    memcpy(all, b.data, head);
    size_t len = head + BIG - 4096;
    for (size_t done = 0; done < len;) {
        ssize_t n = write(fd, all + done, len - done);
        if (n <= 0) return;
        done += (size_t)n;
    }
    fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SEAL);
    tell(W_SINK, 0, NULL, len, fd);
    nanosleep(&(struct timespec){.tv_sec = 1}, NULL);
}

static void logs(void) {
    static struct bytes b;
    time_t until = time(NULL) + 5;
    b.len = 0;
    put_int(&b, LOG_LEVEL, 1);
    put_str(&b, LOG_TEXT, "\x1b]0;owned\x07 the same line again and again");
    while (time(NULL) < until) tell(W_LOG, 0, b.data, b.len, -1);
}

/* By the honest way, but without end, and deaf to STOP. */
static void flood(const struct sori_sink *sink) {
    char id[32];
    for (long i = 0; i < 1500000; i++) {
        int n = snprintf(id, sizeof id, "f%ld", i);
        struct sori_item item = {.struct_size = sizeof item,
                                 .kind = SORI_KIND_COMMENT,
                                 .native_id = {id, (size_t)n},
                                 .author_id = {id, (size_t)n},
                                 .text = SORI_STR("배송")};
        sink->item(sink, &item);
    }
}

static enum sori_status create(const struct sori_host *host, const struct sori_config *config,
                               void **self) {
    struct forger *me = calloc(1, sizeof *me);
    if (!me) return SORI_BUG;
    me->host = host;
    for (size_t i = 0; i < config->options.count; i++) {
        struct sori_pair o = config->options.items[i];
        bool how = o.name.len == 3 && memcmp(o.name.ptr, "how", 3) == 0;
        snprintf(how ? me->how : me->url, how ? sizeof me->how : sizeof me->url, "%.*s",
                 (int)o.value.len, o.value.ptr);
    }
    *self = me;
    return SORI_OK;
}

static void destroy(void *self) { free(self); }

static enum sori_status poll(void *self, const struct sori_poll *ask,
                             const struct sori_sink *sink) {
    struct forger *me = self;
    (void)ask;
    if (strcmp(me->how, "steal") == 0) steal(me);
    if (strcmp(me->how, "crowd") == 0) crowd(me);
    if (strcmp(me->how, "numbers") == 0) numbers();
    if (strcmp(me->how, "title") == 0) title();
    if (strcmp(me->how, "logs") == 0) logs();
    if (strcmp(me->how, "flood") == 0) flood(sink);
    return SORI_OK;
}

static const struct sori_connector connector = {.struct_size = sizeof connector,
                                                .flags = SORI_CONNECTOR_POLLS,
                                                .create = create,
                                                .destroy = destroy,
                                                .poll = poll};
static const struct sori_option options[] = {
    {.name = "how", .type = SORI_OPTION_STRING, .help = "the lie"},
    {.name = "address", .type = SORI_OPTION_STRING, .help = "what is asked"}};
static const struct sori_interface interfaces[] = {{SORI_CONNECTOR_ID, &connector}};
static const struct sori_plugin plugin = {.struct_size = sizeof plugin,
                                          .abi = SORI_ABI,
                                          .id = "forger",
                                          .name = "Forger",
                                          .version = "0.1",
                                          .license = "MIT",
                                          .summary = "says what no honest worker says",
                                          .options = {options, 2, sizeof *options},
                                          .interfaces = interfaces,
                                          .interface_count = 1,
                                          .interface_stride = sizeof *interfaces};

const struct sori_plugin *sori_plugin_v0(void) { return &plugin; }
