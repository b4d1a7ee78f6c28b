#pragma once

#include <memory>

#include "base/result.hpp"
#include "os/child.hpp"

namespace pintle::source {

/// Programs that send a file of a server into a pipe, while somebody reads it: looked after until they have ended, and
/// ended as soon as nobody reads any more. There are at most so many at a time.
///
/// Threading: any thread; one of its own waits for all of them. Ownership: owns the processes; dropped, it ends them.
class FileSenders {
public:
    explicit FileSenders(std::size_t most);
    ~FileSenders();

    /// Whether one more may be started: kUnavailable when there are too many.
    [[nodiscard]] Result<void> check_room() const;
    /// Looks after a program, and returns the end that it is read from, which does not block.
    [[nodiscard]] os::UniqueFd keep(os::Child child);

private:
    struct Shared;
    const std::unique_ptr<Shared> shared_;
};

}  // namespace pintle::source
