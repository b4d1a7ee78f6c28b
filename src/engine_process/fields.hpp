#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace pintle::engine_process {

/// Named texts in one small file: `name=value` with a NUL behind each, in order, names may repeat. The form in which
/// the engine and the supervisors tell each other things; needs no parser that could fail in a forked child.
///
/// A value. encode() fails for texts that this form cannot hold, decode() for bytes that encode() did not write.
class Fields {
public:
    void add(std::string_view name, std::string_view value);
    void add(std::string_view name, std::int64_t value);

    /// The first value of that name, or nothing.
    [[nodiscard]] const std::string* find(std::string_view name) const;
    [[nodiscard]] std::string text(std::string_view name) const;
    [[nodiscard]] std::int64_t number(std::string_view name) const;
    [[nodiscard]] const std::vector<std::pair<std::string, std::string>>& all() const { return fields_; }

    [[nodiscard]] Result<std::string> encode() const;
    [[nodiscard]] static Result<Fields> decode(std::string_view bytes);

private:
    std::vector<std::pair<std::string, std::string>> fields_;
};

}  // namespace pintle::engine_process
