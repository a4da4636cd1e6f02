#include "common/say.h"

#include "common/text.h"

#include <stdio.h>

enum { LINE_MOST = 1200 };

/* vsnprintf may cut inside of a character. */
static struct sori_str line_of(char line[LINE_MOST], const char *format, va_list args) {
    vsnprintf(line, LINE_MOST, format, args);
    return utf8_cut(s_of(line), LINE_MOST - 4);
}

void say_fail(const struct sori_host *host, int code, const char *format, va_list args) {
    char line[LINE_MOST];
    host->fail(host, code, line_of(line, format, args));
}

void say_log(const struct sori_host *host, enum sori_log_level level, const char *format,
             va_list args) {
    char line[LINE_MOST];
    host->log(host, level, line_of(line, format, args));
}
