/* Reading X's JSON: ids are text, numbers may come as text, and names come in two spellings. */
#include "x/x.h"

/* When X's clock for ids began, and the bits below the time. */
enum { ID_SHIFT = 22 };
static const int64_t ID_EPOCH = 1288834974657;

json_t *x_json(struct sori_str bytes) {
    return bytes.len ? json_loadb(bytes.ptr, bytes.len, JSON_ALLOW_NUL, NULL) : NULL;
}

static struct sori_str view(const json_t *s) {
    return (struct sori_str){json_string_value(s), json_string_length(s)};
}

struct sori_str x_str(const json_t *object, const char *name) {
    const json_t *v = json_object_get(object, name);
    return json_is_string(v) ? view(v) : (struct sori_str){NULL, 0};
}

struct sori_str x_id(struct arena *a, const json_t *object, const char *name) {
    const json_t *v = json_object_get(object, name);
    if (json_is_string(v)) return view(v);
    if (json_is_integer(v)) return arena_format(a, "%lld", (long long)json_integer_value(v));
    return (struct sori_str){NULL, 0};
}

int64_t x_int(const json_t *object, const char *name) {
    const json_t *v = json_object_get(object, name);
    if (json_is_integer(v)) return json_integer_value(v);
    if (!json_is_string(v)) return 0;
    int64_t n = s_number(view(v));
    return n < 0 ? 0 : n;
}

const json_t *x_either(const json_t *object, const char *one, const char *other) {
    const json_t *v = json_object_get(object, one);
    return v ? v : json_object_get(object, other);
}

bool x_is_id(struct sori_str s) {
    if (s.len == 0 || s.len > 19) return false;
    for (size_t i = 0; i < s.len; i++)
        if (!s_digit(s.ptr[i])) return false;
    return true;
}

int64_t x_id_time(struct sori_str id) {
    if (!x_is_id(id)) return 0;
    uint64_t n = 0; /* 19 digits fit */
    for (size_t i = 0; i < id.len; i++) n = n * 10 + (uint64_t)(id.ptr[i] - '0');
    /* Before November 2010 ids were plain counts: they tell no time. */
    if (n < 30000000000) return 0;
    return (int64_t)(n >> ID_SHIFT) + ID_EPOCH;
}

struct sori_str x_time_id(struct arena *a, int64_t ms) {
    int64_t since = ms > ID_EPOCH ? ms - ID_EPOCH : 0;
    return arena_format(a, "%llu", (unsigned long long)since << ID_SHIFT);
}

int x_id_compare(struct sori_str a, struct sori_str b) {
    if (a.len != b.len) return a.len < b.len ? -1 : 1;
    int way = a.len ? memcmp(a.ptr, b.ptr, a.len) : 0;
    return way < 0 ? -1 : way > 0;
}
