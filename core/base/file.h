/* Small files: read whole, written whole or not at all. */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include "base/buf.h"
#include "base/err.h"

/* Appends the file's bytes; refuses more than `max`. Follows no final symlink where `nofollow`. */
bool file_read(const char *path, size_t max, bool nofollow, struct buf *out, struct err *err);
/* Writes beside, syncs, renames over, syncs the folder. */
bool file_write(const char *path, struct sori_str bytes, unsigned mode, struct err *err);
/* mkdir -p of one level: fine when it exists. */
bool file_make_dir(const char *path, unsigned mode, struct err *err);
/* Syncs a folder's entries. */
bool file_sync_dir(const char *path, struct err *err);

#endif
