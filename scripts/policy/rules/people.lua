-- Who is speaking matters more than how. Two groups get a person's eye before anything is said:
-- those whom many people read, and those who are known to speak against us.

local people = sori.policy "people"
local words  = require "lib.words"

people:cell { arguments = { per = "contact", type = "int", keep = "30d" } }

-- A known opponent with a plain question deserves a plain answer, from a person.
people:rule "an opponent asks" {
  when = { relationship = "anti", kind = { "comment", "mention", "message" },
           words = words.question, arguments = { below = 3 } },
  act  = { assign "support", clock "60m", add "arguments",
           hold "an opponent asks a question: answer it once, in person" },
}

-- Otherwise let it stand. An answer is fuel; silence is a decision, and `sori why` shows it.
people:rule "let an opponent stand" {
  when = { relationship = "anti", kind = { "comment", "mention", "share", "trackback" } },
  act  = { tag "opponent", add "arguments" },
}

people:rule "an opponent in private" {
  when = { relationship = "anti", kind = "message" },
  act  = { assign "support", hold "an opponent writes in private: look before answering" },
}

-- Somebody with many readers is unhappy: the lead, half an hour, and no ready-made words.
people:rule "an unhappy influencer" {
  when = { influencer = true, tone = "negative" },
  act  = { assign "lead", clock "30m", tag "influencer",
           hold "many people read this person: answer personally",
           alert "{author} ({channel}) is unhappy: {text}" },
}

people:rule "an influencer praises" {
  when = { influencer = true, tone = "positive" },
  act  = { like(), tag "influencer", assign "support", clock "24h",
           reply { "thanks_influencer", approve = true } },
}

people:note "many readers" {
  when = { reach = { at_least = 10000 } },
  act  = { tag "reach" },
}

return people
