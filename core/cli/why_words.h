/* Which words made a classifier say what it said: the model of then, in a fenced worker. */
#ifndef CLI_WHY_WORDS_H
#define CLI_WHY_WORDS_H

#include "cli/cli.h"

/* What one word of a text added to a label's log-odds, in 1/10,000. */
struct why_word {
    uint32_t from, to; /* bytes of the text */
    int64_t weight;
};
struct why_words {
    struct why_word *words; /* heaviest first */
    size_t n;
    char label[64];
};
/* Where a part of a generation (an object of its "plugins" or "models") lies as it was then:
 * "tone.ko" is WORKSPACE/data/parts/tone.3fa9c01277aa0912.ko. `end` is ".so" for plugins. False
 * where it is not kept any more. */
bool why_part_path(const char *workspace, const json_t *part, const char *end, struct buf *out);
/* Asks the model `id` among the parts of a generation (a row of why's "generations") about `text`;
 * `tone` is the word of a label, or none of them: then the likeliest is meant. False with a reason
 * where that model is not there any more or cannot tell. Free with why_words_free. */
bool why_words_ask(const char *workspace, const json_t *generation, struct sori_str id,
                   struct sori_str text, struct sori_str lang, struct sori_str tone,
                   struct why_words *out, struct err *err);
void why_words_free(struct why_words *w);

#endif
