set(PLUGIN_LIBS PkgConfig::JANSSON)
set(PLUGIN_SOURCES ${CMAKE_SOURCE_DIR}/plugins/common/text.c ${CMAKE_SOURCE_DIR}/plugins/common/date.c)
