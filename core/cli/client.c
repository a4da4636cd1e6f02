/* Talking to a running core over WORKSPACE/data/sori.sock. */
#include "cli/cli.h"

#include "reader/reader.h"
#include "supervise/wire.h"

#include <stdio.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

struct cli_core {
    struct wire wire;
    uint32_t calls;
};

static void put_pair(struct buf *b, const char *name, struct sori_str value) {
    size_t mark = rec_begin(b, ASK_ARG);
    rec_str(b, 1, str_c(name));
    rec_str(b, 2, value);
    rec_end(b, mark);
}

void cli_ask_arg(struct cli_ask *ask, const char *name, struct sori_str value) {
    put_pair(&ask->args, name, value);
}

void cli_ask_free(struct cli_ask *ask) { buf_free(&ask->args); }

void cli_told_free(struct cli_told *told) {
    buf_free(&told->rows);
    buf_free(&told->rest);
}

/* A path to the socket that fits into sun_path, whatever the workspace's length. */
static bool address(const char *workspace, struct sockaddr_un *at, struct err *err) {
    *at = (struct sockaddr_un){.sun_family = AF_UNIX};
    int n = snprintf(at->sun_path, sizeof at->sun_path, "%s/data/sori.sock", workspace);
    if (n > 0 && (size_t)n < sizeof at->sun_path) return true;
    return err_set(err, "%s: the path is too long for a socket (at most %zu bytes)", workspace,
                   sizeof at->sun_path - sizeof "/data/sori.sock");
}

struct cli_core *cli_connect(const char *workspace, struct err *err) {
    struct sockaddr_un at;
    if (!address(workspace, &at, err)) return NULL;
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        err_set(err, "socket: %s", strerror(errno));
        return NULL;
    }
    if (connect(fd, (struct sockaddr *)&at, sizeof at) != 0) {
        if (errno == EACCES)
            err_set(err, "%s: not yours to open; run as the user that runs Sori", at.sun_path);
        else
            err_set(err, "Sori is not running in %s; start it: sori run -w %s", workspace,
                    workspace);
        close(fd);
        return NULL;
    }
    int size = 4 << 20;
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    struct cli_core *core = mem_get(sizeof *core);
    wire_open(&core->wire, fd);
    return core;
}

void cli_disconnect(struct cli_core *core) {
    if (!core) return;
    wire_close(&core->wire);
    free(core);
}

static void put_user(struct buf *b) {
    struct buf user = {0};
    cli_user(&user);
    rec_str(b, ASK_USER, buf_view(&user));
    buf_free(&user);
}

static bool lost(struct err *err) {
    return err_set(err,
                   "the core went away before it answered; it is started again by itself: look "
                   "at `sori status`, then ask again");
}

/* Sorts what one message told into rows and the rest; false where it cannot be read. */
static bool keep(struct sori_str payload, struct cli_told *told) {
    struct rec_field f;
    int got;
    while ((got = rec_next(&payload, &f)) == 1) {
        struct buf *to = f.tag == TELL_ROW ? &told->rows : &told->rest;
        if (f.type == REC_INT)
            rec_int(to, f.tag, f.i);
        else if (f.type == REC_STR)
            rec_str(to, f.tag, f.s);
        else
            rec_rec(to, f.tag, f.s);
    }
    return got == 0;
}

bool cli_tell(struct cli_core *core, const struct cli_ask *ask, struct cli_told *told,
              struct err *err) {
    struct buf payload = {0};
    rec_str(&payload, ASK_NAME, str_c(ask->name));
    buf_str(&payload, buf_view(&ask->args));
    put_user(&payload);
    rec_str_opt(&payload, ASK_BODY, ask->body);
    struct wire_head head = {.type = W_CALL, .method = M_QUERY, .call = ++core->calls};
    bool sent = wire_send(&core->wire, head, buf_view(&payload), -1);
    buf_free(&payload);
    if (!sent) return lost(err);
    for (;;) {
        struct wire_msg msg;
        int got = wire_recv(&core->wire, &msg);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return lost(err);
        if (msg.fd >= 0) close(msg.fd);
        if (!keep(msg.payload, told)) return err_set(err, "the core's answer cannot be read");
        if (msg.head.type != W_DONE) continue;
        told->code = (int)msg.head.status;
        return true;
    }
}

static void print_errors(const struct cli_told *told) {
    struct sori_str rest = buf_view(&told->rest);
    struct rec_field f;
    while (rec_next(&rest, &f) == 1)
        if (f.tag == TELL_ERROR && f.type == REC_STR) cli_fail(0, "%.*s", STR(f.s));
}

int cli_query(const char *workspace, struct cli_ask *ask, struct cli_told *told) {
    struct err err;
    struct cli_core *core = cli_connect(workspace, &err);
    if (!core) return cli_fail(CLI_NO_CORE, "%s", err.text);
    bool answered = cli_tell(core, ask, told, &err);
    cli_disconnect(core);
    if (!answered) return cli_fail(CLI_NO_CORE, "%s", err.text);
    print_errors(told);
    cli_take_zone(rec_get_str(buf_view(&told->rest), TELL_ZONE));
    return told->code;
}

struct sori_str cli_zone(const struct cli_told *told) {
    const char *taken = getenv("TZ");
    struct sori_str zone = rec_get_str(buf_view(&told->rest), TELL_ZONE);
    return taken && str_is(zone, taken) ? zone : (struct sori_str){0};
}

void cli_put_zone(struct buf *b, const struct cli_told *told) {
    struct buf line = {0};
    buf_printf(&line, "times are those of %.*s\n", STR(cli_zone(told)));
    if (cli_zone(told).len) cli_paint(b, cli_is_color(stdout), CLI_DIM, buf_view(&line));
    buf_free(&line);
}

void cli_ask_zone(const char *workspace) {
    struct err err;
    struct cli_ask ask = {.name = "status"};
    struct cli_told told = {.code = 0};
    struct cli_core *core = cli_connect(workspace, &err);
    if (core && cli_tell(core, &ask, &told, &err))
        cli_take_zone(rec_get_str(buf_view(&told.rest), TELL_ZONE));
    cli_disconnect(core);
    cli_told_free(&told);
    cli_ask_free(&ask);
}

json_t *cli_next_row(struct sori_str *at) {
    struct rec_field f;
    while (rec_next(at, &f) == 1) {
        if (f.tag != TELL_ROW || f.type != REC_STR) continue;
        json_t *row = json_loadb(f.s.ptr, f.s.len, JSON_ALLOW_NUL, NULL);
        if (row) return row;
    }
    return NULL;
}

struct sori_str cli_text(const json_t *object, const char *name) {
    const json_t *value = json_object_get(object, name);
    if (!json_is_string(value)) return (struct sori_str){0};
    return (struct sori_str){json_string_value(value), json_string_length(value)};
}

int64_t cli_int(const json_t *object, const char *name, int64_t fallback) {
    const json_t *value = json_object_get(object, name);
    return json_is_integer(value) ? (int64_t)json_integer_value(value) : fallback;
}

void cli_print_rows(const struct cli_told *told) {
    struct sori_str at = buf_view(&told->rows);
    struct rec_field f;
    while (rec_next(&at, &f) == 1)
        if (f.tag == TELL_ROW && f.type == REC_STR) printf("%.*s\n", STR(f.s));
}

static void print_done(const struct cli_told *told, bool json) {
    struct sori_str rest = buf_view(&told->rest);
    struct sori_str text = rec_get_str(rest, TELL_TEXT), object = rec_get_str(rest, TELL_JSON);
    if (!json) {
        if (text.len > 0) printf("%.*s\n", STR(text));
        return;
    }
    if (object.len > 0) {
        printf("%.*s\n", STR(object));
        return;
    }
    json_t *made =
        json_pack("{s:b, s:s%}", "ok", told->code == 0, "text", text.ptr ? text.ptr : "", text.len);
    if (!made) return;
    json_dumpf(made, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(made);
}

int cli_command(const char *workspace, struct cli_ask *ask, bool json) {
    struct cli_told told = {.code = 0};
    int code = cli_query(workspace, ask, &told);
    print_done(&told, json);
    cli_ask_free(ask);
    cli_told_free(&told);
    return code;
}

struct sori_str cli_blob(const struct cli_told *told, const char *kind, int64_t number) {
    char name[64];
    snprintf(name, sizeof name, "%s/%lld", kind, (long long)number);
    struct sori_str at = buf_view(&told->rest);
    struct rec_field f;
    while (rec_next(&at, &f) == 1)
        if (f.tag == TELL_BLOB && f.type == REC_REC && str_is(rec_get_str(f.s, 1), name))
            return rec_get_str(f.s, 2);
    return (struct sori_str){0};
}
