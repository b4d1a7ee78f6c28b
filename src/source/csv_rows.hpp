#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace pintle::source {

/// Takes comma-separated rows (RFC 4180) apart as they come, in pieces that end anywhere; quoted fields hold any bytes,
/// also ends of lines. Pure. One thread at a time.
class CsvRows {
public:
    using OnRow = std::function<void(const std::vector<std::string>& fields)>;
    explicit CsvRows(OnRow on_row) : on_row_(std::move(on_row)) {}
    void feed(std::string_view bytes);

private:
    enum class At { kField, kQuoted, kQuoteInQuoted };
    void take(char byte);
    void end_field();

    const OnRow on_row_;
    At at_ = At::kField;
    std::string field_;
    std::vector<std::string> fields_;
};

}  // namespace pintle::source
