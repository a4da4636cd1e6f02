/* Files as a channel. The command cuts a file at row boundaries and spools the pieces; each comes
 * here as a delivery and becomes interactions, row by row. A row that cannot be read is rejected
 * with its line and the rest goes on. Ids are stable, so importing again changes nothing. */
#include "common/charset.h"
#include "csv.h"
#include "field.h"

#include <jansson.h>
#include <sori/plugin.h>
#include <stdlib.h>

struct import {
    struct charsets *charsets; /* held open: converters are files, and files are fenced later */
    struct zone *zone;         /* of times that name none */
};

struct job {
    const struct import *import;
    const struct sori_sink *sink;
    struct arena arena; /* of the whole piece */
    struct arena row;   /* of one row */
    struct sori_str file, space, text;
    int64_t line;
    enum field column[CSV_COLUMNS];
    size_t columns;
    bool has_ids;            /* a column has them */
    struct sori_str repeats; /* which items come behind one of the same id, counted from 0 */
    int64_t items, repeat;   /* how many there were; the next of those, -1 none */
};

static void reject(struct job *j, const char *why, struct sori_str raw) {
    j->sink->reject(j->sink, j->line, s_of(why), raw);
}

static int64_t next_repeat(struct job *j) {
    struct sori_str number;
    return s_next(&j->repeats, ' ', &number) ? s_number(number) : -1;
}

static bool begins_with_own(struct sori_str space) { return s_starts(space, "import:"); }

/* The last checks and defaults of a row, however it was written. */
static void finish(struct job *j, struct sori_item *item, struct sori_str raw) {
    bool wordless = item->kind == SORI_KIND_REACTION || item->share == SORI_SHARE_SIMPLE ||
                    item->event == SORI_EVENT_REMOVED;
    if (!s_trim(item->text).len && !wordless) {
        reject(j, "text: empty", raw);
        return;
    }
    bool counted = item->kind == SORI_KIND_REACTION ||
                   (item->kind == SORI_KIND_SHARE && item->share == SORI_SHARE_SIMPLE);
    if (!item->native_id.len && j->has_ids && !counted) {
        reject(j, "native_id: empty, while a column has the ids of the other rows", raw);
        return;
    }
    if (!item->native_id.len)
        item->native_id =
            arena_format(&j->row, "%.*s:%lld", S(utf8_cut(j->file, 400)), (long long)j->line);
    if (!item->space.len)
        item->space = j->space;
    else if (!begins_with_own(item->space))
        item->space = arena_format(&j->row, "import:%.*s", S(item->space));
    if (item->kind == SORI_KIND_REACTION && !item->reaction.len) item->reaction = SORI_STR("like");
    if (item->kind == SORI_KIND_REACTION)
        item->reaction_value = item->event == SORI_EVENT_REMOVED ? 0 : 1;
    if (item->kind == SORI_KIND_MESSAGE) item->visibility = SORI_VISIBILITY_PRIVATE;
    if (!item->author_id.len && item->author_name.len)
        item->author_id = utf8_cut(item->author_name, 512);
    if (j->items++ == j->repeat) {
        j->repeat = next_repeat(j);
        struct sori_str why = arena_format(
            &j->row, "native_id: an earlier row with other contents has the id \"%.*s\"",
            S(utf8_cut(item->native_id, 100)));
        reject(j, why.ptr, raw);
        return;
    }
    j->sink->item(j->sink, item);
}

static struct sori_item fresh(void) {
    return (struct sori_item){.struct_size = sizeof(struct sori_item),
                              .kind = SORI_KIND_COMMENT,
                              .observed = SORI_OBSERVED_STATE,
                              .event = SORI_EVENT_SAID,
                              .why_not = SORI_STR("reply: it came from a file")};
}

/* ---- CSV ---- */

/* "native_id=주문번호,text=내용", or the other way round where only that makes sense. */
static enum field mapped(struct sori_str map, struct sori_str column) {
    struct sori_str pair;
    while (s_next(&map, ',', &pair)) {
        size_t n = s_find_char(pair, '=');
        struct sori_str left = s_trim(s_head(pair, n)), right = s_trim(s_from(pair, n + 1));
        if (s_eq(right, column) && field_named(left)) return field_named(left);
        if (s_eq(left, column) && field_named(right)) return field_named(right);
    }
    return FIELD_NONE;
}

static bool is_mapped_elsewhere(struct sori_str map, enum field field) {
    struct sori_str pair;
    while (s_next(&map, ',', &pair)) {
        size_t n = s_find_char(pair, '=');
        if (field_named(s_head(pair, n)) == field || field_named(s_from(pair, n + 1)) == field)
            return true;
    }
    return false;
}

static bool has_column(const struct csv_row *header, struct sori_str name) {
    for (size_t i = 0; i < header->count; i++)
        if (s_eq(s_trim(header->field[i]), name)) return true;
    return false;
}

/* What is wrong with the map, or NULL. A `header` of NULL: any name may be a column's. */
static const char *map_fault(struct job *j, struct sori_str map, const struct csv_row *header) {
    struct sori_str pair, why = {0};
    while (!why.len && s_next(&map, ',', &pair)) {
        size_t n = s_find_char(pair, '=');
        struct sori_str left = s_trim(s_head(pair, n)), right = s_trim(s_from(pair, n + 1));
        bool left_field = field_named(left), right_field = field_named(right);
        if (!left.len || !right.len)
            why = arena_format(&j->arena, "--map: \"%.*s\": COLUMN=FIELD was expected", S(pair));
        else if (!left_field && !right_field)
            why = arena_format(&j->arena,
                               "--map: neither \"%.*s\" nor \"%.*s\" is a field; fields are "
                               "native_id, text, author.name, said_at …",
                               S(left), S(right));
        else if (header && !(left_field && has_column(header, right)) &&
                 !(right_field && has_column(header, left)))
            why = arena_format(&j->arena, "--map: the file has no column \"%.*s\"",
                               S(right_field ? left : right));
    }
    return why.len ? why.ptr : NULL;
}

/* What each column is: by the map, else by its heading. A field is taken from one column. */
static bool read_header(struct job *j, const struct csv_row *header, struct sori_str map) {
    bool taken[FIELD_COUNT] = {[FIELD_NONE] = true};
    size_t ranks = field_ranks();
    j->columns = header->count;
    for (size_t rank = 0; rank <= ranks; rank++) {
        for (size_t i = 0; i < header->count; i++) {
            struct sori_str name = s_trim(header->field[i]);
            enum field f = rank == 0 ? mapped(map, name) : field_of(name, rank - 1);
            if (j->column[i] || taken[f]) continue;
            j->column[i] = f;
            taken[f] = true;
        }
    }
    j->has_ids = taken[FIELD_NATIVE_ID];
    return taken[FIELD_TEXT] || taken[FIELD_KIND];
}

/* Whoever only looks is told what was made of the header. */
static void tell_columns(struct job *j, const struct csv_row *header) {
    for (size_t i = 0; i < header->count; i++)
        if (j->column[i])
            j->sink->cursor(j->sink, s_of(field_word(j->column[i])),
                            utf8_cut(s_trim(header->field[i]), 400));
}

static void csv_row(struct job *j, const struct csv_row *row) {
    struct sori_item item = fresh();
    const char *why = row->wrong;
    if (!why && row->count != j->columns)
        why = row->count > j->columns ? "more columns than the header has"
                                      : "fewer columns than the header has";
    for (size_t i = 0; i < row->count && !why; i++) {
        const char *wrong = "";
        if (!field_set(&item, j->column[i], row->field[i], j->import->zone, &wrong)) why = wrong;
    }
    if (why)
        reject(j, why, row->raw);
    else
        finish(j, &item, row->raw);
}

static bool is_blank_row(const struct csv_row *row) {
    return row->count == 1 && !row->wrong && !s_trim(row->field[0]).len;
}

static void csv_rows(struct job *j, struct sori_str header_text, struct sori_str map, bool tell) {
    struct csv_row row, header;
    char delimiter = csv_delimiter(header_text.len ? header_text : j->text);
    struct sori_str rest = header_text.len ? header_text : j->text;
    if (!csv_next(&rest, delimiter, &j->arena, &header)) return;
    if (!header_text.len) {
        j->text = rest;
        j->line += header.lines;
    }
    const char *why = header.wrong ? header.wrong : map_fault(j, map, &header);
    if (!why && !read_header(j, &header, map))
        why = "the header names no column for text: give one with --map text=COLUMN";
    if (why) {
        reject(j, why, header.raw);
        return;
    }
    if (tell) tell_columns(j, &header);
    while (csv_next(&j->text, delimiter, &j->row, &row)) {
        if (!is_blank_row(&row)) csv_row(j, &row);
        j->line += row.lines;
        arena_free(&j->row);
    }
}

/* ---- JSON lines ---- */

/* Numbers become text by their digits: ids are longer than a double can hold. */
static bool json_text(struct job *j, const json_t *v, struct sori_str *out) {
    if (json_is_string(v))
        *out = (struct sori_str){json_string_value(v), json_string_length(v)};
    else if (json_is_integer(v))
        *out = arena_format(&j->row, "%lld", (long long)json_integer_value(v));
    else
        return false;
    return true;
}

static bool json_field(struct job *j, struct sori_item *item, enum field f, const json_t *v,
                       const char **why) {
    struct sori_str text;
    const char *wrong = "";
    if (!f || json_is_null(v)) return true;
    if (json_text(j, v, &text)) {
        if (field_set(item, f, text, j->import->zone, &wrong)) return true;
        *why = wrong;
        return false;
    }
    *why = arena_format(&j->row, "%s: a text was expected", field_word(f)).ptr;
    return false;
}

static bool json_author(struct job *j, struct sori_item *item, json_t *author, const char **why) {
    static const struct {
        const char *name;
        enum field field;
    } parts[] = {{"id", FIELD_AUTHOR_ID},
                 {"name", FIELD_AUTHOR},
                 {"url", FIELD_AUTHOR_URL},
                 {"reach", FIELD_AUTHOR_REACH}};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        const json_t *v = json_object_get(author, parts[i].name);
        if (v && !json_field(j, item, parts[i].field, v, why)) return false;
    }
    return true;
}

static void json_row(struct job *j, json_t *row, struct sori_str map, struct sori_str raw) {
    struct sori_item item = fresh();
    const char *key, *why = NULL;
    json_t *v;
    json_object_foreach(row, key, v) {
        struct sori_str name = s_of(key);
        enum field f = mapped(map, name);
        if (why) break;
        if (s_is(name, "author") && json_is_object(v)) {
            json_author(j, &item, v, &why);
            continue;
        }
        if (!f && !is_mapped_elsewhere(map, field_named(name))) f = field_named(name);
        json_field(j, &item, f, v, &why);
    }
    if (why)
        reject(j, why, raw);
    else
        finish(j, &item, raw);
}

static void json_rows(struct job *j, struct sori_str map) {
    struct sori_str line;
    const char *why = map_fault(j, map, NULL);
    if (why) {
        reject(j, why, map);
        return;
    }
    while (s_next(&j->text, '\n', &line)) {
        struct sori_str raw = s_trim(line);
        json_error_t e;
        json_t *row = raw.len ? json_loadb(raw.ptr, raw.len, JSON_REJECT_DUPLICATES, &e) : NULL;
        if (json_is_object(row))
            json_row(j, row, map, raw);
        else if (raw.len)
            reject(j, row ? "a JSON object was expected" : e.text, raw);
        json_decref(row);
        arena_free(&j->row);
        j->line++;
    }
}

/* ---- the call ---- */

static struct sori_str to_utf8(struct arena *a, struct sori_str bytes, struct sori_str label) {
    struct text t = {0};
    struct charset_tally tally = {0};
    if (s_starts(bytes, "\xef\xbb\xbf")) bytes = s_from(bytes, 3);
    if (!label.len || !charset_decode(&t, bytes, label, &tally)) {
        if (utf8_valid(bytes)) return bytes;
        charset_guess(&t, bytes);
    }
    return text_keep(&t, a);
}

/* The command hands header and map over as the terminal and the file have them: the header in the
 * file's encoding, the map in UTF-8. */
static enum sori_status decode(void *self, const struct sori_delivery *d,
                               const struct sori_sink *sink) {
    struct job *j = calloc(1, sizeof *j);
    if (!j) return SORI_BUG;
    struct sori_str label = pairs_get(d->headers, "encoding");
    struct sori_str map = pairs_get(d->headers, "map");
    int64_t line = s_number(pairs_get(d->headers, "first-line"));
    j->import = self;
    j->sink = sink;
    j->line = line > 0 ? line : 1;
    j->file = pairs_get(d->headers, "file");
    if (!j->file.len) j->file = SORI_STR("file");
    j->space = arena_format(&j->arena, "import:%.*s", S(d->connection));
    j->repeats = pairs_get(d->headers, "repeats");
    j->repeat = next_repeat(j);
    j->text = to_utf8(&j->arena, d->body, label);
    if (s_is(pairs_get(d->headers, "format"), "jsonl"))
        json_rows(j, map);
    else
        csv_rows(j, to_utf8(&j->arena, pairs_get(d->headers, "header"), label), map,
                 s_is(pairs_get(d->headers, "tell"), "columns"));
    arena_free(&j->row);
    arena_free(&j->arena);
    free(j);
    return SORI_OK;
}

static enum sori_status create(const struct sori_host *host, const struct sori_config *config,
                               void **self) {
    struct import *m = calloc(1, sizeof *m);
    (void)host;
    if (!m) return SORI_BUG;
    m->charsets = charsets_open();
    m->zone = zone_open(config->timezone);
    *self = m;
    return SORI_OK;
}

static void destroy(void *self) {
    struct import *m = self;
    charsets_close(m->charsets);
    zone_close(m->zone);
    free(m);
}

static enum sori_status health(void *self, const struct sori_health *health) {
    (void)self;
    health->say(health, SORI_LOG_INFO, SORI_STR("takes files by `sori import`"));
    return SORI_OK;
}

static const struct sori_connector connector = {
    .struct_size = sizeof connector,
    .flags = SORI_CONNECTOR_DECODES,
    .create = create,
    .destroy = destroy,
    .decode = decode,
    .health = health,
};

static const struct sori_interface interfaces[] = {{SORI_CONNECTOR_ID, &connector}};

static const struct sori_plugin plugin = {
    .struct_size = sizeof plugin,
    .abi = SORI_ABI,
    .id = "import",
    .name = "Import",
    .version = "0.1.0",
    .vendor = "Sori",
    .license = "MIT",
    .summary = "interactions from CSV and JSONL files",
    .interfaces = interfaces,
    .interface_count = 1,
    .interface_stride = sizeof interfaces[0],
};

const struct sori_plugin *sori_plugin_v0(void) { return &plugin; }
