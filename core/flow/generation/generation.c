/* What a candidate generation is made of, and what may be wrong with it before its policy is
 * loaded: plugins, options, secrets, models. Every error is said, not the first alone. */
#include "flow/generation/reload.h"

#include "flow/person/office.h"

#include "base/file.h"
#include "base/log.h"
#include "lua/policy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CONNECTIONS_MOST = 128 };

void generation_free(struct core *c, struct generation *g) {
    /* A later generation may come to lie where this one lay. */
    for (size_t i = 0; i < c->model_count; i++)
        if (c->model[i]->wanted == g) c->model[i]->wanted = NULL;
    if (g->policy) guest_kill(&g->policy);
    story_free(g);
    office_close(g);
    conf_close(&g->conf);
    buf_free(&g->bundle);
    buf_free(&g->env);
    buf_free(&g->config_source);
    buf_free(&g->parts);
    buf_free(&g->levels);
    buf_free(&g->freezes);
    buf_free(&g->wanted);
    free(g->probation);
    free(g->unstable);
    free(g->ctx);
    free(g);
}

/* ---- of a step back ---- */

bool generation_kept(struct core *c, int64_t id, struct generation *g, struct buf *errors) {
    struct row_generation row;
    struct rec_field f;
    struct buf manifest = {0};
    bool ok = store_generation(c->store, id, &row) && row.manifest != NIL &&
              blob_get(c->store, row.manifest, &manifest);
    if (!ok) buf_printf(errors, "generation %lld is not kept any more\n", (long long)id);
    g->kept = ok;
    buf_str(&g->config_source, rec_get_str(buf_view(&manifest), MANIFEST_CONFIG));
    buf_str(&g->bundle, rec_get_str(buf_view(&manifest), MANIFEST_BUNDLE));
    for (struct sori_str all = buf_view(&manifest); rec_next(&all, &f) == 1;)
        if (f.tag == MANIFEST_PART && f.type == REC_REC) rec_rec(&g->wanted, MANIFEST_PART, f.s);
    buf_free(&manifest);
    return ok;
}

/* ---- plugins and models as files ---- */

struct sori_str part_hash(struct sori_str parts, int64_t kind, struct sori_str name) {
    struct rec_field f;
    while (rec_next(&parts, &f) == 1)
        if (f.tag == MANIFEST_PART && f.type == REC_REC && rec_get_int(f.s, PART_KIND, 0) == kind &&
            str_eq(rec_get_str(f.s, PART_NAME), name))
            return rec_get_str(f.s, PART_HASH);
    return (struct sori_str){0};
}

/* Where a plugin's or a model's file is, or NULL: the workspace's own come first. */
static const char *file_of(struct core *c, int64_t kind, struct sori_str name) {
    static const char *const folder[2][2] = {{"/models", "/../models"}, {"/plugins", ""}};
    bool plugin = kind == PART_PLUGIN;
    const char *const root[] = {c->dir, plugin ? c->plugins : c->bin};
    struct buf path = {0};
    const char *found = NULL;
    for (size_t i = 0; i < 2 && !found; i++) {
        buf_clear(&path);
        buf_printf(&path, "%s%s/%.*s%s", root[i], folder[plugin][i], STR(name),
                   plugin ? ".so" : "");
        bool outside = plugin && memchr(name.ptr, '/', name.len);
        if (!outside && access(path.data, R_OK) == 0) found = intern(c, buf_view(&path));
    }
    buf_free(&path);
    return found;
}

/* The bytes of then: a copy that is kept, else the file on disk where it still is the same. */
static bool part_of_then(struct core *c, int64_t kind, struct sori_str name, struct sori_str wanted,
                         const char *path, struct buf *copy, char hash[65]) {
    struct buf file = {0};
    struct err err;
    buf_printf(&file, "%.*s%s", STR(name), kind == PART_PLUGIN ? ".so" : "");
    snprintf(hash, 65, "%.*s", STR(wanted));
    bool ok = part_kept(c, buf_view(&file), hash, copy);
    if (!ok && path) ok = part_take(c, path, hash, copy, &err) && str_is(wanted, hash);
    buf_free(&file);
    return ok;
}

bool generation_part(struct core *c, struct reload *r, int64_t kind, struct sori_str name,
                     const char *where, bool optional, struct buf *copy, char hash[65]) {
    const char *path = file_of(c, kind, name), *what = kind == PART_PLUGIN ? "plugin" : "model";
    struct sori_str then = part_hash(buf_view(&r->next->wanted), kind, name);
    struct err err;
    if (then.len) {
        if (part_of_then(c, kind, name, then, path, copy, hash)) return true;
        buf_printf(&r->errors,
                   "%s: the %s \"%.*s\" of then (content %.12s…) is neither kept in data/parts nor "
                   "on disk; put that file back, or take another generation\n",
                   where, what, STR(name), then.ptr);
        return false;
    }
    if (path) {
        if (part_take(c, path, hash, copy, &err)) return true;
        buf_printf(&r->errors, "%s: the %s \"%.*s\": %s\n", where, what, STR(name), err.text);
    } else if (!optional && kind == PART_PLUGIN)
        buf_printf(&r->errors,
                   "%s: no plugin is called \"%.*s\"; `sori plugin list` shows what there is\n",
                   where, STR(name));
    else if (!optional)
        buf_printf(&r->errors,
                   "%s: the model \"%.*s\" is neither in models/ nor among those that came with "
                   "Sori; put it there, or name another\n",
                   where, STR(name));
    return false;
}

bool generation_parts_same(struct core *c, const struct generation *g) {
    struct rec_field f;
    struct buf copy = {0};
    struct err err;
    char hash[65];
    bool same = true;
    for (struct sori_str all = buf_view(&g->parts); same && rec_next(&all, &f) == 1;) {
        const char *path = file_of(c, rec_get_int(f.s, PART_KIND, 0), rec_get_str(f.s, PART_NAME));
        same = path && part_take(c, path, hash, &copy, &err) &&
               str_is(rec_get_str(f.s, PART_HASH), hash);
    }
    buf_free(&copy);
    return same;
}

struct plugin *generation_plugin(struct core *c, const struct reload *r, struct sori_str id) {
    for (size_t i = 0; i < r->found_n; i++)
        if (str_is(id, r->found[i]->id)) return r->found[i];
    return plugin_by_id(c, id);
}

/* ---- connections ---- */

static bool same_before(struct core *c, const struct conf_connection *k) {
    struct buf old = {0}, new = {0};
    bool same = false;
    for (size_t i = 0; c->active && i < c->active->conf.connection_count; i++) {
        const struct conf_connection *was = &c->active->conf.connections[i];
        if (!str_eq(was->name, k->name)) continue;
        plan_workers_of(was->record, &old);
        plan_workers_of(k->record, &new);
        same = str_eq(buf_view(&old), buf_view(&new));
    }
    buf_free(&old);
    buf_free(&new);
    return same;
}

/* A connection that is new, or not as it was, starts with its credentials or is refused; one that
 * lost them meanwhile is broken, and holds up nobody's change. At the start there is nobody to
 * refuse it to. */
static void check_secrets(struct core *c, struct reload *r, const struct conf_connection *k,
                          const struct plugin *p) {
    struct rec_field f;
    struct buf path = {0};
    if (r->wish->back || r->wish->from == FROM_START || same_before(c, k)) return;
    for (struct sori_str d = buf_view(&p->descriptor); rec_next(&d, &f) == 1;) {
        if (f.tag != DESC_SLOT || f.type != REC_REC || !rec_get_int(f.s, 3, 0)) continue;
        struct sori_str slot = rec_get_str(f.s, 1);
        const char *credentials = getenv("CREDENTIALS_DIRECTORY");
        buf_clear(&path);
        buf_printf(&path, "%s/secrets/%.*s.%.*s", c->dir, STR(k->name), STR(slot));
        bool there = access(path.data, F_OK) == 0;
        if (!there && credentials) {
            buf_clear(&path);
            buf_printf(&path, "%s/%.*s.%.*s", credentials, STR(k->name), STR(slot));
            there = access(path.data, F_OK) == 0;
        }
        if (!there)
            buf_printf(&r->errors,
                       "sori.lua:%d: connection \"%.*s\": its credential \"%.*s\" is missing; put "
                       "it into secrets/%.*s.%.*s (mode 0600), or run `sori connection add`\n",
                       k->line, STR(k->name), STR(slot), STR(k->name), STR(slot));
    }
    buf_free(&path);
}

void generation_check(struct core *c, struct reload *r) {
    const struct conf *conf = &r->next->conf;
    if (conf->connection_count > CONNECTIONS_MOST)
        buf_printf(&r->errors, "sori.lua: %zu connections; %d are the most that one Sori takes\n",
                   conf->connection_count, CONNECTIONS_MOST);
    for (size_t i = 0; i < conf->connection_count; i++) {
        struct buf options = {0};
        struct plugin *p = generation_plugin(c, r, conf->connections[i].channel);
        if (!p) continue; /* said already */
        conf_options(conf->connections[i].record, buf_view(&p->descriptor), CREATE_OPTION, &options,
                     &r->errors);
        check_secrets(c, r, &conf->connections[i], p);
        buf_free(&options);
    }
}

/* ---- models ---- */

static struct model *find_model(struct core *c, const char *classifier, const char *lang,
                                const char *so, const char *path, int64_t floor) {
    for (size_t i = 0; i < c->model_count; i++) {
        struct model *m = c->model[i];
        if (strcmp(m->classifier, classifier) == 0 && strcmp(m->lang, lang) == 0 &&
            strcmp(m->so, so) == 0 && strcmp(m->path, path) == 0 && m->asked == floor)
            return m;
    }
    return NULL;
}

struct asked_model {
    struct sori_str classifier, plugin, lang, name;
    int64_t floor;
};

static void want_model(struct core *c, struct reload *r, const struct asked_model *a,
                       const char *so, const char *path) {
    struct err err = {{0}};
    char *cl = mem_text(a->classifier), *la = mem_text(a->lang);
    struct model *m = find_model(c, cl, la, so, path, a->floor);
    bool start = m && m->failed && !m->ready; /* what was wrong with it may be mended */
    if (start) {
        model_stop(c, m);
        m->failed = 0;
    } else if (!m && c->model_count < sizeof c->model / sizeof *c->model) {
        m = mem_get(sizeof *m);
        *m = (struct model){.classifier = mem_text(a->classifier),
                            .lang = mem_text(a->lang),
                            .path = mem_text(str_c(path)),
                            .so = mem_text(str_c(so)),
                            .plugin = mem_text(a->plugin),
                            .asked = a->floor};
        c->model[c->model_count++] = m;
        start = true;
    }
    if (!m)
        buf_printf(&r->errors, "sori.lua: classifier \"%s\": %zu models are the most at once\n", cl,
                   c->model_count);
    else if (start && !model_start(c, m, &err))
        buf_printf(&r->errors, "sori.lua: classifier \"%s\": %s\n", cl, err.text);
    if (m) {
        m->shared = m->wanted && m->wanted == c->active;
        m->wanted = r->next;
    }
    free(cl);
    free(la);
}

void generation_put_part(struct generation *g, int64_t kind, struct sori_str name,
                         const char *hash) {
    if (part_hash(buf_view(&g->parts), kind, name).len) return;
    size_t mark = rec_begin(&g->parts, MANIFEST_PART);
    rec_int(&g->parts, PART_KIND, kind);
    rec_str(&g->parts, PART_NAME, name);
    rec_str(&g->parts, PART_HASH, str_c(hash));
    rec_end(&g->parts, mark);
}

static void one_model(struct core *c, struct reload *r, const struct asked_model *a) {
    struct buf so = {0}, path = {0};
    char where[128], so_hash[65], hash[65];
    snprintf(where, sizeof where, "sori.lua:%d: classifier \"%.*s\"",
             conf_line(buf_view(&r->next->config_source), "classifier", a->classifier),
             STR(a->classifier));
    bool plugin = generation_part(c, r, PART_PLUGIN, a->plugin, where, false, &so, so_hash);
    bool model = generation_part(c, r, PART_MODEL, a->name, where, false, &path, hash);
    if (plugin) generation_put_part(r->next, PART_PLUGIN, a->plugin, so_hash);
    r->no_models |= !plugin || !model;
    if (model) generation_put_part(r->next, PART_MODEL, a->name, hash);
    if (plugin && model) want_model(c, r, a, so.data, path.data);
    buf_free(&so);
    buf_free(&path);
}

void generation_models(struct core *c, struct reload *r) {
    struct rec_field f, g;
    for (struct sori_str all = buf_view(&r->next->conf.bytes); rec_next(&all, &f) == 1;) {
        if (f.tag != CONF_CLASSIFIER || f.type != REC_REC) continue;
        for (struct sori_str one = f.s; rec_next(&one, &g) == 1;) {
            if (g.tag != 3 || g.type != REC_REC) continue;
            struct asked_model a = {rec_get_str(f.s, 1), rec_get_str(f.s, 2), rec_get_str(g.s, 1),
                                    rec_get_str(g.s, 2), rec_get_int(f.s, 4, NIL)};
            one_model(c, r, &a);
        }
    }
}

bool generation_models_ready(struct core *c, struct reload *r, bool late) {
    bool ready = true;
    for (size_t i = 0; i < c->model_count; i++) {
        struct model *m = c->model[i];
        if (m->wanted != r->next || m->ready) continue;
        if (late || m->failed >= 3) {
            r->no_models = true;
            buf_printf(
                &r->errors,
                "sori.lua:%d: classifier \"%s\" (%s): the model does not answer%s%s; train "
                "it again, or name another\n",
                conf_line(buf_view(&r->next->config_source), "classifier", str_c(m->classifier)),
                m->classifier, m->lang, m->why ? ": " : ", the log says why", m->why ? m->why : "");
            m->wanted = m->shared ? c->active : NULL; /* said once */
        } else
            ready = false;
    }
    return ready;
}

/* ---- what the bundle may name ---- */

static void put_models(struct core *c, struct generation *g, struct buf *b) {
    int64_t floor = NIL;
    for (size_t i = 0; i < c->model_count; i++) {
        const struct model *m = c->model[i];
        if (m->wanted != g || !m->ready) continue;
        if (floor == NIL || m->floor > floor) floor = m->floor;
        for (size_t k = 0; k < m->label_count; k++) {
            size_t mark = rec_begin(b, ENV_LABEL);
            rec_str(b, 1, str_c(m->label[k].full));
            buf_str(b, m->label[k].points);
            rec_str(b, 3, str_c(m->lang));
            rec_end(b, mark);
        }
    }
    if (floor != NIL) rec_int(b, ENV_FLOOR, floor);
}

void generation_env(struct core *c, struct reload *r) {
    struct generation *g = r->next;
    struct rec_field f;
    buf_clear(&g->env);
    if (r->no_conf) { /* what is live is the best guess */
        if (c->active)
            buf_str(&g->env, buf_view(&c->active->env));
        else
            rec_int(&g->env, ENV_OPEN, POLICY_OPEN_LABELS | POLICY_OPEN_DEPARTMENTS);
        return;
    }
    if (r->no_models)
        rec_int(&g->env, ENV_OPEN, POLICY_OPEN_LABELS);
    else
        put_models(c, g, &g->env);
    for (struct sori_str all = buf_view(&g->conf.bytes); rec_next(&all, &f) == 1;)
        if (f.tag == CONF_DEPARTMENT && f.type == REC_REC)
            rec_str(&g->env, ENV_DEPARTMENT, rec_get_str(f.s, 1));
        else if (f.tag == CONF_CONNECTION && f.type == REC_REC)
            rec_str(&g->env, ENV_CHANNEL, rec_get_str(f.s, CONN_CHANNEL));
    for (size_t i = 0; i < g->conf.calendar_count; i++)
        rec_str(&g->env, ENV_CALENDAR, g->conf.calendars[i].name);
    for (size_t i = 0; i < g->conf.lang_count; i++) rec_str(&g->env, ENV_LANG, g->conf.lang[i]);
    rec_str(&g->env, ENV_TIMEZONE, g->conf.timezone);
}
