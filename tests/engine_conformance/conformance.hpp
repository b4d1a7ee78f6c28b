#pragma once

#include <functional>
#include <memory>
#include <string>

#include "engine/engine.hpp"
#include "engine_conformance/recorder.hpp"

namespace pintle::testing {

/// An engine to be held to the contract of engine/engine.hpp.
struct Subject {
    /// Opens an engine on one and the same place each time: what an earlier one did is known to the later.
    std::function<std::unique_ptr<engine::Engine>(engine::Engine::Sink)> open;
    /// A folder that the test and the replicas share under the same path.
    std::string shared_folder;
    /// What every launch needs on this engine, such as an image.
    std::function<void(engine::ReplicaLaunch&)> complete = [](engine::ReplicaLaunch&) {};
    int many = 200;             ///< Replicas at once.
    bool has_machines = true;   ///< Counts the machines; otherwise another engine on them does.
};

/// The contract, as doctest subcases: call it in a test case of its own, with a fresh subject each time.
void check_conformance(const Subject& subject);

/// A launch of that command as the `number`-th replica of this test program's own job.
[[nodiscard]] engine::ReplicaLaunch a_launch(const std::string& folder, const std::string& command, int number = 0,
                                             int attempt = 1);
/// Everything a launch has printed, byte for byte.
[[nodiscard]] std::string output_of(const engine::ReplicaLaunch& launch);

}  // namespace pintle::testing
