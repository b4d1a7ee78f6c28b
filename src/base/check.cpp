#include "base/check.hpp"

#include <cstdio>
#include <cstdlib>

namespace pintle {

void check(bool holds, std::string_view message, SourceLocation where) {
    if (holds) return;
    std::fprintf(stderr, "pintle: broken invariant: %.*s (%s:%d)\n", static_cast<int>(message.size()), message.data(),
                 where.file, where.line);
    std::abort();
}

void unreachable(SourceLocation where) {
    check(false, "a place that cannot be reached was reached", where);
    std::abort();
}

}  // namespace pintle
