#include "page.h"

#include "common/html.h"
#include "common/url.h"

#include <setjmp.h>
#include <time.h>

enum { MEMORY_MAX = 96 << 20, CPU_SECONDS = 2, LOOK_EVERY = 64 };

/* gumbo cannot be told that memory is refused, so it is left by a jump; all that it had lives in
 * the arena, and nothing is lost. Time is bounded at the same place: thousands of different open
 * formatting elements are compared with each other, and a page may be made of nothing else. */
struct budget {
    struct page *page;
    clock_t begun;
    unsigned calls;
    jmp_buf over;
};

static void *take(void *ctx, size_t size) {
    struct budget *b = ctx;
    b->page->used += size;
    if (b->page->used > MEMORY_MAX) longjmp(b->over, 1);
    if (++b->calls % LOOK_EVERY == 0 && clock() - b->begun > CPU_SECONDS * CLOCKS_PER_SEC)
        longjmp(b->over, 1);
    return arena_get(&b->page->memory, size ? size : 1);
}

static void give_back(void *ctx, void *memory) {
    (void)ctx;
    (void)memory;
}

static void find_base(struct page *p) {
    p->base = p->url;
    for (const GumboNode *n = p->root; n; n = page_next(n, p->root)) {
        bool there;
        if (!page_is(n, GUMBO_TAG_BASE)) continue;
        struct sori_str href = page_attribute(n, "href", &there);
        if (!there) continue;
        struct sori_str base = page_resolve(p, &p->memory, s_trim(href));
        if (url_is_http(base)) p->base = base;
        return;
    }
}

bool page_open(struct page *p, struct sori_str html, struct sori_str url) {
    struct budget b = {.page = p, .begun = clock()};
    *p = (struct page){0};
    p->url = p->base = arena_copy(&p->memory, url);
    if (setjmp(b.over)) return false;
    GumboOptions options = kGumboDefaultOptions;
    options.allocator = take;
    options.deallocator = give_back;
    options.userdata = &b;
    options.max_errors = 0;
    GumboOutput *out = gumbo_parse_with_options(&options, html.len ? html.ptr : "", html.len);
    p->root = out->document;
    find_base(p);
    return true;
}

void page_close(struct page *p) {
    arena_free(&p->memory);
    p->root = NULL;
}

static const GumboVector *children_of(const GumboNode *n) {
    if (n->type == GUMBO_NODE_DOCUMENT) return &n->v.document.children;
    if (n->type == GUMBO_NODE_ELEMENT || n->type == GUMBO_NODE_TEMPLATE)
        return &n->v.element.children;
    return NULL;
}

const GumboNode *page_skip(const GumboNode *at, const GumboNode *top) {
    while (at && at != top && at->parent) {
        const GumboVector *siblings = children_of(at->parent);
        if (at->index_within_parent + 1 < siblings->length)
            return siblings->data[at->index_within_parent + 1];
        at = at->parent;
    }
    return NULL;
}

const GumboNode *page_next(const GumboNode *at, const GumboNode *top) {
    const GumboVector *children = children_of(at);
    if (children && children->length) return children->data[0];
    return page_skip(at, top);
}

const GumboElement *page_element(const GumboNode *n) {
    bool element = n && (n->type == GUMBO_NODE_ELEMENT || n->type == GUMBO_NODE_TEMPLATE);
    return element ? &n->v.element : NULL;
}

bool page_is(const GumboNode *n, GumboTag tag) {
    const GumboElement *e = page_element(n);
    return e && e->tag == tag;
}

struct sori_str page_attribute(const GumboNode *n, const char *name, bool *there) {
    const GumboElement *e = page_element(n);
    const GumboAttribute *a = e ? gumbo_get_attribute(&e->attributes, name) : NULL;
    if (there) *there = a != NULL;
    return a ? s_of(a->value) : (struct sori_str){0};
}

bool page_has_class(const GumboNode *n, const char *name) {
    return html_has_word(page_attribute(n, "class", NULL), name);
}

static bool is_silent(const GumboNode *n) {
    return page_is(n, GUMBO_TAG_SCRIPT) || page_is(n, GUMBO_TAG_STYLE) ||
           page_is(n, GUMBO_TAG_TEMPLATE) || page_is(n, GUMBO_TAG_NOSCRIPT) ||
           page_is(n, GUMBO_TAG_TITLE);
}

static bool is_block(const GumboNode *n) {
    static const GumboTag inline_tags[] = {
        GUMBO_TAG_A,    GUMBO_TAG_B,    GUMBO_TAG_I,      GUMBO_TAG_EM,   GUMBO_TAG_STRONG,
        GUMBO_TAG_SPAN, GUMBO_TAG_FONT, GUMBO_TAG_U,      GUMBO_TAG_S,    GUMBO_TAG_SMALL,
        GUMBO_TAG_CITE, GUMBO_TAG_Q,    GUMBO_TAG_ABBR,   GUMBO_TAG_CODE, GUMBO_TAG_TIME,
        GUMBO_TAG_MARK, GUMBO_TAG_SUB,  GUMBO_TAG_SUP,    GUMBO_TAG_IMG,  GUMBO_TAG_BIG,
        GUMBO_TAG_DEL,  GUMBO_TAG_INS,  GUMBO_TAG_STRIKE, GUMBO_TAG_DATA};
    const GumboElement *e = page_element(n);
    if (!e) return false;
    for (size_t i = 0; i < sizeof inline_tags / sizeof inline_tags[0]; i++)
        if (e->tag == inline_tags[i]) return false;
    return true;
}

static void end_line(struct text *out) {
    while (out->len && out->data[out->len - 1] == ' ') out->len--;
    if (out->len && out->data[out->len - 1] != '\n') text_char(out, '\n');
}

static void add_words(struct text *out, struct sori_str s) {
    for (size_t i = 0; i < s.len; i++) {
        bool nbsp = i + 1 < s.len && (uint8_t)s.ptr[i] == 0xc2 && (uint8_t)s.ptr[i + 1] == 0xa0;
        if (nbsp || s_blank(s.ptr[i])) {
            bool open =
                out->len && out->data[out->len - 1] != ' ' && out->data[out->len - 1] != '\n';
            if (open) text_char(out, ' ');
            i += nbsp;
        } else {
            text_char(out, s.ptr[i]);
        }
    }
}

void page_text(struct text *out, const GumboNode *top, const GumboNode *mark, size_t *at) {
    const GumboNode *n = top;
    while (n) {
        if (n == mark) *at = out->len;
        if (n->type == GUMBO_NODE_TEXT || n->type == GUMBO_NODE_WHITESPACE ||
            n->type == GUMBO_NODE_CDATA)
            add_words(out, s_of(n->v.text.text));
        if (is_block(n)) end_line(out);
        const GumboNode *next = is_silent(n) ? page_skip(n, top) : page_next(n, top);
        /* Blocks that end between here and there end their line too. */
        if (next)
            for (const GumboNode *up = n; up && up != next->parent && up != top; up = up->parent)
                if (is_block(up)) end_line(out);
        n = next;
    }
    while (out->len && s_blank(out->data[out->len - 1])) out->len--;
}

struct sori_str page_resolve(const struct page *p, struct arena *a, struct sori_str ref) {
    struct text t = {0};
    url_resolve(&t, p->base, ref);
    return text_keep(&t, a);
}
