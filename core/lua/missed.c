/* What a decision asked for and did not find: back-tests count that apart where it did not exist
 * when the facts were recorded. */
#include "lua/policy_inner.h"

static struct sori_str behind(struct sori_str name, size_t head) {
    return (struct sori_str){name.ptr + head, name.len - head};
}

static bool missed_label(const struct policy *p, struct sori_str label) {
    for (size_t i = 0; i < p->used_count; i++)
        if (str_eq(p->used[i].name, label)) return p->facts.missed_score >> i & 1;
    return false;
}

static bool missed_cell(const struct policy *p, struct sori_str cell) {
    for (size_t i = 0; i < p->cell_count; i++)
        if (str_eq(p->cells[i].name, cell)) return p->facts.missed_cell >> i & 1;
    return false;
}

static bool missed_one(const struct policy *p, struct sori_str name) {
    if (str_starts(name, SORI_STR("label "))) return missed_label(p, behind(name, 6));
    if (str_starts(name, SORI_STR("cell "))) return missed_cell(p, behind(name, 5));
    const struct fact_info *info = fact_by_name(name);
    return info && p->facts.missed >> info->tag & 1;
}

uint64_t policy_missed(const struct policy *p, const struct sori_str *names, size_t n) {
    uint64_t bits = 0;
    for (size_t i = 0; i < n && i < 64; i++)
        if (missed_one(p, names[i])) bits |= 1ull << i;
    return bits;
}
