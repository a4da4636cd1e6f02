/* What bench reload consists of: reload.c makes generations live, reload_look.c looks at the core
 * from outside, reload_found.c at the store when all is over. */
#ifndef BENCH_RELOAD_H
#define BENCH_RELOAD_H

#include "base/buf.h"
#include "supervise/wire.h"

#include <jansson.h>
#include <sqlite3.h>

/* Of the core's memory, as its metrics name them. */
enum part { PART_PAGE_CACHE, PART_KEYS, PART_PEOPLE, PART_FLOW, PART_FREE, PARTS };

/* One look at the core. */
struct look {
    int64_t generations, heard, bytes[PARTS];
};

struct bench {
    const char *workspace, *sori;
    int64_t count;
    int keeper, core;
    uint64_t seed, people;
    struct wire wire;
    uint32_t calls;
    int64_t made, by_watch; /* reloads; those that the watch made before they were asked for */
    sqlite3 *db;
    double *ms;    /* of each reload under load */
    json_t *looks; /* all of them, in order */
};

_Noreturn void die(const char *what, const char *more);

/* The keeper's child whose role is the core; 0 none. */
int core_of(int keeper);
/* Looks, and keeps it under that name. Takes some seconds: the smallest of several figures counts,
 * since what is just under way belongs to no generation. */
struct look look(struct bench *b, const char *phase);
/* What one of `n` costs, by part: the difference of two looks. The reference is the caller's. */
json_t *look_each(const struct look *from, const struct look *to, int64_t n);

void db_open(struct bench *b);
void db_close(struct bench *b);
int64_t db_number(struct bench *b, const char *sql);
/* Waits, a minute at most, until everything that was heard is decided. */
void settle(struct bench *b);
/* What the store tells of interactions, decisions and generations. The reference is the caller's.
 */
json_t *found(struct bench *b);
/* Is nothing lost, nothing twice, nothing outside its time? */
bool found_well(json_t *found);

#endif
