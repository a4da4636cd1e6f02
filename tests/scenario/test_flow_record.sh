# Record: redelivery changes nothing, a second connection is a sighting, edits are revisions, what was
# removed first stays removed, unknown parents are stubs, reactions are counted exactly in any order,
# nothing is said about the past, and no item of a stranger can end the core.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/flow.sh"
MODE=auto puppet_workspace 'limits { contact_gap = "0s", hour = 100000 }' \
    "connection \"second\" { channel = \"puppet\", url = \"folder://$W/second\", every = \"1s\", mode = \"auto\", allow = { \"$W/second\" } }"
mkdir -p "$W/second"
policy <<'LUA'
local t = sori.policy "test"
t:rule "all" { when = { on = { "said", "edited" }, kind = { "comment", "mention", "message" } }, act = { reply "ok" } }
return t
LUA
start
one() { db "SELECT $2 FROM interaction WHERE native = '$1'"; }
polls() { db "SELECT count(*) FROM journal"; }

S='space=puppet:page'
items a <<I
$S|id=c1|author=kim|text=배송이 늦어요|version=1
$S|id=c2|author=lee|text=환불이요|version=1|parent=c1|target=post1
$S|id=c3|author=lee|text=없는 부모|parent=nobody|target=post1
$S|id=self|author=own|text=나 자신의 부모|parent=self|target=self
$S|event=removed|id=early|version=5
I
wait_for 20 "four are decided" decided 4
cp "$W/inbox/a.item" "$W/second/.a"; mv "$W/second/.a" "$W/second/a.item"
wait_for 20 "seen by the second connection" equals 4 "SELECT count(*) FROM sighting"
wait_for 20 "four replies" equals 4 "SELECT count(*) FROM action WHERE state = 4"
stored "interactions" 5 "SELECT count(*) FROM interaction WHERE space = (SELECT id FROM space WHERE name = 'puppet:page') AND native IN ('c1', 'c2', 'c3', 'self', 'early')"
stored "said once each" 4 "SELECT count(*) FROM journal WHERE kind = 1"
expect "parent of c2" "$(one c1 id)" "$(one c2 parent)"
expect "stub of the unknown parent" 0 "$(one nobody state)"
expect "its own parent" "$(one self id)" "$(one self parent)"

# ---- revisions: by version; an older one changes nothing; the unknown parent turns up
items a <<I
$S|id=c1|author=kim|text=배송이 아직도 늦어요|version=3
$S|id=c1|author=kim|text=옛날 글|version=2
$S|id=nobody|author=park|text=부모가 왔어요
$S|id=early|author=choi|text=먼저 지워진 글|version=1
$S|id=un|author=un|text=첫 글
I
wait_for 20 "the edit, the parent, the unversioned" equals 1 "SELECT count(*) FROM journal WHERE kind = 2"
wait_for 20 "un" equals 1 "SELECT count(*) FROM decision d JOIN journal j USING (seq) JOIN interaction i ON i.id = j.interaction WHERE i.native = 'un'"
expect "removed first stays removed" 3 "$(one early state)"
stored "nothing is said about it" 0 "SELECT count(*) FROM action WHERE interaction = $(one early id)"
expect "the stub came to life" 1 "$(one nobody state)"
expect "parent of c3" "$(one nobody id)" "$(one c3 parent)"
items a <<I
$S|id=c1|author=kim|text=배송이 아직도 늦어요|version=3
$S|id=un|author=un|text=고친 글
I
wait_for 20 "an unversioned edit" equals 2 "SELECT count(*) FROM journal WHERE kind = 2"
items a <<I
$S|id=un|author=un|text=첫 글|seen=event
$S|id=mark|author=mark|text=표시
I
wait_for 20 "mark" equals 1 "SELECT count(*) FROM interaction WHERE native = 'mark'"
stored "an old event is no edit" 2 "SELECT count(*) FROM journal WHERE kind = 2"
items a <<I
$S|id=c2|event=removed
$S|id=c1|event=hidden
I
wait_for 20 "removed" equals 3 "SELECT state FROM interaction WHERE native = 'c2'"
wait_for 20 "hidden" equals 2 "SELECT state FROM interaction WHERE native = 'c1'"
items a <<I
$S|id=c2|author=lee|text=지운 뒤에 다시|version=9
$S|id=c1|event=shown
I
wait_for 20 "shown" equals 1 "SELECT state FROM interaction WHERE native = 'c1'"
expect "removed stays removed" 3 "$(one c2 state)"

# ---- an older change of state, delivered again, changes nothing; an edit from between is an edit
N=0
for change in hidden:12 shown:13 hidden:12; do
    N=$((N + 1)) # a mark, so that each of them is heard
    items a <<I
$S|id=c1|event=${change%:*}|version=${change#*:}
$S|id=heard$N|author=mark|text=표시 $N
I
    wait_for 20 "change $N is heard" equals 1 "SELECT count(*) FROM interaction WHERE native = 'heard$N'"
done
items a <<I
$S|id=c1|author=kim|text=그 사이에 고친 글|version=11
$S|id=mark2|author=mark|text=표시
I
wait_for 20 "mark2" equals 1 "SELECT count(*) FROM interaction WHERE native = 'mark2'"
expect "shown is the last word" 1 "$(one c1 state)"
stored "the edit from between" "그 사이에 고친 글" "SELECT text FROM journal WHERE interaction = $(one c1 id) ORDER BY seq DESC LIMIT 1"

# ---- the past: old words, and an edit of old words
old=$(( ($(date +%s) - 30 * 86400) * 1000 ))
items a <<I
$S|id=old|author=old|text=옛날에|version=1|said_at=$old
I
wait_for 20 "past" equals 3 "SELECT d.status FROM decision d JOIN journal j USING (seq) JOIN interaction i ON i.id = j.interaction WHERE i.native = 'old'"
items a <<I
$S|id=old|author=old|text=옛날에 고침|version=2|said_at=$old
I
wait_for 20 "the edit of it is past too" equals 2 "SELECT count(*) FROM decision d JOIN journal j USING (seq) JOIN interaction i ON i.id = j.interaction WHERE i.native = 'old' AND d.status = 3"
stored "nothing is said about the past" 0 "SELECT count(*) FROM action WHERE interaction = $(one old id)"

# ---- reactions: 40 people, each like 1, back 2, love 3; every order, several times, two connections
react() {
    awk -v seed="$1" -v s="$S" 'BEGIN { srand(seed); for (p = 1; p <= 40; p++) {
        printf "%f\t%s|kind=reaction|id=l%d|author=p%d|target=post1|reaction=like|value=1|version=1\n", rand(), s, p, p
        if (p % 2) printf "%f\t%s|kind=reaction|id=l%d|author=p%d|target=post1|reaction=like|value=0|version=2\n", rand(), s, p, p
        if (p % 4 == 0) printf "%f\t%s|kind=reaction|id=v%d|author=p%d|target=post1|reaction=love|value=1|version=3\n", rand(), s, p, p
        if (p % 8 == 0) printf "%f\t%s|kind=reaction|event=removed|id=v%d|author=p%d|target=post1|reaction=love|version=4\n", rand(), s, p, p } }' | sort -n | cut -f2-
}
react 1 | items r1
react 2 | items r2
react 3 > "$W/second/.r"; mv "$W/second/.r" "$W/second/r.item"
# Each folder is read in the order of its names: behind these nothing more comes.
echo "$S|id=end|author=end|text=끝" | items z
echo "$S|id=end2|author=end|text=끝" > "$W/second/.z"; mv "$W/second/.z" "$W/second/z.item"
wait_for 20 "the end of both" equals 2 "SELECT count(*) FROM interaction WHERE native IN ('end', 'end2')"
n="SELECT COALESCE(sum(n), 0) FROM tally t WHERE target = (SELECT id FROM interaction WHERE native = 'post1') AND class ="
stored "likes" 20 "$n 'like'"
stored "loves" 5 "$n 'love'"
expect "tally is the sum of the ledger" "$(db "SELECT class, sum(value) FROM reaction GROUP BY class ORDER BY class")" "$(db "SELECT class, sum(n) FROM tally GROUP BY class ORDER BY class")"
stored "reactions decided" 0 "SELECT count(*) FROM journal j JOIN interaction i ON i.id = j.interaction WHERE i.kind = 1 AND j.kind = 1"
expect "deaths of the core" 0 "$(grep -c 'refused a commit' "$T/log")"
stored "one reply an interaction and revision at most" 0 "SELECT count(*) FROM (SELECT count(*) n FROM action WHERE state = 4 GROUP BY interaction, slot HAVING n > 1)"
sori check --store || fail "check --store"
