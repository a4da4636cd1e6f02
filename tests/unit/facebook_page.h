/* A Page of the facebook connector's tests: its options, and what the platform answers. */
#ifndef FACEBOOK_PAGE_H
#define FACEBOOK_PAGE_H

#include "facebook_world.h"

#define ERROR(code, sub, words)                                                                    \
    "{\"error\":{\"message\":\"" words "\",\"type\":\"OAuthException\",\"code\":" #code            \
    ",\"error_subcode\":" #sub ",\"fbtrace_id\":\"AbC\"}}"
#define SUMMARY(n) "{\"data\":[],\"summary\":{\"total_count\":" #n "}}"
#define EMPTY      "{\"data\":[]}"

static const char *const page[] = {"surface=page",      "account=1001",    "messages=false",
                                   "history=604800000", "subscribe=false", NULL};

static UNUSED const char *post(const char *id, const char *at, int comments) {
    return words("{\"id\":\"%s\",\"message\":\"오늘의 소식\",\"created_time\":\"%s\",\"from\":{"
                 "\"id\":\"1001\",\"name\":\"온결\"},\"shares\":{\"count\":3},\"reactions\":{"
                 "\"data\":[],\"summary\":{\"total_count\":12}},\"comments\":{\"data\":[],"
                 "\"summary\":{\"total_count\":%d}}}",
                 id, at, comments);
}
static UNUSED const char *comment(const char *id, const char *at, const char *text,
                                  const char *more) {
    return words("{\"id\":\"%s\",\"message\":\"%s\",\"created_time\":\"%s\",\"from\":{\"id\":"
                 "\"77\",\"name\":\"김하나\"},\"can_hide\":true%s}",
                 id, text, at, more);
}
static UNUSED const char *list(const char *rows, const char *after) {
    if (!after) return words("{\"data\":[%s],\"paging\":{\"cursors\":{\"after\":\"END\"}}}", rows);
    return words("{\"data\":[%s],\"paging\":{\"cursors\":{\"after\":\"%s\"},\"next\":"
                 "\"https://graph.facebook.com/v26.0/x?access_token=HIDDEN&after=%s\"}}",
                 rows, after, after);
}

static UNUSED void site(void) {
    begin(page);
    on("GET", "/1001?", 200, NULL, "{\"id\":\"1001\",\"name\":\"온결 리빙\"}");
    on("GET", "/visitor_posts?", 200, NULL, EMPTY);
    on("GET", "/tagged?", 200, NULL, EMPTY);
    on("GET", "/published_posts?", 200, NULL, EMPTY);
    on("GET", "/ratings?", 200, NULL, EMPTY);
}
static UNUSED void feed(int comments) {
    on("GET", "/feed?", 200, NULL,
       list(post("1001_5", "2026-11-21T00:00:00+0000", comments), NULL));
}

#endif
