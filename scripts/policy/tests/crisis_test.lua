-- What a machine must never answer, and what only looks like it.

local crisis = sori.policy "crisis"

local function silent(name, text, rule, extra)
  local given = { kind = "comment", tone = "negative", lang = "ko", author = "김하늘", text = text,
                  channel = "blog" }
  for key, value in pairs(extra or {}) do given[key] = value end
  crisis:case(name) {
    given  = given,
    expect = { rule = rule, silent = true, assign = "lead", clock = "15m", hold = true, alert = true },
  }
end

silent("food poisoning", "여기 도시락 먹고 식중독 걸려서 응급실 갔어요", "life or health")
silent("a compound of food poisoning", "집단식중독 아닌가요?", "life or health")
silent("somebody is desperate", "이제 다 지쳤어요. 죽고 싶습니다", "life or health", { tone = "unsure" })
silent("a burn, in English", "The kettle exploded and burned my hand!", "life or health", { lang = "en" })
silent("a court", "이번 주 안에 연락 없으면 소송을 걸겠습니다", "law or authorities")
silent("a class action in one word", "집단소송 준비하고 있습니다", "law or authorities")
silent("the consumer agency", "소비자원에 신고할게요", "law or authorities")
silent("a complaint to the police", "고소하겠습니다 진짜", "law or authorities")
silent("a lawyer, in a private message", "You will hear from my lawyer.", "law or authorities",
       { kind = "message", lang = "en" })
silent("the press, politely", "안녕하세요, 한겨레 기자입니다. 잠깐 통화 가능하실까요?", "press",
       { kind = "message", tone = "neutral" })
silent("the press praises", "I am a journalist and I love your shop", "press",
       { lang = "en", tone = "positive", influencer = true })

-- The same syllables, another meaning.
local function harmless(name, text, rule)
  crisis:case(name) {
    given  = { kind = "comment", tone = "positive", lang = "ko", author = "박서준", text = text },
    expect = { rule = rule, reply = "thanks", alert = false },
  }
end
harmless("a nutty taste", "정말 고소한 맛이에요", "thanks")
harmless("shoes that one wears", "하루 종일 신고 다녀도 편해요!", "thanks")
harmless("potatoes", "감자살이 포슬포슬 맛있네요", "thanks")

crisis:case "an issue is no suit" {
  given  = { tone = "positive", lang = "en", author = "Mia", text = "No issue at all, a pleasure, not pressed!" },
  expect = { rule = "thanks", reply = "thanks", lang = "en" },
}

crisis:case "our own words set nothing off" {
  given  = { origin = "us-by-hand", text = "소송 관련 문의는 법무팀으로 부탁드립니다" },
  expect = { rule = false, status = "none", silent = true },
}
