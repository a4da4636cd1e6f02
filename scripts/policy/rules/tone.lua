-- T5: the model cannot tell how it is meant. Irony, half sentences, two feelings at once: a person
-- reads it. An answer in the wrong tone does more harm than one that comes later.

local settings = require "settings"
local checks   = require "lib.checks"
local tone     = sori.policy "tone"

local ask = { assign(settings.team.triage), clock(settings.clock.answer),
              hold "the tone is not clear: please read it" }

-- Whoever writes in private at least hears that it was received.
tone:rule "T5 unclear, in private" {
  when  = { tone = "unsure", kind = "message" },
  check = checks.no_case, -- who waits already has heard it
  act   = { reply "received", ask[1], ask[2], ask[3] },
  direction = "ask_human",
}

tone:rule "T5 unclear" {
  when = { tone = "unsure" },
  act  = ask,
  direction = "ask_human",
}

tone:rule "T5 hardly sure" {
  when = { tone_confidence = { below = settings.floor } },
  act  = ask,
  direction = "ask_human",
}

return tone
