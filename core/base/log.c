#include "base/log.h"

#include "base/clock.h"
#include "base/utf8.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

enum { LINE_MAX_BYTES = 4096 };

/* One line, and nothing that a terminal would obey: such bytes, and broken ones, are spelt out. */
static void put_shown(struct buf *b, const char *text) {
    struct sori_str s = {text, strlen(text)};
    while (s.len) {
        size_t n;
        uint32_t code = utf8_next(s, &n);
        bool broken = code == 0xfffd && n == 1;
        if (utf8_is_plain(code) && !broken)
            buf_put(b, s.ptr, n);
        else
            for (size_t i = 0; i < n; i++)
                buf_printf(b, "\\x%02x", (unsigned)(unsigned char)s.ptr[i]);
        s.ptr += n;
        s.len -= n;
    }
}

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
    put_shown(&b, message);
    buf_putc(&b, '\n');
    ssize_t ignored = write(STDERR_FILENO, b.data, b.len);
    (void)ignored; /* a log that cannot be written has nowhere to say so */
    buf_free(&b);
}
