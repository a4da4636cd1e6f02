/* The spool: what came in, as it came, durable before it is answered. The gate appends; the core
 * tails, and appends to segments of its own (imports, polled items that could not be decoded).
 *
 * data/spool/NNNNNNNNNNNN.seg: a 32-byte head, then records. Record: u32 length of payload, u32
 * crc32 of payload, payload, u32 END. Integers are little-endian. A torn tail (crash while
 * writing) ends the segment: nothing after it was acknowledged. Payload: a record of DEL_… fields
 * (supervise/messages.h) without options. */
#ifndef GATE_SPOOL_H
#define GATE_SPOOL_H

#include "base/err.h"
#include "base/record.h"

enum { SPOOL_HEAD = 32, SPOOL_RECORD_MAX = 32 << 20 };

struct spool_writer;
/* Opens a new segment in `dir` (made when missing): its id is one above the highest there, so that
 * several writers never share one. Call it before the fence: later segments are made with openat
 * and linkat on the kept descriptor. `total_bytes` bounds what is not yet read: segments that no
 * reader has sealed.
 *
 * Several writers work side by side while one reader goes through the segments in order, so a
 * segment must end where the reader leaves it. From its first append to its sync a writer holds a
 * lock (flock) on its segment; a reader that wants to move on takes the lock for a moment and seals
 * the segment (mode 0400), and a writer that finds its segment sealed begins the next one. */
struct spool_writer *spool_create(const char *dir, int64_t segment_bytes, int64_t total_bytes,
                                  struct err *err);
void spool_close(struct spool_writer *w);
/* Appends; not yet durable. False when the spool holds total_bytes (answer 503) or on error. */
bool spool_append(struct spool_writer *w, struct sori_str payload, struct err *err);
/* Makes all appended records durable. A failed sync is final: the caller must exit. */
bool spool_sync(struct spool_writer *w, struct err *err);
/* How much of total_bytes is not yet read, in percent; counted anew every 200 ms at most. */
int spool_percent(struct spool_writer *w);
/* Id of the segment that the next record goes to, unless it is full. */
int64_t spool_id(const struct spool_writer *w);

/* Reading. Segments in order of id; `next_id` finds the smallest id ≥ from, or -1. */
int64_t spool_next(const char *dir, int64_t from);
struct spool_reader;
struct spool_reader *spool_open(const char *dir, int64_t id, int64_t offset, struct err *err);
void spool_done(struct spool_reader *r);
/* 1: a record, `payload` valid until the next call, `*offset` is where the next begins;
 * 0: nothing more now (the segment may grow); -1: broken here, `err` says how: skip the rest. */
int spool_read(struct spool_reader *r, struct sori_str *payload, int64_t *offset, struct err *err);
/* True when a later segment exists and this one will not grow any more: it is sealed here, unless a
 * writer is in the middle of an append, which is asked again soon. Ask before the read that finds
 * nothing: finished, then 0, means drained. */
bool spool_finished(const char *dir, int64_t id);
/* Unlinks drained segments below `before_id` that are older than `keep_ms` or beyond `keep_bytes`.
 */
void spool_retire(const char *dir, int64_t before_id, int64_t keep_ms, int64_t keep_bytes);

#endif
