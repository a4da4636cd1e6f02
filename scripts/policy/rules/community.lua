-- T13: where people help each other, the community may be faster and know better. We wait a little;
-- whoever answers first has answered. To let them try questions as well, put "rules/community"
-- before "rules/question" in init.lua.

local settings  = require "settings"
local community = sori.policy "community"

community:rule "T13 let the community answer" {
  when = { channel = settings.community, kind = { "comment", "post", "mention" }, tone = "neutral" },
  act  = { tag "community", follow_up(settings.clock.community),
           pause_clock "the community may answer first" },
  direction = "wait",
}

return community
