/* Acting on a WordPress site: replies, hold, trash and spam; and finding out whether an action
 * whose answer was lost had happened. */
#include "blog/blog.h"
#include "common/as_act.h"
#include "common/date.h"
#include "common/html.h"
#include "common/url.h"

#include <stdio.h>

static const struct sori_str nothing = {NULL, 0};

/* How a refusal of a writing request reads to the core. */
static const struct refusal {
    const char *code;
    enum sori_act_status status;
    const char *words;
} refusals[] = {
    {"comment_duplicate", SORI_ACT_DUPLICATE, "the site says that this was already said there"},
    {"comment_flood", SORI_ACT_RATE, "the site takes one comment in 15 seconds"},
    {"rest_comment_closed", SORI_ACT_PERMANENT, "comments are closed on this post"},
    {"rest_comment_invalid_post_id", SORI_ACT_GONE, "the post is no longer there"},
    {"rest_comment_draft_post", SORI_ACT_GONE, "the post is a draft now"},
    {"rest_comment_trash_post", SORI_ACT_GONE, "the post is in the trash"},
    {"rest_comment_invalid_id", SORI_ACT_GONE, "the comment is no longer there"},
    {"rest_already_trashed", SORI_ACT_OK, "it was in the trash already"},
    {"rest_comment_login_required", SORI_ACT_AUTH, "the site wants a user and password"},
    {"rest_not_logged_in", SORI_ACT_AUTH, "the site does not see our password"},
    {"incorrect_password", SORI_ACT_AUTH, "the application password is wrong"},
    {"invalid_username", SORI_ACT_AUTH, "the site does not know this user"},
    {"rest_comment_content_invalid", SORI_ACT_PERMANENT, "the text is empty to the site"},
    {"comment_content_column_length", SORI_ACT_PERMANENT, "the text is too long for the site"},
};

static enum sori_act_status slow_down(struct blog *b, int64_t wait) {
    struct sori_rate rate = {.struct_size = sizeof rate,
                             .bucket = SORI_STR("replies"),
                             .limit = 1,
                             .until = b->host->now(b->host) + wait};
    b->host->rate(b->host, &rate);
    return SORI_ACT_RATE;
}

/* A writing request that was answered, but not with success. */
static enum sori_act_status refused(struct blog *b, const struct wp_answer *a) {
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++)
        if (s_is(a->code, refusals[i].code)) {
            const struct refusal *r = &refusals[i];
            if (r->status != SORI_ACT_OK)
                blog_fail(b, a->status, "%s (%s: %.*s)", r->words, r->code, S(a->message));
            if (r->status == SORI_ACT_RATE)
                return slow_down(b, a->retry_after ? a->retry_after : 16000);
            return r->status;
        }
    if (a->status == 429 || (a->status == 503 && a->retry_after))
        return as_act(wp_failed(b, a, "acting"));
    if (a->status >= 500) {
        /* WordPress may have stored the comment before something else of its own broke. */
        blog_fail(b, a->status,
                  "the site broke down with %d while it was acting: it may have "
                  "been done",
                  a->status);
        return SORI_ACT_UNKNOWN_OUTCOME;
    }
    if (a->status >= 300 && a->status < 400) {
        blog_fail(b, a->status,
                  "the site sends requests on to another address (%d): set url to where it is",
                  a->status);
        return SORI_ACT_PERMANENT;
    }
    return as_act(wp_failed(b, a, "acting"));
}

/* 2xx that cannot be read: it was done, but what was made is not known. */
static enum sori_act_status unreadable(struct blog *b, const struct wp_answer *a) {
    blog_fail(b, a->status, "the site answered %d without saying what it made", a->status);
    return SORI_ACT_UNKNOWN_OUTCOME;
}

static void made(struct blog *b, const struct sori_result *result, const json_t *comment) {
    struct sori_str native = arena_format(&b->call, "c%lld", (long long)json_int(comment, "id"));
    result->made(result, native, arena_copy(&b->call, json_words(comment, "link")));
}

static struct wp_answer read_comment(struct blog *b, const struct wp_site *site, int64_t id) {
    char path[64];
    snprintf(path, sizeof path, "wp/v2/comments/%lld", (long long)id);
    return wp_ask(b, site, "GET", path, SORI_STR("_fields=id,post,parent,author,status,link"),
                  nothing);
}

/* What we are about to answer is read once more: WordPress would take a reply to a comment that
 * is gone, and show it as an orphan. */
static enum sori_act_status still_there(struct blog *b, const struct wp_site *site, int64_t id,
                                        int64_t *post) {
    struct wp_answer a = read_comment(b, site, id);
    enum sori_act_status status = SORI_ACT_OK;
    struct sori_str state = json_words(a.json, "status");
    if (a.sent != SORI_OK || a.status != 200 || !a.json) {
        enum sori_status s = wp_failed(b, &a, "reading the comment to answer");
        status = as_act(s);
    } else if (s_is(state, "trash") || s_is(state, "spam")) {
        blog_fail(b, 0, "the comment is in %.*s now", S(state));
        status = SORI_ACT_GONE;
    } else if (s_is(state, "hold")) {
        blog_fail(b, 0, "the comment waits for approval at the site: approve it first");
        status = SORI_ACT_PERMANENT;
    } else {
        *post = json_int(a.json, "post");
    }
    wp_answer_free(&a);
    return status;
}

/* WordPress takes comment text as HTML. */
static void put_html(struct text *out, struct sori_str plain) {
    struct text html = {0};
    for (size_t i = 0; i < plain.len; i++) {
        char c = plain.ptr[i];
        if (c == '&')
            text_lit(&html, "&amp;");
        else if (c == '<')
            text_lit(&html, "&lt;");
        else if (c == '>')
            text_lit(&html, "&gt;");
        else
            text_char(&html, c);
    }
    percent_encode(out, text_view(&html));
    text_free(&html);
}

static enum sori_act_status reply(struct blog *b, const struct wp_site *site,
                                  const struct sori_action *action,
                                  const struct sori_result *result) {
    int64_t parent = native_number(action->native_id, 'c');
    int64_t post = native_number(action->target, 'p');
    if (parent == 0 && post == 0) post = native_number(action->native_id, 'p');
    if (parent == 0 && post == 0) {
        blog_fail(b, 0, "\"%.*s\" is no comment or post of WordPress", S(action->native_id));
        return SORI_ACT_PERMANENT;
    }
    enum sori_act_status status = parent ? still_there(b, site, parent, &post) : SORI_ACT_OK;
    if (status != SORI_ACT_OK) return status;
    struct text form = {0};
    text_format(&form, "post=%lld", (long long)post);
    if (parent) text_format(&form, "&parent=%lld", (long long)parent);
    text_lit(&form, "&content=");
    put_html(&form, action->text);
    struct wp_answer a = wp_ask(b, site, "POST", "wp/v2/comments", nothing, text_view(&form));
    text_free(&form);
    if (a.sent != SORI_OK)
        status = as_act(a.sent);
    else if (a.status < 200 || a.status >= 300)
        status = refused(b, &a);
    else if (json_int(a.json, "id") <= 0)
        status = unreadable(b, &a);
    else
        made(b, result, a.json);
    wp_answer_free(&a);
    return status;
}

/* hold, trash or spam: states of one comment. */
static struct sori_str wanted_state(const struct sori_action *action) {
    if (action->verb == SORI_VERB_HIDE) return SORI_STR("hold");
    struct sori_str as = pairs_get(action->args, "as");
    return s_is(as, "spam") ? as : SORI_STR("trash");
}

static enum sori_act_status moderate(struct blog *b, const struct wp_site *site,
                                     const struct sori_action *action) {
    int64_t id = native_number(action->native_id, 'c');
    if (id == 0) {
        blog_fail(b, 0, "\"%.*s\" is no comment of WordPress", S(action->native_id));
        return SORI_ACT_PERMANENT;
    }
    char path[64];
    snprintf(path, sizeof path, "wp/v2/comments/%lld", (long long)id);
    struct sori_str state = wanted_state(action);
    bool trash = s_is(state, "trash");
    struct sori_str form = arena_format(&b->call, "status=%.*s", S(state));
    struct wp_answer a =
        wp_ask(b, site, trash ? "DELETE" : "POST", path, nothing, trash ? nothing : form);
    enum sori_act_status status = SORI_ACT_OK;
    if (a.sent != SORI_OK)
        status = as_act(a.sent);
    else if (a.status < 200 || a.status >= 300)
        status = refused(b, &a);
    wp_answer_free(&a);
    return status;
}

static enum sori_act_status ready(struct blog *b, struct wp_site *site) {
    enum sori_status s = wp_find(b, site, false);
    if (s != SORI_OK) return as_act(s);
    if (!site->root.len) {
        blog_fail(b, 0, "%.*s has no REST interface: a feed can be read, not answered", S(b->site));
        return SORI_ACT_PERMANENT;
    }
    if (!site->me) {
        blog_fail(b, 0,
                  "no user is configured: set user, and its application password as secret "
                  "\"password\"");
        return SORI_ACT_CONFIG;
    }
    return SORI_ACT_OK;
}

enum sori_act_status wp_act(struct blog *b, const struct sori_action *action,
                            const struct sori_result *result) {
    struct wp_site site;
    enum sori_act_status status = ready(b, &site);
    if (status != SORI_ACT_OK) return status;
    switch (action->verb) {
    case SORI_VERB_REPLY: return reply(b, &site, action, result);
    case SORI_VERB_HIDE:
    case SORI_VERB_DELETE: return moderate(b, &site, action);
    default: break;
    }
    blog_fail(b, 0, "a blog has no such action");
    return SORI_ACT_PERMANENT;
}

/* ---- did it happen? ---- */

struct search {
    const struct sori_action *action;
    struct sori_str essence;
    int64_t me, parent, post;
    int64_t found; /* the id of the match */
    size_t matches;
    const struct sori_result *result;
    struct sori_str url;
};

static bool matches(struct blog *b, const struct search *s, const json_t *comment) {
    if (json_int(comment, "author") != s->me || json_int(comment, "parent") != s->parent)
        return false;
    const json_t *content = json_object_get(comment, "content");
    struct sori_str forms[2] = {json_words(content, "raw"), json_words(content, "rendered")};
    for (int i = 0; i < 2; i++) {
        struct text plain = {0};
        html_plain(&plain, forms[i]);
        struct sori_str essence = wp_essence(b, text_view(&plain));
        text_free(&plain);
        if (essence.len && s_eq(essence, s->essence)) return true;
    }
    return false;
}

/* Reads all comments of that status since the action; all pages, else it would prove nothing. */
static enum sori_act_status search_in(struct blog *b, const struct wp_site *site,
                                      const char *status, struct search *s) {
    char after[32];
    int64_t since = s->action->since - 120000;
    date_format(since > 0 ? since : 0, after);
    for (int page = 1; page <= 100; page++) {
        struct sori_str query = arena_format(
            &b->call,
            "per_page=100&page=%d&orderby=date_gmt&order=asc&after=%sZ&status=%s&context=edit%s",
            page, after, status,
            s->post ? arena_format(&b->call, "&post=%lld", (long long)s->post).ptr : "");
        struct wp_answer a = wp_ask(b, site, "GET", "wp/v2/comments", query, nothing);
        bool past_end = a.sent == SORI_OK && s_is(a.code, "rest_comment_invalid_page_number");
        bool good = a.sent == SORI_OK && a.status == 200 && json_is_array(a.json);
        enum sori_act_status failed =
            good || past_end ? SORI_ACT_OK : as_act(wp_failed(b, &a, "looking for our reply"));
        size_t i, count = good ? json_array_size(a.json) : 0;
        json_t *comment;
        json_array_foreach(good ? a.json : NULL, i, comment) {
            if (!matches(b, s, comment)) continue;
            s->matches++;
            s->found = json_int(comment, "id");
            s->url = arena_copy(&b->call, json_words(comment, "link"));
        }
        wp_answer_free(&a);
        if (failed != SORI_ACT_OK) return failed;
        if (count < 100) return SORI_ACT_OK;
    }
    blog_fail(b, 0, "more than 10,000 comments since then: not all were read");
    return SORI_ACT_UNKNOWN_OUTCOME;
}

static enum sori_act_status reconcile_reply(struct blog *b, const struct wp_site *site,
                                            const struct sori_action *action,
                                            const struct sori_result *result) {
    struct search s = {.action = action, .me = site->me};
    s.parent = native_number(action->native_id, 'c');
    s.post = native_number(action->target, 'p');
    if (!s.parent && !s.post) s.post = native_number(action->native_id, 'p');
    s.essence = wp_essence(b, action->text);
    /* A reply that a person has binned since was sent all the same. */
    static const char *const lists[] = {"all", "spam", "trash"};
    for (size_t i = 0; i < (site->moderator ? 3u : 1u); i++) {
        enum sori_act_status status =
            search_in(b, site, site->moderator ? lists[i] : "approve", &s);
        if (status != SORI_ACT_OK) return status;
    }
    if (s.matches > 1) {
        blog_fail(b, 0, "%zu replies with this text are there", s.matches);
        return SORI_ACT_UNKNOWN_OUTCOME;
    }
    if (s.matches == 0 && !site->moderator) {
        blog_fail(b, 0,
                  "our user may not list comments that wait for approval: the reply may be "
                  "among them");
        return SORI_ACT_UNKNOWN_OUTCOME;
    }
    if (s.matches == 0) return SORI_ACT_ABSENT;
    result->made(result, arena_format(&b->call, "c%lld", (long long)s.found), s.url);
    return SORI_ACT_OK;
}

static enum sori_act_status reconcile_state(struct blog *b, const struct wp_site *site,
                                            const struct sori_action *action) {
    struct wp_answer a = read_comment(b, site, native_number(action->native_id, 'c'));
    struct sori_str state = json_words(a.json, "status");
    enum sori_act_status status;
    bool hide = action->verb == SORI_VERB_HIDE;
    if (a.sent == SORI_OK && (a.status == 404 || a.status == 410))
        status = hide ? SORI_ACT_GONE : SORI_ACT_OK;
    else if (a.sent != SORI_OK || a.status != 200 || !a.json)
        status = as_act(wp_failed(b, &a, "reading the comment's state"));
    else if (hide)
        status = s_is(state, "approved") ? SORI_ACT_ABSENT : SORI_ACT_OK;
    else
        status = s_is(state, "trash") || s_is(state, "spam") ? SORI_ACT_OK : SORI_ACT_ABSENT;
    wp_answer_free(&a);
    return status;
}

enum sori_act_status wp_reconcile(struct blog *b, const struct sori_action *action,
                                  const struct sori_result *result) {
    struct wp_site site;
    enum sori_act_status status = ready(b, &site);
    if (status != SORI_ACT_OK) return status;
    if (action->verb == SORI_VERB_REPLY) return reconcile_reply(b, &site, action, result);
    return reconcile_state(b, &site, action);
}

/* ---- health ---- */

static void say(const struct sori_health *h, enum sori_log_level level, struct sori_str line) {
    h->say(h, level, line);
}

enum sori_status wp_health(struct blog *b, const struct sori_health *health) {
    struct wp_site site;
    enum sori_status s = wp_find(b, &site, true);
    if (s != SORI_OK) return s;
    if (!site.root.len) {
        say(health, b->use == USE_REST ? SORI_LOG_ERROR : SORI_LOG_INFO,
            arena_format(&b->call, "%.*s has no WordPress REST interface: %s", S(b->site),
                         b->use == USE_REST ? "set rest to its address, or use = \"feeds\""
                                            : "its feeds are read, nothing can be answered"));
        return b->use == USE_REST ? SORI_CONFIG : SORI_OK;
    }
    say(health, SORI_LOG_INFO, arena_format(&b->call, "REST interface at %.*s", S(site.root)));
    if (!b->user.len) {
        say(health, SORI_LOG_WARN,
            SORI_STR("no user is set: only approved comments are heard, no pingbacks or "
                     "trackbacks, and nothing can be answered"));
        return SORI_OK;
    }
    say(health, SORI_LOG_INFO,
        arena_format(&b->call, "signed in as %.*s, user %lld", S(b->user), (long long)site.me));
    if (!site.moderator)
        say(health, SORI_LOG_WARN,
            SORI_STR("this user may not moderate: held comments, pingbacks and trackbacks are not "
                     "seen, nothing can be hidden, and a lost answer to a reply is left to a "
                     "person. The role Editor can do all of that"));
    return SORI_OK;
}
