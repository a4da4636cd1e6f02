-- T7 and T8: heard, and not answered; and whom they must not take.

local watch = sori.policy "watch"
local span = require("settings").clock

watch:case "T7 an opponent rants" {
  given  = { relationship = "anti", tone = "negative", text = "이 회사는 늘 이런 식" },
  expect = { rule = "T7 an opponent without a new case", silent = true, assign = false, hold = false,
             direction = "monitor" },
}

watch:case "T7 an opponent asks the room" {
  given  = { relationship = "anti", tone = "neutral", text = "여기 아직도 사는 사람 있나요?" },
  expect = { rule = "T7 an opponent without a new case", silent = true },
}

watch:case "T7 an opponent with a new, valid case reaches T10" {
  given  = { relationship = "anti", tone = "negative", lang = "ko", author = "차도현",
             text = "주문한 의자가 부러져서 왔습니다" },
  expect = { rule = "T10 an opponent with a real case", reply = "fixing", approve = true,
             assign = "support", clock = span.answer },
}

watch:case "T7 an opponent whose case is open is not let stand" {
  given  = { relationship = "anti", tone = "negative", case = "open", text = "벌써 사흘째네요" },
  expect = { rule = "T10 a case is open", silent = true },
}

watch:case "T7 a page made to run others down" {
  given  = { kind = "trackback", tone = "negative", url = "https://anti-ongyeol.example/77",
             text = "이 가게에 가지 말아야 할 이유" },
  expect = { rule = "T7 a hostile address", silent = true, alert = "anti-ongyeol" },
}

watch:case "T7 the name of such a page" {
  given  = { kind = "mention", tone = "negative", text = "온결안티카페로 모이세요" },
  expect = { rule = "T7 a hostile place", silent = true, alert = true },
}

watch:case "T8 a joke" {
  given  = { kind = "mention", tone = "negative", text = "우리 집 고양이가 소파 주문함. 농담이에요" },
  expect = { rule = "T8 a joke", silent = true, follow_up = span.look_again, direction = "monitor" },
}

watch:case "T8 an influencer jokes" {
  given  = { tone = "negative", influencer = true, reach = 300000, lang = "ko",
             text = "이 담요 때문에 회사를 못 감. 농담인 거 아시죠" },
  expect = { rule = "T8 a joke", silent = true, alert = false, assign = false, follow_up = span.look_again,
             tag = { "watch", "reach" } },
}

watch:case "T8 a rant without a point" {
  given  = { tone = "negative", text = "이 쓰레기 같은 회사 망해라" },
  expect = { rule = "T8 a rant", silent = true, follow_up = span.look_again },
}

watch:case "T8 a rant in English" {
  given  = { kind = "mention", tone = "negative", lang = "en", text = "Go to hell, all of you" },
  expect = { rule = "T8 a rant", silent = true },
}

watch:case "T8 a second rant while we watch" {
  given  = { tone = "negative", case = "pending", watched = 1, text = "진짜 양아치들" },
  expect = { rule = "T8 a rant", silent = true, follow_up = span.look_again, pause_clock = true },
}

watch:case "T8 a rant of somebody who is asked something is their answer" {
  given  = { tone = "negative", case = "pending", watched = 0, text = "진짜 양아치들" },
  expect = { rule = "T10 a case is open" },
}

watch:case "T8 a rant with a real problem reaches T10" {
  given  = { tone = "negative", relationship = "consumer", lang = "ko",
             text = "씨발 환불 언제 해줄 건데" },
  expect = { rule = "T10 refund can be put right", reply = "fixing" },
}

watch:case "T8 a rant of somebody who waits is no rant" {
  given  = { tone = "negative", case = "open", text = "진짜 지랄맞게 느리네" },
  expect = { rule = "T10 a case is open" },
}
