# Compiler settings shared by every target.
add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Werror=switch -Werror=return-type)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC 12 reports false positives in its own library with these.
  add_compile_options(-Wno-restrict -Wno-maybe-uninitialized -Wno-missing-field-initializers)
else()
  add_compile_options(-Wno-missing-field-initializers)
endif()

if(PINTLE_SANITIZE)
  add_compile_options(-fsanitize=${PINTLE_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${PINTLE_SANITIZE})
  add_compile_definitions(_GLIBCXX_ASSERTIONS)
endif()

find_program(PINTLE_MOLD mold)
if(PINTLE_MOLD AND NOT CMAKE_INTERPROCEDURAL_OPTIMIZATION)
  add_link_options(-fuse-ld=mold)
endif()
find_program(PINTLE_CCACHE ccache)
if(PINTLE_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # Without these ccache refuses everything that uses a precompiled header, and finds nothing again in another clone.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
      CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${PINTLE_CCACHE})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    add_compile_options(-fpch-preprocess)
  endif()
endif()
