#include "net/wipe.h"

#include <curl/curl.h>
#include <jansson.h>
#include <malloc.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

void wipe_free(void *p) {
    if (p) explicit_bzero(p, malloc_usable_size(p));
    free(p);
}

/* realloc would leave the old place as it was, where it moves. */
static void *grow(void *old, size_t size) {
    if (!old) return malloc(size);
    size_t had = malloc_usable_size(old);
    if (size && size <= had && size >= had / 2) return old;
    void *p = malloc(size ? size : 1);
    if (!p) return NULL;
    memcpy(p, old, size < had ? size : had);
    wipe_free(old);
    return p;
}

static void *ssl_get(size_t size, const char *file, int line) {
    (void)file, (void)line;
    return malloc(size);
}
static void *ssl_grow(void *old, size_t size, const char *file, int line) {
    (void)file, (void)line;
    if (size) return grow(old, size);
    wipe_free(old);
    return NULL;
}
static void ssl_free(void *p, const char *file, int line) {
    (void)file, (void)line;
    wipe_free(p);
}

bool wipe_begin(void) {
    json_set_alloc_funcs(malloc, wipe_free);
    /* Refused where something of OpenSSL's is allocated already: then it goes on as it is. */
    (void)CRYPTO_set_mem_functions(ssl_get, ssl_grow, ssl_free);
    return curl_global_init_mem(CURL_GLOBAL_DEFAULT, malloc, wipe_free, grow, strdup, calloc) ==
           CURLE_OK;
}
