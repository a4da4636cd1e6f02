/* The reads of store.h: names and arguments; the driver does the rest (reads.def). */
#include "store/driver.h"

#include <stdlib.h>

enum table_id read_table(enum read_id id) {
    static const enum table_id tables[] = {
#define READ(name, table, index, prefix, lower, filter, take, sql) T_##table,
#include "store/reads.def"
    };
    return tables[id];
}

/* Reads that may be answered from before a commit in flight, as store_commit_begin says. */
bool read_is_early(enum read_id id) {
    switch (id) {
    case READ_interaction:
    case READ_sighting:
    case READ_author:
    case READ_author_by_id:
    case READ_contact:
    case READ_action:
    case READ_standing_of:
    case READ_fallen_of:
    case READ_actions_of_kase:
    case READ_reaction:
    case READ_action_by_native: return true;
    default: return false;
    }
}

#define I(x)      ((struct arg){.i = (x)})
#define S(x)      ((struct arg){.is_str = true, .s = (x)})
#define ARGS(...) ((struct arg[ARGS_MAX]){__VA_ARGS__})

/* Rows are copied before the caller sees them, so that it may call the store again, even commit. */
struct rows {
    const struct table *table;
    struct arena *arena;
    char *row;
    size_t n, cap;
};

static void keep_row(void *ctx, const void *row) {
    struct rows *rows = ctx;
    if (rows->n == rows->cap) {
        rows->cap = rows->cap ? rows->cap * 2 : 16;
        rows->row = mem_grow(rows->row, rows->cap * rows->table->size);
    }
    table_copy(rows->table, row, rows->row + rows->n++ * rows->table->size, rows->arena);
}

static size_t read_all(struct store *s, enum read_id id, const struct arg *args, size_t limit,
                       store_row *each, void *ctx) {
    if (!read_is_early(id)) flight_land(s);
    if (s->dead || !limit) return 0;
    struct arena *arena = s->spare_n ? s->spare[--s->spare_n] : mem_get(sizeof *arena);
    struct rows rows = {.table = &s->table[read_table(id)], .arena = arena};
    s->driver->read(s, id, args, limit, keep_row, &rows);
    for (size_t i = 0; i < rows.n; i++) each(ctx, rows.row + i * rows.table->size);
    free(rows.row);
    arena_reset(arena);
    if (s->spare_n < sizeof s->spare / sizeof *s->spare) {
        s->spare[s->spare_n++] = arena;
    } else {
        arena_free(arena);
        free(arena);
    }
    return rows.n;
}

struct one {
    struct store *s;
    const struct table *table;
    void *out; /* NULL: only whether there is one */
    bool found;
};

static void keep_one(void *ctx, const void *row) {
    struct one *one = ctx;
    one->found = true;
    if (!one->out) return;
    arena_reset(&one->s->one);
    table_copy(one->table, row, one->out, &one->s->one);
}

static bool read_one(struct store *s, enum read_id id, const struct arg *args, void *out) {
    struct one one = {s, &s->table[read_table(id)], out, false};
    if (!read_is_early(id)) flight_land(s);
    if (!s->dead) s->driver->read(s, id, args, 1, keep_one, &one);
    return one.found && !s->dead;
}

static int64_t number(struct store *s, enum number_id id, const struct arg *args) {
    flight_land(s);
    return s->dead ? NIL : s->driver->number(s, id, args);
}

static int64_t number_or_0(struct store *s, enum number_id id, const struct arg *args) {
    int64_t n = number(s, id, args);
    return n == NIL ? 0 : n;
}

struct store_ids store_ids(struct store *s) {
#define MAX(name) .name = number_or_0(s, NUMBER_max_##name, NULL)
    return (struct store_ids){MAX(space),
                              MAX(interaction),
                              MAX(author),
                              MAX(contact),
                              MAX(seq),
                              MAX(kase),
                              MAX(action),
                              MAX(timer),
                              MAX(link),
                              MAX(fault),
                              MAX(generation),
                              MAX(connection),
                              .last_at = number_or_0(s, NUMBER_last_at, NULL)};
}

void store_spaces(struct store *s, store_row *each, void *ctx) {
    read_all(s, READ_spaces, NULL, SIZE_MAX, each, ctx);
}
void store_connections(struct store *s, store_row *each, void *ctx) {
    read_all(s, READ_connections, NULL, SIZE_MAX, each, ctx);
}
bool store_connection(struct store *s, struct sori_str name, struct row_connection *out) {
    return read_one(s, READ_connection, ARGS(S(name)), out);
}
bool store_seen(struct store *s, int64_t space, struct sori_str native, struct store_head *out) {
    return !s->dead && s->driver->head(s, 0, space, native, out);
}
bool store_head(struct store *s, int64_t interaction, struct store_head *out) {
    return !s->dead && interaction > 0 &&
           s->driver->head(s, interaction, 0, (struct sori_str){0}, out);
}

bool store_had_digest(struct store *s, int64_t interaction, int64_t digest) {
    struct store_head head;
    flight_land(s);
    if (!store_head(s, interaction, &head)) return false;
    /* prev is always older; a damaged chain ends here instead of going round. */
    struct row_journal row;
    for (int64_t seq = head.last, next; seq > 0; seq = next) {
        if (!store_journal(s, seq, &row)) return false;
        if ((row.kind == ENTRY_SAID || row.kind == ENTRY_EDITED) && row.digest == digest)
            return true;
        next = row.prev < seq ? row.prev : 0;
    }
    return false;
}

bool store_interaction(struct store *s, int64_t id, struct row_interaction *out) {
    return read_one(s, READ_interaction, ARGS(I(id)), out);
}
bool store_has_sighting(struct store *s, int64_t interaction, int64_t connection) {
    return read_one(s, READ_sighting, ARGS(I(interaction), I(connection)), NULL);
}
bool store_author(struct store *s, int64_t space, struct sori_str native, struct row_author *out) {
    return read_one(s, READ_author, ARGS(I(space), S(native)), out);
}
bool store_author_by_id(struct store *s, int64_t id, struct row_author *out) {
    return read_one(s, READ_author_by_id, ARGS(I(id)), out);
}
bool store_contact(struct store *s, int64_t id, struct row_contact *out) {
    return read_one(s, READ_contact, ARGS(I(id)), out);
}
bool store_open_kase(struct store *s, int64_t contact, struct row_kase *out) {
    return read_one(s, READ_open_kase, ARGS(I(contact)), out);
}
void store_open_kases_from(struct store *s, int64_t contact, size_t limit, store_row *each,
                           void *ctx) {
    read_all(s, READ_open_kases_from, ARGS(I(contact)), limit, each, ctx);
}
bool store_kase(struct store *s, int64_t id, struct row_kase *out) {
    return read_one(s, READ_kase, ARGS(I(id)), out);
}
void store_cells(struct store *s, int64_t scope, int64_t subject, store_row *each, void *ctx) {
    read_all(s, READ_cells, ARGS(I(scope), I(subject)), SIZE_MAX, each, ctx);
}
bool store_journal(struct store *s, int64_t seq, struct row_journal *out) {
    return read_one(s, READ_journal, ARGS(I(seq)), out);
}
void store_undecided(struct store *s, int64_t from, size_t limit, store_row *each, void *ctx) {
    read_all(s, READ_undecided, ARGS(I(from)), limit, each, ctx);
}
bool store_decision(struct store *s, int64_t seq, struct row_decision *out) {
    return read_one(s, READ_decision, ARGS(I(seq)), out);
}
void store_ready(struct store *s, int64_t connection, int64_t now, size_t limit, store_row *each,
                 void *ctx) {
    read_all(s, READ_ready, ARGS(I(connection), I(now)), limit, each, ctx);
}

void store_actions(struct store *s, uint32_t states, int64_t connection_or_nil, size_t limit,
                   store_row *each, void *ctx) {
    bool one = connection_or_nil != NIL;
    for (int64_t state = 0; state < ACTION_COUNT && limit; state++) {
        if (!(states >> state & 1)) continue;
        bool ready = state == ACTION_READY, doubt = state <= ACTION_UNKNOWN && state != ACTION_DONE;
        const struct arg *args =
            ready ? ARGS(I(connection_or_nil)) : ARGS(I(state), I(connection_or_nil));
        enum read_id id = READ_over;
        if (ready)
            id = one ? READ_ready_of : READ_ready_all;
        else if (doubt)
            id = one ? READ_doubt_of : READ_doubt_all;
        limit -= read_all(s, id, args, limit, each, ctx);
    }
}

void store_actions_of(struct store *s, int64_t interaction, store_row *each, void *ctx) {
    read_all(s, READ_standing_of, ARGS(I(interaction)), SIZE_MAX, each, ctx);
    read_all(s, READ_fallen_of, ARGS(I(interaction)), SIZE_MAX, each, ctx);
}
void store_actions_of_kase(struct store *s, int64_t kase, store_row *each, void *ctx) {
    read_all(s, READ_actions_of_kase, ARGS(I(kase)), SIZE_MAX, each, ctx);
}
bool store_action(struct store *s, int64_t id, struct row_action *out) {
    return read_one(s, READ_action, ARGS(I(id)), out);
}
bool store_action_by_native(struct store *s, int64_t connection, struct sori_str native,
                            struct row_action *out) {
    return read_one(s, READ_action_by_native, ARGS(I(connection), S(native)), out);
}
int64_t store_replies_since(struct store *s, int64_t connection, int64_t since) {
    return number_or_0(s, NUMBER_replies_since, ARGS(I(connection), I(since)));
}
int64_t store_last_hand(struct store *s, int64_t contact) {
    return number(s, NUMBER_last_hand, ARGS(I(contact)));
}
int64_t store_last_reply(struct store *s, int64_t contact) {
    return number(s, NUMBER_last_reply, ARGS(I(contact)));
}
void store_sent_since(struct store *s, int64_t connection, int64_t since, size_t limit,
                      store_row *each, void *ctx) {
    read_all(s, READ_sent_since, ARGS(I(connection), I(since)), limit, each, ctx);
}
void store_said_since(struct store *s, int64_t connection, int64_t since, size_t limit,
                      store_row *each, void *ctx) {
    read_all(s, READ_said_since, ARGS(I(connection), I(since)), limit, each, ctx);
}
void store_timers(struct store *s, int64_t now, size_t limit, store_row *each, void *ctx) {
    read_all(s, READ_timers, ARGS(I(now)), limit, each, ctx);
}
bool store_reaction(struct store *s, int64_t target, struct sori_str actor, struct sori_str class_,
                    struct row_reaction *out) {
    return read_one(s, READ_reaction, ARGS(I(target), S(class_), S(actor)), out);
}
void store_tasks(struct store *s, int64_t connection, int64_t now, size_t limit, store_row *each,
                 void *ctx) {
    read_all(s, READ_tasks, ARGS(I(connection), I(now)), limit, each, ctx);
}
int64_t store_task_count(struct store *s, int64_t connection) {
    return number_or_0(s, NUMBER_task_count, ARGS(I(connection)));
}
void store_cursors(struct store *s, int64_t connection, int64_t lane, store_row *each, void *ctx) {
    read_all(s, READ_cursors, ARGS(I(connection), I(lane)), SIZE_MAX, each, ctx);
}
bool store_segment(struct store *s, int64_t id, struct row_segment *out) {
    return read_one(s, READ_segment, ARGS(I(id)), out);
}
int64_t store_first_segment(struct store *s) { return number(s, NUMBER_first_segment, NULL); }
bool store_generation(struct store *s, int64_t id, struct row_generation *out) {
    return read_one(s, READ_generation, ARGS(I(id)), out);
}
int64_t store_active_generation(struct store *s) {
    return number(s, NUMBER_active_generation, NULL);
}

bool store_meta(struct store *s, const char *name, struct buf *out) {
    struct row_meta row;
    if (!read_one(s, READ_meta, ARGS(S(str_c(name))), &row)) return false;
    buf_str(out, row.value);
    return true;
}

void store_negatives(struct store *s, int64_t from, int64_t to, size_t limit, store_row *each,
                     void *ctx) {
    read_all(s, READ_negatives, ARGS(I(from), I(to)), limit, each, ctx);
}
int64_t store_open_kases(struct store *s) { return number_or_0(s, NUMBER_open_kases, NULL); }
int64_t store_count(struct store *s, int64_t target, struct sori_str class_) {
    flight_land(s);
    return s->dead ? 0 : s->driver->count(s, target, class_);
}
