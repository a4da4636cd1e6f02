-- Time. Nobody spoke here: a clock did. These entries are dead as soon as the person is answered or
-- writes again.

local settings = require "settings"
local time     = sori.policy "time"

local team, span = settings.team, settings.clock
local waits = { "open", "pending", "snoozed" }

time:rule "due soon" {
  when = { on = "due_soon", case = waits },
  act  = { alert "{case.department}: {author} has waited {case.waited}, due at {case.due}" },
  direction = "notify",
}

time:rule "nobody answered" {
  when = { on = "overdue", case = waits },
  act  = {
    assign(team.lead), clock(span.late),
    alert "{case.department}: {case.waited} without an answer to {author}",
  },
  direction = "escalate",
}

-- T13, afterwards: did the community answer?
time:rule "T13 the community answered" {
  when = { on = "follow_up", channel = settings.community, answers = { at_least = 1 } },
  act  = { tag "answered by others", close() },
  direction = "let_stand",
}

-- T8, a day later: did it spread?
time:rule "T8 many people heard it" {
  when = { on = "follow_up", reach = { at_least = settings.reach.many } },
  act  = { assign(team.lead), clock(span.prominent),
           alert "{author} ({channel}) was heard by many: look at it once more" },
  direction = "escalate",
}

time:rule "we said that we would come back" {
  when = { on = "follow_up" },
  act  = { assign(team.triage), clock(span.answer),
           alert "{author}: we said that we would look at this again today" },
  direction = "notify",
}

time:rule "nobody waits any more" {
  when = { on = { "due_soon", "overdue" } },
  act  = {},
  direction = "let_stand",
}

return time
