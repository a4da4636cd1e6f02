/* HTML to plain text, and the few things that a feed or a head of a page is searched for. For the
 * tree of a page as browsers build it use gumbo; here tags are enough. */
#ifndef COMMON_HTML_H
#define COMMON_HTML_H

#include "common/text.h"

/* Appends `s` with its character references decoded once. References to U+0080..U+009F mean
 * windows-1252, as everywhere on the web. */
void html_decode(struct text *out, struct sori_str s);

/* Appends what a reader would see: tags gone, references decoded, blanks folded, a new line where
 * a block or <br> ends one, an empty line between paragraphs. Scripts, styles and comments are
 * dropped. */
void html_plain(struct text *out, struct sori_str html);

/* Appends `s` with runs of blanks (no-break spaces too) as one space, none at the ends. */
void text_fold(struct text *out, struct sori_str s);

/* A tag as it stands in the text. `name` as written, `attributes` the text behind it. */
struct html_tag {
    struct sori_str name, attributes;
    bool closing;
};
/* Moves past the next tag; `before` is the text in front of it. False at the end, where `before`
 * is what was left. Comments, declarations and processing instructions are passed over. */
bool html_next(struct sori_str *rest, struct sori_str *before, struct html_tag *tag);

/* Appends the decoded value of an attribute. False where the tag does not have it. */
bool html_attribute(const struct html_tag *tag, const char *name, struct text *out);

/* Has this list of words, split at blanks, the word (ASCII case ignored)? */
bool html_has_word(struct sori_str words, const char *word);

#endif
