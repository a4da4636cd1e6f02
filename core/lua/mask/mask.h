/* Texts without the persons in them: names, numbers and addresses become made-up ones of the same
 * form. The same one becomes the same, as long as the mask lives. What is made up depends on the
 * order alone, never on what it stands for, so that nothing can be computed back.
 *
 * It finds what has a form: Korean and English, and errs towards taking too much. It cannot find a
 * name that stands there like any other word. */
#ifndef LUA_MASK_H
#define LUA_MASK_H

#include "base/buf.h"

enum mask_kind {
    MASK_NAME, /* of the author, and what is said to be a name */
    MASK_EMAIL,
    MASK_PHONE,
    MASK_RESIDENT, /* number of a resident registration, 주민등록번호 */
    MASK_CARD,
    MASK_ACCOUNT, /* of a bank, and any other long number */
    MASK_ORDER,   /* of an order, a parcel, a booking */
    MASK_ADDRESS,
    MASK_HANDLE,
    MASK_URL,
    MASK_KINDS
};
/* "name", "email", …; the number of such a word, or -1. */
const char *mask_word(enum mask_kind kind);
int mask_of(struct sori_str word);

struct mask;
/* `keep`: bits of kinds that stay as they are. */
struct mask *mask_new(unsigned keep);
void mask_free(struct mask *m);
/* Appends the name that stands for this one, which is masked in texts from here on too. */
void mask_person(struct mask *m, struct sori_str name, struct buf *out);
void mask_text(struct mask *m, struct sori_str text, struct buf *out);
/* How many different ones of a kind were met. */
unsigned mask_count(const struct mask *m, enum mask_kind kind);

#endif
