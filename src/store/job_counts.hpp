#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "domain/ids.hpp"
#include "store/sqlite.hpp"

/// The numbers of jobs by project and state, as they are kept up to date. Private to this module.
namespace pintle::store {

/// What the jobs of one commit change in these numbers, gathered so that each number is written once. Jobs that are
/// deleted are counted by a trigger, so what was gathered is written before.
class JobCounts {
public:
    void entered(const domain::ProjectId& project, std::string_view state) { change(project, state, 1); }
    void left(const domain::ProjectId& project, std::string_view state) { change(project, state, -1); }
    /// Nothing is gathered afterwards.
    [[nodiscard]] Result<void> write(Connection& connection);

private:
    void change(const domain::ProjectId& project, std::string_view state, std::int64_t by);

    std::map<std::pair<domain::ProjectId, std::string>, std::int64_t> changes_;
};

}  // namespace pintle::store
