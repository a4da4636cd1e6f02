#!/bin/bash
# The house stands on its floors. A folder of core/ includes only itself and folders that stand
# before it in README.md's list; a plugin only the ABI, its own folder and plugins/common; the
# example the ABI alone; and what can reach the world or the disk is included in few places.
set -u
cd "${SORI_SOURCE:?}" || exit 1
wrong=0 checked=0
complain() { echo "FAILED: $*"; wrong=1; }

mapfile -t floors < <(sed -n '/^core\//,/^plugins\//p' README.md | grep -oE '\b[a-z]+/' | grep -vE '^(core|plugins)/' | tr -d /)
for folder in core/*/; do
    folder=$(basename "$folder")
    [[ " ${floors[*]} " == *" $folder "* ]] || complain "README.md's list of core/ lacks $folder"
done
[ ${#floors[@]} -gt 10 ] || complain "README.md's list of core/ was not found"

below=
for floor in "${floors[@]}"; do
    [ -d "core/$floor" ] || { complain "README.md lists core/$floor, which is not there"; continue; }
    below+=" $floor "
    while IFS=: read -r file line include; do
        checked=$((checked + 1))
        [ -d "core/${include%%/*}" ] || continue
        [[ $below == *" ${include%%/*} "* ]] || complain "$file:$line includes $include: core/${include%%/*} stands above core/$floor"
    done < <(grep -rnE --include='*.[ch]' '^#include "[a-z]+/' "core/$floor" | sed -E 's/#include "([^"]*)".*/\1/')
done
while IFS=: read -r file line include; do
    checked=$((checked + 1))
    own=$(cut -d/ -f2 <<<"$file")
    case $include in sori/* | common/* | "$own"/*) ;; */*) complain "$file:$line includes $include: a plugin knows the ABI, itself and plugins/common" ;; esac
done < <(grep -nE '^#include "' plugins/*/*.[ch] | sed -E 's/#include "([^"]*)".*/\1/')
grep -nE '^#include "' sdk/example/*.c && complain "the example includes more than the ABI"

# only HEADER FOLDER…: nobody else includes it
only() {
    local header=$1 file; shift
    grep -rlE "#include <$header" --include='*.[ch]' core plugins >/dev/null || complain "nobody includes $header: mend this test"
    while read -r file; do
        [[ " $* " == *" $(cut -d/ -f1,2 <<<"$file") "* ]] || complain "$file includes $header, which is for: $*"
    done < <(grep -rlE "#include <$header" --include='*.[ch]' core plugins include)
}
only sqlite3 core/store core/reader
only curl/ core/net
only microhttpd core/gate
only 'l(ua|auxlib)\.h' core/lua
only libxml/ plugins/blog plugins/trackback plugins/common
only gumbo plugins/trackback

[ $checked -gt 500 ] || complain "only $checked includes were looked at"
[ $wrong = 0 ] && echo "$checked includes, all downwards"
exit $wrong
