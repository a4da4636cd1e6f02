-- T11: sorry, once, and an offer to talk.

local unhappy = sori.policy "unhappy"
local span = require("settings").clock

unhappy:case "T11 a customer is disappointed" {
  given  = { tone = "negative", relationship = "consumer", lang = "ko", author = "오민석",
             text = "기대했는데 정말 실망입니다" },
  expect = { rule = "T11 unhappy", reply = "sorry", approve = false, assign = "support", clock = span.answer,
             add = "sorries", says = "오민석님", direction = "apologise" },
}

unhappy:case "T11 a stranger, in English" {
  given  = { kind = "mention", tone = "negative", lang = "en", author = "Leo", text = "Worst shop ever" },
  expect = { rule = "T11 unhappy", reply = "sorry", lang = "en", says = "Hello Leo" },
}

unhappy:case "T11 a regular" {
  given  = { tone = "negative", relationship = "loyal", lang = "ko", text = "이번엔 좀 실망이에요" },
  expect = { rule = "T11 unhappy", reply = "sorry", says = "늘 찾아 주시는 분께" },
}

unhappy:case "T11 in private" {
  given  = { kind = "message", tone = "negative", lang = "ko", text = "서운했어요" },
  expect = { rule = "T11 unhappy", reply = "sorry", says = "여기에 조금 더" },
}

unhappy:case "T11 the third time" {
  given  = { tone = "negative", relationship = "consumer", sorries = 2, text = "또 이러네요" },
  expect = { rule = "T11 unhappy again and again", silent = true, assign = "lead", hold = true },
}

unhappy:case "T11 many people read it" {
  given  = { tone = "negative", influencer = true, relationship = "loyal", author = "보라", channel = "x",
             text = "실망입니다" },
  expect = { rule = "T11 an unhappy influencer", silent = true, assign = "lead", clock = span.prominent,
             alert = "보라 (x)" },
}

unhappy:case "T11 on a page of the writer's own" {
  given  = { kind = "trackback", tone = "negative", text = "이 가게에 실망한 이유 다섯 가지" },
  expect = { rule = "T11 unhappy elsewhere", silent = true, hold = true, clock = span.praise },
}
