/* The names of one site for editors: its labels, levels, replies, departments and cells. */
#include "lua/editor/meta.h"

struct list {
    struct buf *out;
    struct buf seen; /* each once */
    bool begun;
};

/* The name in quotes, where it comes for the first time. */
static bool is_new(struct list *l, struct sori_str name, struct buf *quoted) {
    buf_putc(quoted, '"');
    for (size_t i = 0; i < name.len; i++) {
        if (name.ptr[i] == '"' || name.ptr[i] == '\\') buf_putc(quoted, '\\');
        buf_putc(quoted, name.ptr[i]);
    }
    buf_putc(quoted, '"');
    if (l->seen.len && memmem(l->seen.data, l->seen.len, quoted->data, quoted->len)) return false;
    buf_str(&l->seen, buf_view(quoted));
    buf_putc(&l->seen, '\n');
    return true;
}

static void put_one(struct list *l, struct sori_str name) {
    struct buf quoted = {0};
    if (is_new(l, name, &quoted)) {
        if (l->begun) buf_putc(l->out, '|');
        buf_str(l->out, buf_view(&quoted));
        l->begun = true;
    }
    buf_free(&quoted);
}

/* Letters of ASCII, digits and _? Where there is `more`, those and letters of any script as well.
 */
static bool all_of(struct sori_str name, const char *more) {
    for (size_t k = 0; k < name.len; k++) {
        char c = name.ptr[k];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (more[0] && (strchr(more, c) || (c & 0x80))) continue;
        if (!letter && c != '_') return false;
    }
    return name.len > 0;
}

/* A name that says who may see a field must have such a word before it. */
void field_name(struct sori_str name, struct buf *out) {
    static const char *const seen[] = {"public", "protected", "private", "package"};
    buf_puts(out, "---@field ");
    for (size_t i = 0; i < sizeof seen / sizeof *seen; i++)
        if (str_is(name, seen[i])) buf_puts(out, "public ");
    buf_str(out, name);
}

/* A field of that name: "NAME TYPE", or "[\"NAME\"] TYPE" where it is no plain one. */
static void put_field(struct list *l, struct sori_str name, const char *type, bool plain) {
    struct buf quoted = {0};
    if (is_new(l, name, &quoted)) {
        if (plain && all_of(name, ".-") && name.ptr[0] != '.' && name.ptr[0] != '-') {
            field_name(name, l->out);
            buf_printf(l->out, "? %s\n", type);
        } else
            buf_printf(l->out, "---@field [%.*s]? %s\n", (int)quoted.len, quoted.data, type);
    }
    buf_free(&quoted);
}

/* An alias of names. Where there may be more, any text comes first: of long unions some language
 * servers look at the first hundred. */
static void begin(struct list *l, const char *about, const char *alias, bool more) {
    buf_printf(l->out, "---%s\n---@alias sori.%s %s", about, alias, more ? "string" : "");
    l->begun = more;
}

static void end(struct list *l) {
    if (!l->begun) buf_puts(l->out, "string");
    buf_putc(l->out, '\n');
    buf_clear(&l->seen);
}

static void put_labels(const struct policy *p, struct list *l, const char *type, bool plain) {
    size_t counts[] = {p ? p->label_count : 0, p ? p->listed_count : 0, p ? p->used_count : 0};
    for (size_t from = 0; from < 3; from++)
        for (size_t i = 0; i < counts[from]; i++)
            put_field(l,
                      from == 0   ? p->labels[i].name
                      : from == 1 ? p->listed[i].name
                                  : p->used[i].name,
                      type, plain);
    buf_clear(&l->seen);
}

/* The language server completes the keys of a table as it is written from fields with a plain name,
 * which may have points in it, and those of one that is read from fields in brackets. */
static void label_classes(const struct policy *p, struct list *l) {
    buf_puts(l->out, "---true: the label is there. false: it is known not to be. A level or a "
                     "score: at least that.\n---@alias sori.Wanted boolean|sori.Level|number\n\n"
                     "---Keys stand in brackets and quotes: { [\"tone.negative\"] = true }\n"
                     "---@class sori.Labels\n");
    put_labels(p, l, "sori.Wanted", true);
    buf_puts(l->out, "---@field [string] sori.Wanted\n\n"
                     "---The same in tests: { [\"tone.negative\"] = 0.9 }\n"
                     "---@class sori.GivenLabels\n");
    put_labels(p, l, "number", true);
    buf_puts(l->out,
             "---@field [string] number\n\n---What functions read: i.label[\"tone.negative\"]\n"
             "---@class sori.Scores\n");
    put_labels(p, l, "integer", false);
    buf_puts(l->out, "---@field [string] integer?\n\n");
}

static void put_names(struct list *l, const char *about, const char *alias,
                      const struct sori_str *names, size_t count, bool more) {
    begin(l, about, alias, more);
    for (size_t i = 0; i < count; i++) put_one(l, names[i]);
    end(l);
}

/* What the policy itself declares. */
static void own_names(const struct policy *p, struct list *l) {
    begin(l, "A file replies/NAME.LANG.md.", "Reply", false);
    for (size_t i = 0; p && i < p->template_count; i++) put_one(l, p->templates[i].name);
    end(l);
    begin(l, "A word of :level.", "Level", false);
    for (size_t i = 0; p && i < p->level_count; i++) put_one(l, p->levels[i].name);
    end(l);
    begin(l, "A name of :cell.", "CellName", false);
    for (size_t i = 0; p && i < p->cell_count; i++) put_one(l, p->cells[i].name);
    end(l);
    begin(l, "A name of :rule.", "RuleName", true);
    for (size_t i = 0; p && i < p->rule_count; i++)
        if (!p->rules[i].note) put_one(l, str_c(p->rules[i].name));
    end(l);
}

void site_meta(const struct policy *p, struct buf *out) {
    struct list l = {.out = out};
    own_names(p, &l);
    put_names(&l, "Who a case is given to.", "Department", p ? p->departments : NULL,
              p ? p->department_count : 0, !p || (p->open & POLICY_OPEN_DEPARTMENTS));
    put_names(&l, "A plugin that the workspace has connections of.", "Channel",
              p ? p->channels : NULL, p ? p->channel_count : 0, true);
    put_names(&l, "A language.", "Lang", p ? p->langs : NULL, p ? p->lang_count : 0, true);
    put_names(&l, "A calendar of sori.lua.", "Calendar", p ? p->calendars : NULL,
              p ? p->calendar_count : 0, true);
    buf_putc(out, '\n');
    label_classes(p, &l);
    buf_free(&l.seen);
}

/* Cells that are Lua names, as fields of conditions and of interactions. */
void site_cells(const struct policy *p, const char *type, struct buf *out) {
    for (size_t i = 0; p && i < p->cell_count; i++) {
        struct sori_str name = p->cells[i].name;
        if (!all_of(name, "") || (name.ptr[0] >= '0' && name.ptr[0] <= '9')) continue;
        field_name(name, out);
        buf_printf(out, "%s a cell\n", type);
    }
}
