#include "gateway/frame_reader.hpp"

#include <algorithm>

namespace pintle::gateway {
namespace {

constexpr unsigned kContinuation = 0;
constexpr unsigned kText = 1;
constexpr unsigned kBinary = 2;

unsigned byte_at(const std::string& text, std::size_t at) { return static_cast<unsigned char>(text[at]); }

}  // namespace

/// False while the head is not whole.
bool FrameReader::take_head() {
    if (head_.size() < 2) return false;
    const unsigned short_size = byte_at(head_, 1) & 0x7f;
    const bool masked = (byte_at(head_, 1) & 0x80) != 0;
    const std::size_t size_bytes = short_size == 126 ? 2 : short_size == 127 ? 8 : 0;
    const std::size_t whole = 2 + size_bytes + 4;
    if (head_.size() < whole) return false;
    // Browsers mask everything that they send.
    lost_ = !masked;
    size_ = size_bytes == 0 ? short_size : 0;
    for (std::size_t i = 0; i < size_bytes; ++i) size_ = size_ << 8 | byte_at(head_, 2 + i);
    std::copy_n(head_.begin() + static_cast<std::ptrdiff_t>(2 + size_bytes), 4, mask_.begin());
    const unsigned opcode = byte_at(head_, 0) & 0x0f;
    is_data_ = opcode == kText || opcode == kBinary || opcode == kContinuation;
    head_.clear();
    seen_ = 0;
    beginning_.clear();
    return true;
}

void FrameReader::take_payload(std::string_view& bytes) {
    const auto here = static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), size_ - seen_));
    for (std::size_t i = 0; i < here && beginning_.size() < kBeginningBytes; ++i)
        beginning_ += static_cast<char>(bytes[i] ^ mask_[(seen_ + i) % 4]);
    seen_ += here;
    bytes.remove_prefix(here);
    if (seen_ < size_) return;
    in_payload_ = false;
    if (is_data_ && size_ > 0) on_data_(beginning_, size_);
}

void FrameReader::feed(std::string_view bytes) {
    while (!lost_) {
        if (in_payload_) {
            take_payload(bytes);
            if (in_payload_) return;
            continue;
        }
        if (bytes.empty()) return;
        head_ += bytes.front();
        bytes.remove_prefix(1);
        in_payload_ = take_head();
    }
}

}  // namespace pintle::gateway
