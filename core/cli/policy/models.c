#include "cli/policy/models.h"

#include "cli/cli.h"
#include "conf/conf.h"
#include "reader/reader.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SHORT = 16 /* of a hash, in the name of a kept copy */ };

static bool told(const char *workspace, struct cli_ask *ask, struct cli_told *answer,
                 struct err *err) {
    struct cli_core *core = cli_connect(workspace, err);
    bool ok = core && cli_tell(core, ask, answer, err);
    cli_disconnect(core);
    cli_ask_free(ask);
    return ok && (answer->code == 0 || err_set(err, "the live generation is not known yet; ask "
                                                    "again in a moment"));
}

/* What the live generation is made of, in `answer`. */
static bool ask_manifest(const char *workspace, struct cli_told *answer, struct sori_str *manifest,
                         struct err *err) {
    struct cli_ask status = {.name = "status"}, whole = {.name = "generations"};
    struct cli_told now = {.code = 0};
    char id[24];
    bool ok = told(workspace, &status, &now, err);
    struct sori_str at = buf_view(&now.rows);
    json_t *row = ok ? cli_next_row(&at) : NULL;
    int64_t live = cli_int(row, "generation", 0);
    json_decref(row);
    cli_told_free(&now);
    if (!ok) return false;
    snprintf(id, sizeof id, "%lld", (long long)live);
    cli_ask_arg(&whole, "id", str_c(id));
    if (!told(workspace, &whole, answer, err)) return false;
    *manifest = cli_blob(answer, "now", live);
    return manifest->len || err_set(err, "what generation %s is made of is not kept", id);
}

/* The kept copy, data/parts/tone.3fa9c01277aa0912.ko of "tone.ko"; NULL with `err`. */
static char *part_path(const char *workspace, struct sori_str manifest, int64_t kind,
                       struct sori_str name, const char *end, struct err *err) {
    struct rec_field f;
    struct sori_str hash = {0};
    struct buf full = {0}, path = {0};
    while (rec_next(&manifest, &f) == 1)
        if (f.tag == MANIFEST_PART && f.type == REC_REC && rec_get_int(f.s, PART_KIND, 0) == kind &&
            str_eq(rec_get_str(f.s, PART_NAME), name))
            hash = rec_get_str(f.s, PART_HASH);
    buf_printf(&full, "%.*s%s", STR(name), end);
    const char *dot = strrchr(full.data, '.');
    int stem = dot && dot > full.data ? (int)(dot - full.data) : (int)full.len;
    if (hash.len >= SHORT)
        buf_printf(&path, "%s/data/parts/%.*s.%.*s%s", workspace, stem, full.data, SHORT, hash.ptr,
                   full.data + stem);
    bool there = path.len && access(path.data, R_OK) == 0;
    if (!there)
        err_set(err, "%s of the live generation is not kept in data/parts; `sori reload` keeps it",
                full.data);
    buf_free(&full);
    if (!there) buf_free(&path);
    return path.data;
}

static bool add(const char *workspace, struct sori_str manifest, struct sori_str classifier,
                struct sori_str model, struct rescore_model *out, struct err *err) {
    snprintf(out->lang, sizeof out->lang, "%.*s", STR(rec_get_str(model, 1)));
    out->floor = rec_get_int(classifier, 4, -1);
    out->so = part_path(workspace, manifest, PART_PLUGIN, rec_get_str(classifier, 2), ".so", err);
    out->model =
        out->so ? part_path(workspace, manifest, PART_MODEL, rec_get_str(model, 2), "", err) : NULL;
    return out->model != NULL;
}

int policy_models(const char *workspace, struct rescore_model out[POLICY_MODELS_MOST],
                  struct err *err) {
    struct cli_told answer = {.code = 0};
    struct sori_str manifest = {0};
    struct buf record = {0}, errors = {0};
    struct rec_field f, g;
    int n = 0;
    bool ok = ask_manifest(workspace, &answer, &manifest, err);
    if (ok && !conf_read(rec_get_str(manifest, MANIFEST_CONFIG), "sori.lua", &record, &errors))
        ok = err_set(err, "the live configuration cannot be read by this Sori: %s",
                     errors.data ? errors.data : "");
    for (struct sori_str all = buf_view(&record); ok && rec_next(&all, &f) == 1;) {
        if (f.tag != CONF_CLASSIFIER || f.type != REC_REC) continue;
        for (struct sori_str one = f.s; ok && rec_next(&one, &g) == 1;)
            if (g.tag == 3 && g.type == REC_REC && n < POLICY_MODELS_MOST) {
                out[n] = (struct rescore_model){.floor = -1};
                ok = add(workspace, manifest, f.s, g.s, &out[n++], err);
            }
    }
    if (ok && !n) ok = err_set(err, "the live configuration has no classifier to score with");
    buf_free(&record);
    buf_free(&errors);
    cli_told_free(&answer);
    if (ok) return n;
    policy_models_free(out, n);
    return -1;
}

void policy_models_free(struct rescore_model *models, int n) {
    for (int i = 0; i < n; i++) {
        free(models[i].so);
        free(models[i].model);
    }
}
