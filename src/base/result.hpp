#pragma once

#include <string>
#include <utility>

#include <fmt/core.h>
#include <tl/expected.hpp>

#include "base/error.hpp"

namespace pintle {

/// Either a value or the reason why there is none. Handle it or return it; never log and return.
template <class T>
using Result = tl::expected<T, Error>;

/// Makes the failing side of a Result: `return fail(ErrorCode::kNotFound, "project {} …", name);`
template <class... Args>
[[nodiscard]] tl::unexpected<Error> fail(ErrorCode code, fmt::format_string<Args...> text, Args&&... args) {
    return tl::unexpected<Error>(Error{code, fmt::format(text, std::forward<Args>(args)...), {}, {}});
}

[[nodiscard]] inline tl::unexpected<Error> fail(Error error) { return tl::unexpected<Error>(std::move(error)); }

}  // namespace pintle

/// Unwraps a Result or returns its error from the enclosing function. A GNU statement expression, which both
/// supported compilers accept; the counter keeps nested uses apart.
#define TRY(expression) PINTLE_TRY_NAMED(expression, __COUNTER__)
#define PINTLE_TRY_NAMED(expression, number) PINTLE_TRY_AS(expression, PINTLE_JOIN(try_result_, number))
#define PINTLE_JOIN(a, b) a##b
#define PINTLE_TRY_AS(expression, name)                    \
    __extension__({                                        \
        auto&& name = (expression);                        \
        if (!name) {                                       \
            return ::pintle::fail(std::move(name).error()); \
        }                                                  \
        ::pintle::detail::unwrap(std::move(name));         \
    })

namespace pintle::detail {
template <class T>
T unwrap(tl::expected<T, Error>&& result) {
    return std::move(*result);
}
inline void unwrap(tl::expected<void, Error>&&) {}
}  // namespace pintle::detail
