/* How a scenario makes people speak on the fake Graph, and looks at what became of it.
 *
 *   POST /_fake/post     message= from=NAME (else the Page) tagged=1 ad=1
 *   POST /_fake/comment  under=ID (else the newest post of ours; "reply": our newest reply)
 *                        message= from=NAME times=N
 *   POST /_fake/rating   message= from= type=positive|negative
 *   POST /_fake/message  message= from=
 *   POST /_fake/media    message= from=
 *   POST /_fake/remark   under= message= from=
 *   POST /_fake/thread   under= message= from=
 *     each: at=SECONDS from now (-3600), quiet=1 (no webhook), private=1 (lists leave it out),
 *     nameless=1 (no author), mentions=1 (media, remark, thread: of others, and it names us);
 *     the answer is the id, or one a line
 *   POST /_fake/edit     id= message=
 *   POST /_fake/remove   id=
 *   POST /_fake/hide     id= to=0
 *   POST /_fake/private  id= to=0
 *   POST /_fake/like     id= from= type=love undo=1
 *   POST /_fake/share    id= from= message=
 *   POST /_fake/revoke   token= subcode=460
 *   POST /_fake/expire   all cursors
 *   POST /_fake/release  shuffle=1 one=1 copies=N (webhooks that were held back)
 *   POST /_fake/hook     ?flip=1 (a body of yours, signed)
 *   POST /_fake/handshake url= token=
 *   GET  /_fake/things   ?kind= &under=
 *   GET  /_fake/replies  ?to=ID &count=1 */
#include "fake/graph.h"

#include <stdio.h>
#include <stdlib.h>

static int64_t when(const struct ask *a) { return a->at + ask_number(a, "at", 0) * 1000; }
static const char *words(const struct ask *a) {
    const char *text = ask_arg(a, "message");
    return text ? text : "";
}
static bool asked(const struct ask *a, const char *name) { return ask_number(a, name, 0) != 0; }

/* Marks, tells, and answers with the id. */
static void born(struct fake *f, const struct ask *a, json_t *thing, struct reply *r) {
    if (asked(a, "mentions")) json_object_set_new(thing, "mentions", json_true());
    if (asked(a, "private")) json_object_set_new(thing, "private", json_true());
    if (asked(a, "nameless")) json_object_set_new(thing, "nameless", json_true());
    if (!asked(a, "quiet")) gr_tell(f, thing, "add");
    r->status = 200;
    r->type = "text/plain; charset=utf-8";
    buf_printf(&r->body, "%s\n", json_text(thing, "id"));
}

static json_t *newest_post(struct fake *f, const char *kind) {
    json_t *all = gr_where(f, kind, NULL, NULL), *found = NULL, *row;
    size_t i;
    json_array_foreach(all, i, row) if (gr_ours(f, row) && !*json_text(row, "parent")) found = row;
    json_decref(all);
    return found;
}

static json_t *under_of(struct fake *f, const struct ask *a, const char *kind) {
    const char *id = ask_arg(a, "under");
    json_t *all, *found = NULL, *row;
    size_t i;
    if (!id) return newest_post(f, kind);
    if (strcmp(id, "reply") != 0) return gr_alive(f, id);
    all = gr_where(f, strcmp(kind, "post") == 0 ? "comment" : "remark", NULL, NULL);
    json_array_foreach(all, i, row) if (gr_ours(f, row)) found = row;
    json_decref(all);
    return found;
}

static void post(struct fake *f, const struct ask *a, struct reply *r) {
    char id[96], person[40];
    const char *from = ask_arg(a, "from");
    bool tagged = asked(a, "tagged");
    if (from) gr_person(person, from);
    snprintf(id, sizeof id, "%s_%llu", tagged && from ? person : gr_page(f),
             (unsigned long long)fake_id(f, "post", 122200000000000001u));
    json_t *p = gr_make(f, "post", id, from ? person : gr_page(f),
                        from ? from : fake_get(f, "name"), words(a), when(a));
    if (tagged) json_object_set_new(p, "tagged", json_true());
    if (asked(a, "ad")) json_object_set_new(p, "ad", json_true());
    born(f, a, p, r);
}

typedef json_t *maker(struct fake *f, json_t *under, const char *from, const char *name,
                      const char *text, int64_t at);

static void below(struct fake *f, const struct ask *a, maker *make, const char *kind,
                  struct reply *r) {
    char person[40];
    const char *from = ask_arg(a, "from");
    json_t *under = under_of(f, a, kind);
    if (!under) {
        reply_text(r, 404, "text/plain", "there is nothing to speak under\n");
        return;
    }
    gr_person(person, from ? from : "손님");
    for (int64_t n = ask_number(a, "times", 1); n > 0; n--)
        born(f, a, make(f, under, person, from ? from : "손님", words(a), when(a)), r);
}

static void thread(struct fake *f, const struct ask *a, struct reply *r) {
    const char *from = ask_arg(a, "from"), *under = ask_arg(a, "under");
    const char *person = from ? from : fake_get(f, "threads");
    json_t *t = gr_thread(f, under ? gr_alive(f, under) : NULL, person,
                          from ? from : fake_get(f, "username"), words(a), when(a));
    born(f, a, t, r);
}

static void simple(struct fake *f, const struct ask *a, const char *kind, const char *own_id,
                   const char *own_name, struct reply *r) {
    char person[40];
    const char *from = ask_arg(a, "from"), *type = ask_arg(a, "type");
    if (from) gr_person(person, from);
    json_t *t =
        gr_make(f, kind, NULL, from ? person : own_id, from ? from : own_name, words(a), when(a));
    if (type) json_object_set_new(t, "recommendation_type", json_string(type));
    if (strcmp(kind, "media") == 0) json_object_set_new(t, "media_type", json_string("IMAGE"));
    born(f, a, t, r);
}

static void message(struct fake *f, const struct ask *a, struct reply *r) {
    char person[40];
    const char *from = ask_arg(a, "from");
    gr_person(person, from ? from : "손님");
    born(f, a, gr_message(f, person, from ? from : "손님", false, words(a), when(a)), r);
}

static bool makes(struct fake *f, const struct ask *a, const char *path, struct reply *r) {
    if (strcmp(path, "/post") == 0)
        post(f, a, r);
    else if (strcmp(path, "/comment") == 0)
        below(f, a, gr_comment, "post", r);
    else if (strcmp(path, "/remark") == 0)
        below(f, a, gr_remark, "media", r);
    else if (strcmp(path, "/thread") == 0)
        thread(f, a, r);
    else if (strcmp(path, "/rating") == 0)
        simple(f, a, "rating", "0", "", r);
    else if (strcmp(path, "/media") == 0)
        simple(f, a, "media", fake_get(f, "account"), fake_get(f, "username"), r);
    else if (strcmp(path, "/message") == 0)
        message(f, a, r);
    else
        return false;
    return true;
}

/* ---- what becomes of things ---- */

static void react(struct fake *f, const struct ask *a, json_t *thing) {
    char person[40];
    const char *from = ask_arg(a, "from") ? ask_arg(a, "from") : "손님";
    const char *type = ask_arg(a, "type") ? ask_arg(a, "type") : "like";
    json_t *likes = json_object_get(thing, "likes"), *id;
    size_t i, at;
    gr_person(person, from);
    at = json_array_size(likes);
    json_array_foreach(likes, i, id) if (strcmp(json_string_value(id), person) == 0) at = i;
    bool there = at < json_array_size(likes), undo = asked(a, "undo");
    if (undo && there) json_array_remove(likes, at);
    if (!undo && !there) json_array_append_new(likes, json_string(person));
    gr_tell_reaction(f, thing, person, from, type, undo ? "remove" : there ? "edit" : "add");
}

static void share(struct fake *f, const struct ask *a, json_t *post_thing) {
    char person[40], id[96];
    const char *from = ask_arg(a, "from") ? ask_arg(a, "from") : "손님";
    gr_person(person, from);
    snprintf(id, sizeof id, "%s_%llu", person,
             (unsigned long long)fake_id(f, "post", 122200000000000001u));
    int64_t n = json_integer_value(json_object_get(post_thing, "shares"));
    json_object_set_new(post_thing, "shares", json_integer(n + 1));
    json_t *made = gr_make(f, "post", id, person, from, words(a), a->at);
    json_object_set_new(made, "elsewhere", json_true()); /* in that person's own feed */
    gr_tell_share(f, post_thing, id, person, from, words(a));
}

static bool changes(struct fake *f, const struct ask *a, const char *path, struct reply *r) {
    static const char *const known[] = {"/edit", "/remove", "/hide", "/private",
                                        "/like", "/share",  "/tell"};
    bool is = false;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        is = is || strcmp(path, known[i]) == 0;
    if (!is) return false;
    json_t *thing = ask_arg(a, "id") ? gr_alive(f, ask_arg(a, "id")) : NULL;
    bool on = ask_number(a, "to", 1) != 0, quiet = asked(a, "quiet");
    const char *verb = NULL;
    if (!thing) {
        reply_text(r, 404, "text/plain", "there is no such thing\n");
        return true;
    }
    if (strcmp(path, "/edit") == 0) {
        json_object_set_new(thing, "text", json_string(words(a)));
        json_object_set_new(thing, "edited", json_integer(a->at));
        verb = "edited";
    } else if (strcmp(path, "/remove") == 0) {
        verb = "remove";
    } else if (strcmp(path, "/hide") == 0) {
        json_object_set_new(thing, "hidden", json_boolean(on));
        verb = on ? "hide" : "unhide";
    } else if (strcmp(path, "/private") == 0) {
        json_object_set_new(thing, "private", json_boolean(on));
    } else if (strcmp(path, "/tell") == 0) {
        verb = ask_arg(a, "verb") ? ask_arg(a, "verb") : "add";
    } else if (strcmp(path, "/like") == 0) {
        react(f, a, thing);
    } else {
        share(f, a, thing);
    }
    if (verb && !quiet) gr_tell(f, thing, verb);
    if (strcmp(path, "/remove") == 0) gr_remove(f, thing);
    reply_text(r, 200, "text/plain", "ok\n");
    return true;
}

/* ---- tokens, cursors, webhooks ---- */

static void revoke(struct fake *f, const struct ask *a, struct reply *r) {
    const char *token = ask_arg(a, "token") ? ask_arg(a, "token") : fake_get(f, "token");
    json_t *t = json_object_get(json_object_get(fake_world(f), "tokens"), token);
    if (!t) {
        reply_text(r, 404, "text/plain", "there is no such token\n");
        return;
    }
    json_object_set_new(t, "subcode", json_integer(ask_number(a, "subcode", 460)));
    reply_text(r, 200, "text/plain", "ok\n");
}

static void handshake(struct fake *f, const struct ask *a, struct reply *r) {
    bool same = false;
    const char *url = ask_arg(a, "url") ? ask_arg(a, "url") : fake_get(f, "hook");
    int status = gr_handshake(f, url, ask_arg(a, "token") ? ask_arg(a, "token") : "", &same);
    reply_text(r, 200, "text/plain", "%d %s\n", status, same ? "same" : "other");
}

static bool steers(struct fake *f, const struct ask *a, const char *path, struct reply *r) {
    json_t *world = fake_world(f);
    if (strcmp(path, "/revoke") == 0) {
        revoke(f, a, r);
        return true;
    }
    if (strcmp(path, "/handshake") == 0) {
        handshake(f, a, r);
        return true;
    }
    if (strcmp(path, "/expire") == 0)
        json_object_set_new(world, "epoch",
                            json_integer(json_integer_value(json_object_get(world, "epoch")) + 1));
    else if (strcmp(path, "/release") == 0)
        gr_release(f, asked(a, "shuffle"), asked(a, "one"), (int)ask_number(a, "copies", 1));
    else if (strcmp(path, "/hook") == 0)
        gr_send(f, a->body, a->body_len, asked(a, "flip"));
    else
        return false;
    reply_text(r, 200, "text/plain", "ok\n");
    return true;
}

/* ---- looking ---- */

/* What we said and what it answers, for people to read. */
static void replies(struct fake *f, const struct ask *a, struct reply *r) {
    const char *id, *to = ask_arg(a, "to");
    json_t *thing;
    size_t n = 0;
    struct buf out = {0};
    json_object_foreach(json_object_get(fake_world(f), "things"), id, thing) {
        const char *answers = json_text(thing, "answers");
        const json_t *about = gr_find(f, answers);
        if (!*answers || gr_flag(thing, "gone") || (to && strcmp(to, answers) != 0)) continue;
        n++;
        buf_printf(&out, "%s: %s\n", json_text(json_object_get(about, "from"), "name"),
                   json_text(about, "text"));
        buf_printf(&out, "    -> %s%s\n", gr_is(thing, "message") ? "(in private) " : "",
                   json_text(thing, "text"));
    }
    if (ask_arg(a, "count"))
        reply_text(r, 200, "text/plain", "%zu\n", n);
    else
        reply_text(r, 200, "text/plain; charset=utf-8", "%s",
                   out.data ? out.data : "nothing was said yet\n");
    buf_free(&out);
}

static void list(struct fake *f, const struct ask *a, struct reply *r) {
    const char *id, *kind = ask_arg(a, "kind"), *under = ask_arg(a, "under");
    json_t *thing, *out = json_array();
    json_object_foreach(json_object_get(fake_world(f), "things"), id, thing) {
        bool fits = !under || strcmp(under, json_text(thing, "post")) == 0 ||
                    strcmp(under, json_text(thing, "parent")) == 0;
        if (fits && (!kind || gr_is(thing, kind))) json_array_append(out, thing);
    }
    reply_json(r, 200, out);
}

bool gr_control(struct fake *f, const struct ask *a, const char *path, struct reply *r) {
    if (ask_is(a, "GET")) {
        if (strcmp(path, "/replies") == 0)
            replies(f, a, r);
        else if (strcmp(path, "/things") == 0)
            list(f, a, r);
        else
            return false;
        return true;
    }
    return makes(f, a, path, r) || changes(f, a, path, r) || steers(f, a, path, r);
}
