/* The checked configuration of a workspace: sori.lua read in a fenced worker (conf_read), carried
 * as a record, looked at here. */
#ifndef CONF_CONF_H
#define CONF_CONF_H

#include "base/err.h"
#include "base/record.h"

enum {
    CONF_WORKSPACE = 1,  /* rec {1 name, 2 timezone, 3 rep language, HOURS_…} */
    CONF_GATE = 2,       /* rec {1 listen, 2 public} */
    CONF_CONNECTION = 3, /* rep rec CONN_… */
    CONF_CLASSIFIER =
        4,            /* rep rec {1 name, 2 plugin, 3 rep rec {1 lang, 2 model}, 4 floor/10000} */
    CONF_RELOAD = 5,  /* rec {1 max_change/10000, 2 rollback/10000, 3 watch} */
    CONF_METRICS = 6, /* rec {1 listen} */
    CONF_DEPARTMENT = 7, /* rep rec {1 name, HOURS_… as written} */
    CONF_LIMITS = 8,     /* rec LIMIT_… */
    CONF_HOURS = 9,      /* rep rec {1 name, HOURS_… as written}: what calendar "…" says */
    CONF_CALENDAR = 10,  /* rep rec CAL_… (base/calendar.h): compiled */
    CONF_KEEPS = 11      /* rep rec {1 department, empty the workspace's own, 2 calendar} */
};
/* Hours as written. What is missing is as the workspace has it. */
enum {
    HOURS_HOURS = 10,
    HOURS_HOLIDAYS = 11, /* rep str */
    HOURS_ZONE = 12,
    HOURS_CALENDAR = 13 /* str: the name of another calendar, instead of all this */
};
enum {
    CONN_NAME = 1,
    CONN_CHANNEL = 2,
    CONN_EVERY = 3 /* ms */,
    CONN_MODE = 4,
    CONN_ALLOW = 5 /* rep str */,
    CONN_OPTION = 6 /* rep rec {1 name, 2 value, 3 line}: for the plugin, as written */,
    CONN_LINE = 7,
    CONN_SITE = 8 /* rep str: our pages, for received targets */
};
enum {
    LIMIT_CONTACT_GAP = 1, /* ms between replies to one contact; default 10 minutes */
    LIMIT_HOUR = 2,        /* replies an hour and connection; default 60 */
    LIMIT_HORIZON = 3,     /* ms; older than this is past; default 7 days */
    LIMIT_SPOOL = 4,       /* bytes; default 1 GiB */
    LIMIT_RAW_KEEP = 5,    /* ms; default 7 days */
    LIMIT_DUE_SOON = 6     /* ms before it is due, in open hours; default 15 minutes */
};

struct conf_connection {
    struct sori_str name, channel;
    int64_t every; /* ms */
    int mode;      /* enum mode */
    int line;
    struct sori_str record; /* the CONN_… record, for allow and options */
};

struct conf_calendar {
    struct sori_str name, record; /* CAL_… */
};
/* Whose calendar is which; department is empty for the workspace. */
struct conf_keeps {
    struct sori_str department, calendar;
};

struct conf {
    struct buf bytes; /* owns everything below */
    struct sori_str name, timezone, lang[8];
    size_t lang_count;
    struct sori_str gate_listen, gate_public, metrics_listen;
    struct conf_connection *connections;
    size_t connection_count;
    struct conf_calendar *calendars;
    size_t calendar_count;
    struct conf_keeps *keeps;
    size_t keep_count;
    int64_t contact_gap, hour, horizon, spool_max, raw_keep, due_soon;
    /* Shares in 1/10,000: so much of history may be decided otherwise by a reload, -1
     * where nobody says; errors may rise by so much until the generation is taken back, 0 never. */
    bool watch; /* what is saved is taken by itself */
    int64_t max_change, rollback;
};

/* Runs sori.lua in a sandboxed state and checks everything that needs no plugin: unknown words
 * with did-you-mean, types, duplicate names. Called in the conf worker and by tools. Appends every
 * error as "sori.lua:12: …", one a line; true when there are none. */
bool conf_read(struct sori_str source, const char *name, struct buf *record, struct buf *errors);

/* Looks a record up into `c`; takes the bytes. */
bool conf_open(struct buf *record, struct conf *c, struct err *err);
void conf_close(struct conf *c);
/* The name of the calendar that a department keeps, else the workspace's; empty where neither says
 * any hours. */
struct sori_str conf_calendar_of(const struct conf *c, struct sori_str department);

/* The line of `keyword "name"` in the text of sori.lua, comments left out; 1 where it is written in
 * another way. */
int conf_line(struct sori_str source, const char *keyword, struct sori_str name);

/* Checks one connection's options against its plugin's descriptor (DESC_…), applying defaults and
 * canonical forms; appends rep pair fields (tag `tag`) to `options`. Errors as above. */
bool conf_options(struct sori_str connection, struct sori_str descriptor, uint32_t tag,
                  struct buf *options, struct buf *errors);

#endif
