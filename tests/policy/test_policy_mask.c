/* uses: sori_lua sori_base */
/* Persons taken out of texts: what people really write, in Korean and English. */
#include "base/utf8.h"
#include "lua/mask/mask.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

struct pair {
    const char *text, *masked;
};

static void check(struct mask *m, const char *text, const char *masked) {
    struct buf out = {0};
    mask_text(m, str_c(text), &out);
    if (strcmp(out.data ? out.data : "", masked) != 0)
        fail_msg("\n  text   %s\n  masked %s\n  wanted %s", text, out.data ? out.data : "", masked);
    buf_free(&out);
}

static void each(const struct pair *pairs, size_t n) {
    for (size_t i = 0; i < n; i++) {
        struct mask *m = mask_new(0);
        check(m, pairs[i].text, pairs[i].masked);
        mask_free(m);
    }
}
#define EACH(pairs) each(pairs, sizeof pairs / sizeof *pairs)

static void phones(void **state) {
    (void)state;
    static const struct pair pairs[] = {
        {"제 번호는 010-1234-5678 입니다", "제 번호는 010-0000-0001 입니다"},
        {"01087654321로 연락주세요", "01000000001로 연락주세요"},
        {"010 9876 5432 로 전화 부탁", "010 0000 0001 로 전화 부탁"},
        {"010.2222.3333", "010.0000.0001"},
        {"+82-10-3333-4444", "+82-10-0000-0001"},
        {"+82 10 3333 4444 please", "+82 10 0000 0001 please"},
        {"(02) 555-7890 매장", "(02) 000-0001 매장"},
        {"031-777-1234로 걸었는데", "031-000-0001로 걸었는데"},
        {"070-4444-5555", "070-0000-0001"},
        {"고객센터 1588-1234는 안 받네요", "고객센터 1588-0001는 안 받네요"},
        {"０１０-１２３４-５６７８", "010-0000-0001"},
        {"공일공 일이삼사 오육칠팔 문자요, 공일공-일이삼사-오육칠팔",
         "010-0000-0001 문자요, 010-0000-0001"},
        {"call +1 415 555 2671", "call +1 400 000 0001"},
    };
    EACH(pairs);
}

static void numbers(void **state) {
    (void)state;
    static const struct pair pairs[] = {
        {"주민번호 900101-1234567 맞죠?", "주민번호 000000-0000001 맞죠?"},
        {"8812312345678", "0000000000001"},
        {"카드 1234-5678-9012-3456 결제", "카드 0000-0000-0000-0001 결제"},
        {"1234 5678 9012 3456", "0000 0000 0000 0001"},
        {"국민 123456-04-123456 으로 환불", "국민 000000-00-000001 으로 환불"},
        {"계좌 110-234-567890", "계좌 000-000-000001"},
        {"카카오뱅크 3333-01-2345678 김하늘", "카카오뱅크 0000-00-0000001 김하늘"},
        {"주문번호 20261122-0031 확인 부탁드려요", "주문번호 20260000-0001 확인 부탁드려요"},
        {"20261122-0031 이거요", "20260000-0001 이거요"},
        {"주문번호는 48213 이에요", "주문번호는 00001 이에요"},
        {"order #99871 never came", "order #00001 never came"},
        {"송장 612345678901 조회가 안 돼요", "송장 000000000001 조회가 안 돼요"},
        {"GX-2026112233 재고 있나요", "GX-0000000001 재고 있나요"},
        {"AB12345678", "AB00000001"},
    };
    EACH(pairs);
}

/* What is nobody's stays. */
static void harmless(void **state) {
    (void)state;
    static const char *const texts[] = {
        "2026-11-22에 주문했어요",
        "2026. 11. 22. 오후 3시 30분",
        "30,000원이 1,234,567원으로",
        "24시간 안에",
        "RTX4090보다 SM-G998N이 낫죠",
        "바로 2개 주문했어요",
        "카드로 30000원 결제",
        "새로 3번 왔어요",
        "정말로 15일 걸렸어요",
        "우리 동네 친구가 추천했어요",
        "앞으로 10년은 쓸 듯",
        "고객님 사장님 선생님",
        "하늘이 맑네요",
        "이메일 주소를 몰라요",
        "빨리 처리 부탁드립니다",
        "300000000원짜리",
        "그대로 3층에 두세요",
        "1.5L 2개, 99.9% 살균",
        "문자로 50번 보냈어요",
        "이벤트님 당첨",
        "I waited 12 days, 3 calls",
        "Top 10 Ways To Save",
        "평점 4.5/5.0",
        "같이 주문한 씨앗들도 잘 자라요",
        "함부로 씨부리지 마세요",
        "소름 장난아님",
        "삼위일체로 3류 영화",
        "표현대로 대치동 1타강사 느낌",
        "이분도 님처럼",
        "0.0000000003초만에 뒤집힐",
        "거짓말해 놓구 찍소리 못하면",
        "우리나이로 30이면",
        "해명한 인터뷰 기사도",
        "이름 기억나시는지요",
        "뒤편 유료주차장에",
        "강남구 대리점",
        "부산시 진입로 정체",
        "홍길순이란 이유로 2.2점",
        "주문 2025년 11월에 했어요",
        "주문 2025-11-22에 했어요",
        "주문 1000개 넣었어요",
        "2025/11/22 15:30",
        "2025-11-22 15:30:21",
        "신제품인데 소중한 고객님",
        "저는 임산부인데요",
        "저는 유학생입니다",
        "아저씨 솜씨 날씨 포도씨",
        "라인 좋아요 ID card",
        "20대 3000명 12월 25도 3000원",
        "30조 2000억",
        "3동 2호기",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct mask *m = mask_new(0);
        check(m, texts[i], texts[i]);
        mask_free(m);
    }
}

/* As people write who do not want to be found by a machine, or type in haste. */
static void phones_in_disguise(void **state) {
    (void)state;
    static const struct pair pairs[] = {
        {"tel010-1234-5678", "tel010-0000-0001"},
        {"1.01012345678 2.01098765432", "1.01000000001 2.01000000002"},
        {"010/1234/5678 010_1234_5678", "010/0000/0001 010_0000_0001"},
        {"010 - 1234 - 5678, 010~1234~5678", "010 - 0000 - 0001, 010~0000~0001"},
        {"010  1234  5678 010·1234·5678", "010  0000  0001 010·0000·0001"},
        {"010 1234 5678 24시간", "010 0000 0001 24시간"},
        {"010-1234-5678 2시 이후", "010-0000-0001 2시 이후"},
        {"010-일이삼사-오육칠팔, O1O-1234-5678", "010-0000-0001, 010-0000-0001"},
        {"0l0.1234.5678 0 1 0 9 8 7 6 5 4 3 2", "010-0000-0001 010-0000-0002"},
        {"연락처 1234-5678, 전화번호는 8765 4321이에요",
         "연락처 0000-0001, 전화번호는 0000 0002이에요"},
        {"연락처:12345678", "연락처:00000001"},
        {"핸드폰 뒷자리 5678", "핸드폰 뒷자리 0001"},
    };
    EACH(pairs);
}

static void numbers_in_disguise(void **state) {
    (void)state;
    static const struct pair pairs[] = {
        {"국민은행 123456 04 123456 김", "국민은행 000000 00 000001 김"},
        {"신한 110 123 456789", "신한 000 000 000001"},
        {"3782 822463 10005", "0000 000000 00001"},
        {"1234/5678/9012/3456", "0000/0000/0000/0001"},
        {"900101-1****** 900101 1234567", "000000-1****** 000000 0000002"},
        {"12가 3456, 123허4567", "00가 0001, 000허0002"},
        {"예약번호 K3F9A2, 쿠폰번호: ABCD-EFGH-1234", "예약번호 CODE-0001, 쿠폰번호: CODE-0002"},
        {"송장번호는 6123-4567-8901 CJ", "송장번호는 0000-0000-0001 CJ"},
        {"우편번호 06236", "우편번호 00001"},
        {"preorder 1234, order 1234", "preorder 1234, order 0001"},
    };
    EACH(pairs);
}

static void links_in_disguise(void **state) {
    (void)state;
    static const struct pair pairs[] = {
        {"ABC@NAVER.COM abc@mit.edu abc@firma.museum",
         "someone1@example.com someone2@example.com someone3@example.com"},
        {"abc＠naver.com, abc(골뱅이)naver.com", "someone1@example.com, someone2@example.com"},
        {"sky92골뱅이네이버닷컴 sky@네이버.컴", "someone1@example.com someone2@example.com"},
        {"abc[at]naver[dot]com 으로", "someone1@example.com 으로"},
        {"abc@naver 로, 홍길동@naver.com", "someone1@example.com 로, someone2@example.com"},
        {"＠skyblue 님", "@someone1 님"},
        {"카톡 abc1234 주세요, 카톡으로 연락", "카톡 @someone1 주세요, 카톡으로 연락"},
        {"아이디는 minsukim 입니다", "아이디는 @someone1 입니다"},
        {"카카오톡 ID: minsu92, 인스타 min.su", "카카오톡 ID: @someone1, 인스타 @someone2"},
    };
    EACH(pairs);
}

static void places_in_disguise(void **state) {
    (void)state;
    static const struct pair pairs[] = {
        {"101동 1203호로 배송", "가나시 다라구 마바로 1로 배송"},
        {"101동1203호", "가나시 다라구 마바로 1"},
        {"서울 강남구 테헤란로152", "가나시 다라구 마바로 1"},
        {"서울시강남구테헤란로152 로", "가나시 다라구 마바로 1 로"},
        {"대구 수성구 범어동 꿈에그린 105-1502", "가나시 다라구 마바로 1"},
    };
    EACH(pairs);
}

static void names_in_disguise(void **state) {
    (void)state;
    static const struct pair pairs[] = {
        {"저는 김민수인데요", "저는 홍길동인데요"},
        {"안녕하세요. 박서연입니다.", "안녕하세요. 홍길동입니다."},
        {"이서준입니다. 배송이 안 와요", "홍길동입니다. 배송이 안 와요"},
        {"민수씨와 허준 씨", "홍길동씨와 성춘향 씨"},
        {"남궁민수 님, 선우은숙씨가", "홍길동 님, 성춘향씨가"},
        {"김민수 고객인데요", "홍길동 고객인데요"},
        {"받는분 이수민, 주문자명: 최유나", "받는분 홍길동, 주문자명: 성춘향"},
        {"My name is minsu kim", "My name is Jane Roe"},
        {"I'm John Smith from Seoul", "I'm Jane Roe from Seoul"},
    };
    EACH(pairs);
}

/* Who is known is found however the name is written; a word that is a nickname too is not. */
static void known_names(void **state) {
    (void)state;
    static const struct {
        const char *name, *text, *masked;
    } rows[] = {
        {"김하늘", "김 하늘 입니다, 저는김하늘인데", "홍길동 입니다, 저는홍길동인데"},
        {"Minsu Kim", "minsu kim and MINSU KIM", "Jane Roe and Jane Roe"},
        {"Emily Stone", "Emily's parcel, EMILY. Mr. Stone will",
         "Jane Roe's parcel, Jane Roe. Mr. Jane Roe will"},
        {"Emily O'Brien", "O'Brien here", "Jane Roe here"},
        {"Will Stone", "it will stoned a Stonewall", "it will stoned a Stonewall"},
        {"coffee lover", "Coffee! I am a lover", "Coffee! I am a lover"},
        {"✨민수✨", "민수가 말했고 ✨민수✨입니다", "홍길동가 말했고 홍길동입니다"},
        {"나", "나는 오늘 나비를 나님이", "나는 오늘 나비를 홍길동님이"},
        {"이", "이 제품 이상해요", "이 제품 이상해요"},
        {"고객", "고객센터는 고객님께", "고객센터는 홍길동님께"},
        {"사랑", "사랑해요", "사랑해요"},
        {"It", "it is It", "it is someone1"},
        {"남궁민수", "민수입니다. 민수님 남궁민수가, 민수",
         "홍길동입니다. 홍길동님 홍길동가, 민수"},
        {"Mary-Jane O'Neil", "Mary said; Mary-Jane, Jane, O'Neil",
         "Jane Roe said; Jane Roe, Jane Roe, Jane Roe"},
        {"Stone, Emily", "Emily here, Stone", "Jane Roe here, Jane Roe"},
        {"김하늘 (Haneul Kim)", "저는김하늘인데 하늘이에요, Haneul Kim, Haneul",
         "저는홍길동인데 홍길동이에요, 홍길동, 홍길동"},
        {"커피 Lover", "커피 한 잔, a Lover. 커피 Lover입니다",
         "커피 한 잔, a Lover. 홍길동입니다"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct mask *m = mask_new(0);
        struct buf out = {0};
        mask_person(m, str_c(rows[i].name), &out);
        check(m, rows[i].text, rows[i].masked);
        mask_free(m);
        buf_free(&out);
    }
}

static void links(void **state) {
    (void)state;
    static const struct pair pairs[] = {
        {"minji.kim@naver.com 으로요", "someone1@example.com 으로요"},
        {"메일은 sky_92 골뱅이 gmail.com", "메일은 someone1@example.com"},
        {"https://blog.naver.com/skyblue/223 보세요", "https://example.com/1 보세요"},
        {"www.shop.co.kr/a?b=1, 그리고", "https://example.com/1, 그리고"},
        {"instagram.com/skyblue_92", "https://example.com/1"},
        {"@skyblue_92 님 @하늘이 @skyblue_92", "@someone1 님 @someone2 @someone1"},
        {"@lily뭐가 좋아요", "@someone1뭐가 좋아요"},
        {"(https://t.co/abc)", "(https://example.com/1)"},
    };
    EACH(pairs);
}

static void places(void **state) {
    (void)state;
    static const struct pair pairs[] = {
        {"서울시 강남구 테헤란로 152 101동 1203호로 보내 주세요",
         "가나시 다라구 마바로 1로 보내 주세요"},
        {"경기도 성남시 분당구 정자동 178-1 에서", "가나시 다라구 마바로 1 에서"},
        {"부산 해운대구 센텀중앙로 48, 래미안아파트 103동 502호", "가나시 다라구 마바로 1"},
        {"세종대로14길 22-3 2층이에요", "가나시 다라구 마바로 1이에요"},
        {"서울시 송파구 올림픽길로 32길 19-9 1층 이에요", "가나시 다라구 마바로 1 이에요"},
        {"서울 송파구 석촌동", "가나시 다라구 마바로 1"},
        {"역삼동 123-45번지", "가나시 다라구 마바로 1"},
        {"ship it to 12 Main Street please", "ship it to 가나시 다라구 마바로 1 please"},
        {"221B Baker Street, London", "가나시 다라구 마바로 1, London"},
    };
    EACH(pairs);
}

static void names(void **state) {
    (void)state;
    struct mask *m = mask_new(0);
    struct buf out = {0};
    mask_person(m, str_c("김하늘"), &out);
    mask_person(m, str_c("Emma Stone"), &out);
    mask_person(m, str_c("skyblue_92"), &out);
    assert_string_equal(out.data, "홍길동John Doesomeone3");
    check(m, "저 김하늘인데요, 하늘이에요!", "저 홍길동인데요, 홍길동이에요!");
    check(m, "하늘이 참 맑죠 skyblue_92 Emma Stone Emma",
          "하늘이 참 맑죠 someone3 John Doe John Doe");
    check(m, "박지훈 팀장님이 약속했어요. 박지훈 님!", "심청이 팀장님이 약속했어요. 심청이 님!");
    check(m, "제 이름은 최유나, 예금주 이수민", "제 이름은 이몽룡, 예금주 장보고");
    check(m, "이름: 박지훈", "이름: 심청이");
    check(m, "신동엽씨 신동엽씨도 최고", "전우치씨 전우치씨도 최고");
    assert_int_equal(mask_count(m, MASK_NAME), 7);
    buf_free(&out);
    mask_free(m);
}

static void same_and_kept(void **state) {
    (void)state;
    struct mask *m = mask_new(0);
    check(m, "010-1111-2222 아니면 01011112222, 집은 010-3333-4444",
          "010-0000-0001 아니면 01000000001, 집은 010-0000-0002");
    assert_int_equal(mask_count(m, MASK_PHONE), 2);
    check(m, "다시: 010-3333-4444", "다시: 010-0000-0002");
    mask_free(m);
    m = mask_new(1u << MASK_ORDER);
    check(m, "20261122-0031, 010-1111-2222", "20261122-0031, 010-0000-0001");
    mask_free(m);
    for (int i = 0; i < MASK_KINDS; i++)
        assert_int_equal(mask_of(str_c(mask_word((enum mask_kind)i))), i);
    assert_int_equal(mask_of(str_c("nothing")), -1);
}

/* Any bytes at all end, and what was a text stays one. */
static void any_bytes(void **state) {
    (void)state;
    static const char *const bits[] = {"010",  "-",        "1234", "김", "하늘", "로",     "동",
                                       "\xea", "\xff",     "@",    ".",  "com",  " ",      "시 ",
                                       "구 ",  "20261122", "+82",  "(",  "０",   "이름은 "};
    uint64_t seed = 7;
    for (int round = 0; round < 20000; round++) {
        struct buf text = {0}, once = {0};
        for (int i = 0; i < 12; i++) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            buf_puts(&text, bits[(seed >> 33) % (sizeof bits / sizeof *bits)]);
        }
        struct mask *m = mask_new(0);
        mask_text(m, buf_view(&text), &once);
        assert_int_equal(utf8_valid(buf_view(&text)), utf8_valid(buf_view(&once)));
        mask_free(m);
        buf_free(&text), buf_free(&once);
    }
    struct buf large = {0}, out = {0};
    for (int i = 0; i < 8000; i++) buf_puts(&large, "010-1");
    struct mask *m = mask_new(0);
    mask_text(m, buf_view(&large), &out);
    assert_true(out.len >= large.len / 2);
    mask_free(m);
    buf_free(&large), buf_free(&out);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(phones),
                                       cmocka_unit_test(numbers),
                                       cmocka_unit_test(harmless),
                                       cmocka_unit_test(links),
                                       cmocka_unit_test(places),
                                       cmocka_unit_test(names),
                                       cmocka_unit_test(same_and_kept),
                                       cmocka_unit_test(any_bytes),
                                       cmocka_unit_test(phones_in_disguise),
                                       cmocka_unit_test(numbers_in_disguise),
                                       cmocka_unit_test(links_in_disguise),
                                       cmocka_unit_test(places_in_disguise),
                                       cmocka_unit_test(names_in_disguise),
                                       cmocka_unit_test(known_names)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
