/* Who says what to whom: kinds, authors drawn with a skew, posts, threads, repeats. */
#include "flood.h"

#include <stdio.h>
#include <string.h>

static uint64_t mix(uint64_t x) {
    x += 0x9E3779B97F4A7C15u;
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
    return x ^ (x >> 31);
}

/* Few speak often, many once: the cube of an even draw. */
static uint64_t skewed(uint64_t h, uint64_t n) {
    double u = (double)(h >> 11) * (1.0 / 9007199254740992.0);
    return (uint64_t)(u * u * u * (double)n);
}

static struct sori_str text(const char *s) { return (struct sori_str){s, strlen(s)}; }

/* Ids grow with time, as most services give them. */
static void native(uint64_t i, char *out, size_t size) {
    snprintf(out, size, "%llu", 114000000000000000ULL + (unsigned long long)i * 37);
}

static void who(uint64_t h, uint64_t total, struct flood_room *r, struct sori_item *item) {
    static const char *const family[] = {"김",  "이",  "박",   "최",   "정",
                                         "Kim", "Lee", "Anna", "Omar", "Jin"};
    static const char *const given[] = {"서연", "민준", "지우",  "하린", "도윤",
                                        "Park", "M.",   "Silva", "Cho",  "Ray"};
    uint64_t n = skewed(h, total / 5 + 20), a = mix(n ^ 0x5555);
    snprintf(r->author, sizeof r->author, "u%llu", (unsigned long long)(a % 1000000000000ULL));
    snprintf(r->name, sizeof r->name, "%s%s%llu", family[a % 10], given[(a >> 8) % 10],
             (unsigned long long)(n % 1000));
    snprintf(r->author_url, sizeof r->author_url, "https://social.example/@%s", r->author);
    item->author_id = text(r->author);
    item->author_name = text(r->name);
    item->author_url = text(r->author_url);
    item->author_reach = (int64_t)(a >> 20) % 900 * (n < 40 ? 200 : 1);
}

static void say(uint64_t h, struct flood_room *r, struct sori_item *item) {
    bool korean = h % 10 < 7;
    item->text = (struct sori_str){r->text, flood_text(mix(h), korean, r->text)};
    if ((h >> 8) % 4 != 0) item->lang = korean ? SORI_STR("ko") : SORI_STR("en");
}

/* Of a thousand: 610 comments, 190 mentions, 130 messages, 45 reactions, 15 simple and 10 specific
 * shares. */
static void what(uint64_t h, struct flood_room *r, struct sori_item *item) {
    uint64_t k = h % 1000;
    item->can = SORI_CAN_REPLY;
    if (k < 610)
        item->kind = SORI_KIND_COMMENT;
    else if (k < 800)
        item->kind = SORI_KIND_MENTION;
    else if (k < 930) {
        item->kind = SORI_KIND_MESSAGE;
        item->visibility = SORI_VISIBILITY_PRIVATE;
        item->why_not = SORI_STR("like: messages cannot be liked");
        item->window_left_ms = 86400000;
    } else if (k < 975) {
        item->kind = SORI_KIND_REACTION;
        item->reaction = k % 5 ? SORI_STR("like") : SORI_STR("love");
        item->reaction_value = 1;
        item->observed = SORI_OBSERVED_EVENT;
        item->can = 0;
    } else {
        item->kind = SORI_KIND_SHARE;
        item->share = k < 990 ? SORI_SHARE_SIMPLE : SORI_SHARE_SPECIFIC;
    }
    bool speaks = item->kind != SORI_KIND_REACTION && item->share != SORI_SHARE_SIMPLE;
    if (speaks) say(mix(h), r, item);
    if (item->kind != SORI_KIND_MESSAGE && item->kind != SORI_KIND_MENTION) {
        snprintf(r->target, sizeof r->target, "post%llu",
                 (unsigned long long)skewed(mix(h ^ 7), 400));
        item->target = text(r->target);
    }
    item->text_max = 500;
}

void flood_item(uint64_t seed, uint64_t i, uint64_t total, struct flood_room *r,
                struct sori_item *item) {
    uint64_t base = mix(seed ^ 0xF100D), turn = mix(base ^ i) % 1000, of = i;
    bool edit = i > 100 && turn >= 10 && turn < 20;
    if (i > 100 && turn < 20) of = i - 1 - mix(base + i) % 90;
    /* A repeat repeats what was first said, never another repeat. */
    while (of != i && of > 100 && mix(base ^ of) % 1000 < 20) of--;
    uint64_t h = mix(base + of * 0x2545F4914F6CDD1Du);
    memset(item, 0, sizeof *item);
    item->struct_size = sizeof *item;
    native(of, r->native, sizeof r->native);
    item->native_id = text(r->native);
    item->version = 1;
    who(mix(h), total, r, item);
    what(mix(h ^ 3), r, item);
    snprintf(r->url, sizeof r->url, "https://social.example/%s/%s", r->author, r->native);
    item->url = text(r->url);
    if (edit && item->text.len > 0) {
        item->version = 2 + (int64_t)i;
        say(mix(h ^ i), r, item);
    }
}
