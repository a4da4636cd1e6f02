#include "worker/worker.h"

static void text(struct buf *out, uint32_t tag, const char *s) { rec_str_opt(out, tag, str_c(s)); }

static void option(struct buf *out, const struct sori_option *o) {
    size_t mark = rec_begin(out, DESC_OPTION);
    text(out, OPT_NAME, o->name);
    rec_int_opt(out, OPT_TYPE, o->type);
    rec_int_opt(out, OPT_FLAGS, o->flags);
    if (o->def) rec_str(out, OPT_DEF, str_c(o->def));
    rec_int_opt(out, OPT_MIN, o->min);
    rec_int_opt(out, OPT_MAX, o->max);
    text(out, OPT_CHOICES, o->choices);
    text(out, OPT_HELP, o->help);
    rec_end(out, mark);
}

static void slot(struct buf *out, const struct sori_slot *s) {
    size_t mark = rec_begin(out, DESC_SLOT);
    text(out, 1, s->name);
    text(out, 2, s->help);
    rec_int_opt(out, 3, s->required);
    rec_int_opt(out, 4, s->kind);
    text(out, 5, s->refresh);
    text(out, 6, s->authorize);
    text(out, 7, s->scopes);
    text(out, 8, s->redirect);
    rec_end(out, mark);
}

static void step(struct buf *out, const struct sori_step *s) {
    size_t mark = rec_begin(out, DESC_STEP);
    rec_int(out, 1, s->kind);
    text(out, 2, s->name);
    text(out, 3, s->text);
    text(out, 4, s->only);
    rec_end(out, mark);
}

/* An older plugin's descriptor ends before these. */
const char *const *plugin_setups(const struct sori_plugin *p) {
    return SORI_HAS(p, setups) ? p->setups : NULL;
}

uint32_t plugin_guide_count(const struct sori_plugin *p) {
    return SORI_HAS(p, guide_stride) && p->guide ? p->guide_count : 0;
}

static void receive(struct buf *out, const struct sori_receive *r) {
    size_t mark = rec_begin(out, DESC_RECEIVE);
    text(out, RECV_FORM, r->form);
    text(out, RECV_PATH, r->path);
    text(out, RECV_TYPE, r->content_type);
    rec_int_opt(out, RECV_ANSWER, r->answer);
    rec_int_opt(out, RECV_SIGN, r->sign);
    text(out, RECV_HEADER, r->sign_header);
    text(out, RECV_PREFIX, r->sign_prefix);
    text(out, RECV_SLOT, r->sign_slot);
    rec_int_opt(out, RECV_MAX, r->max_body);
    rec_end(out, mark);
}

static void verb(struct buf *out, const struct sori_verb_info *v) {
    size_t mark = rec_begin(out, DESC_VERB);
    rec_int(out, 1, v->verb);
    rec_int_opt(out, 2, v->flags);
    rec_int_opt(out, 3, v->settle_ms);
    rec_int_opt(out, 4, v->text_max);
    rec_end(out, mark);
}

void plugin_describe(const struct sori_plugin *p, struct buf *out) {
    text(out, DESC_ID, p->id);
    text(out, DESC_NAME, p->name);
    text(out, DESC_VERSION, p->version);
    text(out, DESC_VENDOR, p->vendor);
    text(out, DESC_LICENSE, p->license);
    text(out, DESC_SUMMARY, p->summary);
    rec_int(out, DESC_ABI, p->abi);
    for (uint32_t i = 0; i < p->options.count; i++)
        option(out, plugin_at(p->options.items, p->options.stride, i));
    for (const char *const *h = p->hosts; h && *h; h++) text(out, DESC_HOST, *h);
    for (uint32_t i = 0; i < p->slot_count; i++) {
        struct sori_slot s;
        plugin_copy(&s, sizeof s, p->slots, p->slot_stride, i);
        slot(out, &s);
    }
    for (uint32_t i = 0; i < p->receive_count; i++)
        receive(out, plugin_at(p->receives, p->receive_stride, i));
    for (uint32_t i = 0; i < p->interface_count; i++) {
        const struct sori_interface *it = plugin_at(p->interfaces, p->interface_stride, i);
        text(out, DESC_INTERFACE, it->id);
    }
    for (const char *const *s = plugin_setups(p); s && *s; s++) text(out, DESC_SETUP, *s);
    for (uint32_t i = 0; i < plugin_guide_count(p); i++)
        step(out, plugin_at(p->guide, p->guide_stride, i));
    const struct sori_connector *c = plugin_vtable(p, SORI_CONNECTOR_ID);
    if (!c) return;
    rec_int(out, DESC_FLAGS, c->flags);
    for (uint32_t i = 0; i < c->verb_count; i++) verb(out, plugin_at(c->verbs, c->verb_stride, i));
}
