/* CSV as RFC 4180 says and as office programs write it: quotes, doubled quotes, new lines inside
 * quotes, commas, semicolons or tabs. */
#ifndef IMPORT_CSV_H
#define IMPORT_CSV_H

#include "common/text.h"

enum { CSV_COLUMNS = 256 };

struct csv_row {
    struct sori_str field[CSV_COLUMNS];
    size_t count;
    struct sori_str raw; /* the row as it stands in the text, without its end of line */
    int64_t lines;       /* how many lines of the file it took */
    const char *wrong;   /* why it cannot be read, or NULL */
};

/* Takes the next row off `rest`; false at the end. Fields live in `a` or in the text. A quote that
 * is never closed gives a row that is wrong and ends with its first line. */
bool csv_next(struct sori_str *rest, char delimiter, struct arena *a, struct csv_row *row);

/* Which of , ; and tab parts this header row: the one that occurs most outside quotes. */
char csv_delimiter(struct sori_str header);

#endif
