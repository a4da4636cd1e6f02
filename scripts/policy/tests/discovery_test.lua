-- T0–T2. What the core knows by itself (delivered twice, likes, shares without words) never reaches
-- a policy; what it hands over to be sure of is here.

local discovery = sori.policy "discovery"

discovery:case "T0 our own words set nothing off" {
  given  = { origin = "us-by-hand", text = "소송 관련 문의는 법무팀으로 부탁드립니다" },
  expect = { rule = false, status = "none", silent = true },
}

discovery:case "T0 nor do those of a rule" {
  given  = { origin = "us-by-rule", tone = "negative", text = "불편을 드려 정말 죄송합니다" },
  expect = { rule = false, status = "none", silent = true },
}

discovery:case "T2 a removed complaint is no reason to speak" {
  given  = { on = "removed", case = "open", case_alone = true, text = "배송이 왜 이렇게 늦어요" },
  expect = { rule = "T2 taken away", silent = true, close = true },
}

discovery:case "T2 deleted after a draft was made" {
  given  = { on = "removed", case = "open", case_alone = true, department = "support", sorries = 1,
             text = "불량이 왔어요" },
  expect = { rule = "T2 taken away", silent = true, close = true, add = false },
}

discovery:case "T2 their other word still waits" {
  given  = { on = "removed", case = "open", case_alone = false, text = "별로예요" },
  expect = { rule = "T2 one word of several taken away", silent = true, close = false },
}

discovery:case "T2 hidden by the platform, without a case" {
  given  = { on = "hidden", text = "별로예요" },
  expect = { rule = "T2 taken away, and nothing waits", silent = true, close = false,
             direction = "withdraw" },
}

discovery:case "T2 shown again" {
  given  = { on = "shown", text = "별로예요" },
  expect = { rule = "T2 shown again", silent = true, assign = false },
}
