#include "flow/command/pick.h"

#include "base/enums.h"
#include "flow/act/act.h"

#include <string.h>

enum { FAILED = 1, USAGE = 2, SLOT_MOST = 1000000 };

struct pick {
    uint32_t states;
    int verb;     /* -1 any */
    int64_t slot; /* -1 any */
    int64_t interaction;
    unsigned found;
    struct row_action row;
    struct buf names; /* of those that were found */
};

/* False where it names nothing that could be. */
static bool read_slot(struct sori_str word, int64_t *slot) {
    *slot = 0;
    for (size_t i = 0; i < word.len; i++) {
        if (word.ptr[i] < '0' || word.ptr[i] > '9' || *slot > SLOT_MOST) return false;
        *slot = *slot * 10 + (word.ptr[i] - '0');
    }
    return word.len > 0;
}

static bool read_which(struct sori_str which, struct pick *p) {
    p->verb = -1;
    p->slot = -1;
    if (!which.len || read_slot(which, &p->slot)) return true;
    const char *dot = memchr(which.ptr, '.', which.len);
    struct sori_str verb = {which.ptr, dot ? (size_t)(dot - which.ptr) : which.len};
    p->verb = verb_of(verb);
    p->slot = 0; /* `sori show` does not write it */
    return p->verb >= 0 &&
           (!dot || read_slot((struct sori_str){dot + 1, which.len - verb.len - 1}, &p->slot));
}

static void look(void *ctx, const void *row) {
    struct pick *p = ctx;
    const struct row_action *a = row;
    if (!(p->states >> a->state & 1) || (p->slot >= 0 && a->slot != p->slot) ||
        (p->verb >= 0 && a->verb != p->verb))
        return;
    buf_printf(&p->names, "%s%lld.%s", p->found ? ", " : "", (long long)p->interaction,
               verb_word(a->verb));
    if (a->slot) buf_printf(&p->names, ".%lld", (long long)a->slot);
    p->found++;
    p->row = *a;
}

bool pick_action(struct command *cmd, const struct subject *s, uint32_t states,
                 struct row_action *out) {
    struct pick p = {.states = states, .interaction = s->id};
    if (read_which(control_arg(cmd, "which"), &p))
        store_actions_of(cmd->core->store, s->id, look, &p);
    bool one = p.found == 1 && store_action(cmd->core->store, p.row.id, out);
    if (one)
        out->body = keep(cmd->core, out->body);
    else if (p.found)
        control_tell(cmd, USAGE, "%lld: %u actions could be meant; say which: %s", (long long)s->id,
                     p.found, p.names.data);
    else
        control_tell(cmd, FAILED,
                     "%lld: no action of it is %s; `sori why %lld` shows what became of them",
                     (long long)s->id, states == 1u << ACTION_UNKNOWN ? "in doubt" : "waiting",
                     (long long)s->id);
    buf_free(&p.names);
    return one;
}
