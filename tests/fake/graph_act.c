/* What the application does: it comments, likes, hides, deletes, edits, writes messages. */
#include "fake/graph.h"

#include <stdio.h>
#include <stdlib.h>

static void done(struct reply *r) { reply_json(r, 200, json_pack("{s:b}", "success", 1)); }

static void made(struct reply *r, const json_t *thing) {
    reply_json(r, 200, json_pack("{s:s}", "id", json_text(thing, "id")));
}

static void lacks(struct reply *r, const char *what) {
    gr_error(r, 400, 100, 0, "OAuthException", "(#100) Missing required parameter: %s", what);
}

/* The same words twice in a row, where that is refused. */
static bool said_just_now(struct fake *f, const char *text, struct reply *r) {
    json_t *world = fake_world(f);
    bool same = strcmp(json_text(world, "last"), text) == 0;
    json_object_set_new(world, "last", json_string(text));
    if (!same || strcmp(fake_get(f, "same_text"), "refuse") != 0) return false;
    gr_error_named(f, "506", r);
    return true;
}

static void comment(struct fake *f, const struct ask *a, json_t *node, struct reply *r) {
    const char *text = ask_arg(a, "message");
    if (!text || !*text) {
        lacks(r, "message");
        return;
    }
    if (said_just_now(f, text, r)) return;
    json_t *c = gr_comment(f, node, gr_page(f), fake_get(f, "name"), text, a->at);
    json_object_set_new(c, "answers", json_string(json_text(node, "id")));
    made(r, c);
    gr_tell(f, c, "add"); /* our own words come back as well */
}

static void remark(struct fake *f, const struct ask *a, json_t *node, struct reply *r) {
    const char *text = ask_arg(a, "message");
    if (!text || !*text) {
        lacks(r, "message");
    } else if (gr_flag(node, "hidden")) {
        gr_error(r, 400, 100, 2207026, "OAuthException", "(#100) This comment is hidden");
    } else {
        json_t *c =
            gr_remark(f, node, fake_get(f, "account"), fake_get(f, "username"), text, a->at);
        json_object_set_new(c, "answers", json_string(json_text(node, "id")));
        made(r, c);
        gr_tell(f, c, "add");
    }
}

static void like(struct fake *f, const struct ask *a, json_t *node, struct reply *r) {
    json_t *likes = json_object_get(node, "likes"), *id;
    size_t i, at = json_array_size(likes);
    json_array_foreach(likes, i, id) if (strcmp(json_string_value(id), gr_page(f)) == 0) at = i;
    bool there = at < json_array_size(likes), on = ask_is(a, "POST");
    if (on && !there) json_array_append_new(likes, json_string(gr_page(f)));
    if (!on && there) json_array_remove(likes, at);
    done(r);
}

static bool truth(const char *text) { return strcmp(text, "true") == 0 || strcmp(text, "1") == 0; }

/* Facebook says is_hidden, Instagram and Threads say hide. */
static void hide(struct fake *f, json_t *node, const char *value, struct reply *r) {
    if (gr_ours(f, node)) {
        gr_error(r, 400, 200, 0, "OAuthException", "(#200) You cannot hide your own comment");
        return;
    }
    bool on = truth(value);
    json_object_set_new(node, "hidden", json_boolean(on));
    done(r);
    if (gr_is(node, "comment")) gr_tell(f, node, on ? "hide" : "unhide");
}

static void change(struct fake *f, const struct ask *a, json_t *node, struct reply *r) {
    bool facebook = gr_is(node, "comment") || gr_is(node, "post");
    const char *hidden = ask_arg(a, facebook ? "is_hidden" : "hide"), *text = ask_arg(a, "message");
    if (hidden) {
        hide(f, node, hidden, r);
    } else if (facebook && text && gr_ours(f, node)) {
        json_object_set_new(node, "text", json_string(text));
        json_object_set_new(node, "edited", json_integer(a->at));
        done(r);
        gr_tell(f, node, "edited");
    } else if (facebook && text) {
        gr_error(r, 403, 200, 0, "OAuthException", "(#200) You can only edit your own comments");
    } else {
        lacks(r, facebook ? "message" : "hide");
    }
}

static void remove_it(struct fake *f, json_t *node, struct reply *r) {
    done(r);
    gr_tell(f, node, "remove");
    gr_remove(f, node);
}

/* ---- messages ---- */

static void sent(struct fake *f, const struct ask *a, const char *person, const char *name,
                 const char *text, json_t *about, struct reply *r) {
    json_t *m = gr_message(f, person, name, true, text, a->at), *row;
    if (about) json_object_set_new(about, "answered", json_string(json_text(m, "talk")));
    json_t *talk = gr_where(f, "message", "talk", json_text(m, "talk"));
    const json_t *heard = about;
    size_t i;
    if (!about) json_array_foreach(talk, i, row) if (!gr_ours(f, row)) heard = row;
    json_object_set_new(m, "answers", json_string(json_text(heard, "id")));
    json_decref(talk);
    reply_json(r, 200,
               json_pack("{s:s, s:s}", "recipient_id", person, "message_id", json_text(m, "id")));
    gr_tell(f, m, "add");
}

static void private_reply(struct fake *f, const struct ask *a, const char *id, const char *text,
                          struct reply *r) {
    json_t *about = gr_alive(f, id);
    if (!about) {
        gr_missing(r, id);
    } else if (*json_text(about, "answered")) {
        gr_error(r, 400, 10900, 0, "OAuthException", "(#10900) Activity already replied to");
    } else if (a->at - gr_at(about) > 7ll * GR_DAY) {
        gr_error(r, 400, 10903, 0, "OAuthException",
                 "(#10903) This user can't reply to this activity");
    } else {
        const json_t *from = json_object_get(about, "from");
        sent(f, a, json_text(from, "id"), json_text(from, "name"), text, about, r);
    }
}

static void message_to(struct fake *f, const struct ask *a, const char *person, const char *text,
                       struct reply *r) {
    char id[96];
    snprintf(id, sizeof id, "t_%s", person);
    const json_t *talk = gr_find(f, id);
    int64_t heard = json_integer_value(json_object_get(talk, "heard"));
    const char *type = json_text(a->json, "messaging_type"), *tag = json_text(a->json, "tag");
    bool by_hand = strcmp(type, "MESSAGE_TAG") == 0 && strcmp(tag, "HUMAN_AGENT") == 0;
    int64_t window = by_hand ? 7ll * GR_DAY : GR_DAY;
    if (!talk || !heard)
        gr_error(r, 400, 100, 2018001, "OAuthException", "(#100) No matching user found");
    else if (a->at - heard > window)
        gr_error_named(f, "10.2018278", r);
    else
        sent(f, a, person, json_text(json_object_get(talk, "from"), "name"), text, NULL, r);
}

static void message(struct fake *f, const struct ask *a, struct reply *r) {
    const json_t *to = json_object_get(a->json, "recipient");
    const char *text = json_text(json_object_get(a->json, "message"), "text");
    const char *comment_id = json_text(to, "comment_id"), *post_id = json_text(to, "post_id");
    const char *person = json_text(to, "id");
    if (!*text)
        lacks(r, "message");
    else if (*comment_id || *post_id)
        private_reply(f, a, *comment_id ? comment_id : post_id, text, r);
    else if (*person)
        message_to(f, a, person, text, r);
    else
        lacks(r, "recipient");
}

/* ---- Threads: a container that nobody sees, then its publication ---- */

static void container(struct fake *f, const struct ask *a, struct reply *r) {
    const char *text = ask_arg(a, "text"), *type = ask_arg(a, "media_type");
    const char *to = ask_arg(a, "reply_to_id");
    if (!text || !type || strcmp(type, "TEXT") != 0) {
        lacks(r, !text ? "text" : "media_type");
    } else if (to && !gr_alive(f, to)) {
        gr_missing(r, to);
    } else {
        json_t *c = gr_make(f, "container", NULL, fake_get(f, "threads"), fake_get(f, "username"),
                            text, a->at);
        if (to) json_object_set_new(c, "to", json_string(to));
        made(r, c);
    }
}

static void publish(struct fake *f, const struct ask *a, struct reply *r) {
    const char *id = ask_arg(a, "creation_id");
    json_t *c = id ? gr_alive(f, id) : NULL;
    int64_t early = fake_number(f, "not_ready");
    if (!c || !gr_is(c, "container")) {
        gr_missing(r, id ? id : "");
        return;
    }
    if (early > 0) {
        char less[24];
        snprintf(less, sizeof less, "%lld", (long long)early - 1);
        fake_set(f, "not_ready", less);
        gr_error(r, 400, 24, 2207006, "OAuthException",
                 "The requested resource does not exist: media with id %s cannot be found", id);
        return;
    }
    json_t *t = gr_thread(f, gr_alive(f, json_text(c, "to")), fake_get(f, "threads"),
                          fake_get(f, "username"), json_text(c, "text"), a->at);
    json_object_set_new(t, "answers", json_string(json_text(c, "to")));
    gr_remove(f, c);
    made(r, t);
}

/* ---- which is which ---- */

static bool on_page(struct fake *f, const struct ask *a, const char *edge, struct reply *r) {
    const char *text = ask_arg(a, "message");
    if (strcmp(edge, "messages") == 0) {
        message(f, a, r);
        return true;
    }
    if (strcmp(edge, "feed") != 0) return false;
    if (!text || !*text) {
        lacks(r, "message");
        return true;
    }
    char id[96];
    snprintf(id, sizeof id, "%s_%llu", gr_page(f),
             (unsigned long long)fake_id(f, "post", 122200000000000001u));
    json_t *p = gr_make(f, "post", id, gr_page(f), fake_get(f, "name"), text, a->at);
    made(r, p);
    gr_tell(f, p, "add");
    return true;
}

static bool on_account(struct fake *f, const struct ask *a, const char *edge, struct reply *r) {
    if (strcmp(edge, "threads") == 0)
        container(f, a, r);
    else if (strcmp(edge, "threads_publish") == 0)
        publish(f, a, r);
    else if (strcmp(edge, "messages") == 0)
        message(f, a, r);
    else if (strcmp(edge, "mentions") == 0) {
        const char *comment_id = ask_arg(a, "comment_id"), *media = ask_arg(a, "media_id");
        json_t *about = gr_alive(f, comment_id ? comment_id : media ? media : "");
        if (about)
            remark(f, a, about, r);
        else
            gr_missing(r, media ? media : "");
    } else
        return false;
    return true;
}

bool gr_act(struct fake *f, const struct ask *a, json_t *node, const char *edge, struct reply *r) {
    bool facebook = gr_is(node, "post") || gr_is(node, "comment");
    bool gram = gr_is(node, "media") || gr_is(node, "remark");
    bool deletes = ask_is(a, "DELETE");
    if (facebook && strcmp(edge, "likes") == 0) {
        like(f, a, node, r);
        return true;
    }
    if (deletes && !*edge && !gr_is(node, "page") && !gr_is(node, "account")) {
        remove_it(f, node, r);
        return true;
    }
    if (!ask_is(a, "POST")) return false;
    if (gr_is(node, "page")) return on_page(f, a, edge, r);
    if (gr_is(node, "account")) return on_account(f, a, edge, r);
    if (facebook && strcmp(edge, "comments") == 0)
        comment(f, a, node, r);
    else if (gram && (strcmp(edge, "comments") == 0 || strcmp(edge, "replies") == 0))
        remark(f, a, node, r);
    else if (gr_is(node, "thread") && strcmp(edge, "manage_reply") == 0)
        hide(f, node, ask_arg(a, "hide") ? ask_arg(a, "hide") : "", r);
    else if ((facebook || gram) && !*edge)
        change(f, a, node, r);
    else
        return false;
    return true;
}
