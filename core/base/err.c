#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool err_set(struct err *err, const char *format, ...) {
    if (err) {
        va_list args;
        va_start(args, format);
        vsnprintf(err->text, sizeof err->text, format, args);
        va_end(args);
    }
    return false;
}

bool err_prefix(struct err *err, const char *format, ...) {
    if (err) {
        struct err old = *err;
        va_list args;
        va_start(args, format);
        int n = vsnprintf(err->text, sizeof err->text, format, args);
        va_end(args);
        if (n < 0) n = 0;
        size_t room = sizeof err->text - 4;
        size_t used = (size_t)n < room ? (size_t)n : room;
        snprintf(err->text + used, sizeof err->text - used, ": %.*s",
                 (int)(sizeof err->text - used - 3), old.text);
    }
    return false;
}

_Noreturn void base_impossible(const char *file, int line, const char *what) {
    fprintf(stderr, "%s:%d: impossible: %s does not hold. Please report this line.\n", file, line,
            what);
    abort();
}
