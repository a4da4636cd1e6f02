/* libcurl's multi interface on a libevent loop. */
#ifndef NET_WEB_H
#define NET_WEB_H

#include <curl/curl.h>
#include <event2/event.h>
#include <stdbool.h>

struct web;

/* A transfer ended; called from the loop, outside of curl. The handle is already removed. */
typedef void web_done(void *private, CURL *easy, CURLcode code);

/* `per_host`: connections to one host at a time, further transfers wait; 0: no limit. */
struct web *web_new(struct event_base *base, long per_host, web_done *done);
void web_free(struct web *w);
/* Begins a transfer; `done` gets the handle's CURLOPT_PRIVATE. */
bool web_add(struct web *w, CURL *easy);
/* Ends it without a callback. Never from within a callback of curl. */
void web_remove(struct web *w, CURL *easy);

#endif
