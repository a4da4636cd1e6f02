#!/bin/bash
# sori model train, eval, explain on small files of our own: what they print, and that what cannot
# be read is refused with its place and changes nothing.
set -euo pipefail
sori=$SORI_BUILD/bin/sori
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
fail() { echo "FAILED: $*" >&2; exit 1; }

for i in $(seq 30); do
    printf 'negative\t배송이 너무 늦어요 %d번째 문의\nnegative\t환불해 주세요 최악\npositive\t정말 좋아요 감사합니다 %d\npositive\t추천해요\n' "$i" "$i"
done > two.tsv
printf 'neutral\t영업 시간이 어떻게 되나요\nneutral\t매장은 어디인가요\nnegative\t별로예요\npositive\t최고예요\n' | gzip > three.tsv.gz

"$sori" model train --task tone --lang ko --set buckets=4096 two.tsv three.tsv.gz:2 -o a.ko 2> /dev/null
"$sori" model train --task tone --lang ko --set buckets=4096 two.tsv three.tsv.gz:2 -o b.ko 2> /dev/null
cmp a.ko b.ko || fail "one seed, two models"
"$sori" model train --task tone --lang ko --set buckets=4096 --set seed=9 two.tsv three.tsv.gz:2 -o c.ko 2> /dev/null
cmp -s a.ko c.ko && fail "the seed changes nothing"

out=$("$sori" model eval a.ko two.tsv)
for word in 'n         120' accuracy macro_f1 ece 'coverage' confusion; do
    grep -q "^$word" <<< "$out" || fail "eval does not print '$word': $out"
done
grep -q neutral <<< "$out" && fail "a label that the file lacks was kept"
json=$("$sori" model eval --json --open a.ko two.tsv)
for key in n accuracy macro_f1 confusion ece coverage; do
    grep -q "\"$key\":" <<< "$json" || fail "no $key in $json"
done
grep -q '"neutral"' <<< "$json" || fail "--open did not keep neutral"
"$sori" model explain a.ko '환불해 주세요' | grep -q 'negative .*likeliest' || fail "explain"
"$sori" model explain --json a.ko '환불해 주세요' | grep -q '"text": "환불' || fail "explain --json"

# refused: EXPECTED-WORDS COMMAND…
refused() {
    local want=$1; shift
    local said; said=$("$@" 2>&1 > /dev/null) && fail "accepted: $*"
    grep -q -- "$want" <<< "$said" || fail "$*: expected '$want', got '$said'"
}
printf 'positive\t좋아요\nno tab here\n' > bad.tsv
refused 'bad.tsv:2: expected a label, a tab' "$sori" model train --task tone bad.tsv -o x
refused 'not one row' "$sori" model train --task tone /dev/null -o x
head -c 60 three.tsv.gz > cut.tsv.gz
refused 'damaged or cut short' "$sori" model train --task tone cut.tsv.gz -o x
printf 'positive\t좋아요\n' > one.tsv
refused 'fewer than two labels' "$sori" model train --task tone one.tsv -o x
refused 'epochs' "$sori" model train --task tone --set epochs=none two.tsv -o x
refused 'colour' "$sori" model train --task tone --set colour=red two.tsv -o x
[ ! -e x ] || fail "a refused training left a file"
printf 'angry\t좋아요\n' > other.tsv
refused 'the model knows' "$sori" model eval a.ko other.tsv
head -c 9000 /dev/zero > foreign.ko
refused 'not an n-gram model' "$sori" model eval foreign.ko two.tsv
head -c 5000 a.ko > short.ko
refused 'damaged' "$sori" model eval short.ko two.tsv
refused 'cannot be opened' "$sori" model eval missing.ko two.tsv
refused 'from 0 to 1' "$sori" model eval a.ko two.tsv --floor 7
echo "sori model does what it says"
