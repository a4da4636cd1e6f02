/* A policy's folder as the engine wants it. */
#include "base/calendar.h"
#include "base/clock.h"
#include "base/file.h"
#include "cli/policy/words.h"
#include "conf/conf.h"
#include "lua/policy.h"
#include "reader/reader.h"
#include "supervise/messages.h"

#include <stdio.h>
#include <string.h>
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

void policy_live_labels(const char *workspace, struct buf *env) {
    struct cli_ask ask = {.name = "history-plan"};
    struct cli_told told = {.code = CLI_OK};
    struct err none;
    struct rec_field f;
    char now[24];
    snprintf(now, sizeof now, "%lld", (long long)clock_now());
    cli_ask_arg(&ask, "since", str_c(now)); /* of the history itself nothing is wanted */
    struct cli_core *core = cli_connect(workspace, &none);
    if (core && cli_tell(core, &ask, &told, &none) && told.code == CLI_OK) {
        struct sori_str plan = rec_get_rec(buf_view(&told.rest), TELL_PLAN),
                        live = rec_get_rec(plan, PLAN_ENV);
        while (rec_next(&live, &f) == 1)
            if (f.tag == ENV_LABEL && f.type == REC_REC) rec_rec(env, ENV_LABEL, f.s);
    }
    cli_disconnect(core);
    cli_told_free(&told);
    cli_ask_free(&ask);
}

bool policy_folder_live(const char *dir, struct buf *bundle, struct buf *env, struct err *err) {
    struct buf path = {0};
    if (!policy_folder(dir, bundle, env, err)) return false;
    buf_printf(&path, "%s/../sori.lua", dir);
    if (access(path.data, R_OK) == 0) {
        path.data[path.len - strlen("/sori.lua")] = 0;
        policy_live_labels(path.data, env);
    }
    buf_free(&path);
    return true;
}
