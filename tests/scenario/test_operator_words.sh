# What a person is shown can be read at one sitting and without arithmetic: one zone for all times,
# the workspace's, named once; confidences from 0 to 1; a whole bundle only where it is asked for.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/flow.sh"
MODE=observe hello_workspace
{
    echo 'local t = sori.policy "test"'
    echo 't:cell { seen = { per = "contact", type = "int", keep = "90d" } }'
    for i in $(seq 300); do echo "-- line $i"; done
    echo 't:rule "rest" { when = { kind = "comment" }, act = { reply "ok", tag "rest", clock "90m", assign "support", add "seen" } }'
    echo 'return t'
} | policy
printf 'sori.guide { goal = "required" }\nreturn { "rules/test" }\n' > "$W/policy/init.lua"
export TZ=America/New_York # of the terminal
start
say one "배송이 너무 늦어요. 정말 실망입니다" kim
wait_for 20 "it is decided" decided 1
has() { grep -qE -- "$2" "$T/$1" || { cat "$T/$1"; fail "$1 does not say: $2"; }; }
hasnt() { grep -qE -- "$2" "$T/$1" && { cat "$T/$1"; fail "$1 says: $2"; }; }

# ---- why
heard=@$(db 'SELECT max(heard_at) / 1000 FROM interaction') live=@$(db 'SELECT at / 1000 FROM generation WHERE id = 1')
sori why 1 > "$T/why" || fail "why"
has why '^  times         Asia/Seoul$'
expect "the zone is named once" 1 "$(sed '/account/q' "$T/why" | grep -c 'Asia/Seoul')"
has why "^  heard         $(TZ=Asia/Seoul date -d "$heard" +'%m-%d %H:%M')$"
hasnt why '[0-9]T[0-9][0-9]:[0-9][0-9]:[0-9].*Z'
has why 'tone_confidence=[01]\.[0-9][0-9](,|$)'
hasnt why 'tone_confidence=[0-9][0-9]'
has why '^  intends       clock 1h 30m$'
has why '^  intends       reply ok \(after approval; not passed: goal\): '
has why '^  intends       add seen \+1$'
sori show 1 > "$T/show" || fail "show"
has show '^  times         Asia/Seoul$'
hasnt show '[0-9]T[0-9][0-9]:[0-9][0-9]:[0-9].*Z'
sori why 1 --json | python3 -c '
import json, sys
row = json.load(sys.stdin)
assert "zone" not in row and row["heard_at"].endswith("Z"), row
assert row["decisions"][0]["facts"]["tone_confidence"] > 1, row
' || fail "programs read what they read before"

# ---- history
seoul=$(TZ=Asia/Seoul date -d "$live" +%m-%d)
new_york=$(date -d "$live" +%m-%d)
sori history > "$T/history" || fail "history"
has history '^times are those of Asia/Seoul$'
has history "^gen 1, [A-Z][a-z][a-z] $seoul "
[ "$seoul" = "$new_york" ] || hasnt history "$new_york"
sori history 1 > "$T/one" || fail "history 1"
[ "$(wc -l < "$T/one")" -lt 120 ] || fail "history of one generation prints $(wc -l < "$T/one") lines"
has one 'and [0-9]+ lines more; .sori history 1 --all. shows them$'
sori history 1 --all > "$T/all" || fail "history 1 --all"
[ "$(grep -c '^+-- line' "$T/all")" = 300 ] || fail "--all shows $(grep -c '^+-- line' "$T/all") lines"
hasnt all 'lines more'
sori history 1 --json | python3 -c 'import json, sys; assert json.load(sys.stdin)["diff"].count("+-- line") == 300' || fail "history 1 --json is whole"
