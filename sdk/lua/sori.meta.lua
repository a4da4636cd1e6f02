---@meta
-- Types of Sori's policies for editors. Made by `sori policy types`; do not edit.
-- `pairs` and `next` walk in the order of keys: numbers, texts by their bytes, false, true.
error("this file is for editors")

---@class sori.Range
---@field below? integer|string
---@field above? integer|string
---@field at_least? integer|string
---@field at_most? integer|string

---What a rule wants done. Made by reply, assign, tag, …
---@class sori.Intention

---What a rule is for.
---@alias sori.Direction "ignore"|"count"|"withdraw"|"let_stand"|"like_only"|"thank"|"share_success"|"answer"|"invite_talk"|"correct_facts"|"support"|"apologise"|"escalate"|"monitor"|"wait"|"ask_human"|"hold_for_approval"|"notify"
---What a reply is meant to do.
---@alias sori.Goal "inform"|"guide"|"document"|"thank"|"repair"
---How somebody stands to us.
---@alias sori.Relationship "neutral"|"consumer"|"loyal"|"anti"

---A file replies/NAME.LANG.md.
---@alias sori.Reply string
---A label of a classifier or of a list of words.
---@alias sori.Label string
---A word of :level.
---@alias sori.Level string
---A name of :cell.
---@alias sori.CellName string
---Who a case is given to.
---@alias sori.Department string

---What a condition may ask. Cells that you declare may be asked for as well.
---@class sori.When
---@field on? "said"|"edited"|"removed"|"hidden"|"shown"|"due_soon"|"overdue"|"follow_up"|"human"|"outcome"|"linked"|"setting"|"arrived"|("said"|"edited"|"removed"|"hidden"|"shown"|"due_soon"|"overdue"|"follow_up"|"human"|"outcome"|"linked"|"setting"|"arrived")[] what happened: said, edited, removed, overdue, …
---@field kind? "unknown"|"reaction"|"comment"|"share"|"mention"|"message"|"trackback"|"post"|("unknown"|"reaction"|"comment"|"share"|"mention"|"message"|"trackback"|"post")[] comment, mention, message, share, trackback, post
---@field share? "simple"|"specific"|("simple"|"specific")[] simple or specific
---@field channel? string|string[] the plugin's id
---@field connection? string|string[] the connection's name
---@field lang? string|string[] the platform's hint, else by script: ko or en
---@field origin? "person"|"us-by-hand"|"us-by-rule"|("person"|"us-by-hand"|"us-by-rule")[] who said it: person, us-by-hand, us-by-rule
---@field tone? "none"|"positive"|"neutral"|"negative"|"unsure"|("none"|"positive"|"neutral"|"negative"|"unsure")[] positive, neutral, negative, unsure
---@field tone_confidence? integer|integer[]|sori.Range 0 to 10,000
---@field relationship? "neutral"|"consumer"|"loyal"|"anti"|("neutral"|"consumer"|"loyal"|"anti")[] neutral, consumer, loyal, anti
---@field influencer? boolean flag of the contact
---@field text? string|string[] what was said; by reference once stored
---@field title? string|string[]
---@field author? string|string[] the author's name
---@field reach? integer|integer[]|sori.Range followers or readers of the author
---@field spoke? integer|integer[]|sori.Range how often this contact spoke before
---@field known_since? integer|integer[]|sori.Range when this contact was first heard
---@field said_at? integer|integer[]|sori.Range
---@field heard_at? integer|integer[]|sori.Range
---@field now? integer|integer[]|sori.Range the core's time of this decision
---@field case? "open"|"pending"|"snoozed"|"answered"|"closed"|("open"|"pending"|"snoozed"|"answered"|"closed")[] state of the contact's open case; absent where there is none
---@field department? string|string[] of that case
---@field owner? string|string[] of that case
---@field waited? integer|integer[]|sori.Range milliseconds since the oldest unanswered word of that case
---@field due? integer|integer[]|sori.Range when that case must be answered
---@field can_reply? boolean
---@field can_reply_privately? boolean
---@field can_like? boolean
---@field can_hide? boolean
---@field can_delete? boolean
---@field why_not? string|string[] the channel's reasons
---@field window_left? integer|integer[]|sori.Range milliseconds left to answer
---@field text_max? integer|integer[]|sori.Range longest reply in characters
---@field url? string|string[]
---@field mode? "observe"|"approve"|"auto"|("observe"|"approve"|"auto")[] of the connection: observe, approve, auto
---@field private? boolean said in private
---@field negatives_hour? integer|integer[]|sori.Range negative voices in the last hour, all channels
---@field negatives_usual? integer|integer[]|sori.Range the same, on average over the last week
---@field open_cases? integer|integer[]|sori.Range of all contacts, now
---@field parent_text? string|string[] what it answers, where known
---@field target_title? string|string[] title of the post it is about, where known
---@field hours_open? boolean the department of the case, else the workspace, has office hours now
---@field answers? integer|integer[]|sori.Range words of other persons that answer this one, as far as known
---@field clock? "none"|"running"|"due_soon"|"breached"|"met"|"paused"|"stopped"|("none"|"running"|"due_soon"|"breached"|"met"|"paused"|"stopped")[] of that case: running, due_soon, breached, met, paused, stopped, none
---@field crisis? boolean an incident is open on a topic of this; absent where none can be
---@field case_alone? boolean of what was removed or hidden: no other word is in its case
---@field label? table<sori.Label, boolean|sori.Level|number> { ["tone.negative"] = "likely" }
---@field words? string|string[] any of them is in the text
---@field surge? table<string, { at_least: integer?, times: number? }> { ["topic.*"] = { at_least = 5, times = 3 } }

---The interaction that functions are given. Read-only; what is not known is nil.
---@class sori.Interaction
---@field on? "said"|"edited"|"removed"|"hidden"|"shown"|"due_soon"|"overdue"|"follow_up"|"human"|"outcome"|"linked"|"setting"|"arrived" what happened: said, edited, removed, overdue, …
---@field kind? "unknown"|"reaction"|"comment"|"share"|"mention"|"message"|"trackback"|"post" comment, mention, message, share, trackback, post
---@field share? "simple"|"specific" simple or specific
---@field channel? string the plugin's id
---@field connection? string the connection's name
---@field lang? string the platform's hint, else by script: ko or en
---@field origin? "person"|"us-by-hand"|"us-by-rule" who said it: person, us-by-hand, us-by-rule
---@field tone? "none"|"positive"|"neutral"|"negative"|"unsure" positive, neutral, negative, unsure
---@field tone_confidence? integer 0 to 10,000
---@field relationship? "neutral"|"consumer"|"loyal"|"anti" neutral, consumer, loyal, anti
---@field influencer? boolean flag of the contact
---@field text? string what was said; by reference once stored
---@field title? string
---@field author? string the author's name
---@field reach? integer followers or readers of the author
---@field spoke? integer how often this contact spoke before
---@field known_since? integer when this contact was first heard
---@field said_at? integer
---@field heard_at? integer
---@field now? integer the core's time of this decision
---@field case? "open"|"pending"|"snoozed"|"answered"|"closed" state of the contact's open case; absent where there is none
---@field department? string of that case
---@field owner? string of that case
---@field waited? integer milliseconds since the oldest unanswered word of that case
---@field due? integer when that case must be answered
---@field can_reply? boolean
---@field can_reply_privately? boolean
---@field can_like? boolean
---@field can_hide? boolean
---@field can_delete? boolean
---@field why_not? string the channel's reasons
---@field window_left? integer milliseconds left to answer
---@field text_max? integer longest reply in characters
---@field url? string
---@field mode? "observe"|"approve"|"auto" of the connection: observe, approve, auto
---@field private? boolean said in private
---@field negatives_hour? integer negative voices in the last hour, all channels
---@field negatives_usual? integer the same, on average over the last week
---@field open_cases? integer of all contacts, now
---@field parent_text? string what it answers, where known
---@field target_title? string title of the post it is about, where known
---@field id? integer of the interaction; not for conditions, for templates and pick
---@field hours_open? boolean the department of the case, else the workspace, has office hours now
---@field answers? integer words of other persons that answer this one, as far as known
---@field clock? "none"|"running"|"due_soon"|"breached"|"met"|"paused"|"stopped" of that case: running, due_soon, breached, met, paused, stopped, none
---@field crisis? boolean an incident is open on a topic of this; absent where none can be
---@field case_alone? boolean of what was removed or hidden: no other word is in its case
---@field label table<sori.Label, integer?> scores, 0 to 10,000

---@class sori.Check
---@field why string what it looks for; `sori why` prints it
---@field [1] fun(i: sori.Interaction): any

---@class sori.Rule
---@field when sori.When
---@field check? sori.Check
---@field direction? sori.Direction what it is for
---@field act sori.Intention|sori.Intention[]|fun(i: sori.Interaction): sori.Intention|sori.Intention[]|nil

---@class sori.Cell
---@field per "contact"|"case"
---@field type "int"
---@field keep string "90d"

---@class sori.Case
---@field given table facts by name ("unknown": not known), label = {…}, windows = {…}, cells by name
---@field expect? table rule, status, notes, labels, direction, goal, source, checks, says, lang, approve, silent, or a verb
---@field golden? boolean the whole decision is kept in tests/golden/ (sori policy test --update)

---Words by language ("ko", "en", "any") or connection.
---@alias sori.Words table<string, string[]|false>

---@class sori.Freeze
---@field from string "2027-04-16" or a time
---@field to string the last day, or a time
---@field why string
---@field what? "cheerful"|"all"
---@field zone? string "+09:00"

---What every word of ours is held against before it is sent.
---@class sori.Guide
---@field banned? sori.Words never said
---@field apology? sori.Words one of them stands in an apology
---@field origin? sori.Words one of them says who speaks
---@field automatic? sori.Words one of them says that nobody looked at it first
---@field next_step? sori.Words one of them says what comes next
---@field claims? sori.Words who says one of them names a source
---@field points? table<string, string[]> what is raised is named in the reply
---@field same_text? { people: integer, within: string }
---@field effort? { personal: integer?, expert: integer?, experts: string[]? }
---@field freeze? sori.Freeze[]
---@field surge? { at_least: integer, times: number }
---@field goal? "required"

---@class sori.Policy
local Policy = {}
---In *_test.lua.
---@param name string
---@return fun(case: sori.Case)
function Policy:case(name) end
---What is remembered of a contact or a case.
---@param cells table<string, sori.Cell>
function Policy:cell(cells) end
---Labels from words, where no classifier gives them: { ["topic.delivery"] = { "배송" } }
---@param lists table<string, string|string[]>
function Policy:label(lists) end
---How sure a label must be, by name.
---@param levels table<string, string|number> "precision 80%" or a score
function Policy:level(levels) end
---Notes all apply and may not speak.
---@param name string
---@return fun(rule: sori.Rule)
function Policy:note(name) end
---Of the rules the first that fits decides.
---@param name string
---@return fun(rule: sori.Rule)
function Policy:rule(name) end

sori = { text = {} }
---In init.lua, once.
---@param guide sori.Guide
function sori.guide(guide) end
---One of the list, always the same for the same interaction.
---@generic T
---@param i sori.Interaction
---@param list T[]
---@return T
function sori.pick(i, list) end
---A policy's rules, notes, levels, cells and labels are declared with it.
---@param name string
---@return sori.Policy
function sori.policy(name) end
---Does the text hold the part, whatever case, width and blanks?
---@param text string
---@param part string
---@return boolean
function sori.text.contains(text, part) end
sori.text.find = string.find
sori.text.gmatch = string.gmatch
sori.text.gsub = string.gsub
---@param text string
---@return string[]
function sori.text.handles(text) end
---Is one of the words in the text?
---@param text string
---@param ... string|string[]
---@return boolean
function sori.text.has(text, ...) end
---@param text string
---@return string[]
function sori.text.hashtags(text) end
---At most 100, as written.
---@param text string
---@return string[]
function sori.text.links(text) end
sori.text.lower = string.lower
sori.text.match = string.match
---The same for texts that mean the same: small letters of half width, single blanks, ㅋㅋㅋㅋ as ㅋㅋ.
---@param text string
---@return string
function sori.text.normalise(text) end
sori.text.sub = string.sub
---Is one of the words in the text, as a word? Korean ones may have particles behind them: 배송 is in 배송은, not in 배송비.
---@param text string
---@param ... string|string[]
---@return boolean
function sori.text.word(text, ...) end

---@param what sori.Reply|{ [1]: sori.Reply, approve: boolean|sori.When|nil, slot: integer?, lang: string?, long: "split"|"refuse"|nil, goal: sori.Goal?, source: string?, slots: table<string, string|number>? }
---@return sori.Intention
function reply(what) end
---@param what sori.Reply|{ [1]: sori.Reply, approve: boolean|sori.When|nil, slot: integer?, lang: string?, long: "split"|"refuse"|nil, goal: sori.Goal?, source: string?, slots: table<string, string|number>? }
---@return sori.Intention
function private_reply(what) end
---@return sori.Intention
function like() end
---@return sori.Intention
function hide() end
---@return sori.Intention
function delete() end
---@param what sori.Department
---@return sori.Intention
function assign(what) end
---@param what string
---@return sori.Intention
function tag(what) end
---@param what string may hold slots, "{author}: {text}"
---@return sori.Intention
function note(what) end
---@param what string may hold slots, "{author}: {text}"
---@return sori.Intention
function alert(what) end
---@param what string may hold slots, "{author}: {text}"
---@return sori.Intention
function hold(what) end
---@param what string "60m"
---@return sori.Intention
function follow_up(what) end
---@param what string|{ [1]: string, calendar: string? } "60m"
---@return sori.Intention
function clock(what) end
---@param what string may hold slots, "{author}: {text}"
---@return sori.Intention
function pause_clock(what) end
---@return sori.Intention
function stop_clock() end
---@return sori.Intention
function close() end
---@param what sori.CellName|{ [1]: sori.CellName, [2]: integer }
---@return sori.Intention
function add(what) end
---@param what sori.CellName|{ [1]: sori.CellName, [2]: integer }
---@return sori.Intention
function set(what) end
---@param what sori.Relationship
---@return sori.Intention
function relate(what) end
