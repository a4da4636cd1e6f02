# The bundled process on the real programs: what only the flow can show of its rows. T0 and T1 never
# reach the policy, T2 withdraws; a second word while somebody waits, an answer in the platform's own
# place, words that are taken away after a draft was made, an answer that is too long.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/flow.sh"
MODE=auto puppet_workspace 'limits { contact_gap = "0s", hour = 100000 }' \
    "connection \"desk\" { channel = \"puppet\", url = \"folder://$W/desk\", every = \"1s\", mode = \"approve\", allow = { \"$W/desk\" } }"
mkdir -p "$W/desk"
start
put() { cat > "$W/$1/.$2"; mv "$W/$1/.$2" "$W/$1/$2.item"; } # put FOLDER NAME: lines from stdin
state() { db "SELECT group_concat(state, ' ') FROM (SELECT a.state FROM action a JOIN interaction i ON i.id = a.interaction WHERE i.native = '$1' AND a.verb = 1 ORDER BY a.id)"; }
is() { [ "$(state "$1")" = "$2" ]; }
decisions() { db "SELECT count(*) FROM decision d JOIN journal j USING (seq) JOIN interaction i ON i.id = j.interaction WHERE i.native = '$1'"; }
rule() { db "SELECT d.rule FROM decision d JOIN journal j USING (seq) JOIN interaction i ON i.id = j.interaction WHERE i.native = '$1' ORDER BY d.seq DESC LIMIT 1"; }
ruled() { [ "$(rule "$1")" = "$2" ]; }
kase() { db "SELECT k.$2 FROM kase k JOIN author a ON a.contact = k.contact WHERE a.native = '$1' ORDER BY k.id DESC LIMIT 1"; }
LATE="주문한 지 일주일이 지났는데 아직도 배송이 안 왔어요. 정말 너무하네요."
BROKEN="The lamp arrived broken and nobody answers my emails. Very disappointed."
GLAD="포장도 꼼꼼하고 색감도 너무 예뻐요! 다음에도 여기서 살게요."

# ---- T0: delivered again with every poll, and our own words come back
put inbox a <<< "id=glad|author=glad|text=$GLAD"
wait_for 30 "thanks leave" is glad 4
expect "the row" "P3 a good word" "$(rule glad)"
OURS=$(db "SELECT a.native FROM action a JOIN interaction i ON i.id = a.interaction WHERE i.native = 'glad' AND a.verb = 1")
put inbox b <<I
id=$OURS|parent=glad|origin=hand|author=us|text=감사합니다
id=hand1|parent=glad|origin=hand|author=us|text=소송이라는 말도 우리가 하면 아무 일 없다
I
wait_for 20 "the echo is heard" equals 2 "SELECT count(*) FROM interaction WHERE native IN ('$OURS', 'hand1') AND said IS NOT NULL"
sleep 2.5
expect "T0 delivered again, decided once" 1 "$(decisions glad)"
expect "T0 one reply" 1 "$(cat "$W"/inbox/reply-*.json | grep '"to": "glad"' | grep -c '"verb": 1,')"
stored "T0 our own words are set aside" "2|2" "SELECT count(*), sum(d.status = 2) FROM decision d JOIN journal j USING (seq) JOIN interaction i ON i.id = j.interaction WHERE i.native IN ('$OURS', 'hand1')"
stored "T0 and known for what they are" "1 2" "SELECT group_concat(origin, ' ') FROM (SELECT origin FROM interaction WHERE native IN ('$OURS', 'hand1') ORDER BY origin)"

# ---- T1: likes and shares without words are counted, and no task is made of any
seq 1 50 | awk '{ printf "kind=reaction|id=like%d|author=fan%d|target=post|reaction=like|value=1|version=1\n", $1, $1
                  printf "kind=share|share=simple|id=share%d|author=fan%d|target=post|version=1\n", $1, $1 }' | put inbox c
put inbox d <<< "kind=share|share=specific|id=words|author=words|target=post|text=$GLAD"
wait_for 30 "a share with words is decided" ruled words "P2 thanks at the source"
wait_for 20 "likes are counted" equals 50 "SELECT sum(n) FROM tally WHERE class = 'like'"
stored "T1 shares are counted" 50 "SELECT sum(n) FROM tally WHERE class LIKE '%share%'"
stored "T1 none is decided" 0 "SELECT count(*) FROM decision d JOIN journal j USING (seq) JOIN interaction i ON i.id = j.interaction WHERE i.native LIKE 'like%' OR i.native LIKE 'share%'"
stored "T1 none makes a case" 0 "SELECT count(*) FROM kase k JOIN author a ON a.contact = k.contact WHERE a.native LIKE 'fan%'"

# ---- a second word while somebody waits for approval: one case, one draft, one clock
put desk a <<< "id=wait1|author=wait|text=$LATE"
wait_for 20 "a draft waits" is wait1 0
expect "the row" "T10 delivery can be put right" "$(rule wait1)"
DUE=$(kase wait due)
put desk b <<< "id=wait2|author=wait|text=$LATE 도대체 언제 오나요."
wait_for 20 "the second word joins the case" ruled wait2 "T10 a case is open"
expect "no second draft" "" "$(state wait2)"
expect "the clock goes on" "$DUE" "$(kase wait due)"
stored "one case" 1 "SELECT count(*) FROM kase k JOIN author a ON a.contact = k.contact WHERE a.native = 'wait'"

# ---- somebody of ours answers in the platform's own place: the draft is withdrawn, the clock stops
put desk c <<< "id=app1|parent=wait1|origin=hand|author=us|text=제가 지금 확인하고 있습니다"
wait_for 20 "the draft is withdrawn" is wait1 9
stored "answered" 3 "SELECT k.state FROM kase k JOIN author a ON a.contact = k.contact WHERE a.native = 'wait' ORDER BY k.id DESC LIMIT 1"
expect "nothing of ours left by rule" 0 "$(ls "$W/desk" | grep -c '^reply-')"

# ---- T2: taken away after a draft was made
put desk d <<< "id=gone|author=gone|text=$LATE|version=1"
wait_for 20 "a draft waits" is gone 0
put desk e <<< "id=gone|event=removed|version=2"
wait_for 20 "T2 nothing is said" is gone 8
wait_for 20 "T2 the row" ruled gone "T2 taken away"
stored "T2 the case is closed" 4 "SELECT k.state FROM kase k JOIN author a ON a.contact = k.contact WHERE a.native = 'gone' ORDER BY k.id DESC LIMIT 1"
stored "T2 no timer of it lives" 0 "SELECT count(*) FROM timer t JOIN kase k ON k.id = t.subject AND k.version = t.version JOIN author a ON a.contact = k.contact WHERE a.native = 'gone'"
code=0; sori approve "$(id_of gone)" > /dev/null 2>&1 || code=$?
expect "T2 nobody can send it any more" 1 "$code"
put desk f <<I
id=first|author=two|text=$LATE|version=1
id=other|author=two|text=환불도 아직 안 됐어요. 정말 너무하네요.
I
wait_for 20 "both words are decided" ruled other "T10 a case is open"
put desk g <<< "id=first|event=removed|version=2"
wait_for 20 "T2 one of two words" ruled first "T2 one word of several taken away"
expect "T2 the other still waits" 0 "$(kase two state)"

# ---- an answer that the channel has no room for
put inbox e <<< "id=short|author=short|max=40|text=$LATE"
wait_for 20 "the row" ruled short "T10 delivery can be put right"
expect "too long: a draft that a person shortens" 0 "$(state short)"
grep -qw "$(id_of short)" <(sori inbox) || fail "too long, and nobody is asked"
sori approve "$(id_of short)" --edit "죄송합니다. 쪽지 주세요" > /dev/null || fail "approve --edit"
wait_for 20 "the shorter words leave" is short 4

# ---- a holding reply leaves the answer owed: it is out, and the clock goes on
put inbox f <<< "id=ask|kind=message|author=ask|text=Could you tell me whether you ship to Jeju Island?"
wait_for 20 "the holding reply leaves" is ask 4
holds() { case "$(rule ask)" in "T12 asked"*) return 0 ;; esac; return 1; }
holds || fail "a question in private was decided by $(rule ask)"
stored "the case is open, and its clock runs" "0|1" "SELECT k.state, k.clock FROM kase k JOIN author a ON a.contact = k.contact WHERE a.native = 'ask' ORDER BY k.id DESC LIMIT 1"
sori reply "$(id_of ask)" "네, 제주도도 배송됩니다." > /dev/null || fail reply
wait_for 20 "a person answers" equals 3 "SELECT k.state FROM kase k JOIN author a ON a.contact = k.contact WHERE a.native = 'ask'"

# ---- T8: heard, not answered, looked at once more tomorrow; until then no clock runs
put inbox g <<< "id=rant|author=rant|text=이 쓰레기 같은 회사 망해라"
wait_for 20 "the row" ruled rant "T8 a rant"
expect "T8 nothing is said" "" "$(state rant)"
expect "T8 pending, its clock paused" "1 5" "$(kase rant state) $(kase rant clock)"
stored "T8 one timer, for tomorrow" "8" "SELECT t.kind FROM timer t JOIN kase k ON k.id = t.subject JOIN author a ON a.contact = k.contact WHERE a.native = 'rant' AND t.version IS NULL AND t.due > (strftime('%s', 'now') + 80000) * 1000"

# ---- T4: a crisis begins while replies wait for their turn: none of them leaves by itself
# What a usual hour is like is known after a day: all that was so far becomes yesterday's.
stop_all
sqlite3 -cmd '.timeout 20000' "$W/data/sori.db" "UPDATE journal SET at = at - 108000000; UPDATE decision SET at = at - 108000000"
start
sori pause > /dev/null || fail pause
for i in 1 2 3 4 5; do
    put inbox "boil$i" <<< "id=boil$i|author=boil$i|text=$BROKEN"
    wait_for 20 "boil$i is decided" ruled "boil$i" "T10 product can be put right"
done
expect "they would leave at once" "1 1 1 1 1" "$(for i in 1 2 3 4 5; do state boil$i; done | xargs)"
put inbox boil6 <<< "id=boil6|author=boil6|text=$BROKEN"
wait_for 20 "T4 the next one is held" ruled boil6 "T4 a topic boils over"
expect "T4 its holding reply waits for a person" 0 "$(state boil6)"
sori resume > /dev/null || fail resume
all_held() { [ "$(for i in 1 2 3 4 5 6; do state boil$i; done | xargs)" = "0 0 0 0 0 0" ]; }
wait_for 30 "T4 what waited for its turn waits for a person" all_held
sori why "$(id_of boil1)" > "$T/why"
grep -q "topic.product boils over" "$T/why" || { cat "$T/why"; fail "why does not tell of the crisis"; }

stored "what was not decided" 0 "SELECT count(*) FROM decision WHERE status IN (4, 5)"
expect "deaths of the core" 0 "$(grep -c 'refused a commit' "$T/log")"
sori check --store || fail "check --store"
