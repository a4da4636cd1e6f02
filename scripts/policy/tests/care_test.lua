-- kind × relationship × tone: who hears what, and who hears nothing.

local care = sori.policy "care"

care:case "a customer complains" {
  given  = { kind = "comment", tone = "negative", relationship = "consumer", lang = "ko", author = "이수민",
             text = "배송이 일주일째 안 와요. 너무하네요" },
  expect = { rule = "customer and unhappy", reply = "sorry", approve = false, assign = "support",
             clock = "60m", add = "sorries", tag = "delivery", notes = { "about a parcel" },
             lang = "ko", says = "이수민님" },
}

care:case "a stranger complains, in English" {
  given  = { kind = "mention", tone = "negative", lang = "en", author = "Noah", text = "Worst shop ever" },
  expect = { rule = "stranger and unhappy", reply = "sorry", approve = true, lang = "en", says = "Hello Noah" },
}

care:case "a regular complains" {
  given  = { tone = "negative", relationship = "loyal", lang = "ko", text = "이번엔 좀 실망이에요" },
  expect = { rule = "loyal and unhappy", reply = "sorry_loyal", approve = true, clock = "30m", says = "고객님" },
}

care:case "a third complaint gets a person, not a text" {
  given  = { tone = "negative", relationship = "consumer", sorries = 2, text = "또 이러네요" },
  expect = { rule = "unhappy again and again", silent = true, assign = "lead", hold = "third complaint" },
}

care:case "a complaint in private" {
  given  = { kind = "message", tone = "negative", relationship = "consumer", lang = "ko", text = "화면이 깨져서 왔어요" },
  expect = { rule = "unhappy in private", reply = "sorry_private", assign = "support" },
}

care:case "criticism on somebody's own blog" {
  given  = { kind = "trackback", tone = "negative", text = "이 가게에 실망한 이유 다섯 가지" },
  expect = { rule = "unhappy elsewhere", silent = true, hold = true, clock = "24h" },
}

care:case "praise" {
  given  = { tone = "positive", lang = "ko", author = "최유나", text = "포장이 정말 꼼꼼해서 감동했어요", id = 3 },
  expect = { rule = "thanks", reply = "thanks", like = true, add = "thanked", says = "최유나님" },
}

care:case "praise where nothing can be liked" {
  given  = { tone = "positive", lang = "ko", text = "최고예요", can_like = false },
  expect = { rule = "thanks", reply = "thanks", like = false },
}

care:case "praise again within a week" {
  given  = { tone = "positive", relationship = "loyal", thanked = 1, text = "역시 최고!" },
  expect = { rule = "thanked lately", reply = false, like = true },
}

care:case "praise by a regular, in a language that we do not have" {
  given  = { tone = "positive", relationship = "loyal", lang = "ja", author = "ゆき", text = "とても良いです" },
  expect = { rule = "thanks to a regular", reply = "thanks_loyal", says = "ゆき" },
}

care:case "praise by somebody with many readers" {
  given  = { tone = "positive", influencer = true, reach = 120000, lang = "ko", text = "여기 제품 강추합니다" },
  expect = { rule = "an influencer praises", reply = "thanks_influencer", approve = true, tag = { "influencer", "reach" } },
}

care:case "a complaint by somebody with many readers" {
  given  = { tone = "negative", influencer = true, relationship = "loyal", author = "보라", channel = "x", text = "실망입니다" },
  expect = { rule = "an unhappy influencer", silent = true, assign = "lead", clock = "30m", alert = "보라 (x)" },
}

care:case "an opponent rants" {
  given  = { relationship = "anti", tone = "negative", text = "이 회사는 늘 이런 식" },
  expect = { rule = "let an opponent stand", silent = true, assign = false, hold = false },
}

care:case "an opponent asks something" {
  given  = { relationship = "anti", tone = "negative", text = "그래서 리콜은 언제 하나요?" },
  expect = { rule = "an opponent asks", silent = true, hold = true, assign = "support" },
}

care:case "an opponent asks for the fourth time" {
  given  = { relationship = "anti", tone = "negative", arguments = 3, text = "왜 대답을 안 하나요?" },
  expect = { rule = "let an opponent stand", silent = true, hold = false },
}

care:case "an opponent with a valid fear is still a person" {
  given  = { relationship = "anti", tone = "negative", text = "전기장판에 감전됐다고요" },
  expect = { rule = "life or health", assign = "lead" },
}

care:case "the model is not sure" {
  given  = { tone = "unsure", text = "참 대단들 하시네요" },
  expect = { rule = "unsure", silent = true, hold = "tone is not clear", assign = "support" },
}

care:case "a question in public" {
  given  = { tone = "neutral", text = "이거 세탁기에 돌려도 되나요" },
  expect = { rule = "a question", silent = true, assign = "support", clock = "60m" },
}

care:case "a question in private" {
  given  = { kind = "message", tone = "neutral", lang = "en", author = "Emma", text = "How long does shipping take?" },
  expect = { rule = "a question in private", reply = "received", lang = "en", tag = "delivery" },
}

care:case "a refund, calmly" {
  given  = { tone = "neutral", lang = "ko", text = "환불이요" },
  expect = { rule = "money in a calm voice", reply = "received", tag = "refund" },
}

care:case "an order number" {
  given  = { kind = "message", tone = "neutral", lang = "ko", text = "주문번호 20261122-0031 확인 부탁드려요" },
  expect = { rule = "an order number in a message", reply = "received", tag = "order" },
}

care:case "a telephone number is no order" {
  given  = { kind = "message", tone = "neutral", lang = "ko", text = "제 번호는 010-1234-5678 입니다" },
  expect = { rule = "a message", reply = "received" },
}

care:case "small talk stands" {
  given  = { tone = "neutral", text = "오늘 날씨 좋네" },
  expect = { rule = "let it stand", silent = true, assign = false },
}

care:case "a shared praise" {
  given  = { kind = "share", share = "specific", tone = "positive", text = "여기 진짜 좋아요 다들 가보세요" },
  expect = { rule = "thanks for a share", silent = false, like = true, reply = false, tag = "advocate" },
}

care:case "the clock is about to run out" {
  given  = { on = "due_soon", case = "open", department = "support", waited = "45m", author = "정민", due = "2026-11-22T05:00:00Z" },
  expect = { rule = "due soon", silent = true, alert = "support: 정민 has waited 45 min" },
}

care:case "nobody answered" {
  given  = { on = "overdue", case = "open", department = "support", waited = "75m", author = "정민", tone = "negative" },
  expect = { rule = "nobody answered", silent = true, assign = "lead", clock = "30m",
             alert = "support: 1 h 15 min without an answer to 정민" },
}

care:case "the clock of a closed case means nothing" {
  given  = { on = "overdue", case = "closed", department = "support" },
  expect = { rule = false, status = "none" },
}

care:case "a removed comment is no reason to speak" {
  given  = { on = "removed", tone = "negative", text = "별로" },
  expect = { rule = false, status = "none", silent = true },
}

care:case "a channel with little room" {
  given  = { tone = "negative", relationship = "consumer", lang = "ko", text_max = 40, text = "별로예요" },
  expect = { rule = "customer and unhappy", reply = false, hold = "40 are allowed by the channel", assign = "support" },
}
