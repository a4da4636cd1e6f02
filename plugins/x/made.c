/* Finding again what we said. X dresses a text up: people in front of a reply, short links, &amp;,
 * composed letters. What is left when all of that is taken away from both sides is compared. */
#include "x/made.h"

#include "common/as_act.h"
#include "common/date.h"

#include <unicode/unorm2.h>
#include <unicode/ustring.h>

enum {
    PAGES_MAX = 32,
    MESSAGE_PAGES_MAX = 10,
    DAY_MS = 86400000,
    WEEK_MS = 7 * DAY_MS,
    EARLIER_MS = 60000
};

/* ---- the essence of a text ---- */

/* Composed (NFC); as it is where ICU refuses. */
static struct sori_str composed(struct arena *a, struct sori_str s) {
    UErrorCode e = U_ZERO_ERROR;
    const UNormalizer2 *nfc = unorm2_getNFCInstance(&e);
    if (U_FAILURE(e) || s.len > 65536) return s;
    int32_t room = (int32_t)s.len * 3 + 16, n = 0;
    UChar *wide = arena_get(a, (size_t)room * sizeof *wide);
    UChar *whole = arena_get(a, (size_t)room * sizeof *whole);
    u_strFromUTF8WithSub(wide, room, &n, s.ptr, (int32_t)s.len, 0xFFFD, NULL, &e);
    n = unorm2_normalize(nfc, wide, n, whole, room, &e);
    char *out = arena_get(a, (size_t)room * 3 + 1);
    int32_t len = 0;
    u_strToUTF8(out, room * 3, &len, whole, n, &e);
    return U_FAILURE(e) ? s : (struct sori_str){out, (size_t)len};
}

static struct sori_str without_names(struct sori_str s) {
    for (;;) {
        s = s_trim(s);
        if (!s.len || s.ptr[0] != '@') return s;
        size_t n = 1;
        while (n < s.len && (s_alpha(s.ptr[n]) || s_digit(s.ptr[n]) || s.ptr[n] == '_')) n++;
        if (n == 1) return s;
        s = s_from(s, n);
    }
}

/* No names in front, no links, no blanks. */
static struct sori_str essence(struct x *x, struct sori_str text) {
    text = without_names(composed(&x->call, text));
    struct x_entities links = x_urls(x->text, &x->call, text);
    struct text out = {0};
    size_t at = 0, code = 0, link = 0;
    while (at < text.len) {
        size_t from = at;
        (void)utf8_next(text, &at);
        while (link < links.n && code >= links.at[link].to) link++;
        bool inside = link < links.n && code >= links.at[link].from;
        bool blank = at - from == 1 && s_blank(text.ptr[from]);
        if (!inside && !blank) text_put(&out, text.ptr + from, at - from);
        code++;
    }
    struct sori_str kept = text_keep(&out, &x->call);
    /* Nothing but a link: then the number of links must do. */
    return kept.len ? kept : arena_format(&x->call, "%zu links", links.n);
}

/* Not before what it answers was said. A long time after it: not before any attempt can have been.
 */
int64_t x_look_from(struct x *x, const struct sori_action *action) {
    int64_t since = action->since, said = SORI_HAS(action, said_at) ? action->said_at : 0;
    int64_t now = x->host->now(x->host), from = said > 0 ? said : since > 0 ? since : now - DAY_MS;
    if (from < now - WEEK_MS) from = now - WEEK_MS;
    if (since > 0 && since < from) from = since;
    return from - EARLIER_MS;
}

/* ---- posts ---- */

/* What the answers say of one post of ours, kept over pages. */
struct own {
    struct own *next; /* older */
    struct sori_str id, parent, essence;
};

static struct sori_str parent_of(struct x *x, const json_t *post) {
    size_t i;
    const json_t *one;
    const json_t *list = x_either(post, "referenced_tweets", "referenced_posts");
    json_array_foreach((json_t *)(uintptr_t)list, i,
                       one) if (s_is(x_str(one, "type"), "replied_to")) return x_id(&x->call, one,
                                                                                    "id");
    return (struct sori_str){NULL, 0};
}

static void keep_page(struct x *x, const json_t *data, struct own ***end) {
    size_t i;
    const json_t *post;
    json_array_foreach((json_t *)(uintptr_t)data, i, post) {
        struct own *o = arena_get(&x->call, sizeof *o);
        o->id = arena_copy(&x->call, x_id(&x->call, post, "id"));
        o->parent = arena_copy(&x->call, parent_of(x, post));
        o->essence = essence(x, x_words(&x->call, post, (struct sori_str){NULL, 0}));
        **end = o;
        *end = &o->next;
    }
}

static enum sori_act_status read_own(struct x *x, int64_t from, struct own **list) {
    struct sori_str token = {NULL, 0};
    for (int page = 0; page < PAGES_MAX; page++) {
        struct text q = {0};
        x_param(&q, "max_results", SORI_STR("100"));
        x_param(&q, "start_time", x_stamp(&x->call, from));
        if (token.len) x_param(&q, "pagination_token", token);
        x_param(&q, "tweet.fields",
                SORI_STR("id,text,created_at,conversation_id,referenced_tweets,entities,"
                         "note_tweet"));
        struct x_request r = {
            .method = "GET",
            .as = X_AS_USER,
            .path = arena_format(&x->call, "/2/users/%.*s/tweets", S(x->conf.user_id)),
            .query = text_view(&q),
            .bucket = "own posts"};
        struct x_answer a = x_ask(x, &r);
        text_free(&q);
        enum sori_status s = x_verdict(x, &a, "looking for what we said");
        if (s == SORI_OK) {
            const json_t *data = json_object_get(a.json, "data");
            x_spend(x, "own posts", (int64_t)json_array_size(data) * X_PRICE_OWN_READ);
            keep_page(x, data, &list);
            token = arena_copy(&x->call, x_str(json_object_get(a.json, "meta"), "next_token"));
        }
        x_answer_free(&a);
        if (s != SORI_OK) return as_act(s);
        if (!token.len) return SORI_ACT_OK;
    }
    x_fail(x, 0, "we said more than 3,200 things since then: not all could be read");
    return SORI_ACT_UNKNOWN_OUTCOME;
}

enum sori_act_status x_find_thread(struct x *x, struct x_thread *t, int64_t from) {
    struct own *list = NULL;
    enum sori_act_status s = read_own(x, from, &list);
    if (s != SORI_ACT_OK) return s;
    struct sori_str above = t->root;
    for (t->found = 0; t->found < t->count; t->found++) {
        struct sori_str want = essence(x, t->parts[t->found]);
        const struct own *hit = NULL;
        for (const struct own *o = list; o; o = o->next) {
            if (!s_eq(o->parent, above) || !s_eq(o->essence, want)) continue;
            if (hit) t->twice = true;
            hit = o; /* the oldest: the list runs from new to old */
        }
        if (!hit) break;
        t->ids[t->found] = above = hit->id;
    }
    return SORI_ACT_OK;
}

/* ---- messages ---- */

enum sori_act_status x_find_message(struct x *x, struct sori_str user, struct sori_str text,
                                    int64_t from, struct sori_str *id, size_t *count) {
    struct sori_str want = essence(x, text), token = {NULL, 0};
    *count = 0;
    for (int page = 0; page < MESSAGE_PAGES_MAX; page++) {
        struct text q = {0};
        x_param(&q, "max_results", SORI_STR("100"));
        x_param(&q, "event_types", SORI_STR("MessageCreate"));
        x_param(&q, "dm_event.fields",
                SORI_STR("id,text,sender_id,created_at,event_type,entities"));
        if (token.len) x_param(&q, "pagination_token", token);
        struct x_request r = {
            .method = "GET",
            .as = X_AS_USER,
            .path = arena_format(&x->call, "/2/dm_conversations/with/%.*s/dm_events", S(user)),
            .query = text_view(&q),
            .bucket = "messages"};
        struct x_answer a = x_ask(x, &r);
        text_free(&q);
        enum sori_status s = x_verdict(x, &a, "looking for our message");
        bool past = false;
        size_t i;
        const json_t *one;
        json_array_foreach(s == SORI_OK ? json_object_get(a.json, "data") : NULL, i, one) {
            int64_t at = 0;
            struct sori_str name = x_id(&x->call, one, "id");
            if (!date_parse(x_str(one, "created_at"), &at)) at = x_id_time(name);
            past = past || (at && at < from);
            if ((at && at < from) || !s_eq(x_id(&x->call, one, "sender_id"), x->conf.user_id) ||
                !s_eq(essence(x, x_words(&x->call, one, (struct sori_str){NULL, 0})), want))
                continue;
            *id = arena_copy(&x->call, name);
            ++*count;
        }
        token = arena_copy(&x->call, x_str(json_object_get(a.json, "meta"), "next_token"));
        x_answer_free(&a);
        if (s != SORI_OK) return as_act(s);
        if (past || !token.len) return SORI_ACT_OK;
    }
    x_fail(x, 0, "the conversation is longer than a thousand messages since then");
    return SORI_ACT_UNKNOWN_OUTCOME;
}
