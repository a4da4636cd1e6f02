-- What Sori does with a voice, in the order in which it is asked. Each file is a short page:
--
--   crisis    words after which only a person may answer
--   own       our own timetable: somebody waits for an answer
--   people    who is speaking: people known to oppose us, people with many readers
--   unhappy   something went wrong
--   happy     thanks, and thanks that last
--   rest      everything else
--
-- Notes (:note) all apply and never speak. Of the rules (:rule) the first that fits decides, and
-- none below it is asked. `sori policy test .` runs the tests beside these files; `sori why ID`
-- shows each condition with what it saw.

return { "rules/crisis", "rules/own", "rules/people", "rules/unhappy", "rules/happy", "rules/rest" }
