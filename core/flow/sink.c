/* What a connector gave: a run of sink records, taken in order. */
#include "flow/admit.h"
#include "flow/flow.h"
#include "flow/record.h"
#include "flow/channel/task.h"

#include "base/hash.h"
#include "base/log.h"

/* The target is named by its digest: a gauge may be stated for what nobody spoke about yet. */
static void take_gauge(struct core *c, struct sori_str r) {
    if (!admit_name(rec_get_str(r, 2)) || rec_get_int(r, 3, 0) == NIL) return;
    *store_add_gauge(&c->batch) =
        (struct row_gauge){.target = (int64_t)(hash_digest(rec_get_str(r, 1)) >> 1),
                           .class = keep(c, rec_get_str(r, 2)),
                           .at = core_now(c),
                           .n = rec_get_int(r, 3, 0)};
    flow_dirty(c);
}

static void take_author(struct core *c, struct conn *conn, struct sori_str r) {
    struct sori_item who = {.space = rec_get_str(r, 1),
                            .native_id = rec_get_str(r, 2),
                            .author_name = rec_get_str(r, 3),
                            .author_url = rec_get_str(r, 4),
                            .author_reach = rec_get_int(r, 5, 0)};
    if (!admit_item(&who)) return; /* as if the author were the item: the same bounds */
    struct author *a = person_known(c, record_space(c, conn, &who), who.native_id);
    if (a) person_named(c, a, who.author_name, who.author_url, who.author_reach);
}

static void take_gap(struct core *c, struct conn *conn, struct sori_str r) {
    struct buf text = {0};
    buf_printf(&text, "gap: %.*s", STR(rec_get_str(r, 3)));
    log_line(LOG_WARN, conn->name, "%s", text.data);
    flow_journal(c, ENTRY_SETTING, NIL, NIL, NIL, str_c(conn->name), buf_view(&text), r, NIL);
    buf_free(&text);
}

void record_sink(struct core *c, struct conn *conn, struct sori_str sink, struct arrival a,
                 struct buf *cursors) {
    struct rec_field f;
    struct sori_item item;
    int64_t heard = c->count_recorded, seen = c->count_seen;
    while (rec_next(&sink, &f) == 1) {
        switch (f.tag) {
        case SINK_ITEM:
            if (item_get(f.s, &item) && admit_item(&item)) record_item(c, conn, &item, a);
            break;
        case SINK_GAUGE: take_gauge(c, f.s); break;
        case SINK_GAP: take_gap(c, conn, f.s); break;
        case SINK_CURSOR:
            if (cursors) rec_rec(cursors, SINK_CURSOR, f.s);
            break;
        case SINK_AUTHOR: take_author(c, conn, f.s); break;
        case SINK_REJECT:
            flow_fault(c, conn->plugin->id, "reject", conn, NIL, a.seg, a.off,
                       rec_get_int(f.s, 1, 0), rec_get_str(f.s, 2), rec_get_str(f.s, 3));
            conn->rejected++;
            break;
        case SINK_TASK: task_take(c, conn, f.s); break;
        case SINK_TASK_DONE: task_done(c, conn, f.s); break;
        default: break;
        }
    }
    conn->heard += c->count_recorded - heard;
    conn->seen += c->count_seen - seen;
}
