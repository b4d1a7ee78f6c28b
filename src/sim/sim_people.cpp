#include "sim/sim_people.hpp"

#include <fmt/core.h>

namespace pintle::sim {

using namespace domain;
namespace input = core::input;

SimPeople::SimPeople(Rng& rng, const SimCluster& cluster, MakeId make_id)
    : rng_(rng), cluster_(cluster), make_id_(std::move(make_id)) {}

core::InputBody SimPeople::begin() {
    users_.emplace_back(make_id_());
    return input::BeginUsers{users_.back(), "operator", Invite{"the first", users_.back(), Time::max()}};
}

UserId SimPeople::somebody() { return one_of(users_); }

Actor SimPeople::operator_actor() const { return {users_.front(), "operator", "session", "127.0.0.1", true}; }

core::InputBody SimPeople::of_users() {
    const UserId user = somebody();
    switch (rng_.below(8)) {
        case 0:
        case 1:
        case 2: {
            input::OnboardUser onboard;
            onboard.id = UserId(make_id_());
            onboard.name = fmt::format("user {}", rng_.below(8));
            onboard.role = rng_.chance(20) ? Role::kOperator : Role::kDataScientist;
            onboard.group = one_of(groups_);
            users_.push_back(onboard.id);
            return onboard;
        }
        case 3: return input::OffboardUser{user, rng_.chance(50)};
        case 4: return input::ChangeRole{user, rng_.chance(50) ? Role::kOperator : Role::kDataScientist};
        case 5: return input::SetPassword{user, "", fmt::format("hash {}", rng_.below(100))};
        default: return input::MoveUser{user, one_of(groups_)};
    }
}

core::InputBody SimPeople::of_groups() {
    if (rng_.chance(20)) return input::DeleteGroup{one_of(groups_)};
    input::SaveGroup save;
    save.create = rng_.chance(50);
    save.id = save.create ? GroupId(make_id_()) : one_of(groups_);
    if (save.create) groups_.push_back(save.id);
    if (save.create || rng_.chance(20)) save.name = fmt::format("group {}", rng_.below(6));
    if (save.create || rng_.chance(30)) save.pool = one_of(pools_);
    if (rng_.chance(30)) save.fair_share = rng_.chance(50);
    if (rng_.chance(50)) {
        Borrowing borrowing;
        borrowing.cohort = rng_.chance(80) ? "together" : "apart";
        borrowing.limit = static_cast<int>(rng_.below(6));
        if (rng_.chance(30)) borrowing.nominal = static_cast<int>(rng_.below(4));
        borrowing.reclaim = rng_.chance(60);
        save.borrowing = rng_.chance(80) ? std::optional(borrowing) : std::nullopt;
    }
    return save;
}

core::InputBody SimPeople::of_pools() {
    if (rng_.chance(15)) return input::DeletePool{one_of(pools_)};
    input::SavePool save;
    save.create = rng_.chance(35);
    save.id = save.create ? PoolId(make_id_()) : one_of(pools_);
    if (save.create) pools_.push_back(save.id);
    if (save.create || rng_.chance(20)) save.name = fmt::format("pool {}", rng_.below(6));
    if (rng_.chance(70)) save.model = rng_.chance(60) ? "A" : "B";
    if (rng_.chance(60)) {
        save.gpus = static_cast<int>(rng_.below(5));
    } else if (rng_.chance(50)) {
        std::vector<DeviceKey> devices;
        for (const Node& node : cluster_.all()) {
            for (const Device& device : node.devices) {
                if (rng_.chance(25)) devices.push_back({node.name, device.uuid});
            }
        }
        save.devices = std::move(devices);
    }
    return save;
}

core::InputBody SimPeople::of_queue(const std::vector<JobId>& jobs) {
    const JobId job = one_of(jobs);
    if (rng_.chance(25)) return input::HoldJob{job, rng_.chance(50) ? "for a reason" : ""};
    if (rng_.chance(45)) return input::ReleaseJob{job};
    input::ReorderJob reorder;
    reorder.id = job;
    if (rng_.chance(50)) reorder.priority = static_cast<int>(rng_.below(5)) - 2;
    reorder.place = static_cast<input::ReorderJob::Place>(rng_.below(5));
    reorder.other = one_of(jobs);
    return reorder;
}

core::InputBody SimPeople::random_command(const std::vector<JobId>& jobs, const std::vector<ProjectId>& projects) {
    switch (rng_.below(5)) {
        case 0: return of_users();
        case 1: return of_groups();
        case 2: return of_pools();
        case 3:
            if (rng_.chance(15)) return input::TransferProject{one_of(projects), somebody()};
            [[fallthrough]];
        default: return jobs.empty() ? of_pools() : of_queue(jobs);
    }
}

}  // namespace pintle::sim
