/* uses: sori_lua sori_base */
/* What strangers write, on its way into our words and our files: as Markdown, as a name, weighed,
 * and with the persons taken out. A name that is said never links or calls anybody; what was a text
 * stays one; what is masked once is masked. */
#include "base/utf8.h"
#include "fuzz/fuzz.h"
#include "lua/mask/mask.h"
#include "lua/reply/template.h"

#include <stdlib.h>
#include <string.h>

const char *const fuzz_seeds[] = {
    "민지 [공짜](http://evil.kr) @everyone #불매 win.example.com",
    "정말 **죄송합니다** [안내](https://a.kr/x_y) `code` {author} \\{x\\} <https://b.kr>",
    "010-1234-5678 공일공 일이삼사 오육칠팔 900101-1234567 tel010/1234/5678",
    "저는 김민수인데요 서울시 강남구 테헤란로152 101동 1203호 sky92골뱅이네이버닷컴",
    "예약번호 K3F9A2 12가 3456 카톡 abc1234 My name is minsu kim ABC@NAVER.COM",
    "HTTPS://Onkyeol.KR/반품?a=b (https://a.kr,https://b.kr) a.b.c.한국",
    NULL};

static void must(bool holds) {
    if (!holds) abort();
}

static bool has(struct sori_str s, const char *part) {
    return s.len && memmem(s.ptr, s.len, part, strlen(part));
}

static void name(struct sori_str s) {
    if (slot_misfit(SLOT_NAME, s)) return;
    must(utf8_valid(s) && s.len > 0);
    must(!has(s, "@") && !has(s, "＠") && !has(s, "://") && !has(s, "]("));
    must(!has(s, "a.com") && !has(s, "l.kr") && !has(s, "#불"));
    must(!memchr(s.ptr, '\n', s.len) && !memchr(s.ptr, '<', s.len));
}

static void masked(struct sori_str s) {
    struct buf once = {0}, twice = {0};
    struct mask *m = mask_new(0), *again = mask_new(0);
    mask_text(m, s, &once);
    mask_text(again, s, &twice);
    must(str_eq(buf_view(&once), buf_view(&twice)));
    must(utf8_valid(s) == utf8_valid(buf_view(&once)));
    mask_free(m);
    mask_free(again);
    buf_free(&once);
    buf_free(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct sori_str s = {(const char *)data, size};
    struct buf plain = {0};
    markdown_plain(s, &plain);
    must(plain.len <= 2 * size + 1);
    must(measure(SORI_STR("x"), s) >= 0 && measure(SORI_STR("blog"), s) <= (int64_t)size);
    name(s);
    masked(s);
    buf_free(&plain);
    return 0;
}
