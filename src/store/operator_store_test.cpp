#include <doctest/doctest.h>

#include "os/file.hpp"
#include "store/migration.hpp"
#include "store/sample_jobs.hpp"
#include "store/sqlite.hpp"
#include "store/store.hpp"
#include "store/store_reader.hpp"
#include "testing/temp_folder.hpp"

using namespace pintle;
using namespace pintle::domain;
using namespace pintle::store;

namespace {

Time at(std::int64_t ms) { return time_from_ms(1'000'000 + ms); }

std::unique_ptr<Store> in_memory() { return std::move(Store::open({})).value(); }
std::unique_ptr<StoreReader> reader_of(const Store& store) {
    return std::move(StoreReader::open(store.location())).value();
}
std::int64_t rows(Store& store, const std::string& table) {
    return store.connection().integer("SELECT count(*) FROM " + table).value().value();
}

User a_user(const std::string& name, const GroupId& group = kDefaultGroup, Role role = Role::kDataScientist) {
    User user;
    user.id = UserId("U-" + name);
    user.name = name;
    user.role = role;
    user.status = UserStatus::kOnboarded;
    user.group = group;
    user.created_at = user.updated_at = at(1);
    return user;
}

AccessToken a_token(const User& user, const std::string& name) {
    return {TokenId("T-" + name), user.id, name, "hash of " + name, {Scope::kRead, Scope::kRun}, at(1), at(900)};
}
Session a_session(const User& user, const std::string& hash, Time expires_at) {
    return {hash, user.id, "csrf", "192.0.2.1", "a browser", at(1), expires_at};
}

}  // namespace

TEST_CASE("users, groups, pools, tokens, invites and run times come back alive after a restart") {
    const testing::TempFolder folder;
    const Store::Options options{.path = folder.path() + "/state.db"};
    User ana = a_user("ana", GroupId("G1"), Role::kOperator);
    ana.password_hash = "$argon2id$";
    ana.external = ExternalIdentity{"https://id.example", "42"};
    const User ben = a_user("ben");
    const Group research{GroupId("G1"), "research", PoolId("P1"), true, Borrowing{"all", 3, 2, true}, at(1)};
    const Group everybody{kDefaultGroup, kDefaultGroupName, kDefaultPool, false, std::nullopt, at(1)};
    Group lenders{GroupId("G2"), "lenders", PoolId("P2"), false, Borrowing{"", std::nullopt, 0, false}, at(2)};
    Pool fast{PoolId("P1"), "fast", "A100", {{"node-a", "GPU-1"}, {"node-a", "GPU-2"}}, at(1)};
    const Pool slow{PoolId("P2"), "slow", "T4", {{"node-b", "GPU-1"}}, at(1)};
    const AccessToken token = a_token(ana, "ci");
    AccessToken for_ever = a_token(ben, "for-ever");
    for_ever.expires_at = Time{};
    for_ever.scopes.clear();
    const Invite invite{"hash of code", ben.id, at(5000)};
    const Project digits = a_project("digits");
    const RunTimes times{digits.id, "train", {1000, 2000, 1500}};
    {
        auto store = std::move(Store::open(options)).value();
        REQUIRE(store
                    ->commit({change::TokenSaved{token}, change::TokenSaved{for_ever}, change::InviteSaved{invite},
                              change::UserSaved{ana}, change::UserSaved{ben}, change::GroupSaved{research},
                              change::GroupSaved{lenders}, change::GroupSaved{everybody},
                              change::GroupSaved{{GroupId("G3"), "gone", PoolId("P3"), false, std::nullopt, at(1)}},
                              change::PoolSaved{fast}, change::PoolSaved{slow},
                              change::PoolSaved{{PoolId("P3"), "gone", "", {{"node-c", "GPU-1"}}, at(1)}},
                              change::ProjectSaved{digits}, change::RunTimesSaved{{digits.id, "train", {1000}}},
                              change::RunTimesSaved{times}, change::RunTimesSaved{{ProjectId("none"), "train", {1}}}},
                             at(2))
                    .has_value());
        lenders.borrowing.reset();
        fast.devices = {{"node-a", "GPU-2"}};
        REQUIRE(store
                    ->commit({change::GroupSaved{lenders}, change::GroupDeleted{GroupId("G3")},
                              change::PoolDeleted{PoolId("P3")}, change::PoolSaved{fast}},
                             at(3))
                    .has_value());
    }
    auto store = std::move(Store::open(options)).value();
    const LiveState live = store->load_live().value();
    CHECK(live.users == std::vector{ana, ben});
    CHECK(live.groups == std::vector{everybody, lenders, research});
    CHECK(live.pools == std::vector{fast, slow});
    CHECK(live.tokens == std::vector{token, for_ever});
    CHECK(live.invites == std::vector{invite});
    CHECK(live.run_times == std::vector{times});
    CHECK(rows(*store, "pool_devices") == 2);
    auto reader = reader_of(*store);
    CHECK(reader->list_groups().value() == live.groups);
    CHECK(reader->list_pools().value() == live.pools);
    REQUIRE(store->commit({change::ProjectDeleted{digits.id}}, at(4)).has_value());
    CHECK(store->load_live().value().run_times.empty());
}

TEST_CASE("a device that is given to a pool leaves the one that it was in, in whatever order both are saved") {
    auto store = in_memory();
    const DeviceKey device{"node-a", "GPU-1"};
    Pool one{PoolId("P1"), "one", "A100", {device}, at(1)}, two{PoolId("P2"), "two", "A100", {}, at(1)};
    REQUIRE(store->commit({change::PoolSaved{one}, change::PoolSaved{two}}, at(1)).has_value());
    one.devices.clear();
    two.devices = {device};
    SUBCASE("the new one first") { CHECK(store->commit({change::PoolSaved{two}, change::PoolSaved{one}}, at(2))); }
    SUBCASE("the old one first") { CHECK(store->commit({change::PoolSaved{one}, change::PoolSaved{two}}, at(2))); }
    CHECK(store->load_live().value().pools == std::vector{one, two});
}

TEST_CASE("users are found by id, name and identity, and listed by name") {
    auto store = in_memory();
    User ana = a_user("ana", GroupId("G1"));
    ana.external = ExternalIdentity{"https://id.example", "42"};
    User left = a_user("ben");
    left.status = UserStatus::kOffboarded;
    left.id = UserId("A-left");
    const User ben = a_user("ben"), cleo = a_user("Cléo/2", GroupId("G1"));
    REQUIRE(store
                ->commit({change::UserSaved{ana}, change::UserSaved{left}, change::UserSaved{ben},
                          change::UserSaved{cleo}},
                         at(1))
                .has_value());
    auto reader = reader_of(*store);
    CHECK(reader->find_user(ana.id).value() == ana);
    CHECK_FALSE(reader->find_user(UserId("none")).value().has_value());
    CHECK(reader->find_user_named("ben").value() == ben);
    CHECK_FALSE(reader->find_user_named("ANA").value().has_value());
    CHECK(reader->find_user_external({"https://id.example", "42"}).value() == ana);
    CHECK_FALSE(reader->find_user_external({"https://id.example", "43"}).value().has_value());
    const auto names = [&](const UserFilter& filter, std::size_t limit) {
        std::vector<std::string> found;
        PageRequest request{"", limit};
        do {
            const Page<User> page = reader->list_users(filter, request).value();
            for (const User& user : page.items) found.push_back(user.id.str());
            request.cursor = page.next;
        } while (!request.cursor.empty());
        return found;
    };
    using Names = std::vector<std::string>;
    for (const std::size_t limit : {1, 2, 100}) {
        CHECK(names({}, limit) == Names{"U-Cléo/2", "U-ana", "U-ben"});
        CHECK(names({.include_offboarded = true}, limit) == Names{"U-Cléo/2", "U-ana", "A-left", "U-ben"});
        CHECK(names({.text = "BE"}, limit) == Names{"U-ben"});
        CHECK(names({.group = GroupId("G1")}, limit) == Names{"U-Cléo/2", "U-ana"});
        CHECK(names({.text = "an", .group = kDefaultGroup}, limit).empty());
    }
    CHECK(reader->list_users({}, {.cursor = "p.ana"}).error().message ==
          "the cursor is not one that this list gave; leave it out to start at the first page");
    CHECK(reader->list_users({}, {.limit = 0}).error().code == ErrorCode::kInvalid);
    CHECK(reader->list_users({.text = std::string(201, 'x')}, {}).error().code == ErrorCode::kInvalid);
}

TEST_CASE("an identity at a provider is one user's alone") {
    auto store = in_memory();
    User ana = a_user("ana"), ben = a_user("ben");
    ana.external = ben.external = ExternalIdentity{"https://id.example", "42"};
    REQUIRE(store->commit({change::UserSaved{ana}}, at(1)).has_value());
    CHECK_FALSE(store->commit({change::UserSaved{ben}}, at(1)).has_value());
    CHECK(store->load_live().value().users == std::vector{ana});
}

TEST_CASE("who is offboarded has no credentials any more, and those of others stay") {
    auto store = in_memory();
    User ana = a_user("ana"), ben = a_user("ben");
    REQUIRE(store
                ->commit({change::UserSaved{ana}, change::UserSaved{ben}, change::TokenSaved{a_token(ana, "a")},
                          change::TokenSaved{a_token(ben, "b")}, change::SessionSaved{a_session(ana, "s1", at(900))},
                          change::SessionSaved{a_session(ana, "s2", at(900))},
                          change::SessionSaved{a_session(ben, "s3", at(900))},
                          change::InviteSaved{{"i1", ana.id, at(900)}}, change::InviteSaved{{"i2", ben.id, at(900)}}},
                         at(1))
                .has_value());
    auto reader = reader_of(*store);
    CHECK(reader->find_token("hash of a").value()->user == ana);
    CHECK(reader->find_token("hash of a").value()->token == a_token(ana, "a"));
    CHECK(reader->find_session("s1").value()->user == ana);
    CHECK(reader->find_session("s1").value()->session == a_session(ana, "s1", at(900)));
    CHECK(reader->find_invite("i1").value() == Invite{"i1", ana.id, at(900)});
    CHECK(reader->list_sessions(ana.id).value().size() == 2);
    CHECK(reader->list_tokens(ben.id).value() == std::vector{a_token(ben, "b")});

    ana.status = UserStatus::kOffboarded;
    REQUIRE(store->commit({change::UserSaved{ana}}, at(2)).has_value());
    CHECK_FALSE(reader->find_token("hash of a").value().has_value());
    CHECK_FALSE(reader->find_session("s1").value().has_value());
    CHECK_FALSE(reader->find_invite("i1").value().has_value());
    for (const char* table : {"access_tokens", "sessions", "invites"}) CHECK(rows(*store, table) == 1);
    // One that was left all the same opens nothing.
    REQUIRE(store->commit({change::SessionSaved{a_session(ana, "s4", at(900))}}, at(2)).has_value());
    CHECK(rows(*store, "sessions") == 2);
    CHECK_FALSE(reader->find_session("s4").value().has_value());
    CHECK(reader->find_session("s3").value().has_value());
}

TEST_CASE("credentials end one by one or all at once") {
    auto store = in_memory();
    const User ana = a_user("ana");
    REQUIRE(store
                ->commit({change::UserSaved{ana}, change::TokenSaved{a_token(ana, "a")},
                          change::SessionSaved{a_session(ana, "s1", at(900))},
                          change::SessionSaved{a_session(ana, "s2", at(900))},
                          change::SessionSaved{a_session(ana, "s3", at(900))},
                          change::InviteSaved{{"i1", ana.id, at(900)}}},
                         at(1))
                .has_value());
    REQUIRE(store
                ->commit({change::TokenDeleted{TokenId("T-a")}, change::SessionEnded{"s1"}, change::InviteDeleted{"i1"},
                          change::InviteDeleted{"none"}},
                         at(2))
                .has_value());
    CHECK(rows(*store, "access_tokens") == 0);
    CHECK(rows(*store, "sessions") == 2);
    CHECK(rows(*store, "invites") == 0);
    REQUIRE(store->commit({change::SessionsEnded{ana.id}}, at(3)).has_value());
    CHECK(rows(*store, "sessions") == 0);
}

TEST_CASE("a credential of a user who is not stored is refused, and so is a token's hash twice") {
    auto store = in_memory();
    const User ana = a_user("ana");
    CHECK_FALSE(store->commit({change::TokenSaved{a_token(ana, "a")}}, at(1)).has_value());
    REQUIRE(store->commit({change::UserSaved{ana}, change::TokenSaved{a_token(ana, "a")}}, at(1)).has_value());
    AccessToken same = a_token(ana, "b");
    same.hash = "hash of a";
    CHECK_FALSE(store->commit({change::TokenSaved{same}}, at(1)).has_value());
}

TEST_CASE("expired sessions and invites go, a portion with each commit") {
    auto store = in_memory();
    const User ana = a_user("ana");
    Changes changes{change::UserSaved{ana}};
    for (int i = 0; i < 150; ++i) {
        changes.push_back(change::SessionSaved{a_session(ana, fmt::format("s{}", i), at(10 + i))});
    }
    changes.push_back(change::SessionSaved{a_session(ana, "fresh", at(9'000'000))});
    changes.push_back(change::InviteSaved{{"old", ana.id, at(10)}});
    changes.push_back(change::InviteSaved{{"new", ana.id, at(9'000'000)}});
    REQUIRE(store->commit(changes, at(1)).has_value());
    CHECK(rows(*store, "sessions") == 151);
    REQUIRE(store->commit({change::UserSaved{ana}}, at(100'000)).has_value());
    CHECK(rows(*store, "sessions") == 51);
    CHECK(rows(*store, "invites") == 1);
    REQUIRE(store->commit({change::UserSaved{ana}}, at(100'000)).has_value());
    CHECK(rows(*store, "sessions") == 1);
    CHECK(reader_of(*store)->find_session("fresh").value().has_value());
}

TEST_CASE("the audit log is listed newest first and narrowed by what is asked") {
    auto store = in_memory();
    Changes changes;
    for (int i = 0; i < 60; ++i) {
        changes.push_back(change::Audited{{at(i / 3), i % 2 == 0 ? "ana" : "ben", "session", "192.0.2.1",
                                           i % 5 == 0 ? "user.onboard" : "job.stop", fmt::format("s{}", i % 7),
                                           fmt::format("{}", i)}});
    }
    REQUIRE(store->commit(changes, at(99)).has_value());
    auto reader = reader_of(*store);
    const auto details = [&](const AuditFilter& filter, std::size_t limit) {
        std::vector<int> found;
        PageRequest request{"", limit};
        do {
            const Page<AuditEntry> page = reader->list_audit(filter, request).value();
            for (const AuditEntry& entry : page.items) found.push_back(std::stoi(entry.detail));
            request.cursor = page.next;
        } while (!request.cursor.empty());
        return found;
    };
    const auto expected = [](auto&& wanted) {
        std::vector<int> found;
        for (int i = 59; i >= 0; --i) {
            if (wanted(i)) found.push_back(i);
        }
        return found;
    };
    for (const std::size_t limit : {7, 1000}) {
        CHECK(details({}, limit) == expected([](int) { return true; }));
        CHECK(details({.actor = "ben"}, limit) == expected([](int i) { return i % 2 == 1; }));
        CHECK(details({.action = "user."}, limit) == expected([](int i) { return i % 5 == 0; }));
        CHECK(details({.subject = "s3"}, limit) == expected([](int i) { return i % 7 == 3; }));
        CHECK(details({.since = at(5), .until = at(9)}, limit) ==
              expected([](int i) { return i / 3 >= 5 && i / 3 < 9; }));
        CHECK(details({.actor = "ana", .action = "job", .since = at(5)}, limit) ==
              expected([](int i) { return i % 2 == 0 && i % 5 != 0 && i / 3 >= 5; }));
    }
    CHECK(reader->list_audit({}, {.limit = 1}).value().items.at(0) ==
          AuditEntry{at(19), "ben", "session", "192.0.2.1", "job.stop", "s3", "59"});
    CHECK(reader->list_audit({}, {.cursor = "n1.1"}).error().code == ErrorCode::kInvalid);
}

TEST_CASE("rows of the audit log never change, and only the oldest go") {
    const testing::TempFolder folder;
    const Store::Options options{.path = folder.path() + "/state.db", .audit_kept = 500};
    const auto entries = [](int count) {
        Changes changes;
        for (int i = 0; i < count; ++i) changes.push_back(change::Audited{{at(i), "ana", "", "", "x", "", ""}});
        return changes;
    };
    {
        auto store = std::move(Store::open(options)).value();
        REQUIRE(store->commit(entries(900), at(1)).has_value());
        CHECK(rows(*store, "audit_log") == 900);
        CHECK(store->connection().run("UPDATE audit_log SET actor = 'ben'").error().message.find(
                  "rows of the audit log never change") != std::string::npos);
    }
    auto store = std::move(Store::open(options)).value();
    REQUIRE(store->commit(entries(200), at(2)).has_value());
    CHECK(rows(*store, "audit_log") == 500);
    CHECK(store->connection().integer("SELECT min(seq) FROM audit_log").value() == 601);
}

TEST_CASE("a database of the first version opens with everything in it") {
    const testing::TempFolder folder;
    const std::string path = folder.path() + "/state.db";
    {
        auto connection = std::move(Connection::open(path, Connection::Mode::kReadWrite, Duration(100))).value();
        REQUIRE(connection->run("PRAGMA foreign_keys = ON").has_value());
        REQUIRE(migrate(*connection, all_migrations().first(1), "", at(0)).has_value());
        REQUIRE(connection->run_script(os::read_file(PINTLE_SOURCE_DIR "/src/store/testdata/version_1.sql").value())
                    .has_value());
    }
    auto store = std::move(Store::open({.path = path})).value();
    CHECK(os::exists(path + ".before-2"));
    CHECK(rows(*store, "pragma_foreign_key_check") == 0);
    CHECK(rows(*store, "jobs") == 4);
    CHECK(rows(*store, "job_documents") == 4);
    CHECK(rows(*store, "job_counts") == 3);
    CHECK(rows(*store, "deleted_projects") == 1);

    LiveState live = store->load_live().value();
    REQUIRE(live.projects.size() == 2);
    CHECK(live.projects[0].spec.name == "digits");
    CHECK(live.projects[0].next_build == 3);
    CHECK(live.projects[0].owner.empty());
    CHECK(live.projects[0].home == kDefaultGroup);
    REQUIRE(live.jobs.size() == 1);
    CHECK(live.jobs[0].build == 2);
    CHECK(live.jobs[0].pool == kDefaultPool);
    auto reader = reader_of(*store);
    const ProjectId digits = a_project("digits").id;
    CHECK(reader->find_project_named("digits", kDefaultGroup).value()->id == digits);
    CHECK(reader->count_jobs(digits).value() == StateCounts{{JobState::kQueued, 1}, {JobState::kComplete, 1}});
    CHECK(reader->find_job(digits, 1).value()->state == JobState::kComplete);
    CHECK(reader->job_events(JobId("J1"), 0, 10).value().size() == 1);
    CHECK(reader->list_history({}, {}).value().items.size() == 1);
    CHECK(reader->notices(digits, 10).value().size() == 1);
    CHECK(reader->changes_after(0, 10).value().changes.size() == 1);
    const auto jobs = reader->list_jobs({}, {}).value().items;
    REQUIRE(jobs.size() == 3);
    for (const JobSummary& job : jobs) {
        CHECK(job.owner.empty());
        CHECK(job.group == kDefaultGroup);
        CHECK(job.pool == kDefaultPool);
        CHECK(job.gpus_held == (job.id == JobId("J1") ? 2 : 0));
    }
    CHECK(reader->jobs_of_pool_between(kDefaultPool, at(-100'000'000), at(0), 10).value().size() == 1);

    SUBCASE("and goes on from there: counts follow states, and a project takes everything with it") {
        REQUIRE(store->commit({JobStory(live.projects[0], 3, at(1)).save()}, at(1)).has_value());
        CHECK(reader->count_jobs(digits).value() == StateCounts{{JobState::kQueued, 2}, {JobState::kComplete, 1}});
        REQUIRE(store->commit({change::ProjectDeleted{digits}}, at(2)).has_value());
        CHECK(rows(*store, "job_counts") == 1);
        while (store->tidy().value()) {
        }
        CHECK(rows(*store, "jobs") == 1);
    }
    SUBCASE("and what has ended becomes the first operator's") {
        const User ana = a_user("ana", kDefaultGroup, Role::kOperator), ben = a_user("ben", kDefaultGroup);
        REQUIRE(store->commit({change::UserSaved{ana}, change::UserSaved{ben}}, at(1)).has_value());
        CHECK(reader->find_job(digits, 1).value()->owner == ana.id);
        CHECK(reader->list_jobs({.viewer = Viewer{ana.id, kDefaultGroup, Viewer::Scope::kOwned}}, {})
                  .value()
                  .items.size() == 3);
        CHECK(reader->list_history({.viewer = Viewer{ana.id, kDefaultGroup, Viewer::Scope::kOwned}}, {})
                  .value()
                  .items.size() == 1);
        // Live ones and projects are the core's to adopt.
        CHECK(store->load_live().value().projects[0].owner.empty());
        live.projects[0].owner = ana.id;
        REQUIRE(store->commit({change::ProjectSaved{live.projects[0]}}, at(2)).has_value());
        CHECK(reader->may_see_project({ben.id, kDefaultGroup}, digits).value());
    }
    SUBCASE("but not somebody else's") {
        REQUIRE(store->commit({change::UserSaved{a_user("ben")}}, at(1)).has_value());
        REQUIRE(store->commit({change::UserSaved{a_user("ana", kDefaultGroup, Role::kOperator)}}, at(2)).has_value());
        CHECK(reader->find_job(digits, 1).value()->owner.empty());
    }
}

TEST_CASE("a requeued job has its new attempts in the history beside the old ones") {
    auto store = in_memory();
    const Project project = a_project("digits");
    JobStory story(project, 1, at(1));
    Changes changes{change::ProjectSaved{project}};
    const auto save = [&](bool at_once) {
        if (at_once) return;
        changes.push_back(story.save());
        REQUIRE(store->commit(changes, at(99)).has_value());
        changes.clear();
    };
    const auto run = [&](bool at_once) {
        story.is_admitted(at(2)).is_prepared(at(3)).starts(at(4));
        save(at_once);
        story.happens(event::EndBegun{JobState::kQueued, "its GPUs were on loan", ""}, at(5));
        story.exits(143, at(6)).happens(event::Requeued{"its GPUs were on loan"}, at(6));
        save(at_once);
        story.is_admitted(at(7))
            .is_prepared(at(8))
            .starts(at(8), 2)
            .exits(0, at(9), 2)
            .ends(JobState::kComplete, at(9));
        save(at_once);
        if (at_once) {
            changes.push_back(story.save());
            REQUIRE(store->commit(changes, at(99)).has_value());
        }
    };
    SUBCASE("in one commit") { run(true); }
    SUBCASE("in several") { run(false); }
    auto reader = reader_of(*store);
    const auto history = reader->list_history({.job = story.job().id}, {}).value().items;
    REQUIRE(history.size() == 2);
    CHECK(history[1].attempt == 1);
    CHECK(history[1].started_at == at(4));
    CHECK(history[1].ended_at == at(6));
    CHECK(history[0].attempt == 2);
    CHECK(history[0].state == ReplicaState::kSucceeded);
    CHECK(history[0].started_at == at(8));
    CHECK(history[0].devices == std::vector{0});
    CHECK(reader->find_job(story.job().id).value() == story.job());
}

TEST_CASE("a summary says whose a job is and how it waits") {
    auto store = in_memory();
    const User ana = a_user("ana");
    const Project project = a_project("digits");
    JobStory story(project, 1, at(1), "train", 1, ana.id);
    story.happens(event::Regrouped{GroupId("G1"), PoolId("P1"), ""}, at(2))
        .happens(event::Reordered{7, -3, "ana"}, at(2))
        .happens(event::Held{"not yet", "ana", false}, at(2));
    REQUIRE(store->commit({change::UserSaved{ana}, change::ProjectSaved{project}, story.save()}, at(2)).has_value());
    auto reader = reader_of(*store);
    const JobSummary job = reader->list_jobs({}, {}).value().items.at(0);
    CHECK(job.owner == ana.id);
    CHECK(job.owner_name == "ana");
    CHECK(job.group == GroupId("G1"));
    CHECK(job.pool == PoolId("P1"));
    CHECK(job.priority == 7);
    CHECK(job.held == "not yet");
    CHECK(job.gpus == 1);
    CHECK(job.gpus_held == 0);
    REQUIRE(store->commit({story.happens(event::Released{"ana"}, at(3)).is_admitted(at(3)).save()}, at(3)).has_value());
    const JobSummary now = reader->list_jobs({.pool = PoolId("P1")}, {}).value().items.at(0);
    CHECK_FALSE(now.held.has_value());
    CHECK(now.gpus_held == 1);
    CHECK(reader->list_jobs({.pool = kDefaultPool}, {}).value().items.empty());
}

TEST_CASE("what lists know of a job follows the job, whatever else happens to it in the same commit") {
    auto store = in_memory();
    const Project project = a_project("digits");
    JobStory story(project, 1, at(1));
    REQUIRE(store->commit({change::ProjectSaved{project}, story.is_admitted(at(2)).is_prepared(at(3)).save()}, at(3))
                .has_value());
    auto reader = reader_of(*store);
    const auto columns_agree = [&](const Job& job) {
        const JobSummary listed = reader->list_jobs({.owner = job.owner}, {}).value().items.at(0);
        CHECK(listed.state == job.state);
        CHECK(listed.group == job.group);
        CHECK(listed.pool == job.pool);
        CHECK(listed.revision == job.event_count);
        CHECK(listed.started_at == job.started_at);
        CHECK(listed.running_at == job.running_at);
        CHECK(listed.ended_at == job.ended_at);
        CHECK(reader->find_job(job.id).value() == job);
    };
    columns_agree(story.job());
    const auto given_to = [](const change::JobSaved& saved, const char* owner) {
        Job given = *saved.job;
        given.owner = UserId(owner);
        return change::JobSaved{std::make_shared<const Job>(std::move(given)), saved.events};
    };
    change::JobSaved saved = given_to(story.starts(at(4)).save(), "U1");
    REQUIRE(store->commit({saved}, at(4)).has_value());
    columns_agree(*saved.job);
    saved = given_to({saved.job, {}}, "U2");
    REQUIRE(store->commit({saved}, at(5)).has_value());
    columns_agree(*saved.job);
    saved = given_to(story.exits(0, at(6)).ends(JobState::kComplete, at(6)).save(), "U2");
    REQUIRE(store->commit({saved}, at(6)).has_value());
    columns_agree(*saved.job);
    CHECK(reader->list_jobs({.owner = UserId("U1")}, {}).value().items.empty());
}

TEST_CASE("a name is unique in its home alone") {
    auto store = in_memory();
    Project mine = a_project("digits"), theirs = a_project("digits"), third = a_project("digits");
    theirs.id = ProjectId("P2");
    theirs.home = GroupId("G1");
    third.id = ProjectId("P3");
    REQUIRE(store->commit({change::ProjectSaved{mine}, change::ProjectSaved{theirs}}, at(1)).has_value());
    CHECK_FALSE(store->commit({change::ProjectSaved{third}}, at(1)).has_value());
    auto reader = reader_of(*store);
    CHECK(reader->find_project_named("digits", kDefaultGroup).value() == mine);
    CHECK(reader->find_project_named("digits", GroupId("G1")).value() == theirs);
    CHECK_FALSE(reader->find_project_named("digits", GroupId("G2")).value().has_value());
    const auto found = reader->find_projects_named("digits", {{}, GroupId("G1"), Viewer::Scope::kEvery}).value();
    CHECK(found == std::vector{theirs, mine});
    CHECK(reader->find_projects_named("digits", {UserId(), kDefaultGroup}).value().empty());
}

TEST_CASE("a pool is asked who had its GPUs at a time that is past") {
    auto store = in_memory();
    const Project project = a_project("digits");
    Changes changes{change::ProjectSaved{project}};
    std::vector<JobId> ids;
    const auto add = [&](std::int64_t from, std::optional<std::int64_t> to, bool elsewhere = false) {
        JobStory story(project, static_cast<int>(ids.size()) + 1, at(0));
        if (elsewhere) story.happens(event::Regrouped{kDefaultGroup, PoolId("P1"), ""}, at(0));
        story.is_admitted(at(from)).is_prepared(at(from)).starts(at(from));
        if (to) story.exits(0, at(*to)).ends(JobState::kComplete, at(*to));
        ids.push_back(story.job().id);
        changes.push_back(story.save());
    };
    add(10, 20);
    add(10, 50);
    add(30, 40);
    add(10, std::nullopt);
    add(10, 200);
    add(10, 90, true);
    add(60, std::nullopt);
    add(60, 80);
    changes.push_back(JobStory(project, 99, at(0)).save());
    REQUIRE(store->commit(changes, at(300)).has_value());
    auto reader = reader_of(*store);
    const auto used = [&](std::int64_t from, std::int64_t to, std::size_t limit = 100) {
        std::vector<int> builds;
        const auto uses = reader->jobs_of_pool_between(kDefaultPool, at(from), at(to), limit).value();
        for (const PoolUse& use : uses) builds.push_back(use.build);
        return builds;
    };
    using Builds = std::vector<int>;
    CHECK(used(25, 60) == Builds{4, 5, 2, 3});
    CHECK(used(20, 30) == Builds{4, 5, 2});
    CHECK(used(0, 10).empty());
    CHECK(used(0, 1000) == Builds{7, 4, 5, 8, 2, 3, 1});
    CHECK(used(0, 1000, 3) == Builds{7, 4, 5});
    const PoolUse use = reader->jobs_of_pool_between(kDefaultPool, at(25), at(60), 9).value().at(2);
    CHECK(use.job == ids[1]);
    CHECK(use.gpus_held == 1);
    CHECK(use.started_at == at(10));
    CHECK(use.ended_at == at(50));
    CHECK(use.order == 2);
    CHECK(reader->jobs_of_pool_between(kDefaultPool, at(0), at(1), 0).error().code == ErrorCode::kInvalid);
}
