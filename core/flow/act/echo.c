/* Our own words come back as everybody's do. Whoever is told first, the echo or the outcome of the
 * sending: they are ours, and no rule answers them. Here the echo was heard first. */
#include "flow/act/act.h"
#include "flow/head.h"

static void not_said(struct core *c, struct row_action *a, bool in_batch, void *ctx) {
    (void)ctx;
    if (!a->actor.len)
        act_drop(c, a, in_batch, act_unsent(), ACTION_WITHDRAWN, "it is our own reply, come back");
}

/* Entries that wait for their decision or are with the policy: what comes of them says nothing. */
static void quiet(struct core *c, const struct head *h) {
    struct row_author author;
    struct contact *p = h->h.author != NIL && person_row(c, h->h.author, &author)
                            ? person_contact(c, author.contact)
                            : NULL;
    for (struct entry *e = p ? p->first : NULL; e; e = e->behind)
        if (e->interaction == h->h.id) e->origin = ORIGIN_BY_RULE;
}

void echo_made(struct core *c, const struct row_action *a, struct sori_str native) {
    bool words = a->verb == VERB_REPLY || a->verb == VERB_PRIVATE_REPLY || a->verb == VERB_PUBLISH;
    const struct head *about = words && native.len ? record_head(c, a->interaction) : NULL;
    struct head *h = about ? head_seen(c, about->space, native) : NULL;
    if (!h || h->h.id == a->interaction || h->h.said == NIL || h->h.origin == ORIGIN_BY_RULE)
        return;
    struct contact *to = a->contact == NIL ? NULL : person_contact(c, a->contact);
    if (h->h.origin == ORIGIN_BY_HAND && !a->actor.len && to) to->handled = 0;
    h->h.origin = ORIGIN_BY_RULE;
    head_write(c, h);
    quiet(c, h);
    act_each(c, h->h.id, NIL, not_said, NULL);
    flow_dirty(c);
}
