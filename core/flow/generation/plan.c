/* What a reload changes, as lines: "~ connection shop: mode approve → auto (live)". The same lines
 * are the plan before, the answer after, and the story of history. */
#include "flow/generation/reload.h"

#include "base/diff.h"
#include "base/enums.h"
#include "lua/policy.h"

#include <stdio.h>
#include <stdlib.h>

struct plan {
    struct core *core;
    const struct generation *old, *new;
    struct buf *lines;
    unsigned renewed, untouched;
    struct buf names; /* of the connections that start anew */
};

static void line(struct plan *p, const char *op, const char *kind, struct sori_str name,
                 struct sori_str detail) {
    size_t mark = rec_begin(p->lines, CHANGE_LINE);
    rec_str(p->lines, CHANGE_OP, str_c(op));
    rec_str(p->lines, CHANGE_KIND, str_c(kind));
    rec_str_opt(p->lines, CHANGE_NAME, name);
    rec_str_opt(p->lines, CHANGE_DETAIL, detail);
    rec_end(p->lines, mark);
}

/* ---- connections ---- */

static const struct conf_connection *connection_of(const struct generation *g,
                                                   struct sori_str name) {
    for (size_t i = 0; g && i < g->conf.connection_count; i++)
        if (str_eq(g->conf.connections[i].name, name)) return &g->conf.connections[i];
    return NULL;
}

void plan_workers_of(struct sori_str record, struct buf *out) {
    struct rec_field f;
    while (rec_next(&record, &f) == 1) {
        if (f.tag == CONN_LINE || f.tag == CONN_EVERY || f.tag == CONN_MODE) continue;
        if (f.tag == CONN_OPTION && f.type == REC_REC) {
            size_t mark = rec_begin(out, CONN_OPTION);
            rec_str(out, 1, rec_get_str(f.s, 1));
            rec_str(out, 2, rec_get_str(f.s, 2));
            rec_end(out, mark);
        } else if (f.type == REC_STR)
            rec_str(out, f.tag, f.s);
        else if (f.type == REC_INT)
            rec_int(out, f.tag, f.i);
        else
            rec_rec(out, f.tag, f.s);
    }
}

static struct sori_str option(struct sori_str record, struct sori_str name) {
    struct rec_field f;
    while (rec_next(&record, &f) == 1)
        if (f.tag == CONN_OPTION && f.type == REC_REC && str_eq(rec_get_str(f.s, 1), name))
            return rec_get_str(f.s, 2);
    return (struct sori_str){0};
}

/* Names alone: a value may be somebody's secret. */
static void options_that_differ(struct sori_str a, struct sori_str b, bool missing_only,
                                struct buf *out) {
    struct rec_field f;
    for (struct sori_str rest = a; rec_next(&rest, &f) == 1;) {
        if (f.tag != CONN_OPTION || f.type != REC_REC) continue;
        struct sori_str name = rec_get_str(f.s, 1), there = option(b, name);
        if (missing_only ? !there.ptr : !str_eq(there, rec_get_str(f.s, 2)))
            buf_printf(out, "%s%.*s", out->len ? ", " : "", STR(name));
    }
}

static void span(int64_t ms, char out[24]) {
    if (ms % 60000)
        snprintf(out, 24, "%llds", (long long)(ms / 1000));
    else
        snprintf(out, 24, "%lldm", (long long)(ms / 60000));
}

static void count_worker(struct plan *p, bool renewed, struct sori_str name) {
    p->untouched += !renewed;
    p->renewed += renewed;
    if (renewed) buf_printf(&p->names, "%s%.*s", p->names.len ? ", " : "", STR(name));
}

static bool plugin_changed(const struct plan *p, struct sori_str id) {
    struct sori_str was = part_hash(buf_view(&p->old->parts), PART_PLUGIN, id);
    return was.len && !str_eq(was, part_hash(buf_view(&p->new->parts), PART_PLUGIN, id));
}

static void connection_changed(struct plan *p, const struct conf_connection *a,
                               const struct conf_connection *b) {
    struct buf old = {0}, new = {0}, names = {0}, text = {0};
    char from[24], to[24];
    plan_workers_of(a->record, &old);
    plan_workers_of(b->record, &new);
    bool anew = !str_eq(buf_view(&old), buf_view(&new));
    if (a->mode != b->mode)
        buf_printf(&text, "mode %s → %s (live)", mode_word(a->mode), mode_word(b->mode));
    if (a->every != b->every) {
        span(a->every, from);
        span(b->every, to);
        buf_printf(&text, "%severy %s → %s (live)", text.len ? "; " : "", from, to);
    }
    if (anew) {
        if (!str_eq(a->channel, b->channel))
            buf_printf(&names, "channel %.*s → %.*s", STR(a->channel), STR(b->channel));
        options_that_differ(b->record, a->record, false, &names);
        options_that_differ(a->record, b->record, true, &names);
        if (!names.len) buf_puts(&names, "allow or site");
        buf_printf(&text, "%s%.*s changed (its workers start anew)", text.len ? "; " : "",
                   STR(buf_view(&names)));
    }
    if (text.len) line(p, "~", "connection", b->name, buf_view(&text));
    count_worker(p, anew || plugin_changed(p, b->channel), b->name);
    buf_free(&old);
    buf_free(&new);
    buf_free(&names);
    buf_free(&text);
}

static void connections(struct plan *p) {
    for (size_t i = 0; i < p->new->conf.connection_count; i++) {
        const struct conf_connection *b = &p->new->conf.connections[i],
                                     *a = connection_of(p->old, b->name);
        if (a) {
            connection_changed(p, a, b);
            continue;
        }
        char text[256];
        snprintf(text, sizeof text, "channel %.*s, mode %s", STR(b->channel), mode_word(b->mode));
        line(p, "+", "connection", b->name, str_c(text));
    }
    for (size_t i = 0; p->old && i < p->old->conf.connection_count; i++) {
        const struct conf_connection *a = &p->old->conf.connections[i];
        if (!connection_of(p->new, a->name))
            line(p, "-", "connection", a->name, SORI_STR("its workers end; what it said stays"));
    }
}

/* ---- everything else of sori.lua ---- */

static const struct {
    uint32_t tag;
    const char *kind;
    bool named;
} blocks[] = {{CONF_WORKSPACE, "workspace", false},  {CONF_GATE, "gate", false},
              {CONF_CLASSIFIER, "classifier", true}, {CONF_RELOAD, "reload", false},
              {CONF_METRICS, "metrics", false},      {CONF_DEPARTMENT, "department", true},
              {CONF_LIMITS, "limits", false},        {CONF_HOURS, "calendar", true}};

static const char *block_kind(uint32_t tag, bool *named) {
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
        if (blocks[i].tag == tag) {
            *named = blocks[i].named;
            return blocks[i].kind;
        }
    *named = true; /* a block that is newer than this page has a name, as most do */
    return tag == CONF_CONNECTION || tag == CONF_CALENDAR || tag == CONF_KEEPS ? NULL : "block";
}

static struct sori_str block_of(const struct generation *g, uint32_t tag, bool named,
                                struct sori_str name) {
    struct rec_field f;
    for (struct sori_str all = g ? buf_view(&g->conf.bytes) : (struct sori_str){0};
         rec_next(&all, &f) == 1;)
        if (f.tag == tag && f.type == REC_REC && (!named || str_eq(rec_get_str(f.s, 1), name)))
            return f.s.ptr ? f.s : SORI_STR("");
    return (struct sori_str){0};
}

static void config_blocks(struct plan *p) {
    struct rec_field f;
    bool named;
    for (struct sori_str all = buf_view(&p->new->conf.bytes); rec_next(&all, &f) == 1;) {
        const char *kind = f.type == REC_REC ? block_kind(f.tag, &named) : NULL;
        if (!kind) continue;
        struct sori_str name = named ? rec_get_str(f.s, 1) : (struct sori_str){0};
        struct sori_str was = block_of(p->old, f.tag, named, name);
        if (!was.ptr)
            line(p, "+", kind, name, (struct sori_str){0});
        else if (!str_eq(was, f.s))
            line(p, "~", kind, name, (struct sori_str){0});
    }
    struct sori_str all = p->old ? buf_view(&p->old->conf.bytes) : (struct sori_str){0};
    while (rec_next(&all, &f) == 1) {
        const char *kind = f.type == REC_REC ? block_kind(f.tag, &named) : NULL;
        struct sori_str name = kind && named ? rec_get_str(f.s, 1) : (struct sori_str){0};
        if (kind && !block_of(p->new, f.tag, named, name).ptr)
            line(p, "-", kind, name, (struct sori_str){0});
    }
}

/* ---- the policy's files ---- */

/* A file of a bundle; ptr NULL where it has none. */
static struct sori_str plan_file(struct sori_str bundle, struct sori_str path) {
    struct rec_field f;
    while (rec_next(&bundle, &f) == 1)
        if (f.tag == BUNDLE_FILE && f.type == REC_REC &&
            str_eq(rec_get_str(f.s, BUNDLE_PATH), path))
            return rec_get_str(f.s, BUNDLE_BYTES).ptr ? rec_get_str(f.s, BUNDLE_BYTES)
                                                      : SORI_STR("");
    return (struct sori_str){0};
}

static const char *file_kind(struct sori_str path) {
    return str_starts(path, SORI_STR("replies/")) ? "reply"
           : str_starts(path, SORI_STR("tests/")) ? "test"
                                                  : "policy";
}

static void put_lines(size_t n, struct buf *b) {
    buf_printf(b, "%zu line%s", n, n == 1 ? "" : "s");
}

static void files(struct plan *p) {
    struct rec_field f;
    struct buf text = {0};
    struct sori_str old = p->old ? buf_view(&p->old->bundle) : (struct sori_str){0};
    for (struct sori_str all = buf_view(&p->new->bundle); rec_next(&all, &f) == 1;) {
        struct sori_str path = rec_get_str(f.s, BUNDLE_PATH), now = rec_get_str(f.s, BUNDLE_BYTES),
                        was = plan_file(old, path);
        if (was.ptr && str_eq(was, now)) continue;
        struct diff_count n = diff_count(was, now);
        buf_clear(&text);
        put_lines(n.added > n.removed ? n.added : n.removed, &text);
        if (was.ptr) buf_printf(&text, " (+%zu -%zu)", n.added, n.removed);
        line(p, was.ptr ? "~" : "+", file_kind(path), path, buf_view(&text));
    }
    while (rec_next(&old, &f) == 1) {
        struct sori_str path = rec_get_str(f.s, BUNDLE_PATH);
        if (!plan_file(buf_view(&p->new->bundle), path).ptr)
            line(p, "-", file_kind(path), path, (struct sori_str){0});
    }
    buf_free(&text);
}

/* ---- what levels mean, models, plugins ---- */

static bool has_line(struct sori_str text, struct sori_str one) {
    while (text.len) {
        const char *end = memchr(text.ptr, '\n', text.len);
        size_t n = end ? (size_t)(end - text.ptr) : text.len;
        if (str_eq((struct sori_str){text.ptr, n}, one)) return true;
        n += end != NULL;
        text.ptr += n;
        text.len -= n;
    }
    return false;
}

static void levels(struct plan *p) {
    struct sori_str old = p->old ? buf_view(&p->old->levels) : (struct sori_str){0};
    for (struct sori_str all = buf_view(&p->new->levels); all.len;) {
        const char *end = memchr(all.ptr, '\n', all.len);
        size_t n = end ? (size_t)(end - all.ptr) : all.len;
        struct sori_str one = {all.ptr, n};
        if (n) line(p, has_line(old, one) ? "=" : "~", "level", (struct sori_str){0}, one);
        n += end != NULL;
        all.ptr += n;
        all.len -= n;
    }
}

static void parts(struct plan *p) {
    struct rec_field f;
    char text[96];
    struct sori_str old = p->old ? buf_view(&p->old->parts) : (struct sori_str){0};
    for (struct sori_str all = buf_view(&p->new->parts); rec_next(&all, &f) == 1;) {
        int64_t kind = rec_get_int(f.s, PART_KIND, 0);
        struct sori_str name = rec_get_str(f.s, PART_NAME), hash = rec_get_str(f.s, PART_HASH),
                        was = part_hash(old, kind, name);
        if (str_eq(was, hash)) continue;
        if (was.len)
            snprintf(text, sizeof text, "content %.12s → %.12s", was.ptr, hash.ptr);
        else
            snprintf(text, sizeof text, "content %.12s", hash.ptr);
        line(p, was.len ? "~" : "+", kind == PART_PLUGIN ? "plugin" : "model", name, str_c(text));
    }
    while (rec_next(&old, &f) == 1) {
        struct sori_str name = rec_get_str(f.s, PART_NAME);
        int64_t kind = rec_get_int(f.s, PART_KIND, 0);
        if (!part_hash(buf_view(&p->new->parts), kind, name).len)
            line(p, "-", kind == PART_PLUGIN ? "plugin" : "model", name, (struct sori_str){0});
    }
}

static void workers(struct plan *p) {
    struct buf text = {0};
    if (!p->old) return;
    buf_puts(&text, "the policy's is replaced");
    if (p->renewed)
        buf_printf(&text, "; those of %.*s start anew between two calls", STR(buf_view(&p->names)));
    if (p->untouched)
        buf_printf(&text, "; those of %u connection%s are not touched", p->untouched,
                   p->untouched == 1 ? "" : "s");
    line(p, "=", "workers", (struct sori_str){0}, buf_view(&text));
    buf_free(&text);
}

void plan_make(struct core *c, const struct generation *old, const struct generation *new,
               struct buf *lines) {
    struct plan p = {.core = c, .old = old, .new = new, .lines = lines};
    connections(&p);
    config_blocks(&p);
    files(&p);
    parts(&p);
    levels(&p);
    workers(&p);
    buf_free(&p.names);
}

static void since(struct core *c, const struct generation *last, const struct generation *new,
                  struct buf *lines) {
    struct plan p = {.core = c, .old = last, .new = new, .lines = lines};
    struct sori_str was = buf_view(&last->config_source), now = buf_view(&new->config_source);
    if (!str_eq(was, now)) {
        struct diff_count n = diff_count(was, now);
        struct buf text = {0};
        put_lines(n.added > n.removed ? n.added : n.removed, &text);
        buf_printf(&text, " (+%zu -%zu)", n.added, n.removed);
        line(&p, "~", "configuration", SORI_STR("sori.lua"), buf_view(&text));
        buf_free(&text);
    }
    files(&p);
    parts(&p);
}

void plan_at_start(struct core *c, const struct generation *new, struct buf *lines) {
    int64_t live = store_active_generation(c->store);
    struct generation *last = mem_get(sizeof *last);
    struct buf errors = {0};
    if (live != NIL && generation_kept(c, live, last, &errors)) {
        last->parts = last->wanted;
        last->wanted = (struct buf){0};
        since(c, last, new, lines);
    } else
        plan_make(c, NULL, new, lines);
    generation_free(c, last);
    buf_free(&errors);
}

void plan_text(struct sori_str lines, struct buf *out) {
    struct rec_field f;
    while (rec_next(&lines, &f) == 1) {
        if (f.tag != CHANGE_LINE || f.type != REC_REC) continue;
        struct sori_str name = rec_get_str(f.s, CHANGE_NAME),
                        detail = rec_get_str(f.s, CHANGE_DETAIL);
        if (str_is(rec_get_str(f.s, CHANGE_KIND), "level")) {
            buf_printf(out, "%.*s\n", STR(detail)); /* begins with its own name */
            continue;
        }
        buf_printf(out, "%.*s %.*s%s%.*s%s%.*s\n", STR(rec_get_str(f.s, CHANGE_OP)),
                   STR(rec_get_str(f.s, CHANGE_KIND)), name.len ? " " : "", STR(name),
                   detail.len ? ": " : "", STR(detail));
    }
}
