/* JSON of strangers, read without trust: a member that is missing, or of another type than
 * expected, is simply not there. */
#include "common/date.h"
#include "facebook/facebook.h"

static const int64_t FIRST_MS = 100000000000; /* from here on a Unix time is in milliseconds */
static const int64_t YEAR_9999 = 253402300799999;

struct sori_str fb_text(const json_t *object, const char *name) {
    const json_t *v = json_object_get(object, name);
    return json_is_string(v) ? (struct sori_str){json_string_value(v), json_string_length(v)}
                             : (struct sori_str){NULL, 0};
}

struct sori_str fb_id_value(struct arena *a, const json_t *v) {
    struct sori_str none = {NULL, 0};
    if (json_is_string(v)) {
        struct sori_str s = {json_string_value(v), json_string_length(v)};
        return s_is(s, "null") || s_is(s, "0") ? none : s;
    }
    if (!json_is_integer(v) || json_integer_value(v) <= 0) return none;
    return arena_format(a, "%lld", (long long)json_integer_value(v));
}

struct sori_str fb_id(struct arena *a, const json_t *object, const char *name) {
    return fb_id_value(a, json_object_get(object, name));
}

static int64_t unix_time(int64_t n) {
    if (n <= 0) return 0;
    if (n < FIRST_MS) return n * 1000;
    return n <= YEAR_9999 ? n : 0;
}

int64_t fb_time(const json_t *object, const char *name) {
    const json_t *v = json_object_get(object, name);
    if (json_is_integer(v)) return unix_time(json_integer_value(v));
    struct sori_str s = s_trim(fb_text(object, name));
    int64_t n = s_number(s), ms;
    if (n >= 0) return unix_time(n);
    return s.len && date_parse(s, &ms) && ms > 0 && ms <= YEAR_9999 ? ms : 0;
}

int64_t fb_number(const json_t *object, const char *name) {
    const json_t *v = json_object_get(object, name);
    if (json_is_integer(v)) return json_integer_value(v);
    int64_t n = s_number(fb_text(object, name));
    return n > 0 ? n : 0;
}

bool fb_true(const json_t *object, const char *name) {
    const json_t *v = json_object_get(object, name);
    if (json_is_string(v))
        return s_is(fb_text(object, name), "true") || fb_number(object, name) == 1;
    return json_is_true(v) || (json_is_integer(v) && json_integer_value(v) == 1);
}

const json_t *fb_at(const json_t *object, const char *first, const char *second) {
    const json_t *v = json_object_get(object, first);
    return v && second ? json_object_get(v, second) : v;
}

/* ---- ids ---- */

bool fb_good_id(struct sori_str id) {
    if (!id.len || id.len > FB_NATIVE_MOST) return false;
    for (size_t i = 0; i < id.len; i++) {
        char c = id.ptr[i];
        if (c <= ' ' || c > '~' || strchr("/?#&%\"\\", c)) return false;
    }
    return !s_is(id, ".") && !s_is(id, "..");
}

struct sori_str fb_comment_id(struct sori_str id) {
    size_t first = s_find_char(id, '_');
    struct sori_str rest = s_from(id, first + 1);
    size_t second = s_find_char(rest, '_');
    bool three = first > 0 && second > 0 && second + 1 < rest.len &&
                 s_find_char(s_from(rest, second + 1), '_') == rest.len - second - 1;
    return three ? rest : id;
}

/* ---- tasks ---- */

static const char *const wants[FB_WANTS] = {
    [FB_WANT_COMMENT] = "comment",
    [FB_WANT_POST] = "post",
    [FB_WANT_MENTION_POST] = "mention-post",
    [FB_WANT_MENTION_COMMENT] = "mention-comment",
    [FB_WANT_MEDIA] = "media",
    [FB_WANT_MEDIA_COMMENT] = "media-comment",
    [FB_WANT_THREAD] = "thread",
    [FB_WANT_MESSAGE] = "message",
    [FB_WANT_FEED] = "feed",
    [FB_WANT_PROFILE] = "profile",
    [FB_WANT_WATCH] = "watch",
};

void fb_task_put(const struct sori_sink *sink, struct arena *a, enum fb_want want,
                 struct sori_str id, struct sori_str other, int64_t due) {
    struct sori_str key = arena_format(a, "%s:%.*s", wants[want], S(id));
    if (!fb_good_id(id) || key.len > FB_NATIVE_MOST) return;
    if (!fb_good_id(other)) other.len = 0;
    sink->task(sink, key,
               arena_format(a, "%s %.*s%s%.*s", wants[want], S(id), other.len ? " " : "", S(other)),
               due);
}

bool fb_task_read(struct sori_str body, struct fb_task *task) {
    struct sori_str what;
    *task = (struct fb_task){0};
    if (!s_next(&body, ' ', &what) || !s_next(&body, ' ', &task->id)) return false;
    task->other = body;
    for (int i = 1; i < FB_WANTS; i++)
        if (s_is(what, wants[i])) task->want = (enum fb_want)i;
    return task->want && fb_good_id(task->id) && (!task->other.len || fb_good_id(task->other));
}
