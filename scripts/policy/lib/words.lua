-- Word lists, in one place. A word is found where a word begins: 소송 in "소송을", not "sue" in
-- "issue". A star frees an end: "*소송" is found in "집단소송", "lawsuit*" in "lawsuits".
--
-- Choose narrow words: 고소 alone would find 고소하다 (it tastes nutty), 신고 alone would find
-- 신고 다니다 (to wear shoes).

local words = {}

-- Life and health: a person, at once, whatever the hour.
words.danger = {
  "자살", "자해", "죽고 싶", "죽어버리", "*식중독", "응급실", "구급차", "병원에 실려", "알레르기 쇼크",
  "화상을 입", "화상 입", "감전", "폭발했", "불이 났", "불났", "다쳤", "아이가 삼켰",
  "suicide", "suicidal", "kill myself", "self-harm", "food poisoning", "hospital", "ambulance",
  "anaphylactic", "burned my", "burnt my", "electrocuted", "exploded", "caught fire", "injured",
  "choked",
}

-- Law, authorities and the press: words that we must not answer by ourselves.
words.legal = {
  "*소송", "변호사", "고소할", "고소하겠", "고소장", "고발", "신고할", "신고하겠", "신고합니다", "신고했",
  "소비자원", "소비자보호원", "공정위", "공정거래위원회", "식약처", "경찰", "내용증명", "손해배상",
  "개인정보 유출", "명예훼손",
  "lawsuit*", "lawyer*", "attorney*", "sue you", "suing", "legal action", "small claims",
  "police", "data breach", "class action", "trading standards", "consumer protection",
}
words.press = {
  "기자입니다", "기자인데", "취재", "보도자료", "방송국", "제보하", "제보할",
  "journalist", "reporter", "press inquiry", "press enquiry", "news desk", "comment for our story",
}

-- Asking. A question mark alone would do, but many people leave it out.
words.question = {
  "*?", "언제", "어디서", "어떻게", "얼마", "왜", "무엇", "뭔가요", "*인가요", "*있나요", "*되나요", "*될까요",
  "*할까요", "*나요", "궁금", "문의", "알려주세요", "알려 주세요",
  "how do", "how can", "how much", "how long", "when will", "when do", "where can", "where is",
  "what is", "do you", "can i", "can you", "is there", "could you", "please tell",
}

-- Wanting money or goods back: worth a person even in a calm voice.
words.refund = {
  "환불", "반품", "교환", "취소해", "결제 취소", "refund*", "money back", "return it", "chargeback",
}

-- Where a parcel is concerned.
words.delivery = {
  "배송", "택배", "송장", "도착을 안", "안 왔", "안왔", "언제 와", "오배송",
  "delivery", "deliver*", "parcel", "shipping", "shipment", "tracking", "courier",
}

return words
