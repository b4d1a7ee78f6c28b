#pragma once

#include <atomic>
#include <memory>

#include "api/api.hpp"
#include "api/change_feed.hpp"
#include "api/executor.hpp"
#include "api/file_desk.hpp"
#include "api/queue_view.hpp"
#include "api/sign_in_desk.hpp"
#include "api/stream_pump.hpp"

namespace pintle::api {

/// What the handlers share. Constant after construction; its parts are thread safe.
struct Services {
    Services(const ApiDeps& d, ApiOptions o)
        : deps(d),
          options(std::move(o)),
          started_at(d.clock.now()),
          executor(std::make_shared<Executor>(options.reply_threads)),
          feed(d.runtime.changes(), d.runtime.cluster_news(), d.readers),
          queue(d.runtime, d.clock) {}

    const ApiDeps deps;
    const ApiOptions options;
    const Time started_at;
    std::atomic<std::uint64_t> requests{0};  ///< Since then.
    const std::shared_ptr<Executor> executor;
    SignInDesk desk;
    LimitedExecutor imports{2, 20};  ///< Reading repositories takes as long as they take to answer.
    LimitedExecutor lookups{2, 20};  ///< Of the names of machines that sources are at.
    FileDesk files;
    StreamPump pump;
    ChangeFeed feed;  ///< Goes before the pump, which its watchers wake.
    QueueView queue;
};

}  // namespace pintle::api
