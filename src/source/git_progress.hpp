#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>

namespace pintle::source {

/// Makes sentences for people of what git prints while it fetches: the longer it takes, the rarer they are, and never
/// more than one in five minutes at last.
///
/// Pure; one thread.
class GitProgress {
public:
    using Moment = std::chrono::steady_clock::time_point;

    /// `shown` is the repository as people may see it.
    GitProgress(std::string shown, Moment begun, std::function<void(std::string)> tell)
        : shown_(std::move(shown)), tell_(std::move(tell)), due_(begun + kFirst) {}

    /// A line such as "Receiving objects:  45% (25/55), 1.90 GiB | 52.00 MiB/s"; others are left alone.
    void take(std::string_view line, Moment now);
    /// How far it has come: "45 % of the objects (2.0 GB)"; empty before anything came.
    [[nodiscard]] const std::string& so_far() const { return so_far_; }
    /// Whether what has come is there when it is fetched again: large files (git LFS) are, objects are not.
    [[nodiscard]] bool is_kept() const { return is_kept_; }

private:
    static constexpr std::chrono::seconds kFirst{5};

    const std::string shown_;
    const std::function<void(std::string)> tell_;
    Moment due_;
    std::chrono::seconds pause_ = kFirst;
    std::string so_far_;
    bool is_kept_ = false;
};

}  // namespace pintle::source
