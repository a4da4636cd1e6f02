/* The policy engine: one bundle, one fresh Lua state, decisions as bytes. The same code serves the
 * policy worker, `sori policy test|try`, `sori why` and the tests. One thread.
 *
 * Same bundle, same env, same facts: the same decision, byte for byte. */
#ifndef LUA_POLICY_H
#define LUA_POLICY_H

#include "base/err.h"
#include "base/record.h"

/* A bundle: rep rec {1 path, 2 bytes}, sorted by path. Its name is the SHA-256 of those bytes. */
enum { BUNDLE_FILE = 1, BUNDLE_PATH = 1, BUNDLE_BYTES = 2 };
/* Reads a policy folder: *.lua, replies/ *.md and golden/ *_test.txt, at most 128 files of 256 KiB,
 * no symlinks out. */
bool bundle_read(const char *dir, struct buf *out, struct err *err);

/* What the bundle may name, known before it is loaded. */
enum {
    /* rep rec {1 label, 2 rep rec {1 precision/10000, 2 threshold/10000, 3 rows that it rests on},
     * 3 which model says so: "ko"}. One for each model that gives the label: a level is then the
     * threshold that is high enough for every one of them. */
    ENV_LABEL = 1,
    ENV_DEPARTMENT = 2, /* rep str */
    ENV_LANG = 4,       /* rep str: languages of the workspace, first is the default */
    ENV_TIMEZONE = 5,
    ENV_FLOOR = 6, /* int/10000: below it a tone is unsure, with whichever model */
    /* int POLICY_OPEN_…: what is not at hand and so not checked (`sori policy test DIR`). Where
     * labels are open and none is listed, a level's precision is its threshold. */
    ENV_OPEN = 7,
    ENV_CHANNEL = 8,  /* rep str: plugins that the workspace has connections of */
    ENV_CALENDAR = 9, /* rep str: names of calendars, for clocks */
    /* int 1: it was live once. What only a newer Sori finds fault with is a warning then, so that
     * old decisions are explained and a step back always works. */
    ENV_KEPT = 10
};
/* FACT_WINDOW: so many hours a usual one must rest on before a multiple of it means anything. */
enum { WINDOW_KNOWN_HOURS = 24 };
enum { POLICY_OPEN_DEPARTMENTS = 1, POLICY_OPEN_LABELS = 2 };

/* A decision. */
enum {
    DEC_STATUS = 1,  /* int enum decision_status */
    DEC_RULE = 2,    /* str: name of the rule that decided, empty for none */
    DEC_WHERE = 3,   /* str: "rules/care.lua:31" */
    DEC_NOTE = 4,    /* rep str: names of notes that applied */
    DEC_INTENT = 5,  /* rep rec INTENT_…: in order */
    DEC_OUTCOME = 6, /* str: for HELD by a budget: "200,000 instructions at rules/care.lua:31 …" */
    /* int: 64-bit digest of what policy_explain's text says, taken over a binary form of it: each
     * rule that came into question with the values that it saw, then the decision. Replay of the
     * same facts with the same bundle gives the same number. */
    DEC_TRACE = 7,
    /* str enum direction: of the rule that decided, else of the last note that has one */
    DEC_DIRECTION = 8,
    /* rep str: labels that the bundle's own lists found in the text. Where a classifier gives a
     * label, its score counts and the list is not asked. */
    DEC_LABEL = 10
};
enum {
    INTENT_VERB = 1,    /* int enum verb */
    INTENT_TEXT = 2,    /* str: reply text rendered; note, alert, hold: the words */
    INTENT_NAME = 3,    /* str: template; tag; department or person; cell; relationship; calendar */
    INTENT_VALUE = 4,   /* int: clock and follow_up: ms; add and set: the value */
    INTENT_SLOT = 5,    /* int: default 0 */
    INTENT_APPROVE = 6, /* int 1: waits for a person whatever the connection's mode */
    INTENT_LANG = 7,    /* str: variant chosen */
    INTENT_SCOPE = 8,   /* int: of a cell: 0 contact, 1 case */
    INTENT_KEEP = 9,    /* int: of a cell: ms */
    INTENT_LONG = 10,   /* str: what becomes of a reply that is too long: split or refuse */
    INTENT_GOAL = 11,   /* str enum goal: what the reply is meant to do */
    INTENT_SOURCE = 12, /* str: what it rests on, a link or a document's name */
    /* rep rec {1 name, 2 why}: checks of the send gate that it did not pass; it waits for a person
     */
    INTENT_CHECK = 13,
    /* rec {1 people, 2 ms}: the same words go to so many at most in that time; the core counts */
    INTENT_SAME = 14,
    /* int 1: it is cheerful; it does not leave in a freeze, though that is declared later */
    INTENT_CHEERFUL = 15,
    /* int 1: a first word (holding: true in the template); when it was said, the answer is still
     * owed and the clock goes on */
    INTENT_HOLDING = 16,
    /* rec {1 at least, 2 times the usual hour x100, 3 rep topic}: it does not leave by itself while
     * there are so many negative words on one of the topics (guide: surge) */
    INTENT_SURGE = 17
};

struct policy;

/* Called before each rule's own code runs, so that even a killed process can be explained. */
typedef void policy_at(void *ctx, const char *rule, int line);

/* Loads and checks. On failure returns NULL; `errors` gets every "file:line: what, expected,
 * remedy", one a line. `env` is borrowed for the call. */
struct policy *policy_load(struct sori_str bundle, struct sori_str env, struct buf *errors);
/* The same for a bundle that was live once (ENV_KEPT). */
struct policy *policy_load_kept(struct sori_str bundle, struct sori_str env, struct buf *errors);
void policy_free(struct policy *p);
void policy_watch(struct policy *p, policy_at *at, void *ctx);

/* Decides one fact record. Always gives a decision: a budget or an error is DECISION_HELD. */
void policy_decide(struct policy *p, struct sori_str facts, struct buf *decision);

/* Which of `names` ("reach", "label topic.delivery", "cell sorries") the last decision asked for
 * and did not find, as bits; names behind the 64th are not looked at. */
uint64_t policy_missed(const struct policy *p, const struct sori_str *names, size_t n);

/* The replayable text of why: every note and rule in order, each condition with the wanted and the
 * seen value, ✓ or ✗; then what was decided. */
void policy_explain(struct policy *p, struct sori_str facts, struct buf *text);

/* The same for programs: every note and rule in order: rep rec TRIED_RULE. */
enum {
    TRIED_RULE = 1,  /* rec TRIED_… */
    TRIED_NAME = 2,  /* str */
    TRIED_NOTE = 3,  /* int bool */
    TRIED_WHERE = 4, /* str: "rules/care.lua:31" */
    TRIED_COND = 5,  /* rep rec {1 name, 2 wanted, 3 seen, 4 holds} */
    TRIED_WHY = 6,   /* str: of the check, where there is one */
    TRIED_CHECK = 7, /* int bool: what it answered; absent where it was not asked */
    TRIED_FIRED = 8  /* int bool: it decides, or it applies */
};
void policy_tried(struct policy *p, struct sori_str facts, struct buf *out);

/* How each speaking intention of the decision stands with the ten checks of the send gate, in the
 * order of the intentions: rep rec CHECKED_INTENT. */
enum {
    CHECKED_INTENT = 1, /* rec CHECKED_… */
    CHECKED_VERB = 2,   /* int */
    CHECKED_SLOT = 3,   /* int */
    CHECKED_CHECK = 4   /* rep rec {1 name, 2 passed, 3 why} */
};
void policy_checks(struct policy *p, struct sori_str facts, struct buf *out);

/* What a plan lists: rules with file:line, templates, labels with resolved thresholds, departments,
 * cells. A JSON object. */
void policy_describe(struct policy *p, struct buf *json);

/* A line for each precision level on a label: what it means with these models,
 * "likely = precision 80 % → tone.negative ≥ 0.6200 (ko 1,204 rows)". */
void policy_plan(const struct policy *p, struct buf *lines);
/* Appends its freezes, each a field of that tag: rec {1 from, 2 to, 3 why, 4 int 1: all replies}.
 */
void policy_freezes(const struct policy *p, uint32_t tag, struct buf *out);

/* What may go wrong and is no error: "file:line: what", one a line. */
void policy_warnings(const struct policy *p, struct buf *lines);

/* Types for editors: sdk/lua/sori.meta.lua; with the names of a site, where its policy is given. */
void policy_meta(struct buf *out);
void policy_types(const struct policy *p, struct buf *out);
/* What luacheck may find in a policy: scripts/policy/.luacheckrc. */
void policy_luacheckrc(struct buf *out);

/* Runs the bundle's tests: every item twice, in two fresh states, in two orders. Appends a report
 * for people (failures with a diff) or JSON. */
struct policy_report {
    unsigned passed, failed;
};
bool policy_test(struct sori_str bundle, struct sori_str env, bool json, struct buf *report,
                 struct policy_report *counts);

/* JSON of an interaction (DESIGN §7, plus "facts": {…} by Lua names, "labels", "cells") to a fact
 * record, for `policy try` and tests. */
bool policy_facts_from_json(struct sori_str json, struct buf *facts, struct err *err);

#endif
