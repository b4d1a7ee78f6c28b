#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace pintle::series {

/// Numbers of few bytes, and a way to take bytes apart that cannot run over their end. Little-endian.

inline void put_varint(std::uint64_t number, std::string& out) {
    while (number >= 0x80) {
        out.push_back(static_cast<char>(number | 0x80));
        number >>= 7;
    }
    out.push_back(static_cast<char>(number));
}

/// Small numbers of either sign become small numbers without one.
[[nodiscard]] constexpr std::uint64_t zigzag(std::int64_t number) {
    return (static_cast<std::uint64_t>(number) << 1) ^ static_cast<std::uint64_t>(number >> 63);
}
[[nodiscard]] constexpr std::int64_t unzigzag(std::uint64_t number) {
    return static_cast<std::int64_t>((number >> 1) ^ (~(number & 1) + 1));
}
inline void put_zigzag(std::int64_t number, std::string& out) { put_varint(zigzag(number), out); }

template <class T>
void put_raw(T value, std::string& out) {
    char bytes[sizeof value];
    std::memcpy(bytes, &value, sizeof value);
    out.append(bytes, sizeof value);
}

/// Takes numbers from the front of bytes. What is not there is zero, and good() is false from then on.
class Bytes {
public:
    explicit Bytes(std::string_view bytes) : rest_(bytes) {}

    [[nodiscard]] bool good() const { return good_; }
    [[nodiscard]] bool empty() const { return rest_.empty(); }
    [[nodiscard]] std::string_view rest() const { return rest_; }
    /// As good as damaged, from now on.
    void spoil() {
        good_ = false;
        rest_ = {};
    }

    [[nodiscard]] std::uint64_t varint() {
        std::uint64_t number = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            if (rest_.empty()) break;
            const auto byte = static_cast<unsigned char>(rest_.front());
            rest_.remove_prefix(1);
            number |= std::uint64_t{byte & 0x7FU} << shift;
            if (byte < 0x80) return number;
        }
        spoil();
        return 0;
    }
    [[nodiscard]] std::int64_t signed_varint() { return unzigzag(varint()); }
    [[nodiscard]] std::string_view text(std::uint64_t size) {
        if (size > rest_.size()) {
            spoil();
            return {};
        }
        const std::string_view taken = rest_.substr(0, size);
        rest_.remove_prefix(size);
        return taken;
    }
    template <class T>
    [[nodiscard]] T raw() {
        T value{};
        const std::string_view bytes = text(sizeof value);
        if (bytes.size() == sizeof value) std::memcpy(&value, bytes.data(), sizeof value);
        return value;
    }

private:
    std::string_view rest_;
    bool good_ = true;
};

}  // namespace pintle::series
