#ifndef CLI_WHY_MORE_H
#define CLI_WHY_MORE_H

#include "cli/cli.h"

/* Each plugin in `row` gets its "version", as the copy says that is kept of it; null where none is
 * kept any more. */
void why_versions_add(json_t *row, const char *workspace);
/* `row` is why's answer, `d` one of its decisions, `facts` the record it was made from. */
void why_generation_put(struct buf *b, const json_t *row, int64_t id);
void why_person_put(struct buf *b, const json_t *row);
void why_after_put(struct buf *b, bool color, const json_t *row);
/* Which words made the classifier say what it said. */
void why_words_put(struct buf *b, const char *workspace, const json_t *row, const json_t *d,
                   struct sori_str facts);
/* The same: {"label", "words": [{"word", "weight"}]}, or null. */
json_t *why_words_json(const char *workspace, const json_t *row, const json_t *d,
                       struct sori_str facts);
/* [{"kind", "name", "where", "conditions": [{"name", "wanted", "seen", "holds"}], "check": {"why",
 * "answer"} or null, "fired"}] of what policy_tried gives. */
json_t *why_tried_json(struct sori_str tried);

#endif
