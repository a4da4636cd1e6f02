-- Words after which a machine must be silent. The lead is told at once, and a person has fifteen
-- minutes. These rules come first, and look at every kind of word from every kind of person.

local words = require "lib.words"
local crisis = sori.policy "crisis"

local any = { "comment", "mention", "message", "share", "trackback" }

crisis:rule "life or health" {
  when = { kind = any, words = words.danger },
  act  = {
    assign "lead", clock "15m", tag "safety",
    hold "somebody may be in danger or hurt: answer in person",
    alert "SAFETY on {channel}: {text}",
  },
}

crisis:rule "law or authorities" {
  when = { kind = any, words = words.legal },
  act  = {
    assign "lead", clock "15m", tag "legal",
    hold "the law is spoken of: nothing is said before the lead has seen it",
    alert "LEGAL on {channel}: {text}",
  },
}

crisis:rule "press" {
  when = { kind = any, words = words.press },
  act  = {
    assign "lead", clock "15m", tag "press",
    hold "a journalist asks: only the lead speaks for us",
    alert "PRESS on {channel}: {text}",
  },
}

return crisis
