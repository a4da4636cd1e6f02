# sori policy try: one interaction in the form that sori show prints, decided and explained without a
# core; what cannot be read is told with its place and an exit code of its own.
set -u
sori=${SORI_BUILD:?}/bin/sori policy=${SORI_SOURCE:?}/scripts/policy
[ -x "$sori" ] || { echo "FAILED: $sori is not built"; exit 1; }
dir=$(mktemp -d) && trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 1
fail() { echo "FAILED: $*"; exit 1; }
try() { "$sori" policy try "$policy" --interaction "$dir/voice.json" "$@"; }
# decides 'JSON' 'PATTERN'…: the explanation holds each
decides() {
    local said pattern
    printf '%s\n' "$1" > voice.json
    shift
    said=$(try 2>&1) || fail "try ends with $?: $said"
    for pattern in "$@"; do grep -qE -- "$pattern" <<<"$said" || fail "no line of '$pattern' for $(cat voice.json): $(tail -20 <<<"$said")"; done
    echo "ok: $(cat voice.json)"
}
# refused CODE 'JSON' 'PATTERN': it ends so, and says so
refused() {
    local said code
    printf '%s\n' "$2" > voice.json
    said=$(try 2>&1)
    code=$?
    [ $code = "$1" ] && grep -qE -- "$3" <<<"$said" || fail "$2 gave $code, expected $1 and '$3': $said"
    echo "ok: refused with $1: $2"
}
decides '{"kind": "comment", "text": "배송이 늦어요", "tone": "negative", "contact": {"relationship": "loyal"}}' \
    '^decision: decided by rule "T10 delivery can be put right" \(rules/support.lua:[0-9]+\)' '^  reply "[a-z_]+" in ko'
# The language is told by the script, as when it is heard, unless it is given.
decides '{"kind": "comment", "text": "The parcel is late", "tone": "negative"}' '^  reply "[a-z_]+" in en'
decides '{"kind": "comment", "text": "The parcel is late", "tone": "negative", "lang": "ko"}' '^  reply "[a-z_]+" in ko'
decides '{"kind": "comment", "text": "배송이 늦어요", "labels": {"tone.negative": 0.9, "tone.neutral": 0.06, "tone.positive": 0.04}}' 'decided by rule'
decides '{"facts": {"on": "overdue", "case": "open"}}' '✗ on: wanted said or edited, saw overdue|on: .*overdue' '^decision: '

refused 1 '{"kind": "comment", }' 'voice.json: line 1, column [0-9]+: no JSON'
refused 1 '[]' 'voice.json: an object'
refused 1 '{"kind": "shout"}' 'voice.json: .*kind'
refused 1 '{"facts": {"nonesuch": 1}}' 'voice.json: .*nonesuch'
# A fact that stands beside the form instead of in it would not be asked.
for fact in '"can_reply": false' '"relationship": "loyal"' '"on": "overdue"' '"case": "open"' '"window_left": "1h"'; do
    refused 1 "{\"text\": \"배송이 늦어요\", $fact}" 'voice.json: [a-z_]+: is a fact; write "facts": \{'
done
decides '{"text": "배송이 늦어요", "tone": "negative", "facts": {"can_reply": false, "why_not": "reply: by hand: https://x.test/1"}}' \
    'after a person.s approval \(not passed: channel\)' '✗ channel: the channel does not let us reply: by hand: https://x.test/1'
decides '{"id": 3, "text": "배송이 늦어요", "tone": "negative", "case": {"state": "open"}, "parent": null, "tags": ["delivery"], "native_id": "n3", "state": "live", "version": 7, "space": "x:"}' '^decision: '
printf '{"kind": "comment", "text": "고맙습니다", "tone": "positive"}' > voice.json
cp voice.json plain.json
{ printf '\357\273\277'; cat plain.json; } > voice.json
try > marked || fail "a file with a mark of UTF-8 is refused: $(cat marked)"
cp plain.json voice.json
[ "$(cat marked)" = "$(try)" ] || fail "the mark of UTF-8 changes the decision"
try --json | grep -q '"status": *"decided"' || fail "--json: $(try --json)"
"$sori" policy try "$dir/none" --interaction voice.json >/dev/null 2>&1
[ $? = 3 ] || fail "a folder that is not there is refused with 3"
"$sori" policy try "$policy" --interaction none.json >/dev/null 2>&1
[ $? = 1 ] || fail "a file that is not there fails with 1"
"$sori" policy try "$policy" >/dev/null 2>&1
[ $? = 2 ] || fail "no --interaction is a usage error"
echo "ok: exit codes"
