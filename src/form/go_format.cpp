#include "form/go_format.hpp"

#include <charconv>
#include <cmath>
#include <optional>

#include <fmt/format.h>

#include "form/go_quote.hpp"

namespace pintle::form {

namespace {

using Kind = TemplateValue::Kind;

// Digits and decimal exponent of the shortest text that reads back as the same number.
struct Shortest {
    std::string digits;
    int exponent = 0;  ///< Of the first digit.
};

Shortest shortest_of(double value) {
    char buffer[64];
    const auto end = std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::scientific).ptr;
    const std::string_view text(buffer, static_cast<std::size_t>(end - buffer));
    const std::size_t e = text.find('e');
    Shortest out;
    for (const char c : text.substr(0, e)) {
        if (c != '.') out.digits += c;
    }
    const std::string_view exponent = text.substr(text[e + 1] == '+' ? e + 2 : e + 1);
    std::from_chars(exponent.data(), exponent.data() + exponent.size(), out.exponent);
    return out;
}

std::string exponent_text(int exponent, char e) {
    return fmt::format("{}{}{:02}", e, exponent < 0 ? '-' : '+', std::abs(exponent));
}

std::string shortest_e(const Shortest& number, char e) {
    std::string out = number.digits.substr(0, 1);
    if (number.digits.size() > 1) out += "." + number.digits.substr(1);
    return out + exponent_text(number.exponent, e);
}

std::string shortest_f(const Shortest& number) {
    const int point = number.exponent + 1;
    const int count = static_cast<int>(number.digits.size());
    if (point <= 0) return "0." + std::string(static_cast<std::size_t>(-point), '0') + number.digits;
    if (point >= count) return number.digits + std::string(static_cast<std::size_t>(point - count), '0');
    return number.digits.substr(0, static_cast<std::size_t>(point)) + "." +
           number.digits.substr(static_cast<std::size_t>(point));
}

std::string with_precision(double value, char format, int precision) {
    const auto style = format == 'f' || format == 'F'   ? std::chars_format::fixed
                       : format == 'g' || format == 'G' ? std::chars_format::general
                                                        : std::chars_format::scientific;
    std::string buffer(static_cast<std::size_t>(precision) + 400, '\0');
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, style, precision).ptr;
    buffer.resize(static_cast<std::size_t>(end - buffer.data()));
    if (format == 'E' || format == 'G') {
        if (const std::size_t e = buffer.find('e'); e != std::string::npos) buffer[e] = 'E';
    }
    return buffer;
}

}  // namespace

std::string go_float(double value, char format, int precision) {
    if (std::isnan(value)) return "NaN";
    if (std::isinf(value)) return value < 0 ? "-Inf" : "+Inf";
    if (precision >= 0) return with_precision(value, format, precision);
    const std::string sign = std::signbit(value) ? "-" : "";
    const Shortest number = shortest_of(std::abs(value));
    if (format == 'f' || format == 'F') return sign + shortest_f(number);
    const char e = format == 'E' || format == 'G' ? 'E' : 'e';
    if (format == 'e' || format == 'E') return sign + shortest_e(number, e);
    // However many digits it takes, the choice between the two ways is that of a precision of six.
    const bool is_long = number.exponent < -4 || number.exponent >= 6;
    return sign + (is_long ? shortest_e(number, e) : shortest_f(number));
}

std::string go_text(const TemplateValue& value) {
    switch (value.kind()) {
        case Kind::kNothing: return "<nil>";
        case Kind::kBool: return value.as_bool() ? "true" : "false";
        case Kind::kInt: return std::to_string(value.as_int());
        case Kind::kFloat: return go_float(value.as_float(), 'g', -1);
        case Kind::kText: return value.as_text();
        case Kind::kList: {
            std::string out = "[";
            for (const TemplateValue& item : value.as_list()) out += (out.size() > 1 ? " " : "") + go_text(item);
            return out + "]";
        }
        case Kind::kMapping: {
            std::string out = "map[";
            for (const auto& [key, item] : value.as_mapping())
                out += (out.size() > 4 ? " " : "") + key + ":" + go_text(item);
            return out + "]";
        }
    }
    return "";
}

std::string go_sprint(std::span<const TemplateValue> values) {
    std::string out;
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (i > 0 && values[i].kind() != Kind::kText && values[i - 1].kind() != Kind::kText) out += ' ';
        out += go_text(values[i]);
    }
    return out;
}

std::string go_sprintln(std::span<const TemplateValue> values) {
    std::string out;
    for (std::size_t i = 0; i < values.size(); ++i) out += (i > 0 ? " " : "") + go_text(values[i]);
    return out + "\n";
}

namespace {

struct Directive {
    bool minus = false, plus = false, sharp = false, space = false, zero = false;
    std::optional<int> width;
    std::optional<int> precision;
    char verb = 'v';
};

std::size_t characters_in(std::string_view text) {
    std::size_t count = 0;
    for (; !text.empty(); ++count) text.remove_prefix(next_character(text).size);
    return count;
}

std::string first_characters(std::string_view text, std::size_t most) {
    std::size_t end = 0;
    for (std::size_t i = 0; i < most && end < text.size(); ++i) end += next_character(text.substr(end)).size;
    return std::string(text.substr(0, end));
}

std::string padded(const std::string& text, const Directive& directive, bool zeros) {
    const std::size_t size = characters_in(text);
    const std::size_t width = static_cast<std::size_t>(directive.width.value_or(0));
    if (size >= width) return text;
    if (directive.minus) return text + std::string(width - size, ' ');
    if (!zeros) return std::string(width - size, ' ') + text;
    const std::size_t sign = !text.empty() && (text[0] == '-' || text[0] == '+' || text[0] == ' ') ? 1 : 0;
    return text.substr(0, sign) + std::string(width - size, '0') + text.substr(sign);
}

std::string bad_verb(char verb, const TemplateValue& value) {
    if (value.is_nothing()) return fmt::format("%!{}(<nil>)", verb);
    return fmt::format("%!{}({}={})", verb, value.type_name(), go_text(value));
}

std::string in_base(std::uint64_t number, unsigned base, bool upper) {
    static constexpr std::string_view kLower = "0123456789abcdef";
    static constexpr std::string_view kUpper = "0123456789ABCDEF";
    std::string out;
    do {
        out.insert(out.begin(), (upper ? kUpper : kLower)[number % base]);
        number /= base;
    } while (number > 0);
    return out;
}

std::string whole_text(std::int64_t value, const Directive& directive) {
    const char verb = directive.verb == 'v' ? 'd' : directive.verb;
    if (verb == 'c') {
        std::string out;
        append_utf8(out, value < 0 || value > 0x10ffff ? 0xfffdU : static_cast<std::uint32_t>(value));
        return padded(out, directive, false);
    }
    if (verb == 'q') return padded(go_quote_character(value), directive, false);
    if (verb == 'U') return padded(fmt::format("U+{:04X}", value), directive, false);
    const unsigned base = verb == 'b' ? 2 : verb == 'o' || verb == 'O' ? 8 : verb == 'd' ? 10 : 16;
    const std::uint64_t size = value < 0 ? 0 - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value);
    std::string digits = in_base(size, base, verb == 'X');
    if (directive.precision) {
        if (*directive.precision == 0 && value == 0) digits.clear();
        while (static_cast<int>(digits.size()) < *directive.precision) digits.insert(digits.begin(), '0');
    }
    std::string prefix;
    if (directive.sharp) prefix = verb == 'b' ? "0b" : verb == 'o' ? "0" : verb == 'x' ? "0x" : verb == 'X' ? "0X" : "";
    if (verb == 'O') prefix = "0o";
    const std::string sign = value < 0 ? "-" : directive.plus ? "+" : directive.space ? " " : "";
    const bool zeros = directive.zero && !directive.minus && !directive.precision;
    if (zeros && directive.width) {
        // The zeros of a width come after sign and prefix, and count them.
        while (static_cast<int>(digits.size() + sign.size()) < *directive.width) digits.insert(digits.begin(), '0');
    }
    return padded(sign + prefix + digits, directive, false);
}

std::string float_text(double value, const Directive& directive) {
    const char verb = directive.verb == 'v' ? 'g' : directive.verb;
    const int usual = verb == 'g' || verb == 'G' ? -1 : 6;
    std::string out = go_float(value, verb, directive.precision.value_or(usual));
    if (out[0] != '-' && out[0] != '+') out = (directive.plus ? "+" : directive.space ? " " : "") + out;
    else if (out == "+Inf" && !directive.plus) out = directive.space ? " Inf" : "+Inf";
    return padded(out, directive, directive.zero && !directive.minus && std::isfinite(value));
}

std::string hex_of(std::string_view text, const Directive& directive) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (directive.space && i > 0) out += ' ';
        if (directive.sharp && (i == 0 || directive.space)) out += directive.verb == 'x' ? "0x" : "0X";
        const auto byte = static_cast<unsigned char>(text[i]);
        out += directive.verb == 'x' ? fmt::format("{:02x}", byte) : fmt::format("{:02X}", byte);
    }
    return out;
}

std::string text_text(const std::string& value, const Directive& directive) {
    const std::string cut =
        directive.precision ? first_characters(value, static_cast<std::size_t>(*directive.precision)) : value;
    const bool zeros = directive.zero && !directive.minus;
    if (directive.verb == 'q') return padded(go_quote(cut, directive.plus), directive, zeros);
    if (directive.verb == 'x' || directive.verb == 'X') return padded(hex_of(cut, directive), directive, zeros);
    return padded(cut, directive, zeros);
}

std::string one(const TemplateValue& value, const Directive& directive) {
    const auto takes = [&](std::string_view verbs) { return verbs.find(directive.verb) != std::string_view::npos; };
    if (directive.verb == 'T') return padded(std::string(value.type_name()), directive, false);
    switch (value.kind()) {
        case Kind::kNothing:
            return directive.verb == 'v' ? padded("<nil>", directive, false) : bad_verb(directive.verb, value);
        case Kind::kBool:
            return takes("tv") ? padded(go_text(value), directive, false) : bad_verb(directive.verb, value);
        case Kind::kInt:
            return takes("vdboOxXcqU") ? whole_text(value.as_int(), directive) : bad_verb(directive.verb, value);
        case Kind::kFloat:
            return takes("veEfFgG") ? float_text(value.as_float(), directive) : bad_verb(directive.verb, value);
        case Kind::kText:
            return takes("vsxXq") ? text_text(value.as_text(), directive) : bad_verb(directive.verb, value);
        case Kind::kList: {
            std::string out = "[";
            for (const TemplateValue& item : value.as_list()) out += (out.size() > 1 ? " " : "") + one(item, directive);
            return out + "]";
        }
        case Kind::kMapping: {
            std::string out = "map[";
            for (const auto& [key, item] : value.as_mapping())
                out += (out.size() > 4 ? " " : "") + one(TemplateValue(key), directive) + ":" + one(item, directive);
            return out + "]";
        }
    }
    return "";
}

class Printer {
public:
    Printer(std::string_view format, std::span<const TemplateValue> values, TemplateBudget& budget)
        : format_(format), values_(values), budget_(budget) {}

    Result<std::string> run() {
        while (at_ < format_.size()) {
            const std::size_t percent = std::min(format_.find('%', at_), format_.size());
            out_ += format_.substr(at_, percent - at_);
            at_ = percent + 1;
            if (percent == format_.size()) break;
            TRY(directive());
        }
        if (next_ < values_.size()) extra();
        return std::move(out_);
    }

private:
    Result<void> directive() {
        Directive found;
        for (; at_ < format_.size(); ++at_) {
            const char c = format_[at_];
            if (c == '-') found.minus = true;
            else if (c == '+') found.plus = true;
            else if (c == '#') found.sharp = true;
            else if (c == ' ') found.space = true;
            else if (c == '0') found.zero = true;
            else break;
        }
        found.width = TRY(number("BADWIDTH"));
        if (found.width && *found.width < 0) {
            found.minus = true;
            found.width = -*found.width;
        }
        if (at_ < format_.size() && format_[at_] == '.') {
            ++at_;
            found.precision = TRY(number("BADPREC"));
            if (!found.precision || *found.precision < 0) found.precision = 0;
        }
        if (at_ >= format_.size()) {
            out_ += "%!(NOVERB)";
            return {};
        }
        if (format_[at_] == '[')
            return fail(ErrorCode::kInvalid, "printf: argument numbers as in %[1]d are not supported");
        found.verb = format_[at_++];
        if (found.verb == '%') {
            out_ += '%';
        } else if (next_ >= values_.size()) {
            out_ += fmt::format("%!{}(MISSING)", found.verb);
        } else {
            TRY(budget_.make(static_cast<std::size_t>(found.width.value_or(0) + found.precision.value_or(0))));
            out_ += one(values_[next_++], found);
        }
        return {};
    }

    // Digits, or a star and the argument it stands for.
    Result<std::optional<int>> number(std::string_view bad) {
        constexpr int kMost = 1'000'000;  // As Go: what is more counts as bad.
        if (at_ < format_.size() && format_[at_] == '*') {
            ++at_;
            const TemplateValue* value = next_ < values_.size() ? &values_[next_++] : nullptr;
            if (value == nullptr || value->kind() != Kind::kInt || std::abs(value->as_int()) > kMost) {
                out_ += fmt::format("%!({})", bad);
                return std::optional<int>();
            }
            return std::optional<int>(static_cast<int>(value->as_int()));
        }
        std::optional<int> found;
        for (; at_ < format_.size() && format_[at_] >= '0' && format_[at_] <= '9'; ++at_) {
            found = found.value_or(0) * 10 + (format_[at_] - '0');
            if (*found > kMost) return fail(ErrorCode::kInvalid, "printf: a width or precision is at most {}", kMost);
        }
        return found;
    }

    void extra() {
        out_ += "%!(EXTRA ";
        for (std::size_t i = next_; i < values_.size(); ++i) {
            if (i > next_) out_ += ", ";
            out_ +=
                values_[i].is_nothing() ? "<nil>" : fmt::format("{}={}", values_[i].type_name(), go_text(values_[i]));
        }
        out_ += ")";
    }

    const std::string_view format_;
    const std::span<const TemplateValue> values_;
    TemplateBudget& budget_;
    std::size_t at_ = 0;
    std::size_t next_ = 0;
    std::string out_;
};

}  // namespace

Result<std::string> go_sprintf(std::string_view format, std::span<const TemplateValue> values, TemplateBudget& budget) {
    return Printer(format, values, budget).run();
}

}  // namespace pintle::form
