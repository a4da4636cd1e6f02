#!/bin/bash
# What the READMEs name is there: files and tests, commands of sori with their options, parts of
# scripts/test, and bundled files that links lead to.
set -u
cd "${SORI_SOURCE:?}" || exit 1
sori=${SORI_BUILD:?}/bin/sori
[ -x "$sori" ] || { echo "FAILED: $sori is not built"; exit 1; }
wrong=0 files=0 commands=0
complain() { echo "FAILED: $*"; wrong=1; }

# A name may stand for the repository's root, the README's own folder, tests/ or include/.
there() { # README NAME
    local base place
    for base in "" "$(dirname "$1")/" "$(dirname "$1")/*/" tests/ 'tests/*/' include/ scripts/; do
        for place in $(eval "echo $base$2"); do [ -e "$place" ] && return 0; done
    done
    return 1
}
check_file() { # README NAME
    files=$((files + 1))
    there "$1" "$2" || complain "$1 names $2, which is nowhere"
}
# "sori policy test DIR --update": the command answers --help, and tells of its options.
check_command() { # README WORDS
    local words=$2 name help option
    name=$(grep -oE '^(new|connection|policy|plugin|model|contact) [a-z]+|^[a-z]+' <<<"$words")
    [ "$name" = help ] && return
    commands=$((commands + 1))
    # shellcheck disable=SC2086
    help=$("$sori" $name --help 2>&1) || { complain "$1 names \"sori $name\": $help"; return; }
    for option in $(grep -oE -- '--[a-z][a-z-]+' <<<"${words%%#*}"); do
        [ "$option" = --help ] || grep -qF -- "$option" <<<"$help" || complain "$1: \"sori $name\" does not tell of $option"
    done
}
part_is_told() { ./scripts/test --help | grep -qE "^ +$1 "; }

while read -r readme; do
    while read -r name; do check_file "$readme" "$name"; done < <(
        grep -oE '`[^` ]+`' "$readme" | tr -d '`' | grep -E '^[./A-Za-z0-9_*{},-]+$' |
            grep -E '\.(c|h|sh|def|txt)$|^(core|include|plugins|scripts|sdk|tests|\.ci)/' | grep -v '[A-Z]' | grep -vE '^plugins/$|_test\.lua$' | sort -u
        grep -oE '\]\([^)#: ]+\)' "$readme" | sed 's/^](//; s/)$//')
    while read -r words; do check_command "$readme" "$words"; done < <(
        { grep -oE '`sori [^`]*`' "$readme" | tr -d '`'; grep -oE '^(.*&& )?sori [a-z].*' "$readme" | grep -oE 'sori [a-z][^&|]*'; } |
            sed 's/^sori //' | sort -u)
    while read -r part; do
        [ "$part" = all ] || part_is_told "$part" || complain "$readme names ./scripts/test $part"
    done < <(grep -oE '\./scripts/test [a-z|0-9]+' "$readme" | sed 's/.* //' | tr '|' '\n' | sort -u)
done < <(find . -name README.md -not -path './build/*' -not -path './.git/*' | sort)

[ $files -gt 40 ] || complain "only $files names of files were found"
[ $commands -gt 20 ] || complain "only $commands commands were found"
[ $wrong = 0 ] && echo "$files files, $commands commands: all are there"
exit $wrong
