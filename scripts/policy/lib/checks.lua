-- What data in `when` cannot say, asked last. `why` is what `sori why` shows.

local settings = require "settings"
---@type table<string, sori.Check>
local checks = {}

-- A missing fact matches nothing, so "there is none" has to be asked here. What we only watch (T8)
-- is pending, and no case of theirs.
checks.no_case = {
  why = "no case of this person is open",
  function(i)
    if i.case == "pending" then return i.watched > 0 end
    return i.case ~= "open" and i.case ~= "snoozed"
  end,
}

-- An address of settings.hostile_places: forums and pages made to run others down.
checks.hostile_address = {
  why = "its address is one of the hostile places",
  function(i) return i.url ~= nil and sori.text.has(i.url, settings.hostile_places) end,
}

-- How we write an order: a date and a number, 20261122-0031.
checks.order_number = {
  why = "an order number is in the text",
  function(i) return sori.text.match(i.text, "%f[%w]%d%d%d%d%d%d+%-%d%d%d+") ~= nil end,
}

-- T14: influence, prominence and circumstances, added up.
local score, weights = settings.score, settings.weights
local of_kind = { comment = weights.comment, mention = weights.comment, post = weights.comment,
                  message = weights.comment, share = weights.share, trackback = weights.share }
checks.worth_an_answer = {
  why = "influence, prominence and circumstances reach the reply floor",
  function(i)
    local points = of_kind[i.kind] or 0
    local reach  = i.reach or 0
    if i.influencer then points = points + score.influencer end
    if reach >= settings.reach.many then points = points + score.many_readers
    elseif reach >= settings.reach.some then points = points + score.some_readers end
    if i.relationship == "consumer" then points = points + score.customer
    elseif i.relationship == "loyal" then points = points + score.loyal end
    return points >= score.floor
  end,
}

return checks
