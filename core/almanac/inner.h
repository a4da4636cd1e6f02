#ifndef ALMANAC_INNER_H
#define ALMANAC_INNER_H

#include <stdlib.h>

/* ICU looks for zones in a folder before its own library, which the worker's fence forbids. */
static inline void almanac_no_folder(void) { setenv("ICU_TIMEZONE_FILES_DIR", "", 1); }

#endif
