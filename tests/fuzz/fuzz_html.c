/* uses: trackback_code */
/* Pages of strangers: verification and discovery. */
#include "fuzz/fuzz.h"
#include "trackback/discover.h"
#include "trackback/verify.h"

const char *const fuzz_seeds[] = {
    "<!doctype html><title>t</title><base href=/x/><article class='h-entry'><a class='p-author "
    "h-card' href=/me>김</a><a class=u-in-reply-to rel=nofollow href='http://b.kr/p'>re</a><p "
    "class=e-content>안녕&amp;<br>x<time class=dt-published datetime=2026-01-01>",
    "<link rel='webmention pingback' href=x><!-- <rdf:RDF><rdf:Description dc:identifier=\"http://"
    "b.kr/p\" trackback:ping=\"http://b.kr/t\"/></rdf:RDF> --><a rel=trackback href><template>",
    "{\"a\":[\"http://b.kr/p\",{\"b\":\"\\ud83d\"}]}", NULL};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *const types[] = {"text/html", "application/json", "text/plain",
                                        "text/html; charset=euc-kr"};
    struct arena a = {0};
    struct sori_str body = {(const char *)data, size};
    struct sori_pair link = {SORI_STR("Link"), body};
    verify(&a, body, s_of(types[size % 4]), s_of("http://o.kr/1"), s_of("http://b.kr/p"));
    discover(&a, body, (struct sori_pairs){&link, 1}, s_of("http://b.kr/p"));
    arena_free(&a);
    return 0;
}
