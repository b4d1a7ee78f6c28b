#include <doctest/doctest.h>

#include "core/core.hpp"
#include "testing/builders.hpp"

using namespace pintle;
using namespace pintle::core;
using namespace pintle::domain;
using namespace pintle::testing;

namespace {

/// A core with two people in two groups, fed one command at a time.
class Office {
public:
    Office() : core(CoreOptions{}, {}) {
        must(input::NodesChanged{{a_node("n1", 16, 64, 2)}});
        must(input::BeginUsers{olga, "olga", Invite{"first", olga, now + std::chrono::hours(1)}});
        must(input::OnboardUser{ana, "ana", Role::kDataScientist, {}, {}, {}});
        must(input::OnboardUser{ben, "ben", Role::kDataScientist, {}, {}, {}});
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
    std::string refusal(InputBody body, const UserId& who) {
        const auto done = ask(std::move(body), who);
        return done ? "" : done.error().message;
    }
    Account an_account(const std::string& id, const std::string& name, const UserId& owner, const GroupId& group = {}) {
        Account account;
        account.id = AccountId(id);
        account.name = name;
        account.kind = AccountKind::kGitToken;
        account.owner = owner;
        account.group = group;
        account.user = "robot";
        account.secret = {"k", "00", "s3aled"};
        return account;
    }
    void add_project(const std::string& id, const UserId& owner, const std::string& account) {
        ProjectSpec spec;
        spec.name = "p" + id.substr(1);
        spec.sources = {Source{"src", "", "", GitSource{"https://git.example/team/repo", "", account}}};
        Task task;
        task.name = "train";
        task.resources = {a_resource("worker")};
        spec.tasks = {task};
        must(input::CreateProject{ProjectId(id), owner, spec, "", ""});
    }
    std::string run(const std::string& project, const UserId& who) {
        input::SubmitJob job;
        job.id = JobId(fmt::format("J{}", ++jobs));
        job.project = ProjectId(project);
        job.owner = who;
        job.task = "train";
        return refusal(job, who);
    }
    std::string audited() const {
        std::string text;
        for (const Change& change : last.changes) {
            if (const auto* entry = std::get_if<change::Audited>(&change))
                text += entry->entry.action + " " + entry->entry.subject + ": " + entry->entry.detail + "\n";
        }
        return text;
    }

    UserId olga{"olga"}, ana{"ana"}, ben{"ben"};
    GroupId research{"G"};
    Time now = time_from_ms(1'000'000);
    int jobs = 0;
    Core core;
    StepResult last;
};

}  // namespace

TEST_CASE("an account is made, changed and deleted, and the audit log says so without its secret") {
    Office office;
    office.must(input::CreateAccount{office.an_account("A1", "work", office.ana)});
    CHECK(office.audited() == "account.create work: git_token\n");
    input::EditAccount edit;
    edit.id = AccountId("A1");
    edit.server = "git.example";
    edit.secret = SealedSecret{"k", "01", "other"};
    office.must(edit);
    CHECK(office.audited() == "account.edit work: server git.example; a new token\n");
    CHECK(office.core.state_text().find("account A1 \"work\" git_token of ana in  at git.example as robot sealed 01") !=
          std::string::npos);
    office.must(edit);
    CHECK(office.last.changes.empty());
    office.must(input::DeleteAccount{AccountId("A1")});
    CHECK(office.audited() == "account.delete work: of ana\n");
    CHECK(office.refusal(input::DeleteAccount{AccountId("A1")}, office.ana).find("does not exist") !=
          std::string::npos);
}

TEST_CASE("names are unique among one's own accounts and among a group's, and every account has a secret") {
    Office office;
    office.must(input::CreateAccount{office.an_account("A1", "work", office.ana)});
    office.must(input::CreateAccount{office.an_account("A2", "work", office.ben)});
    office.must(input::CreateAccount{office.an_account("A3", "work", office.ana, kDefaultGroup)});
    CHECK(office.refusal(input::CreateAccount{office.an_account("A4", "work", office.ana)}, office.ana) ==
          "ana has an account named \"work\" already; choose another name");
    CHECK(
        office.refusal(input::CreateAccount{office.an_account("A4", "work", office.ben, kDefaultGroup)}, office.ben) ==
        "the group Default Group has an account named \"work\" already; choose another name");
    office.must(input::CreateAccount{office.an_account("A4", "home", office.ana)});
    input::EditAccount rename;
    rename.id = AccountId("A4");
    rename.name = "work";
    CHECK(office.refusal(rename, office.ana).find("already") != std::string::npos);
    Account empty = office.an_account("A5", "empty", office.ana);
    empty.secret = {};
    CHECK(office.refusal(input::CreateAccount{empty}, office.ana) == "an account needs its secret");
    CHECK(office.refusal(input::CreateAccount{office.an_account("A6", "x", office.ana, GroupId("none"))}, office.ana) ==
          "there is no such group");
}

TEST_CASE("a job starts only when its owner, or their group, has the account that a source names") {
    Office office;
    office.add_project("P1", office.ana, "work");
    CHECK(office.run("P1", office.ana).find("with the account \"work\", and neither ana nor their group has one") !=
          std::string::npos);
    office.must(input::CreateAccount{office.an_account("A1", "work", office.ana)});
    CHECK(office.run("P1", office.ana).empty());
    CHECK(office.run("P1", office.ben).find("neither ben nor their group") != std::string::npos);
    office.must(input::CreateAccount{office.an_account("A2", "work", office.ana, kDefaultGroup)});
    CHECK(office.run("P1", office.ben).empty());
    office.must(input::MoveUser{office.ben, office.research});
    CHECK(office.run("P1", office.ben).find("neither ben nor their group") != std::string::npos);
}

TEST_CASE("an account that projects use is deleted or renamed only with force, and the numbers are told") {
    Office office;
    office.must(input::CreateAccount{office.an_account("A1", "work", office.ana, kDefaultGroup)});
    office.add_project("P1", office.ana, "work");
    office.add_project("P2", office.ana, "work");
    office.add_project("P3", office.ben, "work");
    office.add_project("P4", office.ben, "other");
    CHECK(office.refusal(input::DeleteAccount{AccountId("A1")}, office.ana) ==
          "2 projects of yours and 1 project of others use the account work and could not reach their sources without "
          "it; "
          "change them first, or delete it with force");
    input::EditAccount rename;
    rename.id = AccountId("A1");
    rename.name = "play";
    CHECK(office.refusal(rename, office.ben).find("1 project of yours and 2 projects of others use the account work") !=
          std::string::npos);
    // Ben's own account of that name is meant by his project from now on.
    office.must(input::CreateAccount{office.an_account("A2", "work", office.ben)});
    CHECK(office.refusal(input::DeleteAccount{AccountId("A1")}, office.ana)
              .starts_with("2 projects of yours use the account work"));
    CHECK(office.refusal(input::DeleteAccount{AccountId("A2")}, office.ben)
              .starts_with("1 project of yours uses the account work"));
    CHECK(office.refusal(input::DeleteAccount{AccountId("A1"), true}, office.ana).empty());
}

TEST_CASE("with somebody who is off-boarded go the accounts that are theirs alone, and a group with accounts is kept") {
    Office office;
    office.must(input::MoveUser{office.ana, office.research});
    office.must(input::CreateAccount{office.an_account("A1", "work", office.ana)});
    office.must(input::CreateAccount{office.an_account("A2", "ours", office.ana, office.research)});
    office.must(input::OffboardUser{office.ana});
    CHECK(office.audited().find("account.delete work: ana was off-boarded") != std::string::npos);
    CHECK(office.core.state_text().find("account A1") == std::string::npos);
    CHECK(office.core.state_text().find("account A2") != std::string::npos);
    CHECK(office.refusal(input::DeleteGroup{office.research}, office.olga)
              .find("the group research has accounts (ours is one)") != std::string::npos);
    office.must(input::DeleteAccount{AccountId("A2")});
    office.must(input::DeleteGroup{office.research});
}
