-- Time. A person who wrote to us must hear from us within the hour; these rules run when the clock
-- does, not when somebody speaks.

local own = sori.policy "own"

own:rule "due soon" {
  when = { on = "due_soon", case = { "open", "pending" } },
  act  = { alert "{case.department}: {author} has waited {case.waited}, due at {case.due}" },
}

own:rule "nobody answered" {
  when = { on = "overdue", case = { "open", "pending" } },
  act  = {
    assign "lead", clock "30m",
    alert "{case.department}: {case.waited} without an answer to {author}",
  },
}

own:rule "we promised to come back" {
  when = { on = "follow_up" },
  act  = { clock "60m", alert "{author}: we said that we would come back today" },
}

-- A comment that was changed or taken away after we had answered is for the record alone.
own:note "changed afterwards" {
  when = { on = "edited" },
  act  = { tag "edited" },
}

return own
