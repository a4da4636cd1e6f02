/* Likes and other reactions. The ledger's key is what was tapped, by whom, and the class; so the
 * like and the reaction that older applications get for one tap fall together. */
#include "facebook/hook.h"

/* What a person may have had before: where the platform does not tell, each of them ends. */
static const char *const classes[] = {"like",  "love", "wow",      "haha",  "sad",
                                      "angry", "care", "thankful", "pride", "other"};
enum { CLASSES = sizeof classes / sizeof *classes };

/* Bits of a version below the second in which the reaction was made: by how much later it was
 * sent, then by what happened, so that an end is newer than the tap that it ends. */
enum { LATER_BITS = 26, RANK_BITS = 2 };

static int64_t version_of(const struct hook *h, const json_t *value, int rank) {
    int64_t made = hook_time(h, value, "created_time") / 1000, later = h->sent_at / 1000 - made;
    int64_t most = ((int64_t)1 << LATER_BITS) - 1;
    later = later < 0 ? 0 : later > most ? most : later;
    return ((made & (((int64_t)1 << 35) - 1)) << (LATER_BITS + RANK_BITS)) | later << RANK_BITS |
           rank;
}

static void give(struct hook *h, struct sori_item *item, struct sori_str class_, bool stands) {
    item->reaction = class_;
    item->reaction_value = stands;
    hook_give(h, item, SORI_EVENT_SAID);
}

static void end_others(struct hook *h, struct sori_item *item, struct sori_str except) {
    for (size_t i = 0; i < CLASSES && !h->stop; i++)
        if (!s_is(except, classes[i])) give(h, item, s_of(classes[i]), false);
}

void hook_reaction(struct hook *h, const json_t *value, struct sori_str target) {
    struct arena *a = h->map.a;
    const json_t *from = json_object_get(value, "from");
    struct sori_str verb = fb_text(value, "verb"), type = fb_text(value, "reaction_type");
    struct sori_str by = fb_id(a, from, "id"), name = fb_text(from, "name");
    bool add = s_is(verb, "add");
    bool edit = s_is(verb, "edit") || s_is(verb, "edited") || s_is(verb, "update");
    bool end = s_is(verb, "remove") || s_is(verb, "delete");
    bool like = s_is(fb_text(value, "item"), "like");
    if (!by.len) by = fb_id(a, value, "sender_id");
    if (!by.len) by = fb_id(a, value, "user_id");
    if (!name.len) name = fb_text(value, "sender_name");
    /* Who is not named is told from others by the second of the tap. */
    struct sori_str who = by;
    if (!fb_good_id(who))
        who = arena_format(a, "?%lld", (long long)(hook_time(h, value, "created_time") / 1000));
    struct sori_str id = arena_format(a, "reaction:%.*s:%.*s", S(target), S(who));
    struct sori_item item;
    if (!fb_good_id(target) || !(add || edit || end) ||
        !fb_item(&h->map, &item, SORI_KIND_REACTION, id)) {
        hook_unknown(h, value, "unknown: item %.*s, verb %.*s", like ? 4 : 8,
                     like ? "like" : "reaction", S(s_head(verb, 64)));
        return;
    }
    item.target = target;
    item.said_at = hook_time(h, value, "created_time");
    item.version = version_of(h, value, add ? 0 : edit ? 1 : 2);
    fb_author(&h->map, &item, by, name);
    struct sori_str class_ = fb_class(a, type);
    if (!end) give(h, &item, class_, true);
    if (edit) end_others(h, &item, class_);
    if (end && (type.len || like)) give(h, &item, class_, false);
    if (end && !type.len && !like) end_others(h, &item, (struct sori_str){NULL, 0});
}
