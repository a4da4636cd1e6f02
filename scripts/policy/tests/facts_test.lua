-- T9: what is not so is put right, with its source.

local facts = sori.policy "facts"
local span = require("settings").clock

facts:case "T9 a rumour" {
  given  = { tone = "neutral", lang = "ko", author = "지경민", text = "온결 이번 달에 문 닫는다면서요" },
  expect = { rule = "T9 not so: closing", reply = "fact_closing", says = "https://", assign = "support",
             clock = span.answer, direction = "correct_facts" },
}

facts:case "T9 in English" {
  given  = { kind = "mention", tone = "negative", lang = "en", author = "Ian",
             text = "So they are reselling returned chairs" },
  expect = { rule = "T9 not so: resold", reply = "fact_resold", lang = "en", says = "nothing that was returned" },
}

facts:case "T9 until somebody has confirmed it, a person lets it go" {
  given  = { tone = "neutral", lang = "ko", text = "여기 망했다며" },
  expect = { rule = "T9 not so: closing", approve = true },
}

facts:case "T9 before many readers a person looks" {
  given  = { tone = "negative", influencer = true, reach = 90000, lang = "ko", text = "여기 폐업한대요" },
  expect = { rule = "T9 not so: closing", approve = true },
}

facts:case "T9 on a page of the writer's own" {
  given  = { kind = "trackback", tone = "negative", text = "온결 폐업 이야기" },
  expect = { rule = "T9 not so, with care: closing", silent = true, hold = true },
}

facts:case "T9 said by an opponent whose case is open" {
  given  = { relationship = "anti", case = "open", tone = "negative", text = "곧 폐업한다니 환불 서두르세요" },
  expect = { rule = "T9 not so, with care: closing", silent = true, hold = true },
}

facts:case "T9 the other rumour, on a page of somebody's own" {
  given  = { kind = "share", share = "specific", tone = "neutral", text = "반품 들어온 걸 새것처럼 판다던데" },
  expect = { rule = "T9 not so, with care: resold", silent = true, hold = true },
}
