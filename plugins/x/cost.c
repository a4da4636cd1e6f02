/* What calls cost, and the day's budget. Prices are those of self-serve access; an enterprise
 * contract has its own, which are not ours to count. */
#include "x/x.h"

enum { DAY_MS = 86400000 };

static const struct sori_cost_host *purse(struct x *x) {
    return x->host->extension ? x->host->extension(x->host, SORI_COST_ID) : NULL;
}

void x_spend(struct x *x, const char *what, int64_t micros) {
    const struct sori_cost_host *p = purse(x);
    if (p && micros > 0 && !x->conf.enterprise) p->spend(x->host, s_of(what), micros);
}

static bool within(struct x *x, int64_t more, int64_t limit) {
    const struct sori_cost_host *p = purse(x);
    return !x->conf.budget || !p || p->spent(x->host) + more <= limit;
}

bool x_may_read(struct x *x) { return within(x, 1, x->conf.budget / 10 * 9); }

bool x_may_spend(struct x *x, int64_t micros) { return within(x, micros, x->conf.budget); }

int64_t x_midnight(struct x *x) {
    int64_t now = x->host->now(x->host);
    return now - now % DAY_MS + DAY_MS;
}
