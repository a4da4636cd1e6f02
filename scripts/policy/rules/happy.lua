-- Praise is answered by thanks, in few words, and not to the same person every day.

local happy = sori.policy "happy"

happy:cell { thanked = { per = "contact", type = "int", keep = "7d" } }

happy:rule "thanked lately" {
  when = { kind = { "comment", "mention" }, tone = "positive", thanked = { at_least = 1 } },
  act  = { like() },
}

happy:rule "thanks to a regular" {
  when = { kind = { "comment", "mention" }, tone = "positive", relationship = "loyal" },
  act  = { like(), reply "thanks_loyal", add "thanked" },
}

happy:rule "thanks" {
  when = { kind = { "comment", "mention" }, tone = "positive",
           relationship = { "neutral", "consumer" } },
  act  = { like(), reply "thanks", add "thanked" },
}

happy:rule "thanks in private" {
  when = { kind = "message", tone = "positive" },
  act  = { reply "thanks_private", add "thanked" },
}

-- Somebody took the trouble to write about us elsewhere.
happy:rule "thanks for a share" {
  when = { kind = "share", tone = "positive" },
  act  = { like(), tag "advocate", add "thanked" },
}

happy:rule "thanks for a post" {
  when = { kind = "trackback", tone = "positive" },
  act  = { reply { "thanks_post", approve = true }, tag "advocate", assign "support", clock "24h" },
}

return happy
