/* Answering one client of the command line on its own socket. */
#include "reader/part.h"

#include "base/log.h"
#include "supervise/wire.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum { FLUSH_AT = 48 * 1024 };

static void flush(struct answer *a) {
    if (a->out.len == 0 || a->broken) return;
    struct wire_head head = {.type = W_SINK, .call = a->call};
    if (!wire_send(a->wire, head, buf_view(&a->out), -1)) a->broken = true;
    a->more = true;
    buf_clear(&a->out);
}

void answer_row(struct answer *a, struct buf *json) {
    rec_str(&a->out, TELL_ROW, buf_view(json));
    buf_clear(json);
    if (a->out.len >= FLUSH_AT) flush(a);
}

void answer_blob(struct answer *a, const char *name, int64_t number, struct sori_str bytes) {
    struct buf full = {0};
    buf_printf(&full, "%s/%lld", name, (long long)number);
    size_t mark = rec_begin(&a->out, TELL_BLOB);
    rec_str(&a->out, 1, buf_view(&full));
    rec_str(&a->out, 2, bytes);
    rec_end(&a->out, mark);
    buf_free(&full);
    if (a->out.len >= FLUSH_AT) flush(a);
}

void answer_room(struct answer *a) {
    if (a->out.len >= FLUSH_AT) flush(a);
}

int answer_error(struct answer *a, int code, const char *format, ...) {
    char text[512];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    rec_str(&a->out, TELL_ERROR, str_c(text));
    return code;
}

struct sori_str ask_text(struct sori_str question, const char *name) {
    struct rec_field f;
    while (rec_next(&question, &f) == 1)
        if (f.tag == ASK_ARG && f.type == REC_REC && str_is(rec_get_str(f.s, 1), name))
            return rec_get_str(f.s, 2);
    return (struct sori_str){0};
}

int64_t ask_int(struct sori_str question, const char *name, int64_t fallback) {
    struct sori_str s = ask_text(question, name);
    char text[24];
    if (s.len == 0) return fallback;
    if (s.len >= sizeof text) return INT64_MIN;
    memcpy(text, s.ptr, s.len);
    text[s.len] = 0;
    char *end;
    long long n = strtoll(text, &end, 10);
    return *end ? INT64_MIN : n;
}

static const struct {
    const char *name;
    query_run *run;
} queries[] = {
    {"inbox", query_inbox},
    {"unmatched", query_unmatched},
    {"show", query_show},
    {"why", query_why},
    {"search", query_search},
    {"status", query_status},
    {"export", query_export},
    {"contact-show", query_contact},
    {"import-rejects", query_rejects},
    {"generations", query_generations},
    {"history", query_history},
    {"history-plan", query_history_plan},
};

static int run(struct reader *r, struct sori_str question, struct answer *a) {
    struct sori_str name = rec_get_str(question, ASK_NAME);
    struct err err;
    if (!db_ready(r, &err)) return answer_error(a, 1, "%s", err.text);
    for (size_t i = 0; i < sizeof queries / sizeof *queries; i++) {
        if (!str_is(name, queries[i].name)) continue;
        int code = queries[i].run(r, question, a);
        if (sqlite3_errcode(r->db) == SQLITE_INTERRUPT)
            return answer_error(a, 5, "%s took longer than %d s and was stopped; ask for less",
                                queries[i].name, QUERY_MS / 1000);
        return code;
    }
    return answer_error(a, 2, "no query '%.*s'", STR(name));
}

void client_serve(struct reader *r, int fd, uint32_t call, struct sori_str question) {
    int flags = fcntl(fd, F_GETFL);
    (void)fcntl(fd, F_SETFL, flags & ~O_NONBLOCK);
    struct timeval patience = {.tv_sec = 2};
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    struct wire wire;
    wire_open(&wire, fd);
    struct answer a = {.wire = &wire, .call = call};
    int code = run(r, question, &a);
    if (a.out.len >= FLUSH_AT) flush(&a);
    rec_int_opt(&a.out, TELL_MORE, a.more);
    rec_str_opt(&a.out, TELL_ZONE, rec_get_str(buf_view(&r->status), STAT_ZONE));
    struct wire_head head = {.type = W_DONE, .call = call, .status = (uint32_t)code};
    if (!a.broken && !wire_send(&wire, head, buf_view(&a.out), -1)) a.broken = true;
    if (a.broken) log_line(LOG_INFO, "reader", "a client went away before its answer was whole");
    buf_free(&a.out);
    wire_close(&wire);
}
