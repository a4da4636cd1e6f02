/* The send gate: ten checks that every word of ours passes, or is held with the name of the one
 * that it did not pass. What they ask is the bundle's guide, `sori.guide { … }`. Only files of the
 * policy engine include this. */
#ifndef LUA_CHECK_H
#define LUA_CHECK_H

#include "lua/policy_inner.h"

/* In the order in which they are shown. */
enum check {
    CHECK_ORIGIN,
    CHECK_GOAL,
    CHECK_SOURCES,
    CHECK_PERSONAL,
    CHECK_TONE,
    CHECK_SIDE,
    CHECK_TIMING,
    CHECK_INFLUENCE,
    CHECK_CHANNEL,
    CHECK_ONE_VOICE,
    CHECKS
};

/* Lists of words in the guide, each by a key: a language, "any", a connection, a topic. */
enum guide_set {
    SET_BANNED,
    SET_APOLOGY,
    SET_ORIGIN,
    SET_AUTOMATIC, /* of what leaves with nobody having looked */
    SET_NEXT_STEP,
    SET_CLAIMS,
    SET_POINTS,
    SETS
};

struct guide_list {
    struct sori_str key;
    int number; /* of the list in the book; -1: nothing is asked for this key */
    int raised; /* of a point: the same list in the bundle's own book, which is asked anyway */
};
struct freeze {
    int64_t from, to; /* ms UTC; `to` is the first moment after it */
    struct sori_str why;
    bool all; /* every reply, not the cheerful ones alone */
};
struct guide {
    const char *file; /* where it was said; NULL: nowhere, and only what needs no guide is asked */
    int line;
    const char *home; /* where its table is written */
    int home_line;
    bool goal;
    struct guide_list *lists[SETS];
    size_t counts[SETS];
    int64_t people, within;   /* the same words to so many, in so many ms; 0 not asked */
    int64_t personal, expert; /* readers from which on; 0 not asked */
    struct sori_str *experts;
    size_t expert_count;
    struct freeze *freezes;
    size_t freeze_count;
    int64_t surge_least, surge_times; /* times x100; least 0: not asked */
    struct word_book book;
    struct facts ours;       /* scratch: which words a reply has */
    struct buf intents, why; /* scratch */
};

/* A guide that asks for nothing beyond what needs none. */
void guide_open(struct policy *p);
void guide_free(struct policy *p);
/* When all files have run: what the guide does not say. */
void guide_settle(struct policy *p, struct buf *errors);
/* sori.guide { … } */
int guide_read(lua_State *L);
/* Its types for editors. */
void guide_meta(struct buf *out);

/* For the lint of texts. Is there a word in it that the guide bans in that language? */
bool guide_bans(struct policy *p, struct sori_str lang, struct sori_str text,
                struct sori_str *word);
/* Does it apologise? True as well where the guide knows no words for that in this language. */
bool guide_apologises(struct policy *p, struct sori_str lang, struct sori_str text);

/* One reply that is held against the checks. */
struct checking {
    struct policy *p;
    struct guide *g;
    const struct facts *f;
    struct sori_str intent, intents, text, lang, source;
    const struct template *template;
    int verb, direction, goal;
    bool approve;
    bool tell;       /* why one is passed, too */
    struct buf *why; /* of the check in hand */
};

extern const char *const check_names[CHECKS];
struct checking check_begin(struct policy *p, struct sori_str intent, int direction);
/* Is it passed? Says why not, and why where `tell` is set. */
bool check_ask(struct checking *c, enum check n);
/* Is it the kind of reply that a day of mourning does not bear? */
bool check_cheerful(const struct checking *c);
/* The list of that key, or NULL; its word that is in a text that was searched, or an empty one. */
const struct guide_list *guide_list(const struct guide *g, enum guide_set set, struct sori_str key);
struct sori_str guide_found(const struct guide *g, const struct facts *in,
                            const struct guide_list *l);

/* Holds what the decision in hand (p->intents) says against the checks: what fails gets
 * INTENT_CHECK and waits for a person. `direction`: what the decision is for, 0 unknown. */
void checks_apply(struct policy *p, int direction);
/* The ten of one speaking intention, each passed or not, with its reason: a line each. */
void checks_print(struct policy *p, struct sori_str intent, int direction, struct buf *out);
/* The same as rep rec CHECKED_CHECK. */
void checks_put(struct policy *p, struct sori_str intent, int direction, struct buf *out);

#endif
