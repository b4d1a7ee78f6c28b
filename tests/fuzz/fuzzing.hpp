#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace pintle::fuzzing {

/// What the fuzz targets share: rules that abort when they are broken, and ways to take an input apart.

/// The fuzzer takes the abort for a fault and keeps the input.
inline void require(bool holds, std::string_view rule, std::string_view detail = {}) {
    if (holds) return;
    std::fprintf(stderr, "broken rule: %.*s\n%.*s\n", static_cast<int>(rule.size()), rule.data(),
                 static_cast<int>(detail.size()), detail.data());
    std::abort();
}

template <class T>
T must(Result<T> result, std::string_view rule) {
    if (!result) require(false, rule, describe(result.error()));
    return std::move(*result);
}

/// What every refusal of a document owes its author: words, and the place where the first fault is.
inline void require_told(const Error& error) {
    require(!error.message.empty(), "an error has a message");
    if (error.code != ErrorCode::kInvalid) return;
    require(!error.details.empty(), "a refused document has a fault", error.message);
    const Fault& fault = error.details.front();
    require(fault.line > 0 && fault.column > 0, "a fault has a place", to_string(fault));
    require(!fault.message.empty(), "a fault says what is wrong", error.message);
}

/// Takes numbers from the front of an input; zeros once it is used up.
class Input {
public:
    Input(const std::uint8_t* data, std::size_t size) : rest_(reinterpret_cast<const char*>(data), size) {}

    [[nodiscard]] bool empty() const { return rest_.empty(); }
    [[nodiscard]] std::uint8_t byte() { return static_cast<std::uint8_t>(take(1)[0]); }
    [[nodiscard]] std::uint16_t word() {
        const auto high = byte();
        return static_cast<std::uint16_t>(high << 8 | byte());
    }
    [[nodiscard]] std::uint64_t number() {
        std::uint64_t value = 0;
        for (int i = 0; i < 8; ++i) value = value << 8 | byte();
        return value;
    }
    /// Up to `size` bytes.
    [[nodiscard]] std::string_view text(std::size_t size) {
        const std::string_view taken = rest_.substr(0, size);
        rest_.remove_prefix(taken.size());
        return taken;
    }

private:
    std::string take(std::size_t size) {
        std::string taken(text(size));
        taken.resize(size, '\0');
        return taken;
    }

    std::string_view rest_;
};

inline std::string_view as_text(const std::uint8_t* data, std::size_t size) {
    return {reinterpret_cast<const char*>(data), size};
}

/// A text that arrives in pieces. The bytes behind the last 0xFF of the input are their sizes, less one, used in
/// turn; without such bytes every piece is one byte, so that a plain text file is a useful input.
class Pieces {
public:
    explicit Pieces(std::string_view input) : text_(input) {
        const std::size_t mark = input.rfind('\xFF');
        if (mark == std::string_view::npos) return;
        text_ = input.substr(0, mark);
        sizes_ = input.substr(mark + 1);
    }

    [[nodiscard]] std::string_view text() const { return text_; }
    [[nodiscard]] bool more() const { return at_ < text_.size(); }
    [[nodiscard]] std::string_view next() {
        const std::size_t size = sizes_.empty() ? 1 : std::size_t{static_cast<std::uint8_t>(sizes_[taken_++ % sizes_.size()])} + 1;
        const std::string_view piece = text_.substr(at_, size);
        at_ += piece.size();
        return piece;
    }

private:
    std::string_view text_;
    std::string_view sizes_;
    std::size_t at_ = 0;
    std::size_t taken_ = 0;
};

}  // namespace pintle::fuzzing
