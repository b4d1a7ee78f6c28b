#include <doctest/doctest.h>

#include "core/core.hpp"
#include "testing/builders.hpp"

using namespace pintle;
using namespace pintle::core;
using namespace pintle::domain;
using namespace pintle::testing;

namespace {

const UserId olga{"olga"}, ana{"ana"}, ben{"ben"};
const GroupId research{"R"};

CoreOptions two_storages() {
    CoreOptions options;
    options.storages = {"default", "lab"};
    options.storage_groups = {{"lab", "research"}};
    return options;
}

/// ana is in the Default Group, ben in the group research, which has the storage lab.
class Office {
public:
    Office() : core(two_storages(), {}) {
        must(input::NodesChanged{{a_node("n1", 16, 64, 2)}});
        must(input::BeginUsers{olga, "olga", Invite{"first", olga, now + std::chrono::hours(1)}});
        input::SavePool pool;
        pool.id = PoolId("P");
        pool.create = true;
        pool.name = "pool";
        must(pool);
        input::SaveGroup group;
        group.id = research;
        group.create = true;
        group.name = "research";
        group.pool = pool.id;
        must(group);
        must(input::OnboardUser{ana, "ana", Role::kDataScientist, {}, {}, {}});
        must(input::OnboardUser{ben, "ben", Role::kDataScientist, research, {}, {}});
    }

    Result<std::string> ask(InputBody body, const UserId& who) {
        now += Duration(1);
        last = core.step({Input{std::move(body), 1, Actor{who, who.str(), "session", "", who == olga}}}, now);
        const auto fault = core.sanity_fault();
        CHECK_MESSAGE(!fault, fault.value_or(""));
        return last.replies.empty() ? Result<std::string>(std::string()) : last.replies.front().result;
    }
    void must(InputBody body) {
        const auto done = ask(std::move(body), olga);
        REQUIRE_MESSAGE(done.has_value(), done.error().message);
    }
    Error refusal(InputBody body, const UserId& who) {
        const auto done = ask(std::move(body), who);
        return done ? Error{ErrorCode::kInternal, "", {}} : done.error();
    }
    input::CreateProject project_on(const std::string& id, const UserId& owner, const std::string& storage) const {
        ProjectSpec spec = a_project("digits", {a_task("train", {a_resource("worker")})});
        Source source;
        source.name = "out";
        source.mount_path = "/workspace/out";
        source.origin = ClusterStorageSource{storage};
        spec.sources = {source};
        return {ProjectId(id), owner, spec, "", ""};
    }
    Result<std::string> submit(const std::string& id, const std::string& project, const UserId& who) {
        input::SubmitJob command;
        command.id = JobId(id);
        command.project = ProjectId(project);
        command.owner = who;
        command.task = "train";
        return ask(command, who);
    }
    template <class Kind>
    std::vector<Kind> changes() const {
        std::vector<Kind> found;
        for (const Change& change : last.changes) {
            if (const auto* kind = std::get_if<Kind>(&change)) found.push_back(*kind);
        }
        return found;
    }

    Core core;
    Time now = time_from_ms(1'000'000);
    StepResult last;
};

}  // namespace

TEST_CASE("a storage of one group is there for its projects, and for others there is none of that name") {
    Office office;
    CHECK(office.ask(office.project_on("P1", ben, "lab"), ben).has_value());
    const Error refused = office.refusal(office.project_on("P2", ana, "lab"), ana);
    REQUIRE(refused.details.size() == 1);
    CHECK(refused.details[0].path == "sources[0].cluster_storage");
    CHECK(refused.details[0].message == "there is no storage \"lab\"; there are: default");
    CHECK(office.core.project_faults(office.project_on("P2", ana, "lab").spec, ana, std::nullopt).size() == 1);
    CHECK(office.core.project_faults(office.project_on("P2", ben, "lab").spec, ben, std::nullopt).size() ==
          1);  // The name is taken.
    CHECK(office.core.has_storage("lab", research));
    CHECK_FALSE(office.core.has_storage("lab", kDefaultGroup));
    CHECK(office.core.group_of_storage("lab") == research);
    CHECK(office.core.group_of_storage("default").empty());
}

TEST_CASE("a project that came to another group cannot run with the storage of the old one") {
    Office office;
    office.must(office.project_on("P1", ben, "lab"));
    REQUIRE(office.submit("J1", "P1", ben).has_value());
    office.must(input::StopJob{JobId("J1"), "ben"});
    office.must(input::MoveUser{ben, kDefaultGroup});
    for (const change::ChoreAdded& chore : office.changes<change::ChoreAdded>())
        office.must(input::ChoreDone{chore.chore.id});
    const auto refused = office.submit("J2", "P1", ben);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().message == "source out: there is no storage \"lab\"; there are: default");
}

TEST_CASE("a quota is set by an operator, written down, and goes with its project or group") {
    Office office;
    office.must(office.project_on("P1", ben, "default"));
    const StorageOwner project{"default", ProjectId("P1"), {}};
    const StorageOwner group{"default", {}, research};
    office.must(input::SetStorageQuota{project, false, 100'000'000'000});
    REQUIRE(office.changes<change::Audited>().size() == 1);
    CHECK(office.changes<change::Audited>()[0].entry.detail == "the project digits: 100 GB, before the default");
    office.must(input::SetStorageQuota{group, false, std::nullopt});
    CHECK(office.core.storage_quotas() == StorageQuotas{{project, 100'000'000'000}, {group, std::nullopt}});
    CHECK(office.refusal(input::SetStorageQuota{{"none", ProjectId("P1"), {}}, false, 1}, olga).code ==
          ErrorCode::kNotFound);
    CHECK(office.refusal(input::SetStorageQuota{{"default", ProjectId("P9"), {}}, false, 1}, olga).code ==
          ErrorCode::kNotFound);
    CHECK(office.refusal(input::SetStorageQuota{{"default", {}, GroupId("G9")}, false, 1}, olga).code ==
          ErrorCode::kNotFound);
    CHECK(office.refusal(input::SetStorageQuota{project, false, -1}, olga).code == ErrorCode::kInvalid);
    office.must(input::DeleteProject{ProjectId("P1")});
    CHECK(office.core.storage_quotas().size() == 1);
    office.must(input::DeleteGroup{research});
    CHECK(office.core.storage_quotas().empty());
    CHECK(office.changes<change::StorageQuotaDeleted>().size() == 1);
}

TEST_CASE("the default holds again when an operator says so") {
    Office office;
    office.must(office.project_on("P1", ben, "default"));
    const StorageOwner project{"default", ProjectId("P1"), {}};
    office.must(input::SetStorageQuota{project, false, 5});
    office.must(input::SetStorageQuota{project, true, std::nullopt});
    CHECK(office.core.storage_quotas().empty());
    CHECK(office.changes<change::StorageQuotaDeleted>().size() == 1);
    office.must(input::SetStorageQuota{project, true, std::nullopt});
    CHECK(office.changes<change::StorageQuotaDeleted>().empty());
}

TEST_CASE("jobs that write to what is over its quota are told, and no others") {
    Office office;
    office.must(office.project_on("P1", ben, "default"));
    office.must(office.project_on("P2", ana, "default"));
    REQUIRE(office.submit("J1", "P1", ben).has_value());
    REQUIRE(office.submit("J2", "P2", ana).has_value());
    office.must(input::StorageOverQuota{"default", "org/default/digits", "full"});
    REQUIRE(office.changes<change::NoticeAdded>().size() == 1);
    CHECK(office.changes<change::NoticeAdded>()[0].notice.job == JobId("J2"));
    CHECK(office.changes<change::NoticeAdded>()[0].notice.reason == "StorageOverQuota");
    office.must(input::StorageOverQuota{"default", "org/R", "full"});
    REQUIRE(office.changes<change::NoticeAdded>().size() == 1);
    CHECK(office.changes<change::NoticeAdded>()[0].notice.job == JobId("J1"));
    office.must(input::StorageOverQuota{"lab", "org/R", "full"});
    CHECK(office.changes<change::NoticeAdded>().empty());
}
