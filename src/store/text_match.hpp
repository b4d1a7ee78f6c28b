#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/text.hpp"

namespace pintle::store {

/// The free text of a filter: found as it stands, in any case of ASCII letters. No character has a meaning.
class TextMatch {
public:
    static constexpr std::size_t kLongest = 200;

    [[nodiscard]] static Result<TextMatch> of(std::string_view text) {
        if (text.size() <= kLongest) return TextMatch(to_lower(text));
        return fail(ErrorCode::kInvalid, "text: expected at most {} bytes to search for, got {}", kLongest,
                    text.size());
    }
    /// Whether any of them holds the text; an empty text is in everything.
    [[nodiscard]] bool in(std::initializer_list<std::string_view> candidates) const {
        if (text_.empty()) return true;
        for (const std::string_view candidate : candidates) {
            if (to_lower(candidate).find(text_) != std::string::npos) return true;
        }
        return false;
    }

private:
    explicit TextMatch(std::string text) : text_(std::move(text)) {}
    std::string text_;
};

}  // namespace pintle::store
