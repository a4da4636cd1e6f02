-- The whole table at a glance: what becomes of a word that says nothing in particular, by kind, tone
-- and relationship. Whoever changes the process changes a line here and sees what it means.

local cells = sori.policy "cells"

local columns = { "neutral", "consumer", "loyal", "anti" }
local aloud = {
  positive = { "thank",       "thank",       "thank",       "let_stand" },
  neutral  = { "like_only",   "like_only",   "invite_talk", "monitor" },
  negative = { "apologise",   "apologise",   "apologise",   "monitor" },
  unsure   = { "ask_human",   "ask_human",   "ask_human",   "ask_human" },
}
local in_private = {
  positive = { "thank",       "thank",       "thank",       "let_stand" },
  neutral  = { "answer",      "answer",      "answer",      "monitor" },
  negative = { "apologise",   "apologise",   "apologise",   "monitor" },
  unsure   = { "ask_human",   "ask_human",   "ask_human",   "ask_human" },
}
local shared = {
  positive = { "thank",       "thank",       "thank",       "let_stand" },
  neutral  = { "let_stand",   "let_stand",   "let_stand",   "monitor" },
  negative = { "apologise",   "apologise",   "apologise",   "monitor" },
  unsure   = { "ask_human",   "ask_human",   "ask_human",   "ask_human" },
}
local elsewhere = {
  positive = { "thank",       "thank",       "thank",       "let_stand" },
  neutral  = { "answer",      "answer",      "answer",      "monitor" },
  negative = { "apologise",   "apologise",   "apologise",   "monitor" },
  unsure   = { "ask_human",   "ask_human",   "ask_human",   "ask_human" },
}
local kinds = { comment = aloud, mention = aloud, post = aloud, message = in_private, share = shared,
                trackback = elsewhere }

for kind, rows in pairs(kinds) do
  for tone, directions in pairs(rows) do
    for column, relationship in ipairs(columns) do
      cells:case(kind .. ", " .. tone .. ", " .. relationship) {
        given  = { kind = kind, tone = tone, relationship = relationship, lang = "ko",
                   text = "그냥 지나가다 들렀어요" },
        expect = { direction = directions[column] },
      }
    end
  end
end
