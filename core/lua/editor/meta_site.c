/* The names of one site for editors: its labels, levels, replies, departments and cells. */
#include "lua/editor/meta.h"

struct list {
    struct buf *out;
    struct buf seen; /* each once */
};

static void put_one(struct list *l, struct sori_str name) {
    struct buf quoted = {0};
    buf_putc(&quoted, '"');
    for (size_t i = 0; i < name.len; i++) {
        if (name.ptr[i] == '"' || name.ptr[i] == '\\') buf_putc(&quoted, '\\');
        buf_putc(&quoted, name.ptr[i]);
    }
    buf_putc(&quoted, '"');
    if (!l->seen.len || !memmem(l->seen.data, l->seen.len, quoted.data, quoted.len)) {
        if (l->seen.len) buf_putc(l->out, '|');
        buf_str(l->out, buf_view(&quoted));
        buf_str(&l->seen, buf_view(&quoted));
        buf_putc(&l->seen, '\n');
    }
    buf_free(&quoted);
}

/* Ends an alias: "string" where nothing is known, or where there may be more. */
static void end(struct list *l, bool more) {
    if (!l->seen.len)
        buf_puts(l->out, "string");
    else if (more)
        buf_puts(l->out, "|string");
    buf_putc(l->out, '\n');
    buf_clear(&l->seen);
}

static void put_labels(const struct policy *p, struct list *l) {
    buf_puts(l->out, "---A label of a classifier or of a list of words.\n---@alias sori.Label ");
    for (size_t i = 0; p && i < p->label_count; i++) put_one(l, p->labels[i].name);
    for (size_t i = 0; p && i < p->listed_count; i++) put_one(l, p->listed[i].name);
    for (size_t i = 0; p && i < p->used_count; i++) put_one(l, p->used[i].name);
    end(l, !p || (p->open & POLICY_OPEN_LABELS));
}

static void put_departments(const struct policy *p, struct list *l) {
    buf_puts(l->out, "---Who a case is given to.\n---@alias sori.Department ");
    for (size_t i = 0; p && i < p->department_count; i++) put_one(l, p->departments[i]);
    end(l, !p || (p->open & POLICY_OPEN_DEPARTMENTS));
}

void site_meta(const struct policy *p, struct buf *out) {
    struct list l = {.out = out};
    buf_puts(out, "---A file replies/NAME.LANG.md.\n---@alias sori.Reply ");
    for (size_t i = 0; p && i < p->template_count; i++) put_one(&l, p->templates[i].name);
    end(&l, !p);
    put_labels(p, &l);
    buf_puts(out, "---A word of :level.\n---@alias sori.Level ");
    for (size_t i = 0; p && i < p->level_count; i++) put_one(&l, p->levels[i].name);
    end(&l, !p);
    buf_puts(out, "---A name of :cell.\n---@alias sori.CellName ");
    for (size_t i = 0; p && i < p->cell_count; i++) put_one(&l, p->cells[i].name);
    end(&l, !p);
    put_departments(p, &l);
    buf_putc(out, '\n');
    buf_free(&l.seen);
}

/* Cells that are Lua names, as fields of conditions and of interactions. */
void site_cells(const struct policy *p, const char *type, struct buf *out) {
    for (size_t i = 0; p && i < p->cell_count; i++) {
        struct sori_str name = p->cells[i].name;
        bool plain = true;
        for (size_t k = 0; k < name.len; k++)
            plain &= strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_",
                            name.ptr[k]) != NULL;
        if (plain && !(name.ptr[0] >= '0' && name.ptr[0] <= '9'))
            buf_printf(out, "---@field %.*s%s a cell\n", STR(name), type);
    }
}
