#include "net/settings.h"

#include "base/record.h"
#include "supervise/messages.h"

#include <stdlib.h>

static bool add_entry(struct guard_list *list, struct sori_str text, const char *what,
                      struct err *err) {
    if (guard_add(list, text)) return true;
    return err_set(err, "\"%.*s\" is no %s: expected a host, host:port or *.host", STR(text), what);
}

static bool read_connection(struct sori_str record, struct connection *c, struct err *err) {
    struct rec_field f;
    while (rec_next(&record, &f) == 1) {
        if (f.tag == NETCONN_NAME) {
            free(c->name);
            c->name = mem_text(f.s);
        } else if (f.tag == NETCONN_HOST) {
            if (!add_entry(&c->hosts, f.s, "host", err)) return false;
        } else if (f.tag == NETCONN_ALLOW && f.s.len && f.s.ptr[0] == '/') {
            c->roots = mem_grow(c->roots, (c->root_count + 1) * sizeof *c->roots);
            c->roots[c->root_count++] = mem_text(f.s);
        } else if (f.tag == NETCONN_ALLOW) {
            if (!add_entry(&c->allow, f.s, "allowed address", err)) return false;
        }
    }
    return c->name || err_set(err, "a connection without a name");
}

static bool read_field(struct settings *s, const struct rec_field *f, struct err *err) {
    if (f->tag == NETCONF_USER_AGENT && f->s.len) {
        free(s->agent);
        s->agent = mem_text(f->s);
    } else if (f->tag == NETCONF_SECRETS && f->s.len) {
        free(s->secrets);
        s->secrets = mem_text(f->s);
    } else if (f->tag == NETCONF_ALLOW_ALL && f->s.len && f->s.ptr[0] != '/') {
        return add_entry(&s->allow_all, f->s, "allowed address", err);
    } else if (f->tag == NETCONF_CONNECTION) {
        s->connections = mem_grow(s->connections, (s->count + 1) * sizeof *s->connections);
        struct connection *c = &s->connections[s->count++];
        *c = (struct connection){0};
        if (!read_connection(f->s, c, err))
            return c->name ? err_prefix(err, "connection \"%s\"", c->name) : false;
    }
    return true;
}

struct settings *settings_read(struct sori_str record, bool stranger, struct err *err) {
    struct settings *s = mem_get(sizeof *s);
    s->refs = 1;
    s->stranger = stranger;
    bool ok = rec_valid(record, 4) || err_set(err, "the settings of net are broken");
    struct rec_field f;
    while (ok && rec_next(&record, &f) == 1) ok = read_field(s, &f, err);
    if (ok && stranger && s->secrets)
        ok = err_set(err, "the process that follows strangers' links gets no secrets");
    if (!s->agent) s->agent = mem_text(str_c("Sori"));
    if (ok) return s;
    settings_drop(s);
    return NULL;
}

struct settings *settings_hold(struct settings *s) {
    s->refs++;
    return s;
}

void settings_drop(struct settings *s) {
    if (!s || --s->refs) return;
    for (size_t i = 0; i < s->count; i++) {
        struct connection *c = &s->connections[i];
        guard_free(&c->hosts);
        guard_free(&c->allow);
        for (size_t k = 0; k < c->root_count; k++) free(c->roots[k]);
        free(c->roots);
        free(c->name);
    }
    guard_free(&s->allow_all);
    free(s->connections);
    free(s->secrets);
    free(s->agent);
    free(s);
}

const struct connection *settings_find(const struct settings *s, struct sori_str name) {
    for (size_t i = 0; i < s->count; i++)
        if (str_is(name, s->connections[i].name)) return &s->connections[i];
    return NULL;
}
