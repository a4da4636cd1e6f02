-- Something went wrong for somebody. The first word is an apology within the hour; the solution is a
-- person's work. Nobody hears the same apology three times.

local words   = require "lib.words"
local unhappy = sori.policy "unhappy"

unhappy:cell { sorries = { per = "contact", type = "int", keep = "90d" } }

local aloud = { "comment", "mention" }

unhappy:note "about a parcel" { when = { words = words.delivery }, act = { tag "delivery" } }
unhappy:note "about money"    { when = { words = words.refund },   act = { tag "refund" } }

unhappy:rule "unhappy again and again" {
  when = { tone = "negative", sorries = { at_least = 2 }, kind = { "comment", "mention", "message" } },
  act  = { assign "lead", clock "60m", tag "again",
           hold "a third complaint in 90 days: another ready-made apology would insult" },
}

-- Public complaints are answered in public and taken on in private.
unhappy:rule "loyal and unhappy" {
  when = { kind = aloud, tone = "negative", relationship = "loyal" },
  act  = { reply { "sorry_loyal", approve = true }, assign "support", clock "30m", add "sorries" },
}

unhappy:rule "customer and unhappy" {
  when = { kind = aloud, tone = "negative", relationship = "consumer" },
  act  = { reply "sorry", assign "support", clock "60m", add "sorries" },
}

-- We do not know this person yet: a little more care before we speak, since it may be a joke.
unhappy:rule "stranger and unhappy" {
  when = { kind = aloud, tone = "negative", relationship = "neutral" },
  act  = { reply { "sorry", approve = true }, assign "support", clock "60m", add "sorries" },
}

unhappy:rule "unhappy in private" {
  when = { kind = "message", tone = "negative" },
  act  = { reply "sorry_private", assign "support", clock "60m", add "sorries" },
}

-- Others who write about us, in their own place, are not interrupted by a machine.
unhappy:rule "unhappy elsewhere" {
  when = { kind = { "share", "trackback" }, tone = "negative" },
  act  = { assign "support", clock "24h", hold "criticism in the writer's own place: read it first" },
}

-- A date and a number, 20261122-0031, is how our shop writes an order: worth a person who can look
-- it up.
unhappy:rule "an order number in a message" {
  when  = { kind = "message", tone = { "neutral", "unsure" } },
  check = { why = "an order number is in the text",
            function(i) return sori.text.match(i.text, "%f[%w]%d%d%d%d%d%d+%-%d%d%d+") end },
  act   = { reply "received", assign "support", clock "60m", tag "order" },
}

return unhappy
