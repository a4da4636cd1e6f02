# ICU's normaliser (libxml2 brings ICU anyway) for text that does not arrive composed; zlib for the
# CRC of a section. Training must give the same bytes everywhere, so no fused multiply-add.
if(NOT TARGET PkgConfig::ICU)
  sori_need(ICU icu-uc "canonical composition of text, NFC")
endif()
set(PLUGIN_LIBS PkgConfig::ICU PkgConfig::ZLIB m)
set_source_files_properties(${dir}/train.c ${dir}/fit.c ${dir}/calibrate.c ${dir}/score.c ${dir}/number.c
                            ${dir}/precision.c
                            PROPERTIES COMPILE_OPTIONS "-ffp-contract=off;-fno-math-errno")
