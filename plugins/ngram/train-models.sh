#!/bin/bash
# Trains tone.ko and tone.en from the corpora that may ship, into the folder DIR. The same corpora
# give the same bytes: `sha256sum -c` with models/SHA256SUMS says whether they did.
#   plugins/ngram/train-models.sh DIR        SORI (default build/release/bin/sori) is the program,
#                                            SORI_CORPORA (default ../shared/corpora) the corpora.
set -euo pipefail
out=${1:?usage: train-models.sh DIR}
sori=${SORI:-build/release/bin/sori}
corpora=${SORI_CORPORA:-../shared/corpora}

"$sori" model train --task tone --lang ko -o "$out/tone.ko" \
    --set seed=1 --set epochs=3 --set buckets=1950000 \
    "$corpora/nsmc.train.tsv.gz" "$corpora/nsmc-extra.train.tsv.gz" "$corpora/kote-tone.train.tsv.gz:12"
"$sori" model train --task tone --lang en -o "$out/tone.en" \
    --set seed=1 --set epochs=3 --set buckets=1950000 \
    "$corpora/goemotions-tone.train.tsv.gz"
