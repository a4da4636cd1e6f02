/* What `sori policy coverage` found, for those who print it. */
#ifndef CLI_POLICY_COVERAGE_H
#define CLI_POLICY_COVERAGE_H

#include "cli/cli.h"
#include "lua/cover.h"

struct coverage {
    const char *dir;
    const struct cover *cover;
};

void coverage_put_text(const struct coverage *c, bool all, FILE *out);
json_t *coverage_to_json(const struct coverage *c);

#endif
