/* The dry run: what the rows amount to is told, and nothing is kept. */
#include "base/item.h"
#include "cli/import/import.h"

#include <stdlib.h>

void import_reject(FILE *rejects, int64_t line, struct sori_str why, struct sori_str raw,
                   bool quiet) {
    if (!quiet) fprintf(stderr, "  line %lld: %.*s\n", (long long)line, STR(why));
    if (!rejects) return;
    json_t *row = json_pack("{s:I, s:s%, s:s%}", "line", (json_int_t)line, "why", why.ptr, why.len,
                            "raw", raw.ptr ? raw.ptr : "", raw.len);
    if (row) {
        json_dumpf(row, rejects, JSON_COMPACT);
        fputc('\n', rejects);
        json_decref(row);
    } else { /* bytes that are no UTF-8 */
        fprintf(rejects, "{\"line\":%lld,\"why\":\"the row is not UTF-8\"}\n", (long long)line);
    }
}

struct tally {
    int64_t items, rejected;
    struct buf id_column; /* the column that is the id, empty: none */
    FILE *rejects;
    bool json;
};

static void sample(const struct sori_item *item, struct buf *b) {
    buf_puts(b, "  ");
    cli_put_cut(b, item->native_id, 24);
    buf_puts(b, "  ");
    cli_put_cut(b, item->author_name, 20);
    buf_puts(b, "  ");
    cli_put_cut(b, item->text, 70);
    buf_putc(b, '\n');
}

static void count(struct sori_str sink, struct tally *t) {
    struct rec_field f;
    while (rec_next(&sink, &f) == 1) {
        if (f.tag == SINK_CURSOR && f.type == REC_REC) {
            if (str_is(rec_get_str(f.s, PAIR_NAME), "native_id") && !t->id_column.len)
                buf_str(&t->id_column, rec_get_str(f.s, PAIR_VALUE));
        } else if (f.tag == SINK_ITEM && f.type == REC_REC) {
            struct sori_item item;
            if (!t->json && t->items < 5 && item_get(f.s, &item)) {
                struct buf line = {0};
                sample(&item, &line);
                printf("%.*s", STR(buf_view(&line)));
                buf_free(&line);
            }
            t->items++;
        } else if (f.tag == SINK_REJECT && f.type == REC_REC) {
            t->rejected++;
            import_reject(t->rejects, rec_get_int(f.s, 1, 0), rec_get_str(f.s, 2),
                          rec_get_str(f.s, 3), t->json || t->rejected > IMPORT_SHOWN);
        }
    }
}

static void tell_id(const struct tally *t) {
    if (t->id_column.len)
        printf("the column \"%.*s\" is the id\n", STR(buf_view(&t->id_column)));
    else
        printf(
            "no column is the id, so the line stands for it: a row that is put in between makes "
            "those\nbelow it other ones; --map native_id=COLUMN names the column that tells rows "
            "apart\n");
}

static bool read_all(struct import_reader *r, struct tally *t, struct err *err) {
    while (import_read(r, err)) {
        count(buf_view(&r->worker.sink), t);
        cli_progress("read %zu of %zu bytes", r->at, r->file->bytes.len);
    }
    cli_progress_end();
    return err->text[0] == 0;
}

int import_dry_run(const struct import_file *f, bool json, FILE *rejects) {
    struct err err;
    struct import_reader r;
    struct tally t = {.rejects = rejects, .json = json};
    if (!import_reader_open(&r, f, &err)) return cli_fail(CLI_FAILED, "%s", err.text);
    bool ok = read_all(&r, &t, &err);
    import_reader_close(&r);
    if (!ok) {
        cli_fail(CLI_FAILED, "%s", err.text);
    } else if (json) {
        json_t *out = json_pack("{s:b, s:I, s:I}", "dry_run", 1, "read", (json_int_t)t.items,
                                "rejected", (json_int_t)t.rejected);
        if (f->csv)
            json_object_set_new(out, "id_column",
                                t.id_column.len ? json_stringn(t.id_column.data, t.id_column.len)
                                                : json_null());
        json_dumpf(out, stdout, JSON_COMPACT);
        putchar('\n');
        json_decref(out);
    } else {
        if (f->csv) tell_id(&t);
        printf("%lld rows would be read, %lld rejected; nothing was stored\n", (long long)t.items,
               (long long)t.rejected);
    }
    buf_free(&t.id_column);
    return !ok || (t.rejected > 0 && t.items == 0) ? CLI_FAILED : CLI_OK;
}
