# cmake -DFOLDER=… -DOUTPUT=… -P embed_migrations.cmake: writes FOLDER/NNNN_name.sql as a C++ source, in order.
file(GLOB paths ${FOLDER}/*.sql)
list(SORT paths)
set(rows "")
set(expected 1)
foreach(path IN LISTS paths)
  get_filename_component(name ${path} NAME_WE)
  if(NOT name MATCHES "^([0-9][0-9][0-9][0-9])_[a-z0-9_]+$")
    message(FATAL_ERROR "${path}: a migration is named like 0002_add_pools.sql")
  endif()
  math(EXPR version "1${CMAKE_MATCH_1} - 10000")
  if(NOT version EQUAL expected)
    message(FATAL_ERROR "${path}: the next migration must have the number ${expected}")
  endif()
  math(EXPR expected "${expected} + 1")
  file(SHA256 ${path} hash)
  file(READ ${path} sql)
  string(APPEND rows "    {${version}, \"${name}\", \"${hash}\", R\"sql(${sql})sql\"},\n")
endforeach()
file(WRITE ${OUTPUT} "#include \"store/migration.hpp\"

namespace pintle::store {
namespace {
constexpr Migration kMigrations[] = {
${rows}};
}  // namespace

std::span<const Migration> all_migrations() { return kMigrations; }

}  // namespace pintle::store
")
