/* `care:label { ["topic.delivery"] = words.delivery }`: labels from lists of words, under the names
 * that classifiers use. Where a classifier has given the label to a text, its score counts; else
 * the label's score is 10,000 where a word of the list is in the text, and 0 where none is. */
#include "lua/policy_inner.h"

#include <stdio.h>

const struct list_label *label_listed(const struct policy *p, struct sori_str name) {
    for (size_t i = 0; i < p->listed_count; i++)
        if (str_eq(p->listed[i].name, name)) return &p->listed[i];
    return NULL;
}

/* "group.name", of what a key in Lua, a wire and a terminal can hold. */
static bool check_label(struct reader *r, struct sori_str name) {
    const char *dot = name.len ? memchr(name.ptr, '.', name.len) : NULL;
    if (!check_word(r, r->line, "label", name)) return false;
    if (dot && dot > name.ptr && dot + 1 < name.ptr + name.len) return true;
    return complain(r, r->line,
                    "label %.*s: a group, a dot and a name are expected, like \"topic.delivery\"",
                    STR(name));
}

static bool add_label(struct reader *r, struct sori_str name, int value) {
    struct policy *p = r->p;
    int line = line_of_key(p, r->file, r->line, name);
    const struct list_label *old = label_listed(p, name);
    if (old)
        return complain(r, line, "label %.*s has its words in %s:%d; one list holds them all",
                        STR(name), old->file, old->line);
    struct list_label label = {.file = r->file, .line = line};
    label.name = arena_copy(r->arena, name);
    if (!read_word_list(r, line, "label", value, &label.list, NULL)) return false;
    int number = label_number(p, name);
    if (number < 0) return complain(r, line, "more than %d labels in one bundle", LABELS_MAX);
    label.number = (uint16_t)number;
    p->listed[p->listed_count++] = label;
    return true;
}

void labels_declare(struct reader *r, int index) {
    lua_State *L = sandbox_lua(r->p->box);
    for (struct table_walk w = table_begin(L, index); table_next(&w);) {
        struct sori_str name = sandbox_text(L, w.key);
        if (!name.ptr)
            complain(r, r->line, "label: expected { [\"topic.delivery\"] = { \"word\", … } }");
        else if (check_label(r, name))
            add_label(r, name, w.value);
    }
}

static void trace_label(struct policy *p, const struct list_label *label) {
    char bytes[4] = {(char)(label->number & 0xff), 'L', (char)(p->facts.found[label->list] & 0xff),
                     (char)(p->facts.found[label->list] >> 8)};
    buf_put(&p->trace, bytes, sizeof bytes);
}

void labels_find(struct policy *p, struct buf *explain) {
    struct facts *f = &p->facts;
    if (p->listed_count == 0 || !fact_has(f, FACT_TEXT)) return;
    words_ask(p, f);
    for (size_t i = 0; i < p->listed_count; i++) {
        const struct list_label *label = &p->listed[i];
        if (f->have_score >> label->number & 1) continue; /* a classifier has said it */
        int word = f->found[label->list];
        f->have_score |= 1ull << label->number;
        f->listed |= 1ull << label->number;
        f->score[label->number] = word < 0 ? 0 : 10000;
        if (word < 0) continue;
        trace_label(p, label);
        if (explain)
            buf_printf(explain, "label %.*s: \"%.*s\" is in the text (%s:%d)\n", STR(label->name),
                       STR(p->book.shown[label->list][word]), label->file, label->line);
    }
}

void labels_put(const struct policy *p, struct buf *decision) {
    for (size_t i = 0; i < p->listed_count; i++) {
        uint16_t n = p->listed[i].number;
        if (p->facts.listed >> n & 1 && p->facts.score[n] > 0)
            rec_str(decision, DEC_LABEL, p->listed[i].name);
    }
}
