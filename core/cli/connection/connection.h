/* What the forms of `sori connection` share. */
#ifndef CLI_CONNECTION_H
#define CLI_CONNECTION_H

#include "cli/cli.h"
#include "cli/terminal.h"
#include "conf/conf.h"

int connection_add(int argc, char **argv);
int connection_check(int argc, char **argv);
int connection_authorise(int argc, char **argv);

/* sori.lua, read and checked. The caller runs conf_close where it is true. */
bool connection_conf(const char *workspace, struct conf *conf, struct err *err);

/* ---- connection/health.c: what a plugin finds when it looks ----
 *
 * As an object: {"status": "ok", "why": "", "lines": [{"level", "text"}], "facts": {name: value}}.
 */

struct health_want {
    const char *so, *name, *secrets, *timezone;
    struct sori_str record; /* CONN_…: its options and what it may reach */
    bool part;              /* the options are not all there yet */
    int stop_fd;            /* as in struct trial */
};
/* Looks once, in a fenced worker, with what the folder `secrets` holds. NULL with `err` where the
 * plugin could not even be asked. The caller decrefs. */
json_t *health_once(const struct health_want *w, struct err *err);
/* The value of a fact, "" where it was not told. Borrowed. */
struct sori_str health_fact(const json_t *health, const char *name);
/* Facts and lines for people, each line with two blanks in front. */
void health_put(struct buf *b, const json_t *health, bool color);
/* Is something missing, or refused? */
bool health_is_well(const json_t *health);

/* ---- connection/core.c: what a running core says ---- */

/* What a command of the core answered: its text, or its error. CLI_NO_CORE where none runs. */
int core_ask(const char *workspace, const char *command, const char *connection, struct buf *text,
             struct buf *json);
/* The core's own look, as health_once gives it; NULL with `err`. */
json_t *core_health(const char *workspace, const char *connection, struct err *err);

/* ---- connection/values.c: a descriptor's tables, and the values that were given ---- */

struct given {
    struct given_value {
        char *name;
        struct buf value; /* the lines of a list joined by '\n' */
    } * items;
    size_t count;
};
/* NULL where it was not given. */
struct given_value *given_find(const struct given *g, struct sori_str name);
void given_set(struct given *g, struct sori_str name, struct sori_str value);
void given_free(struct given *g);

/* The OPT_… or slot record of that name; empty where there is none. */
struct sori_str option_find(struct sori_str descriptor, struct sori_str name);
struct sori_str slot_find(struct sori_str descriptor, struct sori_str name);
/* The descriptor with nothing required: what was given so far is checked against it. */
void descriptor_relax(struct sori_str descriptor, struct buf *out);
/* Is this one value what the option takes? Else `err` says what was expected. `known` false: did
 * you mean. */
bool value_check(struct sori_str descriptor, const char *name, struct sori_str value,
                 struct err *err);
/* What an option is now: given, else its default, else "". */
struct sori_str value_now(struct sori_str descriptor, const struct given *g, struct sori_str name);

/* ---- connection/secret.c: what goes into slots ---- */

/* Makes what was typed or read into the bytes of the slot's file: checked by its kind, a bare token
 * made into the line of JSON. `slot` is its record. Errors never hold the value. */
bool secret_build(struct sori_str slot, struct sori_str typed, struct buf *bytes, struct err *err);
/* 32 random letters and digits. */
void secret_make(struct buf *bytes);
/* Reads FILE, or the one line of stdin where it is "-". */
bool secret_file(const char *path, struct buf *bytes, struct err *err);
/* Overwrites and frees. */
void secret_forget(struct buf *b);

/* ---- connection/write.c: into the workspace, whole or not at all ---- */

struct connecting {
    const char *workspace, *name, *channel;
    struct conf conf;
    struct buf so, descriptor, stage; /* stage: a folder for credentials until it is written */
    struct given options, own;        /* own: every, mode, site */
    const char *const *allows;
    size_t allow_count;
    struct given secrets;      /* slot → "" , as many as are in `stage` */
    struct terminal *stop;     /* says when the person wants to stop */
    struct terminal *terminal; /* the same where questions can be asked, else NULL */
    bool written;
};

/* The CONN_… record of what is known so far. */
void connecting_record(const struct connecting *x, struct buf *record);
/* `connection "NAME" { … }`, in the form in which people write it. */
void connecting_block(const struct connecting *x, struct buf *out);
/* Puts a credential into the stage, which is made where it is not there. */
bool connecting_stage(struct connecting *x, struct sori_str slot, struct sori_str bytes,
                      struct err *err);
/* Forgets one of the options or of the credentials. */
void connecting_drop(struct connecting *x, struct given *from, struct sori_str name);
/* The credentials to secrets/, then the block to the end of sori.lua, which was read and checked
 * first. On failure everything is as it was. */
bool connecting_write(struct connecting *x, struct err *err);
/* One credential from the stage over the one that is in secrets/, if any: whole or not at all. */
bool connecting_replace(struct connecting *x, struct sori_str slot, struct err *err);
/* Removes the stage and what is in it. */
void connecting_unstage(struct connecting *x);

#endif
