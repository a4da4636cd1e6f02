/* The gate's configuration, from the record that the core makes. */
#include "gate/gate.h"
#include "gate/receive.h"
#include "gate/xmlrpc.h"

#include "sori/plugin.h"
#include "supervise/messages.h"

#include <stdlib.h>

enum { WEBHOOK_MAX = 8 << 20, BODY_MAX = 24 << 20, MENTION_MAX = 64 << 10 };

struct place {
    struct vault *vault;
    const char *folder;
};

static size_t default_max(uint32_t answer) {
    switch (answer) {
    case SORI_ANSWER_XMLRPC: return XMLRPC_BODY_MAX;
    case SORI_ANSWER_TRACKBACK:
    case SORI_ANSWER_WEBMENTION: return MENTION_MAX;
    default: return WEBHOOK_MAX;
    }
}

static bool needs_secret(const struct form *f) {
    return f->sign != SORI_SIGN_NONE || f->answer == SORI_ANSWER_X_CRC;
}

static bool read_form(struct sori_str rec, struct place place, struct sori_str connection,
                      struct form *f, struct err *err) {
    struct sori_str slot = rec_get_str(rec, RECV_SLOT);
    f->name = rec_get_str(rec, RECV_FORM);
    f->path = rec_get_str(rec, RECV_PATH);
    f->type = rec_get_str(rec, RECV_TYPE);
    f->header = rec_get_str(rec, RECV_HEADER);
    f->prefix = rec_get_str(rec, RECV_PREFIX);
    f->answer = (uint32_t)rec_get_int(rec, RECV_ANSWER, 0);
    f->sign = (uint32_t)rec_get_int(rec, RECV_SIGN, 0);
    int64_t max = rec_get_int(rec, RECV_MAX, 0);
    f->max_body = max > 0 && max < BODY_MAX ? (size_t)max : default_max(f->answer);
    if (f->answer > SORI_ANSWER_WEBMENTION || f->sign > SORI_SIGN_HMAC_SHA1)
        return err_set(err,
                       "form %.*s asks for an answer or signature that this Sori does not know",
                       STR(f->name));
    if (f->sign != SORI_SIGN_NONE && f->header.len == 0)
        return err_set(err, "form %.*s is signed but names no header", STR(f->name));
    if (f->answer == SORI_ANSWER_META_CHALLENGE)
        gate_secret_read(place.vault, place.folder, connection, SORI_STR("verify_token"),
                         &f->verify, NULL);
    return !needs_secret(f) ||
           gate_secret_read(place.vault, place.folder, connection, slot, &f->secret, err);
}

static void free_connection(struct connection *c) {
    for (size_t i = 0; i < c->form_count; i++) {
        gate_secret_free(&c->forms[i].secret);
        gate_secret_free(&c->forms[i].verify);
    }
    free(c->forms);
    free(c->sites);
    *c = (struct connection){0};
}

static bool good_name(struct sori_str s) {
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        bool plain = (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z');
        if (!plain && c != '-' && c != '_' && (c != '.' || i == 0)) return false;
    }
    return s.len > 0 && s.len <= 64;
}

static bool read_connection(struct sori_str rec, struct place place, struct connection *c,
                            struct err *err) {
    struct rec_field f;
    bool ok = true;
    *c = (struct connection){.name = rec_get_str(rec, GC_NAME),
                             .busy = rec_get_int(rec, GC_BUSY, 0) != 0};
    if (!good_name(c->name)) return err_set(err, "its name is none");
    while (ok && rec_next(&rec, &f) == 1) {
        if (f.tag == GC_SITE && f.type == REC_STR) {
            c->sites = mem_grow(c->sites, (c->site_count + 1) * sizeof *c->sites);
            c->sites[c->site_count++] = f.s;
        } else if (f.tag == GC_RECEIVE && f.type == REC_REC) {
            c->forms = mem_grow(c->forms, (c->form_count + 1) * sizeof *c->forms);
            c->forms[c->form_count] = (struct form){0};
            ok = read_form(f.s, place, c->name, &c->forms[c->form_count++], err);
        }
    }
    if (!ok) {
        struct sori_str name = c->name;
        free_connection(c);
        c->name = name;
    }
    return ok;
}

struct gate_conf *gate_conf_read(struct sori_str record, struct vault *vault, struct buf *refused,
                                 struct err *err) {
    struct place place = {vault, NULL};
    if (!rec_valid(record, 4)) {
        err_set(err, "gate: the configuration record is broken");
        return NULL;
    }
    struct gate_conf *conf = mem_get(sizeof *conf);
    conf->refs = 1;
    buf_str(&conf->bytes, record);
    struct sori_str all = buf_view(&conf->bytes);
    char *secrets = mem_text(rec_get_str(all, GATE_SECRETS));
    place.folder = secrets;
    struct rec_field f;
    while (rec_next(&all, &f) == 1) {
        struct connection c;
        struct err why = {{0}};
        if (f.tag != GATE_CONNECTION || f.type != REC_REC) continue;
        if (!read_connection(f.s, place, &c, &why)) {
            buf_printf(refused, "connection %.*s is not received: %s\n", STR(c.name), why.text);
            continue;
        }
        conf->connections = mem_grow(conf->connections, (conf->count + 1) * sizeof c);
        conf->connections[conf->count++] = c;
    }
    free(secrets);
    return conf;
}

struct gate_conf *gate_conf_hold(struct gate_conf *conf) {
    conf->refs++;
    return conf;
}

void gate_conf_drop(struct gate_conf *conf) {
    if (!conf || --conf->refs > 0) return;
    for (size_t i = 0; i < conf->count; i++) free_connection(&conf->connections[i]);
    free(conf->connections);
    buf_free(&conf->bytes);
    free(conf);
}
