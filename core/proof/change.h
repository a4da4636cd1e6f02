/* What it means that two decisions differ. A decision's meaning is what follows from it: its
 * status, its direction, and its intentions, in order, with every word and value of them. Names of
 * rules and notes are how people speak of it: another name for the same doing is a rename. Lines of
 * files, the trace, and what word lists found are neither. */
#ifndef PROOF_CHANGE_H
#define PROOF_CHANGE_H

#include "base/record.h"

enum change { CHANGES_NOTHING, CHANGES_NAME, CHANGES_MEANING };

enum change change_of(struct sori_str then, struct sori_str now);
/* Appends what a decision does, in a few words: "reply sorry, assign support, clock 60m"; "nothing:
 * no rule matched". At most CHANGE_WORDS bytes. */
enum { CHANGE_WORDS = 160 };
void change_does(struct sori_str decision, struct buf *out);
/* Appends what the one does and the other does not: "reply sorry → nothing", "clock 1h → clock
 * 90m", "words of reply sorry". */
void change_move(struct sori_str then, struct sori_str now, struct buf *out);
/* Appends the first thing in which two decisions of one doing differ: "text of reply sorry",
 * "direction: support → apologise"; nothing where they mean the same. */
void change_point(struct sori_str then, struct sori_str now, struct buf *out);
/* True where that first difference is in words: both texts, which point into the decisions. */
bool change_texts(struct sori_str then, struct sori_str now, struct sori_str *was,
                  struct sori_str *is);

#endif
