#include "base/log.h"

#include "base/clock.h"
#include "base/utf8.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

/* What fits into a pipe's smallest room goes into it whole or not at all. */
enum { LINE_MOST = PIPE_BUF };

/* One line, and nothing that a terminal would obey: such bytes, and broken ones, are spelt out. */
static void put_shown(struct buf *b, const char *text) {
    struct sori_str s = {text, strlen(text)};
    while (s.len) utf8_put_shown(b, &s);
}

static void put_head(struct buf *b, enum log_level level, const char *area) {
    static const char *const names[] = {"debug", "info ", "warn ", "ERROR"};
    clock_rfc3339(b, clock_now() / 1000 * 1000);
    buf_printf(b, " %s %s: ", names[level], area);
}

/* Cut where it is too long: between two characters, or two that are spelt out. */
static void cut(struct buf *b, size_t most) {
    if (b->len <= most) return;
    size_t at = utf8_cut((struct sori_str){b->data, b->len}, most).len;
    for (size_t back = 1; back <= 3 && at > back; back++)
        if (b->data[at - back] == '\\') at -= back;
    b->len = at;
}

/* False where it would have to wait: whoever reads the log is slow, or has stopped reading. */
static bool put_line(struct sori_str line) {
    struct pollfd room = {.fd = STDERR_FILENO, .events = POLLOUT};
    if (poll(&room, 1, 0) != 1 || !(room.revents & (POLLOUT | POLLERR | POLLNVAL))) return false;
    return write(STDERR_FILENO, line.ptr, line.len) >= 0 || errno != EAGAIN;
}

void log_line(enum log_level level, const char *area, const char *format, ...) {
    static atomic_ulong lost; /* of the one log that a process has */
    char message[LINE_MOST];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    struct buf b = {0};
    unsigned long before = atomic_exchange(&lost, 0);
    if (before) {
        put_head(&b, LOG_WARN, "log");
        buf_printf(&b, "%lu lines were lost here, because nobody read them in time\n", before);
        if (!put_line(buf_view(&b))) atomic_fetch_add(&lost, before);
        buf_clear(&b);
    }
    put_head(&b, level, area);
    put_shown(&b, message);
    cut(&b, LINE_MOST - 1);
    buf_putc(&b, '\n');
    if (!put_line(buf_view(&b))) atomic_fetch_add(&lost, 1);
    buf_free(&b);
}
