/* What a generation is made of, and how one takes the place of another: configuration, policy and
 * models are one thing with one number, applied all or nothing. */
#include "flow/reload.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "lua/policy.h"
#include "reader/reader.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CONNECTIONS_MOST = 128, CONFIG_MAX = 1 << 20, GEN_ACTIVE = 2, GEN_RETIRED = 3 };

void generation_free(struct core *c, struct generation *g) {
    /* A later generation may come to lie where this one lay. */
    for (size_t i = 0; i < c->model_count; i++)
        if (c->model[i]->wanted == g) c->model[i]->wanted = NULL;
    if (g->policy) guest_kill(&g->policy);
    conf_close(&g->conf);
    buf_free(&g->bundle);
    buf_free(&g->env);
    buf_free(&g->config_source);
    free(g->ctx);
    free(g);
}

/* ---- where it comes from ---- */

static bool from_manifest(struct core *c, struct reload *r) {
    struct row_generation row;
    struct buf manifest = {0};
    bool ok = store_generation(c->store, r->rollback_to, &row) &&
              blob_get(c->store, row.manifest, &manifest);
    if (!ok)
        buf_printf(&r->errors, "generation %lld is not kept any more\n", (long long)r->rollback_to);
    buf_str(&r->next->config_source, rec_get_str(buf_view(&manifest), MANIFEST_CONFIG));
    buf_str(&r->next->bundle, rec_get_str(buf_view(&manifest), MANIFEST_BUNDLE));
    buf_free(&manifest);
    return ok;
}

bool generation_read(struct core *c, struct reload *r) {
    struct err err;
    if (r->rollback_to) return from_manifest(c, r);
    struct buf path = {0};
    buf_printf(&path, "%s/sori.lua", c->dir);
    if (!file_read(path.data, CONFIG_MAX, false, &r->next->config_source, &err))
        buf_printf(&r->errors, "%s\n", err.text);
    buf_clear(&path);
    buf_printf(&path, "%s/policy", c->dir);
    if (!bundle_read(path.data, &r->next->bundle, &err)) buf_printf(&r->errors, "%s\n", err.text);
    buf_free(&path);
    return r->errors.len == 0;
}

/* ---- plugins ---- */

bool generation_plugin_known(struct core *c, struct sori_str id) {
    return plugin_by_id(c, id) != NULL;
}

/* The workspace's own plugins come first. */
const char *generation_plugin_path(struct core *c, struct sori_str id) {
    struct buf path = {0};
    const char *found = NULL;
    const char *const folders[] = {c->dir, c->plugins};
    for (size_t i = 0; i < 2 && !found; i++) {
        buf_clear(&path);
        buf_printf(&path, "%s%s/%.*s.so", folders[i], i == 0 ? "/plugins" : "", STR(id));
        if (!memchr(id.ptr, '/', id.len) && access(path.data, R_OK) == 0)
            found = intern(c, buf_view(&path));
    }
    buf_free(&path);
    return found;
}

void generation_learn_plugin(struct core *c, struct sori_str id, const char *path,
                             struct sori_str descriptor) {
    struct plugin *p = mem_get(sizeof *p);
    p->id = mem_text(id);
    p->path = mem_text(str_c(path));
    buf_str(&p->descriptor, descriptor);
    SORI_ASSERT(c->plugin_count < sizeof c->plugin / sizeof *c->plugin);
    c->plugin[c->plugin_count++] = p;
}

bool generation_check(struct core *c, struct reload *r) {
    const struct conf *conf = &r->next->conf;
    if (conf->connection_count > CONNECTIONS_MOST)
        buf_printf(&r->errors, "sori.lua: %zu connections; %d are the most that one Sori takes\n",
                   conf->connection_count, CONNECTIONS_MOST);
    for (size_t i = 0; i < conf->connection_count; i++) {
        struct buf options = {0};
        struct plugin *p = plugin_by_id(c, conf->connections[i].channel);
        conf_options(conf->connections[i].record, buf_view(&p->descriptor), CREATE_OPTION, &options,
                     &r->errors);
        buf_free(&options);
    }
    return r->errors.len == 0;
}

/* ---- models ---- */

static struct model *find_model(struct core *c, const char *classifier, const char *lang,
                                const char *path, int64_t floor) {
    for (size_t i = 0; i < c->model_count; i++) {
        struct model *m = c->model[i];
        if (strcmp(m->classifier, classifier) == 0 && strcmp(m->lang, lang) == 0 &&
            strcmp(m->path, path) == 0 && m->asked == floor)
            return m;
    }
    return NULL;
}

/* A model's file: of the workspace, else one that came with Sori. */
static char *model_path(struct core *c, struct sori_str name) {
    struct buf path = {0};
    buf_printf(&path, "%s/models/%.*s", c->dir, STR(name));
    if (access(path.data, R_OK) != 0) {
        buf_clear(&path);
        buf_printf(&path, "%s/../models/%.*s", c->bin, STR(name));
    }
    char *real = access(path.data, R_OK) == 0 ? realpath(path.data, NULL) : NULL;
    buf_free(&path);
    return real;
}

static void want_model(struct core *c, struct reload *r, struct sori_str classifier,
                       struct sori_str plugin, struct sori_str lang, struct sori_str name,
                       int64_t floor) {
    struct err err;
    char *path = model_path(c, name);
    if (!path) {
        buf_printf(&r->errors,
                   "sori.lua: classifier \"%.*s\": the model \"%.*s\" is neither in models/ nor "
                   "among those that came with Sori\n",
                   STR(classifier), STR(name));
        return;
    }
    char *cl = mem_text(classifier), *la = mem_text(lang);
    struct model *m = find_model(c, cl, la, path, floor);
    if (!m && c->model_count < sizeof c->model / sizeof *c->model) {
        m = mem_get(sizeof *m);
        *m = (struct model){.classifier = mem_text(classifier),
                            .lang = mem_text(lang),
                            .path = mem_text(str_c(path)),
                            .plugin = mem_text(plugin),
                            .asked = floor};
        c->model[c->model_count++] = m;
        if (!model_start(c, m, &err))
            buf_printf(&r->errors, "classifier \"%s\": %s\n", cl, err.text);
    }
    if (m && m->failed && !m->ready) { /* what was wrong with it may be mended */
        model_stop(c, m);
        m->failed = 0;
        if (!model_start(c, m, &err))
            buf_printf(&r->errors, "classifier \"%s\": %s\n", cl, err.text);
    }
    if (m)
        m->wanted = r->next;
    else
        buf_printf(&r->errors, "sori.lua: classifier \"%.*s\": %zu models are the most at once\n",
                   STR(classifier), c->model_count);
    free(cl);
    free(la);
    free(path);
}

bool generation_models(struct core *c, struct reload *r) {
    struct rec_field f, g;
    for (struct sori_str all = buf_view(&r->next->conf.bytes); rec_next(&all, &f) == 1;) {
        if (f.tag != CONF_CLASSIFIER || f.type != REC_REC) continue;
        for (struct sori_str one = f.s; rec_next(&one, &g) == 1;)
            if (g.tag == 3 && g.type == REC_REC)
                want_model(c, r, rec_get_str(f.s, 1), rec_get_str(f.s, 2), rec_get_str(g.s, 1),
                           rec_get_str(g.s, 2), rec_get_int(f.s, 4, NIL));
    }
    return r->errors.len == 0;
}

bool generation_models_ready(struct core *c, struct reload *r, bool late) {
    for (size_t i = 0; i < c->model_count; i++) {
        struct model *m = c->model[i];
        if (m->wanted != r->next || m->ready) continue;
        if (late || m->failed >= 3)
            buf_printf(&r->errors,
                       "classifier \"%s\" (%s): the model does not answer; the log says why\n",
                       m->classifier, m->lang);
        return false;
    }
    return true;
}

/* ---- what the bundle may name ---- */

static void put_models(struct core *c, struct generation *g, struct buf *b) {
    int64_t floor = NIL;
    for (size_t i = 0; i < c->model_count; i++) {
        const struct model *m = c->model[i];
        if (m->wanted != g) continue;
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

void generation_env(struct core *c, struct generation *g) {
    struct rec_field f;
    buf_clear(&g->env);
    put_models(c, g, &g->env);
    for (struct sori_str all = buf_view(&g->conf.bytes); rec_next(&all, &f) == 1;)
        if (f.tag == CONF_DEPARTMENT && f.type == REC_REC)
            rec_str(&g->env, ENV_DEPARTMENT, rec_get_str(f.s, 1));
    for (size_t i = 0; i < g->conf.lang_count; i++) rec_str(&g->env, ENV_LANG, g->conf.lang[i]);
    rec_str(&g->env, ENV_TIMEZONE, g->conf.timezone);
}

/* ---- the swap ---- */

static void apply_connection(struct core *c, struct generation *g,
                             const struct conf_connection *k) {
    struct buf ignored = {0};
    struct plugin *p = plugin_by_id(c, k->channel);
    struct conn *conn = conn_by_name(c, k->name);
    bool same = conn && conn->plugin == p && str_eq(buf_view(&conn->record), k->record);
    if (conn && conn->plugin != p) {
        conn_free(c, conn);
        conn = NULL;
    }
    if (!conn) conn = conn_make(c, p, k->name);
    conn->wanted = g;
    conn->mode = k->mode;
    conn->every = k->every;
    if (same) return; /* untouched: neither its processes nor its schedule */
    poll_stop(c, conn);
    act_stop(c, conn);
    buf_clear(&conn->record);
    buf_str(&conn->record, k->record);
    buf_clear(&conn->options);
    conf_options(k->record, buf_view(&p->descriptor), CREATE_OPTION, &conn->options, &ignored);
    buf_free(&ignored);
    conn->poll_due = conn->act_due = 0;
    if (conn->state == CONN_STOPPED) conn->state = CONN_WAITING;
}

struct kept_connections {
    size_t n;
    char *name[256], *plugin[256];
};

static void collect(void *ctx, const void *row) {
    struct kept_connections *k = ctx;
    const struct row_connection *r = row;
    if (k->n == 256) return;
    k->name[k->n] = mem_text(r->name);
    k->plugin[k->n++] = mem_text(r->plugin);
}

/* Connections of files given by hand live in the store alone: what they left in the spool must
 * still find them. */
static void keep_imports(struct core *c, struct generation *g) {
    struct kept_connections k = {0};
    struct plugin *p = plugin_by_id(c, SORI_STR("import"));
    store_connections(c->store, collect, &k);
    for (size_t i = 0; i < k.n; i++) {
        if (p && strcmp(k.plugin[i], "import") == 0) {
            struct conn *conn = conn_by_name(c, str_c(k.name[i]));
            if (!conn) conn = conn_make(c, p, str_c(k.name[i]));
            conn->wanted = g;
        }
        free(k.name[i]);
        free(k.plugin[i]);
    }
}

static void apply_connections(struct core *c, struct generation *g) {
    for (size_t i = 0; i < g->conf.connection_count; i++)
        apply_connection(c, g, &g->conf.connections[i]);
    keep_imports(c, g);
    for (size_t i = c->conn_count; i-- > 0;)
        if (c->conn[i]->wanted != g) conn_free(c, c->conn[i]);
}

static void drop_models(struct core *c, struct generation *g) {
    for (size_t i = c->model_count; i-- > 0;) {
        struct model *m = c->model[i];
        if (m->wanted == g || m->batches || m->first) continue;
        model_free(c, m);
    }
    /* One that still has texts in hand stays, behind those that get the new ones. */
    for (size_t i = 0, front = 0; i < c->model_count; i++) {
        struct model *m = c->model[i];
        if (m->wanted != g) continue;
        c->model[i] = c->model[front];
        c->model[front++] = m;
    }
}

static int64_t put_manifest(struct core *c, struct generation *g) {
    struct err err;
    struct buf b = {0};
    rec_str(&b, MANIFEST_CONFIG, buf_view(&g->config_source));
    rec_str(&b, MANIFEST_BUNDLE, buf_view(&g->bundle));
    rec_rec(&b, MANIFEST_ENV, buf_view(&g->env));
    for (size_t i = 0; i < c->model_count; i++)
        if (c->model[i]->wanted == g && c->model[i]->id)
            rec_str(&b, MANIFEST_MODEL, str_c(c->model[i]->id));
    for (size_t i = 0; i < c->plugin_count; i++)
        rec_str(&b, MANIFEST_PLUGIN, str_c(c->plugin[i]->id));
    int64_t id = blob_put(c->store, buf_view(&b), &err);
    buf_free(&b);
    return id;
}

static void write_generation(struct core *c, int64_t id, const char *by, const char *why, int state,
                             int64_t manifest) {
    *store_add_generation(&c->batch) = (struct row_generation){.id = id,
                                                               .at = core_now(c),
                                                               .by = str_c(by),
                                                               .reason = str_c(why),
                                                               .state = state,
                                                               .manifest = manifest,
                                                               .report = NIL};
    flow_dirty(c);
}

static void retire_row(struct core *c, int64_t id) {
    struct row_generation old;
    if (!store_generation(c->store, id, &old)) return;
    old.by = keep(c, old.by);
    old.reason = keep(c, old.reason);
    old.state = GEN_RETIRED;
    *store_add_generation(&c->batch) = old;
    flow_dirty(c);
}

void generation_swap(struct core *c, struct reload *r, struct buf *said) {
    struct generation *g = r->next, *old = c->active;
    struct row_generation row;
    flow_commit(c);
    int64_t live = store_active_generation(c->store), manifest = put_manifest(c, g);
    bool same = live != NIL && store_generation(c->store, live, &row) && row.manifest == manifest;
    if (same && old) { /* the same bytes: the live one goes on, nobody is restarted */
        buf_printf(said, "nothing changed: generation %lld goes on", (long long)live);
        for (size_t i = 0; i < c->model_count; i++)
            if (c->model[i]->wanted == g) c->model[i]->wanted = old;
        return; /* reload's end frees the candidate */
    }
    g->id = same ? live : ++c->ids.generation;
    if (!same) {
        if (live != NIL) retire_row(c, live);
        write_generation(c, g->id, r->by, r->why, GEN_ACTIVE, manifest);
    }
    r->next = c->next = NULL;
    c->active = g;
    g->ready = true;
    if (old) {
        old->drains_after = c->draining;
        c->draining = old;
    }
    apply_connections(c, g);
    drop_models(c, g);
    flow_commit(c);
    struct err err;
    if (!c->net && !route_start(c, &err))
        log_line(LOG_ERROR, "net", "%s", err.text);
    else if (old)
        route_configure(c);
    keeper_tell(c);
    free((char *)(uintptr_t)c->refused.ptr);
    c->refused = (struct sori_str){0};
    buf_printf(said, "generation %lld is live (%s)", (long long)g->id, r->why);
    decide_pump(c);
    poll_pump(c);
}

void generation_tick(struct core *c) {
    conn_tick(c);
    model_tick(c);
    for (struct generation **p = &c->draining; *p;) {
        struct generation *g = *p;
        if (g->open_batches) {
            p = &g->drains_after;
            continue;
        }
        *p = g->drains_after;
        generation_free(c, g);
    }
}
