/* sori policy try: one interaction, decided and explained without a core. */
#include "base/enums.h"
#include "base/file.h"
#include "base/item.h"
#include "base/utf8.h"
#include "cli/policy/words.h"
#include "lua/policy.h"

#include <stdlib.h>
#include <string.h>

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
    if (rec_get_str(r, INTENT_GOAL).len)
        json_object_set_new(o, "goal", text_json(rec_get_str(r, INTENT_GOAL)));
    if (rec_get_str(r, INTENT_SOURCE).len)
        json_object_set_new(o, "source", text_json(rec_get_str(r, INTENT_SOURCE)));
    return o;
}

static void print_decision(struct sori_str decision, struct sori_str why) {
    json_t *o = json_object(), *notes = json_array(), *acts = json_array(), *labels = json_array();
    json_object_set_new(o, "status",
                        json_string(decision_word(rec_get_int(decision, DEC_STATUS, 0))));
    json_object_set_new(o, "rule", text_json(rec_get_str(decision, DEC_RULE)));
    json_object_set_new(o, "where", text_json(rec_get_str(decision, DEC_WHERE)));
    if (rec_get_str(decision, DEC_OUTCOME).len)
        json_object_set_new(o, "outcome", text_json(rec_get_str(decision, DEC_OUTCOME)));
    if (rec_get_str(decision, DEC_DIRECTION).len)
        json_object_set_new(o, "direction", text_json(rec_get_str(decision, DEC_DIRECTION)));
    struct rec_field f;
    for (struct sori_str rest = decision; rec_next(&rest, &f) == 1;) {
        if (f.tag == DEC_NOTE && f.type == REC_STR) json_array_append_new(notes, text_json(f.s));
        if (f.tag == DEC_LABEL && f.type == REC_STR) json_array_append_new(labels, text_json(f.s));
        if (f.tag == DEC_INTENT && f.type == REC_REC) json_array_append_new(acts, intent_json(f.s));
    }
    json_object_set_new(o, "labels", labels);
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

/* As the record does it for a voice whose platform does not tell its language. */
static void add_lang(struct buf *facts) {
    struct sori_str text = rec_get_str(buf_view(facts), FACT_TEXT);
    if (!text.len) text = rec_get_str(buf_view(facts), FACT_TITLE);
    if (text.len && !rec_get_str(buf_view(facts), FACT_LANG).len)
        rec_str(facts, FACT_LANG, utf8_script_lang(text));
}

static int run_try(const char *dir, const char *file, bool json) {
    struct buf bundle = {0}, env = {0}, text = {0}, facts = {0};
    struct err err = {""};
    int code;
    if (!policy_folder_live(dir, &bundle, &env, &err))
        code = cli_fail(CLI_REFUSED, "%s", err.text);
    else if (!file_read(file, 1 << 20, false, &text, &err))
        code = cli_fail(CLI_FAILED, "%s", err.text);
    else if (!policy_facts_from_json(buf_view(&text), &facts, &err))
        code = cli_fail(CLI_FAILED, "%s: %s", file, err.text);
    else {
        add_lang(&facts);
        code = decide(buf_view(&bundle), buf_view(&env), buf_view(&facts), json);
    }
    buf_free(&bundle);
    buf_free(&env);
    buf_free(&text);
    buf_free(&facts);
    return code;
}

int policy_form_try(int argc, char **argv) {
    const struct cli_help help = {
        "sori policy try DIR --interaction FILE.json [--json]",
        "Decides one interaction (the JSON that `sori show --json` prints, with \"facts\",\n"
        "\"labels\" and \"cells\" if you like) and says why. Departments and languages come from\n"
        "the sori.lua beside DIR; without one any will do. Levels mean what they mean with the\n"
        "live models where that workspace runs; else a precision is its own score."};
    struct cli_opt opts[] = {
        CLI_OPT_JSON,
        {.name = "interaction", .letter = 'i', .takes = "FILE.json", .help = "what to decide"}};
    int words = cli_parse(argc, argv, &help, opts, sizeof opts / sizeof *opts);
    if (words < 0) return cli_parsed(words);
    if (words != 1) return cli_usage(&help, "expected the folder of a policy");
    if (!opts[1].value) return cli_usage(&help, "try needs --interaction FILE.json");
    return run_try(argv[1], opts[1].value, opts[0].value != NULL);
}
