#include "base/enums.h"

struct word {
    int n;
    const char *word;
};

static const char *word_of(const struct word *words, size_t count, int64_t n) {
    for (size_t i = 0; i < count; i++)
        if (words[i].n == n) return words[i].word;
    return "?";
}

static int number_of(const struct word *words, size_t count, struct sori_str word) {
    for (size_t i = 0; i < count; i++)
        if (str_is(word, words[i].word)) return words[i].n;
    return -1;
}

#define ROW(n, NAME, word) {n, word},
#define WORDS(name)                                                                                \
    const char *name##_word(int64_t n) {                                                           \
        return word_of(name##_words, sizeof name##_words / sizeof *name##_words, n);               \
    }
#define NUMBERS(name)                                                                              \
    int name##_of(struct sori_str word) {                                                          \
        return number_of(name##_words, sizeof name##_words / sizeof *name##_words, word);          \
    }

#define E_KIND ROW
static const struct word kind_words[] = {
#include "base/enums.def"
};
#define E_SHARE ROW
static const struct word share_words[] = {
#include "base/enums.def"
};
#define E_ORIGIN ROW
static const struct word origin_words[] = {
#include "base/enums.def"
};
#define E_STATE ROW
static const struct word state_words[] = {
#include "base/enums.def"
};
#define E_ENTRY ROW
static const struct word entry_words[] = {
#include "base/enums.def"
};
#define E_TONE ROW
static const struct word tone_words[] = {
#include "base/enums.def"
};
#define E_RELATION ROW
static const struct word relation_words[] = {
#include "base/enums.def"
};
#define E_DECISION ROW
static const struct word decision_words[] = {
#include "base/enums.def"
};
#define E_ACTION ROW
static const struct word action_words[] = {
#include "base/enums.def"
};
#define E_KASE ROW
static const struct word kase_words[] = {
#include "base/enums.def"
};
#define E_VERB ROW
static const struct word verb_words[] = {
#include "base/enums.def"
};
#define E_CLOCK ROW
static const struct word clock_words[] = {
#include "base/enums.def"
};
#define E_MODE ROW
static const struct word mode_words[] = {
#include "base/enums.def"
};
#define E_CONN ROW
static const struct word conn_words[] = {
#include "base/enums.def"
};
#define E_DIRECTION ROW
static const struct word direction_words[] = {
#include "base/enums.def"
};
#define E_GOAL ROW
static const struct word goal_words[] = {
#include "base/enums.def"
};
#define E_GENERATION ROW
static const struct word generation_words[] = {
#include "base/enums.def"
};

WORDS(kind)
WORDS(share)
WORDS(origin)
WORDS(state)
WORDS(entry)
WORDS(tone)
WORDS(relation)
WORDS(decision)
WORDS(action)
WORDS(kase)
WORDS(verb)
WORDS(clock)
WORDS(mode)
WORDS(conn)
WORDS(direction)
WORDS(goal)
WORDS(generation)
NUMBERS(kind)
NUMBERS(share)
NUMBERS(origin)
NUMBERS(entry)
NUMBERS(tone)
NUMBERS(relation)
NUMBERS(action)
NUMBERS(kase)
NUMBERS(verb)
NUMBERS(clock)
NUMBERS(mode)
NUMBERS(direction)
NUMBERS(goal)
