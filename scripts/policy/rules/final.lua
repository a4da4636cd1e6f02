-- T14, T15 and P4: what is neither praise nor complaint, claim nor question. Is it worth an answer?
-- The answer is for this one alone, and no precedent.

local settings = require "settings"
local checks   = require "lib.checks"
local final    = sori.policy "final"

final:cell { invited = { per = "contact", type = "int", keep = settings.invite_again } }

local team, span = settings.team, settings.clock

final:rule "T14 somebody writes to us in private" {
  when = { kind = "message" },
  act  = { reply "received", assign(team.triage), clock(span.answer) },
  direction = "answer",
}

final:rule "T14 somebody wrote about us" {
  when = { kind = "trackback" },
  act  = { assign(team.community), clock(span.praise), tag "elsewhere" },
  direction = "answer",
}

final:rule "T14 an influencer" {
  when = { influencer = true },
  act  = { assign(team.triage), clock(span.answer), tag "influencer" },
  direction = "answer",
}

-- Below settings.reach.some nobody reaches the floor, and no code runs.
final:rule "T14 worth an answer" {
  when  = { reach = { at_least = settings.reach.some } },
  check = checks.worth_an_answer,
  act   = { assign(team.triage), clock(span.answer) },
  direction = "answer",
}

final:rule "P4 worth a talk" {
  when = { kind = { "comment", "mention", "post" }, tone = "neutral", relationship = "loyal",
           invited = { below = 1 } },
  act  = { like(), reply { "talk", approve = true }, add "invited" },
  direction = "invite_talk",
}

final:rule "P4 a like will do" {
  when = { kind = { "comment", "mention", "post" }, tone = "neutral" },
  act  = { like() },
  direction = "like_only",
}

final:rule "T15 let it stand" {
  when = {},
  act  = {},
  direction = "let_stand",
}

return final
