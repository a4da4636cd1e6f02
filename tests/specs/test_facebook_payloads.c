/* uses: facebook_code */
/* Recorded webhook bodies of Pages and Instagram: each change becomes the interaction, or the
 * counted unknown, that the channel's tables say. What is expected is read off the raw JSON here,
 * by those tables alone; it shares no code with the plugin. */
#include "unit/facebook_heard.h"

#include "specs/specs.h"

#include <dirent.h>
#include <jansson.h>
#include <sys/stat.h>

enum { NOW = 1800000000, BODIES_MOST = 400, LINES_MOST = 40000 };

static struct { int files, passed, failed; } tally;

/* ---- lines ---- */

struct lines {
    char *line[LINES_MOST];
    size_t n;
};

__attribute__((format(printf, 2, 3))) static void put(struct lines *l, const char *format, ...) {
    char text[4096];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (l->n == LINES_MOST) abort();
    l->line[l->n++] = strdup(text);
}
static void clear(struct lines *l) {
    for (size_t i = 0; i < l->n; i++) free(l->line[i]);
    l->n = 0;
}
static int by_text(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}
static void sort(struct lines *l) { qsort(l->line, l->n, sizeof *l->line, by_text); }
static void unique(struct lines *l) {
    size_t n = 0;
    sort(l);
    for (size_t i = 0; i < l->n; i++)
        if (n && strcmp(l->line[n - 1], l->line[i]) == 0)
            free(l->line[i]);
        else
            l->line[n++] = l->line[i];
    l->n = n;
}
static bool same(const struct lines *a, const struct lines *b) {
    bool equal = a->n == b->n;
    for (size_t i = 0; equal && i < a->n; i++) equal = strcmp(a->line[i], b->line[i]) == 0;
    return equal;
}

/* ---- what the tables say ---- */

/* An id as text, whether it was sent as a number or as a string; "" for none. */
static const char *id(const json_t *v) {
    static char ring[16][64];
    static unsigned at;
    if (json_is_string(v)) return json_string_value(v);
    if (!json_is_integer(v)) return "";
    at = (at + 1) % 16;
    snprintf(ring[at], sizeof ring[at], "%lld", (long long)json_integer_value(v));
    return ring[at];
}
static const char *member(const json_t *o, const char *name) {
    return id(json_object_get(o, name));
}
static const char *text(const json_t *o, const char *name) {
    const char *s = json_string_value(json_object_get(o, name));
    return s ? s : "";
}
static const char *by(const json_t *v) {
    const char *names[] = {"sender_id", "user_id", "reviewer_id"};
    const char *who = member(json_object_get(v, "from"), "id");
    for (size_t i = 0; !*who && i < 3; i++) who = member(v, names[i]);
    return who;
}
static bool is(const char *a, const char *b) { return strcmp(a, b) == 0; }
static bool one_of(const char *word, const char *list) {
    size_t n = strlen(word);
    for (const char *at = list; n && (at = strstr(at, word)); at++)
        if ((at == list || at[-1] == ' ') && (at[n] == ' ' || !at[n])) return true;
    return false;
}
/* Of three parts the last two. */
static const char *comment_of(const char *s) {
    const char *first = strchr(s, '_'), *second = first ? strchr(first + 1, '_') : NULL;
    return second ? first + 1 : s;
}

static void say(struct lines *l, const char *kind, const char *event, const char *native,
                const char *parent, const char *target, const char *who, bool own,
                const char *share, const char *words) {
    put(l, "%s %s id=%s parent=%s target=%s by=%s own=%d share=%s text=%s", kind, event, native,
        parent, target, who, own, share, words);
}
static void tap(struct lines *l, const char *target, const char *who, const char *class_, int n) {
    put(l, "reaction target=%s by=%s %s=%d", target, who, class_, n);
}

static const char *state_of(const char *verb) {
    if (one_of(verb, "remove delete")) return "removed";
    return is(verb, "hide") ? "hidden" : is(verb, "unhide") ? "shown" : NULL;
}

static void reaction(struct lines *l, const char *page, const json_t *v, const char *target) {
    const char *verb = text(v, "verb"), *type = text(v, "reaction_type");
    if (is(type, "sorry")) type = "sad";
    if (is(type, "anger")) type = "angry";
    if (!*target) target = page;
    if (one_of(verb, "add edit edited update"))
        tap(l, target, by(v), *type ? type : "like", 1);
    else if (one_of(verb, "remove delete"))
        tap(l, target, by(v), *type ? type : "like", 0);
    else
        put(l, "unknown");
}

static void feed_value(struct lines *l, const char *page, const json_t *v) {
    const char *item = text(v, "item"), *verb = text(v, "verb"), *post = member(v, "post_id");
    const char *comment = comment_of(member(v, "comment_id")), *parent = member(v, "parent_id");
    const char *state = state_of(verb), *who = by(v), *words = text(v, "message");
    bool own = is(who, page), edit = one_of(verb, "edit edited update"), add = is(verb, "add");
    const char *event = state                                             ? state
                        : edit && !*words && !json_object_get(v, "photo") ? "arrived"
                                                                          : "said";
    if (state) words = "";
    if (!(state || edit || add)) {
        put(l, "unknown");
    } else if (is(item, "comment") && *comment) {
        if (!*parent || is(parent, post)) parent = post;
        say(l, "comment", event, comment, comment_of(parent), post, who, own, "", words);
    } else if (one_of(item, "reaction like")) {
        reaction(l, page, v, *comment ? comment : *parent ? parent : post);
    } else if (is(item, "share") && *post) {
        const char *share = *words ? "specific" : "simple";
        say(l, "share", event, post, "", "", who, own, share, words);
    } else if (one_of(item, "post status photo video") && *post) {
        say(l, own ? "post" : "mention", event, post, "", "", who, own, "", words);
    } else {
        put(l, "unknown");
    }
}

static void rating_value(struct lines *l, const char *page, const json_t *v) {
    const char *item = text(v, "item"), *verb = text(v, "verb"), *state = state_of(verb);
    const char *story = member(v, "open_graph_story_id"), *post = strchr(member(v, "post_id"), '_');
    if (!*story && post) story = post + 1;
    if (is(item, "rating"))
        say(l, "comment", state ? state : "said", story, "", page, by(v), false, "",
            state ? "" : text(v, "review_text"));
    else if (one_of(item, "like reaction"))
        reaction(l, page, v, story);
    else
        put(l, "unknown");
}

static void mention_value(struct lines *l, const json_t *v) {
    const char *comment = comment_of(member(v, "comment_id")), *post = member(v, "post_id");
    bool in = *comment != 0, told = *text(v, "message") != 0;
    say(l, "mention", told ? "said" : "arrived", in ? comment : post, in ? post : "",
        in ? post : "", by(v), false, "", text(v, "message"));
}

static void messaging(struct lines *l, const char *page, const json_t *e) {
    const json_t *m = json_object_get(e, "message"), *r = json_object_get(e, "reaction");
    const json_t *press = json_object_get(e, "postback");
    const char *who = member(json_object_get(e, "sender"), "id"), *event = "said";
    char made[256];
    if (m) {
        bool own = is(who, page) || json_is_true(json_object_get(m, "is_echo"));
        const char *words = text(m, "text");
        if (json_is_true(json_object_get(m, "is_deleted"))) event = "removed", words = "";
        say(l, "message", event, member(m, "mid"), member(json_object_get(m, "reply_to"), "mid"),
            "", who, own, "", words);
    } else if (press) {
        if (!*who) {
            const char *ref = member(json_object_get(e, "sender"), "user_ref");
            snprintf(made, sizeof made, "user_ref:%s", ref);
            who = made;
        }
        const char *title = text(press, "title");
        say(l, "message", event, "*", "", "", who, false, "",
            *title ? title : text(press, "payload"));
    } else if (r) {
        bool on = is(text(r, "action"), "react");
        tap(l, member(r, "mid"), who, on ? text(r, "reaction") : "like", on);
    } else if (json_object_get(e, "read") || json_object_get(e, "delivery")) {
        put(l, "receipt");
    } else {
        put(l, "unknown");
    }
}

static void media_value(struct lines *l, const char *account, const char *field, const json_t *v) {
    const json_t *from = json_object_get(v, "from");
    const char *media = member(json_object_get(v, "media"), "id"), *parent = member(v, "parent_id");
    const char *who = member(from, "id");
    if (one_of(field, "comments live_comments"))
        say(l, "comment", "said", member(v, "id"), *parent ? parent : media, media, who,
            *who && is(who, account), "", text(v, "text"));
    else if (is(field, "mentions"))
        say(l, "mention", "arrived",
            *member(v, "comment_id") ? member(v, "comment_id") : member(v, "media_id"), "", "", "",
            false, "", "");
    else
        put(l, "unknown");
}

static void expect(struct lines *l, const json_t *body) {
    const char *object = text(body, "object");
    size_t i, k;
    const json_t *entry, *one;
    if (!one_of(object, "page instagram")) {
        put(l, "unknown");
        return;
    }
    json_array_foreach(json_object_get(body, "entry"), i, entry) {
        const char *page = member(entry, "id");
        json_array_foreach(json_object_get(entry, "changes"), k, one) {
            const char *field = text(one, "field");
            const json_t *v = json_object_get(one, "value");
            if (is(object, "instagram"))
                media_value(l, page, field, v);
            else if (is(field, "feed"))
                feed_value(l, page, v);
            else if (is(field, "ratings"))
                rating_value(l, page, v);
            else if (is(field, "mention"))
                mention_value(l, v);
            else
                put(l, "unknown");
        }
        json_array_foreach(json_object_get(entry, "messaging"), k, one) messaging(l, page, one);
    }
}

/* ---- what the plugin gave ---- */

static const char *const kinds[] = {"unknown", "reaction", "comment",   "share",
                                    "mention", "message",  "trackback", "post"};
static const char *const events[] = {"said", "removed", "hidden", "shown", "arrived"};
static const char *const shares[] = {"", "simple", "specific"};

static void got_item(struct lines *l, const struct sori_item *i) {
    char native[600];
    /* A button without an id has one of the plugin's making. */
    bool made = s_starts(i->native_id, "postback:");
    snprintf(native, sizeof native, "%.*s", S(i->native_id));
    if (i->kind == SORI_KIND_REACTION) {
        put(l, "reaction target=%.*s by=%.*s %.*s=%d", S(i->target), S(i->author_id),
            S(i->reaction), (int)i->reaction_value);
        return;
    }
    put(l, "%s %s id=%s parent=%.*s target=%.*s by=%.*s own=%d share=%s text=%.*s", kinds[i->kind],
        events[i->event], made ? "*" : native, S(i->parent), S(i->target), S(i->author_id),
        i->origin == SORI_ORIGIN_US_BY_HAND, shares[i->share], S(i->text));
}

static void got(struct lines *l) {
    for (size_t i = 0; i < heard.items; i++) got_item(l, &heard.item[i]);
    for (size_t i = 0; i < heard.rejects; i++) put(l, "unknown");
    if (heard.log[0]) put(l, "receipt");
}

/* Taking a reaction back, or changing it, ends every other class too: lines of those with value 0
 * say nothing but that, as long as none of them is one that is expected to stand. */
static void drop_ends(struct lines *got, const struct lines *wanted) {
    size_t n = 0;
    for (size_t i = 0; i < got->n; i++) {
        char *line = got->line[i];
        bool end = strncmp(line, "reaction", 8) == 0 && strcmp(line + strlen(line) - 2, "=0") == 0;
        bool expected = false;
        for (size_t k = 0; k < wanted->n; k++) expected |= strcmp(wanted->line[k], line) == 0;
        if (end && !expected)
            free(line);
        else
            got->line[n++] = line;
    }
    got->n = n;
}

static void show(const char *what, const struct lines *l) {
    for (size_t i = 0; i < l->n; i++) printf("  %s %s\n", what, l->line[i]);
}

static const char *surface_of(const json_t *body) {
    return is(text(body, "object"), "instagram") ? "instagram" : "page";
}

static void check_file(const char *name, const json_t *body, struct sori_str bytes) {
    struct lines wanted = {.n = 0}, heard_lines = {.n = 0};
    void *self = heard_open();
    heard_forget();
    heard_deliver(self, bytes, surface_of(body), "", NOW * (int64_t)1000);
    expect(&wanted, body);
    sort(&wanted);
    got(&heard_lines);
    drop_ends(&heard_lines, &wanted);
    sort(&heard_lines);
    bool good = same(&wanted, &heard_lines) && wanted.n > 0;
    good ? tally.passed++ : tally.failed++;
    if (!good) {
        printf("FAILED %s\n", name);
        show("wanted", &wanted);
        show("got   ", &heard_lines);
    }
    for (size_t i = 0; i < heard.rejects; i++)
        if (!heard.reject[i].raw.len || !heard.reject[i].why.len) {
            printf("FAILED %s: what is unknown was not kept\n", name);
            tally.failed++;
        }
    clear(&wanted);
    clear(&heard_lines);
    heard_connector()->destroy(self);
}

/* ---- the same rows, however it is delivered ---- */

struct body {
    json_t *json;
    char name[128];
};
static struct body bodies[BODIES_MOST];
static size_t body_count;

/* Every item, task and rejection, each once: what a store that knows keys is left with. */
static void rows(struct lines *l) {
    for (size_t i = 0; i < heard.items; i++) {
        const struct sori_item *it = &heard.item[i];
        put(l, "%u %u %.*s %.*s %.*s %.*s %lld %.*s=%lld %u %u %.*s", it->kind, it->event,
            S(it->native_id), S(it->parent), S(it->target), S(it->author_id),
            (long long)it->version, S(it->reaction), (long long)it->reaction_value, it->share,
            it->can, S(s_head(it->text, 2000)));
    }
    for (size_t i = 0; i < heard.tasks; i++)
        put(l, "task %.*s %.*s", S(heard.task[i].key), S(heard.task[i].body));
    for (size_t i = 0; i < heard.rejects; i++)
        put(l, "reject %.*s", S(s_head(heard.reject[i].why, 500)));
    unique(l);
}

static void deliver_json(void *self, const json_t *body) {
    char *bytes = json_dumps(body, JSON_COMPACT);
    heard_deliver(self, s_of(bytes), surface_of(body), "", NOW * (int64_t)1000);
    free(bytes);
}

static unsigned next(unsigned *seed) { return *seed = *seed * 1103515245u + 12345u; }

static void deliver_shuffled(void *self, unsigned seed, int times) {
    size_t order[BODIES_MOST];
    for (int t = 0; t < times; t++) {
        for (size_t i = 0; i < body_count; i++) order[i] = i;
        for (size_t i = body_count; i > 1; i--) {
            size_t k = (next(&seed) >> 8) % i, swap = order[i - 1];
            order[i - 1] = order[k];
            order[k] = swap;
        }
        for (size_t i = 0; i < body_count; i++) deliver_json(self, bodies[order[i]].json);
    }
}

/* All entries of one object in bodies of a thousand, repeated until there is more than one. */
static void deliver_batched(void *self, const char *object) {
    json_t *body = json_object(), *list = json_array(), *entry;
    json_object_set_new(body, "object", json_string(object));
    json_object_set_new(body, "entry", list);
    for (size_t round = 0, total = 0; total < 1500 && round < 1500; round++)
        for (size_t i = 0; i < body_count; i++) {
            size_t k;
            if (!is(text(bodies[i].json, "object"), object)) continue;
            json_array_foreach(json_object_get(bodies[i].json, "entry"), k, entry) {
                json_array_append(list, entry);
                total++;
                if (json_array_size(list) < 1000) continue;
                deliver_json(self, body);
                json_array_clear(list);
            }
        }
    deliver_json(self, body);
    json_decref(body);
}

static void compare(const char *what, const struct lines *wanted) {
    struct lines l = {.n = 0};
    rows(&l);
    bool good = same(wanted, &l);
    good ? tally.passed++ : tally.failed++;
    if (!good) printf("FAILED %s: %zu rows instead of %zu\n", what, l.n, wanted->n);
    for (size_t i = 0, k = 0; !good && i < wanted->n; i++) {
        while (k < l.n && strcmp(l.line[k], wanted->line[i]) < 0)
            printf("  more %s\n", l.line[k++]);
        if (k < l.n && strcmp(l.line[k], wanted->line[i]) == 0)
            k++;
        else
            printf("  less %s\n", wanted->line[i]);
    }
    clear(&l);
}

/* Nothing was heard, and nothing is remembered: whose name was asked for is not told twice. */
static void afresh(void **self) {
    heard_connector()->destroy(*self);
    *self = heard_open();
    heard_forget();
}

static void orders(void) {
    struct lines once = {.n = 0};
    void *self = heard_open();
    heard_forget();
    for (size_t i = 0; i < body_count; i++) deliver_json(self, bodies[i].json);
    rows(&once);
    for (unsigned seed = 1; seed <= 5; seed++) {
        afresh(&self);
        deliver_shuffled(self, seed, 2);
        compare("delivered twice and shuffled", &once);
    }
    afresh(&self);
    deliver_batched(self, "page");
    deliver_batched(self, "instagram");
    for (size_t i = 0; i < body_count; i++) /* objects of other kinds have no batch */
        if (!one_of(text(bodies[i].json, "object"), "page instagram"))
            deliver_json(self, bodies[i].json);
    compare("in batches of 1,000", &once);
    if (once.n < body_count / 2) {
        printf("FAILED: only %zu rows of %zu bodies\n", once.n, body_count);
        tally.failed++;
    }
    clear(&once);
    heard_connector()->destroy(self);
}

/* ---- files ---- */

static char *read_file(const char *path, size_t *len) {
    FILE *f = fopen(path, "rb");
    char *bytes = calloc(1, 1 << 20);
    *len = f && bytes ? fread(bytes, 1, (1 << 20) - 1, f) : 0;
    if (f) fclose(f);
    return bytes;
}

static void folder(const char *specs, const char *sub, const char *head) {
    char path[512];
    snprintf(path, sizeof path, "%s/payloads/meta/%s", specs, sub);
    DIR *dir = opendir(path);
    const struct dirent *e;
    while (dir && (e = readdir(dir))) {
        size_t len, n = strlen(e->d_name);
        if (n < 5 || strcmp(e->d_name + n - 5, ".json") != 0 || body_count == BODIES_MOST) continue;
        if (strncmp(e->d_name, head, strlen(head)) != 0) continue;
        snprintf(path, sizeof path, "%s/payloads/meta/%s/%s", specs, sub, e->d_name);
        char *bytes = read_file(path, &len);
        json_t *body = json_loadb(bytes, len, 0, NULL);
        tally.files++;
        if (body) {
            struct body *b = &bodies[body_count++];
            b->json = body;
            snprintf(b->name, sizeof b->name, "%.40s/%.80s", sub, e->d_name);
            check_file(b->name, body, (struct sori_str){bytes, len});
        } else {
            printf("FAILED %s is no JSON\n", path);
            tally.failed++;
        }
        free(bytes);
    }
    if (dir) closedir(dir);
}

int main(void) {
    const char *specs = specs_folder();
    if (!specs_there()) return specs_absent(specs);
    folder(specs, "webhooks", "");
    folder(specs, "instagram", "wh-");
    folder(specs, "instagram", "messaging-");
    if (body_count) orders();
    printf("facebook payloads: %d files, %d checks passed, %d failed\n", tally.files, tally.passed,
           tally.failed);
    if (!tally.files) printf("FAILED: no body was found in %s/payloads/meta\n", specs);
    for (size_t i = 0; i < body_count; i++) json_decref(bodies[i].json);
    return tally.files && !tally.failed ? 0 : 1;
}
