/* A policy's folder as the engine wants it. */
#include "base/calendar.h"
#include "base/file.h"
#include "cli/policy/words.h"
#include "conf/conf.h"
#include "lua/policy.h"

#include <unistd.h>

/* What sori.lua beside the folder says about departments and languages. */
static bool workspace_env(const char *dir, struct buf *env, bool *found, struct err *err) {
    struct buf path = {0}, source = {0}, record = {0}, errors = {0};
    buf_printf(&path, "%s/../sori.lua", dir);
    bool ok = true;
    *found = access(path.data, R_OK) == 0;
    if (*found) {
        ok = file_read(path.data, 1 << 20, false, &source, err);
        if (ok && !conf_read(buf_view(&source), "sori.lua", &record, &errors))
            ok = err_set(err, "%s", errors.data);
        struct sori_str rest = buf_view(&record);
        struct rec_field f, inner;
        while (ok && rec_next(&rest, &f) == 1) {
            if (f.tag == CONF_DEPARTMENT && f.type == REC_REC)
                rec_str(env, ENV_DEPARTMENT, rec_get_str(f.s, 1));
            if (f.tag == CONF_CALENDAR && f.type == REC_REC)
                rec_str(env, ENV_CALENDAR, rec_get_str(f.s, CAL_NAME));
            if (f.tag == CONF_CONNECTION && f.type == REC_REC)
                rec_str(env, ENV_CHANNEL, rec_get_str(f.s, CONN_CHANNEL));
            if (f.tag != CONF_WORKSPACE || f.type != REC_REC) continue;
            rec_str(env, ENV_TIMEZONE, rec_get_str(f.s, 2));
            for (struct sori_str langs = f.s; rec_next(&langs, &inner) == 1;)
                if (inner.tag == 3 && inner.type == REC_STR) rec_str(env, ENV_LANG, inner.s);
        }
    }
    buf_free(&path);
    buf_free(&source);
    buf_free(&record);
    buf_free(&errors);
    return ok;
}

bool policy_folder(const char *dir, struct buf *bundle, struct buf *env, struct err *err) {
    buf_clear(bundle);
    buf_clear(env);
    bool found = false;
    if (!workspace_env(dir, env, &found, err)) return false;
    rec_int(env, ENV_OPEN,
            found ? POLICY_OPEN_LABELS : POLICY_OPEN_LABELS | POLICY_OPEN_DEPARTMENTS);
    return bundle_read(dir, bundle, err);
}
