/* What the forms of `sori policy` share. Each form parses its own words; argv[0] is its name. */
#ifndef CLI_POLICY_WORDS_H
#define CLI_POLICY_WORDS_H

#include "cli/cli.h"
#include "lua/case/case.h"

int policy_form_test(int argc, char **argv);
int policy_form_try(int argc, char **argv);
int policy_form_coverage(int argc, char **argv);
int policy_form_backtest(int argc, char **argv);
int policy_form_shadow(int argc, char **argv);
int policy_form_save(int argc, char **argv);
int policy_form_types(int argc, char **argv);

/* Reads the policy in `dir` for the engine: the bundle, and as env what the sori.lua beside the
 * folder says; without one any department and any language will do. Both are overwritten. */
bool policy_folder(const char *dir, struct buf *bundle, struct buf *env, struct err *err);
/* The same, and what its levels mean with the models that are live in the workspace beside it: a
 * reload runs the tests with these. Where no Sori runs there a precision is its own score. */
bool policy_folder_live(const char *dir, struct buf *bundle, struct buf *env, struct err *err);
/* Appends to `env` the labels that the models of this running workspace give. */
void policy_live_labels(const char *workspace, struct buf *env);

/* Writes a file of the policy in `dir`, which gets no larger than a bundle takes, and never through
 * a link; folders on the way are made. */
bool policy_file_write(const char *dir, const char *path, struct sori_str bytes, struct err *err);
/* Writes the golden decisions of the run where they differ from what is in `dir`, takes away files
 * that no case asks for, and says so on `out`. False where something could not be written. */
bool policy_golden_write(const char *dir, const struct case_run *run, FILE *out);

#endif
