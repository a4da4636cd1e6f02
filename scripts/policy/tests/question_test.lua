-- T12: who asks is answered by a person.

local question = sori.policy "question"
local span = require("settings").clock

question:case "T12 in public" {
  given  = { tone = "neutral", text = "이거 세탁기에 돌려도 되나요" },
  expect = { rule = "T12 a question", silent = true, assign = "support", clock = span.answer,
             direction = "answer" },
}

question:case "T12 in private" {
  given  = { kind = "message", tone = "neutral", lang = "en", author = "Emma",
             text = "How long does shipping take?" },
  expect = { rule = "T12 asked in private", reply = "received", lang = "en", says = "Hello Emma" },
}

question:case "T12 what the lead has to answer" {
  given  = { tone = "neutral", text = "제 개인정보는 언제까지 보관되나요?" },
  expect = { rule = "T12 a question about privacy", assign = "lead", tag = "privacy" },
}

question:case "T12 while nobody is there" {
  given  = { tone = "neutral", hours_open = false, lang = "ko", author = "서지훈", text = "매장은 주말에도 여나요?" },
  expect = { rule = "T12 asked while we are closed", reply = "received_closed", assign = "support",
             says = "다음 상담 시간" },
}

question:case "T12 while somebody is" {
  given  = { tone = "neutral", hours_open = true, text = "매장은 주말에도 여나요?" },
  expect = { rule = "T12 a question", silent = true },
}

question:case "T12 on a page of the writer's own" {
  given  = { kind = "share", share = "specific", tone = "neutral", text = "이거 써 본 사람 있나요?" },
  expect = { rule = "T12 a question", silent = true, assign = "support" },
}
