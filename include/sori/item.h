/* sori/item.h: the one normal form of what a person did, and the sinks that take it. */
#ifndef SORI_ITEM_H
#define SORI_ITEM_H

#include "types.h"

enum sori_kind {
    SORI_KIND_UNKNOWN = 0,
    SORI_KIND_REACTION = 1, /* a like, a love: counted, never decided about */
    SORI_KIND_COMMENT = 2,
    SORI_KIND_SHARE = 3,
    SORI_KIND_MENTION = 4,
    SORI_KIND_MESSAGE = 5, /* private */
    SORI_KIND_TRACKBACK = 6,
    SORI_KIND_POST = 7 /* own or observed content; what others speak about */
};

enum sori_share { SORI_SHARE_NONE = 0, SORI_SHARE_SIMPLE = 1, SORI_SHARE_SPECIFIC = 2 };

/* How we know: a thing that happened (its `event` says what), or a state that was read. */
enum sori_observed { SORI_OBSERVED_STATE = 0, SORI_OBSERVED_EVENT = 1 };

/* What happened, or what the read state amounts to. */
enum sori_event {
    SORI_EVENT_SAID = 0, /* it exists with this text: created, or edited, the core finds out */
    SORI_EVENT_REMOVED = 1,
    SORI_EVENT_HIDDEN = 2,
    SORI_EVENT_SHOWN = 3,
    SORI_EVENT_ARRIVED = 4 /* announced, not yet verified: a stub that nobody decides about;
                              a later SAID makes it live, a REMOVED drops it */
};

enum sori_origin {
    SORI_ORIGIN_PERSON = 0,
    SORI_ORIGIN_US_BY_HAND = 1, /* our side, in the platform's own interface */
    SORI_ORIGIN_US_BY_RULE = 2  /* our side, through Sori; the core sets it for its own sends */
};

enum sori_visibility { SORI_VISIBILITY_PUBLIC = 0, SORI_VISIBILITY_PRIVATE = 1 };

/* What can be done with this item on its channel: bits, and where a bit is absent, why not. */
enum sori_capability {
    SORI_CAN_REPLY = 1u << 0,
    SORI_CAN_REPLY_PRIVATELY = 1u << 1,
    SORI_CAN_LIKE = 1u << 2,
    SORI_CAN_HIDE = 1u << 3,
    SORI_CAN_DELETE = 1u << 4
};

/* One interaction. Zero or empty means: not known. */
struct sori_item {
    uint32_t struct_size;
    uint32_t kind;       /* enum sori_kind */
    uint32_t share;      /* enum sori_share, of kind share */
    uint32_t observed;   /* enum sori_observed */
    uint32_t event;      /* enum sori_event */
    uint32_t origin;     /* enum sori_origin */
    uint32_t visibility; /* enum sori_visibility */
    uint32_t can;        /* enum sori_capability bits */
    /* Where native ids are unique. Empty: the connection's own space (the plugin's channel and
     * the connection's site). Else it must begin with the plugin's id and a colon. */
    struct sori_str space;
    struct sori_str native_id; /* required, at most 512 bytes */
    int64_t version;           /* the platform's edit time or a number that grows; 0 none */
    struct sori_str parent;    /* native id, same space: what it answers */
    struct sori_str target;    /* native id, same space: the post it is about */
    struct sori_str author_id, author_name, author_url;
    int64_t author_reach; /* followers or readers */
    struct sori_str title;
    struct sori_str text; /* plain text, at most 64 KiB; longer is cut by the core */
    struct sori_str lang; /* the platform's hint, "ko" */
    int64_t said_at;
    struct sori_str url;     /* permalink */
    struct sori_str why_not; /* reasons for absent capabilities, "reply: closed; like, hide: no" */
    int64_t window_left_ms;  /* time left to reply privately where `can` has it, else to reply;
                              * 0 no limit */
    int64_t text_max;        /* longest reply, in characters; 0 no limit */
    /* For reactions: class ("like", "love") and whether it now stands (1) or was taken back (0). */
    struct sori_str reaction;
    int64_t reaction_value;
    struct sori_pairs attachments; /* name = media type, value = URL */
    struct sori_str note; /* shown in `why`: how it was recovered, which protocol brought it */
    /* Of a private word of ours: whom it is said to, an author id in the same space. So an answer
     * that was given in the platform's own interface counts as one. */
    struct sori_str addressee;
};

/* Who somebody is, learned apart from what he said. Empty or 0 means: not known. */
struct sori_author {
    uint32_t struct_size;
    uint32_t reserved;
    struct sori_str space; /* as an item's */
    struct sori_str id;    /* required: the author_id of items, at most 512 bytes */
    struct sori_str name, url;
    int64_t reach; /* followers or readers */
};

/* A sink's answer: STOP asks the plugin to finish this call soon; what it already gave stays. */
enum sori_more { SORI_MORE = 0, SORI_STOP = 1 };

/* Where poll and decode put what they found. Everything is copied before a function returns. Items
 * are recorded as they come, and stay where the call then fails; the cursors and the state of a
 * poll count only when it ends with OK or AGAIN, and are never committed before its items. */
struct sori_sink {
    uint32_t struct_size;
    void *ctx;
    enum sori_more (*item)(const struct sori_sink *, const struct sori_item *);
    /* A total that the platform states without names: never added to counted events. */
    enum sori_more (*gauge)(const struct sori_sink *, struct sori_str target, struct sori_str cls,
                            int64_t n);
    /* The plugin knows that it missed something between two times. */
    enum sori_more (*gap)(const struct sori_sink *, int64_t from, int64_t to, struct sori_str why);
    /* Replaces the cursor of that name (≤ 4 KiB). `poll` gets it back next time. A connection has
     * at most 1,000 names, and a further one is refused. */
    enum sori_more (*cursor)(const struct sori_sink *, struct sori_str name, struct sori_str value);
    /* One row or record could not be read: kept aside with its bytes, the rest goes on. `line` is
     * 1-based, 0 where lines mean nothing. */
    enum sori_more (*reject)(const struct sori_sink *, int64_t line, struct sori_str why,
                             struct sori_str raw);
    /* Work that needs the network, left by `decode` for this connection's next `poll`: a durable
     * row by `key`. A second one of the same key replaces it. `due` is a time or 0 for now. */
    enum sori_more (*task)(const struct sori_sink *, struct sori_str key, struct sori_str body,
                           int64_t due);
    /* poll: that task is finished. */
    enum sori_more (*task_done)(const struct sori_sink *, struct sori_str key);
    /* Who an author is whose items came without a name. What is known here replaces what the core
     * knew, what is not known changes nothing. Somebody who never said a thing is nobody: it makes
     * no author. Where an item can bring the name itself, that is enough. */
    enum sori_more (*author)(const struct sori_sink *, const struct sori_author *);
};

#endif
