#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "core/core.hpp"
#include "store/store.hpp"

namespace pintle::runtime {

/// What the shell hands on after a turn is on disk. The real one has threads behind it, the simulator's does not.
class TurnSink {
public:
    virtual ~TurnSink() = default;
    virtual void reply(core::Reply reply) = 0;
    virtual void carry_out(core::Effect effect) = 0;
    /// Everything up to this number of the change log can be read.
    virtual void committed(std::int64_t sequence) = 0;
    /// What the turn changed; all of it is on disk. Comes before committed() and the replies.
    virtual void changed(const std::vector<core::Input>& batch, const domain::Changes& changes,
                         const core::Core& core) {
        static_cast<void>(batch);
        static_cast<void>(changes);
        static_cast<void>(core);
    }
};

/// One turn of the loop: core.step(), commit, then replies and effects, in that order and never otherwise.
///
/// A commit that fails (a full disk) is handled like a crash: the core is loaded again from what is on disk, so
/// nothing that was not written is ever believed, and every command of the batch is answered with the error, as is
/// everybody who still waits for an earlier one.
/// Observations of that batch are not lost: engines keep them until told to forget, and `wants_listing()` asks
/// for them again.
///
/// Threading: the core thread only (the simulator's only thread). Owns the core; borrows the store and the sink.
class Shell {
public:
    /// Loads the live state.
    [[nodiscard]] static Result<std::unique_ptr<Shell>> recover(core::CoreOptions options,
                                                                std::vector<domain::Node> nodes, store::Store& store,
                                                                TurnSink& sink, Time now);

    /// Returns when the next turn is due even if nothing arrives.
    std::optional<Time> turn(const std::vector<core::Input>& batch, Time now);

    /// True after recover() and after a failed commit, until a turn had an EnginesListed among its inputs.
    [[nodiscard]] bool wants_listing() const { return wants_listing_; }
    [[nodiscard]] const core::Core& core() const { return *core_; }

private:
    Shell(core::CoreOptions options, std::vector<domain::Node> nodes, store::Store& store, TurnSink& sink);
    [[nodiscard]] Result<void> load(Time now);
    void refuse(const std::vector<core::Input>& batch, const Error& error);
    void forget_waiting(const std::vector<core::Input>& batch, const std::vector<core::Reply>& lost,
                        const Error& error);

    const core::CoreOptions options_;
    std::vector<domain::Node> nodes_;
    store::Store& store_;
    TurnSink& sink_;
    std::unique_ptr<core::Core> core_;
    bool stale_ = false;  ///< After a failed commit: core_ holds what was never written and is loaded again first.
    bool wants_listing_ = true;
};

}  // namespace pintle::runtime
