/* Loading a plugin and looking its tables over, before anything in them is used. */
#include "worker/worker.h"

#include "base/utf8.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

/* What came later may be missing. */
#define CLASSIFIER_LEAST offsetof(struct sori_classifier, precisions)

enum { TEXT_MOST = 4096, LIST_MOST = 256, STRIDE_MOST = 4096 };

static const char *base_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* ---- the tables ----------------------------------------------------------------------------- */

static bool bad_text(const char *s) {
    if (!s) return false;
    size_t n = strnlen(s, TEXT_MOST);
    return n == TEXT_MOST || !utf8_valid((struct sori_str){s, n});
}

static bool list_fits(const char *file, const char *what, const void *items, uint32_t count,
                      uint32_t stride, size_t least, struct err *err) {
    if (count == 0) return true;
    if (!items || count > LIST_MOST)
        return err_set(err, "%s: its table of %s says %u entries; expected 0 to %d and a pointer",
                       file, what, count, LIST_MOST);
    if (stride < least || stride > STRIDE_MOST || stride % 8)
        return err_set(err,
                       "%s: an entry of its table of %s is %u bytes; expected %zu; set the "
                       "stride to sizeof",
                       file, what, stride, least);
    return true;
}

static bool check_id(const char *id, const char *file, struct err *err) {
    size_t n = id ? strnlen(id, 65) : 0;
    bool good = n > 0 && n <= 64;
    for (size_t i = 0; good && i < n; i++)
        good = (id[i] >= 'a' && id[i] <= 'z') || (id[i] >= '0' && id[i] <= '9') ||
               (i > 0 && (id[i] == '.' || id[i] == '-' || id[i] == '_'));
    return good ? true
                : err_set(err,
                          "%s: its id must be 1 to 64 of a-z, 0-9, '.', '-' and '_', such as "
                          "\"blog\" or \"com.acme.forum\"",
                          file);
}

static bool check_options(const struct sori_plugin *p, const char *file, struct err *err) {
    const struct sori_option_list *list = &p->options;
    if (!list_fits(file, "options", list->items, list->count, list->stride,
                   sizeof(struct sori_option), err))
        return false;
    for (uint32_t i = 0; i < list->count; i++) {
        const struct sori_option *o = plugin_at(list->items, list->stride, i);
        if (!o->name || !o->name[0] || bad_text(o->name) || bad_text(o->def) ||
            bad_text(o->choices) || bad_text(o->help))
            return err_set(err, "%s: option %u has no name, or a text that is not UTF-8", file, i);
        uint32_t known = SORI_OPTION_REQUIRED | SORI_OPTION_ADVANCED | SORI_OPTION_PRIVATE;
        if (o->type > SORI_OPTION_LIST || (o->flags & ~known))
            return err_set(err,
                           "%s: option \"%s\" has type %u and flags %#x, which this Sori does "
                           "not know",
                           file, o->name, o->type, o->flags);
        if (o->type == SORI_OPTION_ENUM && !o->choices)
            return err_set(err, "%s: option \"%s\" is an ENUM without choices", file, o->name);
    }
    return true;
}

static bool check_lists(const struct sori_plugin *p, const char *file, struct err *err) {
    if (!list_fits(file, "slots", p->slots, p->slot_count, p->slot_stride, PLUGIN_SLOT_LEAST,
                   err) ||
        !list_fits(file, "receives", p->receives, p->receive_count, p->receive_stride,
                   sizeof(struct sori_receive), err) ||
        !list_fits(file, "interfaces", p->interfaces, p->interface_count, p->interface_stride,
                   sizeof(struct sori_interface), err))
        return false;
    for (uint32_t i = 0; i < p->slot_count; i++) {
        const struct sori_slot *s = plugin_at(p->slots, p->slot_stride, i);
        if (!s->name || bad_text(s->name) || bad_text(s->help))
            return err_set(err, "%s: slot %u has no name, or a text that is not UTF-8", file, i);
    }
    for (uint32_t i = 0; i < p->receive_count; i++) {
        const struct sori_receive *r = plugin_at(p->receives, p->receive_stride, i);
        if (!r->form || !r->path || bad_text(r->form) || bad_text(r->path) ||
            bad_text(r->content_type) || r->answer > SORI_ANSWER_WEBMENTION ||
            r->sign > SORI_SIGN_HMAC_SHA1)
            return err_set(err,
                           "%s: way in %u lacks its form or path, or names an answer or "
                           "signature that this Sori does not know",
                           file, i);
        if (r->sign != SORI_SIGN_NONE && (!r->sign_header || !r->sign_slot))
            return err_set(err, "%s: way in \"%s\" is signed but names no header or slot", file,
                           r->form);
    }
    uint32_t hosts = 0;
    for (const char *const *h = p->hosts; h && *h; h++)
        if (bad_text(*h) || ++hosts > LIST_MOST)
            return err_set(err, "%s: its list of hosts has no end or is not UTF-8", file);
    return true;
}

static bool check_connector(const struct sori_connector *c, const char *file, struct err *err) {
    if (c->struct_size < sizeof *c)
        return err_set(err, "%s: its connector table is %u bytes; expected %zu", file,
                       c->struct_size, sizeof *c);
    if (!list_fits(file, "verbs", c->verbs, c->verb_count, c->verb_stride,
                   sizeof(struct sori_verb_info), err))
        return false;
    const struct {
        bool says, has;
        const char *name;
    } parts[] = {{true, c->create && c->destroy, "create and destroy"},
                 {c->flags & SORI_CONNECTOR_POLLS, c->poll != NULL, "poll"},
                 {c->flags & SORI_CONNECTOR_DECODES, c->decode != NULL, "decode"},
                 {c->flags & SORI_CONNECTOR_ACTS, c->act && c->reconcile, "act and reconcile"}};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (parts[i].says && !parts[i].has)
            return err_set(err, "%s: its connector table has no %s", file, parts[i].name);
    return true;
}

static bool check_classifier(const struct sori_classifier *c, const char *file, struct err *err) {
    if (c->struct_size < CLASSIFIER_LEAST)
        return err_set(err, "%s: its classifier table is %u bytes; expected %zu", file,
                       c->struct_size, CLASSIFIER_LEAST);
    if (!c->create || !c->destroy || !c->labels || !c->score)
        return err_set(err, "%s: its classifier table lacks create, destroy, labels or score",
                       file);
    return true;
}

const void *plugin_vtable(const struct sori_plugin *p, const char *id) {
    for (uint32_t i = 0; i < p->interface_count; i++) {
        const struct sori_interface *it = plugin_at(p->interfaces, p->interface_stride, i);
        if (strcmp(it->id, id) == 0) return it->vtable;
    }
    return NULL;
}

static bool check_interfaces(const struct sori_plugin *p, const char *file, struct err *err) {
    if (p->interface_count == 0)
        return err_set(
            err, "%s: it has no interface; expected " SORI_CONNECTOR_ID " or " SORI_CLASSIFIER_ID,
            file);
    for (uint32_t i = 0; i < p->interface_count; i++) {
        const struct sori_interface *it = plugin_at(p->interfaces, p->interface_stride, i);
        if (!it->id || bad_text(it->id)) return err_set(err, "%s: interface %u has no id", file, i);
        if (!it->vtable) return err_set(err, "%s: its interface %s has no vtable", file, it->id);
    }
    const struct sori_connector *con = plugin_vtable(p, SORI_CONNECTOR_ID);
    const struct sori_classifier *cls = plugin_vtable(p, SORI_CLASSIFIER_ID);
    return (!con || check_connector(con, file, err)) && (!cls || check_classifier(cls, file, err));
}

bool plugin_check(const struct sori_plugin *p, const char *file, struct err *err) {
    if (!p) return err_set(err, "%s: sori_plugin_v0 gave no descriptor", file);
    if (p->abi != SORI_ABI)
        return err_set(err,
                       "%s is built for plugin ABI %u, this Sori speaks %u; build it against "
                       "the headers of this release",
                       file, p->abi, SORI_ABI);
    if (p->struct_size < PLUGIN_LEAST)
        return err_set(err,
                       "%s: its descriptor is %u bytes, expected %zu; build it against the "
                       "headers of this release",
                       file, p->struct_size, sizeof *p);
    const char *texts[] = {p->name, p->version, p->vendor, p->license, p->summary};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (bad_text(texts[i]))
            return err_set(err, "%s: name, version, vendor, licence or summary is not UTF-8", file);
    return check_id(p->id, file, err) && check_options(p, file, err) && check_lists(p, file, err) &&
           plugin_check_more(p, file, err) && check_interfaces(p, file, err) &&
           plugin_check_sense(p, file, err);
}

/* ---- the file ------------------------------------------------------------------------------- */

/* dlopen's own words for a text file help nobody. */
static bool is_library(const char *path, struct err *err) {
    const char *file = base_name(path);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return err_set(err, "%s cannot be read: %s", file, strerror(errno));
    unsigned char head[16] = {0};
    ssize_t n = read(fd, head, sizeof head);
    int why = errno;
    close(fd);
    if (n < 0 && why == EISDIR)
        return err_set(err, "%s is a folder; a plugin is one file, NAME.so", file);
    if (n < 0) return err_set(err, "%s cannot be read: %s", file, strerror(why));
    if (n == (ssize_t)sizeof head && memcmp(head, "\177ELF", 4) == 0) return true;
    char shown[40] = "";
    for (ssize_t i = 0, at = 0; i < n && at < 12; i++)
        shown[at++] = (char)(head[i] >= 0x20 && head[i] < 0x7f ? head[i] : '.');
    return err_set(err,
                   "%s is no shared library (it begins with \"%s\"); a plugin is built with "
                   "cc -shared -fPIC",
                   file, shown);
}

static bool no_entry(void *library, const char *file, struct err *err) {
    for (char v = '1'; v <= '9'; v++) {
        char name[] = "sori_plugin_v?";
        name[sizeof name - 2] = v;
        if (dlsym(library, name))
            return err_set(err,
                           "%s is built for plugin ABI %c, this Sori speaks %u; build it "
                           "against the headers of this release",
                           file, v, SORI_ABI);
    }
    return err_set(err, "%s is a shared library, but no plugin: it does not export sori_plugin_v0",
                   file);
}

bool plugin_load(struct worker *w, struct err *err) {
    const char *file = base_name(w->plugin_path);
    if (!is_library(w->plugin_path, err)) return false;
    w->plugin.library = dlopen(w->plugin_path, RTLD_NOW | RTLD_LOCAL);
    if (!w->plugin.library) {
        const char *why = dlerror(), *tail = strstr(why, ": ");
        return err_set(err, "%s cannot be loaded: %s", file, tail ? tail + 2 : why);
    }
    const struct sori_plugin *(*entry)(void) = NULL;
    /* POSIX gives functions as object pointers; C has no cast for it. */
    *(void **)&entry = dlsym(w->plugin.library, "sori_plugin_v0");
    if (!entry) return no_entry(w->plugin.library, file, err);
    const struct sori_plugin *p = entry();
    if (!plugin_check(p, file, err)) return false;
    w->plugin.desc = p;
    w->plugin.connector = plugin_vtable(p, SORI_CONNECTOR_ID);
    w->plugin.classifier = plugin_vtable(p, SORI_CLASSIFIER_ID);
    if (w->kind == WORK_CONNECTOR && !w->plugin.connector)
        return err_set(err, "%s is no connector: it has no " SORI_CONNECTOR_ID, file);
    if (w->kind == WORK_CLASSIFIER && !w->plugin.classifier)
        return err_set(err, "%s is no classifier: it has no " SORI_CLASSIFIER_ID, file);
    return true;
}
