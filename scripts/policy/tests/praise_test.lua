-- T6 and P1–P3, P5: who is thanked, how, and who only gets a like.

local praise = sori.policy "praise"
local span = require("settings").clock

praise:case "P3 praise" {
  given  = { tone = "positive", lang = "ko", author = "최유나", text = "포장이 정말 꼼꼼해서 감동했어요", id = 3 },
  expect = { rule = "P3 a good word", reply = "thanks", approve = false, like = true, add = "thanked",
             says = "최유나님", direction = "thank" },
}

praise:case "P3 praise in English" {
  given  = { kind = "mention", tone = "positive", lang = "en", author = "Noah",
             text = "Absolutely love the new lamp" },
  expect = { rule = "P3 a good word", reply = "thanks", lang = "en", says = "Noah" },
}

praise:case "P3 a name that is an advertisement is not said back" {
  given  = { tone = "positive", lang = "ko", author = "www.cheap-pills.example", text = "좋아요 짱" },
  expect = { rule = "P3 a good word", says = "고객님" },
}

praise:case "P3 praise with a link: the ? in it asks nothing" {
  given  = { tone = "positive", lang = "ko", text = "여기서 샀어요 https://shop.example.kr/p?id=7 최고예요" },
  expect = { rule = "P3 a good word", reply = "thanks" },
}

praise:case "P3 praise where nothing can be liked" {
  given  = { tone = "positive", lang = "ko", text = "최고예요", can_like = false },
  expect = { rule = "P3 a good word", reply = "thanks", like = false },
}

praise:case "P3 kind words in private" {
  given  = { kind = "message", tone = "positive", lang = "ko", text = "덕분에 집이 환해졌어요" },
  expect = { rule = "P3 a good word", reply = "thanks", says = "메시지까지" },
}

praise:case "P3 our story fits" {
  given  = { tone = "positive", lang = "ko", author = "한아라", text = "종이 포장이라 더 마음에 들어요" },
  expect = { rule = "P3 our story adds to it: packaging", reply = "story_packaging", approve = true,
             says = "https://", add = "told", direction = "share_success" },
}

praise:case "P3 nobody hears the story twice" {
  given  = { tone = "positive", lang = "ko", told = 1, text = "이번에도 종이 포장, 좋아요" },
  expect = { rule = "P3 a good word", reply = "thanks" },
}

praise:case "P1 a regular praises" {
  given  = { tone = "positive", relationship = "loyal", lang = "ko", author = "최유나", text = "역시 최고!" },
  expect = { rule = "P1 a regular praises", reply = "thanks", approve = false,
             tag = { "advocate", "asset" }, assign = false, direction = "thank" },
}

praise:case "P1 a regular, in a language that we do not have" {
  given  = { tone = "positive", relationship = "loyal", lang = "ja", author = "ゆき", text = "とても良いです" },
  expect = { rule = "P1 a regular praises", reply = "thanks", says = "ゆき" },
}

praise:case "P1 an influencer praises" {
  given  = { tone = "positive", influencer = true, reach = 120000, lang = "ko", text = "여기 제품 강추합니다" },
  expect = { rule = "P1 an influencer praises", reply = "thanks_influencer", approve = true,
             tag = { "advocate", "asset", "reach" }, assign = "marketing", clock = span.praise },
}

praise:case "P2 a share with words of praise" {
  given  = { kind = "share", share = "specific", tone = "positive", text = "여기 진짜 좋아요 다들 가보세요" },
  expect = { rule = "P2 thanks at the source", reply = "thanks", approve = true, like = true,
             tag = "advocate", assign = "marketing", clock = span.praise },
}

praise:case "P2 a trackback" {
  given  = { kind = "trackback", tone = "positive", lang = "ko", author = "빛나네집", text = "온결 조명 3년 사용기" },
  expect = { rule = "P2 thanks at the source", approve = true, says = "글로 남겨 주셔서" },
}

praise:case "P2 where we cannot answer, a like and a mark are enough" {
  given  = { kind = "share", share = "specific", tone = "positive", can_reply = false, text = "강추" },
  expect = { rule = "P2 praise that cannot be answered", reply = false, like = true, assign = false,
             tag = "advocate", direction = "like_only" },
}

praise:case "P5 praise again within a week" {
  given  = { tone = "positive", relationship = "loyal", thanked = 1, text = "역시 최고!" },
  expect = { rule = "P5 thanked lately", reply = false, like = true, direction = "like_only" },
}

praise:case "P5 an opponent praises" {
  given  = { tone = "positive", relationship = "anti", text = "아주 잘하는 짓이네요 최고" },
  expect = { rule = "P5 praise of an opponent", silent = true, direction = "let_stand" },
}

praise:case "P5 a kind word while an answer is owed ends nothing" {
  given  = { tone = "positive", case = "open", relationship = "consumer", text = "네 감사합니다 기다릴게요" },
  expect = { rule = "P5 we still owe an answer", reply = false, like = true, close = false },
}

-- What T6 refuses.
praise:case "T6 a false claim inside praise goes to T9" {
  given  = { tone = "positive", relationship = "consumer", lang = "ko", author = "문바다",
             text = "폐업한다니 너무 아쉬워요. 정말 좋아하던 가게였는데" },
  expect = { rule = "T9 not so: closing", reply = "fact_closing", like = false },
}

praise:case "T6 a question inside praise goes to T12" {
  given  = { tone = "positive", lang = "ko", text = "너무 예뻐요! 다른 색도 있나요?" },
  expect = { rule = "T12 a question", silent = true, assign = "support" },
}
