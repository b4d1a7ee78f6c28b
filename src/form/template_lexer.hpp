#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace pintle::form {

enum class TokenKind {
    kText,        ///< Between actions; what trim markers take away is gone.
    kLeftDelim,   ///< `{{`, with or without a trim marker.
    kRightDelim,
    kIdentifier,  ///< A function's name.
    kKeyword,     ///< if, range, end, …
    kField,       ///< `.name`; the text is the name.
    kVariable,    ///< `$name`; the text has the dollar.
    kDot,
    kNil,
    kBool,
    kNumber,      ///< As written, also a character constant `'x'`.
    kString,      ///< The text is what it stands for.
    kDeclare,     ///< `:=`
    kAssign,
    kComma,
    kPipe,
    kLeftParen,
    kRightParen,
    kEnd,         ///< Of the template.
};

struct Token {
    TokenKind kind = TokenKind::kEnd;
    std::string text;
    std::size_t offset = 0;  ///< In the template's text, in bytes.
    bool spaced = false;     ///< Whether white space stands before it.
};

/// Cuts a template into tokens, by the rules of Go's text/template: delimiters `{{` and `}}`, trim markers `{{- ` and
/// ` -}}`, comments. Pure. Failure: kInvalid with line and column.
[[nodiscard]] Result<std::vector<Token>> lex_template(std::string_view text);

/// An error at a place of a template's text.
[[nodiscard]] tl::unexpected<Error> template_error(std::string_view text, std::size_t offset, std::string message);

}  // namespace pintle::form
