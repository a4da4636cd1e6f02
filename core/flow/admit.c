#include "flow/admit.h"

#include "base/enums.h"
#include "base/utf8.h"

enum { NAME_MOST = 512, OTHER_MOST = 8 * 1024 };

static const int64_t YEARS_TEN = (int64_t)3652 * 86400000, YEAR_9999 = 253402300799999;

bool admit_name(struct sori_str name) { return name.len > 0 && name.len <= NAME_MOST; }

int64_t admit_span(int64_t ms) { return ms < 0 ? 0 : ms > YEARS_TEN ? YEARS_TEN : ms; }

static bool known(const struct sori_item *i) {
    return (unsigned)i->kind <= SORI_KIND_POST && (unsigned)i->share <= SORI_SHARE_SPECIFIC &&
           (unsigned)i->observed <= SORI_OBSERVED_EVENT &&
           (unsigned)i->event <= SORI_EVENT_ARRIVED && (unsigned)i->origin < ORIGIN_COUNT &&
           (unsigned)i->visibility <= SORI_VISIBILITY_PRIVATE;
}

static void between(int64_t *n, int64_t least, int64_t most) {
    if (*n < least || *n > most) *n = 0;
}

bool admit_item(struct sori_item *i) {
    const struct sori_str ids[] = {i->space, i->parent, i->target, i->author_id};
    for (size_t k = 0; k < sizeof ids / sizeof *ids; k++)
        if (ids[k].len > NAME_MOST) return false;
    if (!admit_name(i->native_id) || !known(i)) return false;
    struct sori_str *const others[] = {&i->author_name, &i->author_url, &i->title, &i->lang,
                                       &i->url,         &i->why_not,    &i->note,  &i->reaction};
    for (size_t k = 0; k < sizeof others / sizeof *others; k++)
        if (others[k]->len > OTHER_MOST) *others[k] = utf8_cut(*others[k], OTHER_MOST);
    between(&i->said_at, -YEAR_9999, YEAR_9999);
    between(&i->version, 0, INT64_MAX);
    between(&i->author_reach, 0, INT32_MAX);
    between(&i->window_left_ms, 0, YEARS_TEN);
    between(&i->text_max, 0, INT32_MAX);
    between(&i->reaction_value, INT32_MIN, INT32_MAX);
    return true;
}
