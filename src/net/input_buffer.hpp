#pragma once

#include <cstddef>
#include <string_view>
#include <utility>
#include <vector>

namespace pintle::net {

/// What a socket delivered and the parser has not consumed. One thread.
class InputBuffer {
public:
    [[nodiscard]] std::string_view unread() const { return {data_.data() + begin_, end_ - begin_}; }
    void consume(std::size_t bytes);
    /// Room to read into, at least `most` bytes unless the limit is near; valid until the next call of anything but
    /// commit(). Empty when `limit` bytes are unread.
    [[nodiscard]] std::pair<char*, std::size_t> room(std::size_t most, std::size_t limit);
    void commit(std::size_t bytes) { end_ += bytes; }
    void clear() { begin_ = end_ = 0; }
    /// Gives memory back that only a large body needed.
    void shrink();

private:
    std::vector<char> data_;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
};

}  // namespace pintle::net
