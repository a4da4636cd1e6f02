# What every command keeps to: --help, usage errors with 2, no core with 4, JSON that parses where
# --json is given, colours and progress on a terminal alone.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/flow.sh"
command -v python3 >/dev/null || { echo "SKIPPED: python3 is not installed"; exit 77; }
MODE=approve hello_workspace 'connection "files" { channel = "import", mode = "observe" }'
policy_all 'reply "ok"'

code_of() { "$SORI" "$@" >"$T/said" 2>"$T/err" </dev/null; echo $?; }
commands=$("$SORI" --help | sed -n 's/^  \([a-z]*\)  *[a-z].*/\1/p')
[ "$(wc -w <<<"$commands")" -gt 30 ] || fail "the help lists only: $commands"
for command in $commands; do
    [ "$(code_of $command --help)" = 0 ] || fail "$command --help: $(cat "$T/err")"
    head -1 "$T/said" | grep -q "^usage: sori $command" || fail "$command --help begins with: $(head -1 "$T/said")"
    [ "$(code_of $command --nonesuch)" = 2 ] || fail "$command --nonesuch is no usage error"
    [ -s "$T/said" ] && fail "$command --nonesuch prints on stdout: $(cat "$T/said")"
done
forms=0
for group in new connection contact policy plugin model; do
    for form in $("$SORI" $group --help | grep -oE "sori $group [a-z]+" | sort -u | cut -d' ' -f3); do
        forms=$((forms + 1))
        [ "$(code_of $group $form --help)" = 0 ] || fail "$group $form --help: $(cat "$T/err")"
        grep -q "^ *\(usage: \)\?sori $group $form" "$T/said" || fail "$group $form --help does not tell of it: $(cat "$T/said")"
        [ "$(code_of $group $form --nonesuch)" = 2 ] || fail "$group $form --nonesuch is no usage error: $(cat "$T/err")"
    done
done
[ $forms -gt 18 ] || fail "only $forms forms were found"
[ "$(code_of)" = 2 ] && [ "$(code_of imbox)" = 2 ] && grep -q "did you mean 'inbox'" "$T/err" || fail "a slip of the pen: $(cat "$T/err")"
[ "$(code_of status -w "$T/nowhere")" = 2 ] || fail "a workspace that is not there: $(cat "$T/err")"
echo "ok: $(wc -w <<<"$commands") commands and $forms forms have --help and know their options"

# Without a core: 4, and it is said what to do.
while read -r words; do
    # shellcheck disable=SC2086
    [ "$(code_of $words -w "$W")" = 4 ] || fail "without a core: sori $words: $(cat "$T/err")"
    grep -qi 'not running' "$T/err" || fail "sori $words does not say why: $(cat "$T/err")"
done <<'WORDS'
status
inbox
show 1
why 1
search word
export --since 1h
history
reload
rollback
pause
resume
reply 1 hello
approve 1
reject 1
resolve 1 --sent
assign 1 support
note 1 word
snooze 1 2h
pending 1 word
close 1
contact show 1
WORDS
[ "$(code_of backup "$T/b.db" -w "$W")" = 4 ] || fail "backup without a core: $(cat "$T/err")"
echo "ok: exit code 4 without a core"

start
export SORI_WORKSPACE=$W
say one "문의합니다" kim
wait_for 20 "it waits for a person" sh -c "'$SORI' inbox -w '$W' | grep -q approve"
awk 'BEGIN { print "native_id,text"; for (i = 1; i <= 3000; i++) printf "r%d,배송이 늦어요 %d\n", i, i }' > "$T/rows.csv"
# JSON: one value, or one a line.
json() { # json WORDS…
    "$SORI" "$@" --json >"$T/said" 2>"$T/err" || fail "sori $* --json ends with $?: $(cat "$T/err")"
    python3 - "$T/said" <<'PY' || fail "sori $* --json is no JSON: $(head -c 300 "$T/said")"
import json, sys
text = open(sys.argv[1], encoding="utf-8").read()
try: json.loads(text)
except ValueError:
    for line in text.splitlines(): json.loads(line)
assert text.strip() and "\x1b" not in text
PY
}
for words in check "check --store" status inbox "inbox --unmatched" "show 1" "why 1" "search 문의" "export --since 1h" \
    history "contact show 1" "contact set 1 relationship=loyal" "approve 1" "note 1 word" "assign 1 support" "snooze 1 2h" \
    "pending 1 word" "close 1" pause resume reload "reload --plan" "connection check" "import $T/rows.csv --dry-run" "backup $T/b.db"; do
    [ "$words" = "inbox --unmatched" ] && { "$SORI" inbox --unmatched --json -w "$W" >/dev/null || fail "$words"; continue; }
    # shellcheck disable=SC2086
    json $words -w "$W"
    # What comes of it is there before the next words: an answer ends the case.
    [ "$words" != "approve 1" ] || wait_for 20 "the reply leaves" equals 4 "SELECT state FROM action WHERE interaction = 1"
done
json plugin list
json plugin info hello
json policy test "$SOURCE/scripts/policy"
json model explain "$BUILD/models/tone.ko" "정말 좋아요"
echo "ok: --json is JSON"

# Colours and progress: on a terminal alone.
cat > "$T/look.py" <<'PY'
import sys
from terminal import Terminal
Terminal(sys.argv[1:]).end()
PY
colours() { grep -c $'\x1b' "$1"; }
say two "하나 더 있어요" lee
wait_for 20 "it waits for a person" sh -c "'$SORI' inbox -w '$W' | grep -q 하나"
for words in inbox status "why 1" "show 1" "plugin list"; do
    # shellcheck disable=SC2086
    python3 "$T/look.py" "$SORI" $words > "$T/seen" 2>&1 || fail "$words at a terminal: $(cat "$T/seen")"
    [ "$(colours "$T/seen")" -gt 0 ] || fail "no colours at a terminal: $words"
    # shellcheck disable=SC2086
    NO_COLOR=1 python3 "$T/look.py" "$SORI" $words > "$T/seen" 2>&1
    [ "$(colours "$T/seen")" = 0 ] || fail "colours though NO_COLOR is set: $words"
    # shellcheck disable=SC2086
    "$SORI" $words > "$T/seen" 2>&1
    [ "$(colours "$T/seen")" = 0 ] || fail "colours in a pipe: $words"
done
python3 "$T/look.py" "$SORI" import "$T/rows.csv" > "$T/seen" 2>&1 || fail "import at a terminal: $(cat "$T/seen")"
grep -q 'lines sent' "$T/seen" || fail "no progress at a terminal: $(cat "$T/seen")"
"$SORI" import "$T/rows.csv" > "$T/seen" 2>&1 || fail "import: $(cat "$T/seen")"
grep -q 'lines sent' "$T/seen" && fail "progress in a pipe: $(cat "$T/seen")"
echo "ok: colours and progress on a terminal alone"
