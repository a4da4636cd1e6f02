-- T0–T2: is there anything to decide at all?
--
-- Most of what happens never comes here. T0: what was delivered twice, our own echo and what a rule
-- made are known and set aside. T1: likes, hearts and shares without words are counted, exactly, and
-- no task is ever made of one. What is left is named here, once, for all pages after this one.

local settings  = require "settings"
local words     = require "lib.words"
local discovery = sori.policy "discovery"

discovery:label {
  ["intent.threat"]   = words.threat,
  ["safety.health"]   = words.health,
  ["safety.legal"]    = words.legal,
  ["safety.press"]    = words.press,
  ["safety.recall"]   = words.recall,
  ["intent.joke"]     = words.joke,
  ["intent.rant"]     = words.rant,
  ["intent.question"] = words.question,
  ["intent.problem"]  = words.problem,
  ["place.hostile"]   = settings.hostile_places,
}

for _, topic in ipairs(settings.topics) do
  discovery:label { ["topic." .. topic.id] = topic.words }
end

-- Each claim is a label of its own (T9), and all of them together are one (T6 asks for none).
local known = {}
for _, claim in ipairs(settings.claims) do
  discovery:label { ["claim." .. claim.id] = claim.words }
  for _, word in ipairs(claim.words) do known[#known + 1] = word end
end
if #known > 0 then discovery:label { ["claim.known"] = known } end

for _, story in ipairs(settings.stories) do
  discovery:label { ["story." .. story.id] = story.words }
end

-- T2: what its author took away, or the platform hid, is not answered; what waited for it has been
-- withdrawn already. With it the case ends, unless more of this person waits in it; where there is
-- no case, nothing is left to do.
discovery:rule "T2 taken away" {
  when = { on = { "removed", "hidden" }, case_alone = true },
  act  = { close() },
  direction = "withdraw",
}

discovery:rule "T2 one word of several taken away" {
  when = { on = { "removed", "hidden" }, case_alone = false },
  act  = {},
  direction = "withdraw",
}

discovery:rule "T2 taken away, and nothing waits" {
  when = { on = { "removed", "hidden" } },
  act  = {},
  direction = "withdraw",
}

-- It may come back: that is no new word, and whoever watches is told.
discovery:rule "T2 shown again" {
  when = { on = "shown" },
  act  = { tag "shown again" },
  direction = "monitor",
}

return discovery
