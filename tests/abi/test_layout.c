/* uses: sori_base */
/* The change alarm of the plugin ABI: every field of every struct in include/sori stands where it
 * stood. A failing line here means that plugins in the world would read the wrong bytes: add
 * fields at the end, never elsewhere. Also: its numbers equal those that Sori stores. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/enums.h"
#include "sori/plugin.h"

#define SIZE(type, size) _Static_assert(sizeof(struct type) == (size), #type " changed its size")
#define AT(type, field, offset)                                                                    \
    _Static_assert(offsetof(struct type, field) == (offset), #type "." #field " moved")

SIZE(sori_str, 16);
AT(sori_str, ptr, 0);
AT(sori_str, len, 8);

SIZE(sori_pair, 32);
AT(sori_pair, name, 0);
AT(sori_pair, value, 16);

SIZE(sori_pairs, 16);
AT(sori_pairs, items, 0);
AT(sori_pairs, count, 8);

SIZE(sori_option, 56);
AT(sori_option, name, 0);
AT(sori_option, type, 8);
AT(sori_option, flags, 12);
AT(sori_option, def, 16);
AT(sori_option, min, 24);
AT(sori_option, max, 32);
AT(sori_option, choices, 40);
AT(sori_option, help, 48);

SIZE(sori_option_list, 16);
AT(sori_option_list, items, 0);
AT(sori_option_list, count, 8);
AT(sori_option_list, stride, 12);

SIZE(sori_item, 336);
AT(sori_item, struct_size, 0);
AT(sori_item, kind, 4);
AT(sori_item, share, 8);
AT(sori_item, observed, 12);
AT(sori_item, event, 16);
AT(sori_item, origin, 20);
AT(sori_item, visibility, 24);
AT(sori_item, can, 28);
AT(sori_item, space, 32);
AT(sori_item, native_id, 48);
AT(sori_item, version, 64);
AT(sori_item, parent, 72);
AT(sori_item, target, 88);
AT(sori_item, author_id, 104);
AT(sori_item, author_name, 120);
AT(sori_item, author_url, 136);
AT(sori_item, author_reach, 152);
AT(sori_item, title, 160);
AT(sori_item, text, 176);
AT(sori_item, lang, 192);
AT(sori_item, said_at, 208);
AT(sori_item, url, 216);
AT(sori_item, why_not, 232);
AT(sori_item, window_left_ms, 248);
AT(sori_item, text_max, 256);
AT(sori_item, reaction, 264);
AT(sori_item, reaction_value, 280);
AT(sori_item, attachments, 288);
AT(sori_item, note, 304);
AT(sori_item, addressee, 320);

SIZE(sori_author, 80);
AT(sori_author, struct_size, 0);
AT(sori_author, reserved, 4);
AT(sori_author, space, 8);
AT(sori_author, id, 24);
AT(sori_author, name, 40);
AT(sori_author, url, 56);
AT(sori_author, reach, 72);

SIZE(sori_sink, 80);
AT(sori_sink, struct_size, 0);
AT(sori_sink, ctx, 8);
AT(sori_sink, item, 16);
AT(sori_sink, gauge, 24);
AT(sori_sink, gap, 32);
AT(sori_sink, cursor, 40);
AT(sori_sink, reject, 48);
AT(sori_sink, task, 56);
AT(sori_sink, task_done, 64);
AT(sori_sink, author, 72);

SIZE(sori_http_request, 120);
AT(sori_http_request, struct_size, 0);
AT(sori_http_request, effect, 4);
AT(sori_http_request, flags, 8);
AT(sori_http_request, auth_scheme, 12);
AT(sori_http_request, method, 16);
AT(sori_http_request, url, 32);
AT(sori_http_request, headers, 48);
AT(sori_http_request, body, 64);
AT(sori_http_request, auth_slot, 80);
AT(sori_http_request, auth_user, 96);
AT(sori_http_request, timeout_ms, 112);
AT(sori_http_request, max_body, 116);

SIZE(sori_http_response, 64);
AT(sori_http_response, struct_size, 0);
AT(sori_http_response, http_status, 4);
AT(sori_http_response, url, 8);
AT(sori_http_response, headers, 24);
AT(sori_http_response, body, 40);
AT(sori_http_response, truncated, 56);

SIZE(sori_rate, 48);
AT(sori_rate, struct_size, 0);
AT(sori_rate, flags, 4);
AT(sori_rate, bucket, 8);
AT(sori_rate, limit, 24);
AT(sori_rate, remaining, 32);
AT(sori_rate, until, 40);

SIZE(sori_host, 96);
AT(sori_host, struct_size, 0);
AT(sori_host, abi, 4);
AT(sori_host, ctx, 8);
AT(sori_host, log, 16);
AT(sori_host, now, 24);
AT(sori_host, left, 32);
AT(sori_host, cancelled, 40);
AT(sori_host, http, 48);
AT(sori_host, state_get, 56);
AT(sori_host, state_put, 64);
AT(sori_host, rate, 72);
AT(sori_host, fail, 80);
AT(sori_host, extension, 88);

SIZE(sori_config, 56);
AT(sori_config, struct_size, 0);
AT(sori_config, connection, 8);
AT(sori_config, options, 24);
AT(sori_config, timezone, 40);

SIZE(sori_task, 32);
AT(sori_task, key, 0);
AT(sori_task, body, 16);

SIZE(sori_poll, 72);
AT(sori_poll, struct_size, 0);
AT(sori_poll, task_stride, 4);
AT(sori_poll, cursors, 8);
AT(sori_poll, tasks, 24);
AT(sori_poll, task_count, 32);
AT(sori_poll, limit, 40);
AT(sori_poll, live_from, 48);
AT(sori_poll, missed_from, 56);
AT(sori_poll, missed_to, 64);

SIZE(sori_delivery, 128);
AT(sori_delivery, struct_size, 0);
AT(sori_delivery, connection, 8);
AT(sori_delivery, options, 24);
AT(sori_delivery, form, 40);
AT(sori_delivery, path, 56);
AT(sori_delivery, query, 72);
AT(sori_delivery, headers, 88);
AT(sori_delivery, body, 104);
AT(sori_delivery, received_at, 120);

SIZE(sori_verb_info, 24);
AT(sori_verb_info, verb, 0);
AT(sori_verb_info, flags, 4);
AT(sori_verb_info, settle_ms, 8);
AT(sori_verb_info, text_max, 16);

SIZE(sori_action, 184);
AT(sori_action, struct_size, 0);
AT(sori_action, verb, 4);
AT(sori_action, id, 8);
AT(sori_action, space, 24);
AT(sori_action, native_id, 40);
AT(sori_action, kind, 56);
AT(sori_action, target, 64);
AT(sori_action, parent, 80);
AT(sori_action, url, 96);
AT(sori_action, author_id, 112);
AT(sori_action, text, 128);
AT(sori_action, args, 144);
AT(sori_action, since, 160);
AT(sori_action, said_at, 168);
AT(sori_action, attempt, 176);
AT(sori_action, by, 180);

SIZE(sori_result, 24);
AT(sori_result, struct_size, 0);
AT(sori_result, ctx, 8);
AT(sori_result, made, 16);

SIZE(sori_health, 32);
AT(sori_health, struct_size, 0);
AT(sori_health, ctx, 8);
AT(sori_health, say, 16);
AT(sori_health, fact, 24);

SIZE(sori_connector, 80);
AT(sori_connector, struct_size, 0);
AT(sori_connector, flags, 4);
AT(sori_connector, verbs, 8);
AT(sori_connector, verb_count, 16);
AT(sori_connector, verb_stride, 20);
AT(sori_connector, create, 24);
AT(sori_connector, destroy, 32);
AT(sori_connector, poll, 40);
AT(sori_connector, decode, 48);
AT(sori_connector, act, 56);
AT(sori_connector, reconcile, 64);
AT(sori_connector, health, 72);

SIZE(sori_classifier_config, 40);
AT(sori_classifier_config, struct_size, 0);
AT(sori_classifier_config, model_path, 8);
AT(sori_classifier_config, options, 24);

SIZE(sori_label, 40);
AT(sori_label, group, 0);
AT(sori_label, name, 16);
AT(sori_label, exclusive, 32);
AT(sori_label, reserved, 36);

SIZE(sori_labels, 40);
AT(sori_labels, items, 0);
AT(sori_labels, count, 8);
AT(sori_labels, stride, 12);
AT(sori_labels, floor, 16);
AT(sori_labels, model_id, 24);

SIZE(sori_precision, 16);
AT(sori_precision, label, 0);
AT(sori_precision, precision, 4);
AT(sori_precision, threshold, 8);
AT(sori_precision, rows, 12);

SIZE(sori_precisions, 24);
AT(sori_precisions, struct_size, 0);
AT(sori_precisions, count, 4);
AT(sori_precisions, items, 8);
AT(sori_precisions, stride, 16);
AT(sori_precisions, reserved, 20);

SIZE(sori_text, 56);
AT(sori_text, text, 0);
AT(sori_text, parent_text, 16);
AT(sori_text, lang, 32);
AT(sori_text, kind, 48);
AT(sori_text, reserved, 52);

SIZE(sori_text_batch, 40);
AT(sori_text_batch, struct_size, 0);
AT(sori_text_batch, stride, 4);
AT(sori_text_batch, items, 8);
AT(sori_text_batch, count, 16);
AT(sori_text_batch, at, 24);
AT(sori_text_batch, ctx, 32);

SIZE(sori_scores, 24);
AT(sori_scores, struct_size, 0);
AT(sori_scores, labels, 4);
AT(sori_scores, value, 8);
AT(sori_scores, status, 16);

SIZE(sori_reason, 16);
AT(sori_reason, from, 0);
AT(sori_reason, to, 4);
AT(sori_reason, weight, 8);
AT(sori_reason, label, 12);

SIZE(sori_explain_sink, 24);
AT(sori_explain_sink, struct_size, 0);
AT(sori_explain_sink, ctx, 8);
AT(sori_explain_sink, reason, 16);

SIZE(sori_example, 40);
AT(sori_example, label, 0);
AT(sori_example, text, 16);
AT(sori_example, weight, 32);
AT(sori_example, set, 36);

SIZE(sori_training, 64);
AT(sori_training, struct_size, 0);
AT(sori_training, stride, 4);
AT(sori_training, items, 8);
AT(sori_training, count, 16);
AT(sori_training, options, 24);
AT(sori_training, ctx, 40);
AT(sori_training, progress, 48);
AT(sori_training, write, 56);

SIZE(sori_classifier, 64);
AT(sori_classifier, struct_size, 0);
AT(sori_classifier, flags, 4);
AT(sori_classifier, create, 8);
AT(sori_classifier, destroy, 16);
AT(sori_classifier, labels, 24);
AT(sori_classifier, score, 32);
AT(sori_classifier, explain, 40);
AT(sori_classifier, train, 48);
AT(sori_classifier, precisions, 56);

SIZE(sori_receive, 64);
AT(sori_receive, form, 0);
AT(sori_receive, path, 8);
AT(sori_receive, content_type, 16);
AT(sori_receive, answer, 24);
AT(sori_receive, sign, 28);
AT(sori_receive, sign_header, 32);
AT(sori_receive, sign_prefix, 40);
AT(sori_receive, sign_slot, 48);
AT(sori_receive, max_body, 56);
AT(sori_receive, reserved, 60);

SIZE(sori_slot, 56);
AT(sori_slot, name, 0);
AT(sori_slot, help, 8);
AT(sori_slot, required, 16);
AT(sori_slot, kind, 20);
AT(sori_slot, refresh, 24);
AT(sori_slot, authorize, 32);
AT(sori_slot, scopes, 40);
AT(sori_slot, redirect, 48);

SIZE(sori_step, 32);
AT(sori_step, kind, 0);
AT(sori_step, name, 8);
AT(sori_step, text, 16);
AT(sori_step, only, 24);

SIZE(sori_stream, 96);
AT(sori_stream, struct_size, 0);
AT(sori_stream, auth_scheme, 4);
AT(sori_stream, name, 8);
AT(sori_stream, url, 24);
AT(sori_stream, headers, 40);
AT(sori_stream, auth_slot, 56);
AT(sori_stream, auth_user, 72);
AT(sori_stream, silence_ms, 88);
AT(sori_stream, line_max, 92);

SIZE(sori_stream_host, 16);
AT(sori_stream_host, want, 8);

SIZE(sori_full_host, 16);
AT(sori_full_host, full, 8);
SIZE(sori_cost_host, 24);
AT(sori_cost_host, spend, 8);
AT(sori_cost_host, spent, 16);

SIZE(sori_interface, 16);
AT(sori_interface, id, 0);
AT(sori_interface, vtable, 8);

SIZE(sori_plugin, 152);
AT(sori_plugin, struct_size, 0);
AT(sori_plugin, abi, 4);
AT(sori_plugin, id, 8);
AT(sori_plugin, name, 16);
AT(sori_plugin, version, 24);
AT(sori_plugin, vendor, 32);
AT(sori_plugin, license, 40);
AT(sori_plugin, summary, 48);
AT(sori_plugin, options, 56);
AT(sori_plugin, hosts, 72);
AT(sori_plugin, slots, 80);
AT(sori_plugin, slot_count, 88);
AT(sori_plugin, slot_stride, 92);
AT(sori_plugin, receives, 96);
AT(sori_plugin, receive_count, 104);
AT(sori_plugin, receive_stride, 108);
AT(sori_plugin, interfaces, 112);
AT(sori_plugin, interface_count, 120);
AT(sori_plugin, interface_stride, 124);
AT(sori_plugin, setups, 128);
AT(sori_plugin, guide, 136);
AT(sori_plugin, guide_count, 144);
AT(sori_plugin, guide_stride, 148);

/* Words that are stored and spoken have the numbers of the ABI. */
static void test_numbers(void **state) {
    (void)state;
    static const struct {
        unsigned abi, ours;
    } pairs[] = {
        {SORI_KIND_UNKNOWN, KIND_UNKNOWN},
        {SORI_KIND_REACTION, KIND_REACTION},
        {SORI_KIND_COMMENT, KIND_COMMENT},
        {SORI_KIND_SHARE, KIND_SHARE},
        {SORI_KIND_MENTION, KIND_MENTION},
        {SORI_KIND_MESSAGE, KIND_MESSAGE},
        {SORI_KIND_TRACKBACK, KIND_TRACKBACK},
        {SORI_KIND_POST, KIND_POST},
        {SORI_SHARE_NONE, SHARE_NONE},
        {SORI_SHARE_SIMPLE, SHARE_SIMPLE},
        {SORI_SHARE_SPECIFIC, SHARE_SPECIFIC},
        {SORI_ORIGIN_PERSON, ORIGIN_PERSON},
        {SORI_ORIGIN_US_BY_HAND, ORIGIN_BY_HAND},
        {SORI_ORIGIN_US_BY_RULE, ORIGIN_BY_RULE},
        {SORI_VERB_REPLY, VERB_REPLY},
        {SORI_VERB_PRIVATE_REPLY, VERB_PRIVATE_REPLY},
        {SORI_VERB_LIKE, VERB_LIKE},
        {SORI_VERB_HIDE, VERB_HIDE},
        {SORI_VERB_UNHIDE, VERB_UNHIDE},
        {SORI_VERB_UNLIKE, VERB_UNLIKE},
        {SORI_VERB_EDIT, VERB_EDIT},
        {SORI_VERB_DELETE, VERB_DELETE},
        {SORI_VERB_PUBLISH, VERB_PUBLISH},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        assert_int_equal(pairs[i].abi, pairs[i].ours);
    /* The last kind and verb of the ABI are the last ones: a new one is added in both places. */
    assert_int_equal(SORI_KIND_POST + 1, KIND_COUNT);
    assert_string_equal(kind_word(SORI_KIND_TRACKBACK), "trackback");
    assert_string_equal(verb_word(SORI_VERB_PUBLISH), "publish");
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_numbers)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
