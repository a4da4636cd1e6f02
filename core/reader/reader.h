/* reader: the only other process that opens the database. Named queries for the CLI, full-text
 * index, /healthz, /readyz, /metrics. */
#ifndef READER_READER_H
#define READER_READER_H

int reader_main(int wire_fd, const char *data_dir);

/* The socket protocol of data/sori.sock (SOCK_SEQPACKET, wire.h framing; client → core W_CALL with
 * method M_QUERY, payload below). The core answers commands itself and passes queries on to the
 * reader with the client's descriptor. Answer: W_DONE, status 0 ok, else a CLI exit code. */
enum {
    ASK_NAME = 1, /* str: "inbox", "show", "why", "search", "status", "reply", … */
    ASK_ARG = 2,  /* rep pair */
    ASK_USER = 3, /* str: the caller's login name, for the record */
    ASK_BODY = 4  /* str: bytes (import chunks) */
};
enum {
    TELL_ROW = 1,   /* rep str: one JSON object a row (queries), in order */
    TELL_TEXT = 2,  /* str: for people (commands) */
    TELL_ERROR = 3, /* rep str */
    TELL_JSON = 4,  /* str: one JSON object (commands) */
    TELL_MORE = 5   /* int 1: further W_SINK messages with rows came before this W_DONE */
};

#endif
