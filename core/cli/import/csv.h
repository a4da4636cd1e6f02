/* Cutting CSV and JSONL files into runs of whole rows. */
#ifndef CLI_CSV_H
#define CLI_CSV_H

#include "base/buf.h"

/* A cutter walks over a file's bytes in pieces of any size and tells where rows end. */
struct csv_cut {
    bool csv;     /* quotes may hold line breaks; false: a line is a row */
    int64_t line; /* 1-based line of the next byte */
};

/* The longest head of `bytes` that ends a row and is at most `max` long; 0 where no row ends within
 * `max`. `end` says that no byte follows: the last row then needs no line break. The cutter moves
 * over the bytes that it gives. */
size_t csv_take(struct csv_cut *cut, struct sori_str bytes, size_t max, bool end);

#endif
