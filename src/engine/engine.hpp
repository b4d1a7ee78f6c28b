#pragma once

#include <compare>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "domain/job.hpp"
#include "domain/node.hpp"
#include "engine/usage.hpp"

namespace pintle::engine {

/// One start of one replica of one job. Every call to an engine names its subject by this, which makes the
/// calls idempotent: the same attempt is never started twice.
struct AttemptId {
    domain::JobId job;
    std::string replica;  ///< "worker-0"
    int attempt = 1;
    auto operator<=>(const AttemptId&) const = default;

    /// "01H…Z.worker-0.1": also a folder's name.
    [[nodiscard]] std::string str() const;
    [[nodiscard]] static std::optional<AttemptId> parse(std::string_view text);
};

/// A folder of the host that the replica sees at a path.
struct Mount {
    std::string host_path;
    std::string mount_path;
    bool read_only = false;
    bool operator==(const Mount&) const = default;
};

/// Everything an engine needs to start a replica; nothing is looked up later.
struct ReplicaLaunch {
    AttemptId id;
    std::string command;   ///< A bash script: the command with its arguments.
    std::string work_dir;  ///< Expanded by that shell; empty: a scratch folder of the job.
    std::vector<std::pair<std::string, std::string>> environment;  ///< Complete, in order.
    std::string image;     ///< For engines that run images; else ignored.
    std::vector<Mount> mounts;
    std::string host_name;  ///< The replica's own name, "train-worker-3-0.worker-3".
    std::string address;    ///< Its own address.
    std::vector<std::pair<std::string, std::string>> hosts;  ///< (address, name) of every replica of the job.
    domain::Quantities limits;  ///< 0: none.
    std::vector<int> devices;   ///< Indexes of its GPUs.
    std::string python_environment;  ///< A folder made by prepare_environment(); empty: none.
    /// Folders of the server's that it uses at their own paths; of those that run images, none.
    std::vector<std::string> own_folders = {};
    std::string log_folder;     ///< A log stream (series/log_writer.hpp) for its output.
    bool operator==(const ReplicaLaunch&) const = default;
};

/// What an engine saw of an attempt. The same may be reported twice, late, or again after a restart.
struct Observation {
    enum class Kind {
        kRunning,
        kExited,  ///< `exit` says how, also when it could not be started at all.
    };
    AttemptId id;
    Kind kind = Kind::kRunning;
    domain::ReplicaExit exit;
    bool operator==(const Observation&) const = default;
};

/// One thing that this machine can or cannot do, for `pintle doctor`.
struct Finding {
    enum class Level { kGood, kLimited, kMissing };
    std::string subject;  ///< "memory limits"
    Level level = Level::kGood;
    std::string message;  ///< What is so, and what to do about it.
};

/// Runs replicas. One contract for every kind of engine; tests/engine_conformance holds them to it.
///
/// Threading: every function may be called from any one thread at a time (the runtime's engine thread), except
/// prepare_environment(), prepare_image(), own_address(), usage(), machine_usage(), device_usage() and doctor(), which
/// may be called from others meanwhile.
/// The sink given to open() is called from the engine's own threads.
/// Failure: a Result error means nothing was started or stopped and the call may be repeated.
class Engine {
public:
    /// Where observations go. Must not block.
    using Sink = std::function<void(Observation)>;

    virtual ~Engine() = default;

    /// Begins to run the attempt; running and exit are reported through the sink. An attempt that was already
    /// started, even by an earlier life of the server, is left as it is.
    [[nodiscard]] virtual Result<void> start(const ReplicaLaunch& launch) = 0;
    /// Ends the attempt with everything it started: TERM, after `grace` KILL. Not an error when it does not
    /// run. A stop that overtakes its start wins: that attempt then never runs and is reported as exited.
    [[nodiscard]] virtual Result<void> stop(const AttemptId& id, Duration grace) = 0;
    /// Every attempt that the engine knows and was not told to forget, running or ended.
    [[nodiscard]] virtual Result<std::vector<Observation>> list() = 0;
    /// The attempt's end is on disk elsewhere; what the engine kept of it can go.
    [[nodiscard]] virtual Result<void> forget(const AttemptId& id) = 0;
    /// The machines it can use.
    [[nodiscard]] virtual Result<std::vector<domain::Node>> inventory() = 0;
    /// A folder with the Python packages of a requirements.txt installed, made once and shared by all who need
    /// the same. Blocks for as long as pip does; `progress` gets a sentence now and then.
    [[nodiscard]] virtual Result<std::string> prepare_environment(const std::string& requirements,
                                                                  const std::function<void(std::string)>& progress) = 0;
    /// Sees to it that the image is there for the job's replicas, if this engine runs images. Blocks for as long as a
    /// pull does; `progress` gets a sentence now and then. kUnavailable or kTimeout when trying again can help.
    [[nodiscard]] virtual Result<void> prepare_image(const domain::JobId& job, const std::string& image,
                                                     const std::function<void(std::string)>& progress);
    /// The address at which this machine reaches the attempt while it runs, if it is another than the launch's;
    /// else empty.
    [[nodiscard]] virtual Result<std::string> own_address(const AttemptId& id);
    /// What the attempts use, of those that run or have ended and were not forgotten; of the others nothing is told.
    [[nodiscard]] virtual std::map<AttemptId, Usage> usage(const std::vector<AttemptId>& ids);
    /// The same of whole machines, by their names; of those that the engine counts.
    [[nodiscard]] virtual std::map<std::string, Usage> machine_usage();
    /// Of the GPUs of these machines, of all that their drivers tell about. Answers within a second or two also when a
    /// driver hangs: then with kTimeout, and at once with kUnavailable for as long as it does.
    [[nodiscard]] virtual Result<std::vector<DeviceUsage>> device_usage();
    [[nodiscard]] virtual std::vector<Finding> doctor() = 0;
};

}  // namespace pintle::engine
