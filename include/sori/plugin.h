/* sori/plugin.h: the entry of every plugin, and the only header one must include.
 *
 * A plugin is a shared object that exports one function, sori_plugin_v0. It is loaded only in a
 * process that is already fenced, so constructors may do no more than any other code: no socket,
 * no file, no other process.
 *
 * Change log of the ABI
 *   0  first light. Not frozen: rebuild with each release until it is 1.
 */
#ifndef SORI_PLUGIN_H
#define SORI_PLUGIN_H

#include "classifier.h"
#include "connector.h"
#include "option.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SORI_ABI 0u

/* Where a request from the platform is signed, and how. The gate checks it over the raw body, in
 * constant time, before anything is kept. */
enum sori_sign {
    SORI_SIGN_NONE = 0,        /* the protocol has none (trackbacks): verified afterwards       */
    SORI_SIGN_HMAC_SHA256 = 1, /* header: PREFIX + lower-case hex                               */
    SORI_SIGN_HMAC_SHA256_BASE64 = 2,
    SORI_SIGN_HMAC_SHA1 = 3
};

/* The form in which the gate answers. */
enum sori_answer {
    SORI_ANSWER_EMPTY = 0,          /* 200 without a body                                       */
    SORI_ANSWER_META_CHALLENGE = 1, /* GET hub.challenge with hub.verify_token; POST empty 200  */
    SORI_ANSWER_X_CRC = 2,          /* GET crc_token → response_token; POST empty 200           */
    SORI_ANSWER_TRACKBACK = 3,      /* TrackBack 1.2 XML                                        */
    SORI_ANSWER_XMLRPC = 4,         /* Pingback 1.0 over XML-RPC                                */
    SORI_ANSWER_WEBMENTION = 5      /* 202, or 400                                              */
};

/* One way in. The path is /in/CONNECTION, followed by `path` where that is not empty. */
struct sori_receive {
    const char *form;         /* its name, given back in sori_delivery.form */
    const char *path;         /* "" or "/tb/": what follows it is sori_delivery.path */
    const char *content_type; /* media type that selects this form, or NULL for any */
    uint32_t answer;          /* enum sori_answer */
    uint32_t sign;            /* enum sori_sign */
    const char *sign_header, *sign_prefix, *sign_slot; /* NULL where SIGN_NONE */
    uint32_t max_body;                                 /* bytes; 0: 8 MiB */
    uint32_t reserved;
};

/* What is in a slot. Net alone reads it, and rewrites it, atomically and before the new value is
 * used, where the platform rotates it. */
enum sori_slot_kind {
    SORI_SLOT_TEXT = 0, /* one line */
    /* OAuth 2.0 with refresh tokens (RFC 6749 §6): one line of JSON with access_token,
     * refresh_token, expires_at (ms since 1970), client_id, and client_secret where the client has
     * one. Refreshed by a POST to `refresh`, by one request at a time. With `authorize` its first
     * token is fetched too. */
    SORI_SLOT_OAUTH2 = 1,
    /* A token that lives for weeks and is exchanged for a newer one: one line of JSON with
     * access_token and expires_at. Refreshed by a GET of `refresh` with access_token in its query
     * when less than a third of its life is left. */
    SORI_SLOT_RENEWED = 2
};

/* A credential that the connection needs; lives in secrets/CONNECTION.NAME. */
struct sori_slot {
    const char *name;
    const char *help;
    uint32_t required;
    uint32_t kind;       /* enum sori_slot_kind */
    const char *refresh; /* URL; "@NAME/…" begins with that URL option. NULL where not refreshed */
    /* OAUTH2 alone: where a person allows the application to speak for him (authorization code
     * with PKCE, RFC 7636; the code is redeemed at `refresh`), a URL like that one; NULL: the token
     * is made elsewhere and typed in. What is asked for, divided by blanks. And where the browser
     * is sent with the code, as it is registered with the application unless a person says
     * another address: nothing has to be there, he copies the address. */
    const char *authorize, *scopes, *redirect;
};

/* How a person is led through connecting, in order (`sori connection add`). */
enum sori_step_kind {
    SORI_STEP_SAY = 0,    /* `text` is shown: what to do at the platform */
    SORI_STEP_OPTION = 1, /* the option `name` is asked for */
    SORI_STEP_SLOT = 2,   /* the slot `name` is asked for; what is typed is not shown */
    SORI_STEP_MAKE = 3,   /* the slot `name` is filled with random letters, and shown once */
    SORI_STEP_HOOK = 4,   /* the connection's webhook address is shown, with `text` */
    SORI_STEP_CHECK = 5   /* `health` is asked: its fact `name` should be there and not "no" */
};
struct sori_step {
    uint32_t kind; /* enum sori_step_kind */
    uint32_t reserved;
    const char *name; /* option, slot or fact; NULL where it has none */
    const char *text;
    const char *only; /* "OPTION=VALUE": where that option has that value; NULL always */
};

struct sori_interface {
    const char *id;     /* SORI_CONNECTOR_ID, SORI_CLASSIFIER_ID */
    const void *vtable; /* const, begins with its struct_size */
};

/* All pointers are to constants that live as long as the plugin is loaded. */
struct sori_plugin {
    uint32_t struct_size; /* sizeof(struct sori_plugin), as the plugin saw it */
    uint32_t abi;         /* SORI_ABI */
    const char *id;       /* "blog"; third parties: "com.acme.forum" */
    const char *name, *version, *vendor, *license, *summary;
    struct sori_option_list options;
    /* Hosts that requests may go to: exact names; "*.example.com"; or "@NAME", the host of the URL
     * option NAME. NULL-terminated; NULL: none (SORI_HTTP_STRANGER requests are always possible).
     */
    const char *const *hosts;
    const struct sori_slot *slots;
    uint32_t slot_count, slot_stride;
    const struct sori_receive *receives;
    uint32_t receive_count, receive_stride;
    const struct sori_interface *interfaces;
    uint32_t interface_count, interface_stride;
    /* What SETUP requests may be: "METHOD URL", NULL-terminated. The URL is without a query, may
     * begin with "@NAME", a URL option, and "*" stands for one segment of its path. NULL: none. */
    const char *const *setups;
    const struct sori_step *guide;
    uint32_t guide_count, guide_stride;
};

#if defined(__GNUC__)
#define SORI_EXPORT __attribute__((visibility("default")))
#else
#define SORI_EXPORT
#endif

/* The only exported symbol. [scan] Returns a pointer to constant data: it must not allocate, open
 * or start anything. */
SORI_EXPORT const struct sori_plugin *sori_plugin_v0(void);

#ifdef __cplusplus
}
#endif
#endif
