/* "Did you mean …?": the nearest of a list by edit distance, transposition counting as one. */
#include "lua/sandbox/sandbox.h"

#include <limits.h>

enum { LONGEST = 64 };

static int least(int a, int b) { return a < b ? a : b; }

static int distance(struct sori_str a, struct sori_str b) {
    int row[3][LONGEST + 1];
    if (a.len > LONGEST || b.len > LONGEST) return INT_MAX;
    for (size_t j = 0; j <= b.len; j++) row[1][j] = (int)j;
    for (size_t i = 1; i <= a.len; i++) {
        int *now = row[(i + 1) % 3], *last = row[i % 3], *before = row[(i + 2) % 3];
        now[0] = (int)i;
        for (size_t j = 1; j <= b.len; j++) {
            int change = last[j - 1] + (a.ptr[i - 1] != b.ptr[j - 1]);
            now[j] = least(change, least(last[j], now[j - 1]) + 1);
            if (i > 1 && j > 1 && a.ptr[i - 1] == b.ptr[j - 2] && a.ptr[i - 2] == b.ptr[j - 1])
                now[j] = least(now[j], before[j - 2] + 1);
        }
    }
    return row[(a.len + 1) % 3][b.len];
}

const char *nearest_word(struct sori_str word, const char *const *words, size_t count) {
    const char *best = NULL;
    int best_distance = (int)(word.len / 3) + 2;
    for (size_t i = 0; i < count; i++) {
        int d = distance(word, str_c(words[i]));
        if (d < best_distance) {
            best_distance = d;
            best = words[i];
        }
    }
    return best;
}
