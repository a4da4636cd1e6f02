/* Which lines of a bundle have code, and which of them ran. */
#ifndef LUA_CASE_LINES_H
#define LUA_CASE_LINES_H

#include "base/arena.h"
#include "lua/case/case.h"

struct line_book;
struct line_book *line_book_new(void);
void line_book_free(struct line_book *book);
/* A sandbox_line. Files of tests are left out. */
void line_book_see(void *book, const char *file, int line, bool ran);
/* Fills files and counts of the run, in the order of their names. */
void line_book_tell(struct line_book *book, struct arena *arena, struct case_run *run);

#endif
