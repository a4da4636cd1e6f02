#include "cli/connection/allow.h"

#include "cli/connection/guide.h"
#include "cli/connection/pkce.h"
#include "cli/plugin/trial.h"
#include "sori/plugin.h"

#include <stdlib.h>
#include <string.h>

struct dialogue {
    const struct authorising *a;
    struct terminal *terminal;
    struct buf name, authorize, redirect, client_id;
    struct pkce pkce;
};

enum answer { ANSWER_CODE, ANSWER_NONE, ANSWER_STOP };

/* ---- the application ---- */

static bool plain_word(const struct buf *b) {
    for (size_t i = 0; i < b->len; i++)
        if ((unsigned char)b->data[i] <= 0x20 || b->data[i] == 0x7f) return false;
    return true;
}

static bool ask_word(struct terminal *t, const char *prompt, bool hidden, bool needed,
                     struct buf *word) {
    while (terminal_ask(t, prompt, hidden, word)) {
        if (plain_word(word) && (word->len || !needed)) return true;
        puts(word->len ? "  blanks cannot be in it" : "  this is needed");
    }
    return false;
}

static bool ask_redirect(struct dialogue *d) {
    struct sori_str usual = rec_get_str(d->a->slot, 8);
    struct buf prompt = {0};
    guide_say(SORI_STR("The redirect address (callback URI), exactly as it is registered with the "
                       "application. Nothing has to answer there."),
              2);
    buf_printf(&prompt, "  [%.*s] > ", STR(usual));
    bool told;
    while ((told = terminal_ask(d->terminal, prompt.data, false, &d->redirect))) {
        if (!d->redirect.len) buf_str(&d->redirect, usual);
        if (pkce_redirect(buf_view(&d->redirect))) break;
        puts("  an https or http address without blanks, ? and # was expected");
    }
    buf_free(&prompt);
    return told;
}

/* The slot's file names the client before it has a token; net adds that to it. */
static bool stage_client(struct dialogue *d, const char *secret, struct err *err) {
    struct sori_str id = buf_view(&d->client_id), redirect = buf_view(&d->redirect);
    json_t *file = json_object();
    json_object_set_new(file, "client_id", json_stringn(id.ptr, id.len));
    if (secret && *secret) json_object_set_new(file, "client_secret", json_string(secret));
    json_object_set_new(file, "redirect_uri", json_stringn(redirect.ptr, redirect.len));
    struct buf line = {0};
    size_t need = json_dumpb(file, NULL, 0, JSON_COMPACT);
    line.len = json_dumpb(file, buf_room(&line, need + 2), need, JSON_COMPACT);
    buf_putc(&line, '\n');
    json_decref(file);
    bool ok = connecting_stage(d->a->x, buf_view(&d->name), buf_view(&line), err);
    secret_forget(&line);
    return ok;
}

static bool know_client(struct dialogue *d, struct err *err) {
    const struct authorising *a = d->a;
    struct buf secret = {0};
    bool ok = true;
    if (a->client_id) {
        buf_puts(&d->client_id, a->client_id);
        buf_puts(&d->redirect, a->redirect);
        return stage_client(d, a->client_secret, err);
    }
    ok = ask_word(d->terminal, "  client_id > ", false, true, &d->client_id) &&
         ask_word(d->terminal, "  client_secret (not shown; empty: a public client has none) > ",
                  true, false, &secret) &&
         ask_redirect(d);
    if (!ok) err_set(err, "stopped");
    ok = ok && stage_client(d, secret.data, err);
    secret_forget(&secret);
    return ok;
}

/* ---- the page, and back ---- */

static void show_page(struct dialogue *d) {
    struct buf url = {0};
    struct pkce_ask ask = {buf_view(&d->authorize), buf_view(&d->client_id), buf_view(&d->redirect),
                           rec_get_str(d->a->slot, 7)};
    pkce_forget(&d->pkce);
    pkce_begin(&d->pkce);
    pkce_url(&d->pkce, &ask, &url);
    putchar('\n');
    guide_say(SORI_STR("Open this address in a browser that is signed in as the account that shall "
                       "answer, and allow the application:"),
              0);
    printf("\n%s\n\n", url.data); /* not broken into lines: it is copied */
    struct buf b = {0};
    buf_printf(&b,
               "The browser is then sent to %.*s?…, which need not load. Copy that whole address "
               "and paste it here at once: its code lives for seconds. An empty line gives it up.",
               STR(ask.redirect));
    guide_say(buf_view(&b), 0);
    buf_free(&b);
    buf_free(&url);
}

/* Asked again for an address that is none, and after a denial: the page can be opened again. */
static enum answer take_code(struct dialogue *d, struct buf *code) {
    struct buf pasted = {0};
    enum answer answer = ANSWER_STOP;
    while (terminal_ask(d->terminal, "  (not shown) > ", true, &pasted)) {
        struct err err;
        answer = pasted.len ? ANSWER_CODE : ANSWER_NONE;
        if (!pasted.len ||
            pkce_take(&d->pkce, buf_view(&d->redirect), buf_view(&pasted), code, &err))
            break;
        printf("  %s\n", err.text);
        answer = ANSWER_STOP;
    }
    secret_forget(&pasted);
    return answer;
}

/* ---- the token ---- */

static bool has_word(struct sori_str words, struct sori_str word) {
    while (words.len) {
        const char *end = memchr(words.ptr, ' ', words.len);
        size_t len = end ? (size_t)(end - words.ptr) : words.len;
        if (str_eq((struct sori_str){words.ptr, len}, word)) return true;
        words.ptr += len + (end != NULL);
        words.len -= len + (end != NULL);
    }
    return false;
}

/* What was asked for and not granted, by name: later it would be a refusal in the middle of work.
 */
static void tell_scopes(struct sori_str asked, struct sori_str granted) {
    struct buf lacks = {0};
    while (granted.len && asked.len) {
        const char *end = memchr(asked.ptr, ' ', asked.len);
        struct sori_str one = {asked.ptr, end ? (size_t)(end - asked.ptr) : asked.len};
        if (one.len && !has_word(granted, one)) buf_printf(&lacks, " %.*s", STR(one));
        asked.ptr += one.len + (end != NULL);
        asked.len -= one.len + (end != NULL);
    }
    if (lacks.len) printf("  the platform did not grant:%s\n", lacks.data);
    buf_free(&lacks);
}

static bool redeem(struct dialogue *d, struct trial *t, struct sori_str code, struct err *err) {
    struct buf request = {0};
    buf_room(&request, code.len + d->redirect.len + d->name.len + 512);
    rec_str(&request, GRANT_CONNECTION, str_c(d->a->x->name));
    rec_str(&request, GRANT_SLOT, buf_view(&d->name));
    rec_str(&request, GRANT_CODE, code);
    rec_str(&request, GRANT_VERIFIER, str_c(d->pkce.verifier));
    rec_str(&request, GRANT_REDIRECT, buf_view(&d->redirect));
    bool ok = trial_grant(t, &request, err);
    secret_forget(&request);
    struct sori_str result = buf_view(&t->result);
    if (ok && t->status != SORI_OK) ok = err_set(err, "%.*s", STR(rec_get_str(result, DONE_WHY)));
    if (ok) tell_scopes(rec_get_str(d->a->slot, 7), rec_get_str(result, GRANT_SCOPES));
    return ok;
}

/* Page after page until one leads to a token. */
static enum authorised converse(struct dialogue *d, struct trial *t) {
    static const char *const words[] = {"again", "give it up", NULL};
    for (;;) {
        struct buf code = {0};
        struct err err;
        show_page(d);
        enum answer answer = take_code(d, &code);
        bool done = answer == ANSWER_CODE && redeem(d, t, buf_view(&code), &err);
        secret_forget(&code);
        if (done) return AUTHORISED;
        if (answer == ANSWER_STOP) return AUTHORISE_STOPPED;
        if (answer == ANSWER_NONE) return AUTHORISE_LEFT_OUT;
        printf("  %s\n", err.text);
        int next = terminal_choose(d->terminal, words);
        if (next) return next < 0 ? AUTHORISE_STOPPED : AUTHORISE_LEFT_OUT;
    }
}

static bool open_trial(struct dialogue *d, struct trial *t, struct err *err) {
    return trial_load(t, d->a->x->so.data, err) && trial_record(t, d->a->record, d->a->part, err) &&
           (trial_resolve(t, rec_get_str(d->a->slot, 6), &d->authorize) ||
            err_set(err, "the option that says where this is done is empty"));
}

enum authorised authorise(const struct authorising *a) {
    struct dialogue d = {.a = a, .terminal = a->x->terminal};
    struct err err = {.text = ""};
    enum authorised end = AUTHORISE_LEFT_OUT;
    buf_str(&d.name, rec_get_str(a->slot, 1));
    if (know_client(&d, &err)) {
        struct trial t = {
            .name = a->x->name, .secrets = a->x->stage.data, .stop_fd = a->x->stop->signals};
        if (open_trial(&d, &t, &err)) end = converse(&d, &t);
        trial_close(&t);
    }
    if (terminal_is_stopped(a->x->stop))
        end = AUTHORISE_STOPPED;
    else if (end != AUTHORISED && err.text[0])
        printf("  %s\n", err.text);
    if (end == AUTHORISED)
        printf("  %s.%s: authorised; its token is kept, and was not shown\n", a->x->name,
               d.name.data);
    else
        connecting_drop(a->x, &a->x->secrets, buf_view(&d.name));
    pkce_forget(&d.pkce);
    buf_free(&d.name);
    buf_free(&d.authorize);
    buf_free(&d.redirect);
    buf_free(&d.client_id);
    return end;
}
