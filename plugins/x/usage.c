/* What streams cost. The decoder that reads their lines keeps no books; X does: what it counted
 * today for our project, less what we read by polling, came by stream. Where other connections or
 * programs share the project, theirs is counted too: a budget then ends too early, never too late.
 */
#include "common/date.h"
#include "x/x.h"

enum { EVERY_MS = 600000, DAY_MS = 86400000 };

/* Two numbers of a day, "DAY ONE TWO"; those of another day are none. */
struct books {
    int64_t day, one, two;
};

static struct books open_books(struct x *x, const char *name) {
    struct books b = {.day = x->host->now(x->host) / DAY_MS};
    struct sori_str s = arena_copy(&x->call, x->host->state_get(x->host, s_of(name))), part;
    if (!s_next(&s, ' ', &part) || s_number(part) != b.day) return b;
    if (s_next(&s, ' ', &part)) b.one = s_number(part);
    if (s_next(&s, ' ', &part)) b.two = s_number(part);
    if (b.one < 0) b.one = 0;
    if (b.two < 0) b.two = 0;
    return b;
}

static void close_books(struct x *x, const char *name, const struct books *b) {
    x->host->state_put(x->host, s_of(name),
                       arena_format(&x->call, "%lld %lld %lld", (long long)b->day,
                                    (long long)b->one, (long long)b->two));
}

static bool counts(const struct x *x) {
    return x->conf.budget > 0 && !x->conf.enterprise && (x->conf.receive & (X_STREAM | X_ACTIVITY));
}

void x_count_polled(struct x *x, size_t posts) {
    if (!posts || !counts(x)) return;
    struct books b = open_books(x, "polled");
    b.one += (int64_t)posts;
    close_books(x, "polled", &b);
}

static int64_t of_today(const json_t *answer, int64_t day) {
    const json_t *project = json_object_get(json_object_get(answer, "data"), "daily_project_usage");
    size_t i;
    const json_t *one;
    int64_t sum = 0, at;
    json_array_foreach(json_object_get(project, "usage"), i,
                       one) if (date_parse(x_str(one, "date"), &at) && at / DAY_MS == day) sum +=
        x_int(one, "usage");
    return sum < 0 ? 0 : sum;
}

enum sori_status x_count_streamed(struct x *x) {
    int64_t now = x->host->now(x->host);
    struct books b = open_books(x, "streamed"); /* posts paid for, and when X was asked */
    if (!counts(x) || (b.two && now - b.two < EVERY_MS)) return SORI_OK;
    struct x_request r = {.method = "GET",
                          .as = X_AS_APP,
                          .path = SORI_STR("/2/usage/tweets"),
                          .query = SORI_STR("days=1&usage.fields=daily_project_usage"),
                          .bucket = "usage"};
    struct x_answer a = x_ask(x, &r);
    enum sori_status s = x_verdict(x, &a, "asking what was read today");
    if (s == SORI_OK) {
        struct books polled = open_books(x, "polled");
        int64_t streamed = of_today(a.json, b.day) - polled.one;
        if (streamed > b.one) {
            x_spend(x, "streamed posts", (streamed - b.one) * X_PRICE_READ);
            b.one = streamed;
        }
        b.two = now;
        close_books(x, "streamed", &b);
    }
    x_answer_free(&a);
    return s;
}
