/* The blackbox: one shared page in which a guest keeps what it has in hand, so that its death can
 * be explained even when it could not say a word. The guest writes, the core reads after the death
 * and trusts nothing in it: strings may lack their end, numbers may be anything. */
#ifndef SUPERVISE_BLACKBOX_H
#define SUPERVISE_BLACKBOX_H

#include <stdint.h>
#include <string.h>

enum { BLACKBOX_SIZE = 4096 };

/* Why a guest ended by itself with a reason. */
enum blackbox_end {
    END_NONE = 0,
    END_SIGNAL = 1,    /* the crash handler ran */
    END_FORBIDDEN = 2, /* the fence stopped it */
    END_REFUSED = 3    /* it could not start: not a plugin, another ABI, … */
};

struct blackbox {
    volatile uint32_t call, method; /* the call in hand */
    volatile int64_t item;          /* index of the item in hand, -1 none */
    volatile int32_t line;          /* line of the rule in hand */
    volatile uint32_t end;          /* enum blackbox_end */
    volatile int32_t signal;
    volatile uint64_t address; /* of the fault */
    char rule[128];            /* rule in hand */
    char what[256];            /* one sentence */
    char trace[1024];          /* backtrace */
};

/* Maps the descriptor; NULL when it is not a page of ours. Async-signal-safe setters follow; each
 * takes NULL as nothing to do. */
struct blackbox *blackbox_map(int fd);
void blackbox_unmap(struct blackbox *box);
/* A fresh sealed one; `*fd` is close-on-exec and the caller's. NULL with errno. */
struct blackbox *blackbox_new(int *fd);

static inline void blackbox_call(struct blackbox *box, uint32_t call, uint32_t method) {
    if (!box) return;
    box->item = -1;
    box->line = 0;
    box->rule[0] = 0;
    box->method = method;
    box->call = call;
}
static inline void blackbox_item(struct blackbox *box, int64_t item) {
    if (box) box->item = item;
}
static inline void blackbox_text(char *to, size_t size, const char *text) {
    size_t i = 0;
    for (; i + 1 < size && text[i]; i++) to[i] = text[i];
    to[i] = 0;
}
static inline void blackbox_rule(struct blackbox *box, const char *rule, int line) {
    if (!box) return;
    box->line = line;
    blackbox_text(box->rule, sizeof box->rule, rule);
}
/* The first reason stays: what follows is its consequence. */
static inline void blackbox_end(struct blackbox *box, enum blackbox_end end, const char *what) {
    if (!box || box->end != END_NONE) return;
    blackbox_text(box->what, sizeof box->what, what);
    box->end = (uint32_t)end;
}

/* The word for an enum wire_method. */
const char *method_word(uint32_t method);

#endif
