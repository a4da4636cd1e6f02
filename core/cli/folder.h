/* Waiting until somebody has saved something in a folder, or has had enough. */
#ifndef CLI_FOLDER_H
#define CLI_FOLDER_H

#include "base/err.h"

enum folder_news { FOLDER_CHANGED, FOLDER_STOPPED /* Ctrl-C */, FOLDER_GONE };

/* A descriptor that hears of changes in `dir` and the folders in it from here on; -1 with `err`. */
int folder_open(const char *dir, struct err *err);
/* Waits until something that a policy is made of has changed, was closed by who wrote it and has
 * been quiet for a moment. SIGINT and SIGTERM end the wait alone; before and after it they do what
 * they always do. */
enum folder_news folder_wait(int fd, const char *dir);

#endif
