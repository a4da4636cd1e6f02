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
# The figures, counted once more from the probabilities of each row: over all rows, by the likeliest
# of the labels that the file has, or of all; a short text that abstains is a row like any other.
cat > count.py <<'PY'
import json, subprocess, sys
sori, model, bad = sys.argv[1], sys.argv[2], 0
def ask(*words): return json.loads(subprocess.run([sori, "model", *words, "--json"], capture_output=True, check=True).stdout)
for path in sys.argv[3:]:
    rows = [line.rstrip("\n").split("\t", 1) for line in open(path, encoding="utf-8")]
    scores = [ask("explain", model, text)["scores"] for _, text in rows]
    there, n = sorted({label for label, _ in rows}), len(rows)
    for opened in (False, True):
        for floor in (None, 0, 0.35, 0.8, 1):
            table, bins, covered = {}, [[0, 0] for _ in range(10)], 0
            for (truth, _), score in zip(rows, scores):
                p = {k: v for k, v in score.items() if opened or k in there}
                best = max(p, key=p.get)
                top = p[best] / sum(p.values())
                table[truth, best] = table.get((truth, best), 0) + 1
                bins[min(9, int(top * 10))][0] += top
                bins[min(9, int(top * 10))][1] += best == truth
                covered += top >= (0.6 if floor is None else floor)
            def f1(k): return 2 * table.get((k, k), 0) / sum(c * ((a == k) + (b == k)) for (a, b), c in table.items())
            want = {"n": n, "accuracy": sum(c for (a, b), c in table.items() if a == b) / n,
                    "macro_f1": sum(map(f1, there)) / len(there), "ece": sum(abs(a - b) for a, b in bins) / n, "coverage": covered / n}
            got = ask("eval", model, path, *(["--open"] if opened else []), *([] if floor is None else ["--floor", str(floor)]))
            wrong = [k for k in want if abs(want[k] - got[k]) > 1e-4]
            wrong += [f"{a} as {b}" for (a, b), c in table.items() if got["confusion"][a][b] != c]
            if wrong: bad += 1; print(path, opened, floor, wrong, want, got)
sys.exit(bad != 0)
PY
if command -v python3 > /dev/null; then
    { printf 'neutral\t영업 시간이 어떻게 되나요\npositive\tㅋ\nneutral\t?\n'; printf 'negative\t좋아요 환불해\npositive\t배송이 늦어요\nnegative\t.\nneutral\t추천\nneutral\t매장은 별로예요\n'; head -4 two.tsv; } > mixed.tsv
    grep -v '^neutral' mixed.tsv > lacks.tsv
    grep '^neutral' mixed.tsv > alone.tsv
    python3 count.py "$sori" a.ko mixed.tsv lacks.tsv alone.tsv || fail "eval counts otherwise"
fi
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
printf 'positive\t좋아요\n\nangry\t좋아요\n' > other.tsv
refused 'other.tsv:3: the label "angry"; the model knows' "$sori" model eval a.ko other.tsv
head -c 9000 /dev/zero > foreign.ko
refused 'not an n-gram model' "$sori" model eval foreign.ko two.tsv
head -c 5000 a.ko > short.ko
refused 'damaged' "$sori" model eval short.ko two.tsv
refused 'cannot be opened' "$sori" model eval missing.ko two.tsv
refused 'from 0 to 1' "$sori" model eval a.ko two.tsv --floor 7
echo "sori model does what it says"
