-- T4: many are unhappy about one thing. From now on nothing about it leaves by itself: each reply
-- waits for a person, who knows what is known by now. Praise and questions about it wait as well.
-- What was decided before and has not left yet is stopped by the same figures (guide: surge).

local settings = require "settings"
local crisis   = sori.policy "crisis"

local team, span, surge = settings.team, settings.clock, settings.surge

-- So many unhappy voices on a topic of this text within an hour, and so many times more than usual.
local boils_over = { ["topic.*"] = { at_least = surge.at_least, times = surge.times } }

-- Whoever waits already has a case and a draft: their next word joins it.
crisis:rule "T4 one more word of somebody who waits" {
  when = { surge = boils_over, case = { "open", "pending", "snoozed" } },
  act  = { clock(span.answer), tag "crisis" },
  direction = "hold_for_approval",
}

crisis:rule "T4 a topic boils over" {
  when = { surge = boils_over },
  act  = {
    reply { "holding", approve = true },
    assign(team.lead), clock(span.answer), tag "crisis",
    alert "CRISIS on {channel}, {author}: {text}",
  },
  direction = "hold_for_approval",
}

-- An issue that people have opened on this topic.
crisis:rule "T4 an issue is open" {
  when = { crisis = true },
  act  = {
    reply { "holding", approve = true },
    assign(team.lead), clock(span.answer), tag "crisis",
    alert "CRISIS on {channel}, {author}: {text}",
  },
  direction = "hold_for_approval",
}

return crisis
