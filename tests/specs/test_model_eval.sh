#!/bin/bash
# The figures in plugins/ngram/README.md are what the committed models reach on the dev splits, and
# the floors that a competent linear model must reach are met.
set -euo pipefail
corpora=${SORI_CORPORA:-$SORI_SOURCE/../shared/corpora}
if [ ! -d "$corpora" ] && [ -z "${SORI_CORPORA:-}" ]; then
    echo "SKIPPED: no corpora at $corpora (SORI_CORPORA names another folder)" >&2
    exit 77
fi
models=$SORI_SOURCE/plugins/ngram/models
(cd "$models" && sha256sum --quiet -c SHA256SUMS)
for model in tone.ko tone.en; do
    [ "$(stat -c %s "$models/$model")" -le 4000000 ]
done

got=$(SORI=$SORI_BUILD/bin/sori SORI_CORPORA=$corpora "$SORI_SOURCE/plugins/ngram/figures.sh")
echo "$got"
echo "$got" | awk -v readme="$SORI_SOURCE/plugins/ngram/README.md" '
    function near(a, b) { return a - b < 0.002 && b - a < 0.002 }
    BEGIN { while ((getline line < readme) > 0)
                if (split(line, f, / *\| */) > 7 && f[2] ~ /^tone\./) told[f[2] " " f[3]] = f[4] " " f[5] " " f[6] " " f[7] " " f[8] }
    NR > 1 { seen++; split(told[$1 " " $2], want, " ")
        for (i = 1; i <= 5; i++) if (!near($(i + 2), want[i])) { print "README says " want[i] ", measured " $(i + 2) " (" $1 " on " $2 ")"; bad = 1 }
        if ($2 == "nsmc" && ($4 < 0.88 || $6 > 0.01)) { print "below the floor: " $0; bad = 1 }
        if ($2 == "kote-tone" && ($4 < 0.715 || $5 < 0.55)) { print "below the floor: " $0; bad = 1 } }
    END { if (seen != 3) { print "expected 3 lines of figures, got " seen; bad = 1 }; exit bad }'

# The words of the command: what the labels are, what is removed, what --open and --floor change.
sori=$SORI_BUILD/bin/sori
nsmc=$corpora/nsmc.dev.tsv.gz
"$sori" model eval --json "$models/tone.ko" "$nsmc" | grep -q '"negative": {'
if "$sori" model eval --json "$models/tone.ko" "$nsmc" | grep -q '"neutral"'; then
    echo "neutral was not removed"
    exit 1
fi
"$sori" model eval --json --open "$models/tone.ko" "$nsmc" | grep -q '"neutral"'
"$sori" model eval --floor 0 "$models/tone.ko" "$nsmc" | grep -q '^coverage  1.0000 at 0.00'
echo "figures hold"
