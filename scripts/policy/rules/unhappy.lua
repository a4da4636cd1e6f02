-- T11: a bad experience, and nothing left to put right. We are sorry, we say so once, and offer to
-- talk.

local settings = require "settings"
local unhappy  = sori.policy "unhappy"

local team, span = settings.team, settings.clock

unhappy:rule "T11 an unhappy influencer" {
  when = { influencer = true, tone = "negative" },
  act  = {
    assign(team.lead), clock(span.prominent), tag "influencer",
    hold "many people read this person: answer personally",
    alert "{author} ({channel}) is unhappy: {text}",
  },
  direction = "apologise",
}

unhappy:rule "T11 unhappy again and again" {
  when = { tone = "negative", sorries = { at_least = settings.sorries.most } },
  act  = {
    assign(team.lead), clock(span.answer), tag "again",
    hold "a third complaint in 90 days: another ready-made apology would insult",
  },
  direction = "apologise",
}

unhappy:rule "T11 unhappy" {
  when = { kind = { "comment", "mention", "post", "message" }, tone = "negative",
           relationship = { "neutral", "consumer", "loyal" } },
  act  = { reply "sorry", assign(team.triage), clock(span.answer), add "sorries" },
  direction = "apologise",
}

-- Criticism on a page of the writer's own, and what only looks like an opponent's: a person reads.
unhappy:rule "T11 unhappy elsewhere" {
  when = { tone = "negative" },
  act  = { assign(team.triage), clock(span.praise),
           hold "criticism that a ready-made apology does not fit: read it first" },
  direction = "apologise",
}

return unhappy
