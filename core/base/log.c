#include "base/log.h"

#include "base/clock.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

enum { LINE_MAX_BYTES = 4096 };

void log_line(enum log_level level, const char *area, const char *format, ...) {
    static const char *const names[] = {"debug", "info ", "warn ", "ERROR"};
    char message[LINE_MAX_BYTES];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    struct buf b = {0};
    clock_rfc3339(&b, clock_now() / 1000 * 1000);
    buf_printf(&b, " %s %s: ", names[level], area);
    for (const char *p = message; *p; p++) {
        if ((unsigned char)*p < 0x20 || *p == 0x7f)
            buf_printf(&b, "\\x%02x", (unsigned)(unsigned char)*p);
        else
            buf_putc(&b, *p);
    }
    buf_putc(&b, '\n');
    ssize_t ignored = write(STDERR_FILENO, b.data, b.len);
    (void)ignored; /* a log that cannot be written has nowhere to say so */
    buf_free(&b);
}
