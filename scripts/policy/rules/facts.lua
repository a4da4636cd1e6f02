-- T9: something said about us is not so. Which rumours there are stands in settings.lua; the
-- truth, and the page that shows it, in replies/fact_….md: a correction without a source is only
-- another opinion.

local settings = require "settings"
local facts    = sori.policy "facts"

for _, claim in ipairs(settings.claims) do
  -- Many people read this person, or nobody of ours has confirmed the claim: a person lets it go.
  local approve = claim.confirmed and { influencer = true } or true

  facts:rule("T9 not so: " .. claim.id) {
    when = { kind = { "comment", "mention", "message", "post" },
             relationship = { "neutral", "consumer", "loyal" },
             label = { ["claim." .. claim.id] = true } },
    act  = {
      reply { claim.reply, approve = approve },
      assign(settings.team.triage), clock(settings.clock.answer), tag("claim " .. claim.id),
    },
    direction = "correct_facts",
  }

  -- An opponent with an open case, or a page of somebody's own: read it first.
  facts:rule("T9 not so, with care: " .. claim.id) {
    when = { label = { ["claim." .. claim.id] = true } },
    act  = {
      hold "this is not so, and a ready-made correction would not help: write it yourself",
      assign(settings.team.triage), clock(settings.clock.answer), tag("claim " .. claim.id),
    },
    direction = "correct_facts",
  }
end

return facts
