#include "auth/identity.hpp"

#include <doctest/doctest.h>

using namespace pintle;
using namespace pintle::auth;
using namespace pintle::domain;

namespace {

const Subject kSubject{ProjectId("P"), UserId("ana"), GroupId("research"), JobId("J"), UserId("bo")};

Identity user(std::string id, std::string group, Role role = Role::kDataScientist) {
    Identity identity;
    identity.kind = Identity::Kind::kUser;
    identity.via = Identity::Via::kSession;
    identity.user = UserId(id);
    identity.name = id;
    identity.group = GroupId(group);
    identity.role = role;
    return identity;
}

Identity with_token(Identity identity, std::vector<Scope> scopes) {
    identity.via = Identity::Via::kToken;
    identity.token_name = "ci";
    identity.scopes = std::move(scopes);
    return identity;
}

Identity job_of(std::string project, std::string job) {
    Identity identity;
    identity.kind = Identity::Kind::kJob;
    identity.via = Identity::Via::kJob;
    identity.user = UserId("bo");
    identity.project = ProjectId(project);
    identity.job = JobId(job);
    return identity;
}

}  // namespace

TEST_CASE("a stranger does not even know that it is there") {
    const Identity stranger = user("eve", "other");
    CHECK_FALSE(may_know(stranger, kSubject));
    CHECK_FALSE(may(stranger, Permission::kSeeProject, kSubject));
    CHECK_FALSE(may(stranger, Permission::kRunTask, kSubject));
}

TEST_CASE("a group mate sees, runs and clones, and changes nothing") {
    const Identity mate = user("cy", "research");
    CHECK(may(mate, Permission::kSeeProject, kSubject));
    CHECK(may(mate, Permission::kSeeJob, kSubject));
    CHECK(may(mate, Permission::kRunTask, kSubject));
    CHECK_FALSE(may(mate, Permission::kEditProject, kSubject));
    CHECK_FALSE(may(mate, Permission::kControlJob, kSubject));
    CHECK_FALSE(may(mate, Permission::kDeleteJob, kSubject));
}

TEST_CASE("the owner of a project does not stop the jobs that others run in it") {
    const Identity ana = user("ana", "research");
    CHECK(may(ana, Permission::kEditProject, kSubject));
    CHECK_FALSE(may(ana, Permission::kControlJob, kSubject));
    CHECK(may(user("bo", "research"), Permission::kControlJob, kSubject));
}

TEST_CASE("who has left the group still knows a job of their own, and nothing else of the project") {
    const Identity bo = user("bo", "other");
    CHECK(may(bo, Permission::kControlJob, kSubject));
    Subject project_alone = kSubject;
    project_alone.job = JobId();
    project_alone.job_owner = UserId();
    CHECK_FALSE(may_know(bo, project_alone));
}

TEST_CASE("an operator may do everything, unless by a token without that scope") {
    const Identity root = user("root", "other", Role::kOperator);
    CHECK(may(root, Permission::kOperate, {}));
    CHECK(may(root, Permission::kEditProject, kSubject));
    const Identity weak = with_token(root, {Scope::kRead, Scope::kRun, Scope::kWrite});
    CHECK_FALSE(may(weak, Permission::kOperate, {}));
    CHECK_FALSE(may_know(weak, kSubject));
    CHECK(why_not(weak, Permission::kOperate) == "the token \"ci\" has not the scope operate");
    CHECK(may(with_token(root, {Scope::kOperate}), Permission::kOperate, {}));
}

TEST_CASE("the scope operate makes nobody an operator") {
    CHECK_FALSE(may(with_token(user("ana", "research"), {Scope::kOperate}), Permission::kOperate, {}));
}

TEST_CASE("a token does what its scopes say") {
    const Identity ana = user("ana", "research");
    CHECK(may(with_token(ana, {Scope::kRead}), Permission::kSeeProject, kSubject));
    CHECK_FALSE(may(with_token(ana, {Scope::kRead}), Permission::kRunTask, kSubject));
    CHECK(may(with_token(ana, {Scope::kRun}), Permission::kRunTask, kSubject));
    CHECK_FALSE(may(with_token(ana, {Scope::kRun}), Permission::kEditProject, kSubject));
    CHECK(may(with_token(ana, {Scope::kWrite}), Permission::kEditProject, kSubject));
}

TEST_CASE("a token cannot make another token") {
    CHECK(may(user("ana", "research"), Permission::kSelf, {}));
    CHECK_FALSE(
        may(with_token(user("ana", "research"), {Scope::kRead, Scope::kRun, Scope::kWrite}), Permission::kSelf, {}));
}

TEST_CASE("a job's program works within its own project, for its owner") {
    const Identity job = job_of("P", "J");
    CHECK(may(job, Permission::kSeeProject, kSubject));
    CHECK(may(job, Permission::kRunTask, kSubject));
    CHECK(may(job, Permission::kControlJob, kSubject));
    CHECK(may(job, Permission::kReportProperties, kSubject));
    CHECK_FALSE(may(job, Permission::kEditProject, kSubject));
    CHECK_FALSE(may(job, Permission::kSeeServer, {}));
    CHECK_FALSE(may(job, Permission::kOperate, {}));
    CHECK_FALSE(may_know(job_of("Q", "K"), kSubject));
    CHECK_FALSE(may(job_of("P", "K"), Permission::kReportProperties, kSubject));
}

TEST_CASE("nobody may sign in, and nothing else") {
    CHECK(may({}, Permission::kOpen, {}));
    CHECK_FALSE(may({}, Permission::kSignedIn, {}));
    CHECK_FALSE(may({}, Permission::kSeeServer, {}));
}

TEST_CASE("accounts are known to who may use them, and changed by who made them") {
    const auto subject_of = [](const std::string& owner, const std::string& group) {
        Subject subject;
        subject.account = AccountId("A");
        subject.account_owner = UserId(owner);
        subject.account_group = GroupId(group);
        return subject;
    };
    const Identity ana = user("ana", "research"), cy = user("cy", "research"), eve = user("eve", "other");
    const Identity root = user("root", "other", Role::kOperator);
    struct Case {
        Identity who;
        std::string owner, group;
        bool knows, edits;
    };
    const std::vector<Case> cases{{ana, "ana", "", true, true},
                                  {cy, "ana", "", false, false},
                                  {eve, "ana", "", false, false},
                                  {root, "ana", "", true, true},
                                  {ana, "ana", "research", true, true},
                                  {cy, "ana", "research", true, false},
                                  {eve, "ana", "research", false, false},
                                  {root, "ana", "research", true, true},
                                  {user("ana", "other"), "ana", "research", false, false},
                                  {job_of("P", "J"), "bo", "", false, false}};
    for (const Case& c : cases) {
        CAPTURE(c.who.name);
        CAPTURE(c.group);
        const Subject subject = subject_of(c.owner, c.group);
        CHECK(may_know(c.who, subject) == c.knows);
        CHECK(may(c.who, Permission::kSeeAccounts, subject) == c.knows);
        CHECK(may(c.who, Permission::kEditAccount, subject) == c.edits);
    }
    const Identity reader = with_token(ana, {Scope::kRead});
    CHECK(may(reader, Permission::kSeeAccounts, subject_of("ana", "")));
    CHECK_FALSE(may(reader, Permission::kMakeAccount, {}));
    CHECK(why_not(reader, Permission::kMakeAccount) == "the token \"ci\" has not the scope write");
    CHECK(why_not(cy, Permission::kEditAccount) == "only who made it and operators may do this; you may use it");
}
