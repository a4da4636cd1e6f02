/* The enumerations of enums.def as C, with their words. */
#ifndef BASE_ENUMS_H
#define BASE_ENUMS_H

#include "base/buf.h"

#define E_KIND(n, NAME, word) KIND_##NAME = n,
enum kind {
#include "base/enums.def"
    KIND_COUNT = 8
};
#define E_SHARE(n, NAME, word) SHARE_##NAME = n,
enum share {
#include "base/enums.def"
    SHARE_COUNT = 3
};
#define E_ORIGIN(n, NAME, word) ORIGIN_##NAME = n,
enum origin {
#include "base/enums.def"
    ORIGIN_COUNT = 3
};
#define E_STATE(n, NAME, word) STATE_##NAME = n,
enum state {
#include "base/enums.def"
    STATE_COUNT = 5
};
#define E_ENTRY(n, NAME, word) ENTRY_##NAME = n,
enum entry_kind {
#include "base/enums.def"
    ENTRY_COUNT = 14
};
#define E_TONE(n, NAME, word) TONE_##NAME = n,
enum tone {
#include "base/enums.def"
    TONE_COUNT = 5
};
#define E_RELATION(n, NAME, word) RELATION_##NAME = n,
enum relation {
#include "base/enums.def"
    RELATION_COUNT = 4
};
#define E_DECISION(n, NAME, word) DECISION_##NAME = n,
enum decision_status {
#include "base/enums.def"
    DECISION_COUNT = 6
};
#define E_ACTION(n, NAME, word) ACTION_##NAME = n,
enum action_state {
#include "base/enums.def"
    ACTION_COUNT = 10
};
#define E_KASE(n, NAME, word) KASE_##NAME = n,
enum kase_state {
#include "base/enums.def"
    KASE_COUNT = 5
};
#define E_VERB(n, NAME, word) VERB_##NAME = n,
enum verb {
#include "base/enums.def"
    VERB_COUNT = 29
};
#define E_CLOCK(n, NAME, word) CLOCK_##NAME = n,
enum clock_state {
#include "base/enums.def"
    CLOCK_COUNT = 7
};
#define E_MODE(n, NAME, word) MODE_##NAME = n,
enum mode {
#include "base/enums.def"
    MODE_COUNT = 3
};
#define E_CONN(n, NAME, word) CONN_##NAME = n,
enum conn_state {
#include "base/enums.def"
    CONN_COUNT = 4
};
#define E_DIRECTION(n, NAME, word) DIRECTION_##NAME = n,
enum direction {
#include "base/enums.def"
    DIRECTION_COUNT = 19
};
#define E_GOAL(n, NAME, word) GOAL_##NAME = n,
enum goal {
#include "base/enums.def"
    GOAL_COUNT = 6
};
#define E_GENERATION(n, NAME, word) GENERATION_##NAME = n,
enum generation_state {
#include "base/enums.def"
    GENERATION_COUNT = 6
};

/* The word of a number ("comment"), or "?" where there is none. Constant. */
const char *kind_word(int64_t n);
const char *share_word(int64_t n);
const char *origin_word(int64_t n);
const char *state_word(int64_t n);
const char *entry_word(int64_t n);
const char *tone_word(int64_t n);
const char *relation_word(int64_t n);
const char *decision_word(int64_t n);
const char *action_word(int64_t n);
const char *kase_word(int64_t n);
const char *verb_word(int64_t n);
const char *clock_word(int64_t n);
const char *mode_word(int64_t n);
const char *conn_word(int64_t n);
const char *direction_word(int64_t n);
const char *goal_word(int64_t n);
const char *generation_word(int64_t n);
/* The number of a word, or -1. */
int kind_of(struct sori_str word);
int share_of(struct sori_str word);
int origin_of(struct sori_str word);
int entry_of(struct sori_str word);
int tone_of(struct sori_str word);
int relation_of(struct sori_str word);
int action_of(struct sori_str word);
int kase_of(struct sori_str word);
int verb_of(struct sori_str word);
int clock_of(struct sori_str word);
int mode_of(struct sori_str word);
int direction_of(struct sori_str word);
int goal_of(struct sori_str word);

#endif
