/* Korean particles, by what they may follow: which of 은 and 는 stands behind a syllable depends on
 * its last sound, so that 사과 is no 사 with 과 behind it. */
#include "lua/policy_inner.h"
#include "lua/text/text.h"

#include "base/utf8.h"

enum { SYLLABLES = 0xac00, SYLLABLES_END = 0xd7a3, FINALS = 28, FINAL_L = 8, DEEPEST = 4 };
enum after { ANY, CLOSED, OPEN, OPEN_OR_L, CLOSED_NOT_L };

static const struct {
    enum after after;
    const char *word;
} particles[] = {
    {CLOSED, "은"},
    {OPEN, "는"},
    {CLOSED, "이"},
    {OPEN, "가"},
    {CLOSED, "을"},
    {OPEN, "를"},
    {CLOSED, "과"},
    {OPEN, "와"},
    {CLOSED_NOT_L, "으로"},
    {OPEN_OR_L, "로"},
    {CLOSED_NOT_L, "으로서"},
    {OPEN_OR_L, "로서"},
    {CLOSED_NOT_L, "으로써"},
    {OPEN_OR_L, "로써"},
    {CLOSED, "이랑"},
    {OPEN, "랑"},
    {CLOSED, "이나"},
    {OPEN, "나"},
    {CLOSED, "이야"},
    {OPEN, "야"},
    {CLOSED, "아"},
    {CLOSED, "이란"},
    {OPEN, "란"},
    {CLOSED, "이라"},
    {OPEN, "라"},
    {CLOSED, "이라고"},
    {OPEN, "라고"},
    {CLOSED, "이라도"},
    {OPEN, "라도"},
    {CLOSED, "이라는"},
    {OPEN, "라는"},
    {CLOSED, "이든"},
    {OPEN, "든"},
    {CLOSED, "이든지"},
    {OPEN, "든지"},
    {CLOSED, "이며"},
    {OPEN, "며"},
    {CLOSED, "이고"},
    {OPEN, "고"},
    {CLOSED, "이면"},
    {OPEN, "면"},
    {CLOSED, "이니까"},
    {OPEN, "니까"},
    {CLOSED, "이에요"},
    {CLOSED, "이예요"},
    {OPEN, "예요"},
    {CLOSED, "이네요"},
    {OPEN, "네요"},
    {CLOSED, "이었"},
    {OPEN, "였"},
    {ANY, "입니다"},
    {ANY, "입니까"},
    {ANY, "인데"},
    {ANY, "인데요"},
    {ANY, "인가"},
    {ANY, "인가요"},
    {ANY, "인지"},
    {ANY, "인"},
    {ANY, "임"},
    {ANY, "의"},
    {ANY, "에"},
    {ANY, "에서"},
    {ANY, "에게"},
    {ANY, "에게서"},
    {ANY, "한테"},
    {ANY, "한테서"},
    {ANY, "께"},
    {ANY, "께서"},
    {ANY, "도"},
    {ANY, "만"},
    {ANY, "까지"},
    {ANY, "부터"},
    {ANY, "마저"},
    {ANY, "조차"},
    {ANY, "밖에"},
    {ANY, "보다"},
    {ANY, "처럼"},
    {ANY, "같이"},
    {ANY, "만큼"},
    {ANY, "마다"},
    {ANY, "대로"},
    {ANY, "뿐"},
    {ANY, "씩"},
    {ANY, "끼리"},
    {ANY, "커녕"},
    {ANY, "요"},
    {ANY, "들"},
    {ANY, "님"},
    {ANY, "하고"},
};

static bool may_follow(enum after after, uint32_t last) {
    if (after == ANY || last < SYLLABLES || last > SYLLABLES_END) return true;
    uint32_t final = (last - SYLLABLES) % FINALS;
    switch (after) {
    case CLOSED: return final != 0;
    case OPEN: return final == 0;
    case OPEN_OR_L: return final == 0 || final == FINAL_L;
    default: return final != 0 && final != FINAL_L;
    }
}

/* The length of the particle where the text goes on with it, else 0. */
static size_t length_at(const char *word, const uint32_t *text, size_t n, size_t at) {
    struct sori_str s = str_c(word);
    size_t count = 0, len;
    for (; s.len; s.ptr += len, s.len -= len, count++)
        if (at + count >= n || utf8_next(s, &len) != text[at + count]) return 0;
    return count;
}

static bool ends(const uint32_t *text, size_t n, size_t at, int depth) {
    if (at == n || !words_letter(text[at])) return true;
    if (depth == DEEPEST || !utf8_is_hangul(text[at])) return false;
    for (size_t i = 0; i < sizeof particles / sizeof *particles; i++) {
        if (!may_follow(particles[i].after, text[at - 1])) continue;
        size_t len = length_at(particles[i].word, text, n, at);
        if (len && ends(text, n, at + len, depth + 1)) return true;
    }
    return false;
}

bool particle_ends(const uint32_t *text, size_t n, size_t at) { return ends(text, n, at, 0); }
