/* Hashes: SipHash-2-4 for tables and digests of text (keyed where ids come from strangers),
 * SHA-256 for names of contents, CRC-32 for records on disk. */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include "sori/types.h"

struct hash_key {
    uint64_t k0, k1;
};

uint64_t hash_sip(struct hash_key key, struct sori_str s);
/* 64-bit digest with a fixed key: equal on every machine, for traces and revisions. */
uint64_t hash_digest(struct sori_str s);
void hash_sha256(struct sori_str s, uint8_t out[32]);
void hash_sha256_hex(struct sori_str s, char out[65]);
/* CRC-32 (zlib's). Chain by passing the last result; begin with 0. */
uint32_t hash_crc32(uint32_t crc, struct sori_str s);
/* A random key from the kernel. */
struct hash_key hash_random_key(void);

#endif
