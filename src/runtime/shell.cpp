#include "runtime/shell.hpp"

#include <set>

#include "base/log.hpp"

namespace pintle::runtime {

Shell::Shell(core::CoreOptions options, std::vector<domain::Node> nodes, store::Store& store, TurnSink& sink)
    : options_(std::move(options)), nodes_(std::move(nodes)), store_(store), sink_(sink) {}

Result<std::unique_ptr<Shell>> Shell::recover(core::CoreOptions options, std::vector<domain::Node> nodes,
                                              store::Store& store, TurnSink& sink, Time now) {
    std::unique_ptr<Shell> shell(new Shell(std::move(options), std::move(nodes), store, sink));
    TRY(shell->load(now));
    return shell;
}

Result<void> Shell::load(Time now) {
    domain::LiveState live = TRY(store_.load_live());
    core_ = std::make_unique<core::Core>(options_, std::move(live));
    stale_ = false;
    wants_listing_ = true;
    std::vector<core::Effect> effects = core_->resume();
    // What the nodes' return lets begin is committed like any other turn.
    turn({core::Input{core::input::NodesChanged{nodes_}, 0}}, now);
    for (core::Effect& effect : effects) sink_.carry_out(std::move(effect));
    return {};
}

void Shell::refuse(const std::vector<core::Input>& batch, const Error& error) {
    for (const core::Input& input : batch) {
        if (input.ticket != 0) sink_.reply({input.ticket, fail(error)});
    }
}

// Those who asked earlier. What they asked for is on disk and goes on, but the core that knew of them is given up.
void Shell::forget_waiting(const std::vector<core::Input>& batch, const std::vector<core::Reply>& lost,
                           const Error& error) {
    std::set<std::uint64_t> tickets;
    for (const std::uint64_t held : core_->held_tickets()) tickets.insert(held);
    for (const core::Reply& reply : lost) tickets.insert(reply.ticket);
    for (const core::Input& input : batch) tickets.erase(input.ticket);
    for (const std::uint64_t ticket : tickets) {
        if (ticket != 0)
            sink_.reply(
                {ticket,
                 fail(error.context(
                     "what was asked for is not done yet, and goes on as soon as the server can write its state"))});
    }
}

std::optional<Time> Shell::turn(const std::vector<core::Input>& batch, Time now) {
    constexpr Duration kRetry = std::chrono::seconds(1);
    // First of all: nobody tells of it again when this turn is lost.
    for (const core::Input& input : batch) {
        if (const auto* changed = std::get_if<core::input::NodesChanged>(&input.body)) nodes_ = changed->nodes;
    }
    if (stale_) {
        if (const auto loaded = load(now); !loaded || stale_) {
            refuse(batch,
                   loaded ? Error{ErrorCode::kUnavailable, "the server cannot write its state at the moment", {}, {}}
                          : loaded.error());
            return now + kRetry;
        }
    }
    core::StepResult result = core_->step(batch, now);
    if (!result.changes.empty()) {
        const auto sequence = store_.commit(result.changes, now);
        if (!sequence) {
            log::error("store.commit_failed", {{"error", sequence.error().message}});
            refuse(batch, sequence.error().context("nothing was changed"));
            forget_waiting(batch, result.replies, sequence.error());
            stale_ = true;
            return now + kRetry;
        }
        sink_.changed(batch, result.changes, *core_);
        sink_.committed(*sequence);
    } else {
        sink_.changed(batch, result.changes, *core_);
    }
    for (const core::Input& input : batch) {
        if (std::holds_alternative<core::input::EnginesListed>(input.body)) wants_listing_ = false;
    }
    for (core::Reply& reply : result.replies) sink_.reply(std::move(reply));
    for (core::Effect& effect : result.effects) sink_.carry_out(std::move(effect));
    return result.next_wakeup;
}

}  // namespace pintle::runtime
