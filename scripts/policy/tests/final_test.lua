-- T13–T15 and P4: what is left is weighed.

local final = sori.policy "final"
local span = require("settings").clock

final:case "T13 the community may be faster" {
  given  = { channel = "forum", kind = "post", tone = "neutral", text = "조립 후기 올려요, 팁 환영" },
  expect = { rule = "T13 let the community answer", silent = true, follow_up = span.community, direction = "wait" },
}

final:case "T13 it answered" {
  given  = { on = "follow_up", channel = "forum", answers = 2, case = "open" },
  expect = { rule = "T13 the community answered", silent = true, close = true, direction = "let_stand" },
}

final:case "T13 it did not, and we do" {
  given  = { on = "follow_up", channel = "forum", answers = 0, case = "open" },
  expect = { rule = "we said that we would come back", assign = "support" },
}

final:case "T14 a message always gets an answer" {
  given  = { kind = "message", tone = "neutral", lang = "ko", text = "영수증 사진 보냅니다" },
  expect = { rule = "T14 somebody writes to us in private", reply = "received", assign = "support" },
}

final:case "T14 somebody wrote about us" {
  given  = { kind = "trackback", tone = "neutral", text = "가을 거실 정리" },
  expect = { rule = "T14 somebody wrote about us", silent = true, assign = "marketing", clock = span.praise,
             tag = "elsewhere" },
}

final:case "T14 an influencer says something" {
  given  = { kind = "mention", tone = "neutral", influencer = true, text = "온결 매장 지나가는 중" },
  expect = { rule = "T14 an influencer", silent = true, assign = "support" },
}

final:case "T14 many readers reach the floor" {
  given  = { kind = "mention", tone = "neutral", reach = 20000, text = "온결 매장 지나가는 중" },
  expect = { rule = "T14 worth an answer", silent = true, assign = "support", clock = span.answer },
}

final:case "T14 some readers alone do not" {
  given  = { kind = "mention", tone = "neutral", reach = 2000, text = "온결 매장 지나가는 중" },
  expect = { rule = "P4 a like will do", assign = false },
}

final:case "T14 some readers and a customer do" {
  given  = { kind = "mention", tone = "neutral", reach = 2000, relationship = "consumer",
             text = "온결 매장 지나가는 중" },
  expect = { rule = "T14 worth an answer" },
}

final:case "P4 a regular is worth a talk" {
  given  = { tone = "neutral", relationship = "loyal", lang = "ko", author = "도우진", text = "담요 개시했습니다" },
  expect = { rule = "P4 worth a talk", reply = "talk", approve = true, says = "도우진님", add = "invited",
             direction = "invite_talk" },
}

final:case "P4 once a month is enough" {
  given  = { tone = "neutral", relationship = "loyal", invited = 1, text = "오늘도 담요" },
  expect = { rule = "P4 a like will do", like = true, reply = false, direction = "like_only" },
}

final:case "P4 small talk gets a like" {
  given  = { tone = "neutral", text = "오늘 날씨 좋네" },
  expect = { rule = "P4 a like will do", like = true, reply = false, assign = false },
}

final:case "T15 what is left stands" {
  given  = { kind = "share", share = "specific", tone = "neutral", text = "퍼 갑니다" },
  expect = { rule = "T15 let it stand", silent = true, assign = false, direction = "let_stand" },
}

final:case "T15 a picture without words stands" {
  given  = { kind = "share", share = "specific" },
  expect = { rule = "T15 let it stand", silent = true },
}
