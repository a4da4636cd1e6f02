#!/bin/bash
# Trains tone.ko and tone.en from the corpora again: every byte must be as committed.
set -euo pipefail
corpora=${SORI_CORPORA:-$SORI_SOURCE/../shared/corpora}
if [ ! -d "$corpora" ] && [ -z "${SORI_CORPORA:-}" ]; then
    echo "SKIPPED: no corpora at $corpora (SORI_CORPORA names another folder)" >&2
    exit 77
fi
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
SORI=$SORI_BUILD/bin/sori SORI_CORPORA=$corpora "$SORI_SOURCE/plugins/ngram/train-models.sh" "$out"
for model in tone.ko tone.en; do
    cmp "$out/$model" "$SORI_SOURCE/plugins/ngram/models/$model"
done
echo "both models are bit for bit the committed ones"
