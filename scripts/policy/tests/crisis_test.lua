-- T4: while a crisis goes on, nothing about it leaves by itself.

local crisis = sori.policy "crisis"

local held = { reply = "holding", approve = true, assign = "lead", tag = "crisis", alert = true,
               direction = "hold_for_approval" }
local function expect(rule, more)
  local all = { rule = rule }
  for key, value in pairs(held) do all[key] = value end
  for key, value in pairs(more or {}) do all[key] = value end
  return all
end

crisis:case "T4 an issue is open on the topic" {
  given  = { crisis = true, tone = "negative", relationship = "consumer", lang = "ko", author = "이수민",
             text = "배송이 또 늦네요" },
  expect = expect("T4 an issue is open", { says = "이수민님" }),
}

crisis:case "T4 praise waits as well" {
  given  = { crisis = true, tone = "positive", relationship = "loyal", lang = "ko", text = "그래도 응원합니다" },
  expect = expect("T4 an issue is open", { like = false }),
}

crisis:case "T4 no issue, no crisis" {
  given  = { crisis = false, tone = "negative", relationship = "consumer", lang = "ko",
             text = "배송이 안 왔어요" },
  expect = { rule = "T10 delivery can be put right", approve = false, reply = "fixing" },
}

crisis:case "T4 a topic boils over" {
  given  = { tone = "negative", relationship = "consumer", lang = "ko", text = "배송이 또 안 왔어요",
             windows = { ["topic.delivery"] = { hour = 9, usual = 2 } } },
  expect = expect("T4 a topic boils over"),
}

crisis:case "T4 one more word of somebody who waits" {
  given  = { tone = "negative", case = "open", text = "배송 언제 되냐고요",
             windows = { ["topic.delivery"] = { hour = 9, usual = 2 } } },
  expect = { rule = "T4 one more word of somebody who waits", silent = true, tag = "crisis" },
}

crisis:case "T4 questions about it wait as well" {
  given  = { kind = "message", tone = "neutral", lang = "en", text = "Is there a delay in delivery?",
             windows = { ["topic.delivery"] = { hour = 5, usual = 0.4 } } },
  expect = expect("T4 a topic boils over"),
}

crisis:case "T4 many, and no more than on any Monday" {
  given  = { tone = "negative", relationship = "consumer", lang = "ko", text = "배송이 안 왔어요",
             windows = { ["topic.delivery"] = { hour = 9, usual = 4 } } },
  expect = { rule = "T10 delivery can be put right", approve = false },
}

crisis:case "T4 three times nothing is nothing" {
  given  = { tone = "negative", relationship = "consumer", lang = "ko", text = "배송이 안 왔어요",
             windows = { ["topic.delivery"] = { hour = 3, usual = 0 } } },
  expect = { rule = "T10 delivery can be put right" },
}

crisis:case "T4 another topic goes on as usual" {
  given  = { tone = "positive", lang = "ko", text = "조명이 너무 예뻐요",
             windows = { ["topic.delivery"] = { hour = 40, usual = 1 } } },
  expect = { rule = "P3 a good word", approve = false },
}

crisis:case "T4 safety comes before a crisis" {
  given  = { crisis = true, tone = "negative", text = "두드러기가 나서 응급실에 갔어요" },
  expect = { rule = "T3 life or health", silent = true },
}
