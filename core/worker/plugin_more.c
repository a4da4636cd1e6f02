/* The later parts of a descriptor: kinds of slots, what may be set up, and the guide. A plugin that
 * was built before they existed simply ends before them. */
#include "worker/worker.h"

#include "base/utf8.h"

enum { TEXT_MOST = 4096, LIST_MOST = 256, STRIDE_MOST = 4096 };

static bool good_text(const char *s) {
    size_t n = s ? strnlen(s, TEXT_MOST) : TEXT_MOST;
    return n > 0 && n < TEXT_MOST && utf8_valid((struct sori_str){s, n});
}

static bool may_be_text(const char *s) { return !s || !*s || good_text(s); }

static const struct sori_option *find_option(const struct sori_plugin *p, const char *name,
                                             size_t len) {
    for (uint32_t i = 0; i < p->options.count; i++) {
        const struct sori_option *o = plugin_at(p->options.items, p->options.stride, i);
        if (strlen(o->name) == len && memcmp(o->name, name, len) == 0) return o;
    }
    return NULL;
}

static bool has_slot(const struct sori_plugin *p, const char *name) {
    for (uint32_t i = 0; i < p->slot_count; i++) {
        const struct sori_slot *s = plugin_at(p->slots, p->slot_stride, i);
        if (strcmp(s->name, name) == 0) return true;
    }
    return false;
}

/* An absolute URL of the web, or "@NAME" of a URL option with the rest of the path. */
static bool good_url(const struct sori_plugin *p, const char *url, bool query) {
    if (strpbrk(url, query ? " \t\r\n#\\" : " \t\r\n?#%\\")) return false;
    if (url[0] == '@') {
        size_t n = strcspn(url + 1, "/");
        const struct sori_option *o = find_option(p, url + 1, n);
        return o && o->type == SORI_OPTION_URL;
    }
    bool web = strncmp(url, "https://", 8) == 0 || strncmp(url, "http://", 7) == 0;
    const char *host = web ? strstr(url, "://") + 3 : "";
    return web && *host && *host != '/' && !memchr(host, '*', strcspn(host, "/")) &&
           !strstr(host, "/../") && !strstr(host, "/./");
}

/* What of a slot lets a person allow the application: all of it, or none. */
static bool check_authorize(const struct sori_plugin *p, const struct sori_slot *s,
                            const char *file, struct err *err) {
    bool any = s->authorize || s->scopes || s->redirect;
    if (!any) return true;
    if (s->kind != SORI_SLOT_OAUTH2)
        return err_set(err,
                       "%s: slot \"%s\" names an address to authorise at, which only slots of kind "
                       "SORI_SLOT_OAUTH2 have",
                       file, s->name);
    if (!good_text(s->authorize) || !good_text(s->scopes) || !good_text(s->redirect))
        return err_set(err,
                       "%s: slot \"%s\" has some of authorize, scopes and redirect; expected all "
                       "three or none, as UTF-8",
                       file, s->name);
    if (!good_url(p, s->authorize, true) || strpbrk(s->authorize, "*") || s->redirect[0] == '@' ||
        !good_url(p, s->redirect, true))
        return err_set(err,
                       "%s: slot \"%s\" is authorised at \"%s\" and leads back to \"%s\"; expected "
                       "a URL or @NAME/PATH of a URL option, and a URL",
                       file, s->name, s->authorize, s->redirect);
    return true;
}

static bool check_slot(const struct sori_plugin *p, const struct sori_slot *s, const char *file,
                       struct err *err) {
    if (s->kind > SORI_SLOT_RENEWED)
        return err_set(err, "%s: slot \"%s\" is of kind %u, which this Sori does not know", file,
                       s->name, s->kind);
    if (!may_be_text(s->refresh))
        return err_set(err, "%s: slot \"%s\" has a refresh address that is not UTF-8", file,
                       s->name);
    bool rotates = s->kind != SORI_SLOT_TEXT, has = s->refresh && *s->refresh;
    if (rotates && !has)
        return err_set(err,
                       "%s: slot \"%s\" holds a token that is refreshed, but names no address to "
                       "refresh it at; set its refresh",
                       file, s->name);
    if (!rotates && has)
        return err_set(err,
                       "%s: slot \"%s\" names an address to refresh it at, but is plain text; "
                       "set its kind to SORI_SLOT_OAUTH2 or SORI_SLOT_RENEWED",
                       file, s->name);
    if (has && (!good_url(p, s->refresh, true) || strchr(s->refresh, '*')))
        return err_set(err,
                       "%s: slot \"%s\" is refreshed at \"%s\"; expected an https: URL, "
                       "or @NAME/PATH of a URL option",
                       file, s->name, s->refresh);
    return check_authorize(p, s, file, err);
}

static bool good_setup(const struct sori_plugin *p, const char *setup) {
    static const char *const methods[] = {"GET ", "POST ", "PUT ", "DELETE "};
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        size_t n = strlen(methods[i]);
        if (strncmp(setup, methods[i], n) == 0) return good_url(p, setup + n, false);
    }
    return false;
}

static bool check_setups(const struct sori_plugin *p, const char *file, struct err *err) {
    uint32_t n = 0;
    for (const char *const *s = plugin_setups(p); s && *s; s++) {
        if (++n > LIST_MOST) return err_set(err, "%s: its list of setups has no end", file);
        if (!good_text(*s)) return err_set(err, "%s: setup %u is not UTF-8", file, n - 1);
        if (!good_setup(p, *s))
            return err_set(
                err,
                "%s: setup \"%s\"; expected \"METHOD URL\" with GET, POST, PUT or "
                "DELETE and an https: URL without a query, or @NAME/PATH of a URL option",
                file, *s);
    }
    return true;
}

/* "OPTION=VALUE" */
static bool good_only(const struct sori_plugin *p, const char *only) {
    if (!only) return true;
    size_t n = strcspn(only, "=");
    return only[n] == '=' && find_option(p, only, n) != NULL;
}

static bool check_step(const struct sori_plugin *p, uint32_t i, const char *file, struct err *err) {
    const struct sori_step *s = plugin_at(p->guide, p->guide_stride, i);
    if (s->kind > SORI_STEP_CHECK)
        return err_set(err, "%s: step %u of its guide is of kind %u, which this Sori does not know",
                       file, i, s->kind);
    if (!may_be_text(s->name) || !may_be_text(s->text) || !may_be_text(s->only))
        return err_set(err, "%s: step %u of its guide has a text that is not UTF-8", file, i);
    bool option = s->kind == SORI_STEP_OPTION;
    bool slot = s->kind == SORI_STEP_SLOT || s->kind == SORI_STEP_MAKE;
    if ((option || slot || s->kind == SORI_STEP_CHECK) && (!s->name || !*s->name))
        return err_set(err, "%s: step %u of its guide names no option, slot or fact", file, i);
    if (option && !find_option(p, s->name, strlen(s->name)))
        return err_set(err,
                       "%s: step %u of its guide asks for the option \"%s\", which it does "
                       "not have",
                       file, i, s->name);
    if (slot && !has_slot(p, s->name))
        return err_set(err,
                       "%s: step %u of its guide asks for the slot \"%s\", which it does not "
                       "have",
                       file, i, s->name);
    if (s->kind == SORI_STEP_SAY && (!s->text || !*s->text))
        return err_set(err, "%s: step %u of its guide says nothing", file, i);
    if (!good_only(p, s->only))
        return err_set(err,
                       "%s: step %u of its guide is for \"%s\"; expected OPTION=VALUE of one "
                       "of its options",
                       file, i, s->only);
    return true;
}

bool plugin_check_more(const struct sori_plugin *p, const char *file, struct err *err) {
    for (uint32_t i = 0; i < p->slot_count; i++) {
        struct sori_slot s;
        plugin_copy(&s, sizeof s, p->slots, p->slot_stride, i);
        if (!check_slot(p, &s, file, err)) return false;
    }
    if (!check_setups(p, file, err)) return false;
    uint32_t n = plugin_guide_count(p);
    if (n && (n > LIST_MOST || p->guide_stride < sizeof(struct sori_step) ||
              p->guide_stride > STRIDE_MOST || p->guide_stride % 8))
        return err_set(err,
                       "%s: its guide says %u steps of %u bytes; expected at most %d of %zu; set "
                       "the stride to sizeof",
                       file, n, p->guide_stride, LIST_MOST, sizeof(struct sori_step));
    for (uint32_t i = 0; i < n; i++)
        if (!check_step(p, i, file, err)) return false;
    return true;
}
