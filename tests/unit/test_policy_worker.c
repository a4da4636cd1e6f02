/* uses: sori_worker sori_supervise sori_lua sori_base */
/* The check of determinism: what a policy decided is decided again by a spare state; a difference
 * is counted in the answer, what was held is no decision, and the spare is made anew. The sandbox
 * leaves no way to write a policy that remembers, so that here the spare is another policy. */
#include "policy/bundle.h"

#include "base/clock.h"
#include "sori/status.h"
#include "supervise/blackbox.h"
#include "supervise/messages.h"
#include "worker/worker.h"

#include <string.h>

static unsigned logged;
static uint32_t last_status;

/* What policy.c asks of the rest of the worker. */
void call_done(struct worker *w, uint32_t status) {
    (void)w;
    last_status = status;
}
void call_why(struct worker *w, const char *format, ...) { (void)w, (void)format; }
void worker_log(struct worker *w, enum sori_log_level level, struct sori_str text) {
    (void)w, (void)text;
    if (level == SORI_LOG_ERROR) logged++;
}
void worker_put_lines(struct buf *out, uint32_t tag, struct sori_str text) {
    rec_str(out, tag, text);
}

/* No spare is older than a second: only its uses count. */
enum { MANY = 1 << 30 };
#define NEVER (clock_mono() + MANY)

static struct blackbox box;
static struct worker worker;

static void ask(uint32_t method, const struct buf *payload) {
    buf_clear(&worker.done);
    worker.call.method = method;
    worker.call.payload = buf_view(payload);
    policy_serve(&worker);
    assert_int_equal(last_status, SORI_OK);
}

static struct buf bundle_of(const char *act) {
    char text[600];
    snprintf(text, sizeof text,
             "local care = sori.policy \"care\"\n"
             "care:rule \"endless\" { when = { kind = \"message\" },\n"
             "  check = { why = \"it never ends\", function(i) while true do end end },\n"
             "  act = { tag \"a\" } }\n"
             "care:rule \"all\" { when = { kind = \"comment\" }, act = { tag \"%s\" } }\n"
             "return care\n",
             act);
    const char *files[] = {"init.lua", "return { \"rules/care\" }", "rules/care.lua", text, NULL};
    return make_bundle(files);
}

static void load_worker(const char *act) {
    struct buf bundle = bundle_of(act), env = make_env(), b = {0};
    rec_str(&b, LOAD_BUNDLE, buf_view(&bundle));
    rec_rec(&b, LOAD_ENV, buf_view(&env));
    ask(M_POLICY_LOAD, &b);
    worker.decided = 0;
    worker.spare_at = NEVER;
    logged = 0;
    buf_free(&bundle);
    buf_free(&env);
    buf_free(&b);
}

/* The spare becomes a policy that tags otherwise. */
static void spoil_spare(void) {
    struct buf bundle = bundle_of("other"), env = make_env(), errors = {0};
    policy_free(worker.spare);
    worker.spare = policy_load(buf_view(&bundle), buf_view(&env), &errors);
    assert_non_null(worker.spare);
    buf_free(&bundle);
    buf_free(&env);
    buf_free(&errors);
}

static int64_t decide_many(int n, int kind) {
    struct buf facts = {0}, b = {0};
    rec_int(&facts, FACT_ON, ENTRY_SAID);
    rec_int(&facts, FACT_KIND, kind);
    rec_str(&facts, FACT_TEXT, str_c("배송은 언제 오나요?"));
    for (int i = 0; i < n; i++) rec_str(&b, DECIDE_FACTS, buf_view(&facts));
    ask(M_DECIDE, &b);
    buf_free(&facts);
    buf_free(&b);
    return rec_get_int(buf_view(&worker.done), DECIDE_UNSTABLE, 0);
}

static void one_in_a_thousand_is_compared(void **state) {
    (void)state;
    load_worker("one");
    assert_int_equal(decide_many(2000, KIND_COMMENT), 0);
    assert_int_equal(logged, 0);
    spoil_spare();
    assert_int_equal(decide_many(999, KIND_COMMENT), 0);
    assert_int_equal(decide_many(1, KIND_COMMENT), 1);
    assert_true(str_is(rec_get_str(buf_view(&worker.done), DECIDE_UNSTABLE_RULE), "all"));
    assert_int_equal(decide_many(2000, KIND_COMMENT), 2);
    assert_int_equal(logged, 3);
}

static void what_was_held_is_not_compared(void **state) {
    (void)state;
    load_worker("one");
    spoil_spare();
    assert_int_equal(decide_many(999, KIND_COMMENT), 0);
    assert_int_equal(decide_many(1, KIND_MESSAGE), 0);
    assert_int_equal(
        rec_get_int(rec_get_str(buf_view(&worker.done), DECIDE_DECISION), DEC_STATUS, 0),
        DECISION_HELD);
    assert_int_equal(logged, 0);
}

static void the_spare_is_made_anew(void **state) {
    (void)state;
    load_worker("one");
    spoil_spare();
    assert_int_equal(decide_many(64000, KIND_COMMENT), 64);
    worker.spare_at = NEVER;
    assert_int_equal(decide_many(64000, KIND_COMMENT), 0); /* it is the policy itself again */
    spoil_spare();
    worker.spare_used = 1; /* once used, and a second later it is made anew */
    worker.spare_at = clock_mono() - 1000;
    assert_int_equal(decide_many(1000, KIND_COMMENT), 0);
    spoil_spare();
    load_worker("two"); /* and so it is after another bundle */
    assert_int_equal(decide_many(1000, KIND_COMMENT), 0);
}

static int teardown(void **state) {
    (void)state;
    policy_free(worker.policy);
    policy_free(worker.spare);
    buf_free(&worker.bundle);
    buf_free(&worker.env);
    buf_free(&worker.done);
    return 0;
}

int main(void) {
    worker.box = &box;
    const struct CMUnitTest tests[] = {cmocka_unit_test(one_in_a_thousand_is_compared),
                                       cmocka_unit_test(what_was_held_is_not_compared),
                                       cmocka_unit_test(the_spare_is_made_anew)};
    return cmocka_run_group_tests(tests, NULL, teardown);
}
