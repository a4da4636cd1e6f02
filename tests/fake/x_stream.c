/* The filtered stream of the fake X and its rules. Open streams are named "posts" and "activity"
 * for whoever steers them. A connection that a client has left counts until X tries to write. */
#include "fake/x.h"

#include <stdio.h>

enum { RULES_MAX = 1000, RULE_LENGTH = 1024 };

static size_t length_of(const char *s) {
    size_t n = 0;
    for (; *s; s++) n += (*s & 0xC0) != 0x80;
    return n;
}

/* ---- rules ---- */

static json_t *sent_meta(json_t *meta) {
    json_object_set_new(meta, "sent", x_stamp(fake_now()));
    return meta;
}

void x_rules(struct x_call *c) {
    json_t *rules = x_list(c->f, "rules"),
           *answer = json_pack(
               "{s:o}", "meta",
               sent_meta(json_pack("{s:i}", "result_count", (int)json_array_size(rules))));
    if (json_array_size(rules)) json_object_set(answer, "data", rules);
    reply_json(c->r, 200, answer);
}

static json_t *rule_of(json_t *rules, const char *member, const char *value) {
    size_t i;
    json_t *rule;
    json_array_foreach(rules, i, rule) if (strcmp(json_text(rule, member), value) == 0) return rule;
    return NULL;
}

static json_t *rule_problem(const char *type, const char *title, const char *value,
                            const char *detail) {
    return json_pack("{s:s, s:s, s:[s], s:s+}", "value", value, "title", title, "details", detail,
                     "type", "https://api.twitter.com/2/problems/", type);
}

/* NULL where the rule is taken. */
static json_t *against(struct x_call *c, const json_t *rules, const char *value) {
    const char *why = NULL;
    json_t *same = rule_of((json_t *)(uintptr_t)rules, "value", value), *problem;
    if (same) {
        problem = rule_problem("duplicate-rules", "DuplicateRule", value, "duplicate rule");
        json_object_set(problem, "id", json_object_get(same, "id"));
        return problem;
    }
    if (json_array_size(rules) >= (size_t)fake_number(c->f, "rules_max"))
        return rule_problem("rule-cap", "RulesCapExceeded", value, "too many rules");
    if (!*value || length_of(value) > RULE_LENGTH)
        return rule_problem("invalid-rules", "UnprocessableEntity", value, "the rule's length");
    if (x_matches(c->f, value, NULL, &why) == X_BAD)
        return rule_problem("invalid-rules", "UnprocessableEntity", value, why);
    return NULL;
}

static void add_rules(struct x_call *c, const json_t *add, bool dry) {
    json_t *rules =
        dry ? json_deep_copy(x_list(c->f, "rules")) : json_incref(x_list(c->f, "rules"));
    json_t *data = json_array(), *errors = json_array();
    size_t i;
    const json_t *one;
    json_array_foreach((json_t *)(uintptr_t)add, i, one) {
        json_t *problem = against(c, rules, json_text(one, "value"));
        if (problem) {
            json_array_append_new(errors, problem);
            continue;
        }
        char id[24];
        x_new_id(c->f, fake_now(), id);
        json_t *rule = json_pack("{s:s, s:s}", "id", id, "value", json_text(one, "value"));
        if (json_object_get(one, "tag")) json_object_set(rule, "tag", json_object_get(one, "tag"));
        json_array_append(rules, rule);
        json_array_append_new(data, rule);
    }
    int made = (int)json_array_size(data), bad = (int)json_array_size(errors);
    json_t *answer = json_pack(
        "{s:o}", "meta",
        sent_meta(json_pack("{s:{s:i, s:i, s:i, s:i}}", "summary", "created", dry ? 0 : made,
                            "not_created", dry ? made + bad : bad, "valid", made, "invalid", bad)));
    if (made) json_object_set(answer, "data", data);
    if (bad) json_object_set(answer, "errors", errors);
    json_decref(data);
    json_decref(errors);
    json_decref(rules);
    reply_json(c->r, made || !bad ? 201 : 400, answer);
}

static void drop_rules(struct x_call *c, const json_t *ids, bool dry) {
    json_t *rules = x_list(c->f, "rules"), *errors = json_array();
    size_t i, k;
    const json_t *id;
    int gone = 0;
    json_array_foreach((json_t *)(uintptr_t)ids, i, id) {
        const char *text = json_string_value(id) ? json_string_value(id) : "";
        const json_t *rule = rule_of(rules, "id", text), *other;
        if (!rule) {
            json_array_append_new(
                errors, rule_problem("not-found", "Rule does not exist", text, "unknown"));
            continue;
        }
        gone++;
        json_array_foreach(rules, k, other) if (other == rule) break;
        if (!dry) json_array_remove(rules, k);
    }
    int bad = (int)json_array_size(errors);
    json_t *answer = json_pack(
        "{s:o}", "meta",
        sent_meta(json_pack("{s:{s:i, s:i}}", "summary", "deleted", gone, "not_deleted", bad)));
    if (bad) json_object_set(answer, "errors", errors);
    json_decref(errors);
    reply_json(c->r, 200, answer);
}

void x_change_rules(struct x_call *c) {
    const json_t *add = json_object_get(c->a->json, "add"),
                 *ids = json_object_get(json_object_get(c->a->json, "delete"), "ids");
    bool dry = strcmp(json_text(c->a->query, "dry_run"), "true") == 0;
    if (json_array_size(add) && !ids)
        add_rules(c, add, dry);
    else if (json_array_size(ids) && !add)
        drop_rules(c, ids, dry);
    else
        x_problem(c->f, c->r, 400, "invalid-request", "Invalid Request",
                  "the body has neither `add` nor `delete` with something in it");
}

/* ---- connections ---- */

/* True where the answer is a stream. */
static bool connect_to(struct x_call *c, const char *name, int64_t most) {
    if (fake_stream_count(c->f, name) >= most) {
        x_count(c->f, "too many connections");
        x_error(c->f, "crowded", c->r);
        return false;
    }
    x_count(c->f, "streams opened");
    c->r->status = 200;
    snprintf(c->r->stream, sizeof c->r->stream, "%s", name);
    /* X sends its head with the first bytes. */
    buf_puts(&c->r->body, "\r\n");
    return true;
}

void x_stream(struct x_call *c) {
    if (!json_array_size(x_list(c->f, "rules"))) {
        reply_json(c->r, 409,
                   json_pack("{s:s, s:s, s:s, s:s}", "title", "ConnectionException", "detail",
                             "There are no rules on the stream.", "connection_issue",
                             "RuleConfigurationIssue", "type",
                             "https://api.twitter.com/2/problems/streaming-connection"));
        return;
    }
    if (!connect_to(c, "posts", fake_number(c->f, "connections"))) return;
    json_t *view = json_pack("{s:s, s:s}", "fields", json_text(c->a->query, "tweet.fields"),
                             "expansions", json_text(c->a->query, "expansions"));
    json_object_set_new(fake_world(c->f), "view", view);
}

void x_activity(struct x_call *c) {
    connect_to(c, "activity", fake_number(c->f, "connections") * 2);
}

void x_hang_up(struct x_call *c) {
    unsigned n = fake_stream_count(c->f, "posts") + fake_stream_count(c->f, "activity");
    fake_stream_cut(c->f, "posts");
    fake_stream_cut(c->f, "activity");
    reply_json(c->r, 200,
               json_pack("{s:{s:i, s:i, s:[]}}", "data", "failed_kills", 0, "successful_kills",
                         (int)n, "results"));
}

/* ---- what goes out ---- */

static void send_line(struct fake *f, const char *name, json_t *line) {
    char *text = json_dumps(line, JSON_COMPACT);
    struct buf b = {0};
    buf_printf(&b, "%s\r\n", text);
    fake_stream_send(f, name, b.data, b.len);
    buf_free(&b);
    free(text);
    json_decref(line);
}

void x_published(struct fake *f, const json_t *post) {
    json_t *hits = json_array(), *rule;
    size_t i;
    json_array_foreach(x_list(f, "rules"), i, rule) {
        if (x_matches(f, json_text(rule, "value"), post, NULL) != X_YES) continue;
        json_array_append_new(hits, json_pack("{s:O, s:s}", "id", json_object_get(rule, "id"),
                                              "tag", json_text(rule, "tag")));
    }
    if (json_array_size(hits) && fake_stream_count(f, "posts")) {
        const json_t *asked = json_object_get(fake_world(f), "view");
        struct x_view v = {json_text(asked, "fields"), json_text(asked, "expansions")};
        json_t *line = json_pack("{s:o}", "data", x_show(f, post, &v));
        json_t *one = json_pack("[O]", post);
        x_beside(f, line, one, &v);
        json_decref(one);
        json_object_set(line, "matching_rules", hits);
        send_line(f, "posts", x_spell(f, line));
        x_count(f, "posts given");
    }
    json_decref(hits);
    x_post_events(f, post);
}

void x_goodbye(struct fake *f) {
    send_line(f, "posts",
              json_pack("{s:[{s:s, s:s, s:s, s:s}]}", "errors", "title", "operational-disconnect",
                        "disconnect_type", "UpstreamOperationalDisconnect", "detail",
                        "This stream has been disconnected upstream for operational reasons.",
                        "type", "https://api.twitter.com/2/problems/operational-disconnect"));
    fake_stream_cut(f, "posts");
}
