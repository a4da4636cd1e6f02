/* A page as a browser builds it, by gumbo; bounded in memory, walked without recursion, so that no
 * page can end the process by its depth or its size. */
#ifndef TRACKBACK_PAGE_H
#define TRACKBACK_PAGE_H

#include "common/text.h"

#include <gumbo.h>

struct page {
    struct arena memory; /* everything of gumbo's, freed at once */
    size_t used;
    const GumboNode *root;
    struct sori_str url, base; /* base: after <base href>; both live in `memory` */
};

/* Parses UTF-8. False where the page needs more memory than a page may. The text must outlive the
 * page. Close in any case. */
bool page_open(struct page *p, struct sori_str html, struct sori_str url);
void page_close(struct page *p);

/* The node behind `at` in document order, below `top`; NULL at the end. */
const GumboNode *page_next(const GumboNode *at, const GumboNode *top);
/* The same without the children of `at`. */
const GumboNode *page_skip(const GumboNode *at, const GumboNode *top);
/* The element, or NULL for text and comments. */
const GumboElement *page_element(const GumboNode *node);
bool page_is(const GumboNode *node, GumboTag tag);
/* The value of an attribute; empty where it is absent, `there` (may be NULL) tells which. */
struct sori_str page_attribute(const GumboNode *node, const char *name, bool *there);
bool page_has_class(const GumboNode *node, const char *name);
/* Appends the text below `top`, blanks folded, a new line where a block ends. Where `mark` is met
 * its offset in `out` is written to `*at`. */
void page_text(struct text *out, const GumboNode *top, const GumboNode *mark, size_t *at);
/* Resolves against the page's base; lives in `a`. */
struct sori_str page_resolve(const struct page *p, struct arena *a, struct sori_str ref);

#endif
