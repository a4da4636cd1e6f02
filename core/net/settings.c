#include "net/settings.h"

#include "base/log.h"
#include "base/record.h"
#include "net/target.h"
#include "sori/plugin.h"
#include "supervise/messages.h"

#include <stdlib.h>

/* Keeps the first complaint; the log has them all. */
static void complain(struct err *err, const char *whose, struct sori_str text, bool exact) {
    struct err one;
    err_set(&one, "%s%s\"%.*s\" cannot be reached: expected %s", whose ? whose : "",
            whose ? ": " : "", STR(text),
            exact ? "an exact HOST:PORT or a folder" : "a host, HOST:PORT or *.HOST");
    log_line(LOG_ERROR, "net", "%s", one.text);
    if (err && !err->text[0]) *err = one;
}

static void read_slot(struct sori_str record, struct connection *c) {
    int64_t kind = rec_get_int(record, 2, SORI_SLOT_TEXT);
    struct target at;
    struct err none;
    if (kind == SORI_SLOT_TEXT) return;
    /* Where a new token is asked for is declared with the slot. */
    if (target_parse(rec_get_str(record, 3), &at, &none) && at.host) {
        struct buf host = {0};
        buf_printf(&host, strchr(at.host, ':') ? "[%s]:%u" : "%s:%u", at.host, (unsigned)at.port);
        guard_add(&c->hosts, buf_view(&host));
        buf_free(&host);
    }
    target_free(&at);
    c->slots = mem_grow(c->slots, (c->slot_count + 1) * sizeof *c->slots);
    c->slots[c->slot_count++] = (struct slot){.name = mem_text(rec_get_str(record, 1)),
                                              .refresh = mem_text(rec_get_str(record, 3)),
                                              .kind = kind};
}

static void read_connection(struct sori_str record, struct connection *c, struct err *err) {
    struct rec_field f;
    c->name = mem_text(rec_get_str(record, NETCONN_NAME));
    while (rec_next(&record, &f) == 1) {
        if (f.tag == NETCONN_ALLOW && f.s.len && f.s.ptr[0] == '/') {
            c->roots = mem_grow(c->roots, (c->root_count + 1) * sizeof *c->roots);
            c->roots[c->root_count++] = mem_text(f.s);
        } else if (f.tag == NETCONN_ALLOW && !guard_add_exact(&c->allow, f.s)) {
            complain(err, c->name, f.s, true);
        } else if (f.tag == NETCONN_HOST && !guard_add(&c->hosts, f.s)) {
            complain(err, c->name, f.s, false);
        } else if (f.tag == NETCONN_SLOT && f.type == REC_REC) {
            read_slot(f.s, c);
        }
    }
}

static void read_field(struct settings *s, const struct rec_field *f, struct err *err) {
    if (f->tag == NETCONF_USER_AGENT && f->s.len) {
        free(s->agent);
        s->agent = mem_text(f->s);
    } else if (f->tag == NETCONF_SECRETS && f->s.len && !s->stranger) {
        free(s->secrets);
        s->secrets = mem_text(f->s);
    } else if (f->tag == NETCONF_ALLOW_ALL && f->s.len && f->s.ptr[0] != '/') {
        if (!guard_add_exact(&s->allow_all, f->s)) complain(err, NULL, f->s, true);
    } else if (f->tag == NETCONF_CONNECTION) {
        s->connections = mem_grow(s->connections, (s->count + 1) * sizeof *s->connections);
        struct connection *c = &s->connections[s->count++];
        *c = (struct connection){0};
        read_connection(f->s, c, err);
    }
}

struct settings *settings_read(struct sori_str record, bool stranger, struct err *err) {
    struct settings *s = mem_get(sizeof *s);
    s->refs = 1;
    s->stranger = stranger;
    if (err) err->text[0] = 0;
    struct rec_field f;
    while (rec_next(&record, &f) == 1) read_field(s, &f, err);
    if (!s->agent) s->agent = mem_text(str_c("Sori"));
    return s;
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
        for (size_t k = 0; k < c->slot_count; k++) {
            free(c->slots[k].name);
            free(c->slots[k].refresh);
        }
        free(c->slots);
        free(c->name);
    }
    guard_free(&s->allow_all);
    free(s->connections);
    free(s->secrets);
    free(s->agent);
    free(s);
}

struct slot *settings_slot(const struct connection *c, struct sori_str name) {
    for (size_t i = 0; i < c->slot_count; i++)
        if (str_is(name, c->slots[i].name)) return &c->slots[i];
    return NULL;
}

const struct connection *settings_find(const struct settings *s, struct sori_str name) {
    for (size_t i = 0; i < s->count; i++)
        if (str_is(name, s->connections[i].name)) return &s->connections[i];
    return NULL;
}
