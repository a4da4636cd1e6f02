/* Acting on X: replies and threads, messages, likes, hiding, deleting. X has no keys that make a
 * request harmless to repeat, so that whatever could have been said before is looked for first. */
#include "common/as_act.h"
#include "x/made.h"

static enum sori_act_status no(struct x *x, const char *why) {
    x_fail(x, 0, "%s", why);
    return SORI_ACT_PERMANENT;
}

/* ---- refusals ---- */

static bool says(const struct x_answer *a, const char *words) {
    return s_find_same(a->detail, words) < a->detail.len ||
           s_find_same(a->title, words) < a->title.len;
}

/* A writing request that was not answered with success. `harmless`: it may be repeated. */
static enum sori_act_status refused(struct x *x, const struct x_answer *a, const char *doing,
                                    bool harmless) {
    bool lost = a->sent == SORI_OK &&
                (a->status >= 500 || a->status == 408 || (a->status >= 200 && a->status < 300));
    enum sori_status s = x_verdict(x, a, doing);
    if (lost && !harmless) {
        x_fail(x, a->status, "%s: X answered %d: it may have been done", doing, a->status);
        return SORI_ACT_UNKNOWN_OUTCOME;
    }
    if (s == SORI_PERMANENT && says(a, "deleted or not visible")) return SORI_ACT_GONE;
    return as_act(s);
}

static enum sori_act_status too_dear(struct x *x) {
    struct sori_rate r = {
        .struct_size = sizeof r, .bucket = SORI_STR("budget"), .limit = 1, .until = x_midnight(x)};
    x->host->rate(x->host, &r);
    x_fail(x, 0, "daily_budget is spent: it is sent after midnight UTC");
    return SORI_ACT_RATE;
}

static json_t *words(struct sori_str s) { return json_stringn(s.ptr ? s.ptr : "", s.len); }

/* ---- what is said in public ---- */

struct saying {
    const struct sori_action *action;
    const struct sori_result *result;
    struct x_thread thread;
};

/* The text in parts that X takes, before anything is asked of X. */
static enum sori_act_status cut(struct x *x, struct saying *s) {
    struct sori_str text = s_trim(s->action->text);
    struct x_weight w = x_weigh(x->text, text, X_REPLY_MAX);
    struct sori_str wish = pairs_get(s->action->args, "long");
    bool split = wish.len ? s_is(wish, "split") : x->conf.split;
    if (!text.len) return no(x, "there is nothing to say");
    if (w.refused) return no(x, "the text holds a character that X takes in no post");
    if (w.weight > X_REPLY_MAX && !split) {
        x_fail(x, 0,
               "the text weighs %zu of %d (a Korean syllable weighs 2, a link 23): shorten it, or "
               "set long_reply = \"split\"",
               w.weight, X_REPLY_MAX);
        return SORI_ACT_PERMANENT;
    }
    struct x_parts parts = {0};
    if (w.weight > X_REPLY_MAX) {
        parts = x_split(x->text, &x->call, text, X_REPLY_MAX);
        if (!parts.n) return no(x, parts.refused ? parts.refused : "the text is blank");
    } else {
        struct sori_str *whole = arena_get(&x->call, sizeof *whole);
        *whole = text;
        parts = (struct x_parts){.at = whole, .n = 1};
    }
    if (parts.n > X_PARTS_MAX) return no(x, "the text is longer than a thread of 25 posts");
    s->thread =
        (struct x_thread){.parts = parts.at,
                          .count = parts.n,
                          .root = s->action->verb == SORI_VERB_PUBLISH ? (struct sori_str){NULL, 0}
                                                                       : s->action->native_id,
                          .ids = arena_get(&x->call, parts.n * sizeof(struct sori_str))};
    return SORI_ACT_OK;
}

static void tell_made(struct x *x, const struct saying *s) {
    struct sori_str id = s->thread.ids[0],
                    who = x->conf.handle.len ? x->conf.handle : SORI_STR("i");
    s->result->made(s->result, id,
                    arena_format(&x->call, "https://x.com/%.*s/status/%.*s", S(who), S(id)));
}

/* One part, as the answer to `above`. */
static struct x_answer post(struct x *x, struct sori_str text, struct sori_str above) {
    json_t *body = json_pack("{s:o}", "text", words(text));
    if (above.len)
        json_object_set_new(body, "reply",
                            json_pack("{s:o}", "in_reply_to_tweet_id", words(above)));
    struct x_request r = {.method = "POST",
                          .effect = SORI_HTTP_WRITE,
                          .as = X_AS_USER,
                          .path = SORI_STR("/2/tweets"),
                          .body = body,
                          .bucket = "posts"};
    struct x_answer a = x_ask(x, &r);
    json_decref(body);
    return a;
}

static int64_t price(struct x *x, const struct saying *s, size_t part) {
    if (x_urls(x->text, &x->call, s->thread.parts[part]).n) return X_PRICE_LINK;
    return part == 0 && s->thread.root.len ? X_PRICE_REPLY : X_PRICE_POST;
}

/* X refuses a text that it has already: is it this one, or the same words to somebody else? */
static enum sori_act_status same_again(struct x *x, struct saying *s) {
    enum sori_act_status status = x_find_thread(x, &s->thread, x_look_from(x, s->action));
    if (status != SORI_ACT_OK) return status;
    if (s->thread.found < s->thread.count)
        return no(x, "X refuses the same words twice (duplicate content): say it in other words");
    tell_made(x, s);
    return SORI_ACT_DUPLICATE;
}

static enum sori_act_status refused_part(struct x *x, struct saying *s, size_t part,
                                         const struct x_answer *a) {
    if (a->status == 403 && says(a, "duplicate content") && part == 0) return same_again(x, s);
    enum sori_act_status status = refused(x, a, "posting", false);
    struct sori_str at = s->action->native_id;
    if (status == SORI_ACT_PERMANENT && part > 0)
        x_fail(x, a->status,
               "X refused part %zu of %zu (%.*s %.*s); what is out: https://x.com/i/status/%.*s",
               part + 1, s->thread.count, S(a->title), S(utf8_cut(a->detail, 300)),
               S(s->thread.ids[0]));
    else if (status == SORI_ACT_PERMANENT && s->thread.root.len)
        x_fail(x, a->status,
               "X does not let us answer this by its interface (%.*s %.*s); by hand: "
               "https://x.com/intent/post?in_reply_to=%.*s",
               S(a->title), S(utf8_cut(a->detail, 300)), S(at));
    /* Something is out: not sent again before it is sure to be listed. A limit waits longer. */
    if (part > 0 && (status == SORI_ACT_RETRY || status == SORI_ACT_CANCELLED))
        return SORI_ACT_UNKNOWN_OUTCOME;
    return status;
}

static enum sori_act_status say(struct x *x, struct saying *s) {
    struct x_thread *t = &s->thread;
    for (size_t part = t->found; part < t->count; part++) {
        int64_t cost = price(x, s, part);
        if (!x_may_spend(x, cost)) return too_dear(x);
        struct x_answer a = post(x, t->parts[part], part ? t->ids[part - 1] : t->root);
        struct sori_str id = x_id(&x->call, json_object_get(a.json, "data"), "id");
        bool made = x_good(&a) && x_is_id(id);
        enum sori_act_status status = SORI_ACT_OK;
        if (made) {
            t->ids[part] = arena_copy(&x->call, id);
            x_spend(x, "posts", cost);
        } else {
            status = refused_part(x, s, part, &a);
        }
        x_answer_free(&a);
        if (!made) return status;
    }
    tell_made(x, s);
    return SORI_ACT_OK;
}

/* A first attempt of one post cannot have been made before. A thread may have, in part, by an
 * action that failed in its middle. */
static enum sori_act_status speak(struct x *x, const struct sori_action *action,
                                  const struct sori_result *result) {
    struct saying s = {.action = action, .result = result};
    enum sori_act_status status = cut(x, &s);
    if (status != SORI_ACT_OK) return status;
    uint32_t attempt = SORI_HAS(action, attempt) ? action->attempt : 1;
    if (attempt > 1 || s.thread.count > 1) {
        status = x_find_thread(x, &s.thread, x_look_from(x, action));
        if (status == SORI_ACT_UNKNOWN_OUTCOME) return SORI_ACT_PERMANENT;
        if (status != SORI_ACT_OK) return status;
    }
    return say(x, &s);
}

/* ---- messages ---- */

static enum sori_act_status sendable(struct x *x, const struct sori_action *action) {
    if (!x->conf.messages) return no(x, "messages = false in the connection's options");
    if (!x_is_id(action->author_id)) return no(x, "it is not known whom to write to");
    struct sori_str text = s_trim(action->text);
    if (!text.len) return no(x, "there is nothing to say");
    size_t characters = 0;
    for (size_t at = 0; at < text.len; characters++) (void)utf8_next(text, &at);
    if (characters > X_MESSAGE_MAX)
        return no(x, "the message is longer than the 10,000 characters that X takes");
    return SORI_ACT_OK;
}

static void tell_message(struct x *x, const struct sori_result *result, struct sori_str id) {
    result->made(result, arena_format(&x->call, "dm/%.*s", S(id)),
                 SORI_STR("https://x.com/messages"));
}

static enum sori_act_status send_message(struct x *x, const struct sori_action *action,
                                         const struct sori_result *result) {
    if (!x_may_spend(x, X_PRICE_POST)) return too_dear(x);
    json_t *body = json_pack("{s:o}", "text", words(s_trim(action->text)));
    struct x_request r = {.method = "POST",
                          .effect = SORI_HTTP_WRITE,
                          .as = X_AS_USER,
                          .path = arena_format(&x->call, "/2/dm_conversations/with/%.*s/messages",
                                               S(action->author_id)),
                          .body = body,
                          .bucket = "messages sent"};
    struct x_answer a = x_ask(x, &r);
    json_decref(body);
    struct sori_str id = x_id(&x->call, json_object_get(a.json, "data"), "dm_event_id");
    enum sori_act_status status = SORI_ACT_OK;
    if (x_good(&a) && x_is_id(id)) {
        x_spend(x, "messages sent", X_PRICE_POST);
        tell_message(x, result, id);
    } else {
        status = refused(x, &a, "sending the message", false);
    }
    x_answer_free(&a);
    return status;
}

static enum sori_act_status message(struct x *x, const struct sori_action *action,
                                    const struct sori_result *result) {
    enum sori_act_status status = sendable(x, action);
    if (status != SORI_ACT_OK) return status;
    if (SORI_HAS(action, attempt) && action->attempt > 1) {
        struct sori_str id;
        size_t count;
        status =
            x_find_message(x, action->author_id, action->text, x_look_from(x, action), &id, &count);
        if (status == SORI_ACT_UNKNOWN_OUTCOME) return SORI_ACT_PERMANENT;
        if (status != SORI_ACT_OK) return status;
        if (count) {
            tell_message(x, result, id);
            return SORI_ACT_OK;
        }
    }
    return send_message(x, action, result);
}

/* ---- states of a post: all of them harmless to repeat ---- */

static enum sori_act_status change(struct x *x, const char *method, struct sori_str path,
                                   json_t *body, const char *bucket, const char *doing) {
    struct x_request r = {.method = method,
                          .effect = SORI_HTTP_WRITE,
                          .as = X_AS_USER,
                          .path = path,
                          .body = body,
                          .bucket = bucket};
    struct x_answer a = x_ask(x, &r);
    json_decref(body);
    enum sori_act_status s = x_good(&a) ? SORI_ACT_OK : refused(x, &a, doing, true);
    x_answer_free(&a);
    return s;
}

static enum sori_act_status hide(struct x *x, const struct sori_action *a, bool hidden) {
    return change(x, "PUT", arena_format(&x->call, "/2/tweets/%.*s/hidden", S(a->native_id)),
                  json_pack("{s:b}", "hidden", (int)hidden), "hide",
                  hidden ? "hiding the reply" : "showing the reply again");
}

static enum sori_act_status like(struct x *x, const struct sori_action *a, bool on) {
    if (!x->conf.enterprise)
        return no(x, "X took likes away from self-serve access (plan = \"enterprise\" has them)");
    struct sori_str me = x->conf.user_id;
    if (!on)
        return change(x, "DELETE",
                      arena_format(&x->call, "/2/users/%.*s/likes/%.*s", S(me), S(a->native_id)),
                      NULL, "likes", "taking the like back");
    return change(x, "POST", arena_format(&x->call, "/2/users/%.*s/likes", S(me)),
                  json_pack("{s:o}", "tweet_id", words(a->native_id)), "likes", "liking");
}

static enum sori_act_status delete_own(struct x *x, const struct sori_action *a) {
    enum sori_act_status s =
        change(x, "DELETE", arena_format(&x->call, "/2/tweets/%.*s", S(a->native_id)), NULL,
               "deletes", "deleting our post");
    return s == SORI_ACT_GONE ? SORI_ACT_OK : s;
}

enum sori_act_status x_act(struct x *x, const struct sori_action *action,
                           const struct sori_result *result) {
    if (action->verb == SORI_VERB_PUBLISH) return speak(x, action, result);
    bool is_message = action->kind == SORI_KIND_MESSAGE || s_starts(action->native_id, "dm/");
    if (action->verb == SORI_VERB_PRIVATE_REPLY || (action->verb == SORI_VERB_REPLY && is_message))
        return message(x, action, result);
    if (is_message) return no(x, "a message at X can be answered only");
    if (!x_is_id(action->native_id)) return no(x, "this is no post of X");
    switch (action->verb) {
    case SORI_VERB_REPLY: return speak(x, action, result);
    case SORI_VERB_HIDE: return hide(x, action, true);
    case SORI_VERB_UNHIDE: return hide(x, action, false);
    case SORI_VERB_LIKE: return like(x, action, true);
    case SORI_VERB_UNLIKE: return like(x, action, false);
    case SORI_VERB_DELETE: return delete_own(x, action);
    case SORI_VERB_EDIT:
        return no(x, "X makes an edit a new post with a new price, for a while, and not for all "
                     "accounts: delete the post and say it again");
    default: return no(x, "X has no such action");
    }
}

/* ---- did it happen? ---- */

static enum sori_act_status look_for_words(struct x *x, const struct sori_action *action,
                                           const struct sori_result *result) {
    struct saying s = {.action = action, .result = result};
    enum sori_act_status status = cut(x, &s);
    if (status != SORI_ACT_OK) return status;
    status = x_find_thread(x, &s.thread, x_look_from(x, action));
    if (status != SORI_ACT_OK) return status;
    if (s.thread.twice) {
        x_fail(x, 0, "two posts of ours with these words are there");
        return SORI_ACT_UNKNOWN_OUTCOME;
    }
    /* Of a thread that was cut short the rest is sent: act looks for what is there. */
    if (s.thread.found < s.thread.count) return SORI_ACT_ABSENT;
    tell_made(x, &s);
    return SORI_ACT_OK;
}

static enum sori_act_status look_for_message(struct x *x, const struct sori_action *action,
                                             const struct sori_result *result) {
    struct sori_str id;
    size_t count;
    enum sori_act_status status =
        x_find_message(x, action->author_id, action->text, x_look_from(x, action), &id, &count);
    if (status != SORI_ACT_OK) return status;
    if (count > 1) {
        x_fail(x, 0, "%zu messages of ours with these words are there", count);
        return SORI_ACT_UNKNOWN_OUTCOME;
    }
    if (!count) return SORI_ACT_ABSENT;
    tell_message(x, result, id);
    return SORI_ACT_OK;
}

static enum sori_act_status look_for_post(struct x *x, const struct sori_action *action) {
    struct x_request r = {.method = "GET",
                          .as = X_AS_USER,
                          .path = arena_format(&x->call, "/2/tweets/%.*s", S(action->native_id)),
                          .bucket = "lookup"};
    struct x_answer a = x_ask(x, &r);
    bool there = x_good(&a) && json_is_object(json_object_get(a.json, "data"));
    bool gone = a.sent == SORI_OK &&
                (a.status == 404 || (x_good(&a) && !there && s_ends(a.type, "resource-not-found")));
    enum sori_act_status s = gone ? SORI_ACT_OK : SORI_ACT_ABSENT;
    if (!gone && !there) {
        enum sori_status no = x_verdict(x, &a, "looking for our post");
        s = no == SORI_OK ? SORI_ACT_UNKNOWN_OUTCOME : as_act(no);
    }
    x_spend(x, "lookup", X_PRICE_OWN_READ);
    x_answer_free(&a);
    return s;
}

enum sori_act_status x_reconcile(struct x *x, const struct sori_action *action,
                                 const struct sori_result *result) {
    bool is_message = action->kind == SORI_KIND_MESSAGE || s_starts(action->native_id, "dm/");
    switch (action->verb) {
    case SORI_VERB_REPLY:
        if (is_message) return look_for_message(x, action, result);
        return look_for_words(x, action, result);
    case SORI_VERB_PUBLISH: return look_for_words(x, action, result);
    case SORI_VERB_PRIVATE_REPLY: return look_for_message(x, action, result);
    case SORI_VERB_DELETE: return look_for_post(x, action);
    /* X does not tell what is hidden or liked, and doing it twice changes nothing. */
    default: return SORI_ACT_ABSENT;
    }
}
