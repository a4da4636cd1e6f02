/* Bytes of any encoding to UTF-8, by iconv, before any parser sees them: parsers that convert by
 * themselves cut a document at the first pair that they cannot read. */
#ifndef COMMON_CHARSET_H
#define COMMON_CHARSET_H

#include "common/text.h"

/* The converters that the web uses, held open: glibc loads them from files, and a worker may open
 * files only until its instance is made. Open in `create`, close in `destroy`. Never NULL. */
struct charsets;
struct charsets *charsets_open(void);
void charsets_close(struct charsets *c);

/* What decoding met: how many sequences became U+FFFD, and how many characters beyond ASCII. */
struct charset_tally {
    size_t bad, wide;
};

/* Appends `bytes` as UTF-8, decoded by a label as it is found in the wild ("euc-kr" is read as
 * CP949, "iso-8859-1" as windows-1252). False, with nothing appended, where no such encoding is
 * known. */
bool charset_decode(struct text *out, struct sori_str bytes, struct sori_str label,
                    struct charset_tally *tally);

/* Appends bytes without any label: UTF-8 if they are, else CP949 if they read as Korean, else
 * windows-1252. Returns the name of what was taken. */
const char *charset_guess(struct text *out, struct sori_str bytes);

/* The charset parameter of a Content-Type value, or empty. */
struct sori_str charset_of_type(struct sori_str content_type);

/* A document, by byte order mark, Content-Type, XML declaration, and what its bytes allow. The
 * result is valid UTF-8 without a mark and lives in the arena. `how` (may be NULL) tells what was
 * taken, and why where that was not what the document says; it lives in the arena or is constant.
 */
struct sori_str charset_document(struct arena *a, struct sori_str bytes,
                                 struct sori_str content_type, struct sori_str *how);

#endif
