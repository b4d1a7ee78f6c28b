#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "gateway/pass.hpp"

namespace pintle::gateway {

/// A component as a visitor finds it at one moment. A value.
struct Endpoint {
    enum class State {
        kRunning,
        kStarting,  ///< Its sources and packages are prepared.
        kWaiting,   ///< For its turn, or for GPUs.
        kStopping,
        kPaused,    ///< It was idle; anybody who may open it may resume it.
        kDisabled,
        kFailing,   ///< It ended by itself and is started again later.
    };
    State state = State::kDisabled;
    std::string reason;        ///< Why, as a sentence without its end; may be empty.
    domain::ProjectId project;
    std::string name;
    std::string project_name;
    bool is_jupyter = false;   ///< It can be asked for what its kernels do.
    domain::JobId job;         ///< Where it runs or will; empty otherwise.
    Time started_at{};         ///< While it runs.
    std::string host;          ///< An address, while it runs.
    std::uint16_t port = 0;    ///< 0: it serves no pages.
    std::string token;         ///< By which the component knows that a request comes through the server.
};

/// How a component was used, as far as the gateway can see. `last_activity` is the last moment at which a person or a
/// program did something; an open page is not something.
struct Use {
    domain::JobId job;
    Time last_activity{};
    bool busy = false;
};

/// What the gateway knows of the rest of the server. Any thread; may read the store.
class Directory {
public:
    virtual ~Directory() = default;
    /// kNotFound when there is no such component.
    [[nodiscard]] virtual Result<Endpoint> find(const domain::ProjectId& project, const std::string& name) = 0;
    /// Whether who has the pass may open its component at this moment: kUnauthorized when the sign-in behind it has
    /// ended, kDenied and kNotFound as everywhere.
    [[nodiscard]] virtual Result<void> admit(const Pass& pass) = 0;
    /// Lets a paused component run again.
    [[nodiscard]] virtual Result<void> resume(const Pass& pass) = 0;
    [[nodiscard]] virtual std::vector<Endpoint> running() = 0;
    virtual void seen(const Use& use) = 0;
};

}  // namespace pintle::gateway
