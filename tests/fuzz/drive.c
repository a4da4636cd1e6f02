/* A few seconds of a fuzzer without libFuzzer: every seed, cut at every byte, and mutations from a
 * fixed sequence, so that a failure comes again. */
#include "fuzz/fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { SIZE = 4096, CPU_SECONDS = 2 };

static uint64_t next(uint64_t *state) {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

/* An exact copy on the heap, so that a sanitizer sees a read beyond the end. */
static void give(const uint8_t *bytes, size_t len) {
    uint8_t *copy = malloc(len ? len : 1);
    if (!copy) abort();
    memcpy(copy, bytes, len);
    LLVMFuzzerTestOneInput(copy, len);
    free(copy);
}

static size_t mutate(uint8_t *bytes, size_t len, uint64_t *r) {
    static const char words[] = "\r\n\0:<>\"'&;%=,{}[]-!/ \xff\x80\xea";
    for (uint64_t n = next(r) % 6 + 1; n; n--) {
        size_t at = len ? next(r) % len : 0, run = next(r) % 16 + 1;
        switch (next(r) % 5) {
        case 0:
            if (len) bytes[at] = (uint8_t)next(r);
            break;
        case 1:
            if (len) bytes[at] = (uint8_t)words[next(r) % (sizeof words - 1)];
            break;
        case 2:
            if (at + run > len) run = len - at;
            memmove(bytes + at, bytes + at + run, len - at - run);
            len -= run;
            break;
        case 3:
            if (at + run > len || len + run > SIZE) break;
            memmove(bytes + at + run, bytes + at, len - at);
            len += run;
            break;
        default:
            if (len + run > SIZE) break;
            memmove(bytes + at + run, bytes + at, len - at);
            for (size_t i = 0; i < run; i++)
                bytes[at + i] = (uint8_t)words[next(r) % (sizeof words - 1)];
            len += run;
        }
    }
    return len;
}

int main(void) {
    uint64_t r = 0x536f7269;
    long runs = 0;
    uint8_t bytes[SIZE];
    size_t count = 0;
    clock_t begun = clock();
    while (fuzz_seeds[count]) count++;
    for (size_t i = 0; i < count; i++) {
        size_t len = strlen(fuzz_seeds[i]);
        for (size_t n = 0; n <= len; n++, runs++) give((const uint8_t *)fuzz_seeds[i], n);
    }
    while (count && clock() - begun < CPU_SECONDS * CLOCKS_PER_SEC) {
        const char *seed = fuzz_seeds[next(&r) % count];
        size_t len = strlen(seed) < SIZE ? strlen(seed) : SIZE;
        memcpy(bytes, seed, len);
        give(bytes, mutate(bytes, len, &r));
        runs++;
    }
    printf("%ld runs\n", runs);
    return runs > 0 ? 0 : 1;
}
