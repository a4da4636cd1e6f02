/* The fields of an interaction as people write them in tables and JSON. */
#ifndef IMPORT_FIELD_H
#define IMPORT_FIELD_H

#include "common/text.h"
#include "zone.h"
#include "sori/item.h"

enum field {
    FIELD_NONE, /* a column that is not ours */
    FIELD_NATIVE_ID,
    FIELD_TEXT,
    FIELD_TITLE,
    FIELD_KIND,
    FIELD_SHARE,
    FIELD_ORIGIN,
    FIELD_STATE,
    FIELD_VISIBILITY,
    FIELD_SPACE,
    FIELD_VERSION,
    FIELD_PARENT,
    FIELD_TARGET,
    FIELD_URL,
    FIELD_LANG,
    FIELD_SAID_AT,
    FIELD_AUTHOR,
    FIELD_AUTHOR_ID,
    FIELD_AUTHOR_URL,
    FIELD_AUTHOR_REACH,
    FIELD_REACTION,
    FIELD_COUNT
};

/* The field of one of our own names: "author.name", "author_name". */
enum field field_named(struct sori_str name);
/* The field of a heading: our own names are rank 0, common headings ("작성자") stand behind them,
 * in the order in which they are to be believed. `rank` < field_ranks(). */
enum field field_of(struct sori_str name, size_t rank);
size_t field_ranks(void);
const char *field_word(enum field field);

/* Puts a value into the item; false with `why` where it cannot be one. Empty values are left out.
 * `zone` is that of times that name none. The value is borrowed. */
bool field_set(struct sori_item *item, enum field field, struct sori_str value, struct zone *zone,
               const char **why);

#endif
