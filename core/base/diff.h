/* What changed between two texts, line by line, as `diff -u` shows it. */
#ifndef BASE_DIFF_H
#define BASE_DIFF_H

#include "base/buf.h"

struct diff_count {
    size_t added, removed;
};
/* How many lines came and went. */
struct diff_count diff_count(struct sori_str old, struct sori_str new);
/* Appends "--- a/NAME", "+++ b/NAME" and the hunks with three lines around each change; nothing
 * where both are equal. `old` or `new` with ptr NULL: there was, or is, no such file. */
void diff_unified(struct sori_str old, struct sori_str new, const char *name, struct buf *out);

#endif
