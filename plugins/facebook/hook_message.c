/* Private messages of Messenger and Instagram, and what happens around them. */
#include "facebook/hook.h"

/* What a person may have put on a message: taking back does not say which it was. */
static const char *const classes[] = {"like",  "love", "smile", "wow",     "sad",
                                      "angry", "haha", "care",  "dislike", "other"};
enum { CLASSES = sizeof classes / sizeof *classes };

/* One event under way: who wrote to whom and when. */
struct letter {
    const json_t *event;
    struct sori_str from;
    int64_t at;
    bool own, standby;
};

static void file(struct fb_files *f, const json_t *one) {
    const json_t *payload = json_object_get(one, "payload");
    struct sori_str type = fb_text(one, "type"), url = fb_text(payload, "url");
    static const char *const known[] = {"image", "video", "audio", "file"};
    const char *name = "link";
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (s_is(type, known[i])) name = known[i];
    fb_file(f, name, url.len ? url : fb_text(one, "url"));
}

static void files(struct hook *h, const json_t *message, struct sori_item *item) {
    struct fb_files f = {.count = 0};
    size_t i;
    json_t *one;
    json_array_foreach(json_object_get(message, "attachments"), i, one) file(&f, one);
    fb_file(&f, "link", fb_text(fb_at(message, "reply_to", "story"), "url"));
    fb_files_keep(&h->map, &f, item);
}

static void letter_item(struct hook *h, const struct letter *l, struct sori_item *item) {
    struct sori_str none = {NULL, 0};
    item->visibility = SORI_VISIBILITY_PRIVATE;
    item->said_at = l->at;
    item->version = l->at;
    fb_author(&h->map, item, l->from, none);
    if (l->own) {
        item->origin = SORI_ORIGIN_US_BY_HAND;
        item->addressee = fb_id(h->map.a, json_object_get(l->event, "recipient"), "id");
    }
    fb_can_message(&h->map, item, l->standby);
    if (s_starts(l->from, "user_ref:"))
        fb_can_nothing(item, "reply: the person is known by a reference alone");
}

/* Such events name nobody, and a profile may be read once the person has written. */
static void who_wrote(struct hook *h, const struct letter *l) {
    if (!l->own && !s_starts(l->from, "user_ref:")) hook_profile(h, l->from);
}

static struct sori_str note_of(struct hook *h, const struct letter *l, const json_t *message) {
    struct sori_str payload = fb_text(json_object_get(message, "quick_reply"), "payload");
    const json_t *prior = json_object_get(l->event, "prior_message");
    if (fb_true(message, "is_unsupported"))
        return SORI_STR("the platform does not pass on messages of this kind");
    if (fb_true(message, "is_self")) return SORI_STR("a test of the account with itself");
    if (fb_at(message, "reply_to", "story")) return SORI_STR("answers a story of ours");
    if (payload.len)
        return arena_format(h->map.a, "chose the answer \"%.*s\"", S(utf8_cut(payload, 200)));
    if (prior) return SORI_STR("answers a private reply of ours");
    return (struct sori_str){NULL, 0};
}

static void message(struct hook *h, const struct letter *given, const json_t *message) {
    struct letter l = *given;
    struct sori_item item;
    struct sori_str mid = fb_id(h->map.a, message, "mid"), none = {NULL, 0};
    if (!fb_item(&h->map, &item, SORI_KIND_MESSAGE, mid)) {
        hook_unknown(h, l.event, "unknown: a message without an id that can be used");
        return;
    }
    l.own = l.own || fb_true(message, "is_echo") || fb_true(message, "is_self");
    letter_item(h, &l, &item);
    if (fb_true(message, "is_deleted")) {
        item = fb_state_item(&item, SORI_EVENT_REMOVED);
        hook_give(h, &item, SORI_EVENT_REMOVED);
        return;
    }
    item.text = fb_text(message, "text");
    item.parent = fb_ref(fb_id(h->map.a, json_object_get(message, "reply_to"), "mid"));
    item.note = note_of(h, &l, message);
    files(h, message, &item);
    hook_give(h, &item, SORI_EVENT_SAID);
    who_wrote(h, &l);
    if (!item.text.len && !item.attachments.count && fb_true(message, "is_unsupported"))
        hook_task(h, FB_WANT_MESSAGE, mid, none, 0);
}

static void edited(struct hook *h, const struct letter *l, const json_t *edit) {
    struct sori_item item;
    int64_t n = fb_number(edit, "num_edit");
    if (!fb_item(&h->map, &item, SORI_KIND_MESSAGE, fb_id(h->map.a, edit, "mid")) ||
        !json_is_string(json_object_get(edit, "text"))) {
        hook_unknown(h, l->event, "unknown: an edited message without its id or its text");
        return;
    }
    letter_item(h, l, &item);
    item.text = fb_text(edit, "text");
    /* Of two edits within a millisecond the later one is newer too. */
    item.version += n > 0 && n < 1000 ? n : 1;
    hook_give(h, &item, SORI_EVENT_SAID);
}

/* A button that was pressed is a word of the person: it opens the window, and it wants an answer.
 * Without an id of its own it has one from who pressed what and when. */
static void pressed(struct hook *h, const struct letter *l, const json_t *press) {
    struct sori_str mid = fb_id(h->map.a, press, "mid"), title = fb_text(press, "title");
    struct sori_str payload = fb_text(press, "payload");
    struct sori_item item;
    if (!mid.len)
        mid = arena_format(h->map.a, "postback:%.*s:%lld:%016llx", S(l->from), (long long)l->at,
                           (unsigned long long)hash_bytes(0, payload));
    if (!fb_item(&h->map, &item, SORI_KIND_MESSAGE, mid)) {
        hook_unknown(h, l->event, "unknown: a pressed button without an id that can be used");
        return;
    }
    letter_item(h, l, &item);
    item.text = title.len ? title : payload;
    item.note = arena_format(h->map.a, "pressed the button \"%.*s\"", S(utf8_cut(payload, 200)));
    hook_give(h, &item, SORI_EVENT_SAID);
    who_wrote(h, l);
}

static void give_reaction(struct hook *h, struct sori_item *item, struct sori_str class_,
                          bool stands) {
    item->reaction = class_;
    item->reaction_value = stands;
    hook_give(h, item, SORI_EVENT_SAID);
}

static void reacted(struct hook *h, const struct letter *l, const json_t *reaction) {
    struct sori_str mid = fb_id(h->map.a, reaction, "mid"), action = fb_text(reaction, "action");
    struct sori_str type = fb_text(reaction, "reaction");
    bool on = s_is(action, "react"), off = s_is(action, "unreact");
    struct sori_str id = arena_format(h->map.a, "reaction:%.*s:%.*s", S(mid), S(l->from));
    struct sori_item item;
    if (!fb_good_id(mid) || !fb_good_id(l->from) || !(on || off) ||
        !fb_item(&h->map, &item, SORI_KIND_REACTION, id)) {
        hook_unknown(h, l->event, "unknown: a reaction to a message, action %.*s",
                     S(s_head(action, 64)));
        return;
    }
    letter_item(h, l, &item);
    item.target = mid;
    struct sori_str class_ = fb_class(h->map.a, type);
    if (on) give_reaction(h, &item, class_, true);
    /* One person has one reaction at a message: whichever it was, it is over. */
    for (size_t i = 0; i < CLASSES && !h->stop; i++)
        if (!on || !s_is(class_, classes[i])) give_reaction(h, &item, s_of(classes[i]), false);
}

static struct sori_str party(struct hook *h, const json_t *event, const char *name) {
    const json_t *who = json_object_get(event, name);
    struct sori_str id = fb_id(h->map.a, who, "id"), ref = fb_id(h->map.a, who, "user_ref");
    if (id.len || !ref.len) return fb_ref(id);
    return fb_ref(arena_format(h->map.a, "user_ref:%.*s", S(ref)));
}

static void other(struct hook *h, const json_t *event) {
    static const char *const known[] = {"optin",
                                        "referral",
                                        "account_linking",
                                        "policy_enforcement",
                                        "app_roles",
                                        "checkout_update",
                                        "pass_thread_control",
                                        "take_thread_control",
                                        "request_thread_control",
                                        "policy-enforcement"};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        const json_t *about = json_object_get(event, known[i]);
        if (!about) continue;
        struct sori_str reason = fb_text(about, "reason"), action = fb_text(about, "action");
        hook_unknown(h, event, "unknown: %s %.*s %.*s", known[i], S(s_head(action, 32)),
                     S(utf8_cut(reason, 300)));
        return;
    }
    hook_unknown(h, event, "unknown: a messaging event of no known kind");
}

void hook_message(struct hook *h, const json_t *event, bool standby) {
    struct letter l = {.event = event, .standby = standby};
    l.from = party(h, event, "sender");
    l.at = hook_time(h, event, "timestamp");
    l.own = fb_is_own(&h->map, l.from);
    const json_t *part;
    if ((part = json_object_get(event, "message")))
        message(h, &l, part);
    else if ((part = json_object_get(event, "message_edit")))
        edited(h, &l, part);
    else if ((part = json_object_get(event, "postback")))
        pressed(h, &l, part);
    else if ((part = json_object_get(event, "reaction")))
        reacted(h, &l, part);
    else if (json_object_get(event, "read"))
        hook_ignore(h, FB_RECEIPT_READ);
    else if (json_object_get(event, "delivery"))
        hook_ignore(h, FB_RECEIPT_DELIVERY);
    else
        other(h, event);
}
