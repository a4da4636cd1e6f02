# sori plugin: list, info, check, try, as a person at a terminal meets them.
set -u
build=${SORI_BUILD:?} sori=$SORI_BUILD/bin/sori
[ -x "$sori" ] && [ -x "$build/bin/sorid" ] || { echo "FAILED: $sori or sorid is not built"; exit 1; }
dir=$(mktemp -d) && trap 'rm -rf "$dir"' EXIT
failed=0
# expect CODE TEXT COMMAND…: exit code, and words on stdout or stderr
expect() {
    local code=$1 text=$2; shift 2
    local said; said=$("$@" 2>&1); local got=$?
    if [ $got -ne "$code" ] || [[ "$said" != *"$text"* ]]; then
        echo "FAILED: $* gave $got, expected $code and \"$text\":"; echo "$said"; failed=1
    else
        echo "ok: $* ($got)"
    fi
}
echo "not a library, whatever its name says" > "$dir/text.so"
mkdir "$dir/voices"
printf '{"id": "1", "text": "\\ubc30\\uc1a1이 늦어요", "author": {"id": "kim", "name": "김하늘"}}' > "$dir/voices/1.json"
printf '{"no": "id"}' > "$dir/voices/2.json"

expect 0 "connector: polls, acts" "$sori" plugin list
expect 0 '"id": "hello"' "$sori" plugin list --json
expect 0 "url, required" "$sori" plugin info hello
expect 0 '"required": true' "$sori" plugin info hello --json
expect 0 "hello 0.1 is a sound plugin" "$sori" plugin check "$build/plugins/hello.so"
for command in check info try; do
    expect 3 "text.so is no shared library (it begins with \"not a librar\")" "$sori" plugin $command "$dir/text.so"
    expect 3 "is a folder" "$sori" plugin $command "$dir"
done
expect 3 "no plugin 'nonesuch'" "$sori" plugin check nonesuch
expect 0 '"ok": true' "$sori" plugin check hello --json
expect 3 '"ok": false' "$sori" plugin check "$dir/text.so" --json
expect 0 "secrets/CONNECTION.second (required)" "$sori" plugin info "$build/zoo/older.so"
expect 0 "is a sound plugin" "$sori" plugin check "$build/zoo/older.so"
if [ -e "$build/zoo/begin_segv.so" ] && ! nm -D "$build/zoo/begin_segv.so" | grep -q asan; then
    for command in check info try; do
        expect 3 "crashed while it was loaded: SIGSEGV" "$sori" plugin $command "$build/zoo/begin_segv.so"
        expect 3 "is built for plugin ABI 7, this Sori speaks 0; build it against the headers of this release" "$sori" plugin $command "$build/zoo/other_abi.so"
    done
    expect 3 "forbidden: socket while it was loaded" "$sori" plugin check "$build/zoo/begin_socket.so"
    expect 3 "forbidden: openat /etc/passwd while it was loaded" "$sori" plugin try "$build/zoo/begin_open.so"
fi
url=folder://$dir/voices
expect 0 '"text":"배송이 늦어요"' "$sori" plugin try hello --set "url=$url" --allow "$dir/voices"
expect 0 '1 interaction, 1 refused' "$sori" plugin try hello --set "url=$url" --allow "$dir/voices"
expect 1 "outside the folders" "$sori" plugin try hello --set "url=$url" --allow /usr
expect 3 'did you mean "url"?' "$sori" plugin try hello --set "ulr=$url"
expect 2 "Perhaps you meant check" "$sori" plugin chek
expect 2 "which plugin?" "$sori" plugin try
# The one line by which the example is built, as it is told: no library of ours, nor any but libc.
line='cc -shared -fPIC -I include -o hello.so sdk/example/hello.c'
source=${SORI_SOURCE:?}
for told in README.md sdk/README.md sdk/example/hello.c; do
    grep -qF "$line" "$source/$told" || { echo "FAILED: $told does not tell: $line"; failed=1; }
done
(cd "$source" && ${line/-o hello.so/-o $dir/hello.so -Wall -Wextra -Werror}) || { echo "FAILED: $line"; failed=1; }
# The headers are quiet in C and in C++, static strings included.
printf '#include <sori/plugin.h>\nstatic const struct sori_label l[] = {{SORI_STR_INIT("tone"), SORI_STR_INIT("bad"), 1, 0}};\nstruct sori_str f(int i);\nstruct sori_str f(int i) { return i ? l[0].name : SORI_STR("x"); }\n' > "$dir/quiet.c"
for compiler in 'gcc -std=c99' 'gcc -std=c17' 'clang -std=c17' 'g++ -x c++ -std=c++11' 'clang++ -x c++ -std=c++17'; do
    command -v "${compiler%% *}" > /dev/null || continue
    $compiler -Wall -Wextra -Wpedantic -Werror -fsyntax-only -I "$source/include" "$dir/quiet.c" || { echo "FAILED: $compiler"; failed=1; }
done
needed=$(readelf -d "$dir/hello.so" | sed -n 's/.*NEEDED.*\[\(.*\)\]/\1/p' | xargs)
case $needed in '' | libc.so.6) ;; *) echo "FAILED: hello.so needs $needed"; failed=1 ;; esac
expect 0 "hello 0.1 is a sound plugin" "$sori" plugin check "$dir/hello.so"
expect 0 '"text":"배송이 늦어요"' "$sori" plugin try "$dir/hello.so" --set "url=$url" --allow "$dir/voices"
# What its tables say of each other is found before it goes live: SED'S CHANGE|WHAT IS SAID
while IFS='|' read -r change text; do
    sed "$change" "$source/sdk/example/hello.c" > "$dir/odd.c"
    cc -shared -fPIC -I "$source/include" -o "$dir/odd.so" "$dir/odd.c" || failed=1
    expect 3 "$text" "$sori" plugin check "$dir/odd.so"
done << 'ODD'
s/{.verb = SORI_VERB_REPLY,/{.verb = 0,/|verb 0 of its table is 0; expected each of enum sori_verb once
s/.text_max = 2000/.text_max = -1/|verb 1 has a settle_ms or text_max below 0
s/{SORI_CONNECTOR_ID, /{"sori.connector\/9", /|none of its interfaces is known to this Sori
s/.options = {options, 1,/.hosts = (const char *const[]){"@rul", NULL}, &/|host "@rul"; expected a name
s/.options = {options, 1,/.hosts = (const char *const[]){"https:\/\/a.kr", NULL}, &/|host "https://a.kr"; expected a name
s/.options = {options, 1,/.slots = (const struct sori_slot[]){{.name = "..\/a"}}, .slot_count = 1, .slot_stride = sizeof(struct sori_slot), &/|slot "../a" cannot be the end of a file's name
s/.options = {options, 1,/.receives = (const struct sori_receive[]){{.form = "a", .path = "", .sign = 1, .sign_header = "x", .sign_slot = "key"}}, .receive_count = 1, .receive_stride = sizeof(struct sori_receive), &/|way in "a" is signed with the slot "key", which it does not have
ODD
# Those of a workspace are found by their names, and go before ours: by -w, by the environment, by the folder.
"$sori" new workspace "$dir/org" > /dev/null && mkdir -p "$dir/org/plugins"
sed 's/\.id = "hello"/.id = "mine"/; s/"a folder of JSON files, for learning"/"a folder of our own"/' "$source/sdk/example/hello.c" > "$dir/mine.c"
cc -shared -fPIC -I "$source/include" -o "$dir/org/plugins/mine.so" "$dir/mine.c" && cp "$dir/org/plugins/mine.so" "$dir/org/plugins/hello.so"
here() { (cd "$dir/org" && "$sori" "$@"); }
there() { SORI_WORKSPACE=$dir/org "$sori" "$@"; }
expect 3 "no plugin 'mine'" "$sori" plugin info mine
expect 0 "a folder of our own" "$sori" plugin info mine -w "$dir/org"
expect 0 "is a sound plugin" here plugin check mine
expect 0 '"text":"배송이 늦어요"' there plugin try mine --set "url=$url" --allow "$dir/voices"
expect 0 "a folder of our own" here plugin list
expect 0 "a folder of our own" "$sori" plugin list -w "$dir/org"
listed=$(there plugin list --json | grep -c '"summary": "a folder')
[ "$listed" = 2 ] || { echo "FAILED: $listed of the example are listed, two of the workspace's were expected"; failed=1; }
expect 2 "is not a workspace" "$sori" plugin list -w "$dir/voices"
expect 2 "is not a workspace" "$sori" plugin info mine -w "$dir/voices"
# Standard output holds JSON lines and nothing else.
"$sori" plugin try hello --set "url=$url" --allow "$dir/voices" 2>/dev/null | while read -r line; do
    [[ "$line" == '{"channel":"hello"'*'}' ]] || { echo "FAILED: stdout has: $line"; exit 1; }
done || failed=1
exit $failed
