/* What every command of `sori` shares. A command is one function `int cmd_NAME(int argc, char
 * **argv)` in a file of its own; argv[0] is the command word; it returns an exit code below and has
 * printed whatever there was to say: results on stdout, everything else on stderr. */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include "base/err.h"
#include "base/record.h"

#include <jansson.h>
#include <stdio.h>

enum {
    CLI_OK = 0,
    CLI_FAILED = 1,
    CLI_USAGE = 2,
    CLI_REFUSED = 3, /* a bad bundle, configuration or plugin */
    CLI_NO_CORE = 4, /* the core is not running */
    CLI_LIMIT = 5    /* a stated limit was exceeded */
};

/* ---- options.c: the command line ---- */

/* One option. `value` is filled by cli_parse where it was given: "" for a flag, else the last
 * value. An option that may be repeated gives `all`, room for `all_cap` values, and finds `all_n`.
 */
struct cli_opt {
    const char *name;  /* long form without dashes, "json" */
    char letter;       /* short form, or 0 */
    const char *takes; /* NULL: a flag; else the word for its value in the help, "DIR" */
    const char *help;
    const char *value;
    const char **all;
    size_t all_cap, all_n;
};
#define CLI_OPT_WORKSPACE                                                                          \
    {                                                                                              \
        .name = "workspace", .letter = 'w', .takes = "DIR",                                        \
        .help = "the workspace; else $SORI_WORKSPACE, else the current folder"                     \
    }
#define CLI_OPT_JSON                                                                               \
    { .name = "json", .help = "print JSON for programs" }

struct cli_help {
    const char *usage; /* "sori import FILE [options]"; several lines where there are forms */
    const char *about; /* a paragraph */
};

/* Parses argv[1..]. Options may stand anywhere, "--name=value" works, "--" ends them; -h and
 * --help are always known. The other words are moved to argv[1..] and their number is returned. A
 * negative result means that the command is over and all was said: leave with cli_parsed(result).
 */
int cli_parse(int argc, char **argv, const struct cli_help *help, struct cli_opt *opts, size_t n);
int cli_parsed(int result); /* the exit code of a negative result: 0 after --help, 2 otherwise */
/* Prints "sori: …" and the usage lines on stderr; returns CLI_USAGE. */
int cli_usage(const struct cli_help *help, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Prints "sori: …" on stderr and returns `code`. */
int cli_fail(int code, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The nearest of `words` (NULL-terminated) to a mistyped one, or NULL where none is near. */
const char *cli_nearest(const char *word, const char *const *words);

/* ---- places.c: where things are ---- */

/* The workspace's absolute path: `given` (may be NULL), else $SORI_WORKSPACE, else the current
 * folder. False where it holds no sori.lua. `out` is overwritten. */
bool cli_workspace(const char *given, struct buf *out, struct err *err);
/* The folder of the running program: sorid and sori-worker are beside it. */
bool cli_bin(struct buf *out, struct err *err);
/* The folder `what` that comes with Sori ("plugins", "models", "policy"). */
bool cli_installed(const char *what, struct buf *out, struct err *err);
/* A plugin's .so by name, or `name` itself where it is a path (has a '/'). */
bool cli_plugin(const char *name, struct buf *out, struct err *err);
/* The same for a workspace, whose own plugins/ goes first. */
bool cli_plugin_of(const char *workspace, const char *name, struct buf *out, struct err *err);
/* The caller's login name, for the record. */
void cli_user(struct buf *out);

/* ---- table.c, print.c: for people ---- */

enum cli_color { CLI_PLAIN, CLI_BOLD, CLI_DIM, CLI_RED, CLI_GREEN, CLI_YELLOW, CLI_BLUE };
/* True when the stream is a terminal and $NO_COLOR is not set. */
bool cli_is_color(FILE *stream);
/* Appends `text` in that colour, or plain where `on` is false. */
void cli_paint(struct buf *b, bool on, enum cli_color color, struct sori_str text);
/* Columns of the terminal, 100 where there is none. */
size_t cli_columns(FILE *stream);
/* Appends text on one line: line breaks and tabs become blanks, other control characters "·";
 * cut to `width` columns with "…" (East Asian characters take two). Returns the columns used. */
size_t cli_put_cut(struct buf *b, struct sori_str text, size_t width);

struct cli_cell;
struct cli_table {
    const char *const *heads; /* borrowed; NULL-terminated */
    struct cli_cell *cells;
    size_t columns, count, cap;
};
void cli_table_open(struct cli_table *t, const char *const *heads);
/* Adds the next cell, row by row. The text is copied. */
void cli_table_cell(struct cli_table *t, enum cli_color color, struct sori_str text);
/* Prints the table; the widest column gives way where the terminal is too narrow. */
void cli_table_print(struct cli_table *t, FILE *out);
void cli_table_close(struct cli_table *t);

/* A line that overwrites itself on a terminal's stderr, and nothing elsewhere. */
void cli_progress(const char *format, ...) __attribute__((format(printf, 1, 2)));
void cli_progress_end(void);

/* "12s", "5m", "3h 10m", "2d 4h"; negative ones begin with "-". */
void cli_put_span(struct buf *b, int64_t ms);
/* Local date and time, "11-22 14:03"; with the year where it is not this one. */
void cli_put_time(struct buf *b, int64_t ms);
/* From now on all times are told in that zone, the workspace's, whatever the terminal's is; one
 * that this machine does not know changes nothing. cli_query does so by itself, where it is told.
 */
void cli_take_zone(struct sori_str zone);
/* The "clock" of a case: short, and its colour; and whole, empty where there is none. */
enum cli_color cli_put_clock(struct buf *b, const json_t *clock);
void cli_put_clock_story(struct buf *b, const json_t *clock);

/* ---- client.c: talking to a running core ---- */

struct cli_ask {
    const char *name;     /* "inbox" */
    struct buf args;      /* ASK_ARG fields, by cli_ask_arg */
    struct sori_str body; /* ASK_BODY, may be empty */
};
void cli_ask_arg(struct cli_ask *ask, const char *name, struct sori_str value);
void cli_ask_free(struct cli_ask *ask);

struct cli_core;
/* Connects to WORKSPACE/data/sori.sock. NULL with `err` when no core listens there. */
struct cli_core *cli_connect(const char *workspace, struct err *err);
void cli_disconnect(struct cli_core *core);

struct cli_told {
    struct buf rows; /* TELL_ROW fields, in order */
    struct buf rest; /* the other TELL_ fields */
    int code;        /* exit code */
};
/* Asks and waits for the whole answer. False only where the core went away. One ask a connection,
 * except for commands of the core itself, which may follow each other. */
bool cli_tell(struct cli_core *core, const struct cli_ask *ask, struct cli_told *told,
              struct err *err);
void cli_told_free(struct cli_told *told);
/* A blob of the answer by kind and number ("facts", 501); borrowed, empty where there is none. */
struct sori_str cli_blob(const struct cli_told *told, const char *kind, int64_t number);
/* Connects, asks, prints TELL_ERROR on stderr, and returns the exit code; `told` is for printing
 * what came. What most commands do. */
int cli_query(const char *workspace, struct cli_ask *ask, struct cli_told *told);
/* The same, asked of a running Sori; where it does not answer the terminal's zone stays. */
void cli_ask_zone(const char *workspace);
/* That zone, "Asia/Seoul", of this answer; "" where times are told in the terminal's own. */
struct sori_str cli_zone(const struct cli_told *told);
/* "times are those of Asia/Seoul", a line; nothing where they are the terminal's own. */
void cli_put_zone(struct buf *b, const struct cli_told *told);
/* For commands of the core: asks, then prints TELL_TEXT for people or TELL_JSON; takes `ask`. */
int cli_command(const char *workspace, struct cli_ask *ask, bool json);
/* For queries of one kind of row: asks and prints each row as a JSON line. */
void cli_print_rows(const struct cli_told *told);
/* For queries whose rows are interactions: a table of them, or the line `none`. (found.c) */
void cli_print_found(const struct cli_told *told, const char *none);
/* What the core saw of a connection (a row of `status`): budgets, money, streams, gaps, silence;
 * lines with two blanks in front. (connection/put.c) */
void connection_put(struct buf *b, const json_t *row, bool color);
/* The next row parsed; NULL at the end. `*at` begins as told->rows. The caller decrefs. */
json_t *cli_next_row(struct sori_str *at);
/* A string or number of an object for printing; "" where it is missing or null. Borrowed. */
struct sori_str cli_text(const json_t *object, const char *name);
int64_t cli_int(const json_t *object, const char *name, int64_t fallback);

#endif
