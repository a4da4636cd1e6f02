#include "base/hash.h"

#include "base/err.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <zlib.h>

static uint64_t rotl(uint64_t x, int b) { return (x << b) | (x >> (64 - b)); }

static void sip_round(uint64_t v[4]) {
    v[0] += v[1];
    v[1] = rotl(v[1], 13) ^ v[0];
    v[0] = rotl(v[0], 32);
    v[2] += v[3];
    v[3] = rotl(v[3], 16) ^ v[2];
    v[0] += v[3];
    v[3] = rotl(v[3], 21) ^ v[0];
    v[2] += v[1];
    v[1] = rotl(v[1], 17) ^ v[2];
    v[2] = rotl(v[2], 32);
}

/* SipHash-2-4 as Aumasson and Bernstein published it. */
uint64_t hash_sip(struct hash_key key, struct sori_str s) {
    uint64_t v[4] = {key.k0 ^ 0x736f6d6570736575u, key.k1 ^ 0x646f72616e646f6du,
                     key.k0 ^ 0x6c7967656e657261u, key.k1 ^ 0x7465646279746573u};
    size_t whole = s.len & ~(size_t)7;
    for (size_t i = 0; i < whole; i += 8) {
        uint64_t m;
        memcpy(&m, s.ptr + i, 8);
        v[3] ^= m;
        sip_round(v);
        sip_round(v);
        v[0] ^= m;
    }
    uint64_t last = (uint64_t)s.len << 56;
    for (size_t i = whole; i < s.len; i++) last |= (uint64_t)(uint8_t)s.ptr[i] << (8 * (i - whole));
    v[3] ^= last;
    sip_round(v);
    sip_round(v);
    v[0] ^= last;
    v[2] ^= 0xff;
    for (int i = 0; i < 4; i++) sip_round(v);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

uint64_t hash_digest(struct sori_str s) {
    return hash_sip((struct hash_key){0x536f726920736169u, 0x6420697420666972u}, s);
}

void hash_sha256(struct sori_str s, uint8_t out[32]) {
    unsigned len = 32;
    int ok = EVP_Digest(s.ptr ? s.ptr : "", s.len, out, &len, EVP_sha256(), NULL);
    SORI_ASSERT(ok == 1);
}

void hash_sha256_hex(struct sori_str s, char out[65]) {
    uint8_t raw[32];
    hash_sha256(s, raw);
    for (int i = 0; i < 32; i++) snprintf(out + 2 * i, 3, "%02x", raw[i]);
}

uint32_t hash_crc32(uint32_t crc, struct sori_str s) {
    return (uint32_t)crc32_z(crc, (const Bytef *)s.ptr, s.len);
}

struct hash_key hash_random_key(void) {
    struct hash_key key;
    ssize_t n = getrandom(&key, sizeof key, 0);
    SORI_ASSERT(n == (ssize_t)sizeof key);
    return key;
}
