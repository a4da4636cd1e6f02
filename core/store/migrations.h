/* The files of core/store/sql, in order, built into the program (CMakeLists.txt makes them). */
#ifndef STORE_MIGRATIONS_H
#define STORE_MIGRATIONS_H

#include <stddef.h>

struct migration {
    const char *name; /* "001_first" */
    const char *sql;  /* ends with NUL */
};
extern const struct migration store_migrations[];
extern const size_t store_migration_count;

#endif
