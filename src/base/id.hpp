#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "base/rng.hpp"
#include "base/time.hpp"

namespace pintle {

/// A ULID (26 characters, sorts by creation time) that knows what it names, so that a job id cannot be passed
/// for a project id.
template <class Tag>
class Id {
public:
    Id() = default;
    explicit Id(std::string text) : text_(std::move(text)) {}
    [[nodiscard]] const std::string& str() const { return text_; }
    [[nodiscard]] bool empty() const { return text_.empty(); }
    auto operator<=>(const Id&) const = default;

private:
    std::string text_;
};

/// The 26 characters for a moment and 80 random bits.
[[nodiscard]] std::string make_ulid(Time time, std::uint64_t random_high, std::uint64_t random_low);
/// Whether the text could be an id: 26 characters of Crockford's alphabet.
[[nodiscard]] bool looks_like_ulid(std::string_view text);

}  // namespace pintle

template <class Tag>
struct std::hash<pintle::Id<Tag>> {
    std::size_t operator()(const pintle::Id<Tag>& id) const noexcept { return std::hash<std::string>{}(id.str()); }
};
