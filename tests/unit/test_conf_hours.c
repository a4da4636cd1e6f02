/* uses: sori_conf sori_lua sori_base */
/* Hours, calendars and holidays of sori.lua: what they become, and what is said about bad ones. */
#include "conf/conf.h"

#include "almanac/almanac.h"
#include "base/calendar.h"
#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define W      "workspace { name = \"온결\", timezone = \"Asia/Seoul\" }\n"
#define DEP(x) W "department \"support\" { " x " }"

struct read {
    struct conf conf;
    struct buf errors;
    bool ok;
};

static struct read read_text(const char *text) {
    struct read r = {.ok = false};
    struct buf record = {0};
    r.ok = conf_read(str_c(text), "sori.lua", &record, &r.errors);
    if (r.ok) assert_true(conf_open(&record, &r.conf, NULL));
    buf_free(&record);
    return r;
}

static void done(struct read *r) {
    if (r->ok) conf_close(&r->conf);
    buf_free(&r->errors);
}

/* The calendar that a department keeps; its record lives as long as `r`. */
static struct calendar calendar_of(const struct read *r, const char *department) {
    struct calendar c;
    if (!r->ok) fail_msg("%s", r->errors.data);
    struct sori_str name = conf_calendar_of(&r->conf, str_c(department));
    for (size_t i = 0; i < r->conf.calendar_count; i++)
        if (str_eq(r->conf.calendars[i].name, name)) {
            assert_true(calendar_read(r->conf.calendars[i].record, &c));
            return c;
        }
    fail_msg("%s keeps no calendar", department);
    return (struct calendar){0};
}

static int64_t at(const char *rfc) {
    int64_t ms;
    assert_true(clock_parse_rfc3339(str_c(rfc), &ms));
    return ms;
}

static void one_message_each(void **state) {
    (void)state;
    static const char *const table[][2] = {
        {DEP("hours = \"mon-fri 09:00-25:00\""),
         "hours = \"mon-fri 09:00-25:00\": \"25:00\" is no time of day: expected 00:00 to 24:00, "
         "such as 09:30"},
        {DEP("hours = \"mon-fri 9:00-18:00\""), "\"9:00\" is no time of day"},
        {DEP("hours = \"mon 09:60-10:00\""), "\"09:60\" is no time of day"},
        {DEP("hours = \"mon 09:00-24:01\""), "\"24:01\" is no time of day"},
        {DEP("hours = \"mon 09:00-12:00 11:00-13:00\""),
         "mon 09:00-12:00 and mon 11:00-13:00 overlap: expected spans one after the other"},
        {DEP("hours = \"mon-fri 09:00-12:00; wed 11:00-13:00\""),
         "wed 09:00-12:00 and wed 11:00-13:00 overlap"},
        {DEP("hours = \"mon 22:00-06:00; tue 05:00-09:00\""),
         "mon 22:00-06:00 and tue 05:00-09:00 overlap"},
        {DEP("hours = \"sun 22:00-06:00; mon 05:00-09:00\""),
         "sun 22:00-06:00 and mon 05:00-09:00 overlap"},
        {DEP("hours = \"mon 09:00-09:00\""), "09:00-09:00 has no time in it"},
        {DEP("hours = \"mon 24:00-24:00\""), "24:00-24:00 has no time in it"},
        {DEP("hours = \"mon-fri\""), "days without a time"},
        {DEP("hours = \"mon-fry 09:00-18:00\""), "\"fry\" is no day: did you mean \"fri\"?"},
        {DEP("hours = \"mondays 09:00-18:00\""), "\"mondays\" is no day: expected mon, tue"},
        {DEP("hours = \"월-금 09:00-18:00\""), "is no day: expected mon, tue"},
        {DEP("hours = \"mon 09:00\""), "\"09:00\": expected a start and an end"},
        {DEP("hours = \"mon- 09:00-10:00\""), "expected days and times"},
        {DEP("hours = \"mon-fri 09:00-18:00;\""), "expected days and times"},
        {DEP("hours = \"\""), "expected days and times"},
        {DEP("hours = { }"), "hours = { … }: expected days and times"},
        {DEP("hours = \"mon 09:00-18:00\", holidays = \"kor\""),
         "holidays = \"kor\": expected \"kr\", dates such as \"2026-12-24\" or \"2026-12-24 "
         "09:00-12:00\", or \"none\" (did you mean \"kr\"?)"},
        {DEP("hours = \"mon 09:00-18:00\", holidays = { \"kr\", \"2026-02-30\" }"),
         "\"2026-02-30\" is no date: expected one such as \"2026-12-24\""},
        {DEP("hours = \"mon 09:00-18:00\", holidays = { \"2026-12-24 9-12\" }"),
         "\"9\" is no time of day"},
        {DEP("hours = \"mon 09:00-18:00\", holidays = { }"), "holidays = { … }: expected \"kr\""},
        {DEP("holidays = \"kr\""),
         "sori.lua:2: department \"support\": holidays without hours: expected hours = \"mon-fri "
         "09:00-18:00\" here or in the workspace"},
        {DEP("timezone = \"Asia/Seoul\""), "a time zone without hours"},
        {DEP("hours = \"mon 09:00-18:00\", timezone = \"Asia/Seuol\""),
         "timezone = \"Asia/Seuol\": there is no such time zone: did you mean \"Asia/Seoul\"?"},
        {DEP("hours = \"mon 09:00-18:00\", timezone = \"seoul\""), "did you mean \"Asia/Seoul\"?"},
        {DEP("hours = \"mon 09:00-18:00\", timezone = \"Moon/Mare_Tranquillitatis\""),
         "expected a time zone's name, such as \"Asia/Seoul\" or \"UTC\""},
        {DEP("hours = \"mon 09:00-18:00\", timezone = \"GMT+9\""), "timezone = \"GMT+9\": "},
        {DEP("calendar = \"shop\""),
         "sori.lua:2: department \"support\": calendar = \"shop\": there is no such calendar: "
         "write calendar \"shop\" {"},
        {W "calendar \"shop\" { hours = \"mon 09:00-18:00\" }\n"
           "department \"support\" {\n calendar = \"shp\" }",
         "sori.lua:4: department \"support\": calendar = \"shp\": there is no such calendar: did "
         "you mean \"shop\"?"},
        {W "calendar \"shop\" { hours = \"mon 09:00-18:00\" }\n"
           "department \"support\" { calendar = \"shop\", hours = \"tue 09:00-18:00\" }",
         "a calendar, and hours beside it: expected one of both"},
        {W "calendar \"shop\" { }",
         "sori.lua:2: calendar \"shop\": no hours: expected hours = \"mon-fri 09:00-18:00\""},
        {W "calendar \"a\" { hours = \"mon 09:00-18:00\" }\n"
           "department \"a\" { hours = \"tue 09:00-18:00\" }",
         "sori.lua:3: department \"a\" has hours of its own, and calendar \"a\" is a calendar too: "
         "give one another name"},
        {"workspace { name = \"a\", holidays = \"kr\" }", "workspace: holidays without hours"},
        {"workspace { name = \"a\", timezone = \"Asia/Soul\" }", "did you mean \"Asia/Seoul\"?"},
    };
    unsigned failed = 0;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct read r = read_text(table[i][0]);
        bool one = r.errors.data && strchr(r.errors.data, '\n') == r.errors.data + r.errors.len - 1;
        if (r.ok || !one || !strstr(r.errors.data, table[i][1]) ||
            strncmp(r.errors.data, "sori.lua:", 9) != 0) {
            print_error("%s\n  said: %s\n  not:  %s\n", table[i][0], r.errors.data, table[i][1]);
            failed++;
        }
        done(&r);
    }
    assert_int_equal(failed, 0);
}

/* What is left out is as the workspace has it; who says nothing keeps the workspace's. */
static void inherited(void **state) {
    (void)state;
    struct read r = read_text(
        "workspace { name = \"a\", timezone = \"Asia/Seoul\", hours = \"mon-fri 09:00-17:00\",\n"
        "            holidays = { \"kr\", \"2026-12-24 09:00-12:00\" } }\n"
        "department \"plain\" { }\n"
        "department \"late\" { hours = \"mon-fri 13:00-22:00\" }\n"
        "department \"ny\" { timezone = \"America/New_York\", holidays = \"none\" }\n"
        "department \"shop\" { calendar = \"night\" }\n"
        "calendar \"night\" { hours = \"mon-sun 22:00-06:00\", holidays = \"none\" }\n");
    struct calendar plain = calendar_of(&r, "plain"), late = calendar_of(&r, "late"),
                    ny = calendar_of(&r, "ny"), shop = calendar_of(&r, "shop"),
                    nobody = calendar_of(&r, "no such department");
    assert_true(str_is(plain.name, "workspace") && str_is(nobody.name, "workspace"));
    assert_true(str_is(late.name, "late") && str_is(ny.name, "ny") && str_is(shop.name, "night"));
    assert_true(str_is(late.zone, "Asia/Seoul") && str_is(ny.zone, "America/New_York"));
    assert_true(str_is(late.holidays, "kr, 2026-12-24 09:00-12:00") && !ny.holidays.len);
    /* 24 December: the date's own hours stand for the weekday's; Christmas is closed. */
    assert_true(calendar_open(&plain, at("2026-12-24T11:59:00+09:00")));
    assert_false(calendar_open(&plain, at("2026-12-24T12:00:00+09:00")));
    assert_false(calendar_open(&late, at("2026-12-25T14:00:00+09:00")));
    assert_true(str_is(calendar_day_name(&late, at("2026-12-25T14:00:00+09:00")), "성탄절"));
    assert_true(calendar_open(&ny, at("2026-12-25T09:00:00-05:00")));
    assert_false(calendar_open(&ny, at("2026-12-25T09:00:00+09:00")));
    assert_true(calendar_open(&shop, at("2026-12-25T05:59:00+09:00")));
    calendar_free(&plain);
    calendar_free(&late);
    calendar_free(&ny);
    calendar_free(&shop);
    calendar_free(&nobody);
    done(&r);
    r = read_text(DEP(""));
    assert_true(r.ok && r.conf.calendar_count == 0);
    assert_int_equal(conf_calendar_of(&r.conf, str_c("support")).len, 0);
    done(&r);
}

/* A date that a set has too is the organisation's own word: open on a holiday, with hours. */
static void a_date_stands_for_the_set(void **state) {
    (void)state;
    struct read r = read_text(DEP("hours = \"mon-fri 09:00-18:00\", "
                                  "holidays = { \"2026-09-25 10:00-12:00\", \"kr\" }"));
    struct calendar c = calendar_of(&r, "support");
    assert_false(calendar_open(&c, at("2026-09-24T10:00:00+09:00")));
    assert_true(calendar_open(&c, at("2026-09-25T10:00:00+09:00")));
    assert_false(calendar_open(&c, at("2026-09-25T12:00:00+09:00")));
    calendar_free(&c);
    done(&r);
}

/* ---- Korea ---- */

struct korea {
    struct buf days; /* "2026-02-16 설날 연휴\n" … */
};

static void put_day(void *ctx, int64_t day, struct sori_str name) {
    struct korea *k = ctx;
    struct buf t = {0};
    clock_rfc3339(&t, day * 86400000);
    buf_printf(&k->days, "%.10s %.*s\n", t.data, STR(name));
    buf_free(&t);
}

/* Days that are public knowledge: printed calendars and the decree. */
static void public_holidays_of_korea(void **state) {
    (void)state;
    struct korea k = {{0}};
    static const char *const years[] = {
        /* 2024: Seollal's Sunday, Children's Day on a Sunday */
        "2024-01-01 신정\n2024-02-09 설날 연휴\n2024-02-10 설날\n2024-02-11 설날 연휴\n"
        "2024-02-12 대체공휴일 (설날 연휴)\n2024-03-01 삼일절\n2024-04-10 국회의원선거일\n"
        "2024-05-05 어린이날\n2024-05-06 대체공휴일 (어린이날)\n2024-05-15 부처님오신날\n"
        "2024-06-06 현충일\n2024-08-15 광복절\n2024-09-16 추석 연휴\n2024-09-17 추석\n"
        "2024-09-18 추석 연휴\n2024-10-01 임시공휴일\n2024-10-03 개천절\n2024-10-09 한글날\n"
        "2024-12-25 성탄절\n2025",
        /* 2025: two holidays on one day, one substitute; Chuseok's Sunday */
        "2025-01-01 신정\n2025-01-27 임시공휴일\n2025-01-28 설날 연휴\n2025-01-29 설날\n"
        "2025-01-30 설날 연휴\n2025-03-01 삼일절\n2025-03-03 대체공휴일 (삼일절)\n"
        "2025-05-05 부처님오신날, 어린이날\n2025-05-06 대체공휴일 (부처님오신날)\n"
        "2025-06-03 대통령선거일\n2025-06-06 현충일\n2025-08-15 광복절\n2025-10-03 개천절\n"
        "2025-10-05 추석 연휴\n2025-10-06 추석\n2025-10-07 추석 연휴\n"
        "2025-10-08 대체공휴일 (추석 연휴)\n2025-10-09 한글날\n2025-12-25 성탄절\n2026",
        /* 2026: Labour Day and Constitution Day are new; Chuseok's Saturday has none */
        "2026-01-01 신정\n2026-02-16 설날 연휴\n2026-02-17 설날\n2026-02-18 설날 연휴\n"
        "2026-03-01 삼일절\n2026-03-02 대체공휴일 (삼일절)\n2026-05-01 노동절\n"
        "2026-05-05 어린이날\n2026-05-24 부처님오신날\n2026-05-25 대체공휴일 (부처님오신날)\n"
        "2026-06-03 지방선거일\n2026-06-06 현충일\n2026-07-17 제헌절\n2026-08-15 광복절\n"
        "2026-08-17 대체공휴일 (광복절)\n2026-09-24 추석 연휴\n2026-09-25 추석\n"
        "2026-09-26 추석 연휴\n2026-10-03 개천절\n2026-10-05 대체공휴일 (개천절)\n"
        "2026-10-09 한글날\n2026-12-25 성탄절\n2027",
        /* 2027: Seollal on a Sunday (a day later than in China), four substitutes on Mondays */
        "2027-01-01 신정\n2027-02-06 설날 연휴\n2027-02-07 설날\n2027-02-08 설날 연휴\n"
        "2027-02-09 대체공휴일 (설날)\n2027-03-01 삼일절\n2027-05-01 노동절\n"
        "2027-05-03 대체공휴일 (노동절)\n2027-05-05 어린이날\n2027-05-13 부처님오신날\n"
        "2027-06-06 현충일\n2027-07-17 제헌절\n2027-07-19 대체공휴일 (제헌절)\n"
        "2027-08-15 광복절\n2027-08-16 대체공휴일 (광복절)\n2027-09-14 추석 연휴\n"
        "2027-09-15 추석\n2027-09-16 추석 연휴\n2027-10-03 개천절\n"
        "2027-10-04 대체공휴일 (개천절)\n2027-10-09 한글날\n2027-10-11 대체공휴일 (한글날)\n"
        "2027-12-25 성탄절\n2027-12-27 대체공휴일 (성탄절)\n2028",
        /* 2028: Chuseok meets the Foundation Day */
        "2028-01-26 설날 연휴\n2028-01-27 설날\n2028-01-28 설날 연휴\n",
        "2028-05-02 부처님오신날\n",
        "2028-10-02 추석 연휴\n2028-10-03 추석, 개천절\n2028-10-04 추석 연휴\n"
        "2028-10-05 대체공휴일 (추석)\n2028-10-09 한글날\n",
        "2029-02-12 설날 연휴\n2029-02-13 설날\n2029-02-14 설날 연휴\n2029-03-01",
        "2029-05-20 부처님오신날\n2029-05-21 대체공휴일 (부처님오신날)\n",
        "2029-09-21 추석 연휴\n2029-09-22 추석\n2029-09-23 추석 연휴\n"
        "2029-09-24 대체공휴일 (추석 연휴)\n",
        "2030-02-02 설날 연휴\n2030-02-03 설날\n2030-02-04 설날 연휴\n"
        "2030-02-05 대체공휴일 (설날)\n",
        "2030-05-09 부처님오신날\n",
        "2030-09-11 추석 연휴\n2030-09-12 추석\n2030-09-13 추석 연휴\n2030-10-03",
        /* Before the law of 2021 the Liberation Day had none: that Monday was given by decree. */
        "2020-08-15 광복절\n2020-08-17 임시공휴일\n",
        "2021-06-06 현충일\n2021-08-15 광복절\n2021-08-16 대체공휴일 (광복절)\n",
        "2022-12-25 성탄절\n2023-01-01",
        "2023-05-27 부처님오신날\n2023-05-29 대체공휴일 (부처님오신날)\n",
        /* 2039: two days are lost on end, two follow */
        "2039-10-01 추석 연휴\n2039-10-02 추석\n2039-10-03 추석 연휴, 개천절\n"
        "2039-10-04 대체공휴일 (추석)\n2039-10-05 대체공휴일 (추석 연휴)\n",
    };
    assert_true(almanac_korea(put_day, &k));
    unsigned failed = 0;
    for (size_t i = 0; i < sizeof years / sizeof *years; i++)
        if (!strstr(k.days.data, years[i])) {
            const char *from = strstr(
                k.days.data, (char[8]){years[i][0], years[i][1], years[i][2], years[i][3], 0});
            print_error("not there:\n%s\nbut:\n%.1400s\n", years[i], from);
            failed++;
        }
    assert_int_equal(failed, 0);
    buf_free(&k.days);
}

/* ---- zones ---- */

static void offsets_of_zones(void **state) {
    (void)state;
    struct read r = read_text(
        "workspace { name = \"a\", timezone = \"America/New_York\", hours = \"mon 09:00-10:00\" }\n"
        "calendar \"seoul\" { hours = \"mon 09:00-10:00\", timezone = \"Asia/Seoul\" }\n"
        "department \"s\" { calendar = \"seoul\" }\n"
        "calendar \"kathmandu\" { hours = \"mon 09:00-10:00\", timezone = \"Asia/Kathmandu\" }\n"
        "department \"k\" { calendar = \"kathmandu\" }\n"
        "calendar \"london\" { hours = \"mon 09:00-10:00\", timezone = \"Europe/London\" }\n"
        "department \"l\" { calendar = \"london\" }\n");
    struct calendar ny = calendar_of(&r, ""), s = calendar_of(&r, "s"), k = calendar_of(&r, "k"),
                    l = calendar_of(&r, "l");
    static const int64_t h = 3600000;
    assert_int_equal(s.offset_count, 1);
    assert_int_equal(calendar_offset(&s, 0), 9 * h);
    assert_int_equal(calendar_offset(&k, 0), 5 * h + 45 * 60000);
    assert_int_equal(ny.offset_count, 1 + 2 * (ALMANAC_TO - ALMANAC_FROM));
    assert_int_equal(calendar_offset(&ny, at("2026-03-08T06:59:59Z")), -5 * h);
    assert_int_equal(calendar_offset(&ny, at("2026-03-08T07:00:00Z")), -4 * h);
    assert_int_equal(calendar_offset(&ny, at("2026-11-01T05:59:59Z")), -4 * h);
    assert_int_equal(calendar_offset(&ny, at("2026-11-01T06:00:00Z")), -5 * h);
    assert_int_equal(calendar_offset(&l, at("2026-03-29T00:59:59Z")), 0);
    assert_int_equal(calendar_offset(&l, at("2026-03-29T01:00:00Z")), h);
    assert_int_equal(calendar_offset(&l, at("2026-10-25T01:00:00Z")), 0);
    calendar_free(&ny);
    calendar_free(&s);
    calendar_free(&k);
    calendar_free(&l);
    done(&r);
}

/* The same words give the same bytes, and every cut of the record is refused or a calendar. */
static void the_record(void **state) {
    (void)state;
    static const char text[] = DEP("hours = \"mon-fri 09:00-12:00 13:00-18:00\", "
                                   "holidays = { \"kr\", \"2026-12-24 09:00-12:00\" }");
    struct read a = read_text(text), b = read_text(text);
    assert_true(a.ok && str_eq(buf_view(&a.conf.bytes), buf_view(&b.conf.bytes)));
    struct sori_str whole = a.conf.calendars[0].record;
    assert_true(whole.len < 24 * 1024);
    for (size_t n = 0; n < whole.len; n++) {
        struct calendar c;
        if (!calendar_read((struct sori_str){whole.ptr, n}, &c)) continue;
        assert_true(c.span_count > 0);
        calendar_free(&c);
    }
    done(&a);
    done(&b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_message_each),          cmocka_unit_test(inherited),
        cmocka_unit_test(a_date_stands_for_the_set), cmocka_unit_test(public_holidays_of_korea),
        cmocka_unit_test(offsets_of_zones),          cmocka_unit_test(the_record)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
