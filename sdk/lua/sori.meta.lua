---@meta _
-- Types of Sori's policies for editors. Made by `sori policy types`; do not edit.
-- `pairs` and `next` walk in the order of keys: numbers, texts by their bytes, false, true.
error("this file is for editors")

---A number, for tone_confidence a score from 0 to 1, or a span: "90s", "30m", "2h", "7d".
---@alias sori.Amount number|string

---@class sori.Range
---@field below? sori.Amount
---@field above? sori.Amount
---@field at_least? sori.Amount
---@field at_most? sori.Amount

---Negative words on a topic within an hour, and how many times a usual hour's.
---@class sori.Surge
---@field at_least? integer
---@field times? number

---What a rule wants done. Made by reply, assign, tag, …
---@class sori.Intention

---@alias sori.fact.on "said"|"edited"|"removed"|"hidden"|"shown"|"due_soon"|"overdue"|"follow_up"|"human"|"outcome"|"linked"|"setting"|"arrived"
---@alias sori.fact.kind "unknown"|"reaction"|"comment"|"share"|"mention"|"message"|"trackback"|"post"
---@alias sori.fact.share "simple"|"specific"
---@alias sori.fact.origin "person"|"us-by-hand"|"us-by-rule"
---@alias sori.fact.tone "none"|"positive"|"neutral"|"negative"|"unsure"
---@alias sori.fact.relationship "neutral"|"consumer"|"loyal"|"anti"
---@alias sori.fact.case "open"|"pending"|"snoozed"|"answered"|"closed"
---@alias sori.fact.mode "observe"|"approve"|"auto"
---@alias sori.fact.clock "none"|"running"|"due_soon"|"breached"|"met"|"paused"|"stopped"

---What a rule is for.
---@alias sori.Direction "ignore"|"count"|"withdraw"|"let_stand"|"like_only"|"thank"|"share_success"|"answer"|"invite_talk"|"correct_facts"|"support"|"apologise"|"escalate"|"monitor"|"wait"|"ask_human"|"hold_for_approval"|"notify"
---What a reply is meant to do.
---@alias sori.Goal "inform"|"guide"|"document"|"thank"|"repair"
---How somebody stands to us.
---@alias sori.Relationship "neutral"|"consumer"|"loyal"|"anti"

---A file replies/NAME.LANG.md.
---@alias sori.Reply string
---A word of :level.
---@alias sori.Level string
---A name of :cell.
---@alias sori.CellName string
---A name of :rule.
---@alias sori.RuleName string
---Who a case is given to.
---@alias sori.Department string
---A plugin that the workspace has connections of.
---@alias sori.Channel string
---A language.
---@alias sori.Lang string
---A calendar of sori.lua.
---@alias sori.Calendar string

---true: the label is there. false: it is known not to be. A level or a score: at least that.
---@alias sori.Wanted boolean|sori.Level|number

---Keys stand in brackets and quotes: { ["tone.negative"] = true }
---@class sori.Labels
---@field [string] sori.Wanted

---The same in tests: { ["tone.negative"] = 0.9 }
---@class sori.GivenLabels
---@field [string] number

---What functions read: i.label["tone.negative"]
---@class sori.Scores
---@field [string] integer?

---What a condition may ask. Cells that you declare may be asked for as well.
---@class sori.When
---@field on? sori.fact.on|sori.fact.on[] what happened: said, edited, removed, overdue, …
---@field kind? sori.fact.kind|sori.fact.kind[] comment, mention, message, share, trackback, post
---@field share? sori.fact.share|sori.fact.share[] simple or specific
---@field channel? sori.Channel|sori.Channel[] the plugin's id
---@field connection? string|string[] the connection's name
---@field lang? sori.Lang|sori.Lang[] the platform's hint, else by script: ko or en
---@field origin? sori.fact.origin|sori.fact.origin[] who said it: person, us-by-hand, us-by-rule
---@field tone? sori.fact.tone|sori.fact.tone[] positive, neutral, negative, unsure
---@field tone_confidence? sori.Amount|sori.Amount[]|sori.Range 0 to 10,000
---@field relationship? sori.fact.relationship|sori.fact.relationship[] neutral, consumer, loyal, anti
---@field influencer? boolean flag of the contact
---@field text? string|string[] what was said; by reference once stored
---@field title? string|string[]
---@field author? string|string[] the author's name
---@field reach? sori.Amount|sori.Amount[]|sori.Range followers or readers of the author
---@field spoke? sori.Amount|sori.Amount[]|sori.Range how often this contact spoke before
---@field known_since? sori.Amount|sori.Amount[]|sori.Range when this contact was first heard
---@field said_at? sori.Amount|sori.Amount[]|sori.Range
---@field heard_at? sori.Amount|sori.Amount[]|sori.Range
---@field now? sori.Amount|sori.Amount[]|sori.Range the core's time of this decision
---@field case? sori.fact.case|sori.fact.case[] state of the contact's open case; absent where there is none
---@field department? sori.Department|sori.Department[] of that case
---@field owner? string|string[] of that case
---@field waited? sori.Amount|sori.Amount[]|sori.Range milliseconds since the oldest unanswered word of that case
---@field due? sori.Amount|sori.Amount[]|sori.Range when that case must be answered
---@field can_reply? boolean
---@field can_reply_privately? boolean
---@field can_like? boolean
---@field can_hide? boolean
---@field can_delete? boolean
---@field why_not? string|string[] the channel's reasons
---@field window_left? sori.Amount|sori.Amount[]|sori.Range milliseconds left to answer
---@field text_max? sori.Amount|sori.Amount[]|sori.Range longest reply in characters
---@field url? string|string[]
---@field mode? sori.fact.mode|sori.fact.mode[] of the connection: observe, approve, auto
---@field public private? boolean said in private
---@field negatives_hour? sori.Amount|sori.Amount[]|sori.Range negative voices in the last hour, all channels
---@field negatives_usual? sori.Amount|sori.Amount[]|sori.Range the same, on average over the last week
---@field open_cases? sori.Amount|sori.Amount[]|sori.Range of all contacts, now
---@field parent_text? string|string[] what it answers, where known
---@field target_title? string|string[] title of the post it is about, where known
---@field hours_open? boolean the department of the case, else the workspace, has office hours now
---@field answers? sori.Amount|sori.Amount[]|sori.Range words of other persons that answer this one, as far as known
---@field clock? sori.fact.clock|sori.fact.clock[] of that case: running, due_soon, breached, met, paused, stopped, none
---@field crisis? boolean an incident is open on a topic of this; absent where none can be
---@field case_alone? boolean of what was removed or hidden: no other word is in its case
---@field label? sori.Labels { ["tone.negative"] = "likely" }
---@field words? string|string[] any of them is in the text
---@field surge? table<string, sori.Surge> { ["topic.*"] = { at_least = 5, times = 3 } }

---The interaction that functions are given. Read-only; what is not known is nil.
---@class sori.Interaction
---@field on? sori.fact.on what happened: said, edited, removed, overdue, …
---@field kind? sori.fact.kind comment, mention, message, share, trackback, post
---@field share? sori.fact.share simple or specific
---@field channel? sori.Channel the plugin's id
---@field connection? string the connection's name
---@field lang? sori.Lang the platform's hint, else by script: ko or en
---@field origin? sori.fact.origin who said it: person, us-by-hand, us-by-rule
---@field tone? sori.fact.tone positive, neutral, negative, unsure
---@field tone_confidence? integer 0 to 10,000
---@field relationship? sori.fact.relationship neutral, consumer, loyal, anti
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
---@field case? sori.fact.case state of the contact's open case; absent where there is none
---@field department? sori.Department of that case
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
---@field mode? sori.fact.mode of the connection: observe, approve, auto
---@field public private? boolean said in private
---@field negatives_hour? integer negative voices in the last hour, all channels
---@field negatives_usual? integer the same, on average over the last week
---@field open_cases? integer of all contacts, now
---@field parent_text? string what it answers, where known
---@field target_title? string title of the post it is about, where known
---@field id? integer of the interaction; not for conditions, for templates and pick
---@field hours_open? boolean the department of the case, else the workspace, has office hours now
---@field answers? integer words of other persons that answer this one, as far as known
---@field clock? sori.fact.clock of that case: running, due_soon, breached, met, paused, stopped, none
---@field crisis? boolean an incident is open on a topic of this; absent where none can be
---@field case_alone? boolean of what was removed or hidden: no other word is in its case
---@field label sori.Scores 0 to 10,000

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

---Facts by name; "unknown" leaves out what is taken where nothing is said.
---@class sori.Given
---@field on? sori.fact.on|"unknown" what happened: said, edited, removed, overdue, …
---@field kind? sori.fact.kind|"unknown" comment, mention, message, share, trackback, post
---@field share? sori.fact.share|"unknown" simple or specific
---@field channel? sori.Channel the plugin's id
---@field connection? string the connection's name
---@field lang? sori.Lang the platform's hint, else by script: ko or en
---@field origin? sori.fact.origin|"unknown" who said it: person, us-by-hand, us-by-rule
---@field tone? sori.fact.tone|"unknown" positive, neutral, negative, unsure
---@field tone_confidence? sori.Amount 0 to 10,000
---@field relationship? sori.fact.relationship|"unknown" neutral, consumer, loyal, anti
---@field influencer? boolean|"unknown" flag of the contact
---@field text? string what was said; by reference once stored
---@field title? string
---@field author? string the author's name
---@field reach? sori.Amount followers or readers of the author
---@field spoke? sori.Amount how often this contact spoke before
---@field known_since? sori.Amount when this contact was first heard
---@field said_at? sori.Amount
---@field heard_at? sori.Amount
---@field now? sori.Amount the core's time of this decision
---@field case? sori.fact.case|"unknown" state of the contact's open case; absent where there is none
---@field department? sori.Department of that case
---@field owner? string of that case
---@field waited? sori.Amount milliseconds since the oldest unanswered word of that case
---@field due? sori.Amount when that case must be answered
---@field can_reply? boolean|"unknown"
---@field can_reply_privately? boolean|"unknown"
---@field can_like? boolean|"unknown"
---@field can_hide? boolean|"unknown"
---@field can_delete? boolean|"unknown"
---@field why_not? string the channel's reasons
---@field window_left? sori.Amount milliseconds left to answer
---@field text_max? sori.Amount longest reply in characters
---@field url? string
---@field mode? sori.fact.mode|"unknown" of the connection: observe, approve, auto
---@field public private? boolean|"unknown" said in private
---@field negatives_hour? sori.Amount negative voices in the last hour, all channels
---@field negatives_usual? sori.Amount the same, on average over the last week
---@field open_cases? sori.Amount of all contacts, now
---@field parent_text? string what it answers, where known
---@field target_title? string title of the post it is about, where known
---@field id? sori.Amount of the interaction; not for conditions, for templates and pick
---@field hours_open? boolean|"unknown" the department of the case, else the workspace, has office hours now
---@field answers? sori.Amount words of other persons that answer this one, as far as known
---@field clock? sori.fact.clock|"unknown" of that case: running, due_soon, breached, met, paused, stopped, none
---@field crisis? boolean|"unknown" an incident is open on a topic of this; absent where none can be
---@field case_alone? boolean|"unknown" of what was removed or hidden: no other word is in its case
---@field label? sori.GivenLabels { ["tone.negative"] = 0.9 }
---@field windows? table<string, { hour: integer, usual: number? }> { ["topic.delivery"] = { hour = 14, usual = 2.1 } }

---What must come out; false: none.
---@class sori.Expect
---@field rule? sori.RuleName|false
---@field status? "decided"|"none"|"past"|"held"|"quarantined"
---@field notes? string[] notes that apply
---@field labels? string[] labels that lists of words found
---@field direction? sori.Direction|false
---@field goal? sori.Goal|false
---@field source? string|false
---@field checks? string[]|false checks of the send gate that are not passed
---@field says? string|false a part of what is said
---@field lang? sori.Lang|false in which it is said
---@field approve? boolean a person lets it go
---@field silent? boolean nothing is said
---@field reply? boolean|sori.Reply|sori.Reply[]
---@field private_reply? boolean|sori.Reply|sori.Reply[]
---@field like? boolean
---@field hide? boolean
---@field delete? boolean
---@field assign? boolean|sori.Department|sori.Department[]
---@field tag? boolean|string|string[]
---@field note? boolean|string|string[]
---@field alert? boolean|string|string[]
---@field hold? boolean|string|string[]
---@field follow_up? boolean|string|string[]
---@field clock? boolean|string|string[]
---@field pause_clock? boolean|string|string[]
---@field stop_clock? boolean
---@field close? boolean
---@field add? boolean|sori.CellName|sori.CellName[]
---@field set? boolean|sori.CellName|sori.CellName[]
---@field relate? boolean|sori.Relationship|sori.Relationship[]

---In *_test.lua.
---@class sori.Case
---@field given sori.Given
---@field expect? sori.Expect
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
---@field surge? sori.Surge
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

---@class sori.Library
sori = {}
---@class sori.Text
sori.text = {}
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

---The words, and how: { "sorry", approve = true }
---@class sori.Saying
---@field [1] sori.Reply a file replies/NAME.LANG.md
---@field approve? boolean|sori.When a person lets it go: always, or where all of this holds
---@field goal? sori.Goal what it is meant to do
---@field source? string what it rests on: a link or a document's name
---@field slots? table<string, string|number> what the rule fills in
---@field slot? integer a second reply to the same word needs another number
---@field lang? sori.Lang whatever the person's
---@field long? "split"|"refuse" what becomes of one that is too long

---{ "60m", calendar = "night" }
---@class sori.Clock
---@field [1] string "60m"
---@field calendar? sori.Calendar

---@overload fun(what: sori.Saying): sori.Intention
---@param what sori.Reply
---@return sori.Intention
function reply(what) end
---@overload fun(what: sori.Saying): sori.Intention
---@param what sori.Reply
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
---@param what string|sori.Clock "60m"
---@return sori.Intention
function clock(what) end
---@param what string may hold slots, "{author}: {text}"
---@return sori.Intention
function pause_clock(what) end
---@return sori.Intention
function stop_clock() end
---@return sori.Intention
function close() end
---@overload fun(what: { [1]: sori.CellName, [2]: integer? }): sori.Intention
---@param what sori.CellName
---@return sori.Intention
function add(what) end
---@param what { [1]: sori.CellName, [2]: integer }
---@return sori.Intention
function set(what) end
---@param what sori.Relationship
---@return sori.Intention
function relate(what) end
