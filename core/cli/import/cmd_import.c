/* import: a file's rows into the running core, chunk by durable chunk. A broken import goes on by
 * the same command again: the core knows the file by its SHA-256 and how far it got. */
#include "cli/import/import.h"

#include "reader/reader.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct import {
    struct import_file file;
    struct import_core core;
    const char *workspace, *connection; /* connection: NULL, the core chooses */
    FILE *rejects;
    bool json;
    int64_t resumed; /* bytes that an earlier run had brought in */
    int64_t fault;   /* newest fault before this import */
    json_t *before;  /* the connection's counts then */
    bool restarted;  /* the core died meanwhile, and its counts began again */
};

/* One ask of the core; the JSON object that it told, or NULL with the exit code in `code`. A full
 * spool is no error: the core is behind, so wait and ask again. Nor is a core that died: its keeper
 * starts it again. */
static json_t *ask(struct import *im, struct cli_ask *ask, int *code) {
    struct timespec pause = {.tv_nsec = 200 * 1000000};
    json_t *object = NULL;
    *code = CLI_OK;
    if (im->connection) cli_ask_arg(ask, "connection", str_c(im->connection));
    cli_ask_arg(ask, "sha", str_c(im->file.sha));
    for (bool again = true; again;) {
        struct cli_told told = {.code = 0};
        struct err err;
        again = false;
        if (!cli_tell(im->core.core, ask, &told, &err)) {
            /* What it had made durable is there, what is sent twice is kept once. */
            again = import_core_again(&im->core, im->workspace, &err);
            im->restarted = true;
            if (!again) *code = cli_fail(CLI_NO_CORE, "%s", err.text);
        } else if (told.code != 0) {
            struct sori_str why = rec_get_str(buf_view(&told.rest), TELL_ERROR);
            again = str_starts(why, SORI_STR("busy:"));
            if (again)
                nanosleep(&pause, NULL);
            else
                *code = cli_fail(told.code, "%.*s", STR(why));
        } else {
            struct sori_str text = rec_get_str(buf_view(&told.rest), TELL_JSON);
            object = text.len ? json_loadb(text.ptr, text.len, 0, NULL) : json_object();
            if (!object) *code = cli_fail(CLI_FAILED, "the core's answer cannot be read");
        }
        cli_told_free(&told);
    }
    cli_ask_free(ask);
    return object;
}

static void number(struct cli_ask *a, const char *name, int64_t value) {
    char text[24];
    snprintf(text, sizeof text, "%lld", (long long)value);
    cli_ask_arg(a, name, str_c(text));
}

static int send_chunk(struct import *im, const struct import_reader *r) {
    struct cli_ask a = {.name = "import", .body = r->rows};
    cli_ask_arg(&a, "file", str_c(im->file.name));
    cli_ask_arg(&a, "format", str_c(im->file.csv ? "csv" : "jsonl"));
    cli_ask_arg(&a, "encoding", str_c(im->file.encoding));
    cli_ask_arg(&a, "header", im->file.header);
    cli_ask_arg(&a, "map", str_c(im->file.map));
    cli_ask_arg(&a, "repeats", buf_view(&r->repeats));
    number(&a, "first-line", r->first);
    number(&a, "next-offset", (int64_t)r->at);
    number(&a, "next-line", r->line);
    int code;
    json_decref(ask(im, &a, &code));
    return code;
}

/* Reads all, since what a row repeats may stand far above it, and sends what is behind `offset`. */
static int send_behind(struct import *im, int64_t offset) {
    struct import_reader r;
    struct err err;
    int code = CLI_OK;
    if (!import_reader_open(&r, &im->file, &err)) return cli_fail(CLI_FAILED, "%s", err.text);
    while (code == CLI_OK && import_read(&r, &err)) {
        if ((int64_t)r.at > offset) code = send_chunk(im, &r);
        cli_progress("%3zu %%  %lld lines sent", r.at * 100 / im->file.bytes.len,
                     (long long)r.line);
    }
    cli_progress_end();
    import_reader_close(&r);
    return code == CLI_OK && err.text[0] ? cli_fail(CLI_FAILED, "%s", err.text) : code;
}

static int send_all(struct import *im) {
    struct cli_ask a = {.name = "import-offset"};
    int code;
    json_t *from = ask(im, &a, &code);
    if (!from) return code;
    int64_t offset = cli_int(from, "offset", 0);
    json_decref(from);
    /* A file that came in whole is read again: that tells what of it was seen before. */
    if (offset > (int64_t)im->file.body && offset < (int64_t)im->file.bytes.len)
        im->resumed = offset;
    return send_behind(im, im->resumed);
}

/* The counts that this import added. */
static int64_t added(const struct import *im, const json_t *now, const char *name) {
    return cli_int(now, name, 0) - (im->restarted ? 0 : cli_int(im->before, name, 0));
}

static json_t *counts(struct import *im, int *code) {
    struct cli_ask a = {.name = "import-status"};
    return ask(im, &a, code);
}

/* Asks until all is recorded and decided. */
static json_t *wait_all(struct import *im, int *code) {
    struct timespec pause = {.tv_nsec = 100 * 1000000};
    for (;;) {
        json_t *status = counts(im, code);
        if (!status || cli_int(status, "pending", 0) == 0) {
            cli_progress_end();
            return status;
        }
        cli_progress("%lld recorded, %lld seen before, %lld rejected; deciding …",
                     (long long)added(im, status, "recorded"), (long long)added(im, status, "seen"),
                     (long long)added(im, status, "rejected"));
        json_decref(status);
        nanosleep(&pause, NULL);
    }
}

/* Asks the reader for rejected rows after a fault's id; -1 gives the newest id. A reader that just
 * starts, for the first time or again, is waited for. */
static bool rejects_after(struct import *im, int64_t after, struct cli_told *told) {
    struct timespec pause = {.tv_nsec = 100 * 1000000};
    struct cli_ask a = {.name = "import-rejects"};
    struct err err;
    bool ok = false;
    cli_ask_arg(&a, "connection", cli_text(im->before, "connection"));
    number(&a, "after", after);
    for (int tries = 0; !ok && tries < 100; tries++) {
        if (tries > 0) nanosleep(&pause, NULL);
        buf_clear(&told->rows);
        buf_clear(&told->rest);
        struct cli_core *core = cli_connect(im->workspace, &err);
        ok = core && cli_tell(core, &a, told, &err) && told->code == 0;
        cli_disconnect(core);
    }
    cli_ask_free(&a);
    return ok;
}

static int newest_fault(struct import *im) {
    struct cli_told told = {.code = 0};
    bool ok = rejects_after(im, -1, &told);
    struct sori_str at = buf_view(&told.rows);
    json_t *row = cli_next_row(&at);
    im->fault = cli_int(row, "id", 0);
    json_decref(row);
    cli_told_free(&told);
    return ok ? CLI_OK : cli_fail(CLI_FAILED, "the reader does not answer; is Sori well?");
}

static json_t *print_rejects(struct import *im) {
    struct cli_told told = {.code = 0};
    json_t *list = json_array(), *row;
    if (!rejects_after(im, im->fault, &told))
        cli_fail(0, "the reader does not answer, so rejected rows cannot be told");
    struct sori_str at = buf_view(&told.rows);
    while ((row = cli_next_row(&at))) {
        bool quiet = im->json || json_array_size(list) >= IMPORT_SHOWN;
        import_reject(im->rejects, cli_int(row, "line", 0), cli_text(row, "why"),
                      cli_text(row, "raw"), quiet);
        json_array_append_new(list, row);
    }
    if (!im->json && json_array_size(list) > IMPORT_SHOWN)
        fprintf(stderr, "  … and %zu more; --rejects FILE keeps all of them\n",
                json_array_size(list) - IMPORT_SHOWN);
    cli_told_free(&told);
    return list;
}

/* Exit code: a file of which nothing could be read is a failure. */
static int report(struct import *im, const json_t *status) {
    json_t *rejects = print_rejects(im);
    long long fresh = added(im, status, "recorded"), seen = added(im, status, "seen"),
              rejected = added(im, status, "rejected");
    if (im->json) {
        json_t *out =
            json_pack("{s:I, s:I, s:I, s:I, s:b, s:O}", "new", (json_int_t)fresh, "seen",
                      (json_int_t)seen, "rejected", (json_int_t)rejected, "resumed_at",
                      (json_int_t)im->resumed, "restarted", im->restarted, "rejects", rejects);
        json_dumpf(out, stdout, JSON_COMPACT);
        putchar('\n');
        json_decref(out);
    } else {
        if (im->resumed > 0)
            printf("went on where it broke off, at byte %lld\n", (long long)im->resumed);
        printf("%lld new, %lld seen before, %lld rejected%s\n", fresh, seen, rejected,
               im->restarted ? ", counted from where Sori was started again meanwhile" : "");
    }
    json_decref(rejects);
    return rejected > 0 && fresh == 0 && seen == 0 ? CLI_FAILED : CLI_OK;
}

static int import_live(struct import *im) {
    struct err err;
    if (!import_core_open(&im->core, im->workspace, &err))
        return cli_fail(CLI_FAILED, "%s", err.text);
    int code = newest_fault(im);
    if (code == CLI_OK) im->before = counts(im, &code);
    if (code == CLI_OK) code = send_all(im);
    json_t *status = code == CLI_OK ? wait_all(im, &code) : NULL;
    if (status) code = report(im, status);
    json_decref(status);
    json_decref(im->before);
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
        im->workspace = workspace.data;
        code = dry ? import_dry_run(&im->file, im->json, im->rejects) : import_live(im);
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
            "text and native_id (else a column id, else the line), author.name, said_at, …\n"
            "Rows that cannot be read are told by line and kept aside, the rest goes on. Where\n"
            "Sori is not running it is started for the command's duration."};
    struct cli_opt opts[] = {
        CLI_OPT_WORKSPACE,
        CLI_OPT_JSON,
        {.name = "connection",
         .takes = "NAME",
         .help = "which of the channel import; else the only one"},
        {.name = "map", .takes = "C=F,C=F", .help = "which column is which field"},
        {.name = "encoding", .takes = "NAME", .help = "of the file, where it is not UTF-8: cp949"},
        {.name = "format", .takes = "FORM", .help = "csv or jsonl; else by the file's name"},
        {.name = "dry-run", .help = "read and tell, store nothing"},
        {.name = "rejects", .takes = "FILE", .help = "keep rejected rows there, as JSON lines"}};
    int n = cli_parse(argc, argv, &help, opts, 8);
    if (n < 0) return cli_parsed(n);
    if (n != 1) return cli_usage(&help, "import: one file was expected");
    struct import im = {.connection = opts[2].value,
                        .file = {.map = opts[3].value ? opts[3].value : "",
                                 .encoding = opts[4].value ? opts[4].value : ""},
                        .json = opts[1].value != NULL};
    if (opts[7].value && !(im.rejects = fopen(opts[7].value, "we")))
        return cli_fail(CLI_FAILED, "%s: %s", opts[7].value, strerror(errno));
    int code = import_run(&im, opts[0].value, argv[1], opts[5].value, opts[6].value != NULL);
    if (im.rejects && fclose(im.rejects) != 0 && code == CLI_OK)
        code = cli_fail(CLI_FAILED, "%s: %s", opts[7].value, strerror(errno));
    return code;
}
