/* A plugin's guide, step by step. */
#ifndef CLI_GUIDE_H
#define CLI_GUIDE_H

#include "cli/connection/connection.h"

struct step {
    int64_t kind; /* enum sori_step_kind */
    struct sori_str name, text, only;
    bool made; /* not the plugin's own step: what is not required may be left out */
};

struct guide {
    struct connecting *x;
    struct step *steps; /* of the descriptor, or made from its tables; borrowed strings */
    size_t count;
    bool yes;        /* go on where a check misses something */
    json_t *health;  /* the last look; NULL: something changed since */
    bool told;       /* it was shown */
    struct err *err; /* why it ended */
};

/* Runs it and writes the connection: an exit code, `err` where it is not 0. */
int guide_lead(struct connecting *x, bool yes, struct err *err);

/* ---- guide_ask.c: options and credentials; false where the person stopped ---- */
bool guide_option(struct guide *g, struct sori_str name, struct sori_str text);
bool guide_slot(struct guide *g, struct sori_str name, struct sori_str text);
/* Fills a slot with random letters and shows them once. */
bool guide_make(struct guide *g, const struct step *s);

/* ---- guide_check.c: the platform's answer ---- */
/* False: the person stopped, or nobody can be asked and it is not as it should be. */
bool guide_check(struct guide *g, const struct step *s);
void guide_forget(struct guide *g); /* what was seen: something changed */

/* ---- */
bool guide_applies(const struct guide *g, const struct step *s);
/* Prints text broken at blanks to the width of the terminal, with `indent` blanks in front. */
void guide_say(struct sori_str text, size_t indent);

#endif
