#include <doctest/doctest.h>

#include <algorithm>

#include "core/core.hpp"
#include "testing/builders.hpp"

using namespace pintle;
using namespace pintle::core;
using namespace pintle::domain;
using namespace pintle::testing;

// What the scenarios of tests/scenarios cannot say nicely: secrets, chores, keys, numbers behind places.

namespace {

/// A core with a node and an operator, fed one command at a time.
class Office {
public:
    explicit Office(LiveState live = {}) : core(CoreOptions{}, std::move(live)) {
        send(input::NodesChanged{{a_node("n1", 16, 64, 2)}});
        REQUIRE(ask(input::BeginUsers{olga, "olga", Invite{"first", olga, now + std::chrono::hours(1)}}).has_value());
    }

    void send(InputBody body, Actor by = {}) {
        now += Duration(1);
        last = core.step({Input{std::move(body), 1, std::move(by)}}, now);
        for (const Change& change : last.changes) {
            if (const auto* saved = std::get_if<change::JobSaved>(&change)) {
                jobs.insert_or_assign(saved->job->id.str(), *saved->job);
            }
        }
        const auto fault = core.sanity_fault();
        CHECK_MESSAGE(!fault, fault.value_or(""));
    }
    Result<std::string> ask(InputBody body) {
        send(std::move(body), Actor{olga, "olga", "session", "", true});
        return last.replies.at(0).result;
    }
    std::string refusal(InputBody body) {
        const auto result = ask(std::move(body));
        return result ? "" : result.error().message;
    }
    UserId on_board(const std::string& name) {
        return UserId(ask(input::OnboardUser{UserId("U-" + name), name, Role::kDataScientist, {},
            Invite{"invite-" + name, UserId("U-" + name), now + std::chrono::hours(1)}, std::nullopt}).value());
    }
    GroupId add_group(const std::string& name) {
        input::SavePool pool;
        pool.id = PoolId("P-" + name);
        pool.create = true;
        pool.name = name;
        REQUIRE(ask(pool).has_value());
        input::SaveGroup group;
        group.id = GroupId("G-" + name);
        group.create = true;
        group.name = name;
        group.pool = pool.id;
        return GroupId(ask(group).value());
    }
    Result<std::string> submit(const std::string& id, const std::string& key = "", int gpus = 0) {
        input::SubmitJob command;
        command.id = JobId(id);
        command.project = project;
        command.owner = olga;
        command.task = "train";
        command.key = key;
        command.gpus = gpus;
        return ask(command);
    }
    template <class T>
    [[nodiscard]] std::vector<T> changes() const {
        std::vector<T> found;
        for (const Change& change : last.changes) {
            if (const auto* match = std::get_if<T>(&change)) found.push_back(*match);
        }
        return found;
    }
    [[nodiscard]] std::vector<chore::MoveProjectData> moves() const {
        std::vector<chore::MoveProjectData> found;
        for (const Effect& effect : last.effects) {
            const auto* chore = std::get_if<effect::DoChore>(&effect);
            if (chore == nullptr) continue;
            if (const auto* move = std::get_if<chore::MoveProjectData>(&chore->chore.work)) found.push_back(*move);
        }
        return found;
    }
    void finish_chores() {
        const std::vector<Effect> effects = last.effects;
        for (const Effect& effect : effects) {
            if (const auto* chore = std::get_if<effect::DoChore>(&effect)) send(input::ChoreDone{chore->chore.id});
        }
    }

    const UserId olga{"U-olga"};
    const ProjectId project{"P"};
    Time now = time_from_ms(1'000'000);
    Core core;
    StepResult last;
    std::map<std::string, Job> jobs;
};

ProjectSpec digits() { return a_project("digits", {a_task("train", {a_resource("worker")})}); }

AccessToken a_token(std::string id, UserId user, std::string name, std::vector<Scope> scopes = {Scope::kRead}) {
    return AccessToken{TokenId(id), std::move(user), std::move(name), "hash-" + id, std::move(scopes), {}, {}};
}

}  // namespace

TEST_CASE("an invite sets a password once") {
    Office office;
    const UserId ana = office.on_board("ana");
    CHECK(office.ask(input::SetPassword{ana, "invite-ana", "argon"}).has_value());
    CHECK(office.core.users().at(ana).status == UserStatus::kOnboarded);
    CHECK(office.changes<change::InviteDeleted>().size() == 1);
    CHECK(office.changes<change::SessionsEnded>().size() == 1);
    CHECK(office.refusal(input::SetPassword{ana, "invite-ana", "other"}) ==
        "this link was used already, or a newer one has replaced it; ask an operator for another");
    CHECK(office.core.users().at(ana).password_hash == "argon");
}

TEST_CASE("an invite is good for its user only, until a newer one or its end") {
    Office office;
    const UserId ana = office.on_board("ana");
    const UserId ben = office.on_board("ben");
    CHECK(office.refusal(input::SetPassword{ben, "invite-ana", "argon"}) ==
        "this link was used already, or a newer one has replaced it; ask an operator for another");
    REQUIRE(office.ask(input::InviteUser{Invite{"newer", ana, office.now + std::chrono::minutes(1)}}).has_value());
    CHECK(office.refusal(input::SetPassword{ana, "invite-ana", "argon"}) ==
        "this link was used already, or a newer one has replaced it; ask an operator for another");
    office.now += std::chrono::minutes(1);
    CHECK(office.refusal(input::SetPassword{ana, "newer", "argon"}) ==
        "this link has expired; ask an operator for another");
    CHECK(office.core.users().at(ana).password_hash.empty());
    CHECK(office.refusal(input::InviteUser{Invite{"x", UserId("nobody"), office.now}}) == "there is no such user");
}

TEST_CASE("who is off-boarded loses invites and tokens") {
    Office office;
    const UserId ana = office.on_board("ana");
    REQUIRE(office.ask(input::CreateToken{a_token("T", ana, "laptop")}).has_value());
    REQUIRE(office.ask(input::OffboardUser{ana, false}).has_value());
    CHECK(office.refusal(input::SetPassword{ana, "invite-ana", "argon"}) == "there is no such user");
    CHECK(office.refusal(input::RevokeToken{TokenId("T")}) == "there is no such token");
    CHECK(office.core.state_text().find("hash-T") == std::string::npos);
}

TEST_CASE("a token has a name, scopes, and an end that is still to come") {
    Office office;
    const UserId ana = office.on_board("ana");
    CHECK(office.refusal(input::CreateToken{a_token("T", ana, "")}) == "a token's name may not be empty");
    CHECK(office.refusal(input::CreateToken{a_token("T", ana, "laptop", {})}) ==
        "a token needs at least one scope: read, run, write or operate");
    CHECK(office.refusal(input::CreateToken{a_token("T", ana, "laptop", {Scope::kOperate})}) ==
        "only operators can have tokens with the scope operate");
    AccessToken expired = a_token("T", ana, "laptop");
    expired.expires_at = office.now;
    CHECK(office.refusal(input::CreateToken{expired}) == "the token would have expired already");
    CHECK(office.ask(input::CreateToken{a_token("T", ana, "laptop")}).has_value());
    CHECK(office.refusal(input::CreateToken{a_token("T2", ana, "laptop")}) ==
        "ana has a token named \"laptop\" already; revoke it first or choose another name");
    CHECK(office.ask(input::CreateToken{a_token("T3", office.olga, "laptop", {Scope::kOperate})}).has_value());
    CHECK(office.refusal(input::CreateToken{a_token("T4", UserId("nobody"), "x")}) == "there is no such user");
}

TEST_CASE("a user has at most 100 tokens") {
    Office office;
    const UserId ana = office.on_board("ana");
    for (int i = 0; i < 100; ++i) {
        REQUIRE(office.ask(input::CreateToken{a_token(fmt::format("T{}", i), ana, fmt::format("t{}", i))}).has_value());
    }
    CHECK(office.refusal(input::CreateToken{a_token("one-more", ana, "one-more")}) ==
        "ana has 100 tokens already; revoke some");
    REQUIRE(office.ask(input::RevokeToken{TokenId("T7")}).has_value());
    CHECK(office.ask(input::CreateToken{a_token("one-more", ana, "one-more")}).has_value());
}

TEST_CASE("an account of a provider belongs to one user") {
    Office office;
    const UserId ana = office.on_board("ana");
    const UserId ben = office.on_board("ben");
    const ExternalIdentity account{"https://id.example.org", "4711"};
    REQUIRE(office.ask(input::LinkIdentity{ana, account}).has_value());
    CHECK(office.core.users().at(ana).status == UserStatus::kOnboarded);
    CHECK(office.refusal(input::LinkIdentity{ben, account}) ==
        "this account of https://id.example.org is linked to another user already");
    CHECK(office.refusal(input::OnboardUser{UserId("U-cleo"), "cleo", Role::kDataScientist, {}, std::nullopt,
        account}) ==
          "this account of https://id.example.org is linked to another user already");
}

TEST_CASE("a request with a key is carried out once, whoever was told so") {
    Office office;
    CHECK(office.ask(input::CreateProject{office.project, office.olga, digits(), "k", "f"}).value() == "P");
    CHECK(office.ask(input::CreateProject{ProjectId("Q"), office.olga, digits(), "k", "f"}).value() == "P");
    CHECK(office.last.changes.empty());
    CHECK(office.refusal(input::CreateProject{ProjectId("Q"), office.olga, digits(), "k", "g"}) ==
          "this Idempotency-Key was used for another request; use a new key for a new request");
    CHECK(office.submit("J1", "k").value() == "J1");
    CHECK(office.submit("J2", "k").value() == "J1");
    CHECK(office.core.live_jobs() == 1);
}

TEST_CASE("the first operator adopts what has no owner, and there is only one first") {
    LiveState live;
    Project project;
    project.id = ProjectId("P");
    project.spec = digits();
    live.projects.push_back(project);
    Job job;
    job.id = JobId("J");
    job.project_id = project.id;
    job.build = 1;
    job.spec.project_name = "digits";
    job.spec.task = project.spec.tasks[0];
    job.replicas.resize(1);
    job.replicas[0].resource = "worker";
    job.hold = Hold{"", "somebody", false, {}};
    live.jobs.push_back(job);
    Office office(live);
    CHECK(office.core.find_project(project.id)->owner == office.olga);
    CHECK(office.core.find_job(job.id)->owner == office.olga);
    CHECK(office.core.snapshot().find_waiting(job.id)->owner == office.olga);
    CHECK(office.refusal(input::BeginUsers{UserId("U-eve"), "eve", Invite{"again", UserId("U-eve"), office.now}}) ==
        "there are users already");
}

TEST_CASE("the data of a project follows its owner when nothing of it runs, and nothing starts meanwhile") {
    Office office;
    const GroupId vision = office.add_group("vision");
    REQUIRE(office.ask(input::CreateProject{office.project, office.olga, digits(), "", ""}).has_value());
    REQUIRE(office.submit("J1").has_value());
    REQUIRE(office.ask(input::MoveUser{office.olga, vision}).has_value());
    CHECK(office.moves().empty());
    CHECK(office.core.find_project(office.project)->home == kDefaultGroup);
    CHECK(office.core.find_job(JobId("J1"))->group == kDefaultGroup);
    office.ask(input::StopJob{JobId("J1"), "olga"});
    REQUIRE(office.moves().size() == 1);
    CHECK(office.moves().at(0) == chore::MoveProjectData{"digits", "digits", kDefaultGroup, vision});
    const StepResult moving = office.last;
    CHECK(office.refusal([&] {
        input::SubmitJob command;
        command.id = JobId("J2");
        command.project = office.project;
        command.owner = office.olga;
        command.task = "train";
        return command;
    }()) == "the data of a project named \"digits\" is still being moved or removed; try again in a moment");
    office.last = moving;
    office.finish_chores();
    CHECK(office.submit("J2").has_value());
    CHECK(office.core.find_job(JobId("J2"))->spec.home == vision);
}

TEST_CASE("who owns a project is moved on, and the project given away, when its data has arrived") {
    Office office;
    const GroupId vision = office.add_group("vision");
    const GroupId speech = office.add_group("speech");
    const UserId ana = office.on_board("ana");
    REQUIRE(office.ask(input::MoveUser{ana, speech}).has_value());
    REQUIRE(office.ask(input::CreateProject{office.project, office.olga, digits(), "", ""}).has_value());
    REQUIRE(office.ask(input::MoveUser{office.olga, vision}).has_value());
    const StepResult moving = office.last;
    const std::string expected =
        "the data of a project named \"digits\" is still being moved or removed; try again in a moment";
    CHECK(office.refusal(input::MoveUser{office.olga, speech}) == expected);
    CHECK(office.refusal(input::TransferProject{office.project, ana}) == expected);
    CHECK(office.core.find_project(office.project)->owner == office.olga);
    office.last = moving;
    office.finish_chores();
    REQUIRE(office.ask(input::MoveUser{office.olga, speech}).has_value());
    REQUIRE(office.moves().size() == 1);
    CHECK(office.moves().at(0) == chore::MoveProjectData{"digits", "digits", vision, speech});
}

TEST_CASE("who moves back before anything has moved leaves everything where it is") {
    Office office;
    const GroupId vision = office.add_group("vision");
    REQUIRE(office.ask(input::CreateProject{office.project, office.olga, digits(), "", ""}).has_value());
    REQUIRE(office.submit("J1").has_value());
    REQUIRE(office.ask(input::MoveUser{office.olga, vision}).has_value());
    REQUIRE(office.ask(input::MoveUser{office.olga, kDefaultGroup}).has_value());
    office.ask(input::StopJob{JobId("J1"), "olga"});
    CHECK(office.moves().empty());
    // The name is free again in the group that was only passed through.
    const UserId ana = office.on_board("ana");
    REQUIRE(office.ask(input::MoveUser{ana, vision}).has_value());
    CHECK(office.ask(input::CreateProject{ProjectId("Q"), ana, digits(), "", ""}).has_value());
}

TEST_CASE("places in a queue are made where no number is left between two") {
    Office office;
    REQUIRE(office.ask(input::CreateProject{office.project, office.olga, digits(), "", ""}).has_value());
    REQUIRE(office.submit("running", "", 2).has_value());
    REQUIRE(office.submit("first", "", 2).has_value());
    REQUIRE(office.submit("last", "", 2).has_value());
    std::vector<JobId> expected{JobId("first"), JobId("last")};
    std::size_t most_changed = 0;
    for (int i = 0; i < 60; ++i) {
        const JobId id(fmt::format("between-{}", i));
        REQUIRE(office.submit(id.str(), "", 2).has_value());
        REQUIRE(office.ask(input::ReorderJob{id, std::nullopt, input::ReorderJob::Place::kBefore,
            JobId("last")}).has_value());
        most_changed = std::max(most_changed, office.changes<change::JobSaved>().size());
        expected.insert(expected.end() - 1, id);
        REQUIRE(office.core.snapshot().queue_of(kDefaultPool, 1000) == expected);
    }
    CHECK(most_changed > 1);
    for (int i = 0; i < 60; ++i) {
        const JobId id(fmt::format("between-{}", i));
        REQUIRE(office.ask(input::ReorderJob{id, std::nullopt, input::ReorderJob::Place::kAfter,
            JobId("first")}).has_value());
        expected.erase(std::find(expected.begin(), expected.end(), id));
        expected.insert(expected.begin() + 1, id);
        REQUIRE(office.core.snapshot().queue_of(kDefaultPool, 1000) == expected);
    }
}

TEST_CASE("a GPU and a node that a job uses vanish at once") {
    Office office;
    std::vector<Node> nodes{a_node("n1", 16, 64, 2), a_node("n2", 16, 64, 2)};
    office.send(input::NodesChanged{nodes});
    REQUIRE(office.ask(input::CreateProject{office.project, office.olga, digits(), "", ""}).has_value());
    input::SubmitJob command;
    command.id = JobId("J");
    command.project = office.project;
    command.owner = office.olga;
    command.task = "train";
    command.gpus = 4;
    command.workers = 2;
    REQUIRE(office.ask(command).has_value());
    office.send(input::PreparationDone{JobId("J"), {}});
    for (const char* replica : {"worker-0", "worker-1"}) {
        office.send(input::ReplicaSeen{JobId("J"), replica, 1, std::nullopt});
    }
    nodes.pop_back();
    nodes[0].devices.pop_back();
    office.send(input::NodesChanged{nodes});
    CHECK(office.jobs.at("J").state == JobState::kStopping);
    // Nobody will tell of the worker on the lost node.
    office.send(input::ReplicaSeen{JobId("J"), "worker-0", 1, ReplicaExit{143, false, "", office.now}});
    CHECK(office.jobs.at("J").state == JobState::kError);
    CHECK(office.jobs.at("J").reason == "GPU 1 of n1 is gone while worker-0 used it; clone the job to run it again");
}

TEST_CASE("limits of what a server keeps are told with their numbers") {
    CoreOptions options;
    options.users_max = 1;
    options.groups_max = 1;
    options.pools_max = 1;
    options.projects_max = 0;
    Core core(options, {});
    const UserId olga("U-olga");
    const auto refusal = [&](InputBody body) {
        const StepResult result = core.step({Input{std::move(body), 1, Actor{olga, "olga", "session", "", true}}},
            time_from_ms(1));
        return result.replies.at(0).result ? std::string() : result.replies.at(0).result.error().message;
    };
    CHECK(refusal(input::BeginUsers{olga, "olga", Invite{"first", olga, time_from_ms(2)}}).empty());
    CHECK(refusal(input::OnboardUser{UserId("U-ana"), "ana", Role::kDataScientist, {}, std::nullopt, std::nullopt}) ==
        "this server keeps at most 1 user, and they are there already");
    CHECK(refusal(input::SavePool{PoolId("P"), true, "p", std::nullopt, std::nullopt, std::nullopt}) ==
        "this server keeps at most 1 pool, and they are there already");
    CHECK(refusal(input::SaveGroup{GroupId("G"), true, "g", PoolId("P"), std::nullopt, std::nullopt}) ==
        "this server keeps at most 1 group, and they are there already");
    CHECK(refusal(input::CreateProject{ProjectId("P"), olga, digits(), "", ""}) ==
        "there are 0 projects already, the most this server keeps");
}
