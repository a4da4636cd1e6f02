-- T3: what a machine must never answer, and what only looks like it.

local safety = sori.policy "safety"
local span = require("settings").clock

local function silent(name, text, rule, extra)
  local given = { tone = "negative", lang = "ko", author = "김하늘", text = text, channel = "blog" }
  for key, value in pairs(extra or {}) do given[key] = value end
  safety:case("T3 " .. name) {
    given  = given,
    expect = { rule = rule, silent = true, assign = "lead", clock = span.urgent, hold = true, alert = true,
               direction = "escalate" },
  }
end

local health, law, press, recall, threat =
  "T3 life or health", "T3 law or authorities", "T3 press", "T3 recall", "T3 threat"

silent("food poisoning", "여기 도시락 먹고 식중독 걸려서 응급실 갔어요", health)
silent("a compound of food poisoning", "집단식중독 아닌가요?", health)
silent("somebody is desperate", "이제 다 지쳤어요. 죽고 싶습니다", health, { tone = "unsure" })
silent("a burn, in English", "The kettle exploded and burned my hand!", health, { lang = "en" })
silent("a court", "이번 주 안에 연락 없으면 소송을 걸겠습니다", law)
silent("a class action in one word", "집단소송 준비하고 있습니다", law)
silent("the consumer agency", "소비자원에 신고할게요", law)
silent("a complaint to the police", "고소하겠습니다 진짜", law)
silent("a lawyer, in private", "You will hear from my lawyer.", law, { kind = "message", lang = "en" })
silent("a leak of personal data", "제 개인정보가 유출된 것 같아요", law)
silent("the press, politely", "안녕하세요, 한겨레 기자입니다. 잠깐 통화 가능하실까요?", press,
       { kind = "message", tone = "neutral" })
silent("the press praises", "I am a journalist and I love your shop", press,
       { lang = "en", tone = "positive", influencer = true })
silent("a recall", "이 전기장판 리콜 대상 아닌가요", recall, { tone = "neutral" })
silent("something in the food", "간식에서 벌레가 나왔어요", recall)
silent("a threat", "가만 안 둘 거야. 매장으로 칼 들고 찾아간다", threat)
silent("a threat, in English", "I know where you live", threat, { lang = "en", tone = "neutral" })
silent("an opponent who was hurt is a person first", "전기장판에 감전됐다고요", health,
       { relationship = "anti" })
silent("on a page of the writer's own", "이 회사를 상대로 한 소송 정리", law, { kind = "trackback" })

-- The same syllables, another meaning.
local function harmless(name, text, lang)
  safety:case("no T3: " .. name) {
    given  = { tone = "positive", lang = lang or "ko", author = "박서준", text = text },
    expect = { rule = "P3 a good word", reply = "thanks", alert = false },
  }
end

harmless("a nutty taste", "정말 고소한 맛이에요")
harmless("shoes that one wears", "하루 종일 신고 다녀도 편해요!")
harmless("potatoes", "감자살이 포슬포슬 맛있네요")
harmless("they kill it", "You guys are killing it, love the new lamp!", "en")
harmless("as one recalls", "As I recall, this was the best blanket I ever had", "en")
harmless("an issue is no suit", "No issue at all, a pleasure, not pressed!", "en")
