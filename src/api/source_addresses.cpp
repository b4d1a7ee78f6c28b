#include "api/source_addresses.hpp"

#include <future>
#include <set>

namespace pintle::api {
namespace {

constexpr Duration kPatience = std::chrono::seconds(2);

using Wanted = std::vector<std::pair<std::size_t, domain::Source>>;

// Looking up names may take long. Where it does, or too many are looked up at once, nothing is found to say here.
std::vector<Fault> faults_of(Call& call, Wanted wanted) {
    auto found = std::make_shared<std::promise<std::vector<Fault>>>();
    std::future<std::vector<Fault>> faults = found->get_future();
    const bool taken =
        call.services.lookups.post([found, &sources = call.services.deps.sources, wanted = std::move(wanted)] {
            std::vector<Fault> faults_found;
            for (const auto& [index, source] : wanted) {
                const auto checked = sources.check_address(source);
                if (!checked && checked.error().code == ErrorCode::kDenied)
                    faults_found.push_back({fmt::format("sources[{}]", index), checked.error().message, 0, 0});
            }
            found->set_value(std::move(faults_found));
        });
    if (!taken || faults.wait_for(kPatience) != std::future_status::ready) return {};
    return faults.get();
}

Result<void> check(Call& call, Wanted wanted, const domain::ProjectSpec& spec) {
    if (wanted.empty()) return {};
    std::vector<Fault> faults = faults_of(call, std::move(wanted));
    if (faults.empty()) return {};
    std::string message =
        fmt::format("a source of the project {} is where none may be: {}", spec.name, faults.front().message);
    return fail(Error{ErrorCode::kDenied, std::move(message), std::move(faults), {}});
}

}  // namespace

Result<void> check_source_addresses(Call& call, const domain::ProjectSpec& spec, const domain::ProjectSpec* before) {
    if (call.services.deps.sources.allows_private_addresses()) return {};
    Wanted wanted;
    for (std::size_t i = 0; i < spec.sources.size(); ++i) {
        const domain::Source* same = before == nullptr ? nullptr : before->find_source(spec.sources[i].name);
        if (same == nullptr || same->origin != spec.sources[i].origin) wanted.emplace_back(i, spec.sources[i]);
    }
    return check(call, std::move(wanted), spec);
}

Result<void> check_task_addresses(Call& call, const domain::ProjectSpec& spec, const domain::Task& task) {
    if (call.services.deps.sources.allows_private_addresses()) return {};
    std::set<std::string> mounted;
    for (const domain::Resource& resource : task.resources) {
        const auto volumes = domain::resolve_volumes(spec, resource);
        if (!volumes) continue;  // The core says what is wrong with them.
        for (const domain::ResolvedVolume& volume : *volumes) mounted.insert(volume.source);
    }
    Wanted wanted;
    for (std::size_t i = 0; i < spec.sources.size(); ++i) {
        if (mounted.contains(spec.sources[i].name)) wanted.emplace_back(i, spec.sources[i]);
    }
    return check(call, std::move(wanted), spec);
}

}  // namespace pintle::api
