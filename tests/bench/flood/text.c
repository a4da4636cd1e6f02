/* What people write to a shop, put together from pieces: openings, a product, what happened, how it
 * felt, what they want, and how they end. */
#include "flood.h"

#include <assert.h>
#include <string.h>

#define LIST(name, ...)                                                                            \
    static const char *const name[] = {__VA_ARGS__};                                               \
    enum { name##_n = sizeof name / sizeof name[0] }

LIST(ko_open, "안녕하세요", "사장님", "문의드려요", "어제 주문한 사람인데요", "단골입니다",
     "처음 사 봤는데요", "혹시요", "참다 참다 글 남겨요", "후기 남깁니다", "급해요",
     "지난주에 매장에서 샀는데", "선물로 샀는데요", "이웃 소개로 왔어요", "오늘 받았습니다",
     "두 번째 구매예요", "질문 있어요");
LIST(ko_thing, "온열 방석", "면 이불", "도자기 컵", "무선 주전자", "리넨 커튼", "원목 의자",
     "겨울 담요", "법랑 냄비", "탁상 조명", "메모리폼 베개", "욕실 매트", "대나무 도마",
     "향초 세트", "빨래 바구니", "아기 수건", "유리 밀폐 용기");
LIST(ko_good, "색이 사진이랑 똑같이 예뻐요", "정말 부드럽고 따뜻해요",
     "배송이 하루 만에 와서 놀랐어요", "포장이 꼼꼼해서 감동했습니다",
     "상담원분이 친절하게 알려 주셨어요", "가격보다 훨씬 고급스러워요", "가족들이 다 좋아하네요",
     "쓸수록 마음에 들어요", "다음에도 여기서 살게요", "친구한테도 추천했어요",
     "냄새도 없고 튼튼합니다", "덕분에 집이 환해졌어요", "최고예요 최고",
     "기대 이상이라 별 다섯 개 드려요", "손편지까지 넣어 주셔서 고마워요",
     "세탁해도 그대로라 만족합니다");
LIST(ko_bad, "받자마자 금이 가 있었어요", "열흘째 배송 준비 중이라고만 나오네요",
     "색이 완전히 달라서 실망했어요", "전화를 몇 번을 해도 안 받으시네요", "실밥이 다 터져 있어요",
     "환불해 준다더니 소식이 없어요", "냄새가 너무 심해서 못 쓰겠어요",
     "다른 상품이 왔는데 어떻게 된 거죠", "두 번째 고장이라 화가 납니다",
     "이 가격에 이 품질은 아니죠", "설명이랑 크기가 달라요", "답변도 없이 주문이 취소됐어요",
     "포장이 찢어져서 왔습니다", "일주일 만에 색이 빠졌어요", "다시는 안 살 것 같아요",
     "상담원이 불친절해서 기분이 상했어요");
LIST(ko_plain, "재입고는 언제쯤 되나요", "세탁기에 돌려도 되는지 궁금합니다",
     "사이즈가 두 가지인가요", "매장에서도 살 수 있나요", "배송지를 바꾸고 싶어요",
     "영수증은 어디서 받나요", "제주도도 배송이 되나요", "쿠폰이랑 같이 쓸 수 있나요",
     "색상은 몇 가지예요", "교환하려면 어떻게 해야 하죠", "주말에도 문을 여시나요",
     "선물 포장도 되나요", "건전지는 따로 사야 하나요", "언제 도착하는지 알려 주세요",
     "대량 주문도 받으시나요", "사용 설명서 파일이 있을까요");
LIST(ko_end, "확인 부탁드려요", "답변 기다릴게요", "감사합니다", "ㅠㅠ", "ㅎㅎ",
     "빨리 좀 해 주세요", "수고하세요", "연락 주세요", "부탁드립니다", "좋은 하루 보내세요",
     "ㅋㅋㅋ", "꼭이요", "고맙습니다", "참고하세요", "이만 줄일게요", "!!");

LIST(en_open, "Hi there", "Hello", "Quick question", "Long time customer here",
     "First order from you", "So", "Just unpacked it", "Update on my last message",
     "My sister told me about you", "Excuse me", "Honest review", "Second try", "Good morning",
     "Writing again", "Bought this last week", "To whoever reads this");
LIST(en_thing, "the heated cushion", "the cotton quilt", "the ceramic cup", "the cordless kettle",
     "the linen curtain", "the oak chair", "the winter blanket", "the enamel pot", "the desk lamp",
     "the foam pillow", "the bath mat", "the bamboo board", "the candle set", "the laundry basket",
     "the baby towel", "the glass boxes");
LIST(en_good, "looks exactly like the photo", "is so soft and warm", "came in a single day",
     "was packed with great care", "is worth every penny", "made my whole family happy",
     "gets better every week", "is the best I ever had", "came with a lovely note",
     "washes well and stays bright", "feels solid and has no smell", "saved my birthday present",
     "is beautiful, thank you", "was easy to set up", "is even nicer than I hoped",
     "makes the room brighter");
LIST(en_bad, "arrived with a crack in it", "has been on its way for ten days",
     "has a completely different colour", "fell apart after one wash",
     "smells so bad I cannot use it", "is not what I ordered", "broke for the second time",
     "is way too small", "came in a torn box", "lost its colour in a week",
     "was cancelled without a word", "makes a terrible noise", "never turned on",
     "is a waste of money", "made me call you five times", "ruined my weekend");
LIST(en_plain, "can go in the machine, right", "comes in which sizes", "is back in stock when",
     "can be picked up in the shop", "ships to Jeju as well", "needs batteries or not",
     "can be gift wrapped", "fits a small table", "works with 220 volts", "has a manual somewhere",
     "comes in blue too", "can be exchanged how", "arrives on which day", "can be ordered in bulk",
     "goes with the coupon", "is sold on weekends too");
LIST(en_end, "please let me know", "thanks", "waiting for an answer", "see you", "please hurry",
     "cheers", "any news?", "call me back", "thank you so much", "lol", "have a nice day",
     "this is urgent", "take care", "ok?", "bye", "!!");

static uint64_t draw(uint64_t *s) {
    uint64_t x = *s += 0x9E3779B97F4A7C15u;
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
    return x ^ (x >> 31);
}

struct writer {
    char *out;
    size_t bytes, chars;
};

static void put(struct writer *w, const char *word) {
    if (w->bytes > 0) {
        w->out[w->bytes++] = ' ';
        w->chars++;
    }
    for (; *word; word++) {
        w->out[w->bytes++] = *word;
        w->chars += ((unsigned char)*word & 0xC0) != 0x80;
    }
}

static size_t length(const char *word) {
    size_t n = 0;
    for (; *word; word++) n += ((unsigned char)*word & 0xC0) != 0x80;
    return n;
}

/* "0123-456789": people name their order. */
static void put_order(struct writer *w, uint64_t h, bool korean) {
    char word[48] = "주문번호 ";
    if (!korean) memcpy(word, "order no. ", 11);
    size_t n = strlen(word);
    for (int i = 0; i < 11; i++) {
        word[n++] = i == 4 ? '-' : (char)('0' + h % 10);
        h = h / 7 + 3;
    }
    word[n] = 0;
    put(w, word);
}

static_assert(ko_good_n == 16 && ko_bad_n == 16 && ko_plain_n == 16 && en_good_n == 16 &&
                  en_bad_n == 16 && en_plain_n == 16,
              "sixteen pieces each");

#define PICK(list) list[draw(&s) % list##_n]

size_t flood_text(uint64_t h, bool korean, char *out) {
    uint64_t s = h, mood = draw(&s) % 10, first = draw(&s), step = draw(&s) % 8 * 2 + 1;
    struct writer w = {.out = out};
    size_t wish = 62 + draw(&s) % 60;
    put(&w, korean ? PICK(ko_open) : PICK(en_open));
    if (draw(&s) % 9 == 0) put_order(&w, draw(&s), korean);
    put(&w, korean ? PICK(ko_thing) : PICK(en_thing));
    for (int round = 0; w.chars < wish && round < 12; round++) {
        /* An odd step through sixteen pieces: nobody says the same thing twice in one breath. */
        size_t at = (size_t)(first + (uint64_t)round * step) % 16;
        const char *next;
        if (mood < 3)
            next = korean ? ko_good[at] : en_good[at];
        else if (mood < 6)
            next = korean ? ko_bad[at] : en_bad[at];
        else
            next = korean ? ko_plain[at] : en_plain[at];
        if (w.chars + length(next) > 126) break;
        if (!korean && round > 0) put(&w, draw(&s) % 2 ? "and it" : "it also");
        put(&w, next);
    }
    const char *end = korean ? PICK(ko_end) : PICK(en_end);
    if (w.chars + length(end) < 140) put(&w, end);
    while (w.chars < 60) put(&w, korean ? PICK(ko_thing) : PICK(en_thing));
    out[w.bytes] = 0;
    return w.bytes;
}
