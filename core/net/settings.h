/* What M_NET_CONF said: who may ask whom. Shared by the calls that began under it. */
#ifndef NET_SETTINGS_H
#define NET_SETTINGS_H

#include "base/err.h"
#include "net/guard.h"

/* A credential that the platform rotates. */
struct slot {
    char *name, *refresh; /* where a new one is asked for */
    int64_t kind;         /* enum sori_slot_kind, never TEXT */
};

struct connection {
    char *name;
    struct guard_list hosts; /* declared by the plugin */
    struct guard_list allow; /* exact host:port, private or not */
    char **roots;            /* folders for folder: URLs */
    size_t root_count;
    struct slot *slots;
    size_t slot_count;
};

struct settings {
    unsigned refs;
    bool stranger;
    char *secrets; /* folder, or NULL */
    char *agent;
    struct guard_list allow_all; /* the stranger's */
    struct connection *connections;
    size_t count;
};

/* Reads the record; one reference. Never NULL: an entry that cannot be meant is left out, so that
 * one connection's mistake does not silence the others; `err` then has the first of them, and is
 * empty otherwise. */
struct settings *settings_read(struct sori_str record, bool stranger, struct err *err);
struct settings *settings_hold(struct settings *s);
void settings_drop(struct settings *s); /* NULL is fine */
/* NULL where that slot is not rotated. */
struct slot *settings_slot(const struct connection *c, struct sori_str name);
/* NULL where there is none of that name. */
const struct connection *settings_find(const struct settings *s, struct sori_str name);

#endif
