/* uses: sori_lua sori_base */
/* What a policy decides about: facts as JSON and as records. Whatever comes, there is a decision,
 * it is the same a second time, and both ends of it can be read. */
#include "fuzz/fuzz.h"
#include "lua/policy.h"

#include <stdio.h>
#include <stdlib.h>

const char *const fuzz_seeds[] = {
    "{\"kind\":\"comment\",\"text\":\"배송이 늦어요 환불\",\"tone\":\"negative\",\"contact\":{"
    "\"relationship\":\"loyal\",\"influencer\":true},\"labels\":{\"tone.negative\":0.9},\"cells\":{"
    "\"sorries\":2},\"facts\":{\"waited\":\"5m\",\"reach\":100}}",
    "{\"facts\":{\"on\":\"overdue\",\"case\":\"open\",\"now\":\"2026-11-22T00:00:00Z\"}}",
    "{\"author\":{\"name\":\"\\u0000x\",\"reach\":-1},\"text\":\"((((%b()%f[%w].-.-.-b\"}",
    "\x04\x02\x08\x04\x20\x06\x31\x06hello\xf2\x03\x07\x05\x03neg\x08\x80\x01", NULL};

static void must(bool holds) {
    if (!holds) abort();
}

static struct policy *policy(void) {
    static const char rules[] =
        "local t = sori.policy \"t\"\n"
        "t:cell { sorries = { per = \"contact\", type = \"int\", keep = \"90d\" } }\n"
        "t:note \"parcel\" { when = { words = { \"배송\", \"law*\", \"*?\" } }, act = { tag \"p\" "
        "} }\n"
        "t:rule \"late\" { when = { on = \"overdue\", case = \"open\" },\n"
        "  act = { alert \"{case.waited} {author} {text}\" } }\n"
        "t:rule \"sorry\" { when = { tone = \"negative\", sorries = { below = 2 } },\n"
        "  check = { why = \"a number\", function(i) return sori.text.match(i.text, \"%d+%-.-b\") "
        "end },\n"
        "  act = { hold \"{text}\", add \"sorries\" } }\n"
        "t:rule \"rest\" { when = {}, act = function(i) return note(i.text or \"-\") end }\n"
        "return t\n";
    static struct policy *p;
    if (p) return p;
    struct buf bundle = {0}, env = {0}, errors = {0};
    const char *files[][2] = {{"init.lua", "return { \"t\" }"}, {"t.lua", rules}};
    for (size_t i = 0; i < 2; i++) {
        size_t mark = rec_begin(&bundle, BUNDLE_FILE);
        rec_str(&bundle, BUNDLE_PATH, str_c(files[i][0]));
        rec_str(&bundle, BUNDLE_BYTES, str_c(files[i][1]));
        rec_end(&bundle, mark);
    }
    rec_int(&env, ENV_OPEN, POLICY_OPEN_DEPARTMENTS | POLICY_OPEN_LABELS);
    p = policy_load(buf_view(&bundle), buf_view(&env), &errors);
    if (!p) fprintf(stderr, "%.*s\n", (int)errors.len, errors.data);
    must(p != NULL);
    buf_free(&bundle);
    buf_free(&env);
    buf_free(&errors);
    return p;
}

static void decide(struct sori_str facts) {
    struct buf first = {0}, second = {0}, text = {0};
    policy_decide(policy(), facts, &first);
    policy_explain(policy(), facts, &text);
    policy_decide(policy(), facts, &second);
    must(rec_valid(buf_view(&first), 4) && str_eq(buf_view(&first), buf_view(&second)));
    must(rec_get_int(buf_view(&first), DEC_STATUS, 0) > 0 && text.len > 0);
    buf_free(&first);
    buf_free(&second);
    buf_free(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct sori_str in = {(const char *)data, size};
    struct buf facts = {0};
    struct err err = {""};
    if (policy_facts_from_json(in, &facts, &err))
        decide(buf_view(&facts));
    else
        must(err.text[0] != 0);
    decide(in);
    buf_free(&facts);
    return 0;
}
