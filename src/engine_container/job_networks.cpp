#include "engine_container/job_networks.hpp"

#include "base/log.hpp"

namespace pintle::engine_container {

Result<NetworkInfo> JobNetworks::of(const domain::JobId& job, const Connected& on) {
    return known_.with([&](auto& map) -> Result<NetworkInfo> {
        if (const auto known = map.find(job.str()); known != map.end()) return known->second;
        const std::string name = marks_.network(job);
        auto there = on.service.network(name);
        if (!there && there.error().code == ErrorCode::kNotFound) {
            // Docker keeps its networks apart anyway.
            const bool is_podman = on.info.name == "podman";
            TRY(on.service.make_network(name, marks_.labels(job),
                                        is_podman ? Service::Texts{{"isolate", "true"}} : Service::Texts()));
            there = on.service.network(name);
        }
        if (!there) return there;
        there->rootless = on.info.rootless;
        return map[job.str()] = *there;
    });
}

Result<void> JobNetworks::sweep(const Connected& on, const std::function<bool(const std::string& job)>& has_attempts,
                                const std::function<void(const NetworkInfo&)>& gone) {
    for (const Labelled& network : TRY(on.service.networks(marks_.label()))) {
        const auto label = network.labels.find(std::string(kJobLabel));
        const std::string job = label == network.labels.end() ? "" : label->second;
        TRY(known_.with([&](auto& map) -> Result<void> {
            if (has_attempts(job)) return {};
            const auto info = on.service.network(network.name);
            const auto removed = on.service.remove_network(network.name);
            if (!removed && is_away(removed.error())) return fail(removed.error());
            if (!removed)
                log::warn("containers.not_removed", {{"network", network.name}, {"reason", removed.error().message}});
            if (!removed) return {};
            map.erase(job);
            if (info && gone) gone(*info);
            return {};
        }));
    }
    return {};
}

}  // namespace pintle::engine_container
