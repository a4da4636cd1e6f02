/* A credential that acts need was refused, and perhaps polls never noticed: they may speak with
 * another one. What is to be said is held back then until a token works again: when somebody wrote
 * another one, when a poll that was refused as well is well again, and now and then, since a
 * platform may give a permission back by itself. It is said once, however often that is tried. */
#include "flow/act/act.h"
#include "flow/channel/live.h"

#include "base/clock.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { PROBE_MS = 300000, PROBE_MAX_MS = 3600000, LOOK_MS = 2000 };

/* Of what is in the connection's credentials: another number once one of them was written. */
static uint64_t secrets_mark(const struct core *c, const struct conn *conn) {
    struct buf path = {0};
    uint64_t mark = 0;
    size_t len = strlen(conn->name);
    buf_printf(&path, "%s/secrets", c->dir ? c->dir : ".");
    DIR *folder = opendir(path.data);
    for (struct dirent *e; folder && (e = readdir(folder));) {
        struct stat st;
        if (strncmp(e->d_name, conn->name, len) != 0 || e->d_name[len] != '.') continue;
        if (fstatat(dirfd(folder), e->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0) continue;
        mark += (uint64_t)st.st_ino * 31 + (uint64_t)st.st_mtim.tv_sec * 1000003 +
                (uint64_t)st.st_mtim.tv_nsec;
    }
    if (folder) closedir(folder);
    buf_free(&path);
    return mark;
}

void act_refused(struct core *c, struct conn *conn, const char *why) {
    struct held *h = &live_of(c, conn)->held;
    int64_t now = clock_mono();
    h->wait = h->wait ? h->wait * 2 : PROBE_MS;
    if (h->wait > PROBE_MAX_MS) h->wait = PROBE_MAX_MS;
    h->probe_at = now + h->wait;
    h->look_at = now + LOOK_MS;
    h->mark = secrets_mark(c, conn);
    if (!h->why) { /* the words of later tries are no news */
        struct buf text = {0};
        buf_printf(&text, "nothing is said, all else goes on: %s", why);
        h->why = mem_text(buf_view(&text));
        buf_free(&text);
    }
    conn_state(c, conn, CONN_BROKEN, h->why);
}

void act_accepted(struct core *c, struct conn *conn) {
    struct live *l = live_of(c, conn);
    if (!l->held.why) return;
    free(l->held.why);
    l->held = (struct held){0};
    if (conn->state == CONN_BROKEN && !l->poll_refused) conn_state(c, conn, CONN_READY, NULL);
}

bool act_held(struct core *c, struct conn *conn) {
    if (conn->state != CONN_BROKEN) return false;
    struct live *l = live_of(c, conn);
    int64_t now = clock_mono();
    if (!l->held.why || l->poll_refused) return true;
    if (now >= l->held.look_at && l->held.mark != secrets_mark(c, conn)) {
        act_accepted(c, conn);
        return false;
    }
    if (now >= l->held.look_at) l->held.look_at = now + LOOK_MS;
    return now < l->held.probe_at;
}

void live_refused(struct core *c, struct conn *conn, const char *why) {
    live_of(c, conn)->poll_refused = true;
    conn_state(c, conn, CONN_BROKEN, why);
}

void live_well(struct core *c, struct conn *conn) {
    struct live *l = live_of(c, conn);
    if (l->poll_refused) { /* then it was the token of both */
        l->poll_refused = false;
        act_accepted(c, conn);
    }
    if (l->held.why)
        conn_state(c, conn, CONN_BROKEN, l->held.why);
    else
        conn_state(c, conn, CONN_READY, NULL);
}
