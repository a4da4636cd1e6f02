/* sori policy test|try: a bundle, run by the engine that runs it live, without a core. */
#include "base/enums.h"
#include "base/file.h"
#include "cli/cli.h"
#include "conf/conf.h"
#include "lua/policy.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct cli_help help = {
    "sori policy test DIR [--json]\n"
    "sori policy try DIR --interaction FILE.json [--json]\n"
    "sori policy types",
    "test loads the policy in DIR and runs its *_test.lua. try decides one interaction (the JSON\n"
    "that `sori show --json` prints, with \"facts\", \"labels\" and \"cells\" if you like) and "
    "says why.\n"
    "types prints what an editor needs to complete and check a policy (sdk/lua/sori.meta.lua).\n"
    "Departments and languages come from the sori.lua beside DIR; without one any will do."};

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

static bool read_bundle(const char *dir, struct buf *bundle, struct buf *env, struct err *err) {
    bool found = false;
    if (!workspace_env(dir, env, &found, err)) return false;
    rec_int(env, ENV_OPEN,
            found ? POLICY_OPEN_LABELS : POLICY_OPEN_LABELS | POLICY_OPEN_DEPARTMENTS);
    return bundle_read(dir, bundle, err);
}

static int run_test(const char *dir, bool json) {
    struct buf bundle = {0}, env = {0}, report = {0};
    struct policy_report counts = {0};
    struct err err = {""};
    int code = CLI_OK;
    if (!read_bundle(dir, &bundle, &env, &err))
        code = cli_fail(CLI_REFUSED, "%s", err.text);
    else {
        bool ok = policy_test(buf_view(&bundle), buf_view(&env), json, &report, &counts);
        fwrite(report.data, 1, report.len, ok || json ? stdout : stderr);
        if (!ok) code = CLI_REFUSED;
    }
    buf_free(&bundle);
    buf_free(&env);
    buf_free(&report);
    return code;
}

static json_t *text_json(struct sori_str s) {
    json_t *t = json_stringn(s.ptr ? s.ptr : "", s.len);
    return t ? t : json_string("");
}

static json_t *intent_json(struct sori_str r) {
    json_t *o = json_object();
    json_object_set_new(o, "verb", json_string(verb_word(rec_get_int(r, INTENT_VERB, 0))));
    struct sori_str name = rec_get_str(r, INTENT_NAME), text = rec_get_str(r, INTENT_TEXT);
    if (name.len) json_object_set_new(o, "name", text_json(name));
    if (text.len) json_object_set_new(o, "text", text_json(text));
    int64_t value = rec_get_int(r, INTENT_VALUE, INT64_MIN);
    if (value != INT64_MIN) json_object_set_new(o, "value", json_integer(value));
    if (rec_get_str(r, INTENT_LANG).len)
        json_object_set_new(o, "lang", text_json(rec_get_str(r, INTENT_LANG)));
    if (rec_get_int(r, INTENT_SLOT, 0))
        json_object_set_new(o, "slot", json_integer(rec_get_int(r, INTENT_SLOT, 0)));
    if (rec_get_int(r, INTENT_APPROVE, 0)) json_object_set_new(o, "approve", json_true());
    return o;
}

static void print_decision(struct sori_str decision, struct sori_str why) {
    json_t *o = json_object(), *notes = json_array(), *acts = json_array();
    json_object_set_new(o, "status",
                        json_string(decision_word(rec_get_int(decision, DEC_STATUS, 0))));
    json_object_set_new(o, "rule", text_json(rec_get_str(decision, DEC_RULE)));
    json_object_set_new(o, "where", text_json(rec_get_str(decision, DEC_WHERE)));
    if (rec_get_str(decision, DEC_OUTCOME).len)
        json_object_set_new(o, "outcome", text_json(rec_get_str(decision, DEC_OUTCOME)));
    struct rec_field f;
    for (struct sori_str rest = decision; rec_next(&rest, &f) == 1;) {
        if (f.tag == DEC_NOTE && f.type == REC_STR) json_array_append_new(notes, text_json(f.s));
        if (f.tag == DEC_INTENT && f.type == REC_REC) json_array_append_new(acts, intent_json(f.s));
    }
    json_object_set_new(o, "notes", notes);
    json_object_set_new(o, "acts", acts);
    json_object_set_new(o, "why", text_json(why));
    json_dumpf(o, stdout, JSON_INDENT(2));
    putchar('\n');
    json_decref(o);
}

static int decide(struct sori_str bundle, struct sori_str env, struct sori_str facts, bool json) {
    struct buf errors = {0}, decision = {0}, why = {0};
    struct policy *p = policy_load(bundle, env, &errors);
    if (!p) fwrite(errors.data, 1, errors.len, stderr);
    if (p) {
        policy_decide(p, facts, &decision);
        policy_explain(p, facts, &why);
        if (json)
            print_decision(buf_view(&decision), buf_view(&why));
        else
            fwrite(why.data, 1, why.len, stdout);
    }
    int code = p ? CLI_OK : CLI_REFUSED;
    policy_free(p);
    buf_free(&errors);
    buf_free(&decision);
    buf_free(&why);
    return code;
}

static int run_try(const char *dir, const char *file, bool json) {
    struct buf bundle = {0}, env = {0}, text = {0}, facts = {0};
    struct err err = {""};
    int code;
    if (!read_bundle(dir, &bundle, &env, &err))
        code = cli_fail(CLI_REFUSED, "%s", err.text);
    else if (!file_read(file, 1 << 20, false, &text, &err))
        code = cli_fail(CLI_FAILED, "%s", err.text);
    else if (!policy_facts_from_json(buf_view(&text), &facts, &err))
        code = cli_fail(CLI_FAILED, "%s: %s", file, err.text);
    else
        code = decide(buf_view(&bundle), buf_view(&env), buf_view(&facts), json);
    buf_free(&bundle);
    buf_free(&env);
    buf_free(&text);
    buf_free(&facts);
    return code;
}

int cmd_policy(int argc, char **argv) {
    struct cli_opt opts[] = {CLI_OPT_JSON,
                             {.name = "interaction",
                              .letter = 'i',
                              .takes = "FILE.json",
                              .help = "what to decide (try)"}};
    int words = cli_parse(argc, argv, &help, opts, sizeof opts / sizeof *opts);
    if (words < 0) return cli_parsed(words);
    bool json = opts[0].value != NULL;
    if (words == 1 && strcmp(argv[1], "types") == 0) {
        struct buf types = {0};
        policy_meta(&types);
        fwrite(types.data, 1, types.len, stdout);
        buf_free(&types);
        return CLI_OK;
    }
    if (words != 2)
        return cli_usage(&help, "expected test or try and the folder of a policy, or types");
    if (strcmp(argv[1], "test") == 0) return run_test(argv[2], json);
    if (strcmp(argv[1], "try") == 0 && opts[1].value) return run_try(argv[2], opts[1].value, json);
    if (strcmp(argv[1], "try") == 0) return cli_usage(&help, "try needs --interaction FILE.json");
    return cli_usage(&help, "no word '%s' here; expected test, try or types", argv[1]);
}
