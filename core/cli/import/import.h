/* The parts of `sori import`. */
#ifndef CLI_IMPORT_H
#define CLI_IMPORT_H

#include "base/map.h"
#include "cli/cli.h"
#include "cli/plugin/once.h"

enum { IMPORT_CHUNK = 256 * 1024, IMPORT_SHOWN = 20 /* rejected rows that are printed */ };

struct import_file {
    const char *path, *name; /* name: its last part */
    struct sori_str bytes;   /* mapped */
    struct sori_str header;  /* of CSV, without its line break */
    size_t body;             /* offset of the first row of data */
    int64_t body_line;       /* its line */
    bool csv;
    const char *map, *encoding; /* as given, or "" */
    char sha[65];
};
/* Maps the file and finds its form and header. `format` may be NULL: by the name, else by the first
 * byte. */
bool import_open(struct import_file *f, const char *path, const char *format, struct err *err);
void import_close(struct import_file *f);

/* One run of whole rows from `at` on (an offset; `line` is its line): false at the end, or with
 * `err` filled where a row is too long. Moves both. */
bool import_next(const struct import_file *f, size_t *at, int64_t *line, struct sori_str *rows,
                 struct err *err);

/* Reads the file ahead of the core, chunk by chunk. */
struct import_reader {
    const struct import_file *file;
    struct once worker;   /* its `sink` is what the chunk amounts to, without its repeats */
    struct sori_str rows; /* the chunk, borrowed from the file */
    int64_t first, line;  /* lines of its first row and of what follows it */
    size_t at;            /* offset behind it */
    /* Which items of the chunk, counted from 0 and parted by blanks, have the id of an earlier item
     * of the file and other contents: the plugin rejects those that it is told of. */
    struct buf repeats;
    struct map known; /* digest of an item's key -> digest of its contents */
    struct buf payload;
};
bool import_reader_open(struct import_reader *r, const struct import_file *f, struct err *err);
/* The next chunk. False at the end, or with `err` filled. */
bool import_read(struct import_reader *r, struct err *err);
void import_reader_close(struct import_reader *r);

/* A core for the length of the command, where none runs. */
struct import_core {
    struct cli_core *core;
    int pid; /* of the keeper that was started here, 0 none */
};
bool import_core_open(struct import_core *c, const char *workspace, struct err *err);
/* The core went away: waits for the one that its keeper starts. */
bool import_core_again(struct import_core *c, const char *workspace, struct err *err);
void import_core_close(struct import_core *c);

/* What the rows amount to without storing anything; prints it. Exit code. */
int import_dry_run(const struct import_file *f, bool json, FILE *rejects);

/* Writes one rejected row where the file was given, and, unless quiet, a line on stderr. */
void import_reject(FILE *rejects, int64_t line, struct sori_str why, struct sori_str raw,
                   bool quiet);

#endif
