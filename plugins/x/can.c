/* What X lets us do with an item, and in words why not, before any policy decides about it. */
#include "x/x.h"

static void why(struct text *out, const char *what, const char *reason) {
    if (out->len) text_lit(out, "; ");
    text_format(out, "%s: %s", what, reason);
}

/* NULL where we may answer. */
static const char *no_reply(const struct x_page *page, const struct x_post *p) {
    if (p->ours) return "this is our own";
    if (!p->summons && !page->conf->enterprise)
        return "X lets programs answer only posts that mention us in their own words or quote us";
    /* Whoever is mentioned may always answer. */
    if (p->mentions_us || !p->reply_settings.len || s_is(p->reply_settings, "everyone"))
        return NULL;
    return "the author lets only chosen people answer";
}

static const char *no_message(const struct x_page *page, const struct x_post *p) {
    if (p->ours) return "this is our own";
    if (!page->conf->messages) return "messages = false in the connection's options";
    if (json_is_false(json_object_get(p->user, "receives_your_dm")))
        return "the author takes no messages from us";
    return NULL;
}

static const char *no_like(const struct x_page *page, const struct x_post *p) {
    if (p->ours) return "this is our own";
    return page->conf->enterprise ? NULL : "X took likes away from self-serve access";
}

static const char *no_hide(const struct x_post *p) {
    if (p->ours) return "this is our own";
    return p->our_thread ? NULL : "only replies in conversations that we began can be hidden";
}

void x_can(const struct x_page *page, const struct x_post *p, struct sori_item *item) {
    const struct {
        uint32_t bit;
        const char *name, *no;
    } list[] = {
        {SORI_CAN_REPLY, "reply", no_reply(page, p)},
        {SORI_CAN_REPLY_PRIVATELY, "reply_privately", no_message(page, p)},
        {SORI_CAN_LIKE, "like", no_like(page, p)},
        {SORI_CAN_HIDE, "hide", no_hide(p)},
        {SORI_CAN_DELETE, "delete", p->ours ? NULL : "this is not ours"},
    };
    struct text words = {0};
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        if (!list[i].no) {
            item->can |= list[i].bit;
            continue;
        }
        why(&words, list[i].name, list[i].no);
        if (list[i].bit == SORI_CAN_REPLY && !p->ours)
            text_format(&words, "; by hand: https://x.com/intent/post?in_reply_to=%.*s", S(p->id));
    }
    item->why_not = text_keep(&words, page->arena);
    item->text_max = page->conf->split ? (int64_t)X_REPLY_MAX * X_PARTS_MAX : X_REPLY_MAX;
}
