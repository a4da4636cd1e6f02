-- Every number, team and word that the rules lean on, on one page. Change a line, run
-- `sori policy test .`, look at `sori policy backtest .`, then `sori reload`.

local words = require "lib.words"
local settings = {}

-- ---- Who ------------------------------------------------------------------------------------
-- Departments of sori.lua.

settings.team = {
  triage    = "support",   -- reads what no rule is sure of, and what belongs to nobody else
  lead      = "lead",      -- safety, press, crises, people with many readers
  community = "marketing", -- praise, shares, posts elsewhere
}

-- What people write about. The first topic that is found names the team; a second topic of another
-- team is told as well (T10). `about` stands in the replies: "배송 문제로 불편을 드려 …".
settings.topics = {
  { id = "privacy", team = "lead", words = words.privacy,
    about = { ko = "개인정보 문제로", en = "your personal data" } },
  { id = "delivery", team = "support", words = words.delivery,
    about = { ko = "배송 문제로", en = "the delivery" } },
  { id = "refund", team = "support", words = words.refund,
    about = { ko = "교환·환불 문제로", en = "the return" } },
  { id = "billing", team = "support", words = words.billing,
    about = { ko = "결제 문제로", en = "the payment" } },
  { id = "product", team = "support", words = words.product,
    about = { ko = "제품 문제로", en = "the product" } },
  { id = "service", team = "support", words = words.service,
    about = { ko = "저희 응대로", en = "our service" } },
}

-- ---- How long -------------------------------------------------------------------------------

settings.clock = {
  answer    = "60m", -- until a person has answered, in office hours
  urgent    = "15m", -- T3: safety, law, press
  prominent = "30m", -- many people read them
  praise    = "24h", -- P1, P2: thanks may take a day
  late      = "30m", -- once more, after nobody has answered in time
  community = "20m", -- T13: so long the community may be faster than we are
  look_again = "24h", -- T8: jokes and rants are looked at once more
}

-- ---- How sure, how many -----------------------------------------------------------------------

-- T5: below this confidence of the tone a person is asked. sori.lua has a floor of its own for the
-- models (classifier { floor = … }), below which the tone is "unsure" from the start.
settings.floor = 0.60

-- T4: a topic boils over when so many are unhappy about it within an hour, and so many times more
-- than in a usual hour.
settings.surge = { at_least = 5, times = 3 }

settings.reach = {
  some = 1000,  -- T14 begins to weigh how many people read somebody
  many = 10000, -- tagged, and a person looks at every reply
}

-- T14: is it worth an answer? Points are added up; from `floor` on, somebody answers.
settings.score = {
  floor = 10,
  some_readers = 4, many_readers = 8, influencer = 10, customer = 3, loyal = 5,
}

-- What one act is worth: a like, a word, a share. T14 counts it, and so do reports.
settings.weights = { sympathy = 1, comment = 3, share = 5 }

-- A customer becomes loyal after so many kind words in so many different weeks.
settings.loyal = { praises = 8, weeks = 6, keep = "120d" }

-- So many apologies within `keep` are enough: the next complaint goes to the lead, unanswered.
settings.sorries = { most = 2, keep = "90d" }

-- Nobody is thanked, invited or told the same story more often than this.
settings.thank_again  = "7d"
settings.invite_again = "30d"
settings.story_again  = "90d"

-- P2: who writes about us in a place of their own is thanked there: "never", "ask" or "always".
settings.thank_at_source = "ask"

-- T13: channels where people help each other.
settings.community = { "forum", "discourse" }

-- T7: places made to run others down, by words of their address.
settings.hostile_places = { "*anti-ongyeol", "*온결안티" }

-- ---- What is true ---------------------------------------------------------------------------
-- T9: rumours that we know to be false. `words` finds them, `reply` has the truth and its source.
-- Until somebody who knows has set confirmed = true, a person lets each correction go.
settings.claims = {
  { id = "closing", reply = "fact_closing", confirmed = false,
    words = { "폐업", "망했다", "망했다며", "문 닫는다", "문닫는다", "going out of business",
              "closing down", "went bankrupt" } },
  { id = "resold", reply = "fact_resold", confirmed = false,
    words = { "반품된 걸 다시", "반품된걸 다시", "반품 들어온 걸", "새것처럼 판", "새것처럼 팔",
              "중고를 새", "resell returned", "reselling returned", "used ones as new" } },
}

-- P3: what we like to tell where it fits; confirmed as above.
settings.stories = {
  { id = "packaging", reply = "story_packaging", confirmed = false,
    words = { "친환경", "재활용", "플라스틱 없", "종이 포장", "종이포장", "eco-friendly",
              "recyclable", "plastic-free", "paper packaging" } },
}

-- ---- How we speak ---------------------------------------------------------------------------
-- What every reply is held against before it leaves. One that fails is not lost: it waits for a
-- person, and `sori why` names the check.
---@type sori.Guide
settings.guide = {
  goal = "required",                                  -- inform, guide, document, thank or repair
  banned = {
    ko = { "어쩔 수 없", "규정상", "고객 과실", "고객님 잘못", "양해 바랍니다", "기다리세요" },
    en = { "calm down", "user error", "your fault", "our policy does not", "nothing we can do" },
  },
  apology = { ko = { "*죄송", "*사과드" }, en = { "sorry", "apolog*" } },
  next_step = {
    ko = { "쪽지", "메시지", "연락", "답변", "답장", "답을", "확인", "말씀해", "알려", "자세한" },
    en = { "message", "answer*", "reply", "reach", "tell us", "let us know", "look into",
           "looking into", "more about", "ask" },
  },
  claims = { ko = { "업계 최초", "최저가", "100%" }, en = { "cheapest", "guarantee*", "100%" } },
  same_text = { people = 30, within = "24h" },        -- the same words to more people than this wait
  effort = { personal = settings.reach.many, expert = 100000, experts = { settings.team.lead } },
  surge = settings.surge,                             -- what waits to leave is looked at once more
  -- On such days nothing cheerful leaves by itself:
  -- freeze = { { from = "2027-04-16", to = "2027-04-16", zone = "+09:00",
  --            why = "세월호 추모일" } },
  points = {},             -- filled below: a reply to trouble with a topic names the topic
}
for _, topic in ipairs(settings.topics) do
  local points = { topic.about.ko, topic.about.en }
  for _, word in ipairs(words.trouble[topic.id] or {}) do points[#points + 1] = word end
  settings.guide.points[topic.id] = points
end

-- A like that weighs as much as a share would turn every report upside down.
local weights = settings.weights
assert(weights.sympathy < weights.comment and weights.comment < weights.share,
       "settings.weights: sympathy < comment < share is expected")

return settings
