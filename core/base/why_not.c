#include "base/why_not.h"

#include "base/buf.h"
#include "base/enums.h"

static const struct {
    const char *name;
    int64_t verb;
} names[] = {{"reply", VERB_REPLY},
             {"reply privately", VERB_PRIVATE_REPLY},
             {"reply_privately", VERB_PRIVATE_REPLY},
             {"private_reply", VERB_PRIVATE_REPLY},
             {"like", VERB_LIKE},
             {"hide", VERB_HIDE},
             {"delete", VERB_DELETE}};

static int64_t verb_named(struct sori_str name) {
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (str_is(name, names[i].name)) return names[i].verb;
    return 0;
}

/* Offset of `what`, or the length where it does not occur. */
static size_t find(struct sori_str s, struct sori_str what) {
    for (size_t i = 0; i + what.len <= s.len; i++)
        if (memcmp(s.ptr + i, what.ptr, what.len) == 0) return i;
    return s.len;
}

/* What stands before `sep` is taken off `rest`, and the separator with it. */
static struct sori_str take(struct sori_str *rest, struct sori_str sep) {
    size_t n = find(*rest, sep), gone = n == rest->len ? n : n + sep.len;
    struct sori_str head = {rest->ptr, n};
    rest->ptr += gone;
    rest->len -= gone;
    return head;
}

/* Length of the head "reply, like: " of a clause, 0 where it begins otherwise and so goes on with
 * the reason before it. `ours`: is the verb among them? */
static size_t head_of(struct sori_str clause, int64_t verb, bool *ours) {
    struct sori_str rest = clause, list = take(&rest, SORI_STR(": "));
    *ours = false;
    if (list.len == clause.len) return 0;
    while (list.len) {
        int64_t named = verb_named(take(&list, SORI_STR(", ")));
        if (!named) return 0;
        *ours |= named == verb;
    }
    return clause.len - rest.len;
}

struct sori_str why_not(struct sori_str all, int64_t verb) {
    struct sori_str rest = all, found = {0};
    while (rest.len) {
        struct sori_str clause = take(&rest, SORI_STR("; "));
        bool ours;
        size_t head = head_of(clause, verb, &ours);
        const char *end = clause.ptr + clause.len;
        if (found.len && head) break;
        if (found.len) /* a reason may have several parts */
            found.len = (size_t)(end - found.ptr);
        else if (ours && head)
            found = (struct sori_str){clause.ptr + head, clause.len - head};
    }
    return found.len ? found : all.len ? all : SORI_STR("no reason given");
}
