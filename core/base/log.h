/* One line a fact, on stderr: time, level, area, message. Control characters are escaped and lines
 * cut at 4 KiB, so that a stranger's text can neither forge nor flood. Never pass a secret.
 *
 * It never waits: lines for which stderr has no room are counted and dropped, and the next one that
 * goes out is told how many they were. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

/* `area` is the part that speaks: "core", "net", a guest's name. Any thread. */
void log_line(enum log_level level, const char *area, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
