/* reader: the only other process that opens the database. Named queries for the CLI, full-text
 * index, /healthz, /readyz, /metrics. */
#ifndef READER_READER_H
#define READER_READER_H

int reader_main(int wire_fd, const char *data_dir);

/* The socket protocol of data/sori.sock (SOCK_SEQPACKET, wire.h framing; client → core W_CALL with
 * method M_QUERY, payload below). The core answers commands itself and passes queries on to the
 * reader with the client's descriptor. Answer: W_DONE, status 0 ok, else a CLI exit code. */
enum {
    ASK_NAME = 1, /* str: "inbox", "show", "why", "search", "status", "reply", … */
    ASK_ARG = 2,  /* rep pair */
    ASK_USER = 3, /* str: the caller's login name, for the record */
    ASK_BODY = 4  /* str: bytes (import chunks) */
};
enum {
    TELL_ROW = 1,   /* rep str: one JSON object a row (queries), in order */
    TELL_TEXT = 2,  /* str: for people (commands) */
    TELL_ERROR = 3, /* rep str */
    TELL_JSON = 4,  /* str: one JSON object (commands) */
    TELL_MORE = 5,  /* int 1: further W_SINK messages with rows came before this W_DONE */
    TELL_BLOB = 6,  /* rep rec {1 name, 2 bytes}: what JSON cannot carry, for `why` */
    TELL_PAST = 7,  /* rep rec PAST_… (messages.h), in the order of the journal */
    TELL_PLAN = 8,  /* rec PLAN_… */
    TELL_FATE = 9, /* rec {1 int: the live generation, 2 str: rep rec REPORT_CHANGE}, of a reload */
    TELL_ZONE = 10 /* str: the workspace's time zone, with what the reader answers */
};

/* What back-tests ask. History comes in pieces, each a query of its own, so that nothing is held
 * for long:
 *   history-plan  since (ms UTC, 0 all), need (repeated: "label x", "cell y") → TELL_PLAN
 *   history       from, to (journal.seq, both included) → TELL_PAST …; some of them, at least one
 *                 where there is one. The next piece begins behind the last. */
enum {
    PLAN_LIVE = 1,       /* int: the live generation; 0 none */
    PLAN_BUNDLE = 2,     /* str: of it */
    PLAN_ENV = 3,        /* rec */
    PLAN_FROM = 4,       /* int: the first journal.seq to look at */
    PLAN_TO = 5,         /* int: the last that is decided */
    PLAN_GENERATION = 6, /* rep rec {1 id, 2 int 1: its bundle and env are the live one's, 3 rep
                            int: which of `need` (from 0) it did not have} */
    PLAN_FACTS = 7 /* str: rep rec 1 {1 name, 2 since when it is offered, ms UTC}; others always */
};

/* Importing a file, the asks of `sori import` (arguments are ASK_ARG pairs):
 *   import-offset  connection, sha (hex SHA-256 of the whole file) → TELL_JSON
 *                  {"offset": bytes that are durable, "line": of the next row}; zeros: none of it
 *   import         connection, sha, file (base name), format (csv or jsonl), encoding, header (the
 *                  CSV header row, without its line break), map ("column=field,…"), first-line
 *                  (1-based, of the body's first row), next-offset and next-line (where the chunk
 *                  behind this one begins); ASK_BODY: whole rows. Answered when it is durable; an
 *                  error that begins with "busy:" means: again in a moment
 *   import-status  connection → TELL_JSON {"pending": 0 when all is recorded and decided,
 *                  "recorded", "seen", "rejected": counts of the connection since the core's start}
 *   import-rejects connection, after (id of a fault; -1: tell the newest id alone) → a row a
 *                  rejected row of a file: {"id", "line", "why", "raw"}; answered by the reader
 * The plugin gets one delivery a chunk: form "import", the arguments as headers, the rows as body.
 */

/* The record in generation.manifest's blob: all that a generation is made of. */
enum {
    MANIFEST_CONFIG = 1, /* str: sori.lua */
    MANIFEST_BUNDLE = 2, /* str */
    MANIFEST_ENV = 3,    /* rec */
    MANIFEST_MODEL = 4,  /* rep str: model ids */
    MANIFEST_PLUGIN = 5, /* rep str: plugin ids */
    MANIFEST_PART = 6    /* rep rec PART_…: plugins and models, by their bytes */
};
enum { PART_KIND = 1, PART_NAME = 2, PART_HASH = 3 /* hex SHA-256 */ };
enum { PART_PLUGIN = 1, PART_MODEL = 2 };
/* The record in generation.report's blob: what it changed, or why it was refused. */
enum {
    REPORT_CHANGE = 1, /* rep rec CHANGE_… */
    REPORT_ERROR = 2   /* str: a line each */
};
/* One line of a plan. OP: "+", "-", "~", or "=" where it only says what is so. */
enum { CHANGE_OP = 1, CHANGE_KIND = 2, CHANGE_NAME = 3, CHANGE_DETAIL = 4 };

/* M_STATUS: core → reader, the core's figures, whole, about once a second and when a guest or a
 * connection changes. Answered with an empty W_DONE. All counters are since the core's start, named
 * and explained once here in the record itself, so that a new one needs no change in the reader. */
enum {
    STAT_NOW = 1,         /* int: ms UTC */
    STAT_STARTED = 2,     /* int: ms UTC, of the core */
    STAT_WORKSPACE = 3,   /* str: its name */
    STAT_GENERATION = 4,  /* int */
    STAT_READY = 5,       /* int 1: the policy and every classifier answer */
    STAT_PAUSED = 6,      /* int 1 */
    STAT_QUEUE = 7,       /* int: journal entries without a decision */
    STAT_SPOOL = 8,       /* int: bytes in the spool that are not drained */
    STAT_CONNECTION = 9,  /* rep rec SC_… */
    STAT_PROCESS = 10,    /* rep rec SP_…: keeper, core, gate, every guest */
    STAT_COUNTER = 11,    /* rep rec COUNTER_… */
    STAT_REFUSED = 12,    /* str: why the last reload was refused; absent when it was not */
    STAT_LIVE_SINCE = 14, /* int: ms UTC, of the generation */
    STAT_NOTICE = 15, /* str: what a person should know of it, "it was taken back …"; or absent */
    STAT_DRAINING = 16,   /* rep rec {1 id, 2 since, 3 why it is still there} */
    STAT_RELOAD = 17,     /* rec {1 its step, 2 since, 3 by}: the reload that is under way */
    STAT_REFUSED_AT = 18, /* int: ms UTC */
    STAT_REFUSED_ID = 19, /* int: the number under which history has it */
    STAT_ZONE = 20,       /* str: the workspace's time zone */
    STAT_WRONG = 13       /* str: why it is not ready though everything runs; else absent */
};
enum {
    SC_NAME = 1,
    SC_CHANNEL = 2,
    SC_STATE = 3,  /* int enum conn_state */
    SC_REASON = 4, /* str */
    SC_MODE = 5,   /* int enum mode */
    SC_LAST = 6,   /* int: when it last answered, ms UTC */
    SC_NEXT = 7,   /* int: when it is polled next, ms UTC; 0 not polled */
    SC_ITEMS = 8,  /* int: items heard since the start */
    SC_LIVE_FROM = 9,
    SC_LINE = 10,   /* rep rec {1 level, 2 text}: what its health check said */
    SC_FACT = 11,   /* rep pair */
    SC_BUDGET = 12, /* rep rec {1 bucket, 2 limit, 3 remaining, 4 until} */
    SC_SPENT = 13,  /* int: micros, today (UTC) */
    SC_STREAM =
        14, /* rep rec {1 name, 2 enum stream_state, 3 why, 4 until, 5 heard to, 6 dropped} */
    SC_MISSED_FROM = 15, /* int: ms UTC, as all below: streams missed this and polls fill it */
    SC_MISSED_TO = 16,
    SC_FILLED_FROM = 17, /* the last gap that was filled, and when */
    SC_FILLED_TO = 18,
    SC_FILLED_AT = 19,
    SC_LOOKED_AT = 20, /* of the last health check */
    SC_HEARD_AT = 21,  /* the last item */
    SC_SILENT = 22, /* int: present where it is silent for longer than it uses to; its habit, ms */
    SC_HELD_UNTIL = 23, /* polls wait, so that acts keep the last share of a budget */
    /* Of a connection that acts: replies that rules may give in an hour, and the time between two
     * to one person, ms. */
    SC_HOUR = 24,
    SC_CONTACT_GAP = 25
};
enum {
    SP_NAME = 1, /* str: "core", "blog/shop-blog/poll" */
    SP_PID = 2,
    SP_READY = 3, /* int 1 */
    SP_DEATHS = 4,
    SP_CPU = 5,  /* int: µs */
    SP_CALLS = 6 /* int: open calls */
};
enum {
    COUNTER_NAME = 1,   /* str: "sori_items_total"; Prometheus' rules */
    COUNTER_LABELS = 2, /* rep rec {1 name, 2 value} */
    COUNTER_VALUE = 3,  /* int */
    COUNTER_GAUGE = 4,  /* int 1: may go down */
    COUNTER_HELP = 5    /* str: one line */
};

#endif
