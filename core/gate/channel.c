/* The answers that each channel's own protocol asks for. A duplicate or an unverified link is
 * known only in the record, never in the answer. */
#include "gate/receive.h"
#include "gate/site.h"
#include "gate/xmlrpc.h"

#include "sori/plugin.h"

static bool is_ours(const struct route *route, struct sori_str url) {
    for (size_t i = 0; i < route->connection->site_count; i++)
        if (site_holds(route->connection->sites[i], url)) return true;
    return false;
}

static void keep(struct response *a, int status, const char *type) {
    a->status = status;
    a->type = type;
    a->keep = true;
}

/* ---- TrackBack 1.2 ---- */

static void trackback_xml(struct response *a, const char *error) {
    a->status = 200;
    a->type = "text/xml; charset=utf-8";
    buf_clear(&a->body);
    buf_puts(&a->body, "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<response>\n");
    if (error) {
        buf_puts(&a->body, "<error>1</error>\n<message>");
        xml_escape(&a->body, error);
        buf_puts(&a->body, "</message>\n</response>\n");
    } else {
        buf_puts(&a->body, "<error>0</error>\n</response>\n");
    }
}

static void trackback_post(const struct route *route, struct sori_str target, struct sori_str body,
                           struct response *a) {
    struct buf url = {0};
    bool given = form_value(body, "url", &url) && site_is_http(buf_view(&url));
    if (!given)
        trackback_xml(a, "url is missing or is no http address");
    else if (!site_is_http(target) || !is_ours(route, target))
        trackback_xml(a, "the address pinged is no page of this site");
    else {
        trackback_xml(a, NULL);
        a->keep = true;
    }
    buf_free(&url);
}

static void trackback_get(const struct route *route, const struct head *head,
                          struct sori_str target, struct response *a) {
    struct buf mode = {0};
    bool list = form_value(head->query, "__mode", &mode);
    if (list || !site_is_http(target) || !is_ours(route, target)) {
        trackback_xml(a, list ? "pings are not listed here" : "TrackBack pings come by POST");
    } else {
        response_set(a, 302, "The page is elsewhere.");
        response_field(a, "Location", target);
    }
    buf_free(&mode);
}

/* ---- Pingback 1.0 ---- */

static const char *judge_ping(const struct route *route, const struct xmlrpc_call *call,
                              int *code) {
    struct sori_str source = buf_view(&call->param[0]), target = buf_view(&call->param[1]);
    *code = -32601;
    if (!str_is(buf_view(&call->method), "pingback.ping"))
        return "the only method here is pingback.ping";
    *code = -32602;
    if (call->count != 2 || !call->is_string[0] || !call->is_string[1])
        return "pingback.ping takes two strings: source and target";
    *code = 16;
    if (!site_is_http(source)) return "the source is no http address";
    *code = 32;
    if (!site_is_http(target) || !is_ours(route, target))
        return "the target is no page of this site";
    *code = 33;
    if (str_eq(source, target)) return "a page cannot mention itself";
    return NULL;
}

static void pingback(const struct route *route, struct sori_str body, struct response *a) {
    struct xmlrpc_call call;
    int code = -32700;
    const char *wrong = "this is no XML-RPC call";
    if (xmlrpc_read(body, &call)) wrong = judge_ping(route, &call, &code);
    xmlrpc_free(&call);
    a->status = 200;
    a->type = "text/xml; charset=utf-8";
    buf_clear(&a->body);
    if (wrong) {
        xmlrpc_fault(&a->body, code, wrong);
    } else {
        xmlrpc_answer(&a->body, "Thank you. The mention was received and will be verified.");
        a->keep = true;
    }
}

/* ---- Webmention ---- */

static void webmention(const struct route *route, struct sori_str body, struct response *a) {
    struct buf source = {0}, target = {0};
    bool both = form_value(body, "source", &source) && form_value(body, "target", &target);
    struct sori_str s = buf_view(&source), t = buf_view(&target);
    if (!both)
        response_set(a, 400, "source and target are both needed.");
    else if (!site_is_http(s) || !site_is_http(t))
        response_set(a, 400, "source and target must be http or https addresses.");
    else if (str_eq(s, t))
        response_set(a, 400, "source and target must differ.");
    else if (!is_ours(route, t))
        response_set(a, 400, "The target is no page of this site.");
    else {
        response_set(a, 202, "The mention was received and will be verified.");
        a->keep = true;
    }
    buf_free(&source);
    buf_free(&target);
}

/* ---- webhooks that prove themselves ---- */

static void meta_challenge(const struct route *route, const struct head *head, struct response *a) {
    struct buf mode = {0}, token = {0}, challenge = {0};
    bool right = form_value(head->query, "hub.mode", &mode) &&
                 str_is(buf_view(&mode), "subscribe") &&
                 form_value(head->query, "hub.verify_token", &token) &&
                 secret_is(&route->form->verify, buf_view(&token)) &&
                 form_value(head->query, "hub.challenge", &challenge);
    response_set(a, right ? 200 : 403, right ? NULL : "The verify token is not ours.");
    if (right) {
        a->type = "text/plain; charset=utf-8";
        buf_str(&a->body, buf_view(&challenge));
    }
    buf_free(&mode);
    buf_free(&token);
    buf_free(&challenge);
}

static void x_crc(const struct route *route, const struct head *head, struct response *a) {
    struct buf token = {0};
    if (!form_value(head->query, "crc_token", &token) || token.len == 0) {
        response_set(a, 400, "crc_token is missing.");
    } else {
        response_set(a, 200, NULL);
        a->type = "application/json";
        buf_puts(&a->body, "{\"response_token\":\"sha256=");
        sign_sha256_base64(&route->form->secret, buf_view(&token), &a->body);
        buf_puts(&a->body, "\"}");
    }
    buf_free(&token);
}

void channel_get(const struct route *route, const struct head *head, struct sori_str path,
                 struct response *a) {
    switch (route->form->answer) {
    case SORI_ANSWER_META_CHALLENGE: meta_challenge(route, head, a); break;
    case SORI_ANSWER_X_CRC: x_crc(route, head, a); break;
    case SORI_ANSWER_TRACKBACK: trackback_get(route, head, path, a); break;
    default: response_set(a, 405, "This address takes POST.");
    }
}

void channel_post(const struct route *route, struct sori_str path, struct sori_str body,
                  struct response *a) {
    switch (route->form->answer) {
    case SORI_ANSWER_TRACKBACK: trackback_post(route, path, body, a); break;
    case SORI_ANSWER_XMLRPC: pingback(route, body, a); break;
    case SORI_ANSWER_WEBMENTION: webmention(route, body, a); break;
    default: keep(a, 200, NULL);
    }
}
