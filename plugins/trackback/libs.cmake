set(PLUGIN_LIBS PkgConfig::GUMBO PkgConfig::XML PkgConfig::JANSSON PkgConfig::IDN)
file(GLOB PLUGIN_SOURCES CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/plugins/common/*.c)
