#include "gateway/use_watch.hpp"

#include <algorithm>

#include "base/log.hpp"
#include "gateway/jupyter_use.hpp"

namespace pintle::gateway {

UseWatch::UseWatch(Directory& directory, const PersonTraffic& traffic, Duration interval)
    : directory_(directory), traffic_(traffic), interval_(interval), thread_([this] { run(); }) {}

UseWatch::~UseWatch() {
    {
        const std::lock_guard lock(mu_);
        stopping_ = true;
    }
    changed_.notify_all();
    thread_.join();
}

void UseWatch::run() {
    std::unique_lock lock(mu_);
    while (!changed_.wait_for(lock, interval_, [this] { return stopping_; })) {
        lock.unlock();
        look_at_all();
        lock.lock();
    }
}

Result<Use> UseWatch::look(const Endpoint& endpoint, const PersonTraffic& traffic) {
    Use use;
    use.job = endpoint.job;
    if (endpoint.is_jupyter) {
        net::HttpClient client;
        use = TRY(ask_jupyter(client, endpoint));
    }
    use.last_activity = std::max({use.last_activity, traffic.last(endpoint), endpoint.started_at});
    return use;
}

void UseWatch::look_at_all() {
    for (const Endpoint& endpoint : directory_.running()) {
        {
            const std::lock_guard lock(mu_);
            if (stopping_) return;
        }
        const auto use = look(endpoint, traffic_);
        if (use) {
            directory_.seen(*use);
        } else {
            log::debug("component.not_asked", {{"component", endpoint.name}, {"reason", use.error().message}});
        }
    }
}

}  // namespace pintle::gateway
