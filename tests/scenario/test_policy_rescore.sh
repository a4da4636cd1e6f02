# What was heard before there was a classifier has no scores: `backtest --rescore` reads it with
# today's models, decides it by both policies, and counts it apart. A policy against itself changes
# nothing; what was scored then stays as it was; the live flow is not touched.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/flow.sh"
hello_workspace 'limits { contact_gap = "0s" }'
sed -i '/^classifier/d' "$W/sori.lua"
policy <<'LUA'
local t = sori.policy "test"
t:rule "rest" { when = { kind = "comment" }, act = { tag "seen" } }
return t
LUA
start
backtest() { "$SORI" policy backtest "$@" -w "$W"; }
value() { python3 -c 'import json,sys; print(json.load(open(sys.argv[1]))[sys.argv[2]])' "$T/report" "$1"; }
n=0
for text in "정말 최악이에요 다시는 안 사요 환불해 주세요" "너무 예뻐요 선물로 샀는데 정말 좋아하세요" "배송이 너무 늦어서 정말 실망입니다" "진짜 최고예요 너무 만족해요"; do
    n=$((n + 1)); say "old$n" "$text"
done
wait_for 20 "four without scores" decided 4
stored "none has a tone that a model gave" 0 "SELECT count(*) FROM decision WHERE tone IN (1, 2, 3)"
mkdir -p "$T/next/rules"
cp -r "$W/policy/replies" "$T/next/"
cp "$W/policy/init.lua" "$T/next/"
cat > "$T/next/rules/test.lua" <<'LUA'
local t = sori.policy "test"
t:rule "sad" { when = { kind = "comment", tone = "negative" }, act = { tag "sad" } }
t:rule "rest" { when = { kind = "comment" }, act = { tag "seen" } }
return t
LUA
backtest "$T/next" --rescore > "$T/out" 2>&1
expect "without a classifier" 1 $?
grep -q "has no classifier to score with" "$T/out" || fail "$(cat "$T/out")"
echo 'classifier "tone" { plugin = "ngram", models = { ko = "tone.ko", en = "tone.en" } }' >> "$W/sori.lua"
sori reload > "$T/out" || fail "$(cat "$T/out")"
say new1 "정말 최악이에요 다시는 안 사요 환불해 주세요"
wait_for 20 "one with scores" decided 5

backtest "$T/next" --json > "$T/report" || fail "without --rescore"
expect "as recorded: only the scored one changes" "1 0" "$(value changed) $(value rescored)"
backtest "$T/next" --rescore --json > "$T/report" || fail "with --rescore"
expect "rescored" "4 2 0" "$(value rescored) $(value rescored_changed) $(value unscored)"
expect "apart from what was scored then" "5 1" "$(value compared) $(value changed)"
expect "the share counts both" 0.6 "$(value share)"
backtest "$T/next" --rescore --closed --json > "$T/report2" || fail "closed"
expect "closed, the same" "[4, 2, 1]" "$(python3 -c 'import json,sys; r=json.load(open(sys.argv[1])); print([r["rescored"], r["rescored_changed"], r["changed"]])' "$T/report2")"
backtest "$W/policy" --rescore --json > "$T/report" || fail "against itself"
expect "a policy against itself" "4 0 0" "$(value rescored) $(value rescored_changed) $(value changed)"
backtest "$T/next" --rescore > "$T/out" || fail "text"
grep -q '^Back-test of .*: 5 decisions, .* (Asia/Seoul)$' "$T/out" || fail "no zone is named: $(cat "$T/out")"
grep -q 'rescored  *4  had scores missing' "$T/out" || fail "$(cat "$T/out")"
backtest "$T/next" --rescore --max-change 10% > /dev/null
expect "over the limit" 5 $?
stored "the live flow is untouched" 5 "SELECT count(*) FROM decision"

# What cannot be, is said.
rm "$W"/data/parts/tone*.ko
backtest "$T/next" --rescore > "$T/out" 2>&1
expect "a model that is not kept" 1 $?
grep -q 'is not kept in data/parts; `sori reload` keeps it' "$T/out" || fail "$(cat "$T/out")"
kill -TERM "$KEEPER"; wait "$KEEPER"; KEEPER=
backtest "$T/next" --rescore > "$T/out" 2>&1
expect "Sori is not running" 4 $?
