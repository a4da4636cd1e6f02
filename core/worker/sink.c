/* Where poll and decode put what they found: checked, cleaned, and sent in batches. What is wrong
 * with one item rejects that item; the rest goes on. */
#include "worker/worker.h"

#include "base/item.h"
#include "base/utf8.h"

#include <stdio.h>

enum {
    BATCH = 60 * 1024,
    CALL_MOST = 64 << 20, /* of one call, over all batches; then the plugin is asked to stop */
    FIELD_MOST = 16 << 20,
    TEXT_MOST = 64 * 1024,
    ID_MOST = 512,
    OTHER_MOST = 8 * 1024,
    CURSOR_MOST = 4 * 1024,
    RAW_MOST = 32 * 1024,
    TASK_MOST = 64 * 1024,
    ATTACHMENTS_MOST = 64
};

static struct worker *of(const struct sori_sink *sink) { return sink->ctx; }

void sink_begin(struct worker *w) { w->sink.sent = 0; }

void sink_flush(struct worker *w) {
    struct sink *s = &w->sink;
    if (!s->out.len) return;
    s->sent += s->out.len;
    call_send(w, W_SINK, 0, buf_view(&s->out));
    buf_clear(&s->out);
}

static enum sori_more more(struct worker *w) {
    if (w->sink.out.len >= BATCH) {
        sink_flush(w);
        uint32_t status;
        (void)call_hear(w, 0, 0, &status);
    }
    bool over = w->call.cancelled || w->sink.sent > CALL_MOST;
    return over ? SORI_STOP : SORI_MORE;
}

/* A field of at most `most` bytes in clean UTF-8, borrowed or from the arena. False with `why`. */
static bool clean(struct sink *s, struct sori_str *f, size_t most, const char **why) {
    *why = NULL;
    if (f->len == 0) return f->ptr = NULL, true;
    if (!f->ptr) *why = "has a length but no bytes";
    if (f->len > FIELD_MOST) *why = "is longer than 16 MiB";
    if (*why) return false;
    if (f->len > most) *f = utf8_cut(*f, most);
    if (utf8_valid(*f) && !memchr(f->ptr, 0, f->len)) return true;
    buf_clear(&s->tmp);
    utf8_clean(&s->tmp, *f);
    *f = arena_copy(&s->strings, utf8_cut(buf_view(&s->tmp), most));
    return true;
}

static void reject(struct worker *w, int64_t line, const char *why, struct sori_str raw) {
    struct buf *out = &w->sink.out;
    size_t mark = rec_begin(out, SINK_REJECT);
    rec_int_opt(out, 1, line);
    rec_str(out, 2, str_c(why));
    rec_str_opt(out, 3, raw);
    rec_end(out, mark);
}

static enum sori_more reject_field(struct worker *w, const char *what, const char *name,
                                   const char *why, struct sori_str id) {
    char text[256];
    snprintf(text, sizeof text, "%s was refused: %s %s", what, name, why);
    reject(w, 0, text, id);
    return more(w);
}

static size_t most_of(size_t field) {
    switch (field) {
    case offsetof(struct sori_item, text): return TEXT_MOST;
    case offsetof(struct sori_item, native_id):
    case offsetof(struct sori_item, parent):
    case offsetof(struct sori_item, target):
    case offsetof(struct sori_item, addressee):
    case offsetof(struct sori_item, author_id): return ID_MOST;
    default: return OTHER_MOST;
    }
}

/* Ids are names: a cut one would be another's, so a long one is refused. */
static bool id_fits(const struct sori_item *item, const char **name) {
    const struct {
        const char *name;
        size_t len;
    } ids[] = {{"native_id", item->native_id.len}, {"parent", item->parent.len},
               {"target", item->target.len},       {"author_id", item->author_id.len},
               {"addressee", item->addressee.len}, {"space", item->space.len}};
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
        if (ids[i].len > ID_MOST) {
            *name = ids[i].name;
            return false;
        }
    return true;
}

static bool own_space(const struct worker *w, struct sori_str space) {
    struct sori_str id = str_c(w->plugin.desc->id);
    if (!space.len) return true;
    return str_starts(space, id) && space.len > id.len && space.ptr[id.len] == ':';
}

static const char *wrong_numbers(const struct sori_item *item) {
    if (item->kind > SORI_KIND_POST) return "kind is none of enum sori_kind";
    if (item->share > SORI_SHARE_SPECIFIC) return "share is none of enum sori_share";
    if (item->observed > SORI_OBSERVED_EVENT) return "observed is none of enum sori_observed";
    if (item->event > SORI_EVENT_ARRIVED) return "event is none of enum sori_event";
    if (item->origin > SORI_ORIGIN_US_BY_HAND) return "origin is neither PERSON nor US_BY_HAND";
    if (item->visibility > SORI_VISIBILITY_PRIVATE) return "visibility is none of its enum";
    if (item->attachments.count > ATTACHMENTS_MOST) return "attachments are more than 64";
    if (item->attachments.count && !item->attachments.items)
        return "attachments have a count but no items";
    return NULL;
}

/* Makes `item` fit to be sent; false with what is wrong. */
static bool check_item(struct worker *w, struct sori_item *item, const char **name,
                       const char **why) {
    struct sink *s = &w->sink;
    *name = "its";
    if ((*why = wrong_numbers(item))) return false;
    if (!id_fits(item, name)) return *why = "is longer than 512 bytes", false;
#define I_STR(tag, field)                                                                          \
    if (!clean(s, &item->field, most_of(offsetof(struct sori_item, field)), why))                  \
        return *name = #field, false;
#include "base/fields.def"
    if (!item->native_id.len) return *name = "native_id", *why = "is empty", false;
    if (!own_space(w, item->space))
        return *name = "space", *why = "does not begin with the plugin's id and a colon", false;
    size_t n = item->attachments.count;
    if (!n) return true;
    struct sori_pair *own = arena_get(&s->strings, n * sizeof *own);
    memcpy(own, item->attachments.items, n * sizeof *own);
    item->attachments.items = own;
    for (size_t i = 0; i < n; i++)
        if (!clean(s, &own[i].name, OTHER_MOST, why) || !clean(s, &own[i].value, OTHER_MOST, why))
            return *name = "an attachment", false;
    return true;
}

static enum sori_more sink_item(const struct sori_sink *sink, const struct sori_item *given) {
    struct worker *w = of(sink);
    struct sori_item item = {0};
    if (!given || given->struct_size < offsetof(struct sori_item, version))
        return reject_field(w, "an item", "its struct_size", "is too small",
                            (struct sori_str){NULL, 0});
    size_t size = given->struct_size < sizeof item ? given->struct_size : sizeof item;
    memcpy(&item, given, size);
    arena_reset(&w->sink.strings);
    const char *name, *why;
    if (!check_item(w, &item, &name, &why)) {
        struct sori_str id = item.native_id.ptr && item.native_id.len <= ID_MOST
                                 ? item.native_id
                                 : (struct sori_str){NULL, 0};
        return reject_field(w, "an item", name, why, id);
    }
    size_t mark = rec_begin(&w->sink.out, SINK_ITEM);
    item_put(&w->sink.out, &item);
    rec_end(&w->sink.out, mark);
    return more(w);
}

static enum sori_more sink_gauge(const struct sori_sink *sink, struct sori_str target,
                                 struct sori_str cls, int64_t n) {
    struct worker *w = of(sink);
    const char *why;
    arena_reset(&w->sink.strings);
    if (!clean(&w->sink, &target, ID_MOST, &why) || !clean(&w->sink, &cls, 64, &why))
        return reject_field(w, "a gauge", "a text", why, (struct sori_str){NULL, 0});
    size_t mark = rec_begin(&w->sink.out, SINK_GAUGE);
    rec_str(&w->sink.out, 1, target);
    rec_str(&w->sink.out, 2, cls);
    rec_int(&w->sink.out, 3, n);
    rec_end(&w->sink.out, mark);
    return more(w);
}

static enum sori_more sink_gap(const struct sori_sink *sink, int64_t from, int64_t to,
                               struct sori_str reason) {
    struct worker *w = of(sink);
    const char *why;
    arena_reset(&w->sink.strings);
    if (!clean(&w->sink, &reason, 1024, &why)) reason = (struct sori_str){NULL, 0};
    size_t mark = rec_begin(&w->sink.out, SINK_GAP);
    rec_int(&w->sink.out, 1, from);
    rec_int(&w->sink.out, 2, to);
    rec_str(&w->sink.out, 3, reason);
    rec_end(&w->sink.out, mark);
    return more(w);
}

/* Cursors and tasks are the plugin's own bytes: kept as they are, or refused whole. */
static const char *wrong_bytes(struct sori_str s, size_t most) {
    if (s.len && !s.ptr) return "has a length but no bytes";
    if (s.len <= most) return NULL;
    return most == ID_MOST       ? "is longer than 512 bytes"
           : most == CURSOR_MOST ? "is longer than 4 KiB"
                                 : "is longer than 64 KiB";
}

static enum sori_more sink_cursor(const struct sori_sink *sink, struct sori_str name,
                                  struct sori_str value) {
    struct worker *w = of(sink);
    const struct sori_str none = {NULL, 0};
    const char *why = wrong_bytes(name, ID_MOST);
    if (!why && !name.len) why = "is empty";
    if (!why && memchr(name.ptr, 0, name.len)) why = "has a NUL byte";
    if (why) return reject_field(w, "a cursor", "its name", why, none);
    why = wrong_bytes(value, CURSOR_MOST);
    if (why) return reject_field(w, "a cursor", "its value", why, name);
    if (w->call.method != M_POLL) /* of a delivery: what an import found out on its way */
        pairs_put(&w->sink.out, SINK_CURSOR, name, value);
    else if ((why = shelf_put(&w->cursors, name, value)) && !w->cursors.told) {
        w->cursors.told = true; /* once a call: the next ones are as many */
        return reject_field(w, "a cursor", "it", why, name);
    }
    return more(w);
}

static enum sori_more sink_reject(const struct sori_sink *sink, int64_t line, struct sori_str why,
                                  struct sori_str raw) {
    struct worker *w = of(sink);
    const char *wrong;
    arena_reset(&w->sink.strings);
    if (!clean(&w->sink, &why, 1024, &wrong)) why = SORI_STR("(no reason given)");
    if (raw.len && !raw.ptr) raw.len = 0;
    if (raw.len > RAW_MOST) raw.len = RAW_MOST;
    char text[1025];
    snprintf(text, sizeof text, "%.*s", STR(why));
    reject(w, line, text, raw);
    return more(w);
}

static enum sori_more sink_task(const struct sori_sink *sink, struct sori_str key,
                                struct sori_str body, int64_t due) {
    struct worker *w = of(sink);
    const char *why = wrong_bytes(key, ID_MOST);
    if (!why && !key.len) why = "is empty";
    if (why) return reject_field(w, "a task", "its key", why, (struct sori_str){NULL, 0});
    why = wrong_bytes(body, TASK_MOST);
    if (why) return reject_field(w, "a task", "its body", why, key);
    size_t mark = rec_begin(&w->sink.out, SINK_TASK);
    rec_str(&w->sink.out, 1, key);
    rec_str(&w->sink.out, 2, body);
    rec_int(&w->sink.out, 3, due);
    rec_end(&w->sink.out, mark);
    return more(w);
}

static enum sori_more sink_task_done(const struct sori_sink *sink, struct sori_str key) {
    struct worker *w = of(sink);
    const char *why = wrong_bytes(key, ID_MOST);
    if (why) return reject_field(w, "a task's key", "it", why, (struct sori_str){NULL, 0});
    rec_str(&w->sink.out, SINK_TASK_DONE, key);
    return more(w);
}

/* Makes `author` fit to be sent; else what is wrong with the field of that name. */
static const char *wrong_author(struct worker *w, struct sori_author *author, const char **name) {
    struct sink *s = &w->sink;
    const char *why = NULL;
    *name = "id";
    if (author->id.len > ID_MOST) return "is longer than 512 bytes";
    if (!clean(s, &author->id, ID_MOST, &why)) return why;
    if (!author->id.len) return "is empty";
    *name = "space";
    if (author->space.len > ID_MOST) return "is longer than 512 bytes";
    if (!clean(s, &author->space, ID_MOST, &why)) return why;
    if (!own_space(w, author->space)) return "does not begin with the plugin's id and a colon";
    *name = "name";
    if (!clean(s, &author->name, OTHER_MOST, &why)) return why;
    *name = "url";
    if (!clean(s, &author->url, OTHER_MOST, &why)) return why;
    return NULL;
}

static enum sori_more sink_author(const struct sori_sink *sink, const struct sori_author *given) {
    struct worker *w = of(sink);
    struct sori_author author = {0};
    const struct sori_str none = {NULL, 0};
    if (!given || given->struct_size < offsetof(struct sori_author, url))
        return reject_field(w, "an author", "its struct_size", "is too small", none);
    memcpy(&author, given, given->struct_size < sizeof author ? given->struct_size : sizeof author);
    arena_reset(&w->sink.strings);
    const char *name, *why = wrong_author(w, &author, &name);
    if (why) {
        bool shown = author.id.ptr && author.id.len <= ID_MOST;
        return reject_field(w, "an author", name, why, shown ? author.id : none);
    }
    struct buf *out = &w->sink.out;
    size_t mark = rec_begin(out, SINK_AUTHOR);
    rec_str_opt(out, 1, author.space);
    rec_str(out, 2, author.id);
    rec_str_opt(out, 3, author.name);
    rec_str_opt(out, 4, author.url);
    rec_int_opt(out, 5, author.reach);
    rec_end(out, mark);
    return more(w);
}

void sink_end(struct worker *w, int64_t index, uint32_t status) {
    struct buf *out = &w->sink.out;
    size_t mark = rec_begin(out, SINK_END);
    rec_int(out, 1, index);
    rec_int(out, 2, status);
    rec_str_opt(out, 3, buf_view(&w->call.why));
    rec_end(out, mark);
}

struct sori_sink sink_table(struct worker *w) {
    return (struct sori_sink){.struct_size = sizeof(struct sori_sink),
                              .ctx = w,
                              .item = sink_item,
                              .gauge = sink_gauge,
                              .gap = sink_gap,
                              .cursor = sink_cursor,
                              .reject = sink_reject,
                              .task = sink_task,
                              .task_done = sink_task_done,
                              .author = sink_author};
}
