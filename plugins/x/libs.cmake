sori_need(ICU icu-uc "how X counts a text: NFC, characters as people see them, names of hosts")
sori_need(PSL libpsl "which top-level domains make a word a link")
set(PLUGIN_LIBS PkgConfig::JANSSON PkgConfig::XML PkgConfig::IDN PkgConfig::ICU PkgConfig::PSL)
file(GLOB PLUGIN_SOURCES CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/plugins/common/*.c)
