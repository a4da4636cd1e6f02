/* What we said on the fake X and what it answers, for people to read. */
#include "fake/x.h"

static void line(struct fake *f, struct buf *out, const json_t *post) {
    const json_t *about = x_post(f, json_text(post, "reply_to"));
    const json_t *user = about ? x_user(f, json_text(about, "author_id")) : NULL;
    if (about) buf_printf(out, "%s: %s\n", json_text(user, "name"), json_text(about, "raw"));
    buf_printf(out, "    -> %s\n", json_text(post, "raw"));
}

void x_replies(struct fake *f, const struct ask *a, struct reply *r) {
    struct buf out = {0};
    const char *to = ask_arg(a, "to");
    size_t i, n = 0;
    json_t *post;
    json_array_foreach(x_list(f, "posts"), i, post) {
        if (!x_ours(f, post) || json_object_get(post, "removed")) continue;
        if (to && strcmp(to, json_text(post, "reply_to")) != 0) continue;
        line(f, &out, post);
        n++;
    }
    if (ask_arg(a, "count"))
        reply_text(r, 200, "text/plain", "%zu\n", n);
    else
        reply_text(r, 200, "text/plain; charset=utf-8", "%s",
                   out.data ? out.data : "nothing was said yet\n");
    buf_free(&out);
}
