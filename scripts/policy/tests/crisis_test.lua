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

crisis:case "T4 safety comes before a crisis" {
  given  = { crisis = true, tone = "negative", text = "두드러기가 나서 응급실에 갔어요" },
  expect = { rule = "T3 life or health", silent = true },
}
