#include "worker/worker.h"

#include "conf/conf.h"

#include <stdlib.h>

void worker_put_lines(struct buf *out, uint32_t tag, struct sori_str text) {
    while (text.len) {
        const char *end = memchr(text.ptr, '\n', text.len);
        size_t n = end ? (size_t)(end - text.ptr) : text.len;
        if (n) rec_str(out, tag, (struct sori_str){text.ptr, n});
        n += end ? 1 : 0;
        text.ptr += n;
        text.len -= n;
    }
}

void conf_serve(struct worker *w) {
    if (w->call.method != M_CONF) {
        call_why(w, "a configuration worker reads configurations only");
        call_done(w, SORI_PERMANENT);
        return;
    }
    char *name = mem_text(rec_get_str(w->call.payload, CONF_NAME));
    struct buf record = {0}, errors = {0};
    bool good = conf_read(rec_get_str(w->call.payload, CONF_SOURCE), name[0] ? name : "sori.lua",
                          &record, &errors);
    if (good) rec_rec(&w->done, CONF_RECORD, buf_view(&record));
    worker_put_lines(&w->done, CONF_ERROR, buf_view(&errors));
    buf_free(&record);
    buf_free(&errors);
    free(name);
    call_done(w, good ? SORI_OK : SORI_CONFIG);
}
