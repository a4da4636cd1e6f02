/* What the tables of a descriptor say of each other: names that lead nowhere or are there twice,
 * verbs that nobody asks for. Found here, before a connection waits for it in vain. */
#include "worker/worker.h"

static const char *option_name(const struct sori_plugin *p, uint32_t i) {
    return ((const struct sori_option *)plugin_at(p->options.items, p->options.stride, i))->name;
}

static const char *slot_name(const struct sori_plugin *p, uint32_t i) {
    return ((const struct sori_slot *)plugin_at(p->slots, p->slot_stride, i))->name;
}

/* The place of `name` among the first `n`, or n. */
static uint32_t place(const struct sori_plugin *p,
                      const char *(*name_at)(const struct sori_plugin *, uint32_t), uint32_t n,
                      const char *name) {
    uint32_t i = 0;
    while (i < n && strcmp(name_at(p, i), name) != 0) i++;
    return i;
}

static bool check_names(const struct sori_plugin *p, const char *file, struct err *err) {
    for (uint32_t i = 0; i < p->options.count; i++)
        if (place(p, option_name, i, option_name(p, i)) < i)
            return err_set(err, "%s: it has two options \"%s\"; give each a name of its own", file,
                           option_name(p, i));
    for (uint32_t i = 0; i < p->slot_count; i++) {
        const char *name = slot_name(p, i);
        if (!*name || strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_-") != strlen(name))
            return err_set(err,
                           "%s: slot \"%s\" cannot be the end of a file's name; expected a-z, 0-9, "
                           "'_' and '-'",
                           file, name);
        if (place(p, slot_name, i, name) < i)
            return err_set(err, "%s: it has two slots \"%s\"; give each a name of its own", file,
                           name);
    }
    return true;
}

static bool check_hosts(const struct sori_plugin *p, const char *file, struct err *err) {
    for (const char *const *h = p->hosts; h && *h; h++) {
        uint32_t at = **h == '@' ? place(p, option_name, p->options.count, *h + 1) : 0;
        const struct sori_option *o = **h == '@' && at < p->options.count
                                          ? plugin_at(p->options.items, p->options.stride, at)
                                          : NULL;
        bool good = **h == '@' ? o && (o->type == SORI_OPTION_URL || o->type == SORI_OPTION_LIST)
                               : **h && !strpbrk(*h, "/ @");
        if (!good)
            return err_set(err,
                           "%s: host \"%s\"; expected a name, \"*.example.com\", or \"@NAME\" of "
                           "one of its URL options",
                           file, *h);
    }
    return true;
}

static bool check_ways(const struct sori_plugin *p, const char *file, struct err *err) {
    for (uint32_t i = 0; i < p->receive_count; i++) {
        const struct sori_receive *r = plugin_at(p->receives, p->receive_stride, i);
        if (*r->path && *r->path != '/')
            return err_set(err, "%s: way in \"%s\" has the path \"%s\"; expected \"\" or \"/…\"",
                           file, r->form, r->path);
        if (r->sign != SORI_SIGN_NONE &&
            place(p, slot_name, p->slot_count, r->sign_slot) == p->slot_count)
            return err_set(err,
                           "%s: way in \"%s\" is signed with the slot \"%s\", which it does not "
                           "have",
                           file, r->form, r->sign_slot);
    }
    return true;
}

static bool check_verbs(const struct sori_connector *c, const char *file, struct err *err) {
    bool seen[SORI_VERB_EDIT + 1] = {false};
    for (uint32_t i = 0; i < c->verb_count; i++) {
        const struct sori_verb_info *v = plugin_at(c->verbs, c->verb_stride, i);
        if (v->verb > SORI_VERB_EDIT) continue; /* of a newer header: nobody here asks for it */
        if (v->verb < SORI_VERB_REPLY || seen[v->verb])
            return err_set(err,
                           "%s: verb %u of its table is %u; expected each of enum sori_verb once",
                           file, i, v->verb);
        if (v->settle_ms < 0 || v->text_max < 0)
            return err_set(err, "%s: verb %u has a settle_ms or text_max below 0", file, v->verb);
        seen[v->verb] = true;
    }
    return true;
}

bool plugin_check_sense(const struct sori_plugin *p, const char *file, struct err *err) {
    const struct sori_connector *c = plugin_vtable(p, SORI_CONNECTOR_ID);
    if (!c && !plugin_vtable(p, SORI_CLASSIFIER_ID))
        return err_set(
            err,
            "%s: none of its interfaces is known to this Sori; expected " SORI_CONNECTOR_ID
            " or " SORI_CLASSIFIER_ID,
            file);
    return check_names(p, file, err) && check_hosts(p, file, err) && check_ways(p, file, err) &&
           (!c || check_verbs(c, file, err));
}
