# Folders with personal data and credentials that others could open are closed at start, and said so;
# `sori check` says it before, and refuses.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/flow.sh"
hello_workspace
chmod 755 "$W/data"
chmod 750 "$W/secrets"
sori check > "$T/check" 2>&1
expect "the code of check" 3 $?
for folder in data:0755 secrets:0750; do
    grep -q "/${folder%:*}: others .*mode ${folder#*:}.*chmod 700" "$T/check" || { cat "$T/check"; fail "check says nothing of ${folder%:*}"; }
done
start
expect "mode of data" 700 "$(stat -c %a "$W/data")"
expect "mode of secrets" 700 "$(stat -c %a "$W/secrets")"
grep -q "/data: others could open it (mode 0755)" "$T/log" || fail "the start says nothing of data"
grep -q "/secrets: others could open it (mode 0750)" "$T/log" || fail "the start says nothing of secrets"
sori check > "$T/check" 2>&1 || { cat "$T/check"; fail "check after the start"; }
stop_all
: > "$T/log"
start
grep "others could open" "$T/log" && fail "the second start complains of what is mended"
stop_all

# Where it cannot be closed, nothing starts.
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
    chmod 755 "$T" "$W/data"
    code=0
    setpriv --reuid 65534 --regid 65534 --clear-groups "$BUILD/bin/sorid" "$W" > "$T/refused" 2>&1 || code=$?
    [ "$code" = 126 ] || [ "$code" = 127 ] && { echo "SKIPPED: the programs cannot be reached by another user"; exit 0; }
    expect "the code of a start that cannot close it" 1 "$code"
    grep -q "/data: others can open it (mode 0755), and it cannot be closed.*chmod 700" "$T/refused" || { cat "$T/refused"; fail "no clear message"; }
    stop_all
fi
