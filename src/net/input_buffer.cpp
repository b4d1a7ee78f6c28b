#include "net/input_buffer.hpp"

#include <algorithm>

namespace pintle::net {
namespace {

constexpr std::size_t kSmallBytes = 16 << 10;

}  // namespace

void InputBuffer::consume(std::size_t bytes) {
    begin_ += bytes;
    if (begin_ == end_) clear();
}

std::pair<char*, std::size_t> InputBuffer::room(std::size_t most, std::size_t limit) {
    const std::size_t unread_bytes = end_ - begin_;
    const std::size_t wanted = std::min(most, limit - std::min(limit, unread_bytes));
    if (begin_ > 0 && data_.size() - end_ < wanted) {
        std::copy(data_.begin() + static_cast<std::ptrdiff_t>(begin_),
                  data_.begin() + static_cast<std::ptrdiff_t>(end_), data_.begin());
        end_ = unread_bytes;
        begin_ = 0;
    }
    if (data_.size() - end_ < wanted) data_.resize(end_ + wanted);
    return {data_.data() + end_, wanted};
}

void InputBuffer::shrink() {
    if (data_.size() <= kSmallBytes || begin_ != end_) return;
    data_ = {};
    clear();
}

}  // namespace pintle::net
