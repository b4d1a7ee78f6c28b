#include <doctest/doctest.h>

#include "domain/sub_path.hpp"

using namespace pintle;
using namespace pintle::domain;

namespace {
const StoragePlace kPlace{"acme", "digits", "data"};
}

TEST_CASE("a storage's sub path names exactly one folder of the volume, and decides who sees it") {
    struct Case {
        std::string sub_path, folder;
        bool is_private;
    };
    const std::vector<Case> cases{{"/shared/x", "shared/x", false},
                                  {"/shared/x/y", "shared/x/y", false},
                                  {"/shared/", "shared", false},
                                  {"/shared//x", "shared/x", false},
                                  {"/shared", "org/acme/shared", false},
                                  {"/sharedx", "org/acme/sharedx", false},
                                  {"//shared/x", "org/acme/shared/x", false},
                                  {"shared/x", "org/acme/digits/shared/x", true},
                                  {"/x", "org/acme/x", false},
                                  {"/x/y/", "org/acme/x/y", false},
                                  {"/", "org/acme/digits", true},
                                  {"//", "org/acme/digits", true},
                                  {"/.", "org/acme/digits", true},
                                  {"x", "org/acme/digits/x", true},
                                  {"./x//y/.", "org/acme/digits/x/y", true},
                                  {"", "org/acme/digits/data", true},
                                  {".", "org/acme/digits/data", true}};
    for (const Case& c : cases) {
        CAPTURE(c.sub_path);
        CHECK(storage_folder(c.sub_path, kPlace).value() == c.folder);
        CHECK(is_private_sub_path(c.sub_path) == c.is_private);
    }
}

TEST_CASE("a sub path that would leave its folder, or is none, is refused") {
    for (const std::string& path :
         {std::string(".."), std::string("../x"), std::string("x/../y"), std::string("/shared/../org"),
          std::string("/shared/x/.."), std::string("/.."), std::string("x\0y", 3), std::string(1025, 'x')}) {
        CAPTURE(path);
        CHECK(clean_sub_path(path).error().code == ErrorCode::kInvalid);
        CHECK(storage_folder(path, kPlace).error().code == ErrorCode::kInvalid);
        CHECK_FALSE(is_private_sub_path(path));
    }
    CHECK(storage_folder("..x/x..", kPlace).value() == "org/acme/digits/..x/x..");
    CHECK(clean_sub_path(std::string(1024, 'x')).has_value());
}

TEST_CASE("a mount's sub path goes below the source's") {
    struct Case {
        std::string base, below, joined;
    };
    const std::vector<Case> cases{{"a", "b", "a/b"}, {"/x", "/b", "/x/b"}, {"", "b", "b"},
                                  {"", "/b", "b"},   {"a", "", "a"},       {"a/", "b", "a/b"},
                                  {"a", "///", "a"}, {"/", "b", "/b"},     {"", "", ""}};
    for (const Case& c : cases) {
        CAPTURE(c.base);
        CAPTURE(c.below);
        CHECK(join_sub_path(c.base, c.below) == c.joined);
    }
}

TEST_CASE("below a storage's sub path is below the folder it names, whatever is appended") {
    for (const std::string base : {"", ".", "a", "/", "//", "/x", "/shared", "/shared/", "/shared/x", "//shared"}) {
        for (const std::string below : {"", "b", "/b", "b/c", "shared/b", "/shared/b", ".", "/./"}) {
            CAPTURE(base);
            CAPTURE(below);
            const std::string whole = storage_sub_path_below(base, below, kPlace.source);
            const std::string under = clean_sub_path(below.starts_with('/') ? below.substr(1) : below).value();
            const std::string expected = storage_folder(base, kPlace).value() + (under.empty() ? "" : "/" + under);
            CHECK(storage_folder(whole, kPlace).value() == expected);
            CHECK(is_private_sub_path(whole) == is_private_sub_path(base));
        }
    }
}

TEST_CASE("a storage's sub path that is refused stays so with something below it") {
    for (const std::string base : {"..", "/..", "a/..", "/shared/.."}) {
        CHECK(storage_folder(storage_sub_path_below(base, "b", "data"), kPlace).error().code == ErrorCode::kInvalid);
    }
    for (const std::string base : {"", "/", "a"}) {
        CHECK(storage_folder(storage_sub_path_below(base, "../b", "data"), kPlace).error().code == ErrorCode::kInvalid);
    }
}

TEST_CASE("mount paths are absolute, or lie under the default mount path") {
    struct Case {
        std::string mount_path, prefix, path;
    };
    const std::vector<Case> cases{{"/data", "/workspace", "/data"},
                                  {"data", "/workspace", "/workspace/data"},
                                  {"", "/workspace", "/workspace/src"},
                                  {"", "/workspace/", "/workspace/src"},
                                  {"a/b/", "/", "/a/b"},
                                  {"", "/", "/src"},
                                  {"//data//x/.", "/workspace", "/data/x"},
                                  {"", "", "/src"},
                                  {"/usr/local/x", "/workspace", "/usr/local/x"}};
    for (const Case& c : cases) {
        CAPTURE(c.mount_path);
        CAPTURE(c.prefix);
        CHECK(resolve_mount_path(c.mount_path, c.prefix, "src").value() == c.path);
    }
}

TEST_CASE("nothing is mounted over the system, or at a path that is none") {
    for (const std::string path : {"/", "//", "/.", "/etc", "/etc/", "/etc/x", "/proc", "/proc/1", "/sys/x", "/dev/shm",
                                   "/usr", "/bin", "/lib64", "/var", "/root", "..", "a/../../etc", "/x/.."}) {
        CAPTURE(path);
        CHECK(resolve_mount_path(path, "/workspace", "src").error().code == ErrorCode::kInvalid);
    }
    CHECK(resolve_mount_path("etc", "/", "src").error().code == ErrorCode::kInvalid);
    CHECK(resolve_mount_path("x", "workspace", "src").error().message.find("must be absolute") != std::string::npos);
    CHECK(resolve_mount_path("/", "/workspace", "src").error().message.find("use a path like /workspace/src") !=
          std::string::npos);
}
