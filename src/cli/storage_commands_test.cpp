#include <doctest/doctest.h>

#include "cli/fake_server.hpp"

using namespace pintle;
using cli::testing::CliBox;

namespace {

const std::string kDefault =
    R"({"name":"default","folder":"/d/storage","description":null,"group":null,"free_bytes":14000000000,"total_bytes":20000000000,
    "project_quota_bytes":1000000000,"group_quota_bytes":null,"bytes":1200000000,"files":12,"complete":false,"measured_at":"2026-03-01T11:57:00Z",
    "groups":[{"group":{"id":"G1","name":"research"},"bytes":1200000000,"files":12,"complete":true,"measured_at":"2026-03-01T11:57:00Z",
      "quota_bytes":null,"quota_own":false,"full":false}],
    "folders":[
     {"owner":"project","name":"digits","project":{"id":"P1","name":"digits"},"group":{"id":"G1","name":"research"},"folder":"org/G1/digits",
      "bytes":1000000000,"files":10,"complete":true,"measured_at":"2026-03-01T11:57:00Z","quota_bytes":1000000000,"quota_own":false,"full":true},
     {"owner":"group","name":"pool","project":null,"group":{"id":"G1","name":"research"},"folder":"org/G1/pool",
      "bytes":200000000,"files":1,"complete":false,"measured_at":"2026-03-01T11:59:50Z","quota_bytes":null,"quota_own":false,"full":false},
     {"owner":"everybody","name":"mnist","project":null,"group":null,"folder":"shared/mnist",
      "bytes":0,"files":1,"complete":true,"measured_at":"2026-03-01T11:59:50Z","quota_bytes":null,"quota_own":false,"full":false}]})";

}  // namespace

TEST_CASE("a storage is shown by group and by folder, with what is used, the quota, and how old the figure is") {
    CliBox box;
    box.server.on("GET", "/storages/default", kDefault);
    CHECK(box.run({"storage", "show", "default"}) == 0);
    CHECK(box.out ==
          "default   for all groups\n"
          "  14 GB free of 20 GB, in /d/storage\n"
          "  a project may keep 1.0 GB unless an operator says otherwise\n"
          "\n"
          "  whose                                   used             quota        files  measured\n"
          "  group research                        1.2 GB                             12  3 min ago\n"
          "  project digits of research            1.0 GB  1.0 GB (default)  full     10  3 min ago\n"
          "  group research: /pool       more than 200 MB                              1  10 s ago\n"
          "  everybody: /shared/mnist             0 bytes                              1  10 s ago\n");
}

TEST_CASE("storages are listed with what is free and used") {
    CliBox box;
    box.server.on("GET", "/storages", R"({"items":[)" + kDefault + R"(],"next_cursor":null})");
    CHECK(box.run({"storage", "list"}) == 0);
    CHECK(box.out ==
          "storage   free     of              used  files  folder\ndefault  14 GB  20 GB  more than 1.2 GB     12  "
          "/d/storage\n");
}

TEST_CASE("an operator sets the quota of a project or of a group") {
    CliBox box;
    box.server.on("PUT", "/storages/default/quota", kDefault);
    CHECK(box.run({"storage", "quota", "default", "--project", "digits", "100GB"}) == 0);
    CHECK(box.out == "the project digits may keep 100GB on default\n");
    CHECK(box.run({"storage", "quota", "default", "--group", "research", "none"}) == 0);
    CHECK(box.out == "the group research may keep as much as there is room for on default\n");
    CHECK(box.run({"storage", "quota", "default", "--group", "research", "default"}) == 0);
    CHECK(box.out == "the group research has the storage's own quota again on default\n");
    CHECK(box.run({"storage", "quota", "default", "100GB"}) != 0);
    CHECK(box.err.find("say whose quota it is: --project PROJECT or --group GROUP") != std::string::npos);
}
