/* Believable interactions, made by number: item i of a seed is always the same. */
#ifndef BENCH_FLOOD_H
#define BENCH_FLOOD_H

#include "sori/item.h"

enum { FLOOD_TEXT = 1200, FLOOD_NAME = 64 };

/* Room for the strings of one item. */
struct flood_room {
    char native[40], parent[40], target[24], author[24], name[FLOOD_NAME], author_url[80], url[120];
    char text[FLOOD_TEXT];
};

/* Makes emission `i` of `total`: mostly comments, mentions and messages; one in a hundred is an
 * earlier item again, one in a hundred an edit of an earlier one. said_at stays 0. */
void flood_item(uint64_t seed, uint64_t i, uint64_t total, struct flood_room *room,
                struct sori_item *item);

/* Writes a text of 60 to 140 characters; returns its bytes. */
size_t flood_text(uint64_t h, bool korean, char *out);

#endif
