/* import: a file's rows into the running core, chunk by durable chunk. A broken import goes on by
 * the same command again: the core knows the file by its SHA-256 and how far it got. */
#include "cli/import.h"

#include "reader/reader.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct import {
    struct import_file file;
    struct import_core core;
    const char *connection, *map;
    FILE *rejects;
    bool json;
    int64_t resumed; /* bytes that an earlier run had brought in */
};

/* One ask of the core; the JSON object that it told, or NULL with the exit code in `code`. */
static json_t *ask(struct import *im, struct cli_ask *ask, int *code) {
    struct cli_told told = {.code = 0};
    struct err err;
    json_t *object = NULL;
    *code = CLI_OK;
    cli_ask_arg(ask, "connection", str_c(im->connection));
    cli_ask_arg(ask, "sha", str_c(im->file.sha));
    if (!cli_tell(im->core.core, ask, &told, &err)) {
        *code = cli_fail(CLI_NO_CORE, "%s: give the same command again to go on", err.text);
    } else if (told.code != 0) {
        struct sori_str why = rec_get_str(buf_view(&told.rest), TELL_ERROR);
        *code = cli_fail(told.code, "%.*s", STR(why));
    } else {
        struct sori_str text = rec_get_str(buf_view(&told.rest), TELL_JSON);
        object = text.len ? json_loadb(text.ptr, text.len, 0, NULL) : json_object();
        if (!object) *code = cli_fail(CLI_FAILED, "the core's answer cannot be read");
    }
    cli_ask_free(ask);
    cli_told_free(&told);
    return object;
}

static int send_chunk(struct import *im, struct sori_str rows, int64_t first_line, size_t offset) {
    struct cli_ask a = {.name = "import", .body = rows};
    char number[24];
    cli_ask_arg(&a, "file", str_c(im->file.name));
    cli_ask_arg(&a, "format", str_c(im->file.csv ? "csv" : "jsonl"));
    cli_ask_arg(&a, "header", im->file.header);
    cli_ask_arg(&a, "map", str_c(im->map ? im->map : ""));
    snprintf(number, sizeof number, "%lld", (long long)first_line);
    cli_ask_arg(&a, "first-line", str_c(number));
    snprintf(number, sizeof number, "%zu", offset);
    cli_ask_arg(&a, "offset", str_c(number));
    cli_ask_arg(&a, "last", str_c(offset == im->file.bytes.len ? "1" : "0"));
    int code;
    json_decref(ask(im, &a, &code));
    return code;
}

static int send_all(struct import *im) {
    struct cli_ask a = {.name = "import-offset"};
    int code;
    json_t *from = ask(im, &a, &code);
    if (!from) return code;
    size_t at = im->file.body;
    int64_t line = im->file.body_line, offset = cli_int(from, "offset", 0);
    if (offset > (int64_t)at && offset <= (int64_t)im->file.bytes.len) {
        at = (size_t)offset;
        line = cli_int(from, "line", line);
        im->resumed = offset;
    }
    json_decref(from);
    struct sori_str rows;
    struct err err = {.text = ""};
    for (int64_t first = line; code == CLI_OK && import_next(&im->file, &at, &line, &rows, &err);
         first = line) {
        code = send_chunk(im, rows, first, at);
        cli_progress("%3zu %%  %lld lines sent", at * 100 / im->file.bytes.len, (long long)line);
    }
    cli_progress_end();
    if (err.text[0]) return cli_fail(CLI_FAILED, "%s", err.text);
    return code;
}

/* Asks until all is recorded and decided. */
static json_t *wait_all(struct import *im, int *code) {
    struct timespec pause = {.tv_nsec = 100 * 1000000};
    for (;;) {
        struct cli_ask a = {.name = "import-status"};
        json_t *status = ask(im, &a, code);
        if (!status || json_is_true(json_object_get(status, "done"))) {
            cli_progress_end();
            return status;
        }
        cli_progress("%lld recorded, %lld seen before, %lld rejected; deciding …",
                     (long long)cli_int(status, "new", 0), (long long)cli_int(status, "seen", 0),
                     (long long)cli_int(status, "rejected", 0));
        json_decref(status);
        nanosleep(&pause, NULL);
    }
}

static void report(struct import *im, json_t *status) {
    const json_t *rejects = json_object_get(status, "rejects");
    size_t i;
    json_t *row;
    json_array_foreach(rejects, i, row)
        import_reject(im->rejects, cli_int(row, "line", 0), cli_text(row, "why"),
                      cli_text(row, "raw"), im->json || i >= 20);
    if (im->json) {
        json_object_set_new(status, "resumed_at", json_integer(im->resumed));
        json_dumpf(status, stdout, JSON_COMPACT);
        putchar('\n');
        return;
    }
    if (json_array_size(rejects) > 20)
        fprintf(stderr, "  … and %zu more; --rejects FILE keeps all of them\n",
                json_array_size(rejects) - 20);
    if (im->resumed > 0)
        printf("went on where it broke off, at byte %lld\n", (long long)im->resumed);
    printf("%lld new, %lld seen before, %lld rejected\n", (long long)cli_int(status, "new", 0),
           (long long)cli_int(status, "seen", 0), (long long)cli_int(status, "rejected", 0));
}

static int import_live(struct import *im, const char *workspace) {
    struct err err;
    if (!import_core_open(&im->core, workspace, &err)) return cli_fail(CLI_FAILED, "%s", err.text);
    int code = send_all(im);
    json_t *status = code == CLI_OK ? wait_all(im, &code) : NULL;
    if (status) report(im, status);
    json_decref(status);
    import_core_close(&im->core);
    return code;
}

static int import_run(struct import *im, const char *given, const char *path, const char *format,
                      bool dry) {
    struct buf workspace = {0};
    struct err err;
    int code;
    if (!dry && !cli_workspace(given, &workspace, &err)) {
        code = cli_fail(CLI_USAGE, "%s", err.text);
    } else if (!import_open(&im->file, path, format, &err)) {
        code = cli_fail(CLI_FAILED, "%s", err.text);
    } else {
        code = dry ? import_dry_run(&im->file, im->map, im->json, im->rejects)
                   : import_live(im, workspace.data);
        import_close(&im->file);
    }
    buf_free(&workspace);
    return code;
}

int cmd_import(int argc, char **argv);
int cmd_import(int argc, char **argv) {
    static const struct cli_help help = {
        .usage = "sori import FILE [--map column=field,…] [--dry-run] [-w DIR] [--json]",
        .about =
            "Reads interactions from a CSV or JSONL file. Importing again is harmless; a broken\n"
            "import goes on by the same command again. Fields are those of 'sori show --json':\n"
            "text and native_id (or the line number stands for it), author.name, said_at, …\n"
            "Rows that cannot be read are told by line and kept aside, the rest goes on. Where\n"
            "Sori is not running it is started for the command's duration."};
    struct cli_opt opts[] = {
        CLI_OPT_WORKSPACE,
        CLI_OPT_JSON,
        {.name = "connection", .takes = "NAME", .help = "under which connection (import)"},
        {.name = "map", .takes = "C=F,…", .help = "which column is which field"},
        {.name = "format", .takes = "FORM", .help = "csv or jsonl; else by the file's name"},
        {.name = "dry-run", .help = "read and tell, store nothing"},
        {.name = "rejects", .takes = "FILE", .help = "keep rejected rows there, as JSON lines"}};
    int n = cli_parse(argc, argv, &help, opts, 7);
    if (n < 0) return cli_parsed(n);
    if (n != 1) return cli_usage(&help, "import: one file was expected");
    struct import im = {.connection = opts[2].value ? opts[2].value : "import",
                        .map = opts[3].value,
                        .json = opts[1].value != NULL};
    if (opts[6].value && !(im.rejects = fopen(opts[6].value, "we")))
        return cli_fail(CLI_FAILED, "%s: %s", opts[6].value, strerror(errno));
    int code = import_run(&im, opts[0].value, argv[1], opts[4].value, opts[5].value != NULL);
    if (im.rejects && fclose(im.rejects) != 0 && code == CLI_OK)
        code = cli_fail(CLI_FAILED, "%s: %s", opts[6].value, strerror(errno));
    return code;
}
