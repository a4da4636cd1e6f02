-- Who speaks: the way from customer to regular, and the marks beside it.

local people = sori.policy "people"

people:case "a kind word counts" {
  given  = { tone = "positive", relationship = "consumer", text = "역시 좋아요" },
  expect = { notes = { "a kind word of a customer", "the first kind word of a week" }, relate = false },
}

people:case "the second one of a week is a word, and no week" {
  given  = { tone = "positive", relationship = "consumer", praises = 3, weeks = 2, this_week = 1,
             text = "또 샀어요!" },
  expect = { add = { "praises" }, relate = false },
}

people:case "eight in one week make nobody a regular" {
  given  = { tone = "positive", relationship = "consumer", praises = 20, weeks = 1, this_week = 1,
             text = "최고예요" },
  expect = { relate = false },
}

people:case "eight in six weeks do" {
  given  = { tone = "positive", relationship = "consumer", praises = 7, weeks = 6, this_week = 1,
             text = "늘 만족해요" },
  expect = { relate = "loyal", tag = "loyal now" },
}

people:case "a stranger's praise makes no customer of him" {
  given  = { tone = "positive", relationship = "neutral", praises = 20, weeks = 9, text = "좋네요" },
  expect = { relate = false },
}

people:case "many readers are marked" {
  given  = { tone = "neutral", reach = 12000, text = "매장 사진 올려요" },
  expect = { notes = { "many readers" }, tag = "reach" },
}

people:case "what was changed is marked" {
  given  = { on = "edited", tone = "negative", relationship = "consumer", text = "배송이 안 왔어요 (수정)" },
  expect = { notes = { "changed afterwards" }, rule = "T10 delivery can be put right" },
}
