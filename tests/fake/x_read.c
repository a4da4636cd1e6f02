/* Lists of the fake X, from new to old: mentions, our own posts, searches; and single posts. */
#include "fake/x.h"

#include <stdio.h>
#include <stdlib.h>

enum { WEEK_MS = 7 * 86400000, MENTIONS_KEPT = 800, SEARCH_END_MS = 10000 };

void x_answer(struct x_call *c, int status, json_t *answer) {
    reply_json(c->r, status, x_spell(c->f, answer));
}

void x_me(struct x_call *c) {
    const json_t *me = x_user(c->f, fake_get(c->f, "user_id"));
    const char *fields = json_text(c->a->query, "user.fields"), *name;
    json_t *shown = json_object(), *value;
    json_object_foreach((json_t *)(uintptr_t)me, name, value) {
        bool always = x_has("id,name,username", name);
        if (always || x_has(fields, name)) json_object_set(shown, name, value);
    }
    x_answer(c, 200, json_pack("{s:o}", "data", shown));
}

/* ---- which posts ---- */

struct range {
    const char *since, *until; /* ids, "" none */
    int64_t from, to;          /* ms, 0 none */
};

static bool read_id(struct x_call *c, const char *name, const char **id) {
    *id = json_text(c->a->query, name);
    if (!**id || x_known_id(*id)) return true;
    x_invalid(c, name, "The `%s` query parameter value [%s] is not valid", name, *id);
    return false;
}

static bool read_time(struct x_call *c, const char *name, int64_t *ms) {
    const char *text = json_text(c->a->query, name);
    *ms = *text ? time_parse(text) : 0;
    if (*ms >= 0 && (!*text || strchr(text, 'T'))) return true;
    x_invalid(c, name, "Invalid '%s':'%s'. '%s' must be a valid ISO 8601 date", name, text, name);
    return false;
}

static bool read_range(struct x_call *c, struct range *range) {
    return read_id(c, "since_id", &range->since) && read_id(c, "until_id", &range->until) &&
           read_time(c, "start_time", &range->from) && read_time(c, "end_time", &range->to);
}

/* Recent search remembers a week. */
static bool recent(struct x_call *c, const struct range *range) {
    int64_t now = fake_now(), oldest = now - WEEK_MS;
    char text[40], id[24];
    time_iso_ms(text, oldest);
    x_new_id(c->f, oldest, id);
    if (*range->since && x_id_ms(range->since) < oldest) {
        x_count(c->f, "since_id too old");
        x_invalid(c, "since_id",
                  "'since_id' must be a tweet id created after %s. Please use a 'since_id' that is "
                  "larger than %s",
                  text, id);
    } else if (range->from && range->from < oldest) {
        x_invalid(c, "start_time", "Invalid 'start_time'. 'start_time' must be on or after %s",
                  text);
    } else if (range->to && range->to > now - SEARCH_END_MS) {
        x_invalid(c, "end_time",
                  "Invalid 'end_time'. 'end_time' must be a minimum of 10 seconds prior to the "
                  "request time.");
    } else {
        return true;
    }
    return false;
}

static bool within(const json_t *post, const struct range *range) {
    const char *id = json_text(post, "id");
    int64_t at = json_integer_value(json_object_get(post, "at"));
    if (json_object_get(post, "removed")) return false;
    if (*range->since && x_id_compare(id, range->since) <= 0) return false;
    if (*range->until && x_id_compare(id, range->until) >= 0) return false;
    if (range->from && at < range->from) return false;
    if (range->to && at >= range->to) return false;
    return true;
}

static bool mentions_us(struct fake *f, const json_t *post) {
    const json_t *above = x_post(f, json_text(post, "reply_to"));
    if (*json_text(post, "repost_of")) return false;
    return x_summons(f, post) ? strcasestr(json_text(post, "raw"), fake_get(f, "handle")) != NULL
                              : above && x_ours(f, above) && !x_ours(f, post);
}

/* ---- pages ---- */

static int by_age(const void *a, const void *b) {
    return x_id_compare(json_text(*(json_t *const *)b, "id"), json_text(*(json_t *const *)a, "id"));
}

static void sort_new_first(json_t *list) {
    size_t n = json_array_size(list);
    json_t **all = mem_get((n + 1) * sizeof *all);
    for (size_t i = 0; i < n; i++) all[i] = json_incref(json_array_get(list, i));
    qsort(all, n, sizeof *all, by_age);
    json_array_clear(list);
    for (size_t i = 0; i < n; i++) json_array_append_new(list, all[i]);
    free(all);
}

/* A token is good for the request that it came from: the same but for the token itself. */
static uint64_t same_request(const struct x_call *c) {
    static const char *const names[] = {"query", "since_id", "start_time", "end_time", "until_id"};
    uint64_t h = 1469598103934665603u;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        for (const char *p = json_text(c->a->query, names[i]); *p; p++)
            h = (h ^ (unsigned char)*p) * 1099511628211u;
    return h;
}

static bool read_token(struct x_call *c, const char **until) {
    const char *token = json_text(c->a->query, "pagination_token");
    if (!*token) token = json_text(c->a->query, "next_token");
    char head[24];
    *until = "";
    if (!*token) return true;
    snprintf(head, sizeof head, "%016llx", (unsigned long long)same_request(c));
    if (strncmp(token, head, 16) == 0 && x_known_id(token + 16)) {
        *until = token + 16;
        return true;
    }
    x_count(c->f, "page token of another request");
    x_invalid(c, "pagination_token", "Invalid pagination_token: %s", token);
    return false;
}

static int64_t page_size(struct x_call *c, int64_t least) {
    int64_t n = ask_number(c->a, "max_results", 10), most = fake_number(c->f, "page");
    if (n < least || n > 100) {
        x_invalid(c, "max_results",
                  "The `max_results` query parameter value [%lld] is not between "
                  "%lld and 100",
                  (long long)n, (long long)least);
        return -1;
    }
    return n < most ? n : most;
}

static void give_page(struct x_call *c, json_t *found, int64_t size) {
    struct x_view v = x_view_of(c->a);
    json_t *page = json_array(), *data = json_array(), *answer = json_object();
    size_t total = json_array_size(found), n = total < (size_t)size ? total : (size_t)size;
    for (size_t i = 0; i < n; i++) {
        json_array_append(page, json_array_get(found, i));
        json_array_append_new(data, x_show(c->f, json_array_get(found, i), &v));
    }
    json_t *meta = json_pack("{s:i}", "result_count", (int)n);
    if (n) {
        const char *oldest = json_text(json_array_get(found, n - 1), "id");
        json_object_set(meta, "newest_id", json_object_get(json_array_get(found, 0), "id"));
        json_object_set_new(meta, "oldest_id", json_string(oldest));
        if (n < total)
            json_object_set_new(
                meta, "next_token",
                json_sprintf("%016llx%s", (unsigned long long)same_request(c), oldest));
        json_object_set(answer, "data", data);
    }
    x_beside(c->f, answer, page, &v);
    for (size_t i = 0; i < n; i++) x_count(c->f, "posts given");
    json_object_set_new(answer, "meta", meta);
    json_decref(page);
    json_decref(data);
    x_answer(c, 200, answer);
}

enum which { MENTIONS, OWN, FOUND };

/* The newest are listed a little later. */
static bool is_listed(struct fake *f, const json_t *post, enum which which) {
    int64_t age = fake_now() - json_integer_value(json_object_get(post, "at"));
    return age >= fake_number(f, which == OWN ? "own_lag" : "lag");
}

static void list(struct x_call *c, enum which which, int64_t least, size_t most) {
    struct range range;
    const char *until, *query = json_text(c->a->query, "query"), *why = NULL;
    int64_t size = page_size(c, least);
    if (size < 0 || !read_range(c, &range)) return;
    if (which == FOUND && !recent(c, &range)) return;
    if (!read_token(c, &until)) return;
    json_t *found = json_array(), *post;
    size_t i;
    json_array_foreach(x_list(c->f, "posts"), i, post) {
        bool hit = within(post, &range) && is_listed(c->f, post, which);
        if (which == MENTIONS) hit = hit && mentions_us(c->f, post);
        if (which == OWN) hit = hit && x_ours(c->f, post);
        /* Searches do not list reposts. */
        if (which == FOUND)
            hit = hit && !*json_text(post, "repost_of") &&
                  x_matches(c->f, query, post, &why) == X_YES;
        if (hit) json_array_append(found, post);
    }
    sort_new_first(found);
    while (json_array_size(found) > most) json_array_remove(found, json_array_size(found) - 1);
    while (*until && json_array_size(found) &&
           x_id_compare(json_text(json_array_get(found, 0), "id"), until) >= 0)
        json_array_remove(found, 0);
    give_page(c, found, size);
    json_decref(found);
}

static bool is_us(struct x_call *c) {
    if (strcmp(c->part[0], fake_get(c->f, "user_id")) == 0) return true;
    x_not_found(c, "user", "id", c->part[0]);
    return false;
}

void x_mentions(struct x_call *c) {
    if (is_us(c)) list(c, MENTIONS, 5, MENTIONS_KEPT);
}

void x_own(struct x_call *c) {
    if (is_us(c)) list(c, OWN, 5, 3200);
}

void x_search(struct x_call *c) {
    const char *query = json_text(c->a->query, "query"), *why = NULL;
    size_t most = x_is(c->f, "plan", "enterprise") ? 4096 : 512, len = strlen(query);
    if (!len || len > most)
        x_invalid(c, "query", "The `query` query parameter can not be empty or longer than %zu",
                  most);
    else if (x_matches(c->f, query, NULL, &why) == X_BAD)
        x_invalid(c, "query", "There were errors processing your request: %s", why);
    else
        list(c, FOUND, 10, 100000);
}

void x_lookup(struct x_call *c) {
    const json_t *post = x_live_post(c->f, c->part[0]);
    struct x_view v = x_view_of(c->a);
    if (!post) {
        x_not_found(c, "tweet", "id", c->part[0]);
        return;
    }
    json_t *answer = json_pack("{s:o}", "data", x_show(c->f, post, &v));
    json_t *one = json_pack("[O]", post);
    x_beside(c->f, answer, one, &v);
    json_decref(one);
    x_answer(c, 200, answer);
}

/* What was read today, by polls and streams together. */
void x_usage(struct x_call *c) {
    int64_t today = fake_now() / 86400000 * 86400000;
    json_t *given = json_object_get(x_table(c->f, "audit"), "posts given");
    json_int_t n = json_integer_value(given);
    if (ask_number(c->a, "days", 7) < 1 || ask_number(c->a, "days", 7) > 90) {
        x_invalid(c, "days", "The `days` query parameter value is not between 1 and 90");
        return;
    }
    reply_json(c->r, 200,
               json_pack("{s:{s:{s:i, s:[{s:o, s:I}]}}}", "data", "daily_project_usage",
                         "project_id", 1, "usage", "date", x_stamp(today), "usage", n));
}
