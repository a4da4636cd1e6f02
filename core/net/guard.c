#include "net/guard.h"

#include "net/target.h"

#include <arpa/inet.h>
#include <stdlib.h>

struct block4 {
    uint32_t base;
    unsigned bits;
    const char *why;
};
struct block6 {
    uint8_t base[16];
    unsigned bits;
    const char *why;
};

/* Everything in IPv4 that is not public unicast (IANA special-purpose registry), and the one
 * public address behind which a cloud serves its machines' secrets. */
static const struct block4 blocks4[] = {
    {0x00000000, 8, "an address of \"this network\""},
    {0x0a000000, 8, "a private address"},
    {0x64400000, 10, "a carrier's private address"},
    {0x7f000000, 8, "a loopback address"},
    {0xa9fe0000, 16, "a link-local address"},
    {0xac100000, 12, "a private address"},
    {0xc0000000, 24, "a reserved address"},
    {0xc0000200, 24, "a documentation address"},
    {0xc0586300, 24, "a 6to4 relay address"},
    {0xc0a80000, 16, "a private address"},
    {0xc6120000, 15, "a benchmarking address"},
    {0xc6336400, 24, "a documentation address"},
    {0xcb007100, 24, "a documentation address"},
    {0xa83f8110, 32, "a cloud's own service address"},
    {0xe0000000, 4, "a multicast address"},
    {0xf0000000, 4, "a reserved address"},
};

/* In IPv6 only 2000::/3 is public, so these are its exceptions, and names for what lies outside;
 * the forms that carry an IPv4 address are refused whatever they carry. */
static const struct block6 blocks6[] = {
    {{[15] = 1}, 128, "a loopback address"},
    {{0}, 128, "the unspecified address"},
    {{[10] = 0xff, 0xff}, 96, "an IPv4 address written as IPv6"},
    {{[8] = 0xff, 0xff}, 96, "an IPv4 address written as IPv6"},
    {{0}, 96, "an IPv4 address written as IPv6"},
    {{0, 0x64, 0xff, 0x9b}, 96, "a NAT64 address"},
    {{0, 0x64, 0xff, 0x9b, 0, 1}, 48, "a local NAT64 address"},
    {{0x01}, 64, "a discard address"},
    {{0x20, 0x01, 0, 0}, 32, "a Teredo address"},
    {{0x20, 0x01, 0x0d, 0xb8}, 32, "a documentation address"},
    {{0x20, 0x01, 0}, 23, "a reserved address"},
    {{0x20, 0x02}, 16, "a 6to4 address"},
    {{0x3f, 0xff}, 20, "a documentation address"},
    {{0x5f, 0x00}, 16, "a reserved address"},
    {{0xfc}, 7, "a private address"},
    {{0xfe, 0x80}, 10, "a link-local address"},
    {{0xfe, 0xc0}, 10, "a site-local address"},
    {{0xff}, 8, "a multicast address"},
};

static const char *why4(uint32_t address) {
    for (size_t i = 0; i < sizeof blocks4 / sizeof *blocks4; i++) {
        uint32_t mask = ~(uint32_t)0 << (32 - blocks4[i].bits);
        if ((address & mask) == blocks4[i].base) return blocks4[i].why;
    }
    return NULL;
}

static bool same_bits(const uint8_t *a, const uint8_t *b, unsigned bits) {
    if (memcmp(a, b, bits / 8) != 0) return false;
    unsigned rest = bits % 8;
    if (rest == 0) return true;
    uint8_t mask = (uint8_t)(0xff << (8 - rest));
    return ((a[bits / 8] ^ b[bits / 8]) & mask) == 0;
}

static const char *why6(const uint8_t *address) {
    for (size_t i = 0; i < sizeof blocks6 / sizeof *blocks6; i++)
        if (same_bits(address, blocks6[i].base, blocks6[i].bits)) return blocks6[i].why;
    return (address[0] & 0xe0) == 0x20 ? NULL : "not a public address";
}

const char *guard_why(const struct sockaddr *address) {
    if (address->sa_family == AF_INET) {
        struct sockaddr_in in;
        memcpy(&in, address, sizeof in);
        return why4(ntohl(in.sin_addr.s_addr));
    }
    if (address->sa_family == AF_INET6) {
        struct sockaddr_in6 in;
        memcpy(&in, address, sizeof in);
        return why6(in.sin6_addr.s6_addr);
    }
    return "not an internet address";
}

/* Splits "host:port"; an IPv6 address has brackets, or has no port. */
static bool split(struct sori_str text, struct sori_str *host, uint16_t *port) {
    *host = text;
    *port = 0;
    const char *colon = text.len ? memrchr(text.ptr, ':', text.len) : NULL;
    if (text.len && text.ptr[0] == '[') {
        const char *close = memchr(text.ptr, ']', text.len);
        if (!close) return false;
        *host = (struct sori_str){text.ptr + 1, (size_t)(close - text.ptr - 1)};
        if (close + 1 == text.ptr + text.len) return true;
        if (close[1] != ':') return false;
        colon = close + 1;
    } else if (!colon || memchr(text.ptr, ':', text.len) != colon) {
        return true; /* no port: a name, or a bare IPv6 address with several colons */
    } else {
        host->len = (size_t)(colon - text.ptr);
    }
    uint32_t n = 0;
    const char *end = text.ptr + text.len;
    if (colon + 1 == end) return false;
    for (const char *p = colon + 1; p < end; p++) {
        if (*p < '0' || *p > '9') return false;
        n = n * 10 + (uint32_t)(*p - '0');
        if (n > 65535) return false;
    }
    *port = (uint16_t)n;
    return n != 0;
}

bool guard_add(struct guard_list *list, struct sori_str text) {
    struct guard_entry entry = {0};
    struct sori_str host;
    if (!split(text, &host, &entry.port)) return false;
    if (host.len > 2 && host.ptr[0] == '*' && host.ptr[1] == '.') {
        entry.wide = true;
        host.ptr += 2;
        host.len -= 2;
    }
    struct buf ascii = {0};
    if (!target_host(host, &ascii)) {
        buf_free(&ascii);
        return false;
    }
    entry.host = mem_text(buf_view(&ascii));
    buf_free(&ascii);
    list->items = mem_grow(list->items, (list->count + 1) * sizeof *list->items);
    list->items[list->count++] = entry;
    return true;
}

bool guard_add_exact(struct guard_list *list, struct sori_str text) {
    if (!guard_add(list, text)) return false;
    const struct guard_entry *entry = &list->items[list->count - 1];
    if (entry->port && !entry->wide) return true;
    free(entry->host);
    list->count--;
    return false;
}

void guard_free(struct guard_list *list) {
    for (size_t i = 0; i < list->count; i++) free(list->items[i].host);
    free(list->items);
    *list = (struct guard_list){0};
}

static bool host_matches(const struct guard_entry *entry, const char *host) {
    if (!entry->wide) return strcmp(entry->host, host) == 0;
    size_t have = strlen(host), want = strlen(entry->host);
    return have > want + 1 && host[have - want - 1] == '.' &&
           strcmp(host + have - want, entry->host) == 0;
}

bool guard_names(const struct guard_list *list, const char *host, uint16_t port, bool own_port) {
    for (size_t i = 0; i < list->count; i++) {
        const struct guard_entry *entry = &list->items[i];
        bool fits = entry->port ? entry->port == port : own_port;
        if (fits && host_matches(entry, host)) return true;
    }
    return false;
}

bool guard_exact(const struct guard_list *list, const char *host, uint16_t port) {
    for (size_t i = 0; i < list->count; i++) {
        const struct guard_entry *entry = &list->items[i];
        if (port && !entry->wide && entry->port == port && strcmp(entry->host, host) == 0)
            return true;
    }
    return false;
}

static uint16_t print_host(const struct sockaddr *address, char host[INET6_ADDRSTRLEN]) {
    host[0] = 0;
    if (address->sa_family == AF_INET) {
        struct sockaddr_in in;
        memcpy(&in, address, sizeof in);
        inet_ntop(AF_INET, &in.sin_addr, host, INET6_ADDRSTRLEN);
        return ntohs(in.sin_port);
    }
    if (address->sa_family == AF_INET6) {
        struct sockaddr_in6 in;
        memcpy(&in, address, sizeof in);
        inet_ntop(AF_INET6, &in.sin6_addr, host, INET6_ADDRSTRLEN);
        return ntohs(in.sin6_port);
    }
    return 0;
}

bool guard_exact_address(const struct guard_list *list, const struct sockaddr *address) {
    char host[INET6_ADDRSTRLEN];
    uint16_t port = print_host(address, host);
    return port != 0 && guard_exact(list, host, port);
}

void guard_print(struct buf *b, const struct sockaddr *address) {
    char host[INET6_ADDRSTRLEN];
    uint16_t port = print_host(address, host);
    if (address->sa_family == AF_INET6)
        buf_printf(b, "[%s]:%u", host, (unsigned)port);
    else
        buf_printf(b, "%s:%u", host, (unsigned)port);
}
