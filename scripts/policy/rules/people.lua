-- Who speaks. These are notes: they apply whatever is decided below, and say nothing.
--
-- A person is neutral, a consumer, loyal, or anti, as somebody marked them, an import said or a rule
-- found; "influencer" stands beside it. A rule makes customers loyal. Nothing here makes anybody
-- anti: that is for a person to say, never for a tone.

local settings = require "settings"
local people   = sori.policy "people"

people:cell {
  praises  = { per = "contact", type = "int", keep = settings.loyal.keep }, -- kind words
  weeks    = { per = "contact", type = "int", keep = settings.loyal.keep }, -- weeks that had one
  this_week = { per = "contact", type = "int", keep = "7d" },
}

people:note "a kind word of a customer" {
  when = { tone = "positive", relationship = "consumer" },
  act  = { add "praises" },
}

people:note "the first kind word of a week" {
  when = { tone = "positive", relationship = "consumer", this_week = { below = 1 } },
  act  = { add "this_week", add "weeks" },
}

people:note "a customer becomes loyal" {
  when = { tone = "positive", relationship = "consumer",
           praises = { at_least = settings.loyal.praises - 1 },
           weeks   = { at_least = settings.loyal.weeks } },
  act  = { relate "loyal", tag "loyal now" },
}

people:note "many readers" {
  when = { reach = { at_least = settings.reach.many } },
  act  = { tag "reach" },
}

people:note "changed afterwards" {
  when = { on = "edited" },
  act  = { tag "edited" },
}

return people
