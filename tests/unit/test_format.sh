#!/bin/bash
# Every C file that belongs to the repository is as clang-format leaves it. Versions differ in what
# they do, so only the one that Debian 12 has may judge.
set -u
cd "${SORI_SOURCE:?}" || exit 1
command -v clang-format >/dev/null || { echo "SKIPPED: clang-format is not installed"; exit 77; }
[[ $(clang-format --version) == *" version 14."* ]] || { echo "SKIPPED: clang-format 14 judges, here is $(clang-format --version)"; exit 77; }
mapfile -t files < <(git ls-files -c '*.c' '*.h' 2>/dev/null)
[ ${#files[@]} -gt 0 ] || mapfile -t files < <(find core include plugins sdk tests -name '*.[ch]')
[ ${#files[@]} -gt 100 ] || { echo "FAILED: ${#files[@]} files were found"; exit 1; }
bad=0
for file in "${files[@]}"; do
    [ -e "$file" ] || continue
    clang-format --dry-run -Werror "$file" 2>/dev/null || { echo "FAILED: $file: run clang-format -i $file"; bad=1; }
done
[ $bad = 0 ] && echo "${#files[@]} files are formatted"
exit $bad
