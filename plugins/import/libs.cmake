# ICU knows the time zones of tables whose times name none.
if(NOT TARGET PkgConfig::ICU18N)
  sori_need(ICU18N icu-i18n "time zones")
endif()
set(PLUGIN_LIBS PkgConfig::XML PkgConfig::JANSSON PkgConfig::IDN PkgConfig::ICU18N)
file(GLOB PLUGIN_SOURCES CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/plugins/common/*.c)
