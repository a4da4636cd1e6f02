-- T10: what can be put right, and who gets more than a ready-made word.

local support = sori.policy "support"
local span = require("settings").clock

support:case "T10 a customer's parcel" {
  given  = { tone = "negative", relationship = "consumer", lang = "ko", author = "이수민",
             text = "배송이 일주일째 안 와요. 너무하네요" },
  expect = { rule = "T10 delivery can be put right", reply = "fixing", approve = false,
             assign = "support", clock = span.answer, add = "sorries", tag = "delivery", lang = "ko",
             says = "이수민님, 배송 문제로", direction = "support" },
}

support:case "T10 a refund, calmly" {
  given  = { tone = "neutral", lang = "ko", text = "환불이요" },
  expect = { rule = "T10 refund can be put right", reply = "fixing", says = "교환·환불 문제로", tag = "refund" },
}

support:case "T10 something broke, in English" {
  given  = { kind = "mention", tone = "negative", lang = "en", author = "Noah",
             text = "The lamp arrived broken" },
  expect = { rule = "T10 product can be put right", reply = "fixing", lang = "en", says = "Hello Noah",
             approve = false },
}

support:case "T10 nothing named but a wish" {
  given  = { tone = "neutral", lang = "ko", text = "문 앞에 두고 갔다는데 없어요. 확인 좀 해 주세요" },
  expect = { rule = "T10 something can be put right", reply = "fixing", says = "이번 일로", tag = "problem" },
}

support:case "T10 in private it stays in private" {
  given  = { kind = "message", tone = "negative", relationship = "consumer", lang = "ko",
             text = "화면이 깨져서 왔어요" },
  expect = { rule = "T10 product can be put right", reply = "fixing", says = "여기로 답장" },
}

support:case "T10 a regular hears it from a person's mouth" {
  given  = { tone = "negative", relationship = "loyal", lang = "ko", author = "정유나",
             text = "이번엔 조립 부품이 누락됐어요" },
  expect = { rule = "T10 product can be put right", reply = "fixing", says = "늘 믿고" },
}

support:case "T10 a second message while they wait" {
  given  = { kind = "message", tone = "negative", relationship = "consumer", case = "open",
             waited = "20m", text = "아직도 배송이 안 왔어요" },
  expect = { rule = "T10 a case is open", silent = true, clock = span.answer, add = false },
}

support:case "T10 after our answer the next word is a new one" {
  given  = { tone = "negative", relationship = "consumer", case = "answered", sorries = 1, lang = "ko",
             text = "보내 주신 것도 불량이네요" },
  expect = { rule = "T10 product can be put right", reply = "fixing" },
}

support:case "T10 the third complaint gets a person, not a text" {
  given  = { tone = "negative", relationship = "consumer", sorries = 2, text = "또 환불 요청합니다" },
  expect = { rule = "T10 again and again", silent = true, assign = "lead", hold = "third complaint" },
}

support:case "T10 many people read this complaint" {
  given  = { tone = "negative", influencer = true, reach = 80000, author = "보라", channel = "x",
             text = "배송이 안 왔어요" },
  expect = { rule = "T10 an influencer with a case", silent = true, assign = "lead", clock = span.prominent,
             alert = "보라 (x)" },
}

support:case "T10 two departments" {
  given  = { tone = "negative", relationship = "consumer", author = "강현우",
             text = "배송이 안 왔는데 송장에 제 개인정보가 다 보여요. 확인 부탁드립니다" },
  expect = { rule = "T10 two teams: privacy and delivery", silent = true, assign = "lead",
             tag = { "privacy", "delivery" }, hold = "two teams", alert = "support: lead answers 강현우" },
}

support:case "T10 two topics of one department are one case" {
  given  = { tone = "negative", relationship = "consumer", lang = "ko",
             text = "배송이 안 왔으니 환불해 주세요" },
  expect = { rule = "T10 delivery can be put right", reply = "fixing", assign = "support" },
}

support:case "T10 a complaint on a page of their own" {
  given  = { kind = "share", share = "specific", tone = "negative", text = "불량이 왔는데 교환도 안 해줌" },
  expect = { rule = "T10 in a place of their own", silent = true, hold = true, clock = span.praise },
}

support:case "T10 an order number" {
  given  = { kind = "message", tone = "neutral", lang = "ko", text = "주문번호 20261122-0031 입니다" },
  expect = { rule = "T10 an order number", reply = "received", tag = "order" },
}

support:case "T10 a telephone number is no order" {
  given  = { kind = "message", tone = "neutral", lang = "ko", text = "제 번호는 010-1234-5678 입니다" },
  expect = { rule = "T14 somebody writes to us in private", reply = "received" },
}

support:case "T10 an over-long answer on a short channel waits for a person" {
  given  = { tone = "negative", relationship = "consumer", lang = "ko", text_max = 40,
             text = "배송이 안 왔어요" },
  expect = { rule = "T10 delivery can be put right", checks = { "channel" }, approve = true,
             assign = "support" },
}

-- Every topic has its words, its name in the reply and its team.
local troubles = {
  delivery = "아직도 배송이 안 왔어요",
  refund   = "반품하고 싶습니다",
  billing  = "결제가 두 번 됐어요",
  product  = "다리가 부러져 있네요",
  service  = "상담원 연결이 안 돼요. 연락이 없네요",
  privacy  = "회원 탈퇴 처리가 안 됐네요. 확인 부탁드려요",
}
for id, text in pairs(troubles) do
  support:case("T10 the topic " .. id) {
    given  = { tone = "negative", relationship = "consumer", lang = "ko", author = "지우", text = text },
    expect = { rule = "T10 " .. id .. " can be put right", reply = "fixing", tag = id, approve = false,
               labels = { "intent.problem", "topic." .. id },
               assign = id == "privacy" and "lead" or "support" },
  }
  if id ~= "privacy" then
    support:case("T10 two departments: privacy and " .. id) {
      given  = { tone = "negative", lang = "ko", text = text .. ". 개인정보도 지워 주세요" },
      expect = { rule = "T10 two teams: privacy and " .. id, silent = true, assign = "lead",
                 alert = "support" },
    }
  end
end
