/* What every fuzzer has. */
#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Texts to begin from; NULL-terminated. */
extern const char *const fuzz_seeds[];

#endif
