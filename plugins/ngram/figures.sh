#!/bin/bash
# Prints the figures of the README: the models of models/ (or of the folder DIR) on the dev
# splits, one line each. SORI and SORI_CORPORA as in train-models.sh.
set -euo pipefail
here=${1:-$(dirname "$0")/models}
sori=${SORI:-build/release/bin/sori}
corpora=${SORI_CORPORA:-../shared/corpora}
printf '%-8s %-16s %6s %9s %9s %7s %9s\n' model rows n accuracy macro_f1 ece coverage
while read -r model set; do
    "$sori" model eval "$here/$model" "$corpora/$set.dev.tsv.gz" |
        awk -v m="$model" -v s="$set" '{ v[$1] = $2 }
            END { printf "%-8s %-16s %6d %9s %9s %7s %9s\n", m, s, v["n"], v["accuracy"],
                         v["macro_f1"], v["ece"], v["coverage"] }'
done <<'SETS'
tone.ko nsmc
tone.ko kote-tone
tone.en goemotions-tone
SETS
