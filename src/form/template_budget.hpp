#pragma once

#include <cstddef>

#include "base/result.hpp"

namespace pintle::form {

/// What one rendering may use, so that no template takes the server's time or memory: each step, and each byte that is
/// made, is charged before it is used.
class TemplateBudget {
public:
    struct Limits {
        std::size_t output_bytes = 1u << 20;
        std::size_t work_bytes = 16u << 20;  ///< Of all texts, lists and mappings that functions make.
        std::size_t steps = 1'000'000;       ///< Commands and turns of loops.
        int depth = 50;                      ///< Of templates that call each other.
    };

    explicit TemplateBudget(Limits limits) : limits_(limits) {}

    [[nodiscard]] Result<void> step() {
        if (++steps_ <= limits_.steps) return {};
        return fail(ErrorCode::kInvalid, "it takes more than {} steps; is a loop without an end in it?", limits_.steps);
    }
    [[nodiscard]] Result<void> make(std::size_t bytes) {
        if (bytes <= limits_.work_bytes - work_) {
            work_ += bytes;
            return {};
        }
        return fail(ErrorCode::kInvalid, "it computes with more than {} MiB", limits_.work_bytes >> 20);
    }
    [[nodiscard]] Result<void> output(std::size_t bytes) {
        if (bytes <= limits_.output_bytes - output_) {
            output_ += bytes;
            return {};
        }
        return fail(ErrorCode::kInvalid, "it renders more than {} kiB", limits_.output_bytes >> 10);
    }
    [[nodiscard]] Result<void> enter() {
        if (++depth_ <= limits_.depth) return {};
        return fail(ErrorCode::kInvalid, "templates call each other more than {} deep", limits_.depth);
    }
    void leave() { --depth_; }

private:
    const Limits limits_;
    std::size_t steps_ = 0;
    std::size_t work_ = 0;
    std::size_t output_ = 0;
    int depth_ = 0;
};

}  // namespace pintle::form
