#include "net/oauth2.h"

#include "base/record.h"
#include "base/utf8.h"
#include "sori/plugin.h"
#include "supervise/messages.h"

enum { SHOWN = 400 };

static void put_encoded(struct buf *out, struct sori_str text) {
    static const char hex[] = "0123456789ABCDEF";
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
            (c && strchr("-._~", c))) {
            buf_putc(out, (char)c);
        } else {
            buf_putc(out, '%');
            buf_putc(out, hex[c >> 4]);
            buf_putc(out, hex[c & 15]);
        }
    }
}

static void put_header(struct buf *request, const char *name, struct sori_str value) {
    size_t mark = rec_begin(request, HTTP_HEADER);
    rec_str(request, PAIR_NAME, str_c(name));
    rec_str(request, PAIR_VALUE, value);
    rec_end(request, mark);
}

/* RFC 6749 §2.3.1: both halves are form-encoded before they become a Basic header. */
static void put_client(const struct token *t, struct buf *request) {
    struct buf id = {0}, plain = {0}, line = {0};
    struct secret s;
    buf_room(&plain, 3 * strlen(t->client_secret) + 1);
    put_encoded(&plain, str_c(t->client_secret));
    put_encoded(&id, str_c(t->client_id));
    if (secret_from(buf_view(&plain), &s)) {
        secret_basic(&s, buf_view(&id), &line);
        size_t head = strlen("Authorization: ");
        put_header(request, "Authorization", (struct sori_str){line.data + head, line.len - head});
        secret_wipe(&s);
    }
    secret_wipe_buf(&plain);
    secret_wipe_buf(&line);
    buf_free(&id);
}

/* `form` has what is asked for; how the client shows who it is is added: a confidential one by its
 * secret, a public one by its name. */
static void put_post(const struct token *t, const char *url, struct buf *form,
                     struct buf *request) {
    if (t->client_secret && *t->client_secret) {
        put_client(t, request);
    } else {
        buf_puts(form, "&client_id=");
        put_encoded(form, str_c(t->client_id));
    }
    rec_str(request, HTTP_METHOD, SORI_STR("POST"));
    rec_str(request, HTTP_URL, str_c(url));
    rec_int(request, HTTP_EFFECT, SORI_HTTP_WRITE);
    put_header(request, "Content-Type", SORI_STR("application/x-www-form-urlencoded"));
    rec_str(request, HTTP_BODY, buf_view(form));
    secret_wipe_buf(form);
}

void oauth2_refresh(const struct token *t, const char *url, struct buf *request) {
    struct buf form = {0};
    buf_room(&form, 3 * (strlen(t->refresh) + strlen(t->client_id)) + 256);
    buf_puts(&form, "grant_type=refresh_token&refresh_token=");
    put_encoded(&form, str_c(t->refresh));
    put_post(t, url, &form, request);
}

void oauth2_redeem(const struct token *t, const char *url, const struct oauth2_code *code,
                   struct buf *request) {
    struct buf form = {0};
    buf_room(&form,
             3 * (code->code.len + code->verifier.len + code->redirect.len + strlen(t->client_id)) +
                 256);
    buf_puts(&form, "grant_type=authorization_code&code=");
    put_encoded(&form, code->code);
    buf_puts(&form, "&redirect_uri=");
    put_encoded(&form, code->redirect);
    buf_puts(&form, "&code_verifier=");
    put_encoded(&form, code->verifier);
    put_post(t, url, &form, request);
}

void oauth2_exchange(const struct token *t, const char *url, struct buf *request) {
    struct buf full = {0};
    buf_room(&full, 3 * strlen(t->access) + strlen(url) + 64);
    buf_printf(&full, "%s%caccess_token=", url, strchr(url, '?') ? '&' : '?');
    put_encoded(&full, str_c(t->access));
    rec_str(request, HTTP_METHOD, SORI_STR("GET"));
    rec_str(request, HTTP_URL, buf_view(&full));
    secret_wipe_buf(&full);
}

/* ---- words ---- */

/* Blanks a value in `words`, as it is and as put_client spells it. */
static void blank(const struct token *t, struct sori_str value, struct buf *words) {
    struct buf id = {0}, coded = {0};
    struct secret s;
    if (!value.len || !words->len) return;
    struct sori_str client = str_c(t->client_id ? t->client_id : "");
    if (secret_from(value, &s)) {
        secret_hide(&s, client, words->data, words->len);
        secret_wipe(&s);
    }
    buf_room(&coded, 3 * value.len + 1);
    put_encoded(&coded, value);
    put_encoded(&id, client);
    if (secret_from(buf_view(&coded), &s)) {
        secret_hide(&s, buf_view(&id), words->data, words->len);
        secret_wipe(&s);
    }
    secret_wipe_buf(&coded);
    buf_free(&id);
}

static void blank_text(const struct token *t, const char *value, struct buf *words) {
    if (value) blank(t, str_c(value), words);
}

/* Blanked before it is cut: half a secret would not be known again. */
void oauth2_words(const struct token *t, const struct oauth2_code *code, const json_t *answer,
                  struct buf *out) {
    const json_t *e = json_object_get(answer, "error");
    const json_t *more = json_object_get(json_is_object(e) ? e : answer,
                                         json_is_object(e) ? "message" : "error_description");
    struct buf words = {0};
    if (json_is_string(e)) buf_puts(&words, json_string_value(e));
    if (json_is_string(more)) buf_printf(&words, ": %s", json_string_value(more));
    blank_text(t, t->access, &words);
    blank_text(t, t->refresh, &words);
    blank_text(t, t->client_secret, &words);
    if (code) {
        blank(t, code->code, &words);
        blank(t, code->verifier, &words);
    }
    utf8_put_plain(out, utf8_cut(buf_view(&words), SHOWN)); /* a terminal shows them */
    secret_wipe_buf(&words);
}
