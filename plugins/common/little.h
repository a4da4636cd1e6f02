/* Numbers as bytes, the least first: records that plugins keep. */
#ifndef COMMON_LITTLE_H
#define COMMON_LITTLE_H

#include <stddef.h>
#include <stdint.h>

static inline void little_put(char *at, uint64_t v, size_t bytes) {
    for (size_t i = 0; i < bytes; i++) at[i] = (char)(v >> (8 * i));
}

static inline uint64_t little_take(const char *at, size_t bytes) {
    uint64_t v = 0;
    for (size_t i = 0; i < bytes; i++) v |= (uint64_t)(unsigned char)at[i] << (8 * i);
    return v;
}

#endif
