/* sori/option.h: the one table from which validation, help, JSON Schema and redaction are made. */
#ifndef SORI_OPTION_H
#define SORI_OPTION_H

#include "types.h"

enum sori_option_type {
    SORI_OPTION_STRING = 0,
    SORI_OPTION_INT = 1,      /* min and max apply                                            */
    SORI_OPTION_BOOL = 2,     /* "true" or "false"                                            */
    SORI_OPTION_DURATION = 3, /* written "90s", "2m", "1h", "7d"; arrives in milliseconds      */
    SORI_OPTION_SIZE = 4,     /* written "64k", "8m"; arrives in bytes                         */
    SORI_OPTION_URL = 5,      /* http:, https: or folder:                                     */
    SORI_OPTION_ENUM = 6,     /* one of `choices`                                             */
    SORI_OPTION_LIST = 7      /* strings, joined by '\n' in the value                         */
};

enum {
    SORI_OPTION_REQUIRED = 1u << 0,
    SORI_OPTION_ADVANCED = 1u << 1,
    SORI_OPTION_PRIVATE = 1u << 2 /* personal data: never printed in logs                     */
};

/* One option. Everything is constant and lives as long as the plugin is loaded. */
struct sori_option {
    const char *name;
    uint32_t type;       /* enum sori_option_type */
    uint32_t flags;      /* SORI_OPTION_…; unknown bits are refused */
    const char *def;     /* default as it would be written, or NULL */
    int64_t min, max;    /* both 0: no limits */
    const char *choices; /* "a|b|c" for ENUM, else NULL */
    const char *help;
};

/* `stride` is sizeof(struct sori_option) as the plugin saw it, so that elements can grow. */
struct sori_option_list {
    const struct sori_option *items;
    uint32_t count;
    uint32_t stride;
};

#endif
