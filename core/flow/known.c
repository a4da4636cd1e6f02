/* Since when each fact is offered to policies: a back-test counts apart what asks for a fact that
 * did not exist when a decision was made. */
#include "flow/known.h"

enum { NAME = 1, SINCE = 2, FIRST_FACTS = 42 /* tags that were there before anybody counted */ };

static const struct {
    uint32_t tag;
    const char *name;
} facts[] = {
#define FACT(tag, NAME, type, lua, help) {tag, lua},
#include "base/fields.def"
};

static bool has(struct sori_str known, const char *name) {
    struct rec_field f;
    while (rec_next(&known, &f) == 1)
        if (f.type == REC_REC && str_is(rec_get_str(f.s, NAME), name)) return true;
    return false;
}

void known_facts(struct core *c) {
    struct buf known = {0};
    bool counted = store_meta(c->store, "facts", &known) && known.len;
    size_t before = known.len;
    for (size_t i = 0; i < sizeof facts / sizeof *facts; i++) {
        if (has(buf_view(&known), facts[i].name)) continue;
        bool always = c->ids.seq == 0 || (!counted && facts[i].tag <= FIRST_FACTS);
        size_t mark = rec_begin(&known, 1);
        rec_str(&known, NAME, str_c(facts[i].name));
        rec_int(&known, SINCE, always ? 0 : core_now(c));
        rec_end(&known, mark);
    }
    if (known.len != before) {
        *store_add_meta(&c->batch) =
            (struct row_meta){.name = SORI_STR("facts"), .value = keep(c, buf_view(&known))};
        flow_dirty(c);
    }
    buf_free(&known);
}
