/* Labelled texts, one a line: "label<TAB>text", plain or gzip. */
#include "cli/model/model.h"

#include "base/file.h"
#include "base/hash.h"

#include <stdlib.h>
#include <zlib.h>

enum { FILE_MAX = 256 << 20, TEXT_MAX = 1 << 30 };

static bool inflate_all(struct sori_str in, struct buf *out, const char *path, struct err *err) {
    z_stream z = {.next_in = (Bytef *)(uintptr_t)in.ptr, .avail_in = (uInt)in.len};
    if (inflateInit2(&z, 15 + 16) != Z_OK) return err_set(err, "%s: out of memory", path);
    int status = Z_OK;
    while (status == Z_OK || (status == Z_STREAM_END && z.avail_in > 0)) {
        if (status == Z_STREAM_END && inflateReset(&z) != Z_OK) break; /* a further member */
        if (out->len > TEXT_MAX) break;
        z.next_out = (Bytef *)buf_room(out, 1 << 20);
        z.avail_out = 1 << 20;
        status = inflate(&z, Z_NO_FLUSH);
        out->len += (1u << 20) - z.avail_out;
    }
    inflateEnd(&z);
    if (out->len > TEXT_MAX) return err_set(err, "%s: more than 1 GiB when unpacked", path);
    if (status != Z_STREAM_END)
        return err_set(err, "%s: the gzip data is damaged or cut short; copy the file again", path);
    return true;
}

static bool split(struct model_data *d, const char *path, struct err *err) {
    const char *at = d->bytes.data, *end = at + d->bytes.len;
    for (size_t line = 1; at < end; line++) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        const char *next = stop ? stop + 1 : end;
        if (!stop) stop = end;
        if (stop > at && stop[-1] == '\r') stop--;
        const char *tab = memchr(at, '\t', (size_t)(stop - at));
        if (stop == at) {
            at = next;
            continue;
        }
        if (!tab || tab == at)
            return err_set(err, "%s:%zu: expected a label, a tab and a text", path, line);
        if (d->n == d->cap) {
            d->cap = d->cap ? d->cap * 2 : 4096;
            d->rows = mem_grow(d->rows, d->cap * sizeof *d->rows);
        }
        d->rows[d->n++] =
            (struct model_row){{at, (size_t)(tab - at)}, {tab + 1, (size_t)(stop - tab - 1)}, line};
        at = next;
    }
    return d->n > 0 || err_set(err, "%s: there is not one row in it", path);
}

bool model_data_read(struct model_data *d, const char *path, struct err *err) {
    *d = (struct model_data){0};
    struct buf raw = {0};
    bool ok = file_read(path, FILE_MAX, false, &raw, err);
    if (ok) hash_sha256_hex(buf_view(&raw), d->sha256);
    if (ok && raw.len > 2 && (uint8_t)raw.data[0] == 0x1f && (uint8_t)raw.data[1] == 0x8b) {
        ok = inflate_all(buf_view(&raw), &d->bytes, path, err);
        buf_free(&raw);
    } else {
        d->bytes = raw;
    }
    ok = ok && split(d, path, err);
    if (!ok) model_data_free(d);
    return ok;
}

void model_data_free(struct model_data *d) {
    buf_free(&d->bytes);
    free(d->rows);
    *d = (struct model_data){0};
}
