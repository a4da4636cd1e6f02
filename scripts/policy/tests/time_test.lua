-- What our own clock says.

local time = sori.policy "time"
local span = require("settings").clock

time:case "the clock is about to run out" {
  given  = { on = "due_soon", case = "open", department = "support", waited = "45m", author = "정민",
             due = "2026-11-22T05:00:00Z" },
  expect = { rule = "due soon", silent = true, alert = "support: 정민 has waited 45 min" },
}

time:case "nobody answered" {
  given  = { on = "overdue", case = "open", department = "support", waited = "75m", author = "정민" },
  expect = { rule = "nobody answered", silent = true, assign = "lead", clock = span.late,
             alert = "support: 1 h 15 min without an answer to 정민" },
}

time:case "the clock of a closed case means nothing" {
  given  = { on = "overdue", case = "closed", department = "support" },
  expect = { rule = "nobody waits any more", silent = true, assign = false },
}

time:case "T8 the next day many people have heard the joke" {
  given  = { on = "follow_up", case = "open", reach = 50000, author = "보라", channel = "x" },
  expect = { rule = "T8 many people heard it", assign = "lead", alert = "보라 (x)" },
}

time:case "T8 the next day nobody cares" {
  given  = { on = "follow_up", case = "open", reach = 30, author = "민수" },
  expect = { rule = "we said that we would come back", assign = "support" },
}
