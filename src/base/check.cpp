#include "base/check.hpp"

#include <cstdio>
#include <cstdlib>

namespace pintle {

void check(bool holds, std::string_view message, std::source_location where) {
    if (holds) return;
    std::fprintf(stderr, "pintle: broken invariant: %.*s (%s:%u)\n", static_cast<int>(message.size()), message.data(),
                 where.file_name(), where.line());
    std::abort();
}

void unreachable(std::source_location where) {
    check(false, "a place that cannot be reached was reached", where);
    std::abort();
}

}  // namespace pintle
