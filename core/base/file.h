/* Small files: read whole, written whole or not at all. */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include "base/buf.h"
#include "base/err.h"

/* Appends the file's bytes; refuses more than `max`. Follows no final symlink where `nofollow`. */
bool file_read(const char *path, size_t max, bool nofollow, struct buf *out, struct err *err);
/* Writes beside, syncs, renames over, syncs the folder. */
bool file_write(const char *path, struct sori_str bytes, unsigned mode, struct err *err);
/* All of it to an open file; false where that fails, errno tells why. */
bool file_write_all(int fd, struct sori_str bytes);
/* mkdir -p of one level: fine when it exists. */
bool file_make_dir(const char *path, unsigned mode, struct err *err);
/* The mode of a folder in which others than its owner may do anything at all, else 0. */
unsigned file_open_to_others(const char *path);
/* Makes such a folder 0700; `was` is as above. What is not there is not open. */
bool file_close_to_others(const char *path, unsigned *was, struct err *err);
/* Syncs a folder's entries. */
bool file_sync_dir(const char *path, struct err *err);

#endif
