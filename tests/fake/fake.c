/* The server: one thread a connection, the site's functions under one lock. */
#include "fake/fake_inner.h"

#include <microhttpd.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#define CONTROL "/_fake/"

json_t *fake_world(struct fake *f) { return f->world; }
int fake_port(const struct fake *f) { return f->port; }
const char *fake_get(const struct fake *f, const char *setting) {
    return json_text(f->settings, setting);
}
int64_t fake_number(const struct fake *f, const char *setting) {
    return strtoll(fake_get(f, setting), NULL, 10);
}

void fake_set(struct fake *f, const char *setting, const char *value) {
    json_object_set_new(f->settings, setting, json_string(value));
    if (f->site->set) f->site->set(f, setting, value);
}

int64_t fake_now(void) {
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

uint64_t fake_random(struct fake *f) {
    uint64_t z = f->random += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

uint64_t fake_id(struct fake *f, const char *series, uint64_t from) {
    const json_t *last = json_object_get(f->series, series);
    uint64_t id = last ? (uint64_t)json_integer_value(last) + 1 + fake_random(f) % 7 : from;
    json_object_set_new(f->series, series, json_integer((json_int_t)id));
    return id;
}

void fake_say(struct fake *f, const char *format, ...) {
    va_list args;
    fprintf(stderr, "%s: ", f->site->name);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
}

/* ---- one request ---- */

struct visit {
    struct ask ask;
    struct buf body;
    char *method, *path;
    bool begun;
};

static enum MHD_Result gather(void *to, enum MHD_ValueKind kind, const char *name,
                              const char *value) {
    char lower[128];
    size_t n = 0;
    for (; name[n] && n < sizeof lower - 1; n++)
        lower[n] = kind == MHD_HEADER_KIND && name[n] >= 'A' && name[n] <= 'Z'
                       ? (char)(name[n] | 32)
                       : name[n];
    lower[n] = '\0';
    json_object_set_new(to, lower, json_bytes(value, value ? strlen(value) : 0));
    return MHD_YES;
}

static void read_body(struct visit *v) {
    struct ask *a = &v->ask;
    const char *type = ask_header(a, "content-type");
    buf_room(&v->body, 1);
    v->body.data[v->body.len] = '\0';
    a->body = v->body.data;
    a->body_len = v->body.len;
    bool json = type && strstr(type, "json");
    if (type && strstr(type, "x-www-form-urlencoded"))
        a->form = form_parse(a->body, a->body_len);
    else
        a->form = json_object();
    if (json) a->json = json_loadb(a->body, a->body_len, JSON_DECODE_ANY, NULL);
}

static json_t *note(struct fake *f, const struct ask *a) {
    json_t *row = json_pack("{s:I, s:I, s:s, s:s, s:O, s:O, s:o, s:i}", "n",
                            (json_int_t)json_array_size(f->requests), "at", (json_int_t)a->at,
                            "method", a->method, "path", a->path, "query", a->query, "headers",
                            a->headers, "body", json_bytes(a->body, a->body_len), "status", 0);
    json_array_append(f->requests, row);
    return row;
}

static void pause_for(struct fake *f, const json_t *fault, const char *name) {
    int64_t ms = json_integer_value(json_object_get(fault, name));
    struct timespec t = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    if (ms <= 0) return;
    pthread_mutex_unlock(&f->lock);
    nanosleep(&t, NULL);
    pthread_mutex_lock(&f->lock);
}

static void platform(struct fake *f, const struct ask *a, struct reply *r) {
    json_t *row = note(f, a), *fault = fault_take(f, a);
    if (fault) json_incref(fault);
    const char *cut = json_text(fault, "cut");
    pause_for(f, fault, "delay");
    if (strcmp(cut, "before") == 0)
        r->cut = true;
    else if (strcmp(cut, "after") == 0 || !fault || !fault_answer(f, fault, r))
        f->site->serve(f, a, r);
    pause_for(f, fault, "wait");
    if (*cut) r->cut = true;
    if (fault) json_object_set_new(row, "fault", json_true());
    json_object_set_new(row, "status", json_integer(r->cut ? 0 : r->status));
    json_decref(fault);
    json_decref(row);
}

static ssize_t stream_more(void *s, uint64_t at, char *out, size_t room) {
    (void)at;
    long n = stream_read(s, out, room);
    return n < 0 ? MHD_CONTENT_READER_END_OF_STREAM : (ssize_t)n;
}

static void stream_over(void *s) { stream_close(s); }

static void put_headers(struct MHD_Response *response, char *line) {
    while (line && *line) {
        char *end = line + strcspn(line, "\n"), *is = strchr(line, ':');
        char *next = *end ? end + 1 : end;
        *end = '\0';
        if (is && is < end) {
            *is++ = '\0';
            MHD_add_response_header(response, line, is + strspn(is, " "));
        }
        line = next;
    }
}

static enum MHD_Result answer(struct fake *f, struct MHD_Connection *c, struct reply *r) {
    struct MHD_Response *response;
    if (r->cut) return MHD_NO;
    if (*r->stream) {
        pthread_mutex_lock(&f->lock);
        struct stream *s = stream_open(f, r->stream, &r->body);
        pthread_mutex_unlock(&f->lock);
        response =
            MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 4096, stream_more, s, stream_over);
    } else {
        response = MHD_create_response_from_buffer(
            r->body.len, r->body.data ? r->body.data : (void *)"", MHD_RESPMEM_MUST_COPY);
    }
    if (r->type) MHD_add_response_header(response, "Content-Type", r->type);
    put_headers(response, r->headers.data);
    enum MHD_Result result = MHD_queue_response(c, (unsigned)r->status, response);
    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result serve(struct fake *f, struct MHD_Connection *c, struct visit *v) {
    struct reply r = {.status = 200, .type = "application/json; charset=UTF-8"};
    struct ask *a = &v->ask;
    a->at = fake_now();
    read_body(v);
    pthread_mutex_lock(&f->lock);
    if (strncmp(a->path, CONTROL, strlen(CONTROL)) == 0) {
        control_serve(f, a, &r);
    } else {
        r.status = 404;
        platform(f, a, &r);
    }
    pthread_mutex_unlock(&f->lock);
    enum MHD_Result result = answer(f, c, &r);
    buf_free(&r.body);
    buf_free(&r.headers);
    return result;
}

static enum MHD_Result handle(void *arg, struct MHD_Connection *c, const char *path,
                              const char *method, const char *version, const char *data,
                              size_t *len, void **state) {
    struct visit *v = *state;
    (void)version;
    if (!v) {
        *state = v = mem_get(sizeof *v);
        v->ask.query = json_object();
        v->ask.headers = json_object();
        v->ask.method = v->method = mem_text(str_c(method));
        v->ask.path = v->path = mem_text(str_c(path));
        MHD_get_connection_values(c, MHD_GET_ARGUMENT_KIND, gather, v->ask.query);
        MHD_get_connection_values(c, MHD_HEADER_KIND, gather, v->ask.headers);
        return MHD_YES;
    }
    if (*len) {
        buf_put(&v->body, data, *len);
        *len = 0;
        return MHD_YES;
    }
    return serve(arg, c, v);
}

static void over(void *arg, struct MHD_Connection *c, void **state,
                 enum MHD_RequestTerminationCode why) {
    struct visit *v = *state;
    (void)arg, (void)c, (void)why;
    if (!v) return;
    json_decref(v->ask.query);
    json_decref(v->ask.headers);
    json_decref(v->ask.form);
    json_decref(v->ask.json);
    buf_free(&v->body);
    free(v->method);
    free(v->path);
    free(v);
    *state = NULL;
}

/* ---- the program ---- */

static void usage(const struct fake_site *site) {
    fprintf(stderr, "usage: %s [--port N] [--seed N] [--SETTING VALUE]...\n", site->name);
    for (const struct fake_setting *s = site->settings; s && s->name; s++)
        fprintf(stderr, "  --%-14s %s (default: %s)\n", s->name, s->help, s->value);
    exit(2);
}

static void read_arguments(struct fake *f, int argc, char **argv) {
    for (const struct fake_setting *s = f->site->settings; s && s->name; s++)
        json_object_set_new(f->settings, s->name, json_string(s->value));
    for (int i = 1; i < argc; i += 2) {
        const char *name = argv[i];
        if (strncmp(name, "--", 2) != 0 || i + 1 == argc) usage(f->site);
        name += 2;
        if (strcmp(name, "port") == 0)
            f->port = atoi(argv[i + 1]);
        else if (strcmp(name, "seed") == 0)
            f->random = strtoull(argv[i + 1], NULL, 10);
        else if (json_object_get(f->settings, name))
            json_object_set_new(f->settings, name, json_string(argv[i + 1]));
        else
            usage(f->site);
    }
}

int fake_main(int argc, char **argv, const struct fake_site *site) {
    struct fake *f = mem_get(sizeof *f);
    f->site = site;
    pthread_mutex_init(&f->lock, NULL);
    pthread_cond_init(&f->news, NULL);
    f->settings = json_object();
    f->world = json_object();
    f->series = json_object();
    f->beats = json_object();
    f->requests = json_array();
    f->faults = json_array();
    f->deliveries = json_array();
    read_arguments(f, argc, argv);
    signal(SIGPIPE, SIG_IGN);
    prctl(PR_SET_PDEATHSIG, SIGTERM); /* a test that was killed leaves no server behind */
    struct sockaddr_in here = {.sin_family = AF_INET,
                               .sin_port = htons((uint16_t)f->port),
                               .sin_addr = {htonl(INADDR_LOOPBACK)}};
    struct MHD_Daemon *d = MHD_start_daemon(
        MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_THREAD_PER_CONNECTION | MHD_USE_POLL, 0, NULL,
        NULL, handle, f, MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&here,
        MHD_OPTION_NOTIFY_COMPLETED, over, NULL, MHD_OPTION_END);
    if (!d) {
        fprintf(stderr, "%s: cannot listen on 127.0.0.1:%d\n", site->name, f->port);
        return 1;
    }
    f->port = MHD_get_daemon_info(d, MHD_DAEMON_INFO_BIND_PORT)->port;
    pthread_mutex_lock(&f->lock);
    if (site->begin) site->begin(f);
    pthread_mutex_unlock(&f->lock);
    sending_begin(f);
    printf("%d\n", f->port);
    fflush(stdout);
    while (true) pause();
}
