/* An action of the facebook connector's tests, and what the platform answers to it. */
#ifndef FACEBOOK_DEED_H
#define FACEBOOK_DEED_H

#include "facebook_world.h"

#define ERROR(code, sub, words)                                                                    \
    "{\"error\":{\"message\":\"" words "\",\"type\":\"OAuthException\",\"code\":" #code            \
    ",\"error_subcode\":" #sub "}}"

static UNUSED const char *const page[] = {"surface=page", "account=1001", NULL};
static UNUSED const char *const gram[] = {"surface=instagram", "account=1784", "page=1001", NULL};
static UNUSED const char *const threads[] = {"surface=threads", NULL};

static struct sori_action action;

static UNUSED void site(const char *const *options) {
    begin(options);
    on("GET", "/1001?", 200, NULL, "{\"id\":\"1001\",\"name\":\"온결 리빙\"}");
    on("GET", "/1784?", 200, NULL, "{\"id\":\"1784\",\"username\":\"ongyeol\"}");
    on("GET", "/me?", 200, NULL, "{\"id\":\"3003\",\"username\":\"ongyeol\"}");
    action = (struct sori_action){.struct_size = sizeof action,
                                  .verb = SORI_VERB_REPLY,
                                  .id = SORI_STR("70"),
                                  .space = SORI_STR("facebook:graph"),
                                  .native_id = SORI_STR("5_1"),
                                  .kind = SORI_KIND_COMMENT,
                                  .target = SORI_STR("1001_5"),
                                  .parent = SORI_STR("1001_5"),
                                  .author_id = SORI_STR("77"),
                                  .text = SORI_STR("죄송합니다 & 곧 보내 드릴게요!"),
                                  .said_at = world.now - 3600000,
                                  .attempt = 1,
                                  .by = SORI_ORIGIN_US_BY_RULE};
}
static UNUSED enum sori_act_status act(uint32_t verb) {
    forget();
    world.lane = LANE_ACT;
    action.verb = verb;
    return connector->act(self, &action, &world_result);
}
static UNUSED enum sori_act_status reconcile(uint32_t verb) {
    forget();
    world.lane = LANE_POLL; /* nothing may be written */
    action.verb = verb;
    action.since = world.now - 600000;
    return connector->reconcile(self, &action, &world_result);
}

#define ROW(id, from, at, text)                                                                    \
    "{\"id\":\"" id "\",\"message\":\"" text "\",\"from\":{\"id\":\"" from                         \
    "\"},\"created_time\":\"2026-11-22T00:" at "+0000\",\"parent\":{\"id\":\"5_1\"}}"
#define OURS       "죄송합니다 &  곧 보내\\n드릴게요!"
#define LIST(rows) "{\"data\":[" rows "]}"

#endif
