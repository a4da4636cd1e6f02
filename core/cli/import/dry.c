/* The dry run: the import plugin reads the rows in a fenced worker, and nothing is kept. */
#include "base/clock.h"
#include "base/item.h"
#include "cli/import/import.h"
#include "cli/plugin/once.h"
#include "sori/status.h"

#include <stdlib.h>

static void pair(struct buf *b, uint32_t tag, const char *name, struct sori_str value) {
    if (value.len == 0) return;
    size_t mark = rec_begin(b, tag);
    rec_str(b, PAIR_NAME, str_c(name));
    rec_str(b, PAIR_VALUE, value);
    rec_end(b, mark);
}

static void delivery(struct buf *b, const struct import_file *f, int64_t line,
                     struct sori_str rows) {
    char number[24];
    snprintf(number, sizeof number, "%lld", (long long)line);
    rec_int(b, CALL_NOW, clock_now());
    size_t mark = rec_begin(b, DECODE_DELIVERY);
    rec_str(b, DEL_CONNECTION, SORI_STR("import"));
    rec_str(b, DEL_FORM, SORI_STR("import"));
    pair(b, DEL_HEADER, "format", str_c(f->csv ? "csv" : "jsonl"));
    pair(b, DEL_HEADER, "file", str_c(f->name));
    pair(b, DEL_HEADER, "header", f->header);
    pair(b, DEL_HEADER, "encoding", str_c(f->encoding));
    pair(b, DEL_HEADER, "map", str_c(f->map));
    pair(b, DEL_HEADER, "first-line", str_c(number));
    rec_str(b, DEL_BODY, rows);
    rec_int(b, DEL_AT, clock_now());
    rec_int(b, DEL_INDEX, 0);
    rec_end(b, mark);
}

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
        if (f.tag == SINK_ITEM && f.type == REC_REC) {
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

static bool decode_all(struct once *o, const struct import_file *f, struct tally *t,
                       struct err *err) {
    size_t at = f->body;
    int64_t line = f->body_line, first = line;
    struct sori_str rows;
    struct buf payload = {0};
    bool ok = true;
    while (ok && import_next(f, &at, &line, &rows, err)) {
        buf_clear(&payload);
        delivery(&payload, f, first, rows);
        ok = once_call(o, M_DECODE, buf_view(&payload), 60000, err);
        if (ok && o->status != SORI_OK)
            ok =
                err_set(err, "%s: %.*s", f->path, STR(rec_get_str(buf_view(&o->result), DONE_WHY)));
        count(buf_view(&o->sink), t);
        first = line;
        cli_progress("read %zu of %zu bytes", at, f->bytes.len);
    }
    cli_progress_end();
    buf_free(&payload);
    return ok && err->text[0] == 0;
}

int import_dry_run(const struct import_file *f, bool json, FILE *rejects) {
    struct buf so = {0};
    struct err err;
    struct once o;
    struct tally t = {.rejects = rejects, .json = json};
    bool open =
        cli_plugin("import", &so, &err) && once_open(&o, GUEST_CONNECTOR, so.data, NULL, &err);
    bool ok = open;
    if (open) {
        struct buf create = {0};
        rec_int(&create, CALL_NOW, clock_now());
        ok = once_call(&o, M_CREATE, buf_view(&create), 10000, &err) && decode_all(&o, f, &t, &err);
        buf_free(&create);
        once_close(&o);
    }
    buf_free(&so);
    if (!ok) return cli_fail(CLI_FAILED, "%s", err.text);
    if (json)
        printf("{\"dry_run\":true,\"read\":%lld,\"rejected\":%lld}\n", (long long)t.items,
               (long long)t.rejected);
    else
        printf("%lld rows would be read, %lld rejected; nothing was stored\n", (long long)t.items,
               (long long)t.rejected);
    return t.rejected > 0 && t.items == 0 ? CLI_FAILED : CLI_OK;
}
