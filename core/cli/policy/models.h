/* The classifiers of the live generation, by their own bytes. */
#ifndef CLI_POLICY_MODELS_H
#define CLI_POLICY_MODELS_H

#include "base/err.h"
#include "proof/rescore.h"

enum { POLICY_MODELS_MOST = 16 };

/* Fills `out` with the models that are live in `workspace` (a path), asked of a running Sori; how
 * many, or -1 with `err`. Its texts are the caller's: policy_models_free. */
int policy_models(const char *workspace, struct rescore_model out[POLICY_MODELS_MOST],
                  struct err *err);
void policy_models_free(struct rescore_model *models, int n);

#endif
