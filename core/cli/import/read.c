/* A file's rows before they are stored: the import plugin reads them in a fenced worker of the
 * command's own, which finds what one chunk alone cannot show: rows that have the id of an earlier
 * one and say something else. Stored, they would be edits of each other. */
#include "base/clock.h"
#include "base/hash.h"
#include "base/item.h"
#include "cli/import/import.h"
#include "sori/status.h"

enum { DECODE_MS = 60000, CREATE_MS = 10000 };

static void pair(struct buf *b, uint32_t tag, const char *name, struct sori_str value) {
    if (value.len == 0) return;
    size_t mark = rec_begin(b, tag);
    rec_str(b, PAIR_NAME, str_c(name));
    rec_str(b, PAIR_VALUE, value);
    rec_end(b, mark);
}

static void delivery(struct buf *b, const struct import_reader *r) {
    const struct import_file *f = r->file;
    char number[24];
    snprintf(number, sizeof number, "%lld", (long long)r->first);
    buf_clear(b);
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
    pair(b, DEL_HEADER, "repeats", buf_view(&r->repeats));
    pair(b, DEL_HEADER, "tell", SORI_STR("columns"));
    rec_str(b, DEL_BODY, r->rows);
    rec_int(b, DEL_AT, clock_now());
    rec_int(b, DEL_INDEX, 0);
    rec_end(b, mark);
}

static bool start(struct import_reader *r, struct err *err) {
    struct buf so = {0}, create = {0};
    bool ok = cli_plugin("import", &so, err) &&
              once_open(&r->worker, GUEST_CONNECTOR, so.data, NULL, err);
    rec_int(&create, CALL_NOW, clock_now());
    if (ok && !once_call(&r->worker, M_CREATE, buf_view(&create), CREATE_MS, err)) {
        once_close(&r->worker);
        ok = false;
    }
    buf_free(&create);
    buf_free(&so);
    return ok;
}

bool import_reader_open(struct import_reader *r, const struct import_file *f, struct err *err) {
    *r = (struct import_reader){.file = f, .at = f->body, .line = f->body_line};
    return start(r, err);
}

void import_reader_close(struct import_reader *r) {
    once_close(&r->worker);
    map_free(&r->known);
    buf_free(&r->repeats);
    buf_free(&r->payload);
}

/* Has an earlier item the same key and other contents? The same row once more is no repeat: it is
 * what importing again gives, and is kept once. Another version or state of it is its story. What
 * is only counted has no key. */
static bool repeats(struct import_reader *r, struct sori_str record) {
    struct sori_item i;
    if (!item_get(record, &i) || i.kind == SORI_KIND_REACTION ||
        (i.kind == SORI_KIND_SHARE && i.share == SORI_SHARE_SIMPLE))
        return false;
    buf_clear(&r->payload);
    rec_str(&r->payload, 1, i.space);
    rec_str(&r->payload, 2, i.native_id);
    rec_int(&r->payload, 3, i.version);
    rec_int(&r->payload, 4, i.event);
    uint64_t key = hash_digest(buf_view(&r->payload));
    /* The table's value is the digest itself, of which one bit says that it is there. */
    void *contents = (void *)(uintptr_t)(hash_digest(record) | 1),
         *before = map_get(&r->known, key);
    if (!before) map_put(&r->known, key, contents);
    return before && before != contents;
}

static void find_repeats(struct import_reader *r) {
    struct sori_str sink = buf_view(&r->worker.sink);
    struct rec_field f;
    size_t n = 0;
    while (rec_next(&sink, &f) == 1) {
        if (f.tag != SINK_ITEM || f.type != REC_REC) continue;
        if (repeats(r, f.s)) buf_printf(&r->repeats, "%s%zu", r->repeats.len ? " " : "", n);
        n++;
    }
}

/* A worker that was ended from outside is no verdict about the rows: one more is asked. */
static bool decode(struct import_reader *r, struct err *err) {
    delivery(&r->payload, r);
    struct sori_str ask = buf_view(&r->payload);
    if (!once_call(&r->worker, M_DECODE, ask, DECODE_MS, err)) {
        once_close(&r->worker);
        if (!start(r, err) || !once_call(&r->worker, M_DECODE, ask, DECODE_MS, err)) return false;
    }
    return r->worker.status == SORI_OK ||
           err_set(err, "%s: %.*s", r->file->path,
                   STR(rec_get_str(buf_view(&r->worker.result), DONE_WHY)));
}

bool import_read(struct import_reader *r, struct err *err) {
    r->first = r->line;
    buf_clear(&r->repeats);
    if (!import_next(r->file, &r->at, &r->line, &r->rows, err) || !decode(r, err)) return false;
    find_repeats(r);
    return r->repeats.len == 0 || decode(r, err);
}
