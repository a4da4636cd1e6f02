-- What no model tells us yet, found by words. Each list stands for a label of the same sense, named
-- as a classifier will name it (rules/discovery.lua joins the two); once a model gives the label, its
-- score counts and the list rests.
--
-- A word is found where a word begins: 소송 in "소송을", not "sue" in "issue". Korean particles may
-- follow. A star frees an end: "*소송" is found in "집단소송", "lawsuit*" in "lawsuits".
--
-- Choose narrow words. 고소 alone finds 고소하다 (it tastes nutty), 신고 alone finds 신고 다니다 (to
-- wear shoes), 부러 finds 부러워요 (I envy you), "recall" finds "as I recall", 언제 finds 언제나.

local words = {}

-- ---- T3: a person, at once, whatever the hour -----------------------------------------------

-- Threats against us or others: intent.threat
words.threat = {
  "죽여버리", "죽여 버리", "죽이러", "칼 들고", "칼들고", "가만 안 둘", "가만 안 둬", "가만 안둘",
  "가만두지 않", "가만 두지 않", "불 지르", "불지르", "불질러", "불 질러", "폭파하겠", "폭파시키",
  "찾아가서 다", "집 주소 알", "집주소 알", "밤길 조심", "신상 털", "신상을 털",
  "kill you", "kill your", "burn down your", "burn your store", "burn your shop", "shoot you",
  "bomb threat*", "beat you up", "know where you live", "you will regret", "you'll regret",
  "watch your back", "death threat*",
}

-- Life and health, and somebody who is desperate: safety.health
words.health = {
  "자살", "자해", "죽고 싶", "죽어버리고 싶", "*식중독", "응급실", "구급차", "병원에 실려", "병원 실려",
  "알레르기 반응", "알레르기 쇼크", "두드러기", "화상을 입", "화상 입", "감전", "폭발했", "불이 났",
  "불났", "다쳤", "아이가 삼켰", "아기가 삼켰",
  "suicide", "suicidal", "kill myself", "self-harm", "food poisoning", "in hospital",
  "to the hospital", "hospitalised", "hospitalized", "ambulance", "anaphyla*", "allergic reaction",
  "burned my", "burnt my", "electrocuted", "electric shock", "exploded", "caught fire",
  "got injured", "was injured", "injured my", "choked on",
}

-- Courts and authorities: safety.legal
words.legal = {
  "*소송", "변호사", "고소할", "고소하겠", "고소장", "고발할", "고발하겠", "고발장", "고발 조치",
  "신고할게", "신고할 거", "신고할거", "신고하겠", "신고합니다", "신고했", "소비자원", "소비자보호원",
  "소비자 보호원", "공정위", "공정거래위원회", "식약처", "경찰에", "경찰서에", "내용증명", "손해배상",
  "법적 조치", "법적 대응", "개인정보 유출", "개인정보가 유출", "명예훼손",
  "lawsuit*", "lawyer*", "attorney*", "sue you", "suing you", "legal action", "small claims",
  "call the police", "police report", "to the police", "data breach", "class action",
  "trading standards", "consumer protection",
}

-- The press: safety.press
words.press = {
  "기자입니다", "기자인데", "취재 요청", "취재 중", "취재하", "취재차", "보도자료", "방송국입니다",
  "방송국인데", "방송작가", "제보하", "제보할",
  "i am a journalist", "i'm a journalist", "a journalist at", "a journalist with", "reporter at",
  "reporter for", "reporter with", "press inquiry", "press enquiry", "news desk",
  "comment for our story",
}

-- Recalls, and what may not be safe to use: safety.recall
words.recall = {
  "리콜", "회수 조치", "회수조치", "유해 물질", "유해물질", "발암물질", "발암 물질", "라돈", "이물질이 나",
  "벌레가 나", "벌레 나왔", "곰팡이가 나", "곰팡이 나",
  "product recall", "safety recall", "been recalled", "a recall", "contaminated", "carcinogen*",
  "toxic chemical*", "asbestos", "bugs in it", "mold in", "mould in",
}

-- ---- T8: heard, and not answered --------------------------------------------------------------

-- A joke: intent.joke. Laughter alone is none: ㅋㅋㅋ stands as often under a complaint as under
-- praise.
words.joke = {
  "농담이", "농담인", "농담임", "농담입", "드립 ", "드립치", "드립이", "웃자고", "장난이에요", "장난입니다",
  "장난친", "개그하", "개그인", "패러디", "만우절",
  "just kidding", "only kidding", "just joking", "only joking", "jk", "april fool*", "parody",
  "pun intended", "said no one ever",
}

-- Raging without a point: intent.rant
words.rant = {
  "씨발", "시발", "씨빨", "ㅅㅂ", "ㅆㅂ", "병신", "ㅂㅅ", "개새끼", "개같은", "개같네", "지랄", "ㅈㄹ",
  "꺼져라", "꺼지라", "닥쳐", "좆", "좃같", "존나 싫", "망해라", "망해버려", "쓰레기같은", "쓰레기 같은",
  "쓰레기 회사", "양아치",
  "fuck*", "piece of shit", "bullshit", "this shit", "asshole*", "scumbag*", "go to hell",
  "rot in hell", "screw you", "stfu",
}

-- ---- T12: asking --------------------------------------------------------------------------------

-- intent.question. Many people leave the question mark out.
words.question = {
  "*?", "언제쯤", "언제까지", "언제 오", "언제 와", "언제 되", "언제 도착", "언제 출", "언제 열", "언제인지",
  "어디서 사", "어디서 살", "어디서 구", "어디에서", "얼마예요", "얼마에요", "얼마인", "얼마나 걸", "얼마죠",
  "어떻게 하", "어떻게 해", "어떻게 되", "어떻게 신청", "뭔가요", "무엇인가", "*인가요", "*은가요", "*건가요",
  "*있나요", "*없나요", "*되나요", "*하나요", "*했나요", "*오나요", "*주나요", "*받나요", "*여나요",
  "*파나요", "*드나요", "*까요", "*습니까", "*입니까", "*됩니까", "*합니까", "*는지요", "궁금",
  "문의드", "문의 드", "문의합", "문의요", "여쭤", "여쭙",
  "알려주세요", "알려 주세요", "알려주실", "알려 주실", "알 수 있을", "알수있을",
  "how do i", "how do you", "how can i", "how can we", "how much is", "how much does", "how long",
  "when will", "when do you", "when does", "where can i", "where can we", "can i", "can we",
  "could you", "can you", "do you have", "do you sell", "do you ship", "do you deliver",
  "is there a", "are there any", "please tell me", "let me know if", "i would like to know",
  "i'd like to know", "i was wondering",
}

-- ---- T10: what can be put right, by what it is about ---------------------------------------------

words.trouble = {
  delivery = {
    "안 왔", "안왔", "안 와요", "안와요", "안 옵니다", "못 받았", "못받았", "아직 배송", "아직도 배송",
    "배송이 안", "배송 안", "배송이 늦", "배송이 너무", "오배송", "잘못 왔", "잘못왔", "잘못 배송",
    "다른 게 왔", "다른게 왔", "다른 제품이", "물건이 없",
    "never arrived", "never got it", "never came", "not arrived", "hasn't arrived", "haven't received",
    "have not received", "did not receive", "didn't receive", "still waiting for my", "late delivery",
    "wrong item", "wrong order",
  },
  refund = {
    "환불", "반품", "교환 ", "교환해", "교환을", "교환이", "교환하", "교환인", "교환도", "교환은", "취소해",
    "취소하", "주문 취소", "결제 취소",
    "refund*", "money back", "return it", "return this", "exchange it", "exchange this",
    "cancel my order", "chargeback",
  },
  billing = {
    "재발급", "결제가 안", "결제가 두", "두 번 결제", "이중결제", "이중 결제", "중복결제", "중복 결제",
    "적용이 안", "적용 안",
    "charged twice", "double charged", "charged me twice", "overcharged", "payment failed",
  },
  product = {
    "파손", "깨져", "깨진 ", "깨진채", "부러졌", "부러져", "부러진", "찢어졌", "찢어져", "찢어진", "찢긴", "고장", "불량이", "불량품",
    "불량 ", "불량입", "불량인", "하자가", "누락", "빠져 있", "빠져있", "긁힌", "긁혔", "흠집",
    "얼룩이", "망가졌", "망가져", "망가진", "작동이 안", "작동을 안", "작동 안", "안 켜", "안켜", "연결이 안", "연결 안", "색이 완전히",
    "arrived broken", "came broken", "arrived damaged", "is broken", "broke after", "broke down",
    "defective", "faulty", "doesn't work", "does not work", "not working", "stopped working",
    "are missing", "were missing", "is missing", "was missing", "wrong size", "wrong colour",
    "wrong color",
  },
  service = {
    "답변이 없", "답변이 너무", "답이 없으", "연락이 없", "연락이 안", "전화를 안", "전화 안", "상담원 연결",
    "로그인이 안", "로그인 안",
    "nobody answers", "no one answers", "no answer from", "no reply", "still no answer",
  },
  other = { "확인 부탁", "확인부탁", "확인 좀", "확인해 주", "확인해주" },
}

-- Any of it: intent.problem
words.problem = {}
for _, list in pairs(words.trouble) do
  for _, word in ipairs(list) do words.problem[#words.problem + 1] = word end
end

-- ---- What it is about: topic.…; settings.lua says which team each belongs to --------------------

words.delivery = {
  "배송", "택배", "송장", "출고", "도착을 안", "도착 안", "언제 도착", "언제 와", "언제 오", "안 왔", "안왔",
  "안 와요", "안와요", "못 받았", "못받았", "오배송",
  "delivery", "deliver", "delivered", "parcel*", "shipping", "shipment*", "shipped",
  "tracking number", "courier", "never arrived", "hasn't arrived", "haven't received",
}
words.refund = {
  "환불", "반품", "교환해", "교환하", "교환을", "교환이", "교환인", "교환 ", "취소해", "주문 취소", "결제 취소",
  "refund*", "money back", "return it", "return policy", "exchange it", "exchange this", "chargeback",
}
words.billing = {
  "결제", "이중결제", "중복결제", "청구서", "청구됐", "청구되", "영수증", "세금계산서", "쿠폰", "적립금",
  "카드 승인",
  "invoice*", "receipt", "billing", "payment*", "charged", "overcharged", "coupon*", "promo code",
}
words.product = {
  "불량이", "불량품", "불량 ", "불량입", "고장", "파손", "깨져", "깨진 ", "부러졌", "부러져", "흠집", "스크래치",
  "긁힌", "나사", "부품", "조립", "사이즈", "색이 다르", "색이 완전히", "색상이 다르", "마감이",
  "broken", "broke after", "defective", "faulty", "damaged", "screw", "screws", "wrong size",
  "assembly", "spare part*",
}
words.service = {
  "상담원", "상담사", "고객센터", "직원", "응대", "불친절", "답변이", "연락이 없", "연락이 안",
  "customer service", "customer support", "support team", "your staff", "rude", "nobody answers",
  "no one answers", "no reply",
}
words.privacy = {
  "개인정보", "개인 정보", "주민번호", "회원 탈퇴", "탈퇴 처리", "내 정보 삭제", "정보를 삭제",
  "personal data", "personal information", "privacy", "gdpr", "delete my account", "delete my data",
}

return words
