/* What the forms of `sori policy` share. Each form parses its own words; argv[0] is its name. */
#ifndef CLI_POLICY_WORDS_H
#define CLI_POLICY_WORDS_H

#include "cli/cli.h"

int policy_form_test(int argc, char **argv);
int policy_form_try(int argc, char **argv);
int policy_form_coverage(int argc, char **argv);
int policy_form_backtest(int argc, char **argv);
int policy_form_types(int argc, char **argv);

/* Reads the policy in `dir` for the engine: the bundle, and as env what the sori.lua beside the
 * folder says; without one any department and any language will do. Both are overwritten. */
bool policy_folder(const char *dir, struct buf *bundle, struct buf *env, struct err *err);

#endif
