# Every library Pintle links, named once, with the version it was tested with. All come from Debian 12.
find_package(Threads REQUIRED)
find_package(fmt 9 REQUIRED)                 # libfmt-dev 9.1
find_package(tl-expected 1.0 REQUIRED)       # libexpected-dev 1.0
find_package(yaml-cpp 0.7 REQUIRED)          # libyaml-cpp-dev 0.7
find_package(SQLite3 3.37 REQUIRED)          # libsqlite3-dev 3.40
find_package(CURL 7.80 REQUIRED)             # libcurl4-openssl-dev 7.88
find_package(OpenSSL 3 REQUIRED)             # libssl-dev 3.0
find_package(ZLIB REQUIRED)                  # zlib1g-dev 1.2.13
find_package(Boost 1.81 REQUIRED COMPONENTS json)  # libboost1.81-dev, libboost-json1.81-dev
find_package(PkgConfig REQUIRED)
pkg_check_modules(FUSE3 REQUIRED IMPORTED_TARGET fuse3>=3.10)  # libfuse3-dev 3.14
pkg_check_modules(NFS REQUIRED IMPORTED_TARGET libnfs>=4)       # libnfs-dev 4.0
pkg_check_modules(SODIUM REQUIRED IMPORTED_TARGET libsodium>=1.0.18)  # libsodium-dev 1.0.18
pkg_check_modules(RE2 REQUIRED IMPORTED_TARGET re2)  # libre2-dev 20220601; its .pc file has no version
# -pthread comes from Threads::Threads; given as an option as well it would make the precompiled header unusable.
set_property(TARGET PkgConfig::RE2 PROPERTY INTERFACE_COMPILE_OPTIONS "")
if(PINTLE_TESTS)
  find_package(doctest 2.4 REQUIRED)         # doctest-dev 2.4.9
endif()
