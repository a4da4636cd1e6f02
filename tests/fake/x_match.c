/* X's query language, as far as tests need it: words, "phrases", #tags, @people, from: to: lang:
 * conversation_id: in_reply_to_tweet_id: retweets_of_tweet_id: url: is: has:, negation, OR, and
 * parentheses. AND binds tighter than OR. Anything else is refused, as X refuses it. */
#include "fake/x.h"

#include <ctype.h>
#include <stdlib.h>

struct query {
    struct fake *f;
    const char *p;
    const json_t *post;
    char *text; /* of the post, lower case, with its links as they lead */
    const char *why;
    bool alone; /* there is something that may stand alone */
};

static bool either(struct query *q, int depth);

static void lower(char *s) {
    for (; *s; s++) *s = (char)tolower((unsigned char)*s);
}

static void skip_blanks(struct query *q) {
    while (*q->p == ' ') q->p++;
}

static bool holds(struct query *q, const char *what) {
    char *low = mem_text(str_c(what));
    lower(low);
    bool found = strstr(q->text, low) != NULL;
    free(low);
    q->alone = true;
    return found;
}

static bool same_person(struct query *q, const char *id, const char *name) {
    const json_t *user = x_user(q->f, id);
    q->alone = true;
    if (*name == '@') name++;
    return strcmp(id, name) == 0 || (user && strcasecmp(json_text(user, "username"), name) == 0);
}

static bool is_what(struct query *q, const char *what) {
    if (strcmp(what, "reply") == 0) return *json_text(q->post, "reply_to");
    if (strcmp(what, "retweet") == 0) return *json_text(q->post, "repost_of");
    if (strcmp(what, "quote") == 0) return *json_text(q->post, "quote_of");
    if (strcmp(what, "verified") == 0)
        return json_is_true(
            json_object_get(x_user(q->f, json_text(q->post, "author_id")), "verified"));
    q->why = "Invalid operator is:";
    return false;
}

static bool has_what(struct query *q, const char *what) {
    if (strcmp(what, "links") == 0) return strstr(q->text, "http") != NULL;
    if (strcmp(what, "mentions") == 0) return strchr(q->text, '@') != NULL;
    if (strcmp(what, "hashtags") == 0) return strchr(q->text, '#') != NULL;
    if (strcmp(what, "media") == 0 || strcmp(what, "images") == 0) return false;
    q->why = "Invalid operator has:";
    return false;
}

static bool operator(struct query *q, const char *name, const char *value) {
    const json_t *above = x_post(q->f, json_text(q->post, "reply_to"));
    bool same = true;
    if (strcmp(name, "from") == 0) return same_person(q, json_text(q->post, "author_id"), value);
    if (strcmp(name, "to") == 0)
        return above && same_person(q, json_text(above, "author_id"), value);
    if (strcmp(name, "lang") == 0) return strcmp(json_text(q->post, "lang"), value) == 0;
    if (strcmp(name, "is") == 0) return is_what(q, value);
    if (strcmp(name, "has") == 0) return has_what(q, value);
    q->alone = true;
    if (strcmp(name, "url") == 0) return holds(q, value);
    if (strcmp(name, "conversation_id") == 0)
        same = strcmp(json_text(q->post, "conversation_id"), value) == 0;
    else if (strcmp(name, "in_reply_to_tweet_id") == 0)
        same = strcmp(json_text(q->post, "reply_to"), value) == 0;
    else if (strcmp(name, "retweets_of_tweet_id") == 0)
        same = strcmp(json_text(q->post, "repost_of"), value) == 0;
    else
        q->why = "Reference to invalid operator";
    return same;
}

static char *token(struct query *q, bool *quoted) {
    *quoted = *q->p == '"';
    const char *from = *quoted ? ++q->p : q->p;
    size_t n = *quoted ? strcspn(from, "\"") : strcspn(from, " ()\"");
    q->p = from + n;
    if (*quoted && *q->p != '"') q->why = "There is a quotation mark without its other half";
    if (*quoted && *q->p == '"') q->p++;
    return mem_text((struct sori_str){from, n});
}

static bool term(struct query *q, int depth) {
    bool no = *q->p == '-', quoted, yes;
    if (no) q->p++;
    if (*q->p == '(') {
        q->p++;
        yes = either(q, depth + 1);
        if (*q->p != ')') q->why = "missing ')'";
        if (*q->p) q->p++;
        if (no) q->why = "A group cannot be negated";
        return yes;
    }
    char *word = token(q, &quoted), *colon = quoted ? NULL : strchr(word, ':');
    if (!*word && !q->why) q->why = "no viable alternative";
    if (colon && colon != word) {
        *colon = '\0';
        bool phrase = !colon[1] && *q->p == '"';
        char *value = phrase ? token(q, &quoted) : mem_text(str_c(colon + 1));
        yes = operator(q, word, value);
        free(value);
    } else if (*word == '$') {
        q->why = "cashtags are not known to this fake";
        yes = false;
    } else {
        yes = holds(q, word);
    }
    free(word);
    return no ? !yes : yes;
}

static bool both(struct query *q, int depth) {
    bool yes = true;
    for (skip_blanks(q); *q->p && *q->p != ')' && !q->why; skip_blanks(q)) {
        if (strncmp(q->p, "OR ", 3) == 0) break;
        yes = term(q, depth) && yes;
    }
    return yes;
}

static bool either(struct query *q, int depth) {
    if (depth > 20) q->why = "too many parentheses";
    bool yes = both(q, depth);
    while (!q->why && strncmp(q->p, "OR ", 3) == 0) {
        q->p += 3;
        yes = both(q, depth) || yes;
    }
    return yes;
}

enum x_match x_matches(struct fake *f, const char *query, const json_t *post, const char **why) {
    struct buf text = {0};
    const json_t *original = post ? x_post(f, json_text(post, "repost_of")) : NULL;
    buf_puts(&text, post ? json_text(original ? original : post, "raw") : "");
    buf_putc(&text, '\0');
    lower(text.data);
    struct query q = {.f = f, .p = query, .post = post, .text = text.data};
    bool yes = either(&q, 0);
    if (!q.why && *q.p) q.why = "extraneous input";
    if (!q.why && !q.alone)
        q.why = "Rules must contain a non-negated standalone operator beside is:, has:, lang:";
    buf_free(&text);
    if (why) *why = q.why;
    return q.why ? X_BAD : yes ? X_YES : X_NO;
}
