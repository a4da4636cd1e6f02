#include "cli/connection/connection.h"

#include "sori/plugin.h"
#include "supervise/messages.h"

#include <stdlib.h>

struct given_value *given_find(const struct given *g, struct sori_str name) {
    for (size_t i = 0; i < g->count; i++)
        if (str_is(name, g->items[i].name)) return &g->items[i];
    return NULL;
}

void given_set(struct given *g, struct sori_str name, struct sori_str value) {
    struct given_value *v = given_find(g, name);
    if (!v) {
        g->items = mem_grow(g->items, (g->count + 1) * sizeof *g->items);
        v = &g->items[g->count++];
        *v = (struct given_value){.name = mem_text(name)};
    }
    buf_clear(&v->value);
    buf_str(&v->value, value);
}

void given_free(struct given *g) {
    for (size_t i = 0; i < g->count; i++) {
        free(g->items[i].name);
        buf_free(&g->items[i].value);
    }
    free(g->items);
    *g = (struct given){0};
}

static struct sori_str find(struct sori_str descriptor, uint32_t tag, uint32_t name_tag,
                            struct sori_str name) {
    struct rec_field f;
    while (rec_next(&descriptor, &f) == 1)
        if (f.tag == tag && f.type == REC_REC && str_eq(rec_get_str(f.s, name_tag), name))
            return f.s;
    return (struct sori_str){0};
}

struct sori_str option_find(struct sori_str descriptor, struct sori_str name) {
    return find(descriptor, DESC_OPTION, OPT_NAME, name);
}

struct sori_str slot_find(struct sori_str descriptor, struct sori_str name) {
    return find(descriptor, DESC_SLOT, 1, name);
}

static void put_field(struct buf *out, const struct rec_field *f) {
    if (f->type == REC_INT)
        rec_int(out, f->tag, f->i);
    else if (f->type == REC_STR)
        rec_str(out, f->tag, f->s);
    else
        rec_rec(out, f->tag, f->s);
}

void descriptor_relax(struct sori_str descriptor, struct buf *out) {
    struct rec_field f, o;
    while (rec_next(&descriptor, &f) == 1) {
        if (f.tag != DESC_OPTION || f.type != REC_REC) {
            put_field(out, &f);
            continue;
        }
        size_t mark = rec_begin(out, DESC_OPTION);
        while (rec_next(&f.s, &o) == 1) {
            if (o.tag == OPT_FLAGS) o.i &= ~(int64_t)SORI_OPTION_REQUIRED;
            put_field(out, &o);
        }
        rec_end(out, mark);
    }
}

/* "sori.lua:1: connection "x": " goes from the line: nothing was written yet. */
static void blame(struct buf *errors, struct err *err) {
    char *line = errors->data, *end = line ? strchr(line, '\n') : NULL;
    if (end) *end = 0;
    char *from = line ? strstr(line, "\": ") : NULL;
    err_set(err, "%s", from ? from + 3 : line ? line : "it does not fit");
}

bool value_check(struct sori_str descriptor, const char *name, struct sori_str value,
                 struct err *err) {
    struct buf relaxed = {0}, record = {0}, options = {0}, errors = {0};
    rec_str(&record, CONN_NAME, SORI_STR("new"));
    rec_str(&record, CONN_CHANNEL, rec_get_str(descriptor, DESC_ID));
    size_t mark = rec_begin(&record, CONN_OPTION);
    rec_str(&record, 1, str_c(name));
    rec_str(&record, 2, value);
    rec_end(&record, mark);
    descriptor_relax(descriptor, &relaxed);
    bool ok = conf_options(buf_view(&record), buf_view(&relaxed), CREATE_OPTION, &options, &errors);
    if (!ok) blame(&errors, err);
    if (ok && !value.len &&
        rec_get_int(option_find(descriptor, str_c(name)), OPT_FLAGS, 0) & SORI_OPTION_REQUIRED)
        ok = err_set(err, "%s is needed: it cannot be empty", name);
    buf_free(&relaxed);
    buf_free(&record);
    buf_free(&options);
    buf_free(&errors);
    return ok;
}

struct sori_str value_now(struct sori_str descriptor, const struct given *g, struct sori_str name) {
    const struct given_value *v = given_find(g, name);
    if (v) return buf_view(&v->value);
    return rec_get_str(option_find(descriptor, name), OPT_DEF);
}
