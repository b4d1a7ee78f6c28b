# pintle_module(NAME HEADERS … SOURCES … DEPS … PRIVATE_DEPS … TESTS …)
#
# One folder src/NAME = one static library pintle_NAME (alias pintle::NAME) = one namespace. It also makes
#   NAME_test          the unit tests, registered with ctest under the label "unit";
#   NAME_closure       links the whole archive against nothing but DEPS: a use of an undeclared module is an
#                      undefined reference ("cmake --build … --target closures");
#   a line in layers.txt, which tools/check_layers.py holds against the #include lines (the ctest "layers").
# DEPS are modules of this project; PRIVATE_DEPS are third-party targets that no header of the module shows.
add_custom_target(closures)

if(PINTLE_PCH)
  file(WRITE ${CMAKE_BINARY_DIR}/pch.cpp "")
  add_library(pintle_pch STATIC ${CMAKE_BINARY_DIR}/pch.cpp)
  target_link_libraries(pintle_pch PRIVATE fmt::fmt tl::expected Threads::Threads)
  target_precompile_headers(pintle_pch PRIVATE
    <algorithm> <chrono> <cstdint> <functional> <map> <memory> <optional> <string> <string_view> <variant> <vector>
    <fmt/core.h> <tl/expected.hpp>)
endif()

function(pintle_use_pch target)
  if(PINTLE_PCH)
    target_precompile_headers(${target} REUSE_FROM pintle_pch)
  endif()
endfunction()

function(pintle_module name)
  cmake_parse_arguments(M "" "" "HEADERS;SOURCES;DEPS;PRIVATE_DEPS;TESTS" ${ARGN})
  set(target pintle_${name})
  add_library(${target} STATIC ${M_SOURCES})
  add_library(pintle::${name} ALIAS ${target})
  target_sources(${target} PUBLIC FILE_SET HEADERS BASE_DIRS ${CMAKE_SOURCE_DIR}/src FILES ${M_HEADERS})
  set(modules "")
  foreach(dep IN LISTS M_DEPS)
    list(APPEND modules pintle::${dep})
  endforeach()
  target_link_libraries(${target} PUBLIC ${modules} fmt::fmt tl::expected Threads::Threads PRIVATE ${M_PRIVATE_DEPS})
  target_include_directories(${target} PUBLIC ${CMAKE_SOURCE_DIR}/src)
  pintle_use_pch(${target})
  string(JOIN " " dep_words ${M_DEPS})
  set_property(GLOBAL APPEND_STRING PROPERTY PINTLE_LAYER_LINES "${name}: ${dep_words}\n")

  if(NOT EXISTS ${CMAKE_BINARY_DIR}/empty_main.cpp)
    file(WRITE ${CMAKE_BINARY_DIR}/empty_main.cpp "int main() {}\n")
  endif()
  add_executable(${name}_closure EXCLUDE_FROM_ALL ${CMAKE_BINARY_DIR}/empty_main.cpp)
  target_link_libraries(${name}_closure PRIVATE "$<LINK_LIBRARY:WHOLE_ARCHIVE,${target}>")
  add_dependencies(closures ${name}_closure)

  if(PINTLE_TESTS AND M_TESTS)
    add_executable(${name}_test ${M_TESTS} ${CMAKE_SOURCE_DIR}/src/testing/doctest_main.cpp)
    target_link_libraries(${name}_test PRIVATE ${target} doctest::doctest)
    if(TARGET pintle_testing AND NOT name STREQUAL "testing")
      target_link_libraries(${name}_test PRIVATE pintle_testing)
    endif()
    pintle_use_pch(${name}_test)
    add_test(NAME ${name} COMMAND ${name}_test)
    set_tests_properties(${name} PROPERTIES LABELS unit TIMEOUT 900)
  endif()
endfunction()

# Writes what tools/check_layers.py compares with the #include lines, and registers that check.
function(pintle_write_layers)
  get_property(lines GLOBAL PROPERTY PINTLE_LAYER_LINES)
  file(WRITE ${CMAKE_BINARY_DIR}/layers.txt "${lines}")
  if(PINTLE_TESTS)
    add_test(NAME layers COMMAND python3 ${CMAKE_SOURCE_DIR}/tools/check_layers.py ${CMAKE_BINARY_DIR}/layers.txt ${CMAKE_SOURCE_DIR}/src)
    set_tests_properties(layers PROPERTIES LABELS unit)
    add_test(NAME lines COMMAND python3 ${CMAKE_SOURCE_DIR}/tools/check_lines.py ${CMAKE_SOURCE_DIR}/src)
    set_tests_properties(lines PROPERTIES LABELS unit)
  endif()
endfunction()
