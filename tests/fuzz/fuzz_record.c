/* uses: sori_base */
/* Records, as a guest that lies would send them: the reader is total, and what it took to be whole
 * reads the same when it is written anew. */
#include "base/item.h"
#include "fuzz/fuzz.h"

#include <stdlib.h>

const char *const fuzz_seeds[] = {
    "\x04\x04\x08\x02\x49\x03pid\x45\x05hello", "\x06\x05\x04\x02\x09\x01x\x0a\x04\x06\x02\x04\x01",
    "\xf2\x03\x07\x05\x03neg\x08\x80\x01\xf6\x03\x06\x05\x01\x63\x08\x04",
    "\x54\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", NULL};

static void must(bool holds) {
    if (!holds) abort();
}

static void copy(struct sori_str in, struct buf *out, unsigned depth) {
    struct rec_field f;
    int more;
    while ((more = rec_next(&in, &f)) == 1) {
        if (f.type == REC_INT)
            rec_int(out, f.tag, f.i);
        else if (f.type == REC_STR || !depth)
            rec_str(out, f.tag, f.s);
        else {
            size_t mark = rec_begin(out, f.tag);
            copy(f.s, out, depth - 1);
            rec_end(out, mark);
        }
    }
    must(more == 0);
}

static bool same(struct sori_str a, struct sori_str b, unsigned depth) {
    struct rec_field x, y;
    for (;;) {
        int p = rec_next(&a, &x), q = rec_next(&b, &y);
        if (p != q) return false;
        if (p == 0) return true;
        if (x.tag != y.tag || (x.type == REC_INT && x.i != y.i)) return false;
        if (x.type == REC_STR && !str_eq(x.s, y.s)) return false;
        if (x.type == REC_REC && depth && !same(x.s, y.s, depth - 1)) return false;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct sori_str in = {(const char *)data, size};
    struct sori_item item;
    struct buf out = {0};
    bool read = item_get(in, &item);
    if (rec_valid(in, 4)) {
        must(read);
        copy(in, &out, 4);
        must(rec_valid(buf_view(&out), 4));
        must(same(in, buf_view(&out), 4));
        must(rec_get_int(in, 1, 77) == rec_get_int(buf_view(&out), 1, 77));
    }
    if (read) {
        struct sori_item again;
        buf_clear(&out);
        item_put(&out, &item);
        must(item_get(buf_view(&out), &again));
        must(str_eq(item.text, again.text) && str_eq(item.native_id, again.native_id));
        must(item.kind == again.kind && item.said_at == again.said_at);
    }
    buf_free(&out);
    return 0;
}
