#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace pintle::gateway {

/// Looks into what a browser sends over a WebSocket (RFC 6455), as it passes: which frames carry something and how
/// they begin. Keeps the beginning of one frame, no more. One thread. Nonsense makes it look no further.
class FrameReader {
public:
    /// A frame of text or bytes, or a part of one: the beginning of what it carries, unmasked, and how long it is.
    using OnData = std::function<void(std::string_view beginning, std::uint64_t size)>;

    explicit FrameReader(OnData on_data) : on_data_(std::move(on_data)) {}
    void feed(std::string_view bytes);

    static constexpr std::size_t kBeginningBytes = 512;

private:
    [[nodiscard]] bool take_head();
    void take_payload(std::string_view& bytes);

    const OnData on_data_;
    std::string head_;               // of the frame under way, until it is whole
    std::array<char, 4> mask_{};
    bool in_payload_ = false;
    bool is_data_ = false;
    bool lost_ = false;
    std::uint64_t size_ = 0;
    std::uint64_t seen_ = 0;
    std::string beginning_;
};

}  // namespace pintle::gateway
