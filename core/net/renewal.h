/* The keeping of one new token, so that as little as can be is lost when a process dies in it.
 *
 * A refresh token is used up the moment the platform answers; it has no second phase. So before
 * anything is asked, secrets/.CONNECTION.SLOT.renewing is made: locked, which keeps other processes
 * of ours from asking as well; of full size and synced, so that a full or refusing disk is met
 * while the old token is still good; and saying which token is about to be used up. The answer is
 * written into it by one call, synced, and renamed over the old one. What dies
 *   before the answer came: the next one asks again, and where the old token is refused then, it
 *     knows why and says so: a person authorises again. That refusal is kept here as well, so that
 *     a token that is used up is not shown to the platform at every start;
 *   after that one call: the next one finds the new token here, and puts it into its place.
 * Lost is only an answer that was under way, or in our hands for the microseconds until that call.
 */
#ifndef NET_RENEWAL_H
#define NET_RENEWAL_H

#include "base/buf.h"
#include "base/err.h"

/* `old` is a digest of the token that will be used up, `whole` of that and of the client who shows
 * it: a refusal was of both. `now` is ms since 1970. */
struct renewal_of {
    uint64_t old, whole;
};

/* Zero-initialise with `fd` -1. */
struct renewal {
    int fd;
    bool placed; /* it is under its own name; only the folder is not synced yet */
    char *folder, *path, *target;
    struct renewal_of of;
    int64_t began;
    /* One that began then with the same token has left no answer; ms, 0: none. */
    int64_t began_before;
};

enum renewal_begun {
    RENEWAL_READY,     /* the platform may be asked */
    RENEWAL_FOUND,     /* a token that had been left here is in its place now */
    RENEWAL_ELSEWHERE, /* another process is renewing it */
    RENEWAL_REFUSED,   /* the platform has refused it before, in the words of `err` */
    RENEWAL_FAILED     /* `err` says why; nothing may be asked */
};

enum renewal_begun renewal_begin(struct renewal *r, const char *folder, struct sori_str connection,
                                 struct sori_str slot, struct renewal_of of, int64_t now,
                                 struct err *err);
/* The new token's line, which has `old` as renewal_mark spells it in its member "renews": durable
 * and in its place when it returns true, and then it has ended. False: it may be tried again. */
bool renewal_put(struct renewal *r, struct sori_str line, struct err *err);
/* Ends it by the platform's refusal, which `why` tells without anything secret. */
void renewal_refuse(struct renewal *r, const char *why);
/* Ends it without a token; `settled`: the platform has said so, nothing is in doubt. */
void renewal_end(struct renewal *r, bool settled);

enum { RENEWAL_MARK = 17 };
void renewal_mark(uint64_t old, char out[RENEWAL_MARK]);

#endif
