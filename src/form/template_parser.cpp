#include "form/template_parser.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include "form/go_quote.hpp"
#include "form/template_functions.hpp"
#include "form/template_lexer.hpp"

namespace pintle::form {
namespace {

// Enough for every template that a person wrote, and little enough for the stack.
constexpr int kDepthMost = 200;

std::string shown(const Token& token) {
    switch (token.kind) {
        case TokenKind::kEnd: return "the template's end";
        case TokenKind::kText: return "text";
        case TokenKind::kField: return "\"." + token.text + "\"";
        case TokenKind::kDot: return "\".\"";
        case TokenKind::kString: return go_quote(token.text);
        default: return fmt::format("\"{}\"", token.text);
    }
}

std::optional<TemplateValue> whole_number(std::string text) {
    text.erase(std::remove(text.begin(), text.end(), '_'), text.end());
    bool negative = false;
    if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
        negative = text[0] == '-';
        text.erase(0, 1);
    }
    int base = 10;
    if (text.size() > 1 && text[0] == '0') {
        const char kind = static_cast<char>(text[1] | 0x20);
        base = kind == 'x' ? 16 : kind == 'b' ? 2 : 8;
        text.erase(0, kind == 'x' || kind == 'b' || kind == 'o' ? 2 : 1);
    }
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
    if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    const std::uint64_t most = negative ? 1ULL << 63 : (1ULL << 63) - 1;
    if (value > most) return std::nullopt;
    return TemplateValue(static_cast<std::int64_t>(negative ? 0 - value : value));
}

std::optional<TemplateValue> fraction(std::string text) {
    text.erase(std::remove(text.begin(), text.end(), '_'), text.end());
    if (!text.empty() && text[0] == '+') text.erase(0, 1);
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value))
        return std::nullopt;
    return TemplateValue(value);
}

std::optional<TemplateValue> constant_of(const std::string& text) {
    if (text[0] == '\'') {
        const auto content =
            text == "'\\''" ? std::optional<std::string>("'") : go_unquote(text.substr(1, text.size() - 2));
        if (!content || content->empty()) return std::nullopt;
        const Character only = next_character(*content);
        if (only.size != content->size()) return std::nullopt;
        return TemplateValue(static_cast<std::int64_t>(only.code));
    }
    if (auto number = whole_number(text)) return number;
    return text.find_first_of(".eE") == std::string::npos ? std::nullopt : fraction(text);
}

class Parser {
public:
    Parser(std::string_view text, std::vector<Token> tokens) : text_(text), tokens_(std::move(tokens)) {}

    Result<ParsedTemplate> run() {
        const Stop stop = TRY(list(out_.root, true));
        if (stop != Stop::kTemplateEnd) return error(tokens_[at_ - 1], "there is an {{end}} or {{else}} too much");
        return std::move(out_);
    }

private:
    enum class Stop { kEnd, kElse, kTemplateEnd };

    tl::unexpected<Error> error(const Token& token, std::string message) const {
        return template_error(text_, token.offset, std::move(message));
    }
    [[nodiscard]] const Token& peek() const { return tokens_[at_]; }
    const Token& next() { return tokens_[at_ + 1 < tokens_.size() ? at_++ : at_]; }
    [[nodiscard]] bool is_keyword(std::string_view word) const {
        return peek().kind == TokenKind::kKeyword && peek().text == word;
    }

    Result<void> right_delim(std::string_view after) {
        const Token& token = next();
        if (token.kind != TokenKind::kRightDelim)
            return error(token, fmt::format("unexpected {} after {}", shown(token), after));
        return {};
    }

    // Up to its end, which is taken; of an else, only the word.
    Result<Stop> list(Nodes& out, bool is_top) {
        while (true) {
            const Token& token = next();
            if (token.kind == TokenKind::kEnd) {
                if (!is_top) return error(token, "the template ends before an {{end}}");
                return Stop::kTemplateEnd;
            }
            if (token.kind == TokenKind::kText) {
                out.push_back({Node::Kind::kText, token.offset, token.text, {}, {}, {}});
                continue;
            }
            if (is_keyword("end")) {
                next();
                TRY(right_delim("end"));
                return Stop::kEnd;
            }
            if (is_keyword("else")) {
                next();
                return Stop::kElse;
            }
            if (++depth_ > kDepthMost)
                return error(token, fmt::format("a template is nested at most {} deep", kDepthMost));
            TRY(action(out, is_top));
            --depth_;
        }
    }

    Result<void> action(Nodes& out, bool is_top) {
        const Token& first = peek();
        if (first.kind == TokenKind::kKeyword) {
            next();
            if (first.text == "if") return control(out, Node::Kind::kIf, first);
            if (first.text == "with") return control(out, Node::Kind::kWith, first);
            if (first.text == "range") return control(out, Node::Kind::kRange, first);
            if (first.text == "template") return call(out, first);
            if (first.text == "block") return block(out, first);
            if (first.text == "define") return define(first, is_top);
            return leave_loop(out, first);
        }
        Node node{Node::Kind::kAction, first.offset, "", {}, {}, {}};
        node.pipeline = TRY(pipeline(TokenKind::kRightDelim, "an action", 1));
        out.push_back(std::move(node));
        return {};
    }

    Result<void> leave_loop(Nodes& out, const Token& word) {
        if (loops_ == 0) return error(word, fmt::format("{{{{{}}}}} stands outside of a range", word.text));
        TRY(right_delim(word.text));
        out.push_back({word.text == "break" ? Node::Kind::kBreak : Node::Kind::kContinue, word.offset, "", {}, {}, {}});
        return {};
    }

    Result<void> control(Nodes& out, Node::Kind kind, const Token& word) {
        const std::size_t known = variables_.size();
        Node node{kind, word.offset, "", {}, {}, {}};
        node.pipeline = TRY(pipeline(TokenKind::kRightDelim, word.text, kind == Node::Kind::kRange ? 2 : 1));
        if (kind == Node::Kind::kRange) ++loops_;
        const Stop stop = TRY(list(node.body, false));
        if (kind == Node::Kind::kRange) --loops_;
        if (stop == Stop::kElse) TRY(otherwise(node, kind));
        variables_.resize(known);
        out.push_back(std::move(node));
        return {};
    }

    // `else if` is an if within the else that shares its end.
    Result<void> otherwise(Node& node, Node::Kind kind) {
        const bool chains =
            (kind == Node::Kind::kIf && is_keyword("if")) || (kind == Node::Kind::kWith && is_keyword("with"));
        if (chains) {
            if (++depth_ > kDepthMost)
                return error(peek(), fmt::format("a template is nested at most {} deep", kDepthMost));
            const Token& word = next();
            TRY(control(node.otherwise, kind, word));
            --depth_;
            return {};
        }
        TRY(right_delim("else"));
        const Token& begin = peek();
        if (TRY(list(node.otherwise, false)) == Stop::kElse)
            return error(begin, "there are two {{else}} of one action");
        return {};
    }

    Result<std::string> template_name(const Token& word) {
        const Token& name = next();
        if (name.kind != TokenKind::kString)
            return error(name,
                         fmt::format("{} needs the name of a template in quotes, not {}", word.text, shown(name)));
        return name.text;
    }

    Result<void> call(Nodes& out, const Token& word) {
        Node node{Node::Kind::kCall, word.offset, "", {}, {}, {}};
        node.text = TRY(template_name(word));
        if (peek().kind == TokenKind::kRightDelim) {
            next();
        } else {
            node.pipeline = TRY(pipeline(TokenKind::kRightDelim, "template", 1));
        }
        out.push_back(std::move(node));
        return {};
    }

    Result<void> body_of(const std::string& name, const Token& word) {
        std::vector<std::string> outer{"$"};
        outer.swap(variables_);
        const int loops = std::exchange(loops_, 0);
        Nodes body;
        const Stop stop = TRY(list(body, false));
        if (stop != Stop::kEnd) return error(word, fmt::format("{} has no else", word.text));
        loops_ = loops;
        variables_.swap(outer);
        const bool is_new = out_.defined.count(name) == 0;
        if (!is_new && !out_.defined.at(name).empty() && !body.empty())
            return error(word, fmt::format("the template {} is defined twice", go_quote(name)));
        if (is_new || !body.empty()) out_.defined.insert_or_assign(name, std::move(body));
        return {};
    }

    Result<void> define(const Token& word, bool is_top) {
        if (!is_top) return error(word, "define stands at the outermost level only");
        const std::string name = TRY(template_name(word));
        TRY(right_delim("define"));
        return body_of(name, word);
    }

    Result<void> block(Nodes& out, const Token& word) {
        Node node{Node::Kind::kCall, word.offset, "", {}, {}, {}};
        node.text = TRY(template_name(word));
        node.pipeline = TRY(pipeline(TokenKind::kRightDelim, "block", 1));
        TRY(body_of(node.text, word));
        out.push_back(std::move(node));
        return {};
    }

    Result<Pipeline> pipeline(TokenKind end, std::string_view of, std::size_t variables_most) {
        Pipeline out;
        out.offset = peek().offset;
        TRY(declarations(out, variables_most));
        while (true) {
            out.commands.push_back(TRY(command(end)));
            const Token& token = next();
            if (token.kind == end) break;
            if (token.kind != TokenKind::kPipe)
                return error(token, fmt::format("unexpected {} in {}", shown(token), of));
            // Go lets a | stand at the end.
            if (peek().kind == end && !out.commands.back().words.empty()) {
                next();
                break;
            }
        }
        return checked(std::move(out), of);
    }

    Result<Pipeline> checked(Pipeline pipe, std::string_view of) const {
        for (std::size_t i = 0; i < pipe.commands.size(); ++i) {
            const Command& command = pipe.commands[i];
            if (command.words.empty()) {
                if (pipe.commands.size() == 1)
                    return template_error(text_, command.offset, fmt::format("{} lacks its value", of));
                return template_error(text_, command.offset, "a | has nothing on one side");
            }
            const Operand::Kind first = command.words[0].kind;
            const bool is_constant =
                first == Operand::Kind::kConstant || first == Operand::Kind::kNil || first == Operand::Kind::kDot;
            if (i > 0 && is_constant)
                return template_error(text_, command.offset, "after a | comes a function, and this is none");
        }
        return pipe;
    }

    Result<void> declarations(Pipeline& out, std::size_t most) {
        const std::size_t begin = at_;
        std::vector<std::string> names;
        while (peek().kind == TokenKind::kVariable) {
            names.push_back(next().text);
            if (peek().kind == TokenKind::kComma) {
                next();
                if (names.size() == most) return error(peek(), "too many variables before :=");
                continue;
            }
            if (peek().kind == TokenKind::kDeclare || peek().kind == TokenKind::kAssign) {
                out.assigns = next().kind == TokenKind::kAssign;
                for (const std::string& name : names) {
                    if (out.assigns && !is_known(name))
                        return error(tokens_[begin], fmt::format("there is no variable {}", name));
                    if (!out.assigns) variables_.push_back(name);
                }
                out.variables = std::move(names);
                return {};
            }
            break;
        }
        at_ = begin;
        return {};
    }

    [[nodiscard]] bool is_known(const std::string& variable) const {
        return std::find(variables_.begin(), variables_.end(), variable) != variables_.end();
    }

    Result<Command> command(TokenKind end) {
        Command out;
        out.offset = peek().offset;
        while (peek().kind != end && peek().kind != TokenKind::kPipe) {
            const Token& token = peek();
            if (!out.words.empty() && !token.spaced)
                return error(token, fmt::format("unexpected {}; a space may be missing before it", shown(token)));
            out.words.push_back(TRY(operand()));
        }
        return out;
    }

    Result<Operand> operand() {
        Operand out = TRY(term());
        const bool takes_fields =
            out.kind != Operand::Kind::kConstant && out.kind != Operand::Kind::kNil && out.kind != Operand::Kind::kDot;
        while (peek().kind == TokenKind::kField && !peek().spaced) {
            if (!takes_fields) return error(peek(), fmt::format("{} is not a field of anything", shown(peek())));
            out.fields.push_back(next().text);
        }
        return out;
    }

    Result<Operand> term() {
        const Token& token = next();
        Operand out;
        out.offset = token.offset;
        switch (token.kind) {
            case TokenKind::kIdentifier:
                if (find_function(token.text) == nullptr) return error(token, unknown_function(token.text));
                out.kind = Operand::Kind::kFunction;
                out.name = token.text;
                return out;
            case TokenKind::kDot: out.kind = Operand::Kind::kDot; return out;
            case TokenKind::kNil: out.kind = Operand::Kind::kNil; return out;
            case TokenKind::kVariable:
                if (!is_known(token.text)) return error(token, fmt::format("there is no variable {}", token.text));
                out.kind = Operand::Kind::kVariable;
                out.name = token.text;
                return out;
            case TokenKind::kField:
                out.kind = Operand::Kind::kField;
                out.fields.push_back(token.text);
                return out;
            case TokenKind::kBool: out.constant = TemplateValue(token.text == "true"); return out;
            case TokenKind::kString: out.constant = TemplateValue(token.text); return out;
            case TokenKind::kNumber: {
                auto number = constant_of(token.text);
                if (!number) return error(token, fmt::format("{} is no number that fits", token.text));
                out.constant = std::move(*number);
                return out;
            }
            case TokenKind::kLeftParen: {
                if (++depth_ > kDepthMost)
                    return error(token, fmt::format("a template is nested at most {} deep", kDepthMost));
                out.kind = Operand::Kind::kPipeline;
                Pipeline group = TRY(pipeline(TokenKind::kRightParen, "parentheses", 1));
                out.group = std::make_shared<Pipeline>(std::move(group));
                --depth_;
                return out;
            }
            default: return error(token, fmt::format("unexpected {}", shown(token)));
        }
    }

    const std::string_view text_;
    const std::vector<Token> tokens_;
    std::size_t at_ = 0;
    int depth_ = 0;
    int loops_ = 0;
    std::vector<std::string> variables_{"$"};
    ParsedTemplate out_;
};

}  // namespace

Result<ParsedTemplate> parse_template(std::string_view text) {
    auto tokens = TRY(lex_template(text));
    return Parser(text, std::move(tokens)).run();
}

}  // namespace pintle::form
