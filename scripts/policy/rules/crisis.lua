-- T4: many are unhappy about one thing. From now on nothing about it leaves by itself: each reply
-- waits for a person, who knows what is known by now. Praise and questions about it wait as well.

local settings = require "settings"
local crisis   = sori.policy "crisis"

local team, span, surge = settings.team, settings.clock, settings.surge

local hold_all = {
  reply { "holding", approve = true },
  assign(team.lead), clock(span.answer), tag "crisis",
  alert "CRISIS on {channel}, {author}: {text}",
}

-- An issue that people have opened on this topic.
crisis:rule "T4 an issue is open" {
  when = { crisis = true },
  act  = hold_all,
  direction = "hold_for_approval",
}

-- So many unhappy voices on this topic within an hour, and so many times more than usual.
crisis:rule "T4 a topic boils over" {
  when = { surge = { ["topic.*"] = { at_least = surge.at_least, times = surge.times } } },
  act  = hold_all,
  direction = "hold_for_approval",
}

return crisis
