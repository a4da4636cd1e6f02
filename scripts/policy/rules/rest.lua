-- What is neither praise nor complaint. A question gets a person and a word that we have seen it; a
-- tone that the model is not sure of is a question to us.

local words = require "lib.words"
local rest  = sori.policy "rest"

rest:rule "a question in private" {
  when = { kind = "message", words = words.question },
  act  = { reply "received", assign "support", clock "60m" },
}

rest:rule "money in a calm voice" {
  when = { kind = { "comment", "mention", "message" }, words = words.refund },
  act  = { reply "received", assign "support", clock "60m" },
}

rest:rule "a question" {
  when = { kind = { "comment", "mention" }, words = words.question },
  act  = { assign "support", clock "60m" },
}

rest:rule "unsure" {
  when = { tone = "unsure", kind = { "comment", "mention", "message" } },
  act  = { assign "support", clock "60m", hold "the tone is not clear: please read it" },
}

rest:rule "a message" {
  when = { kind = "message" },
  act  = { reply "received", assign "support", clock "60m" },
}

rest:rule "somebody wrote about us" {
  when = { kind = "trackback" },
  act  = { tag "elsewhere", assign "support", clock "24h" },
}

rest:rule "let it stand" {
  when = { kind = { "comment", "mention", "share" }, tone = { "neutral", "unsure" } },
  act  = {},
}

return rest
