#include "form/template_lexer.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "form/go_quote.hpp"

namespace pintle::form {

tl::unexpected<Error> template_error(std::string_view text, std::size_t offset, std::string message) {
    const std::string_view before = text.substr(0, std::min(offset, text.size()));
    const int line = 1 + static_cast<int>(std::count(before.begin(), before.end(), '\n'));
    const std::size_t begin = before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1;
    int column = 1;
    for (const char c : before.substr(begin)) column += (static_cast<unsigned char>(c) & 0xc0) == 0x80 ? 0 : 1;
    Error error{
        ErrorCode::kInvalid, fmt::format("line {}, column {} of the template: {}", line, column, message), {}, {}};
    error.details.push_back({"", std::move(message), line, column});
    return fail(std::move(error));
}

namespace {

constexpr std::string_view kLeft = "{{";
constexpr std::string_view kRight = "}}";
constexpr std::string_view kSpaces = " \t\r\n";
constexpr std::array<std::string_view, 11> kKeywords{"block", "break", "continue", "define", "else", "end",
                                                     "if",    "range", "template", "with",   "nil"};

bool is_space(char c) { return kSpaces.find(c) != std::string_view::npos; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
// Beyond ASCII every character counts as a letter: Go asks Unicode, and no operator is written there.
bool is_word(char c) {
    return is_digit(c) || c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           static_cast<unsigned char>(c) >= 0x80;
}

std::string_view trimmed_right(std::string_view text) {
    const std::size_t last = text.find_last_not_of(kSpaces);
    return last == std::string_view::npos ? std::string_view{} : text.substr(0, last + 1);
}

class Lexer {
public:
    explicit Lexer(std::string_view text) : text_(text) {}

    Result<std::vector<Token>> run() {
        while (true) {
            const std::size_t left = text_.find(kLeft, at_);
            if (left == std::string_view::npos) break;
            const bool trims = left + 3 < text_.size() && text_[left + 2] == '-' && is_space(text_[left + 3]);
            push_text(text_.substr(at_, left - at_), trims);
            at_ = left + (trims ? 3 : 2);
            if (is_comment()) {
                TRY(skip_comment(left));
                continue;
            }
            tokens_.push_back({TokenKind::kLeftDelim, "{{", left, false});
            TRY(action(left));
        }
        push_text(text_.substr(at_), false);
        tokens_.push_back({TokenKind::kEnd, "", text_.size(), false});
        return std::move(tokens_);
    }

private:
    void push_text(std::string_view text, bool trims_end) {
        const std::size_t offset = at_;
        if (trims_start_) {
            const std::size_t first = text.find_first_not_of(kSpaces);
            text = first == std::string_view::npos ? std::string_view{} : text.substr(first);
        }
        if (trims_end) text = trimmed_right(text);
        trims_start_ = false;
        if (!text.empty()) tokens_.push_back({TokenKind::kText, std::string(text), offset, false});
    }

    [[nodiscard]] bool is_comment() const {
        const std::size_t first = text_.find_first_not_of(kSpaces, at_);
        // Only a trim marker may have white space between it and the comment.
        const bool near = at_ < text_.size() && (text_[at_ - 1] == '-' || first == at_);
        return near && first != std::string_view::npos && text_.substr(first, 2) == "/*";
    }

    Result<void> skip_comment(std::size_t left) {
        const std::size_t end = text_.find("*/", at_);
        if (end == std::string_view::npos) return template_error(text_, left, "this comment has no end */");
        at_ = end + 2;
        if (takes_right_delim()) return {};
        return template_error(text_, at_, "a comment ends in */}} or */ -}}");
    }

    // "}}" or " -}}".
    bool takes_right_delim() {
        const std::string_view rest = text_.substr(at_);
        if (rest.starts_with(kRight)) {
            at_ += 2;
            return true;
        }
        if (rest.size() >= 4 && is_space(rest[0]) && rest.substr(1, 3) == "-}}") {
            at_ += 4;
            trims_start_ = true;
            return true;
        }
        return false;
    }

    Result<void> action(std::size_t left) {
        int parens = 0;
        while (true) {
            const std::size_t before = at_;
            bool spaced = false;
            while (true) {
                if (takes_right_delim()) {
                    if (parens > 0) return template_error(text_, before, "a parenthesis is not closed");
                    tokens_.push_back({TokenKind::kRightDelim, "}}", before, spaced});
                    return {};
                }
                if (at_ >= text_.size()) return template_error(text_, left, "this action is not closed: }} is missing");
                if (!is_space(text_[at_])) break;
                spaced = true;
                ++at_;
            }
            Token token{TokenKind::kEnd, "", at_, spaced};
            TRY(inside(token));
            if (token.kind == TokenKind::kLeftParen) ++parens;
            if (token.kind == TokenKind::kRightParen && --parens < 0)
                return template_error(text_, token.offset, "there is a ) too much");
            tokens_.push_back(std::move(token));
        }
    }

    Result<void> inside(Token& token) {
        const char c = text_[at_];
        const char next = at_ + 1 < text_.size() ? text_[at_ + 1] : '\0';
        const auto simple = [&](TokenKind kind, std::size_t size) -> Result<void> {
            token.kind = kind;
            token.text = std::string(text_.substr(at_, size));
            at_ += size;
            return {};
        };
        if (c == ':' && next == '=') return simple(TokenKind::kDeclare, 2);
        if (c == '=') return simple(TokenKind::kAssign, 1);
        if (c == '|') return simple(TokenKind::kPipe, 1);
        if (c == ',') return simple(TokenKind::kComma, 1);
        if (c == '(') return simple(TokenKind::kLeftParen, 1);
        if (c == ')') return simple(TokenKind::kRightParen, 1);
        if (c == '"' || c == '`') return quoted(token);
        if (c == '\'') return character(token);
        if (c == '.' && !is_digit(next)) return dotted(token);
        if (c == '$') return word(token, TokenKind::kVariable);
        if (is_digit(c) || c == '+' || c == '-' || c == '.') return number(token);
        if (is_word(c)) return word(token, TokenKind::kIdentifier);
        return template_error(text_, at_, fmt::format("unexpected character \"{}\"", c));
    }

    Result<void> quoted(Token& token) {
        const char quote = text_[at_];
        std::size_t end = at_ + 1;
        while (end < text_.size() && text_[end] != quote) {
            if (quote == '"' && text_[end] == '\n') break;
            end += quote == '"' && text_[end] == '\\' ? 2 : 1;
        }
        if (end >= text_.size() || text_[end] != quote)
            return template_error(text_, at_, "this text has no closing quote");
        const std::string_view content = text_.substr(at_ + 1, end - at_ - 1);
        token.kind = TokenKind::kString;
        if (quote == '`') {
            token.text = std::string(content);
        } else if (auto plain = go_unquote(content)) {
            token.text = std::move(*plain);
        } else {
            return template_error(text_, at_, "there is a backslash in this text that Go does not know");
        }
        at_ = end + 1;
        return after_word();
    }

    Result<void> character(Token& token) {
        std::size_t end = at_ + 1;
        while (end < text_.size() && text_[end] != '\'' && text_[end] != '\n') end += text_[end] == '\\' ? 2 : 1;
        if (end >= text_.size() || text_[end] != '\'')
            return template_error(text_, at_, "this character has no closing quote");
        token.kind = TokenKind::kNumber;
        token.text = std::string(text_.substr(at_, end + 1 - at_));
        at_ = end + 1;
        return after_word();
    }

    Result<void> dotted(Token& token) {
        std::size_t end = at_ + 1;
        while (end < text_.size() && is_word(text_[end])) ++end;
        token.kind = end == at_ + 1 ? TokenKind::kDot : TokenKind::kField;
        token.text = std::string(text_.substr(at_ + 1, end - at_ - 1));
        at_ = end;
        return after_word();
    }

    Result<void> word(Token& token, TokenKind kind) {
        std::size_t end = at_ + 1;
        while (end < text_.size() && is_word(text_[end])) ++end;
        token.kind = kind;
        token.text = std::string(text_.substr(at_, end - at_));
        at_ = end;
        if (kind == TokenKind::kIdentifier) {
            if (token.text == "true" || token.text == "false") token.kind = TokenKind::kBool;
            if (std::find(kKeywords.begin(), kKeywords.end(), token.text) != kKeywords.end())
                token.kind = token.text == "nil" ? TokenKind::kNil : TokenKind::kKeyword;
        }
        return after_word();
    }

    Result<void> number(Token& token) {
        std::size_t end = at_ + 1;
        while (end < text_.size()) {
            const char c = text_[end];
            const bool signs_exponent =
                (c == '+' || c == '-') && std::string_view("eEpP").find(text_[end - 1]) != std::string_view::npos;
            if (!is_word(c) && c != '.' && !signs_exponent) break;
            ++end;
        }
        token.kind = TokenKind::kNumber;
        token.text = std::string(text_.substr(at_, end - at_));
        at_ = end;
        return after_word();
    }

    // What may follow a word without white space between them.
    Result<void> after_word() {
        if (at_ >= text_.size() || is_space(text_[at_]) || text_.substr(at_).starts_with(kRight)) return {};
        if (std::string_view(".,|:=()").find(text_[at_]) != std::string_view::npos) return {};
        return template_error(text_, at_, fmt::format("unexpected character \"{}\"", text_[at_]));
    }

    const std::string_view text_;
    std::size_t at_ = 0;
    bool trims_start_ = false;  // Of the next text.
    std::vector<Token> tokens_;
};

}  // namespace

Result<std::vector<Token>> lex_template(std::string_view text) { return Lexer(text).run(); }

}  // namespace pintle::form
