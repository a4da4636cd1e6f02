# The sample as a newcomer meets it: voices flow in, a second terminal asks and acts, a reply leaves
# once, a backup is sound, Ctrl-C ends it cleanly. Needs no server.
set -uo pipefail
. "$SORI_SOURCE/scripts/lib.sh"
. "$SORI_SOURCE/scripts/lib-sample.sh"
bin=$SORI_BUILD/bin
work=$(mktemp -d /tmp/sori-sample-XXXXXX)
dir=$work/sample
export SORI_WORKSPACE=$dir PATH=$bin:$PATH
pid='' failures=0

finish() {
    [ -n "$pid" ] && kill -INT "$pid" 2>/dev/null && wait "$pid" 2>/dev/null
    rm -rf "$work"
}
trap finish EXIT
wrong() { echo "WRONG: $*"; failures=$((failures + 1)); }
# holds "what" COMMAND…: tries for a minute.
holds() {
    local what=$1 i
    shift
    for i in $(seq 300); do
        "$@" >"$work/out" 2>&1 && return 0
        sleep 0.2
    done
    wrong "$what"
    cat "$work/out"
}
shows() { local text=$1; shift; "$@" 2>&1 | grep -q -- "$text"; }

sample_make "$bin" "$dir"
sori check >"$work/out" 2>&1 || wrong "sori check refuses the sample: $(cat "$work/out")"
sori status >/dev/null 2>&1
[ $? = 4 ] || wrong "status without a core must end with 4"

sori run >"$work/run.log" 2>&1 &
pid=$!
sample_feed "$dir" "$pid" 5 &
holds "the first voice is decided" shows 'decided' sori why 1
holds "a reply waits" shows approve sori inbox
holds "why names the rule and the generation" shows 'generation' sori why 1
sori why 1 | grep -q 'differently' && wrong "why says that the replay differs"
holds "the tone models answer" shows 'tone.negative' sori why 1
[ "$(sori why 1 --json | grep -c '"replay":"same"')" = 1 ] || wrong "why --json does not say that the replay is the same"

sori approve 1 >/dev/null || wrong "approve 1"
# Which number its action has depends on which model answered first.
answered() { # The interaction's own native_id comes first, those of its actions later.
    grep -q "\"to\": $(sori show 1 --json | grep -o '"native_id":"[^"]*"' | head -1 | cut -d: -f2)" "$dir"/inbox/reply-*.json
}
holds "the reply stands beside the voice" answered
holds "why shows that it was sent" shows 'done, sent' sori why 1
sori approve 1 >/dev/null 2>&1 && wrong "a second approve must be refused"
sleep 1
[ "$(grep -l '"to": "v001"' "$dir"/inbox/reply-*.json | wc -l)" = 1 ] || wrong "the reply was not said exactly once"
holds "the reply is in the history with a name" shows "approve by" sori show 1

holds "all voices are in" shows '48 interactions' sori status
holds "two syllables are found with particles attached" shows '환불이요' sori search 환불
[ "$(sori export --since 1h | wc -l)" = 48 ] || wrong "export does not give 48 lines"
sori pause >/dev/null && holds "status says paused" shows paused sori status
sori resume >/dev/null

# A bad edit is refused with file and line, the old generation goes on; a good one takes over.
rule=$(ls "$dir"/policy/rules/*.lua | head -1)
cp "$rule" "$work/rule.lua"
echo 'this is no Lua' >>"$rule"
sori reload >"$work/out" 2>&1
[ $? = 3 ] || wrong "a broken policy must be refused with 3"
grep -q "$(basename "$rule"):[0-9]" "$work/out" || wrong "the refusal names no file:line: $(cat "$work/out")"
cp "$work/rule.lua" "$rule"
sori reload >/dev/null || wrong "the mended policy must load"

# The same file twice: everything once.
printf 'native_id,text,author.name\na1,"환불 부탁\n드려요",김\na2,hello there,Ann\n,,\n' >"$work/in.csv"
sori import "$work/in.csv" >"$work/out" 2>&1 || wrong "import: $(cat "$work/out")"
grep -q '^2 new' "$work/out" || wrong "import does not tell two new: $(cat "$work/out")"
sori import "$work/in.csv" >"$work/out" 2>&1 || wrong "second import: $(cat "$work/out")"
grep -q '^0 new, 2 seen' "$work/out" || wrong "the second import is not harmless: $(cat "$work/out")"

sori backup "$work/backup.db" >/dev/null || wrong "backup"
sori check --store >/dev/null || wrong "check --store"
sori new workspace "$work/other" >/dev/null || wrong "new workspace"
sori restore "$work/backup.db" -w "$work/other" >/dev/null || wrong "restore"
sori check --store -w "$work/other" >/dev/null || wrong "the restored store is not sound"

kill -INT "$pid"
wait "$pid"
code=$?
pid=''
[ $code = 0 ] || wrong "Ctrl-C ended it with $code"
none_left() { ! pgrep -af "$dir"; }
holds "processes are left" none_left
# The refused reload belongs there; nothing else does.
if grep ERROR "$work/run.log" | grep -v reload >"$work/out"; then wrong "errors in the log: $(cat "$work/out")"; fi
[ "$failures" = 0 ] && echo "the sample holds"
exit "$((failures > 0))"
