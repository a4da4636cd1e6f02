# A lane whose instance cannot be made is tried again without anybody's help; a connection that a
# reload adds is heard and answered, wherever its folder is.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/flow.sh"
MODE=auto puppet_workspace 'limits { contact_gap = "0s" }'
sed -i "s/mode = \"auto\"/mode = \"auto\", from = $(($(date +%s) + 8 * SLOW))/" "$W/sori.lua"
policy_all 'reply "ok"'
start
echo 'id=a|author=a|text=기다린 글' | items a
wait_for 15 "it is broken first" grep -q "not time yet" "$T/log"
wait_for 90 "then heard, and answered" equals 1 "SELECT count(*) FROM action WHERE state = 4"

mkdir -p "$W/new"
echo "connection \"added\" { channel = \"puppet\", url = \"folder://$W/new\", every = \"1s\", mode = \"auto\", allow = { \"$W/new\" } }" >> "$W/sori.lua"
sori reload || fail reload
echo 'id=n|author=n|text=새 연결' > "$W/new/.n"; mv "$W/new/.n" "$W/new/n.item"
wait_for 30 "the added connection is heard" equals 1 "SELECT count(*) FROM interaction WHERE native = 'n'"
wait_for 30 "and answered" equals 2 "SELECT count(*) FROM action WHERE state = 4"
ls "$W/new" | grep -q '^reply-' || fail "no answer in the new folder"
