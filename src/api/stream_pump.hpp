#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "base/time.hpp"

namespace pintle::api {

/// Writes one stream, a little at a time. It lives on the pump's thread once it was added.
class Producer {
public:
    /// Nothing more will come: the producer goes, and its stream with it.
    static constexpr Duration kDone = Duration(-1);

    virtual ~Producer() = default;
    /// Writes what there is, but not for long. Returns when to be called again: at once (0), after a time, or kDone.
    [[nodiscard]] virtual Duration step() = 0;
};

/// Has a producer called before its time. Thread safe; may outlive the pump.
class Poke {
public:
    void operator()() const;

private:
    friend class StreamPump;
    struct Bell;
    explicit Poke(std::shared_ptr<Bell> bell)
        : bell_(std::move(bell)), due_(std::make_shared<std::atomic<bool>>(false)) {}
    std::shared_ptr<Bell> bell_;
    std::shared_ptr<std::atomic<bool>> due_;
};

/// One thread that serves every open stream: followed logs, events, changes, downloads. No client holds a thread,
/// however slowly it reads, and none waits long for another, since every step is short.
///
/// Threading: any thread. Ownership: owns the producers; stop() drops them, which ends their streams.
class StreamPump {
public:
    StreamPump();
    ~StreamPump();

    /// Make the poke first, for the producer's watchers, then add the producer with it.
    [[nodiscard]] Poke make_poke() const { return Poke(bell_); }
    void add(std::unique_ptr<Producer> producer, const Poke& poke);
    void stop();

private:
    using SteadyTime = std::chrono::steady_clock::time_point;
    struct Entry {
        std::unique_ptr<Producer> producer;
        std::shared_ptr<std::atomic<bool>> poked;
        SteadyTime due;
    };
    void run();
    /// Steps every entry that is due; returns when the next one is.
    [[nodiscard]] static SteadyTime serve(std::vector<Entry>& entries);

    const std::shared_ptr<Poke::Bell> bell_;
    std::vector<Entry> added_;  // guarded by the bell's lock
    std::thread thread_;
};

}  // namespace pintle::api
