#include "engine_process/mount_plan.hpp"

#include <map>

#include <doctest/doctest.h>

using namespace pintle;
using namespace pintle::engine_process;
using engine::Mount;

namespace {

Result<MountPlan> plan(std::vector<Mount> mounts) {
    static const std::map<std::string, PathKind> host{
        {"/", PathKind::kFolder},    {"/src", PathKind::kFolder},       {"/src/inner", PathKind::kFolder},
        {"/mnt", PathKind::kFolder}, {"/home", PathKind::kFolder},      {"/home/a", PathKind::kFolder},
        {"/tmp", PathKind::kFolder}, {"/file", PathKind::kOther},       {"/present", PathKind::kFolder},
        {"/usr", PathKind::kFolder}, {"/usr/local", PathKind::kFolder}, {"/usr/local/x", PathKind::kFolder}};
    return plan_mounts(std::move(mounts), [](const std::string& path) {
        const auto found = host.find(path);
        return found == host.end() ? PathKind::kAbsent : found->second;
    });
}

}  // namespace

TEST_CASE("a mount point that is there needs nothing but the mount") {
    CHECK(plan({{"/src", "/present", true}}).value() == MountPlan{{}, {}, {{"/src", "/present", true}}});
    CHECK(plan({{"/src", "/usr/local/x", true}}).has_value());
    CHECK(plan({}).value() == MountPlan{});
}

TEST_CASE("a mount point that is not there gets a stand-in for the folder it would be in") {
    CHECK(plan({{"/src", "/workspace//x/.", false}, {"/src", "/workspace/y", false}}).value() ==
          MountPlan{{"/"},
                    {"/workspace", "/workspace/x", "/workspace/y"},
                    {{"/src", "/workspace/x", false}, {"/src", "/workspace/y", false}}});
    CHECK(plan({{"/src", "/mnt/x", false}, {"/src", "/w", false}}).value().stand_ins ==
          std::vector<std::string>{"/", "/mnt"});
}

TEST_CASE("a mount within another needs a folder there, because sources are not written to") {
    CHECK(plan({{"/src", "/w/x/inner", false}, {"/src", "/w/x", false}}).value().mounts ==
          std::vector<Mount>{{"/src", "/w/x", false}, {"/src", "/w/x/inner", false}});
    CHECK(plan({{"/src", "/w", false}, {"/src", "/w/none", false}})
              .error()
              .message.find("Create the folder in that source") != std::string::npos);
}

TEST_CASE("mounts that cannot be made are refused with the reason and what to do") {
    const std::map<std::string, std::string> reasons{{"", "must begin with a slash"},
                                                     {"a/b", "must begin with a slash"},
                                                     {"/w/../etc", "free of \"..\""},
                                                     {"/", "the system's own files"},
                                                     {"/usr/lib/x", "the system's own files"},
                                                     {"/proc", "the system's own files"},
                                                     {"/file", "there is a file of that name"},
                                                     {"/file/x", "is not a folder"},
                                                     {"/home/a/new", "does not exist on this machine"},
                                                     {"/tmp/new", "does not exist on this machine"}};
    for (const auto& [path, reason] : reasons) {
        const auto refused = plan({{"/src", path, false}});
        REQUIRE_FALSE(refused.has_value());
        CHECK_MESSAGE(refused.error().message.find(reason) != std::string::npos, refused.error().message);
    }
    CHECK(plan({{"/none", "/present", false}})
              .error()
              .message.find("/none, which shall appear at /present, is not a folder") == 0);
    CHECK(plan({{"/src", "/w", false}, {"/src", "/w/", false}})
              .error()
              .message.find("two sources are to be mounted at /w") == 0);
}
