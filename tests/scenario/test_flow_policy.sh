# Policies that never end, that eat memory, and that run a pattern which takes Lua itself seconds:
# each is stopped within its budget with a message that names rule and line, its entry is held for a
# person, and the others of its batch and the next ones are decided as if nothing had been.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/flow.sh"
hello_workspace 'limits { contact_gap = "0s" }'
policy <<'LUA'
local t = sori.policy "test"
local function has(word)
  return function(i) return sori.text.match(i.text, word) ~= nil end
end
t:rule "never ends" {
  when  = { kind = "comment" },
  check = { why = "it says loop", function(i)
    if i.text == "loop" then
      while true do end
    end
    return false
  end },
  act   = { tag "loop" },
}
t:rule "eats memory" {
  when  = { kind = "comment" },
  check = { why = "it says eat", function(i)
    if i.text == "eat" then
      local all = { ("x"):rep(1e6) }
      while true do all[#all + 1] = all[#all] .. #all end
    end
    return false
  end },
  act   = { tag "eat" },
}
t:rule "slow pattern" {
  when  = { kind = "comment" },
  check = { why = "it says slow", function(i)
    if i.text == "slow" then
      return string.find(("a"):rep(26), ("a?"):rep(26) .. ("a"):rep(26)) ~= nil
    end
    return false
  end },
  act   = { tag "slow" },
}
t:rule "the rest" { when = { kind = "comment" }, act = { reply "ok" } }
return t
LUA
start
for i in 1 2 3; do
    say "a$i" "안녕하세요 $i"
done
say loop loop
say eat eat
say slow slow
say b1 "잘 받았습니다"
wait_for 30 "seven are decided" decided 7
stored "held" 3 "SELECT count(*) FROM decision WHERE status = 4"
stored "decided as always" 4 "SELECT count(*) FROM decision WHERE status = 1 AND rule LIKE '%the rest%'"
held() { # held ID RULE LINE WHAT: why says so
    sori why "$(id_of "$1")" > "$T/why.$1" || fail "why $1"
    grep -qE "rule \"$2\": rules/test.lua:$3: stopped: $4 are used up" "$T/why.$1" || { cat "$T/why.$1"; fail "why $1 does not name rule, line and budget"; }
}
# Whether steps or milliseconds are used up first depends on the machine; memory does not.
held loop "never ends" 9 '(200,000 instructions|[0-9]+ ms)'
held eat "eats memory" 20 '16 MiB of memory'
held slow "slow pattern" 30 '(200,000 instructions|[0-9]+ ms)'
echo "ok: why names rule and line"
sori inbox > "$T/inbox"
for i in loop eat slow; do grep -qw "$(id_of $i)" "$T/inbox" || { cat "$T/inbox"; fail "$i is not in the inbox"; }; done
echo "ok: all three wait for a person"
# The budget is 50 ms an entry; with six others in the batch nothing takes seconds.
stored "decisions that took seconds" 0 "SELECT count(*) FROM decision d JOIN journal j USING (seq) WHERE d.at - j.at > 3000 * $SLOW"
say c1 "다음 글"
wait_for 15 "the next is decided" decided 8
stored "the next" 1 "SELECT count(*) FROM decision d JOIN journal j USING (seq) JOIN interaction i ON i.id = j.interaction WHERE i.native = 'c1' AND d.status = 1"
wait_for 15 "five replies leave" equals 5 "SELECT count(*) FROM action WHERE state = 4"
expect "reply files" 5 "$(replies)"
sori check --store || fail "check --store"
