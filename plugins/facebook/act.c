/* Acting: what a policy or a person decided leaves here, once. Whatever the platform would refuse
 * for good is refused before anything leaves. */
#include "facebook/act.h"

#include "common/as_act.h"

#include <stdlib.h>

enum { PRIVATE_MS = FB_PRIVATE_DAYS * FB_DAY, ALREADY_REPLIED = 10900 };
static const struct sori_str nothing = {NULL, 0};

enum sori_act_status deed_refuse(const struct deed *d, const char *why) {
    graph_fail(d->g, 0, "%s", why);
    return SORI_ACT_PERMANENT;
}

void deed_made(const struct deed *d, struct sori_str native, struct sori_str url) {
    d->result->made(d->result, native, url);
}

enum deed_on deed_on(const struct deed *d) {
    switch (d->action->kind) {
    case SORI_KIND_MESSAGE: return ON_MESSAGE;
    case SORI_KIND_POST: return ON_POST;
    case SORI_KIND_MENTION: return ON_MENTION;
    default: return ON_COMMENT;
    }
}

struct sori_str deed_path(const struct deed *d, const char *edge) {
    return arena_format(d->g->call, "%.*s%s", S(d->action->native_id), edge);
}

struct sori_str deed_mailbox(const struct deed *d) {
    struct sori_str owner = d->f->surface == FB_INSTAGRAM ? d->f->page : d->me.id;
    return owner.len ? owner : SORI_STR("me");
}

struct sori_str deed_url(const struct deed *d, struct sori_str native) {
    if (d->f->surface != FB_PAGE || !native.len) return nothing;
    return arena_format(d->g->call, "https://www.facebook.com/%.*s", S(native));
}

/* ---- limits that are known before anything leaves ---- */

static int64_t characters(struct sori_str s) {
    int64_t n = 0;
    for (size_t at = 0; at < s.len; n++) utf8_next(s, &at);
    return n;
}

static enum sori_act_status check_text(const struct deed *d, int64_t most) {
    int64_t n = characters(d->action->text);
    if (n > 0 && n <= most) return SORI_ACT_OK;
    graph_fail(d->g, 0,
               n ? "the text has %lld characters; %s takes %lld here"
                 : "there is no text (%lld characters; %s takes up to %lld)",
               (long long)n, d->g->place, (long long)most);
    return SORI_ACT_PERMANENT;
}

static bool by_hand(const struct deed *d) {
    return SORI_HAS(d->action, by) && d->action->by == SORI_ORIGIN_US_BY_HAND;
}

static int64_t age(const struct deed *d) {
    bool told = SORI_HAS(d->action, said_at) && d->action->said_at > 0;
    return told ? d->now - d->action->said_at : 0;
}

/* ---- requests ---- */

static struct graph_answer post(const struct deed *d, struct sori_str path, struct sori_str body) {
    return graph_send(d->g, SORI_HTTP_WRITE, "POST", path, body);
}

/* 2xx that cannot be read: it was done, but what was made is not known. */
static enum sori_act_status unreadable(const struct deed *d, const struct graph_answer *a) {
    graph_fail(d->g, a->status, "%s answered %d without saying what it made", d->g->place,
               a->status);
    return SORI_ACT_UNKNOWN_OUTCOME;
}

/* The same text twice in a row (506), or a second private reply to one comment (10900): perhaps the
 * first of the two is ours, from an attempt whose answer was lost; then it is where it belongs. */
static enum sori_act_status said_before(struct deed *d, int code) {
    struct sori_action again = *d->action;
    const struct sori_action *asked = d->action;
    if (!again.since) again.since = d->now - 3600 * 1000;
    d->action = &again;
    bool private = code == ALREADY_REPLIED;
    enum sori_act_status s = private ? find_private_reply(d) : find_reply(d);
    d->action = asked;
    if (s == SORI_ACT_OK) return SORI_ACT_DUPLICATE;
    if (private)
        return deed_refuse(d, "this comment was already answered privately, which can be "
                              "done once (code 10900)");
    graph_fail(d->g, 506,
               "%s takes the same text only once in a row, and it was said elsewhere just now: use "
               "another text (code 506)",
               d->g->place);
    return SORI_ACT_PERMANENT;
}

/* Something was to be made: its id is in `name` of the answer. */
static enum sori_act_status was_made(struct deed *d, struct graph_answer *a, const char *name,
                                     const char *doing) {
    enum sori_act_status s = SORI_ACT_OK;
    struct sori_str id = fb_id(d->g->call, a->json, name);
    if (graph_good(a) && fb_good_id(id)) {
        bool comment = d->f->surface == FB_PAGE && strcmp(name, "id") == 0;
        id = arena_copy(d->g->call, comment ? fb_comment_id(id) : id);
        deed_made(d, id, strcmp(name, "id") == 0 ? deed_url(d, id) : nothing);
    } else if (graph_good(a) || (a->sent == SORI_OK && !a->code && a->status < 300)) {
        s = unreadable(d, a);
    } else if (a->code == 506 || a->code == ALREADY_REPLIED) {
        s = said_before(d, a->code);
        graph_free(a);
        return s;
    } else {
        s = graph_refused(d->g, a, false, doing);
    }
    graph_free(a);
    return s;
}

/* Something was to be changed: {"success":true}, or `true` alone. */
static enum sori_act_status was_done(struct deed *d, struct graph_answer *a, const char *doing) {
    enum sori_act_status s = SORI_ACT_OK;
    if (a->sent != SORI_OK || a->code || a->status >= 300) {
        s = graph_refused(d->g, a, true, doing);
        /* What is to be deleted and is not there has been deleted. */
        if (s == SORI_ACT_GONE && d->action->verb == SORI_VERB_DELETE) s = SORI_ACT_OK;
    } else if (json_is_false(json_object_get(a->json, "success")) || json_is_false(a->json)) {
        graph_fail(d->g, 0, "%s: %s answered that it did not do it", doing, d->g->place);
        s = SORI_ACT_PERMANENT;
    }
    graph_free(a);
    return s;
}

/* ---- saying something ---- */

static enum sori_act_status say_under(struct deed *d, struct sori_str path) {
    struct text form = {0};
    form_add(&form, "message", d->action->text);
    struct graph_answer a = post(d, path, text_view(&form));
    text_free(&form);
    return was_made(d, &a, "id", "replying");
}

/* An Instagram mention is answered at our own account. */
static enum sori_act_status say_mention(struct deed *d) {
    const struct sori_action *act = d->action;
    struct text form = {0};
    form_add(&form, "media_id", act->target.len ? act->target : act->native_id);
    if (act->target.len) form_add(&form, "comment_id", act->native_id);
    form_add(&form, "message", act->text);
    struct graph_answer a =
        post(d, arena_format(d->g->call, "%.*s/mentions", S(d->me.id)), text_view(&form));
    text_free(&form);
    return was_made(d, &a, "id", "answering a mention");
}

static struct graph_answer publish_container(struct deed *d, struct sori_str container) {
    struct text form = {0};
    form_add(&form, "creation_id", container);
    struct graph_answer a =
        post(d, arena_format(d->g->call, "%.*s/threads_publish", S(d->me.id)), text_view(&form));
    text_free(&form);
    return a;
}

/* Threads: first a container that nobody sees, then its publication. */
static enum sori_act_status say_thread(struct deed *d, bool reply) {
    struct text form = {0};
    form_add(&form, "media_type", SORI_STR("TEXT"));
    form_add(&form, "text", d->action->text);
    if (reply) form_add(&form, "reply_to_id", d->action->native_id);
    struct graph_answer a =
        post(d, arena_format(d->g->call, "%.*s/threads", S(d->me.id)), text_view(&form));
    text_free(&form);
    struct sori_str container = arena_copy(d->g->call, fb_id(d->g->call, a.json, "id"));
    enum sori_act_status s = SORI_ACT_OK;
    /* Nobody has seen anything yet, whatever became of it. */
    if (!graph_good(&a))
        s = graph_refused(d->g, &a, true, "preparing a reply");
    else if (!fb_good_id(container))
        s = deed_refuse(d, "Threads made a container without an id");
    graph_free(&a);
    if (s != SORI_ACT_OK) return s;
    a = publish_container(d, container);
    if (graph_is_gone(&a) ||
        a.code == 24) { /* not ready yet: it is looked at, and tried once more */
        graph_free(&a);
        a = graph_get(d->g, GRAPH_AS_TOKEN, container, SORI_STR("fields=status,error_message"));
        bool ready = graph_good(&a) && s_is(fb_text(a.json, "status"), "FINISHED");
        graph_free(&a);
        if (!ready) {
            graph_fail(d->g, 0, "Threads has not finished the reply that it was given");
            return SORI_ACT_RETRY;
        }
        a = publish_container(d, container);
    }
    return was_made(d, &a, "id", "publishing a reply");
}

/* ---- messages ---- */

static enum sori_act_status send_message(struct deed *d, const char *recipient,
                                         struct sori_str value, const char *type, const char *tag) {
    json_t *body = json_object(), *to = json_object(), *message = json_object();
    json_object_set_new(to, recipient, json_stringn(value.ptr, value.len));
    json_object_set_new(message, "text", json_stringn(d->action->text.ptr, d->action->text.len));
    json_object_set_new(body, "recipient", to);
    if (type) json_object_set_new(body, "messaging_type", json_string(type));
    if (tag) json_object_set_new(body, "tag", json_string(tag));
    json_object_set_new(body, "message", message);
    char *bytes = json_dumps(body, JSON_COMPACT);
    json_decref(body);
    if (!bytes) return deed_refuse(d, "the text is not UTF-8");
    struct graph_answer a =
        post(d, arena_format(d->g->call, "%.*s/messages", S(deed_mailbox(d))), s_of(bytes));
    free(bytes);
    return was_made(d, &a, "message_id", "sending a message");
}

static int64_t message_max(const struct deed *d) {
    return d->f->surface == FB_PAGE ? FB_TEXT_MESSAGE : FB_TEXT_INSTAGRAM_MESSAGE;
}

static enum sori_act_status answer_message(struct deed *d) {
    enum sori_act_status s = check_text(d, message_max(d));
    if (s != SORI_ACT_OK) return s;
    if (!fb_good_id(d->action->author_id))
        return deed_refuse(d, "the platform did not say who wrote this message: it cannot be "
                              "answered from here");
    bool late = age(d) > FB_DAY;
    if (late && !by_hand(d))
        return deed_refuse(d, "24 hours have passed since the person wrote: only a person of ours "
                              "may still answer, for seven days");
    if (late && age(d) > PRIVATE_MS)
        return deed_refuse(d, "seven days have passed since the person wrote: nobody may write "
                              "any more until they write again");
    bool plain = d->f->surface == FB_INSTAGRAM_LOGIN && !late;
    return send_message(d, "id", d->action->author_id,
                        plain  ? NULL
                        : late ? "MESSAGE_TAG"
                               : "RESPONSE",
                        late ? "HUMAN_AGENT" : NULL);
}

/* A visitor's post on our own timeline is named by our id. */
static bool is_post(const struct deed *d) {
    if (deed_on(d) == ON_POST) return true;
    struct sori_str id = d->action->native_id;
    size_t bar = s_find_char(id, '_');
    return deed_on(d) == ON_MENTION && bar < id.len && s_eq(s_head(id, bar), d->me.id);
}

static enum sori_act_status reply_privately(struct deed *d) {
    if (d->f->surface == FB_THREADS) return deed_refuse(d, "Threads has no private messages");
    if (deed_on(d) == ON_MESSAGE) return answer_message(d);
    enum sori_act_status s = check_text(d, message_max(d));
    if (s != SORI_ACT_OK) return s;
    if (age(d) > PRIVATE_MS)
        return deed_refuse(d, "seven days have passed since this comment: it can no longer be "
                              "answered privately");
    return send_message(d, d->f->surface == FB_PAGE && is_post(d) ? "post_id" : "comment_id",
                        d->action->native_id, NULL, NULL);
}

static enum sori_act_status reply(struct deed *d) {
    enum deed_on on = deed_on(d);
    if (on == ON_MESSAGE && d->f->surface != FB_THREADS) return answer_message(d);
    enum fb_surface surface = d->f->surface;
    enum sori_act_status s = check_text(d, surface == FB_PAGE      ? FB_TEXT_COMMENT
                                           : surface == FB_THREADS ? FB_TEXT_THREADS
                                                                   : FB_TEXT_INSTAGRAM);
    if (s != SORI_ACT_OK) return s;
    if (surface == FB_THREADS) return say_thread(d, true);
    if (surface == FB_PAGE) return say_under(d, deed_path(d, "/comments"));
    if (on == ON_MENTION) return say_mention(d);
    return say_under(d, deed_path(d, on == ON_POST ? "/comments" : "/replies"));
}

/* ---- changing something ---- */

static enum sori_act_status like(struct deed *d, bool on) {
    if (d->f->surface != FB_PAGE)
        return deed_refuse(d, "Instagram and Threads have no likes by API: like it in the app");
    if (deed_on(d) == ON_MESSAGE) return deed_refuse(d, "a message cannot be liked from here");
    struct graph_answer a =
        graph_send(d->g, SORI_HTTP_WRITE, on ? "POST" : "DELETE", deed_path(d, "/likes"), nothing);
    return was_done(d, &a, on ? "liking" : "taking a like back");
}

static enum sori_act_status hide(struct deed *d, bool on) {
    if (deed_on(d) == ON_MESSAGE) return deed_refuse(d, "a message cannot be hidden");
    struct sori_str form = on ? SORI_STR("hide=true") : SORI_STR("hide=false");
    if (d->f->surface == FB_PAGE)
        form = on ? SORI_STR("is_hidden=true") : SORI_STR("is_hidden=false");
    struct graph_answer a =
        post(d, deed_path(d, d->f->surface == FB_THREADS ? "/manage_reply" : ""), form);
    return was_done(d, &a, on ? "hiding" : "showing again");
}

static enum sori_act_status delete_it(struct deed *d) {
    if (deed_on(d) == ON_MESSAGE) return deed_refuse(d, "a message cannot be deleted from here");
    if (d->f->surface == FB_THREADS)
        return deed_refuse(d, "replies of others cannot be deleted on Threads: hide it");
    struct graph_answer a = graph_send(d->g, SORI_HTTP_WRITE, "DELETE", deed_path(d, ""), nothing);
    return was_done(d, &a, "deleting");
}

static enum sori_act_status edit(struct deed *d) {
    if (d->f->surface != FB_PAGE || deed_on(d) == ON_MESSAGE)
        return deed_refuse(d, "only comments and posts of a Facebook Page can be edited from here");
    enum sori_act_status s = check_text(d, FB_TEXT_COMMENT);
    if (s != SORI_ACT_OK) return s;
    struct text form = {0};
    form_add(&form, "message", d->action->text);
    struct graph_answer a = post(d, deed_path(d, ""), text_view(&form));
    text_free(&form);
    return was_done(d, &a, "editing");
}

static enum sori_act_status publish(struct deed *d) {
    if (fb_is_instagram(d->f->surface))
        return deed_refuse(d, "a post on Instagram needs a picture or a video: post it in the app");
    bool threads = d->f->surface == FB_THREADS;
    enum sori_act_status s = check_text(d, threads ? FB_TEXT_THREADS : 60000);
    if (s != SORI_ACT_OK) return s;
    if (threads) return say_thread(d, false);
    struct text form = {0};
    form_add(&form, "message", d->action->text);
    struct graph_answer a =
        post(d, arena_format(d->g->call, "%.*s/feed", S(d->me.id)), text_view(&form));
    text_free(&form);
    return was_made(d, &a, "id", "publishing");
}

/* ---- the two calls ---- */

static enum sori_act_status begin(struct deed *d, struct fb *f, const struct sori_action *action,
                                  const struct sori_result *result) {
    fb_begin(f);
    *d = (struct deed){
        .f = f, .g = &f->graph, .action = action, .result = result, .now = f->host->now(f->host)};
    if (!fb_good_id(action->native_id) && action->verb != SORI_VERB_PUBLISH) {
        graph_fail(d->g, 0, "\"%.*s\" is no id of %s", S(utf8_cut(action->native_id, 100)),
                   d->g->place);
        return SORI_ACT_PERMANENT;
    }
    d->g->acts = true;
    d->g->messages = deed_on(d) == ON_MESSAGE || action->verb == SORI_VERB_PRIVATE_REPLY;
    /* What a person asks for is tried: most waits are guesses, and a block may have been lifted. */
    enum sori_act_status rests = by_hand(d) ? SORI_ACT_OK : graph_rests(d->g);
    if (rests != SORI_ACT_OK) return rests;
    enum sori_status s = fb_who(f, false, &d->me);
    return s == SORI_OK ? SORI_ACT_OK : as_act(s);
}

enum sori_act_status fb_act(struct fb *f, const struct sori_action *action,
                            const struct sori_result *result) {
    struct deed d;
    enum sori_act_status s = begin(&d, f, action, result);
    if (s != SORI_ACT_OK) return s;
    switch (action->verb) {
    case SORI_VERB_REPLY: return reply(&d);
    case SORI_VERB_PRIVATE_REPLY: return reply_privately(&d);
    case SORI_VERB_LIKE: return like(&d, true);
    case SORI_VERB_UNLIKE: return like(&d, false);
    case SORI_VERB_HIDE: return hide(&d, true);
    case SORI_VERB_UNHIDE: return hide(&d, false);
    case SORI_VERB_DELETE: return delete_it(&d);
    case SORI_VERB_EDIT: return edit(&d);
    case SORI_VERB_PUBLISH: return publish(&d);
    default: break;
    }
    return deed_refuse(&d, "there is no such action here");
}

enum sori_act_status fb_reconcile(struct fb *f, const struct sori_action *action,
                                  const struct sori_result *result) {
    struct deed d;
    enum sori_act_status s = begin(&d, f, action, result);
    if (s != SORI_ACT_OK) return s;
    switch (action->verb) {
    case SORI_VERB_REPLY: return deed_on(&d) == ON_MESSAGE ? find_message(&d) : find_reply(&d);
    case SORI_VERB_PRIVATE_REPLY:
        return deed_on(&d) == ON_MESSAGE ? find_message(&d) : find_private_reply(&d);
    case SORI_VERB_PUBLISH: return find_published(&d);
    default: break;
    }
    return find_state(&d);
}
