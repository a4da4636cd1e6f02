# What tells the rows of a file apart: a column that is the id, so that a row put in between makes
# nothing new of those below it; and rows without an id, or with one of an earlier row, which are told
# by line and stored neither twice nor as edits of each other, wherever in the file they stand.
. "$(dirname "$0")/lib.sh"
workspace "gate { listen = \"127.0.0.1:$(free_port)\" }"
start
export SORI_WORKSPACE=$W
import() { "$SORI" import "$@" >"$T/seen" 2>"$T/told" || fail "import $*: $(cat "$T/seen" "$T/told")"; }
told() { grep -qF -- "$2" "$T/$1" || fail "not in $1: $2: $(cat "$T/$1")"; }

printf 'id,text\nc1,배송이 늦어요\nc3,좋아요\n' > "$T/rows.csv"
import "$T/rows.csv" --dry-run
told seen 'the column "id" is the id'
expect "a dry run stores" 0 "$(db 'SELECT count(*) FROM interaction')"
expect "its JSON names the column" id "$("$SORI" import "$T/rows.csv" --dry-run --json | sed 's/.*"id_column":"\([^"]*\)".*/\1/')"
import "$T/rows.csv"
told seen '2 new, 0 seen before, 0 rejected'
printf 'id,text\nc1,배송이 늦어요\nc2,환불해 주세요\nc3,좋아요\n' > "$T/rows.csv"
import "$T/rows.csv"
told seen '1 new, 2 seen before, 0 rejected'
stored "rows of the file that grew in its middle" c1,c2,c3 "SELECT group_concat(native) FROM (SELECT native FROM interaction ORDER BY native)"

# What was changed is counted once: as news.
printf 'id,text\nc1,배송이 늦어요\nc2,환불해 주세요 지금\nc3,좋아요\n' > "$T/rows.csv"
import "$T/rows.csv"
told seen '1 new, 2 seen before, 0 rejected'
stored "the edit" 2 "SELECT max(j.rev) FROM journal j JOIN interaction i ON i.id = j.interaction WHERE i.native = 'c2'"

printf 'text,post_id\n좋아요,7\n' > "$T/lines.csv"
import "$T/lines.csv" --dry-run
told seen 'no column is the id'
told seen '--map native_id=COLUMN'

# Longer than a chunk, so that the first row of an id and the second meet in no single one.
awk 'BEGIN { print "id,text"
    for (i = 1; i <= 20000; i++) {
        print "n" i ",배송이 늦어요 " i
        if (i == 19000) print "n5,다른 말\n,이름 없는 말\nn6,배송이 늦어요 6"
    } }' > "$T/long.csv"
for again in --dry-run "" ""; do
    # shellcheck disable=SC2086
    import "$T/long.csv" $again
    told told 'line 19002: native_id: an earlier row with other contents has the id "n5"'
    told told 'line 19003: native_id: empty'
    case $again in --dry-run) told seen '20001 rows would be read, 2 rejected' ;; *) told seen ', 2 rejected' ;; esac
done
told seen '0 new, 20001 seen before, 2 rejected'
stored "rows" 20000 "SELECT count(*) FROM interaction WHERE native LIKE 'n%'"
expect "nothing became an edit" 0 "$(db "SELECT count(*) FROM journal j JOIN interaction i ON i.id = j.interaction WHERE j.kind = 2 AND i.native LIKE 'n%'")"
stored "the first row keeps its words" '배송이 늦어요 5' "SELECT j.text FROM journal j JOIN interaction i ON i.id = j.interaction WHERE i.native = 'n5'"

# JSON lines too; another version is the story of the same one, the same row once more is the same one.
printf '%s\n' '{"native_id":"v","text":"하나"}' '{"native_id":"v","text":"둘","version":2}' '{"native_id":"v","text":"하나"}' \
    '{"native_id":"v","text":"셋"}' '{"text":"번호 없는 말"}' > "$T/story.jsonl"
import "$T/story.jsonl" --dry-run
told seen '4 rows would be read, 1 rejected'
told told 'line 4: native_id: an earlier row'
