-- T7 and T8: heard and not answered. An answer to somebody who wants a quarrel is fuel; silence is a
-- decision, and `sori why` shows it. Neither row takes what somebody could put right: an opponent
-- with a real problem goes on to T10, and so does a rant that has one.

local settings = require "settings"
local checks   = require "lib.checks"
local watch    = sori.policy "watch"

watch:cell { watched = { per = "contact", type = "int", keep = settings.clock.look_again } }

-- A page made to run others down: nobody is answered there one by one, and the lead knows.
watch:rule "T7 a hostile place" {
  when = { label = { ["place.hostile"] = true, ["intent.problem"] = false } },
  act  = { tag "watch", alert "a hostile place speaks of us: {text}" },
  direction = "monitor",
}

watch:rule "T7 a hostile address" {
  when  = { kind = { "trackback", "share", "post" }, label = { ["intent.problem"] = false } },
  check = checks.hostile_address,
  act   = { tag "watch", alert "a hostile place speaks of us: {url}" },
  direction = "monitor",
}

watch:rule "T7 an opponent without a new case" {
  when  = { relationship = "anti", label = { ["intent.problem"] = false } },
  check = checks.no_case,
  act   = { tag "watch", tag "opponent" },
  direction = "monitor",
}

-- Jokes and rants are looked at once more: by then it is known whether many people heard them. Until
-- then nobody has to do anything, so the clock rests.
local look_again = {
  tag "watch", set { "watched", 1 }, follow_up(settings.clock.look_again),
  pause_clock "a joke or a rant: looked at once more tomorrow",
}

watch:rule "T8 a joke" {
  when  = { tone = { "negative", "neutral" },
            label = { ["intent.joke"] = true, ["intent.problem"] = false, ["claim.known"] = false } },
  check = checks.no_case,
  act   = look_again,
  direction = "monitor",
}

watch:rule "T8 a rant" {
  when  = { tone = { "negative", "neutral" },
            label = { ["intent.rant"] = true, ["intent.problem"] = false, ["claim.known"] = false } },
  check = checks.no_case,
  act   = look_again,
  direction = "monitor",
}

return watch
