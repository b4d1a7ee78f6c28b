#pragma once

#include <cstdint>
#include <string>

#include "cli/command.hpp"

namespace pintle::cli {

/// "1.2 GB of 4.0 GB, 35 MB/s, 1 min 20 s left"; the rate and what is left only once there is something to go by. Pure.
[[nodiscard]] std::string transfer_in_words(std::int64_t done_bytes, std::int64_t total_bytes, std::int64_t moved_bytes,
                                            Duration spent);

/// The progress line of one file that is sent or fetched. One thread; borrows the context.
class TransferMeter {
public:
    /// `begin_bytes` of it are there already.
    TransferMeter(Context& context, std::string name, std::int64_t begin_bytes, std::int64_t total_bytes);
    /// Shows the line again, several times a second at most.
    void show(std::int64_t done_bytes);
    /// Shows it now, with why nothing moves.
    void pause(std::int64_t done_bytes, const std::string& why);

private:
    Context& context_;
    const std::string name_;
    const std::int64_t begin_bytes_;
    const std::int64_t total_bytes_;
    const Time began_;
    Time shown_{};
};

}  // namespace pintle::cli
