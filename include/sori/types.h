/* sori/types.h: the few shapes that everything else in the plugin ABI is made of.
 *
 * Rules that hold for every header in this folder:
 *  - Every struct that may grow begins with `struct_size`, the size that its writer knew. A reader
 *    must not look at a field that lies beyond it: use SORI_HAS.
 *  - Whatever is passed in is borrowed until the call returns; whatever a plugin gives back goes
 *    into a sink that copies before it returns. Nothing is freed across the boundary.
 *  - Text is UTF-8, counted, not NUL-terminated. Times are milliseconds since 1970, UTC; 0 =
 * unknown.
 */
#ifndef SORI_TYPES_H
#define SORI_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A run of bytes. `ptr` may be NULL only where `len` is 0. Borrowed: see above. */
struct sori_str {
    const char *ptr;
    size_t len;
};

/* A sori_str of a string literal: SORI_STR as a value, SORI_STR_INIT as an initialiser, also of
 * what is static. */
#define SORI_STR_INIT(lit)                                                                         \
    { (lit), sizeof(lit) - 1 }
#ifdef __cplusplus
#define SORI_STR(lit) (sori_str{(lit), sizeof(lit) - 1})
#else
#define SORI_STR(lit) ((struct sori_str){(lit), sizeof(lit) - 1})
#endif

/* True when `ptr`, whose writer knew `ptr->struct_size` bytes, has the field. */
#define SORI_HAS(ptr, field)                                                                       \
    ((ptr)->struct_size >= (size_t)((const char *)(&(ptr)->field + 1) - (const char *)(ptr)))

/* A name and a value; header fields, options, query parameters. */
struct sori_pair {
    struct sori_str name;
    struct sori_str value;
};

/* `count` pairs at `items`. Both borrowed. */
struct sori_pairs {
    const struct sori_pair *items;
    size_t count;
};

#ifdef __cplusplus
}
#endif
#endif
