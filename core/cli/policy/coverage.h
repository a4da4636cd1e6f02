/* What `sori policy coverage` found, for those who print it. */
#ifndef CLI_POLICY_COVERAGE_H
#define CLI_POLICY_COVERAGE_H

#include "cli/cli.h"
#include "lua/cover/seen.h"

struct coverage {
    const char *dir;
    const struct cover *cover;
    const struct cover_seen *seen;
    int64_t decisions;   /* of history, re-decided; the rest of seen->count are tests */
    bool history;        /* it was read */
    const char *without; /* why it was not, or NULL: nobody asked for it */
};

void coverage_put_text(const struct coverage *c, bool all, FILE *out);
/* What became of facts that really were: which cells and rules they reach, what they are decided
 * unequally by. */
void coverage_put_seen(const struct coverage *c, bool all, FILE *out);
json_t *coverage_to_json(const struct coverage *c);
json_t *coverage_seen_json(const struct coverage *c);
/* "said: comment, neutral person, positive tone" */
void coverage_put_place(FILE *out, const struct cover_cell *cell);

#endif
