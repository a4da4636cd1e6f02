# ICU's normaliser: our own words are compared as they come back, canonically composed.
if(NOT TARGET PkgConfig::ICU)
  sori_need(ICU icu-uc "canonical composition of text, NFC")
endif()
if(NOT TARGET PkgConfig::ICU)
  sori_need(ICU icu-uc "canonical composition of text, NFC")
endif()
set(PLUGIN_LIBS PkgConfig::JANSSON PkgConfig::ICU PkgConfig::ICU)
set(PLUGIN_SOURCES ${CMAKE_SOURCE_DIR}/plugins/common/text.c ${CMAKE_SOURCE_DIR}/plugins/common/date.c
                   ${CMAKE_SOURCE_DIR}/plugins/common/say.c)
