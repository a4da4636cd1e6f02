/* Words for people, made of a format, on their way to the host; cut where they are very long. */
#ifndef COMMON_SAY_H
#define COMMON_SAY_H

#include "sori/host.h"

#include <stdarg.h>

/* host->fail and host->log. */
void say_fail(const struct sori_host *host, int code, const char *format, va_list args)
    __attribute__((format(printf, 3, 0)));
void say_log(const struct sori_host *host, enum sori_log_level level, const char *format,
             va_list args) __attribute__((format(printf, 3, 0)));

#endif
