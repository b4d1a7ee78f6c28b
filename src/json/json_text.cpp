#include "json/json_text.hpp"

#include <charconv>
#include <cmath>
#include <functional>

#include <boost/json/basic_parser_impl.hpp>

#include "base/text.hpp"
#include "json/source_text.hpp"

namespace pintle::json {
namespace {

namespace bj = boost::json;

// Builds the value from the parser's events. The parser does not say where it stands, but the views it hands out
// point into the input whenever nothing had to be unescaped, which gives most places.
class Builder {
public:
    static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
    static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
    static constexpr std::size_t max_key_size = static_cast<std::size_t>(-1);
    static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);

    Builder(std::string_view text, const JsonLimits& limits) : text_(text), finder_(text), limits_(limits) {}

    bool on_document_begin(bj::error_code&) { return true; }
    bool on_document_end(bj::error_code&) { return true; }
    bool on_comment_part(bj::string_view, bj::error_code&) { return true; }
    bool on_comment(bj::string_view, bj::error_code&) { return true; }

    bool on_object_begin(bj::error_code& ec) { return open(Value(Object{}), ec); }
    bool on_array_begin(bj::error_code& ec) { return open(Value(Array{}), ec); }
    bool on_array_end(std::size_t, bj::error_code&) { return close(); }
    bool on_object_end(std::size_t, bj::error_code& ec) {
        const Object& members = stack_.back().container.as_object();
        if (const auto duplicate = find_duplicate(members)) {
            const auto& [earlier, repeat] = *duplicate;
            return refuse(repeated_key(members[earlier], members[repeat]), members[repeat].place, ec);
        }
        return close();
    }

    bool on_string_part(bj::string_view part, std::size_t, bj::error_code&) { return take_text(part); }
    bool on_string(bj::string_view part, std::size_t, bj::error_code& ec) {
        take_text(part);
        Value value(std::move(token_));
        value.set_place(token_place_);
        forget_token();
        return put(std::move(value), ec);
    }
    bool on_key_part(bj::string_view part, std::size_t, bj::error_code&) { return take_text(part); }
    bool on_key(bj::string_view part, std::size_t, bj::error_code&) {
        take_text(part);
        stack_.back().key = std::move(token_);
        stack_.back().key_place = token_place_;
        forget_token();
        return true;
    }

    bool on_number_part(bj::string_view part, bj::error_code&) {
        if (token_.empty()) token_place_ = place_of(part, 0);
        token_ += std::string_view(part.data(), part.size());
        return true;
    }
    bool on_int64(std::int64_t number, bj::string_view part, bj::error_code& ec) {
        on_number_part(part, ec);
        return put_number(Value(number), ec);
    }
    bool on_uint64(std::uint64_t number, bj::string_view part, bj::error_code& ec) {
        on_number_part(part, ec);
        return put_number(Value(number), ec);
    }
    bool on_double(double approximate, bj::string_view part, bj::error_code& ec) {
        on_number_part(part, ec);
        // The parser's own conversion may be off in the last bit.
        double exact = 0;
        if (std::from_chars(token_.data(), token_.data() + token_.size(), exact).ec != std::errc()) {
            if (std::abs(approximate) > 1) return refuse("this number is too large", token_place_, ec);
            exact = 0;
        }
        Value value(exact);
        if (to_json(value) != token_) value.set_spelling(token_);
        return put_number(std::move(value), ec);
    }
    bool on_bool(bool value, bj::error_code& ec) { return put(Value(value), ec); }
    bool on_null(bj::error_code& ec) { return put(Value(), ec); }

    [[nodiscard]] bool refused() const { return !refusal_.empty(); }
    [[nodiscard]] const std::string& refusal() const { return refusal_; }
    [[nodiscard]] Place refusal_place() const { return refusal_place_; }
    [[nodiscard]] Value take() { return std::move(root_); }

private:
    struct Frame {
        Value container;
        std::string key;
        Place key_place;
    };

    static std::string repeated_key(const Member& earlier, const Member& repeat) {
        std::string message = fmt::format("the key \"{}\" is there twice", to_valid_utf8(repeat.key));
        if (earlier.place.known()) message += fmt::format("; first on line {}", earlier.place.line);
        return message;
    }

    bool refuse(std::string message, Place place, bj::error_code& ec) {
        refusal_ = std::move(message);
        refusal_place_ = place;
        ec = make_error_code(bj::error::exception);
        return false;
    }

    bool take_text(bj::string_view part) {
        if (token_.empty() && !token_place_.known()) token_place_ = place_of(part, 1);
        token_ += std::string_view(part.data(), part.size());
        return true;
    }

    void forget_token() {
        token_.clear();
        token_place_ = {};
    }

    // `before` is how far the token reaches in front of the part: the quote of a text.
    Place place_of(bj::string_view part, std::size_t before) {
        const std::less<const char*> less;
        if (less(part.data(), text_.data() + before) || !less(part.data(), text_.data() + text_.size())) return {};
        return finder_.at(static_cast<std::size_t>(part.data() - text_.data()) - before);
    }

    bool open(Value container, bj::error_code& ec) {
        if (!count(ec)) return false;
        stack_.push_back({std::move(container), {}, {}});
        return true;
    }

    bool close() {
        Value done = std::move(stack_.back().container);
        stack_.pop_back();
        attach(std::move(done));
        return true;
    }

    bool put(Value value, bj::error_code& ec) {
        if (!count(ec)) return false;
        attach(std::move(value));
        return true;
    }

    bool put_number(Value value, bj::error_code& ec) {
        value.set_place(token_place_);
        forget_token();
        return put(std::move(value), ec);
    }

    bool count(bj::error_code& ec) {
        if (++nodes_ <= limits_.max_nodes) return true;
        return refuse(fmt::format("there are more than {} values", limits_.max_nodes), {}, ec);
    }

    void attach(Value value) {
        if (stack_.empty()) {
            root_ = std::move(value);
            return;
        }
        Frame& top = stack_.back();
        if (top.container.is_array()) {
            top.container.as_array().push_back(std::move(value));
        } else {
            top.container.as_object().push_back({std::move(top.key), std::move(value), top.key_place});
        }
    }

    const std::string_view text_;
    PlaceFinder finder_;
    const JsonLimits& limits_;
    std::vector<Frame> stack_;
    Value root_;
    std::string token_;
    Place token_place_;
    std::size_t nodes_ = 0;
    std::string refusal_;
    Place refusal_place_;
};

std::string unexpected(std::string_view text, std::size_t offset) {
    if (offset >= text.size()) return "the text ends too early";
    const auto byte = static_cast<unsigned char>(text[offset]);
    if (byte < 0x20 || byte == 0x7F) return fmt::format("unexpected control character 0x{:02x}", byte);
    return fmt::format("unexpected \"{}\"", text.substr(offset, std::max<std::size_t>(1, utf8_length(text, offset))));
}

std::string message_for(bj::error_code ec, std::string_view text, std::size_t offset, const JsonLimits& limits) {
    if (ec == bj::error::incomplete) return "the text ends too early";
    if (ec == bj::error::too_deep) return fmt::format("it is nested more than {} levels deep", limits.max_depth);
    if (ec == bj::error::exponent_overflow) return "this number is too large";
    if (ec == bj::error::illegal_leading_surrogate || ec == bj::error::illegal_trailing_surrogate ||
        ec == bj::error::expected_utf16_escape) {
        return "a \\u escape stands for half a character";
    }
    if (ec == bj::error::expected_hex_digit) return "a \\u escape needs four hexadecimal digits";
    return unexpected(text, offset);
}

std::size_t skip_space(std::string_view text, std::size_t offset) {
    const std::size_t next = text.find_first_not_of(" \t\r\n", offset);
    return next == std::string_view::npos ? text.size() : next;
}

constexpr std::string_view kNotJson = "this is not valid JSON";

}  // namespace

Result<Value> parse_json(std::string_view text, const JsonLimits& limits) {
    if (text.size() > limits.max_bytes) {
        return fail(ErrorCode::kExhausted, "the JSON text has {}, more than the {} that are allowed",
                    bytes_in_words(static_cast<std::int64_t>(text.size())),
                    bytes_in_words(static_cast<std::int64_t>(limits.max_bytes)));
    }
    text = without_bom(text);
    bj::parse_options options;
    options.max_depth = limits.max_depth;
    bj::basic_parser<Builder> parser(options, text, limits);
    bj::error_code ec;
    std::size_t offset = parser.write_some(false, text.data(), text.size(), ec);
    Builder& builder = parser.handler();
    PlaceFinder finder(text);
    if (builder.refused()) {
        const Place place = builder.refusal_place();
        return fail(error_at(kNotJson, builder.refusal(), place.known() ? place : finder.at(offset)));
    }
    if (!ec) {
        offset = skip_space(text, offset);
        if (offset == text.size()) {
            Value root = builder.take();
            root.set_place(PlaceFinder(text).at(skip_space(text, 0)));
            return root;
        }
        return fail(error_at(kNotJson, unexpected(text, offset) + " after the end", finder.at(offset)));
    }
    if (const auto invalid = first_invalid_utf8(text); invalid && *invalid <= offset + 3) {
        return fail(error_at(kNotJson, "the text is not UTF-8 here", finder.at(*invalid)));
    }
    return fail(error_at(kNotJson, message_for(ec, text, offset, limits), finder.at(offset)));
}

}  // namespace pintle::json
