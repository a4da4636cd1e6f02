/* The coverage of a policy for people: a matrix in which equal rows are one, and short lists. */
#include "cli/policy/coverage.h"

#include "base/enums.h"

#include <string.h>

enum { LIST_SHORT = 10, KINDS = 8, TONES = 4, EVENTS = 16 };

/* The cells of one event, by kind, relationship and tone; NULL where there is none. */
struct event {
    int on;
    const struct cover_cell *at[KINDS][RELATION_COUNT][TONES];
};

static size_t gather(const struct cover *c, struct event *events) {
    size_t n = 0;
    for (size_t i = 0; i < c->cell_count; i++) {
        const struct cover_cell *cell = &c->cells[i];
        size_t e = 0;
        while (e < n && events[e].on != cell->on) e++;
        if (e == n) events[n++] = (struct event){.on = cell->on};
        events[e].at[cell->kind][cell->relation][cell->tone ? cell->tone - 1 : 0] = cell;
    }
    return n;
}

static bool same_cell(const struct cover_cell *a, const struct cover_cell *b) {
    if (!a || !b) return a == b;
    return a->state == b->state && a->last == b->last && a->rules == b->rules;
}

static bool same_row(const struct event *e, int kind, int a, const struct event *f, int kind_f,
                     int b) {
    for (int t = 0; t < TONES; t++)
        if (!same_cell(e->at[kind][a][t], f->at[kind_f][b][t])) return false;
    return true;
}

static bool same_kind(const struct event *e, int a, const struct event *f, int b) {
    for (int r = 0; r < RELATION_COUNT; r++)
        if (!same_row(e, a, r, f, b, r)) return false;
    return true;
}

static bool same_event(const struct event *a, const struct event *b) {
    for (int k = 0; k < KINDS; k++)
        if (!same_kind(a, k, b, k)) return false;
    return true;
}

static void add_word(struct buf *b, const char *word) {
    buf_printf(b, "%s%s", b->len ? ", " : "", word);
}

static void put_cell(struct cli_table *t, const struct cover *c, const struct cover_cell *cell) {
    static const struct {
        const char *mark;
        enum cli_color color;
    } looks[] = {[COVER_EMPTY] = {"○ no rule", CLI_RED},
                 [COVER_PARTLY] = {"◐ ", CLI_YELLOW},
                 [COVER_WHOLE] = {"● ", CLI_PLAIN}};
    struct buf b = {0};
    if (cell) {
        buf_puts(&b, looks[cell->state].mark);
        if (cell->rules > 1) buf_printf(&b, "+%d ", cell->rules - 1);
        if (cell->last >= 0) buf_puts(&b, c->rules[cell->last].name);
    }
    cli_table_cell(t, cell ? looks[cell->state].color : CLI_PLAIN, buf_view(&b));
    buf_free(&b);
}

/* "neutral, loyal", "all but anti", "everybody": those that are treated like the r-th. */
static void put_who(struct buf *who, const struct event *e, int kind, int r) {
    int alike = 0, other = 0;
    for (int q = 0; q < RELATION_COUNT; q++)
        if (same_row(e, kind, r, e, kind, q))
            alike++;
        else
            other = q;
    if (alike == RELATION_COUNT)
        buf_puts(who, "everybody");
    else if (alike == RELATION_COUNT - 1)
        buf_printf(who, "all but %s", relation_word(other));
    else
        for (int q = 0; q < RELATION_COUNT; q++)
            if (same_row(e, kind, r, e, kind, q)) add_word(who, relation_word(q));
}

/* The rows of one kind: relationships that are treated alike share one. */
static void put_kind(struct cli_table *t, const struct cover *c, const struct event *e,
                     const struct buf *kinds, int kind, int tones) {
    for (int r = 0; r < RELATION_COUNT; r++) {
        struct buf who = {0};
        bool first = true;
        for (int q = 0; q < r; q++) first &= !same_row(e, kind, r, e, kind, q);
        if (!first) continue;
        put_who(&who, e, kind, r);
        cli_table_cell(t, CLI_PLAIN, buf_view(kinds));
        cli_table_cell(t, CLI_PLAIN, buf_view(&who));
        for (int i = 0; i < tones; i++) put_cell(t, c, e->at[kind][r][i]);
        buf_free(&who);
    }
}

/* Kinds that are treated alike share their rows. */
static void put_event(const struct cover *c, const struct event *e, int tones, FILE *out) {
    static const char *const spoken[] = {"kind",     "relationship", "positive", "neutral",
                                         "negative", "unsure",       NULL},
                             *const other[] = {"kind", "relationship", "whatever the tone", NULL};
    struct cli_table t;
    cli_table_open(&t, tones > 1 ? spoken : other);
    for (int k = 0; k < KINDS; k++) {
        if (!e->at[k][0][0]) continue;
        struct buf kinds = {0};
        bool first = true;
        int alike = 0, all = 0;
        for (int q = 0; q < k; q++) first &= !same_kind(e, k, e, q);
        for (int q = 0; q < KINDS; q++) {
            if (!e->at[q][0][0]) continue;
            all++;
            if (same_kind(e, k, e, q)) add_word(&kinds, kind_word(q)), alike++;
        }
        if (alike == all) {
            buf_clear(&kinds);
            buf_puts(&kinds, "everything");
        }
        if (first) put_kind(&t, c, e, &kinds, k, tones);
        buf_free(&kinds);
    }
    cli_table_print(&t, out);
    cli_table_close(&t);
}

/* Events that are treated alike share one table. */
static void put_matrix(const struct cover *c, FILE *out) {
    struct event events[EVENTS] = {{0}};
    size_t n = gather(c, events);
    for (size_t e = 0; e < n; e++) {
        struct buf on = {0}, title = {0};
        bool first = true;
        for (size_t i = 0; i < e; i++) first &= !same_event(&events[e], &events[i]);
        if (!first) continue;
        for (size_t i = e; i < n; i++)
            if (same_event(&events[e], &events[i])) add_word(&on, entry_word(events[i].on));
        cli_paint(&title, cli_is_color(out), CLI_BOLD, buf_view(&on));
        fprintf(out, "%s\n", title.data);
        put_event(c, &events[e], events[e].at[KIND_COMMENT][0][1] ? TONES : 1, out);
        fputc('\n', out);
        buf_free(&on);
        buf_free(&title);
    }
}

void coverage_put_place(FILE *out, const struct cover_cell *cell) {
    fprintf(out, "%s: %s, %s person", entry_word(cell->on), kind_word(cell->kind),
            relation_word(cell->relation));
    if (cell->tone) fprintf(out, ", %s tone", tone_word(cell->tone));
}

static void put_rest(FILE *out, size_t count, size_t shown) {
    if (count > shown) fprintf(out, "  and %zu more (--all, --json)\n", count - shown);
}

static void put_never(const struct cover *c, FILE *out) {
    if (c->never) fprintf(out, "%u can never match:\n", c->never);
    for (size_t i = 0; i < c->rule_count; i++)
        if (c->rules[i].never)
            fprintf(out, "  %.*s: %s \"%s\": %.*s\n", STR(c->rules[i].where),
                    c->rules[i].note ? "note" : "rule", c->rules[i].name, STR(c->rules[i].why));
}

static void put_empty(const struct cover *c, bool all, FILE *out) {
    size_t shown = 0;
    if (c->empty) fprintf(out, "%u cells have no rule:\n", c->empty);
    for (size_t i = 0; i < c->cell_count && (all || shown < LIST_SHORT); i++) {
        if (c->cells[i].state != COVER_EMPTY) continue;
        fputs("  ", out);
        coverage_put_place(out, &c->cells[i]);
        fputc('\n', out);
        shown++;
    }
    put_rest(out, c->empty, shown);
}

/* Cells that leave the same open are one line. */
static void put_partly(const struct cover *c, bool all, FILE *out) {
    size_t kinds = 0, shown = 0;
    if (c->partly) fprintf(out, "%u cells are decided in part; no rule fits:\n", c->partly);
    for (size_t i = 0; i < c->cell_count; i++) {
        const struct cover_cell *cell = &c->cells[i];
        size_t alike = 0;
        bool first = cell->state == COVER_PARTLY;
        for (size_t k = 0; k < c->cell_count && first; k++) {
            if (c->cells[k].state != COVER_PARTLY || !str_eq(c->cells[k].open, cell->open))
                continue;
            if (k < i)
                first = false;
            else
                alike++;
        }
        if (!first) continue;
        kinds++;
        if (!all && shown == LIST_SHORT) continue;
        shown++;
        fputs("  ", out);
        coverage_put_place(out, cell);
        if (alike > 1) fprintf(out, "; and in %zu more", alike - 1);
        if (cell->open.len)
            fprintf(out, "; where %.*s\n", STR(cell->open));
        else
            fputs("; where a check says no\n", out);
    }
    put_rest(out, kinds, shown);
}

/* One line for each rule and those that it comes before; all pairs are in --json. */
static void put_pairs(const struct cover *c, bool all, FILE *out) {
    enum { NAMES = 4 };
    size_t lines = 0, shown = 0;
    if (c->pair_count)
        fprintf(out, "%zu pairs of rules can both hold, and only their order tells them apart:\n",
                c->pair_count);
    for (size_t r = 0; r < c->rule_count; r++) {
        size_t n = 0, example = 0;
        for (size_t i = 0; i < c->pair_count; i++) n += c->pairs[i].first == r;
        lines += n > 0;
        if (n == 0 || (!all && shown == LIST_SHORT)) continue;
        shown++;
        fprintf(out, "  \"%s\" before", c->rules[r].name);
        size_t named = 0;
        for (size_t i = 0; i < c->pair_count && (all || named < NAMES); i++) {
            if (c->pairs[i].first != r) continue;
            if (named == 0) example = c->pairs[i].example;
            fprintf(out, "%s \"%s\"", named++ ? "," : "", c->rules[c->pairs[i].second].name);
        }
        if (named < n) fprintf(out, " and %zu more", n - named);
        fputs("; as in ", out);
        coverage_put_place(out, &c->cells[example]);
        fputc('\n', out);
    }
    put_rest(out, lines, shown);
}

void coverage_put_text(const struct coverage *cov, bool all, FILE *out) {
    const struct cover *c = cov->cover;
    put_matrix(c, out);
    fputs("● decided, whatever else is known  ◐ in part  ○ no rule  +2: two more rules come "
          "before\n\n",
          out);
    put_never(c, out);
    put_empty(c, all, out);
    put_partly(c, all, out);
    put_pairs(c, all, out);
    coverage_put_seen(cov, all, out);
    if (c->unfinished)
        fputs("Some conditions are too intricate to be held against each other; where something\n"
              "could not be shown, nothing is claimed.\n",
              out);
    fprintf(out, "%zu cells: %u decided, %u in part, %u without a rule; %u %s never match\n",
            c->cell_count, c->whole, c->partly, c->empty, c->never,
            c->never == 1 ? "rule or note can" : "rules and notes can");
}
