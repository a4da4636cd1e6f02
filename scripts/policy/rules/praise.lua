-- T6: somebody is glad. P1–P3 and P5: thanks, a story, or just a like.
--
-- Praise with a question in it is a question (T12), and praise that repeats a rumour is a rumour
-- (T9): T6 asks for neither. Thanks are short, and nobody gets them every day.

local settings = require "settings"
local praise   = sori.policy "praise"

praise:cell {
  thanked = { per = "contact", type = "int", keep = settings.thank_again },
  told    = { per = "contact", type = "int", keep = settings.story_again },
}

local team    = settings.team
local aloud   = { "comment", "mention", "post" }
local their_own = { "share", "trackback" } -- a place of the writer's own

-- T6, and what a rule asks beyond it.
---@param more sori.When
---@return sori.When
local function glad(more)
  local when = { tone = "positive", label = { ["intent.question"] = false } }
  if #settings.claims > 0 then when.label["claim.known"] = false end
  for name, value in pairs(more) do
    if name == "label" then
      for label, wanted in pairs(value) do when.label[label] = wanted end
    else
      when[name] = value
    end
  end
  return when
end

-- A kind word between two letters of a complaint ends nothing: the answer is still owed.
praise:rule "P5 we still owe an answer" {
  when = glad { case = { "open", "pending" } },
  act  = { like() },
  direction = "like_only",
}

-- Machines do not thank those who are known to oppose us; a person may.
praise:rule "P5 praise of an opponent" {
  when = glad { relationship = "anti" },
  act  = { tag "opponent" },
  direction = "let_stand",
}

praise:rule "P1 an influencer praises" {
  when = glad { influencer = true },
  act  = {
    like(), tag "advocate", tag "asset", assign(team.community), clock(settings.clock.praise),
    reply { "thanks_influencer", approve = true },
  },
  direction = "thank",
}

-- Whoever took the trouble to write about us elsewhere is thanked there.
if settings.thank_at_source ~= "never" then
  praise:rule "P2 thanks at the source" {
    when = glad { kind = their_own, can_reply = true, thanked = { below = 1 } },
    act  = {
      like(), tag "advocate", tag "asset", assign(team.community), clock(settings.clock.praise),
      reply { "thanks", approve = settings.thank_at_source == "ask" },
      add "thanked",
    },
    direction = "thank",
  }
end

praise:rule "P2 praise that cannot be answered" {
  when = glad { kind = their_own },
  act  = { like(), tag "advocate", tag "asset" },
  direction = "like_only",
}

-- What we have to tell is told once in a while, and only where somebody speaks of it.
for _, story in ipairs(settings.stories) do
  praise:rule("P3 our story adds to it: " .. story.id) {
    when = glad { kind = aloud, told = { below = 1 }, label = { ["story." .. story.id] = true } },
    act  = {
      like(), add "told",
      reply { story.reply, approve = not story.confirmed },
    },
    direction = "share_success",
  }
end

praise:rule "P1 a regular praises" {
  when = glad { kind = aloud, relationship = "loyal", thanked = { below = 1 } },
  act  = { like(), tag "advocate", tag "asset", reply "thanks", add "thanked" },
  direction = "thank",
}

praise:rule "P3 a good word" {
  when = glad { kind = { "comment", "mention", "post", "message" }, thanked = { below = 1 } },
  act  = { like(), reply "thanks", add "thanked" },
  direction = "thank",
}

praise:rule "P5 thanked lately" {
  when = glad {},
  act  = { like() },
  direction = "like_only",
}

return praise
