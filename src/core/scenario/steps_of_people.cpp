#include "base/text.hpp"
#include "core/scenario/steps.hpp"

// Users, groups, roles, and what is written down about who did what.

namespace pintle::core::scenario {

using namespace domain;

namespace {

Result<void> add_user(World& world, const std::string& name, const std::string& group, Role role) {
    input::OnboardUser command;
    command.id = UserId(world.new_id());
    command.name = name;
    command.role = role;
    if (!group.empty()) command.group = TRY(world.group(group)).id;
    command.invite = Invite{"invite-" + name, command.id, world.now() + std::chrono::hours(24)};
    world.command(command, "operator");
    return {};
}

Result<void> change_role(World& world, const std::string& by, const std::string& name, Role role) {
    world.command(input::ChangeRole{TRY(world.user(name)).id, role}, by);
    return {};
}

Result<void> off_board(World& world, const std::string& name, bool force) {
    world.command(input::OffboardUser{TRY(world.user(name)).id, force}, "operator");
    return {};
}

Result<void> add_project(World& world, const std::string& owner, const std::string& name) {
    ProjectSpec spec;
    spec.name = name;
    world.command(input::CreateProject{ProjectId(world.new_id()), TRY(world.user(owner)).id, spec, "", ""}, owner);
    return {};
}

Result<void> add_group(World& world, const std::string& name, std::optional<PoolId> pool) {
    input::SaveGroup command;
    command.id = GroupId(world.new_id());
    command.create = true;
    command.name = name;
    command.pool = std::move(pool);
    world.command(command, "operator");
    return {};
}

Result<input::SaveGroup> change_of_group(const World& world, const std::string& group) {
    input::SaveGroup command;
    command.id = TRY(world.group(group)).id;
    return command;
}

Result<void> lend(World& world, const Arguments& a, bool reclaim) {
    input::SaveGroup command = TRY(change_of_group(world, a.text(0)));
    command.borrowing = Borrowing{a.text(2), std::nullopt, a.number(1), reclaim};
    world.command(command, "operator");
    return {};
}

Result<void> expect_refusal(World& world, std::string_view text) {
    if (!world.refusal()) return fail(ErrorCode::kConflict, "expected a refusal, and it was done");
    std::string found = world.refusal()->message;
    for (const Fault& fault : world.refusal()->details) found += fmt::format("; {}: {}", fault.path, fault.message);
    return expect_text("the refusal", text, found);
}

std::string in_words(const AuditEntry& entry) {
    const std::string detail = entry.detail.empty() ? "" : ": " + entry.detail;
    return fmt::format("{} {} {}{}", entry.actor, entry.action, entry.subject, detail);
}

}  // namespace

StepDefinitions steps_of_people() {
    return {
        {StepPattern("the user {name}"),
         [](World& w, const Arguments& a) { return add_user(w, a.text(0), "", Role::kDataScientist); }},
        {StepPattern("the user {name} in the group {name}"),
         [](World& w, const Arguments& a) { return add_user(w, a.text(0), a.text(1), Role::kDataScientist); }},
        {StepPattern("the user {name} as an operator"),
         [](World& w, const Arguments& a) { return add_user(w, a.text(0), "", Role::kOperator); }},
        {StepPattern("the operator on-boards {name}"),
         [](World& w, const Arguments& a) { return add_user(w, a.text(0), "", Role::kDataScientist); }},
        {StepPattern("the operator on-boards {name} into the group {name}"),
         [](World& w, const Arguments& a) { return add_user(w, a.text(0), a.text(1), Role::kDataScientist); }},
        {StepPattern("the operator on-boards {name} into a group that is not there"),
         [](World& w, const Arguments& a) -> Result<void> {
             w.command(input::OnboardUser{UserId(w.new_id()), a.text(0), Role::kDataScientist, GroupId("nowhere"),
                 std::nullopt, std::nullopt}, "operator");
             return {};
         }},
        {StepPattern("the operator on-boards somebody with a name of {n} characters"),
         [](World& w, const Arguments& a) {
             return add_user(w, std::string(static_cast<std::size_t>(a.number(0)), 'x'), "", Role::kDataScientist);
         }},
        {StepPattern("the operator off-boards {name}"),
         [](World& w, const Arguments& a) { return off_board(w, a.text(0), false); }},
        {StepPattern("the operator off-boards {name} with force"),
         [](World& w, const Arguments& a) { return off_board(w, a.text(0), true); }},
        {StepPattern("{who} makes {name} an operator"),
         [](World& w, const Arguments& a) { return change_role(w, a.text(0), a.text(1), Role::kOperator); }},
        {StepPattern("{who} makes {name} a data scientist"),
         [](World& w, const Arguments& a) { return change_role(w, a.text(0), a.text(1), Role::kDataScientist); }},
        {StepPattern("the operator moves {name} to the group {name}"),
         [](World& w, const Arguments& a) -> Result<void> {
             w.command(input::MoveUser{TRY(w.user(a.text(0))).id, TRY(w.group(a.text(1))).id}, "operator");
             return {};
         }},
        {StepPattern("the operator moves {name} to a group that is not there"),
         [](World& w, const Arguments& a) -> Result<void> {
             w.command(input::MoveUser{TRY(w.user(a.text(0))).id, GroupId("nowhere")}, "operator");
             return {};
         }},
        {StepPattern("{who} signs in"),
         [](World& w, const Arguments& a) -> Result<void> {
             w.command(input::BeginSession{Session{"session", TRY(w.user(a.text(0))).id, "", "", "", w.now(),
                 w.now() + std::chrono::hours(1)}}, a.text(0));
             return {};
         }},
        {StepPattern("{who} has the project {name}"),
         [](World& w, const Arguments& a) -> Result<void> {
             return add_project(w, a.text(0), a.text(1));
         }},
        {StepPattern("{who} gives the project {name} to {name}"),
         [](World& w, const Arguments& a) -> Result<void> {
             w.command(input::TransferProject{TRY(w.project(a.text(1), a.text(0))).id, TRY(w.user(a.text(2))).id},
                 a.text(0));
             return {};
         }},

        {StepPattern("the group {name} with the pool {name}"),
         [](World& w, const Arguments& a) -> Result<void> {
             return add_group(w, a.text(0), TRY(w.pool(a.text(1))).id);
         }},
        {StepPattern("the operator makes the group {name} with the pool {name}"),
         [](World& w, const Arguments& a) -> Result<void> {
             return add_group(w, a.text(0), TRY(w.pool(a.text(1))).id);
         }},
        {StepPattern("the operator makes the group {name} without a pool"),
         [](World& w, const Arguments& a) { return add_group(w, a.text(0), std::nullopt); }},
        {StepPattern("the operator makes the group {name} with a pool that is not there"),
         [](World& w, const Arguments& a) { return add_group(w, a.text(0), PoolId("nowhere")); }},
        {StepPattern("the operator gives the group {name} the pool {name}"),
         [](World& w, const Arguments& a) -> Result<void> {
             input::SaveGroup command = TRY(change_of_group(w, a.text(0)));
             command.pool = TRY(w.pool(a.text(1))).id;
             w.command(command, "operator");
             return {};
         }},
        {StepPattern("the operator renames the group {name} to {name}"),
         [](World& w, const Arguments& a) -> Result<void> {
             input::SaveGroup command = TRY(change_of_group(w, a.text(0)));
             command.name = a.text(1);
             w.command(command, "operator");
             return {};
         }},
        {StepPattern("the group {name} shares fairly among its users"),
         [](World& w, const Arguments& a) -> Result<void> {
             input::SaveGroup command = TRY(change_of_group(w, a.text(0)));
             command.fair_share = true;
             w.command(command, "operator");
             return {};
         }},
        {StepPattern("the group {name} may borrow up to {n} GPU|GPUs in the cohort {name}"),
         [](World& w, const Arguments& a) { return lend(w, a, false); }},
        {StepPattern("the group {name} may borrow up to {n} GPU|GPUs in the cohort {name} and reclaims its own"),
         [](World& w, const Arguments& a) { return lend(w, a, true); }},
        {StepPattern("the group {name} lends and borrows no more"),
         [](World& w, const Arguments& a) -> Result<void> {
             input::SaveGroup command = TRY(change_of_group(w, a.text(0)));
             command.borrowing = std::optional<Borrowing>();
             w.command(command, "operator");
             return {};
         }},
        {StepPattern("the operator deletes the group {name}"),
         [](World& w, const Arguments& a) -> Result<void> {
             w.command(input::DeleteGroup{TRY(w.group(a.text(0))).id}, "operator");
             return {};
         }},

        {StepPattern("it is refused"),
         [](World& w, const Arguments&) { return expect_refusal(w, "…"); }},
        {StepPattern("it is refused: {text}"),
         [](World& w, const Arguments& a) { return expect_refusal(w, a.text(0)); }},
        {StepPattern("{name} is in the group {name}"),
         [](World& w, const Arguments& a) -> Result<void> {
             return expect_text("the group", a.text(1), w.core().groups().at(TRY(w.user(a.text(0))).group).name);
         }},
        {StepPattern("{name} is an|a operator"),
         [](World& w, const Arguments& a) -> Result<void> {
             return expect_text("the role", "operator", to_string(TRY(w.user(a.text(0))).role));
         }},
        {StepPattern("{name} is a data scientist"),
         [](World& w, const Arguments& a) -> Result<void> {
             return expect_text("the role", "data scientist", to_string(TRY(w.user(a.text(0))).role));
         }},
        {StepPattern("the status of {name} is {name}"),
         [](World& w, const Arguments& a) -> Result<void> {
             return expect_text("the status", a.text(1), to_string(TRY(w.user(a.text(0))).status));
         }},
        {StepPattern("there is no user {name}"),
         [](World& w, const Arguments& a) -> Result<void> {
             return w.user(a.text(0)) ? fail(ErrorCode::kConflict, "there is one") : Result<void>{};
         }},
        {StepPattern("there is no group {name}"),
         [](World& w, const Arguments& a) -> Result<void> {
             return w.group(a.text(0)) ? fail(ErrorCode::kConflict, "there is one") : Result<void>{};
         }},
        {StepPattern("the group {name} has the pool {name}"),
         [](World& w, const Arguments& a) -> Result<void> {
             return expect_text("the pool", a.text(1), w.core().pools().at(TRY(w.group(a.text(0))).pool).name);
         }},
        {StepPattern("the project {name} of {name} lies in the folder of the group {name}"),
         [](World& w, const Arguments& a) -> Result<void> {
             return expect_text("the folder", a.text(2),
                 w.core().groups().at(TRY(w.project(a.text(0), a.text(1))).home).name);
         }},
        {StepPattern("the audit log has {text}"),
         [](World& w, const Arguments& a) -> Result<void> {
             std::vector<std::string> lines;
             for (const AuditEntry& entry : w.audit()) lines.push_back(in_words(entry));
             return expect_any("the audit log", a.text(0), lines);
         }},
    };
}

}  // namespace pintle::core::scenario
