-- T3: words after which a machine must be silent. The lead is told at once and has fifteen minutes,
-- whoever speaks, wherever, in whatever tone.

local settings = require "settings"
local safety   = sori.policy "safety"

-- All five do the same; only what they look for and what they tell differs.
local function escalate(what, why)
  return {
    assign(settings.team.lead), clock(settings.clock.urgent), tag(what),
    hold(why),
    alert(what:upper() .. " on {channel}: {text}"),
  }
end

safety:rule "T3 threat" {
  when = { label = { ["intent.threat"] = true } },
  act  = escalate("threat", "somebody threatens us or others: do not answer alone"),
  direction = "escalate",
}

safety:rule "T3 life or health" {
  when = { label = { ["safety.health"] = true } },
  act  = escalate("safety", "somebody may be in danger or hurt: answer in person"),
  direction = "escalate",
}

safety:rule "T3 recall" {
  when = { label = { ["safety.recall"] = true } },
  act  = escalate("recall", "a product may not be safe: quality looks at it before we speak"),
  direction = "escalate",
}

safety:rule "T3 law or authorities" {
  when = { label = { ["safety.legal"] = true } },
  act  = escalate("legal", "the law is spoken of: nothing is said before the lead has seen it"),
  direction = "escalate",
}

safety:rule "T3 press" {
  when = { label = { ["safety.press"] = true } },
  act  = escalate("press", "a journalist asks: only the lead speaks for us"),
  direction = "escalate",
}

return safety
