/* The options of a connection, as they arrive. */
#include "x/x.h"

static bool has_line(struct sori_str lines, const char *word) {
    struct sori_str line;
    while (s_next(&lines, '\n', &line))
        if (s_is(s_trim(line), word)) return true;
    return false;
}

int64_t x_dollars(struct sori_str s) {
    s = s_trim(s);
    if (!s.len) return 0;
    size_t dot = s_find_char(s, '.');
    int64_t whole = s_number(s_head(s, dot)), micros = 0, unit = 100000;
    struct sori_str part = s_from(s, dot + 1);
    if (whole < 0 || whole > 1000000 || part.len > 6 || (dot < s.len && !part.len)) return -1;
    for (size_t i = 0; i < part.len; i++, unit /= 10) {
        if (!s_digit(part.ptr[i])) return -1;
        micros += (part.ptr[i] - '0') * unit;
    }
    return whole * 1000000 + micros;
}

struct x_conf x_conf_read(struct sori_pairs options) {
    struct x_conf c = {.api = s_trim(pairs_get(options, "api")),
                       .user_id = s_trim(pairs_get(options, "user_id")),
                       .handle = s_trim(pairs_get(options, "handle")),
                       .watch = pairs_get(options, "watch"),
                       .webhook = s_trim(pairs_get(options, "webhook")),
                       .events = pairs_get(options, "events")};
    if (!c.api.len) c.api = SORI_STR("https://api.x.com");
    while (c.api.len && c.api.ptr[c.api.len - 1] == '/') c.api.len--;
    if (c.handle.len && c.handle.ptr[0] == '@') c.handle = s_from(c.handle, 1);
    struct sori_str receive = pairs_get(options, "receive");
    c.receive = (has_line(receive, "mentions") ? X_MENTIONS : 0u) |
                (has_line(receive, "search") ? X_SEARCH : 0u) |
                (has_line(receive, "stream") ? X_STREAM : 0u) |
                (has_line(receive, "activity") ? X_ACTIVITY : 0u);
    if (!s_trim(receive).len) c.receive = X_MENTIONS | X_SEARCH;
    c.enterprise = s_is(pairs_get(options, "plan"), "enterprise");
    c.split = s_is(pairs_get(options, "long_reply"), "split");
    c.oauth2 = s_is(pairs_get(options, "auth"), "oauth2");
    c.messages = !s_is(pairs_get(options, "messages"), "false");
    int64_t history = s_number(pairs_get(options, "history"));
    c.history = history >= 0 ? history : 86400000;
    int64_t budget = x_dollars(pairs_get(options, "daily_budget"));
    c.budget = budget > 0 ? budget : 0;
    return c;
}
