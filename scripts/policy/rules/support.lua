-- T10: something can be put right. The first word is an apology within the hour and a way to reach
-- us; the solution is a person's work, and they have it in private.
--
-- Who gets more than a ready-made word: somebody who waits already, an opponent, somebody whom many
-- people read, and whoever complains for the third time.

local settings = require "settings"
local checks   = require "lib.checks"
local support  = sori.policy "support"

support:cell { sorries = { per = "contact", type = "int", keep = settings.sorries.keep } }

local team, span = settings.team, settings.clock

-- "배송 문제로", "the delivery": what the reply says that it is about.
local function about(topic)
  return topic.about and { about_ko = topic.about.ko, about_en = topic.about.en }
end

-- One more word of somebody who waits: it joins the case. The clock does not begin again, and
-- nobody hears the same apology twice.
support:rule "T10 a case is open" {
  when = { case = { "open", "pending", "snoozed" }, tone = { "negative", "neutral" } },
  act  = { clock(span.answer), tag "again" },
  direction = "support",
}

support:rule "T10 an opponent with a real case" {
  when = { relationship = "anti", label = { ["intent.problem"] = true } },
  act  = {
    assign(team.triage), clock(span.answer), tag "opponent",
    reply { "fixing", approve = true },
  },
  direction = "support",
}

support:rule "T10 an influencer with a case" {
  when = { influencer = true, label = { ["intent.problem"] = true } },
  act  = {
    assign(team.lead), clock(span.prominent), tag "influencer",
    hold "many people read this person: answer personally",
    alert "{author} ({channel}) has a problem: {text}",
  },
  direction = "support",
}

support:rule "T10 again and again" {
  when = { label = { ["intent.problem"] = true }, sorries = { at_least = settings.sorries.most } },
  act  = {
    assign(team.lead), clock(span.answer), tag "again",
    hold "a third complaint in 90 days: another ready-made apology would insult",
  },
  direction = "support",
}

-- Others who write about us, in their own place, are not interrupted by a machine.
support:rule "T10 in a place of their own" {
  when = { kind = { "share", "trackback" }, label = { ["intent.problem"] = true } },
  act  = { assign(team.triage), clock(span.praise),
           hold "a complaint in the writer's own place: read it first" },
  direction = "support",
}

-- One case has one owner. Where a second topic belongs to another team, that team is told.
for first, topic in ipairs(settings.topics) do
  for second, other in ipairs(settings.topics) do
    if second > first and other.team ~= topic.team then
      support:rule("T10 two teams: " .. topic.id .. " and " .. other.id) {
        when = { label = { ["intent.problem"] = true, ["topic." .. topic.id] = true,
                           ["topic." .. other.id] = true } },
        act  = {
          assign(topic.team), clock(span.answer), tag(topic.id), tag(other.id),
          hold("two teams are asked: " .. topic.team .. " answers, with " .. other.team),
          alert(other.team .. ": " .. topic.team .. " answers {author}, and " .. other.id ..
                " is yours: {text}"),
        },
        direction = "support",
      }
    end
  end
end

-- The usual case, topic by topic and then without one. The reply says the topic, in public asks for a
-- message, and stays in private where it began there (replies/fixing.….md).
local function put_right(name, label, topic)
  support:rule("T10 " .. name) {
    when = { kind = { "comment", "mention", "post", "message" }, label = label },
    act  = {
      reply { "fixing", slots = about(topic) },
      assign(topic.team), clock(span.answer), tag(topic.id), add "sorries",
    },
    direction = "support",
  }
end
for _, topic in ipairs(settings.topics) do
  put_right(topic.id .. " can be put right",
            { ["intent.problem"] = true, ["topic." .. topic.id] = true }, topic)
end
put_right("something can be put right", { ["intent.problem"] = true },
          { id = "problem", team = team.triage })

-- An order number alone: worth a person who can look it up.
support:rule "T10 an order number" {
  when  = { kind = "message", tone = { "neutral", "negative" } },
  check = checks.order_number,
  act   = { reply "received", assign(team.triage), clock(span.answer), tag "order" },
  direction = "support",
}

return support
