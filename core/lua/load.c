/* From the bytes of a bundle to a policy that decides, or to every error in it. */
#include "lua/check/check.h"
#include "base/hash.h"
#include "base/utf8.h"

#include <stdlib.h>

static bool read_files(struct policy *p, struct sori_str bundle) {
    struct sori_str rest = bundle;
    struct rec_field f;
    size_t n = 0;
    int more;
    while ((more = rec_next(&rest, &f)) == 1)
        if (f.tag == BUNDLE_FILE && f.type == REC_REC) n++;
    if (more < 0) return false;
    p->files = arena_get(&p->arena, (n + 1) * sizeof *p->files);
    for (rest = bundle; rec_next(&rest, &f) == 1;)
        if (f.tag == BUNDLE_FILE && f.type == REC_REC)
            p->files[p->file_count++] = (struct file){policy_text(p, rec_get_str(f.s, BUNDLE_PATH)),
                                                      rec_get_str(f.s, BUNDLE_BYTES), false};
    return true;
}

/* Whatever else is in it, a file is text: what is not is said before Lua says it in its own way. */
static void check_texts(const struct policy *p, struct buf *errors) {
    for (size_t i = 0; i < p->file_count; i++) {
        struct sori_str s = p->files[i].bytes;
        if (s.len && s.ptr[0] == '\033')
            buf_printf(errors,
                       "%s:1: is compiled; a policy is read as text: put the source in its place\n",
                       p->files[i].path);
        if (utf8_valid(s) || (s.len && s.ptr[0] == '\033')) continue;
        int line = 1;
        while (s.len) {
            const char *end = memchr(s.ptr, '\n', s.len);
            size_t n = end ? (size_t)(end - s.ptr) + 1 : s.len;
            if (!utf8_valid((struct sori_str){s.ptr, n})) break;
            s.ptr += n;
            s.len -= n;
            line++;
        }
        buf_printf(errors, "%s:%d: is not UTF-8; save the file as UTF-8\n", p->files[i].path, line);
    }
}

static void add_channel(struct policy *p, struct sori_str channel) {
    for (size_t i = 0; i < p->channel_count; i++)
        if (str_eq(p->channels[i], channel)) return;
    if (p->channel_count < sizeof p->channels / sizeof *p->channels)
        p->channels[p->channel_count++] = channel;
}

void env_read(struct policy *p, struct sori_str env) {
    struct rec_field f;
    while (rec_next(&env, &f) == 1) {
        if (f.tag == ENV_LABEL && f.type == REC_REC && p->label_count < ENV_LABELS_MAX)
            p->labels[p->label_count++] =
                (struct env_label){rec_get_str(f.s, 1), f.s, rec_get_str(f.s, 3)};
        if (f.tag == ENV_DEPARTMENT && f.type == REC_STR && p->department_count < 128)
            p->departments[p->department_count++] = f.s;
        if (f.tag == ENV_CALENDAR && f.type == REC_STR && p->calendar_count < 128)
            p->calendars[p->calendar_count++] = f.s;
        if (f.tag == ENV_LANG && f.type == REC_STR && p->lang_count < 16)
            p->langs[p->lang_count++] = f.s;
        if (f.tag == ENV_CHANNEL && f.type == REC_STR) add_channel(p, f.s);
        if (f.tag == ENV_OPEN && f.type == REC_INT) p->open = f.i;
        if (f.tag == ENV_KEPT && f.type == REC_INT) p->kept = f.i == 1;
    }
}

static bool find_file(void *ctx, const char *path, struct sori_str *source) {
    const struct policy *p = ctx;
    for (size_t i = 0; i < p->file_count; i++)
        if (strcmp(p->files[i].path, path) == 0) {
            p->files[i].read = true;
            *source = p->files[i].bytes;
            return true;
        }
    return false;
}

/* Compiles and runs one file of the bundle; its one result is on the stack. */
static bool run_file(struct policy *p, const char *path, struct buf *errors) {
    struct sori_str source;
    if (!find_file(p, path, &source)) return false;
    if (!sandbox_compile(p->box, path, source, errors)) return false;
    struct buf error = {0};
    bool ok = sandbox_call(p->box, 0, 1, &error);
    if (!ok) {
        /* An error value that is no text brings no place of its own. */
        const char *colon = strchr(error.data, ':');
        bool placed = colon && colon[1] >= '0' && colon[1] <= '9';
        bool spent = strstr(error.data, ": stopped: ") != NULL;
        buf_printf(errors, "%s%s%s%s\n", placed ? "" : path, placed ? "" : ":1: ", error.data,
                   spent ? "; all files of a bundle share this when they are loaded: write lists "
                           "out, and leave work to rules"
                         : "");
    }
    buf_free(&error);
    return ok;
}

static bool is_test(const char *path) {
    size_t n = strlen(path);
    return n > 9 && strcmp(path + n - 9, "_test.lua") == 0;
}

/* The line of init.lua on which this file is named for the n-th time; 1 where it is not found. */
static int listed_line(struct policy *p, struct sori_str name, unsigned n) {
    struct sori_str source;
    int line = 1;
    if (!find_file(p, "init.lua", &source)) return 1;
    for (size_t i = 0; i + name.len + 1 < source.len; i++) {
        char quote = source.ptr[i];
        line += quote == '\n';
        if ((quote == '"' || quote == '\'') && source.ptr[i + 1 + name.len] == quote &&
            memcmp(source.ptr + i + 1, name.ptr, name.len) == 0 && --n == 0)
            return line;
    }
    return 1;
}

/* Is entry `i` of the list on top of the stack there already? */
static bool is_listed_before(lua_State *L, lua_Integer i) {
    bool found = false;
    lua_rawgeti(L, -1, i);
    for (lua_Integer k = 1; k < i && !found; k++) {
        lua_rawgeti(L, -2, k);
        found = lua_rawequal(L, -1, -2);
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
    return found;
}

/* The list that init.lua returned is on top of the stack. */
static bool run_listed(struct policy *p, struct buf *errors) {
    lua_State *L = sandbox_lua(p->box);
    static const char expected[] =
        "init.lua:1: expected to return the list of rule files, return { \"rules/care\" }\n";
    if (lua_type(L, -1) != LUA_TTABLE) {
        buf_puts(errors, expected);
        return false;
    }
    lua_Integer n = (lua_Integer)lua_rawlen(L, -1);
    bool all = n > 0;
    if (n == 0) buf_puts(errors, expected);
    for (lua_Integer i = 1; i <= n; i++) {
        char path[200] = "";
        struct sori_str source;
        lua_rawgeti(L, -1, i);
        if (lua_type(L, -1) == LUA_TSTRING && lua_rawlen(L, -1) < 190)
            snprintf(path, sizeof path, "%s.lua", lua_tostring(L, -1));
        lua_pop(L, 1);
        if (!path[0]) {
            buf_puts(errors, expected);
            all = false;
            continue;
        }
        if (!find_file(p, path, &source)) {
            const char *names[128];
            size_t count = 0;
            for (size_t k = 0; k < p->file_count && count < 128; k++)
                names[count++] = p->files[k].path;
            const char *near = nearest_word(str_c(path), names, count);
            struct reader r = {p, "init.lua", 1, NULL, &p->arena, errors};
            if (in_parts(str_c(path), names, count))
                complain(&r, 1, "there is no %s in this bundle; " IN_PARTS, path);
            else if (near)
                complain(&r, 1, "there is no %s in this bundle; did you mean %s?", path, near);
            else
                complain(&r, 1, "there is no %s in this bundle; add it or take it off the list",
                         path);
            all = false;
            continue;
        }
        if (is_listed_before(L, i)) {
            struct sori_str name = {path, strlen(path) - 4};
            struct reader r = {p, "init.lua", 1, NULL, &p->arena, errors};
            complain(&r, listed_line(p, name, 2), "\"%.*s\" is in the list twice: keep one",
                     STR(name));
            all = false;
            continue;
        }
        bool ran = run_file(p, path, errors);
        if (ran) lua_pop(L, 1);
        all = all && ran;
    }
    return all;
}

static void run_tests(struct policy *p, struct buf *errors) {
    p->testing = true;
    for (size_t i = 0; i < p->file_count; i++)
        if (is_test(p->files[i].path) && run_file(p, p->files[i].path, errors))
            lua_pop(sandbox_lua(p->box), 1);
    p->testing = false;
    if (p->case_count == 0)
        buf_puts(&p->warnings, "this bundle has no tests; add tests/NAME_test.lua\n");
}

/* A new file that is missing in the list would be silent otherwise: nothing fails, nothing happens.
 */
static void warn_unread(struct policy *p) {
    for (size_t i = 0; i < p->file_count; i++) {
        const char *path = p->files[i].path;
        size_t n = strlen(path);
        if (p->files[i].read || n < 5 || strcmp(path + n - 4, ".lua") != 0) continue;
        buf_printf(&p->warnings, "%s:1: is read by nobody; ", path);
        if (strncmp(path, "rules/", 6) == 0)
            buf_printf(&p->warnings, "add \"%.*s\" to the list in init.lua\n", (int)n - 4, path);
        else
            buf_printf(&p->warnings, "list it in init.lua, or require \"%.*s\" where it is used\n",
                       (int)n - 4, path);
    }
}

/* All functions that a decision can reach, in one table: noted, then frozen. */
static int settle(lua_State *L) {
    struct policy *p = policy_of(L);
    lua_newtable(L);
    for (size_t i = 0; i < p->rule_count; i++) {
        if (p->rules[i].check != LUA_NOREF) {
            lua_rawgeti(L, LUA_REGISTRYINDEX, p->rules[i].check);
            lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
        }
        if (p->rules[i].act_function != LUA_NOREF) {
            lua_rawgeti(L, LUA_REGISTRYINDEX, p->rules[i].act_function);
            lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
        }
    }
    sandbox_watch_upvalues(L, -1);
    sandbox_freeze(L, -1);
    return 0;
}

static void load(struct policy *p, struct buf *errors) {
    lua_State *L = sandbox_lua(p->box);
    struct sori_str source;
    bool began = false;
    size_t before = errors->len;
    check_texts(p, errors);
    if (errors->len > before) return;
    sandbox_require(p->box, find_file, p);
    guide_open(p);
    bind_open(p);
    templates_read(p, errors);
    sandbox_begin(p->box, &sandbox_load_limits);
    if (!find_file(p, "init.lua", &source))
        buf_puts(errors, "init.lua:1: is missing; it returns the list of rule files, return { "
                         "\"rules/care\" }\n");
    else if ((began = run_file(p, "init.lua", errors))) {
        p->partial = !run_listed(p, errors);
        lua_pop(L, 1);
    }
    guide_settle(p, errors);
    rules_read(p, errors);
    templates_lint(p, errors);
    if (began) run_tests(p, errors); /* without rules and cells they would complain of these */
    if (began) warn_unread(p);
    struct buf error = {0};
    lua_pushcfunction(L, settle);
    /* A budget that is used up is told once, where that was. */
    if (!sandbox_call(p->box, 0, 0, &error) && !(errors->len && strstr(errors->data, error.data)))
        buf_printf(errors, "init.lua:1: %s\n", error.data);
    buf_free(&error);
    sandbox_require(p->box, NULL, NULL);
    sandbox_settle(p->box);
    index_build(p);
}

struct policy *policy_load(struct sori_str bundle, struct sori_str env, struct buf *errors) {
    return policy_load_lines(bundle, env, errors, NULL, NULL);
}

struct policy *policy_load_lines(struct sori_str bundle, struct sori_str env, struct buf *errors,
                                 sandbox_line *seen, void *ctx) {
    struct policy *p = mem_get(sizeof *p);
    size_t before = errors->len;
    buf_str(&p->bundle, bundle);
    buf_str(&p->env, env);
    hash_sha256_hex(bundle, p->digest);
    p->box = sandbox_new();
    sandbox_lines(p->box, seen, ctx);
    p->errors = errors;
    p->loading = true;
    env_read(p, buf_view(&p->env));
    if (read_files(p, buf_view(&p->bundle)))
        load(p, errors);
    else
        buf_puts(errors, "init.lua:1: the bundle is broken and cannot be read\n");
    p->loading = false;
    p->errors = NULL;
    if (errors->len == before) return p;
    policy_free(p);
    return NULL;
}

struct policy *policy_load_kept(struct sori_str bundle, struct sori_str env, struct buf *errors) {
    struct buf kept = {0};
    buf_str(&kept, env);
    rec_int(&kept, ENV_KEPT, 1);
    struct policy *p = policy_load(bundle, buf_view(&kept), errors);
    buf_free(&kept);
    return p;
}

void policy_free(struct policy *p) {
    if (!p) return;
    sandbox_free(p->box);
    guide_free(p);
    arena_free(&p->arena);
    arena_free(&p->scratch);
    free(p->book.folded);
    free(p->cases);
    struct buf *const bufs[] = {&p->bundle,  &p->env,  &p->warnings, &p->trace,
                                &p->intents, &p->text, &p->outcome};
    for (size_t i = 0; i < sizeof bufs / sizeof *bufs; i++) buf_free(bufs[i]);
    free(p);
}

void policy_warnings(const struct policy *p, struct buf *lines) {
    struct sori_str rest = buf_view(&p->warnings);
    while (rest.len) {
        size_t n = (size_t)((const char *)memchr(rest.ptr, '\n', rest.len) - rest.ptr) + 1;
        buf_puts(lines, "warning: ");
        buf_put(lines, rest.ptr, n);
        rest.ptr += n;
        rest.len -= n;
    }
}

void policy_watch(struct policy *p, policy_at *at, void *ctx) {
    p->at = at;
    p->at_ctx = ctx;
}
