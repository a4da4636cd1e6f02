-- T12: somebody asks. A person answers; who asks in private, or while nobody is there, hears at once
-- that it was received and when the answer comes.

local settings = require "settings"
local question = sori.policy "question"

local team, span = settings.team, settings.clock
local asks = { ["intent.question"] = true }

question:rule "T12 asked while we are closed" {
  when = { label = asks, kind = { "comment", "mention", "message", "post" }, hours_open = false },
  act  = { reply "received_closed", assign(team.triage), clock(span.answer) },
  direction = "answer",
}

question:rule "T12 asked in private" {
  when = { label = asks, kind = "message" },
  act  = { reply "received", assign(team.triage), clock(span.answer) },
  direction = "answer",
}

for _, topic in ipairs(settings.topics) do
  if topic.team ~= team.triage then
    question:rule("T12 a question about " .. topic.id) {
      when = { label = { ["intent.question"] = true, ["topic." .. topic.id] = true } },
      act  = { assign(topic.team), clock(span.answer), tag(topic.id) },
      direction = "answer",
    }
  end
end

question:rule "T12 a question" {
  when = { label = asks },
  act  = { assign(team.triage), clock(span.answer) },
  direction = "answer",
}

return question
