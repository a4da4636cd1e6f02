/* Field tags of every payload on the wire, by message. "rec" is a nested record, "rep" repeated.
 * This page is the protocol; both ends read it. */
#ifndef SUPERVISE_MESSAGES_H
#define SUPERVISE_MESSAGES_H

/* W_HELLO: guest → core. */
enum {
    HELLO_BUILD = 1, /* str */
    HELLO_FENCE = 2, /* str: the effective fence for people, "landlock 7, seccomp" */
    HELLO_PLUGIN = 3 /* rec DESC_…, connectors and classifiers only */
};

/* A plugin's descriptor as data. */
enum {
    DESC_ID = 1,
    DESC_NAME,
    DESC_VERSION,
    DESC_VENDOR,
    DESC_LICENSE,
    DESC_SUMMARY,        /* str */
    DESC_ABI = 7,        /* int */
    DESC_OPTION = 8,     /* rep rec OPT_… */
    DESC_HOST = 9,       /* rep str */
    DESC_SLOT = 10,      /* rep rec {1 name, 2 help, 3 required, 4 kind, 5 refresh, 6 authorize,
                            7 scopes, 8 redirect} */
    DESC_RECEIVE = 11,   /* rep rec RECV_… */
    DESC_INTERFACE = 12, /* rep str: interface ids */
    DESC_FLAGS = 13,     /* int: SORI_CONNECTOR_… of its connector */
    DESC_VERB = 14,      /* rep rec {1 verb, 2 flags, 3 settle_ms, 4 text_max} */
    DESC_SETUP = 15,     /* rep str */
    DESC_STEP = 16       /* rep rec {1 kind, 2 name, 3 text, 4 only} */
};
enum { OPT_NAME = 1, OPT_TYPE, OPT_FLAGS, OPT_DEF, OPT_MIN, OPT_MAX, OPT_CHOICES, OPT_HELP };
enum {
    RECV_FORM = 1,
    RECV_PATH,
    RECV_TYPE,
    RECV_ANSWER,
    RECV_SIGN,
    RECV_HEADER,
    RECV_PREFIX,
    RECV_SLOT,
    RECV_MAX
};

/* Name-value pairs, wherever they occur: rep rec {1 name, 2 value}. */
enum { PAIR_NAME = 1, PAIR_VALUE = 2 };

/* M_CREATE of a connector. W_DONE: status, DONE_WHY. */
enum {
    CREATE_CONNECTION = 1,
    CREATE_OPTION = 2 /* rep pair */,
    CREATE_TIMEZONE = 3,
    CREATE_MODEL = 4 /* classifier: path */
};
/* W_DONE of M_CREATE of a classifier adds, and has not more labels than that: */
enum { MODEL_LABELS_MOST = 64 };
enum {
    /* rep rec {1 group, 2 name, 3 exclusive, 4 rec of rep rec 2 {1 precision, 2 threshold, 3 rows}}
     * 4 goes into the policy's ENV_LABEL as it is. */
    LABELS_LABEL = 20,
    LABELS_FLOOR = 21 /* int/10000 */,
    LABELS_MODEL = 22 /* str id */,
    LABELS_CALIBRATION = 23 /* str, plugin's own text, optional */
};

/* Every W_DONE may carry these; status is in the head. */
enum {
    DONE_WHY = 1,          /* str: for people, from host->fail */
    DONE_CODE = 2,         /* int: the platform's code */
    DONE_RETRY_AT = 3,     /* int: ms UTC, from Retry-After or host->rate */
    DONE_SENT_UNKNOWN = 4, /* int 1: a writing request left and its answer did not come */
    DONE_NATIVE = 5,       /* str: act, reconcile: id of what was made */
    DONE_URL = 6,          /* str */
    DONE_STATE = 7,        /* rep pair: state_put of the call, to commit with its items */
    DONE_LINE = 8,         /* rep rec {1 level, 2 text}: health */
    DONE_FACT = 9,         /* rep pair: health */
    DONE_RATE = 10,        /* rep rec {1 bucket, 2 limit, 3 remaining, 4 until, 5 flags} */
    DONE_SPENT = 11,       /* rep rec {1 what, 2 micros} */
    DONE_STREAM = 12       /* rep rec STREAM_…: wanted by the poll */
};
/* A stream as the plugin wants it; M_STREAM of net takes the same and HTTP_CONNECTION's name. */
enum {
    STREAM_NAME = 1,
    STREAM_URL = 2,
    STREAM_HEADER = 3 /* rep pair */,
    STREAM_SCHEME = 4,
    STREAM_SLOT = 5,
    STREAM_USER = 6,
    STREAM_SILENCE = 7,
    STREAM_LINE_MAX = 8,
    STREAM_CONNECTION = 9
};
/* W_SINK inside an M_STREAM, net → core. Its W_DONE: it is not asked for again; ANS_STATUS and
 * ANS_WHY. */
enum {
    PART_LINE = 1,   /* rep str, without its end */
    PART_STATE = 2,  /* rec {1 enum stream_state, 2 why, 3 until (ms UTC)} */
    PART_BEAT = 3,   /* int: ms UTC; up to here nothing was missed */
    PART_DROPPED = 4 /* int: lines that were longer than STREAM_LINE_MAX */
};
enum stream_state { STREAM_CLOSED = 0, STREAM_OPEN = 1, STREAM_WAITING = 2 };

/* M_POLL. */
enum {
    POLL_CURSOR = 1 /* rep pair */,
    POLL_TASK = 2 /* rep pair key, body */,
    POLL_LIMIT = 3,
    POLL_LIVE_FROM = 4,
    POLL_STATE = 5 /* rep pair: all state of the connection */,
    POLL_MISSED_FROM = 6,
    POLL_MISSED_TO = 7,
    CALL_FULL = 28 /* rep rec, as DONE_RATE: budgets that are used up; polls, acts, health */,
    CALL_SPENT = 29 /* int: micros spent today by the connection; polls, acts, health */,
    CALL_NOW = 30 /* int: the core's time */,
    CALL_DEADLINE = 31 /* int: ms it may take */
};

/* M_DECODE: rep rec DELIVERY; the sink records name their index. */
enum { DECODE_DELIVERY = 1 };
enum {
    DEL_CONNECTION = 1,
    DEL_OPTION = 2 /* rep pair */,
    DEL_FORM = 3,
    DEL_PATH = 4,
    DEL_QUERY = 5,
    DEL_HEADER = 6 /* rep pair */,
    DEL_BODY = 7,
    DEL_AT = 8,
    DEL_INDEX = 9
};

/* W_LOG: guest → core. */
enum { LOG_LEVEL = 1 /* int: enum sori_log_level */, LOG_TEXT = 2 /* str */ };

/* W_SINK: rep of these, in the order in which the plugin gave them. After each delivery of an
 * M_DECODE comes SINK_END with its index and status. */
enum {
    SINK_ITEM = 1,      /* rec: item record (fields.def) */
    SINK_GAUGE = 2,     /* rec {1 target, 2 class, 3 n} */
    SINK_GAP = 3,       /* rec {1 from, 2 to, 3 why} */
    SINK_CURSOR = 4,    /* rec pair */
    SINK_REJECT = 5,    /* rec {1 line, 2 why, 3 raw} */
    SINK_TASK = 6,      /* rec {1 key, 2 body, 3 due} */
    SINK_TASK_DONE = 7, /* str key */
    SINK_END = 8,       /* rec {1 index, 2 status, 3 why} */
    SINK_AUTHOR = 9     /* rec {1 space, 2 id, 3 name, 4 url, 5 reach} */
};

/* M_ACT, M_RECONCILE. */
enum {
    ACT_VERB = 1,
    ACT_ID = 2,
    ACT_SPACE = 3,
    ACT_NATIVE = 4,
    ACT_KIND = 5,
    ACT_TARGET = 6,
    ACT_PARENT = 7,
    ACT_URL = 8,
    ACT_AUTHOR = 9,
    ACT_TEXT = 10,
    ACT_ARG = 11 /* rep pair */,
    ACT_SINCE = 12,
    ACT_STATE = 13 /* rep pair: state of the connection, read only */,
    ACT_SAID_AT = 14,
    ACT_ATTEMPT = 15,
    ACT_BY = 16, /* enum sori_origin */
    /* In an action's body alone, never sent to a plugin: */
    ACT_CHECK = 17,    /* rep rec {1 name, 2 why}: checks that it did not pass */
    ACT_SAME = 18,     /* rec {1 people, 2 ms}: the same words go to so many at most */
    ACT_CHEERFUL = 19, /* int 1: it does not leave in a freeze */
    ACT_HOLDING = 20,  /* int 1: a first word; the answer is still owed when it was said */
    ACT_SURGE = 21 /* rec {1 at least, 2 times x100, 3 rep topic}: not while a topic boils over */
};

/* W_HTTP: guest → core; the core adds HTTP_CONNECTION and passes it on as M_HTTP. */
enum {
    HTTP_METHOD = 1,
    HTTP_URL = 2,
    HTTP_HEADER = 3 /* rep pair */,
    HTTP_BODY = 4,
    HTTP_EFFECT = 5,
    HTTP_FLAGS = 6,
    HTTP_SCHEME = 7,
    HTTP_SLOT = 8,
    HTTP_USER = 9,
    HTTP_TIMEOUT = 10,
    HTTP_MAX_BODY = 11,
    HTTP_CONNECTION = 12 /* str: its name */
};
/* W_HTTP_DONE, and W_DONE of M_HTTP. head.status = enum sori_status. */
enum {
    ANS_STATUS = 1,
    ANS_URL = 2,
    ANS_HEADER = 3 /* rep pair */,
    ANS_BODY = 4,
    ANS_TRUNCATED = 5,
    ANS_WHY = 6,
    ANS_SENT = 7 /* int 1: bytes of the request left this machine */,
    ANS_RETRY_AT = 8,
    ANS_TOKEN_UNTIL = 9 /* int ms UTC: the token that it was signed with, where net renews it */
};

/* M_NET_CONF. One rec a connection. */
enum {
    NETCONF_CONNECTION = 1,
    NETCONF_USER_AGENT = 2,
    NETCONF_SECRETS = 3 /* folder path; absent
for the stranger net */
    ,
    NETCONF_STRANGER = 4 /* int 1 */,
    NETCONF_ALLOW_ALL = 5 /* rep str:
allow entries of all connections, for the stranger net of tests and private sites */
};
enum {
    NETCONN_NAME = 1,
    NETCONN_HOST = 2 /* rep str, "@url" already resolved to host:port */,
    NETCONN_ALLOW = 3 /* rep str: host:port or a folder path */,
    NETCONN_SLOT = 4 /* rep rec {1 name, 2 kind, 3 refresh, "@url" resolved}: rotated ones */
};

/* M_GRANT: the code that a person brought is redeemed for the first token of an OAUTH2 slot. Its
 * file has client_id already, and client_secret where there is one; net adds the token to it.
 * W_DONE: AUTH where the platform refuses, DONE_WHY, and what it granted. */
enum {
    GRANT_CONNECTION = 11,
    GRANT_SLOT = 12,
    GRANT_CODE = 13,
    GRANT_VERIFIER = 14,
    GRANT_REDIRECT = 15,
    GRANT_SCOPES = 16 /* W_DONE: str, absent where the platform does not say */
};

/* M_SCORE: rep rec TEXT. W_DONE: rep rec ROW in the same order. */
enum { SCORE_TEXT = 1, SCORE_ROW = 2 };
enum { TEXT_TEXT = 1, TEXT_PARENT = 2, TEXT_LANG = 3, TEXT_KIND = 4 };
enum { ROW_STATUS = 1, ROW_SCORE = 2 /* rep int 0..10000, one a label in order */ };
/* M_EXPLAIN: one TEXT record. W_DONE: rep rec {1 from, 2 to, 3 weight, 4 label}. */
enum { EXPLAIN_REASON = 1 };

/* M_POLICY_LOAD: bundle and environment (lua/policy.h). W_DONE: status OK or CONFIG. */
enum {
    LOAD_BUNDLE = 1 /* str */,
    LOAD_ENV = 2 /* rec */,
    LOAD_ERROR = 3 /* rep str, file:line: … */,
    LOAD_INFO = 4 /* rec: policy_info */,
    LOAD_RUN_TESTS = 5 /* int 1 */,
    LOAD_PLAN = 6,  /* str: a line for each level that was resolved (policy_plan) */
    LOAD_FREEZE = 7 /* rep rec {1 from, 2 to, 3 why, 4 int 1: all replies} (policy_freezes) */
};
/* M_DECIDE: rep str facts. W_DONE: rep str decision, in order. */
enum { DECIDE_FACTS = 1, DECIDE_DECISION = 2 };
/* … and int: how many of them came out otherwise when they were made again; str: the rule (or
 * rules) of the first of these. */
enum { DECIDE_UNSTABLE = 3, DECIDE_UNSTABLE_RULE = 4 };
/* What proofs ask besides. */
enum {
    DECIDE_CONTACT = 5, /* rep int, one before each DECIDE_FACTS: cells evolve by what this policy
                           itself has decided about the contact; those of the record begin them */
    DECIDE_WATCH = 6,   /* rep str: "reach", "label topic.delivery", "cell sorries" */
    DECIDE_THEN = 8,    /* rep str, one before each DECIDE_FACTS that has a DECIDE_CONTACT: the
                           decision that was made then */
    DECIDE_MISSED = 7   /* in the answer, where watched, int before a DECIDE_DECISION: bits of what
                           of these it asked for and was not there; absent for none */
};
/* M_EXPLAIN of a policy: DECIDE_FACTS. W_DONE: */
enum { EXPLAIN_ACCOUNT = 2 /* str: policy_explain's text */ };

/* M_BACKTEST, M_SHADOW: core → proof. */
enum {
    PROOF_BUNDLE = 1,  /* str */
    PROOF_ENV = 2,     /* rec */
    PROOF_SOCKET = 3,  /* str: path of sori.sock, where history is asked for */
    PROOF_SINCE = 4,   /* int: ms UTC; 0 all */
    PROOF_CLOSED = 5,  /* int 1 */
    PROOF_SAMPLES = 6, /* int */
    PROOF_REPORT = 7,  /* rec: of proof/report.h; in the W_DONE, and of M_SHADOW: to go on from */
    PROOF_GAP = 8      /* int: ms UTC; what was decided shortly before is not in that report */
};
/* M_BESIDE: rep rec PAST_…, each what a live decision was made from, and the decision. W_DONE comes
 * at once; its status says whether it was taken (SORI_RATE: no room). */
enum { BESIDE_ENTRY = 1, BESIDE_SKIPPED = 2 /* int: that found no room before */ };
/* History as the reader gives it (TELL_PAST), and M_BESIDE's entries. */
enum {
    PAST_SEQ = 1,
    PAST_AT = 2,         /* int: when it was decided, ms UTC */
    PAST_GENERATION = 3, /* int */
    PAST_STATUS = 4,     /* int enum decision_status */
    PAST_FACTS = 5,      /* str: whole, as the policy got them; empty: no policy was asked */
    PAST_RESULT = 6,     /* str: the decision */
    PAST_CONTACT = 7,    /* int: 0 nobody */
    PAST_INTERACTION = 8 /* int */
};

/* M_CONF: source bytes. W_DONE: OK with the record of conf/conf.h, or CONFIG with errors. */
enum {
    CONF_SOURCE = 1,
    CONF_NAME = 2 /* shown in errors */,
    CONF_RECORD = 3 /* rec */,
    CONF_ERROR = 4 /* rep str */
};

#endif
