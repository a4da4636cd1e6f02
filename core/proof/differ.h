/* Why two policies decide the same facts differently, from their own accounts (policy_explain). */
#ifndef PROOF_DIFFER_H
#define PROOF_DIFFER_H

#include "base/buf.h"

/* Appends lines of people's text: each rule or note that fired by the one and not by the other,
 * with the conditions that failed. `…_about` is policy_describe's text of each. */
void differ_put(struct sori_str then, struct sori_str now, struct sori_str then_about,
                struct sori_str now_about, struct buf *out);

#endif
