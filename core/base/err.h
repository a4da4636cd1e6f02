/* An error for people: where, what, what was expected, what to do. Lives on the caller's stack. */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stdbool.h>

struct err {
    char text[1024];
};

/* Writes the message (cut to fit) and returns false, so that `return err_set(err, …)` reads well.
 * `err` may be NULL. */
bool err_set(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Puts "prefix: " in front of what is there; returns false. */
bool err_prefix(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The impossible: says so on stderr and aborts. Always on. */
_Noreturn void base_impossible(const char *file, int line, const char *what);
#define SORI_ASSERT(x) ((x) ? (void)0 : base_impossible(__FILE__, __LINE__, #x))

#endif
