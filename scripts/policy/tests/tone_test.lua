-- T5: where the model cannot tell, a person reads.

local tone = sori.policy "tone"
local span = require("settings").clock

tone:case "T5 irony that the model cannot read" {
  given  = { tone = "unsure", text = "참 대단들 하시네요" },
  expect = { rule = "T5 unclear", silent = true, hold = "tone is not clear", assign = "support",
             clock = span.answer, direction = "ask_human" },
}

tone:case "T5 sarcasm that looks like praise, with little confidence" {
  given  = { tone = "positive", tone_confidence = 0.55, relationship = "consumer", lang = "ko",
             text = "와 배송 진짜 빠르네요, 2주나 걸리고" },
  expect = { rule = "T5 hardly sure", silent = true, like = false, hold = true, assign = "support" },
}

tone:case "T5 the same words and a sure model" {
  given  = { tone = "positive", tone_confidence = 0.97, relationship = "consumer", lang = "ko",
             text = "와 배송 진짜 빠르네요" },
  expect = { rule = "P3 a good word", reply = "thanks", hold = false },
}

tone:case "T5 in private, somebody hears at least that it was received" {
  given  = { kind = "message", tone = "unsure", lang = "en", author = "Emma", text = "Well. It came." },
  expect = { rule = "T5 unclear, in private", reply = "received", hold = true, says = "Hello Emma" },
}

tone:case "T5 but not with each message that they add" {
  given  = { kind = "message", tone = "unsure", case = "open", text = "음…" },
  expect = { rule = "T5 unclear", silent = true },
}
