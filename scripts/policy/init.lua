-- What Sori does with a voice, in the order in which it is asked. The rules are the response
-- assessment that the US Air Force and Dell made known, a page a state; each carries the number of
-- its row, T0 to T15 and P1 to P5. README.md has the whole table.
--
--   discovery    T0–T2    is there anything to decide?
--   people                who speaks: notes that apply whatever is decided
--   safety       T3       words after which only a person may answer
--   crisis       T4       many are unhappy about the same thing
--   tone         T5       the model cannot tell
--   praise       T6       glad: thanks, a story, a like (P1, P2, P3, P5)
--   watch        T7, T8   people and places that want a quarrel; jokes and rants
--   facts        T9       something said about us is wrong
--   support      T10      something can be put right
--   unhappy      T11      nothing can be put right, and yet
--   question     T12      somebody asks
--   community    T13      others may know better
--   final        T14, T15 weighed, answered or left to stand (P4)
--   time                  our own clock: somebody waits for us
--
-- Notes (:note) all apply and never speak. Of the rules (:rule) the first that fits decides, and
-- none below it is asked.

sori.guide(require("settings").guide)

return {
  "rules/discovery", "rules/people", "rules/safety", "rules/crisis", "rules/tone", "rules/praise",
  "rules/watch", "rules/facts", "rules/support", "rules/unhappy", "rules/question",
  "rules/community", "rules/final", "rules/time",
}
