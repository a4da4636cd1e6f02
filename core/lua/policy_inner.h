/* What the files of the policy engine share; nobody else includes it. */
#ifndef LUA_POLICY_INNER_H
#define LUA_POLICY_INNER_H

#include "base/arena.h"
#include "base/enums.h"
#include "base/item.h"
#include "lua/policy.h"
#include "lua/sandbox/sandbox.h"
#include "lua/tried.h"

enum {
    FACT_TOP = 64,        /* tags below this */
    LABELS_MAX = 64,      /* labels that one bundle may ask for */
    ENV_LABELS_MAX = 256, /* labels of all models together */
    LEVEL_USES_MAX = 128, /* of levels on labels, listed by plans */
    CELLS_MAX = 64,
    LISTS_MAX = 256, /* lists of words */
    RULES_MAX = 512,
    ACTS_MAX = 64, /* intentions of one decision */
    SLOT_TEXT_MAX = 80,
    NAME_MAX_BYTES = 200,      /* of a rule, tag, cell, … */
    TEXT_MAX_BYTES = 64 << 10, /* of what one intention says */
    DECISION_MAX = 256 << 10,  /* bytes of all intentions of one decision */
    PIECES_MAX = 256,          /* slots and what stands between, in one text */
    LIST_MAX = 4096,           /* entries of one list in a condition */
    CONDS_MAX = 256,           /* conditions in one table */
    ERRORS_MAX = 64 << 10,     /* bytes of complaints about one bundle */
    LABEL_PRESENT = 5000,      /* a score from which on a text has a label */
    WORD_STEPS = 2000000       /* words held against one text, 5 to 40 ms */
};

struct reader;
struct head;

/* ---- facts (fact.c) ---- */

enum fact_type { FT_INT, FT_STR, FT_BOOL, FT_TIME, FT_ENUM };

struct fact_info {
    uint8_t tag;
    enum fact_type type;
    const char *lua, *help;
    const char *(*word)(int64_t);
    int (*of)(struct sori_str);
};
extern const struct fact_info fact_table[];
extern const size_t fact_count;
const struct fact_info *fact_by_name(struct sori_str lua);
const struct fact_info *fact_by_tag(uint32_t tag);

/* One record, decoded. */
struct facts {
    uint64_t have;
    struct rec_field f[FACT_TOP];
    uint64_t have_score, listed; /* listed: the score comes from a list of words */
    /* Asked for in this decision and not there: by tag, by label, by cell. */
    uint64_t missed, missed_score, missed_cell, have_cell;
    int64_t score[LABELS_MAX]; /* by number of the label in the policy */
    int64_t cell[CELLS_MAX];   /* 0 where never set */
    int16_t found[LISTS_MAX];  /* by list: which of its words is in the text, -1 none */
    bool windows;              /* there are some of topics */
    bool searched, exhausted;  /* exhausted: the search ended at WORD_STEPS */
    struct sori_str record;
};
struct policy;
bool facts_read(const struct policy *p, struct facts *f, struct sori_str record);
static inline bool fact_has(const struct facts *f, uint32_t tag) { return f->have >> tag & 1; }
/* Appends one fact's value as a person reads it: a word, a number, a text, a time; "unknown". */
void fact_print(struct buf *b, const struct fact_info *info, const struct facts *f);
/* 4520000 → "1 h 15 min". */
void span_print(struct buf *b, int64_t ms);
/* The same with nothing left out, for what a policy wants: 90000 → "1 min 30 s". */
void span_exact(struct buf *b, int64_t ms);

/* Puts a fact into a record from what a test, a JSON or a person gave: exactly one of number, text
 * and truth is meant. */
struct loose {
    enum { LOOSE_NUMBER, LOOSE_TEXT, LOOSE_TRUTH } type;
    double number;
    struct sori_str text;
    bool truth;
};
bool fact_put(struct buf *record, const struct fact_info *info, const struct loose *v,
              struct err *err);
void label_put(struct buf *record, struct sori_str label, int64_t score);
void cell_put(struct buf *record, struct sori_str cell, int64_t value);
/* `usual`: 2.1 an hour; less than 0: not known yet. */
void window_put(struct buf *record, struct sori_str topic, int64_t hour, double usual);
/* 0.62 or 6200 → 6200; -1 where it is neither. */
int64_t score_of(double number);

/* ---- words (words.c) ---- */

struct word {
    uint32_t *code; /* folded */
    uint16_t len, list, index;
    bool loose_start, loose_end;
    struct word *next; /* of the same bucket */
};
struct word_book {
    struct word *bucket[256];
    size_t lists;
    struct sori_str *shown[LISTS_MAX]; /* the words as written, by list */
    size_t count[LISTS_MAX];
    uint32_t *folded; /* scratch of the text in hand */
    size_t folded_cap;
};
/* A new list; its number, or -1 where the book is full. */
int words_add(struct word_book *book, struct arena *arena, const struct sori_str *words, size_t n);
/* Can this entry of a list be found at all? */
bool words_fit(struct reader *r, int line, const char *what, size_t number, struct sori_str word);
void words_search(struct word_book *book, struct sori_str text, struct facts *f);
/* Searches the text of the facts, once; where there is none, nothing. */
void words_ask(const struct policy *p, struct facts *f);
/* Letters folded, runs of blanks as one; `out` has room for as many as `s` has bytes. */
size_t words_fold(struct sori_str s, uint32_t *out);
/* Jamo that belong together become one syllable, as in NFC: true where `c` went into `last`. */
bool words_compose(uint32_t *last, uint32_t c);
/* Is one of the names this one, but for its syllables, which are in parts? Two that look the same.
 */
bool in_parts(struct sori_str name, const char *const *names, size_t n);
#define IN_PARTS                                                                                   \
    "a file of this name is there, but its syllables are written in parts (NFD), as some Macs "    \
    "do: rename it, typing its name anew"
/* Does a word go on with it? (A folded code point.) */
bool words_letter(uint32_t c);
/* Does the text have one of the words? */
bool words_in(struct sori_str text, const struct sori_str *words, size_t n);

/* ---- conditions (cond.c) ---- */

/* In the order of what they cost. */
enum cond_op {
    COND_SET,
    COND_TEXT,
    COND_BOOL,
    COND_NUMBER,
    COND_LABEL,
    COND_CELL,
    COND_WORDS,
    COND_SURGE /* text[0]: the topic; lo: at least; hi: times 100, 0 whatever is usual */
};

struct cond {
    enum cond_op op;
    uint8_t tag;    /* of the fact */
    uint16_t index; /* of the label, cell or list */
    uint16_t list;  /* 1 + the list that gives the label where no classifier does, or 0 */
    bool want;
    uint32_t set;   /* bits of an enumeration */
    int64_t lo, hi; /* numbers, both inclusive */
    int64_t *any;   /* numbers, any of */
    struct sori_str *text;
    size_t count;
    const char *key;
    struct sori_str wanted; /* for people */
};
bool cond_holds(const struct policy *p, struct facts *f, const struct cond *c);
/* Appends what was seen, for people. */
void cond_seen(const struct policy *p, const struct facts *f, const struct cond *c, struct buf *b);
/* Appends what was seen, for the trace. */
void cond_trace(const struct policy *p, const struct facts *f, const struct cond *c, struct buf *b);

/* What a surge saw: the figures of one topic (surge.c). */
struct surge {
    struct sori_str topic;
    int64_t hour, usual; /* hour: -1 none; usual: times 100, -1 not known yet */
};
/* One of surge = { ["topic.*"] = { at_least = 5, times = 3 } }. */
bool surge_read(struct reader *r, int line, int key, int value, struct cond *c);
bool surge_look(const struct policy *p, const struct facts *f, const struct cond *c,
                struct surge *seen);
/* "topic.delivery: 14 in the last hour, usually 2.1" */
void surge_print(struct buf *b, const struct surge *s);

/* ---- texts with slots (piece.c, template.c) ---- */

enum slot_type {
    SLOT_NONE,
    SLOT_TEXT, /* to SLOT_NAME: a rule may fill it */
    SLOT_NUMBER,
    SLOT_URL,
    SLOT_DATE,
    SLOT_NAME,
    SLOT_WORD,
    SLOT_SPAN,
    SLOT_TIME
};
struct piece {
    struct sori_str text; /* written as it is, where `fact` is NULL and `given` empty */
    const struct fact_info *fact;
    struct sori_str given; /* the slot that the rule fills */
    enum slot_type type;
    struct sori_str otherwise; /* where it is unknown */
    bool has_otherwise;
    uint32_t max; /* characters */
};
struct pieces {
    struct piece *item;
    size_t count;
};
/* What the rule gives: slots = { truth = "…" }. */
struct given {
    struct sori_str name, value;
};
struct fill {
    const struct facts *f;
    const struct given *given;
    size_t given_count;
    struct sori_str lang;
    struct buf missing, wrong; /* slots that are not known; that do not fit, and why */
};
/* Why the value cannot stand in a slot of that type, or NULL (slot.c). */
const char *slot_misfit(enum slot_type type, struct sori_str value);
/* Why what a stranger wrote is not said back in our voice, or NULL. */
const char *slot_bait(struct sori_str value);
void slot_print(enum slot_type type, struct sori_str value, struct sori_str lang, struct buf *out);
/* False where a slot without `else` is unknown or does not fit. */
bool pieces_render(const struct pieces *t, struct fill *fill, struct buf *out);

/* One wording of a reply, and for whom. */
struct wording {
    struct pieces text;
    struct cond *when;
    size_t when_count;
    int line;
};
struct template {
    struct sori_str name, lang, path;
    struct wording *wording;
    size_t wordings;
    int64_t max;             /* characters; 0 none */
    int goal;                /* enum goal, 0 not said */
    struct sori_str source;  /* what it rests on, unless the rule says */
    const struct head *head; /* what it declares (template.h) */
    bool needs_apology, needs_source;
    bool holding;              /* a first word: the answer is still owed when it was said */
    struct sori_str next_step; /* what it offers, or why nothing */
};
const struct template *template_find(const struct policy *p, struct sori_str name,
                                     struct sori_str lang);
/* The wording for these facts: of those whose conditions hold, the ones that ask for most; of
 * several, one by the interaction's id. NULL where none fits. */
const struct wording *template_wording(const struct policy *p, const struct template *t,
                                       struct facts *f);
/* Can the template be filled with what the rule gives? Complains where not. */
bool template_given(struct reader *r, int line, const struct template *t, const struct given *given,
                    size_t count);

/* ---- acts (act.c) ---- */

struct act {
    int verb;
    int line;
    struct sori_str name; /* template, tag, department or person, cell, relationship, calendar */
    struct pieces text;
    int64_t value;
    int slot;
    bool approve; /* always */
    struct cond *approve_when;
    size_t approve_count; /* or where all of these hold */
    int cell;
    struct sori_str lang;   /* forced */
    struct sori_str longer; /* split or refuse, where it is too long for one; empty: not said */
    int goal;               /* enum goal; 0: the template's */
    struct sori_str source; /* empty: the template's */
    struct given *given;
    size_t given_count;
};

/* Where something is read from Lua, and where complaints go. */
struct reader {
    struct policy *p;
    const char *file;
    int line;
    const char *what; /* rule "unhappy customer" */
    struct arena *arena;
    struct buf *errors;
};
/* Appends "file:line: what: message" and a line break; returns false. */
bool complain(struct reader *r, int line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Complains of what could do and should not be; of a policy that was live once it warns, and is
 * true. Every check that a later Sori adds to what an earlier one took belongs here. */
bool frown(struct reader *r, int line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Appends to the policy's warnings. */
void warn(struct reader *r, int line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* The same as complain with "; did you mean …?" where a word is near. */
bool complain_near(struct reader *r, int line, struct sori_str word, const char *const *words,
                   size_t count, const char *format, ...) __attribute__((format(printf, 6, 7)));

/* Is this a name: 1 to NAME_MAX_BYTES of UTF-8 that a terminal and a log show as it is? Complains
 * about `what` otherwise. */
bool check_word(struct reader *r, int line, const char *what, struct sori_str name);

/* "negative, unsure" of an enumeration or a text, for when tone: in a reply's file. */
bool read_when(struct reader *r, int line, struct sori_str key, struct sori_str value,
               struct cond *c);
/* Is it a label that somebody gives? Complains where not. */
bool label_known(struct reader *r, int line, struct sori_str name);
bool read_conds(struct reader *r, int index, struct cond **conds, size_t *count);
/* A text or a list of texts at `index` as a new list of the book; `wanted`, unless NULL, gets what
 * it asks for, for people. */
bool read_word_list(struct reader *r, int line, const char *key, int index, uint16_t *list,
                    struct sori_str *wanted);
bool read_pieces(struct reader *r, int line, struct sori_str text, struct pieces *out);
/* The value of reply and private_reply at `index` (act/reply.c). */
bool read_reply(struct reader *r, int index, struct act *a);
/* A NUL-terminated copy that lives as long as what is read: for the bundle, or for one decision. */
const char *terminated(struct reader *r, struct sori_str s);
/* The value at `index`: one intention, or a list of them. */
bool read_acts(struct reader *r, int index, struct act **acts, size_t *count);
/* Appends the intention's field to the decision; `text` is scratch. */
void act_render(struct policy *p, struct facts *f, const struct act *a, struct buf *decision);
void act_print(struct buf *b, struct sori_str intent);
void acts_open(struct policy *p);     /* reply, assign, … as globals */
void verbs_meta(struct buf *out);     /* their types for editors */
void verbs_expected(struct buf *out); /* and what a test may expect of them */

/* ---- the policy ---- */

struct rule {
    const char *name, *file, *what;
    struct sori_str where; /* "rules/care.lua:31" */
    int line;
    bool note;
    int direction; /* enum direction, 0 none */
    struct cond *conds;
    size_t cond_count;
    int check, act_function; /* references, LUA_NOREF */
    const char *why;         /* of the check */
    struct act *acts;
    size_t act_count;
};

struct draft {
    const char *name, *file;
    int line, body; /* reference */
    bool note;
};

struct env_label {
    struct sori_str name, points, model;
};
struct level {
    struct sori_str name;
    int64_t precision, number; /* of 10,000; -1 */
    const char *file;
    int line;
};
/* What a level means for a label: the threshold of the model that asks for the highest. */
struct level_use {
    const struct level *level;
    struct sori_str label, model;
    int64_t threshold, rows;
};
struct cell_info {
    struct sori_str name;
    int scope;
    int64_t keep;
};
struct label_use {
    struct sori_str name;
    int64_t threshold; /* the last one asked for, for describe */
};
/* ---- labels from lists of words (label.c) ---- */

struct list_label {
    struct sori_str name;
    uint16_t number, list; /* among `used`; in the book */
    const char *file;
    int line;
};
/* The list that gives this label, or NULL. */
const struct list_label *label_listed(const struct policy *p, struct sori_str name);
/* The table of care:label { … } at `index`. */
void labels_declare(struct reader *r, int index);
/* Scores of the labels that no classifier gave, from the text; into the trace as well. */
void labels_find(struct policy *p, struct buf *explain);
/* DEC_LABEL of those that were found. */
void labels_put(const struct policy *p, struct buf *decision);

struct file {
    const char *path;
    struct sori_str bytes;
    bool read; /* listed, required, or init.lua */
};

enum { DIM_ON, DIM_KIND, DIM_TONE, DIM_RELATION, DIMS, DIM_VALUES = 16 };
typedef uint64_t rule_set[RULES_MAX / 64];

struct policy {
    struct arena arena, scratch;
    struct sandbox *box;
    struct buf bundle, env;
    char digest[65];
    struct file *files;
    size_t file_count;
    struct sori_str departments[128], langs[16], channels[32], calendars[128];
    size_t calendar_count;
    size_t department_count, lang_count, channel_count;
    int64_t open;                            /* POLICY_OPEN_… */
    bool kept;                               /* ENV_KEPT */
    bool partial;                            /* not every file of the list could be run */
    struct env_label labels[ENV_LABELS_MAX]; /* of one name as often as models give it */
    size_t label_count;
    struct label_use used[LABELS_MAX];
    size_t used_count;
    struct list_label listed[LABELS_MAX];
    size_t listed_count;
    struct level levels[32];
    size_t level_count;
    struct level_use level_uses[LEVEL_USES_MAX];
    size_t level_use_count;
    struct cell_info cells[CELLS_MAX];
    size_t cell_count;
    struct template *templates;
    size_t template_count;
    struct word_book book;
    struct guide *guide; /* check.h */
    struct draft drafts[RULES_MAX];
    size_t draft_count;
    struct rule *rules;
    size_t rule_count;
    rule_set index[DIMS][DIM_VALUES + 1]; /* the last one: the fact is unknown */
    rule_set needs[LABELS_MAX];           /* rules that want this label to be there */
    struct buf *errors;                   /* while loading */
    struct buf warnings;
    bool words_stopped;          /* the rule in hand asked for words that took too long */
    const struct facts *in_hand; /* what the proxy shows, during a call */
    int proxy, label_proxy;      /* references */
    bool loading;
    struct policy_case *cases; /* of test files */
    size_t case_count;
    bool testing;
    policy_at *at;
    void *at_ctx;
    struct facts facts;
    struct buf trace, intents, text, outcome;
    struct tried tried;
};
struct policy *policy_of(lua_State *L);
/* sori.policy, sori.text, sori.pick and the proxy of the interaction (bind.c). */
void bind_open(struct policy *p);
/* Reads replies/ (template.c), env (env.c), drafts into rules (rule.c). */
void templates_read(struct policy *p, struct buf *errors);
void env_read(struct policy *p, struct sori_str env);
/* Complains and warns about replies, once rules and the guide are known (template_lint.c). */
void templates_lint(struct policy *p, struct buf *errors);
void rules_read(struct policy *p, struct buf *errors);
void index_build(struct policy *p);
/* The number of a label that a condition asks for, or -1 where there are too many. */
int label_number(struct policy *p, struct sori_str name);
/* The `n`th model's word on a label, or NULL (level.c). */
const struct env_label *level_label(const struct policy *p, struct sori_str name, size_t n);
/* The score that a level stands for on a label; where there is none, complains and is false. */
bool level_resolve(struct reader *r, int line, struct sori_str label, struct sori_str word,
                   int64_t *threshold);
const char *policy_text(struct policy *p, struct sori_str s); /* NUL-terminated copy in the arena */
/* The first line at or after `from` of the bundle's file that has the word as a key; else `from`.
 */
int line_of_key(const struct policy *p, const char *file, int from, struct sori_str key);

/* One run over the rules (decide.c). `explain` may be NULL. */
struct verdict {
    int status;
    const struct rule *rule;
    const struct rule *notes[ACTS_MAX];
    size_t note_count;
    uint64_t trace;
};
void policy_run(struct policy *p, struct sori_str record, struct verdict *v, struct buf *explain);

/* policy_load that tells which lines there are and which run (sandbox_lines). */
struct policy *policy_load_lines(struct sori_str bundle, struct sori_str env, struct buf *errors,
                                 sandbox_line *seen, void *ctx);

/* ---- test items (case_….c): filled by care:case ---- */

struct policy_case {
    const char *name, *file;
    int line;
    struct sori_str facts;
    int expect; /* reference; LUA_NOREF where only the golden decision is asked for */
    bool golden;
};
enum { CASES_MAX = 10000 };
int case_add(lua_State *L);
/* Is the decision what its author expected? Appends what is not, a line each. `rule` becomes the
 * name of the rule that was expected and did not decide. */
bool case_meets(struct policy *p, const struct policy_case *item, struct sori_str decision,
                struct buf *diff, struct sori_str *rule);
/* The decision in the text that golden decisions are kept in: no numbers of lines, so that an edit
 * elsewhere changes nothing. */
void case_print(struct sori_str decision, struct buf *out);
/* Where the golden decisions of a test file are: tests/golden/care_test.txt. */
void case_golden_path(const char *file, struct buf *out);
/* What is kept under the case's name; its line in that file, or 0 where nothing is. */
int case_golden_find(const struct policy *p, const struct policy_case *item, struct sori_str *text);
/* A line for each golden decision that no case asks for. */
void case_golden_stale(const struct policy *p, struct buf *out);
/* Two texts, line by line: "    - expected", "    + came", the same ones without a mark. */
void case_diff(struct sori_str expected, struct sori_str came, struct buf *out);
/* Why a rule did not decide these facts: its conditions that failed, or who came first. */
void case_why(struct policy *p, struct sori_str facts, struct sori_str rule, struct buf *out);

#endif
