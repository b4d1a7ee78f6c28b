#include <algorithm>
#include <cmath>

#include "base/check.hpp"
#include "base/text.hpp"
#include "json/json_text.hpp"
#include "json/source_text.hpp"
#include "json/yaml_scalar.hpp"
#include "json/yaml_text.hpp"

namespace pintle::json {
namespace {

// Readers take a key without "? " only up to 1024 characters.
constexpr std::size_t kLongestSimpleKey = 900;

// The code point of a valid sequence of this length.
char32_t decode(std::string_view text, std::size_t at, std::size_t length) {
    constexpr unsigned char kLeadBits[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
    char32_t code = static_cast<unsigned char>(text[at]) & kLeadBits[length];
    for (std::size_t i = 1; i < length; ++i) code = (code << 6) | (static_cast<unsigned char>(text[at + i]) & 0x3F);
    return code;
}

bool is_printable(char32_t code) {
    if (code < 0x20 || code == 0x7F) return false;
    if (code >= 0x80 && code < 0xA0) return false;
    return code != 0x2028 && code != 0x2029 && code != 0xFEFF && code != 0xFFFE && code != 0xFFFF;
}

bool all_printable(std::string_view text, std::string_view except) {
    for (std::size_t i = 0; i < text.size();) {
        const std::size_t length = utf8_length(text, i);
        if (length == 0) return false;
        if (!is_printable(decode(text, i, length)) && except.find(text[i]) == std::string_view::npos) return false;
        i += length;
    }
    return true;
}

bool is_plain_safe(std::string_view text) {
    constexpr std::string_view kIndicators = "-?:,[]{}#&*!|>'\"%@`=<~ ";
    if (looks_like_other_type(text) || !resolve_plain(text).is_string()) return false;
    if (kIndicators.find(text.front()) != std::string_view::npos || text.back() == ' ' || text.back() == ':')
        return false;
    if (text.starts_with("...") || text.find(": ") != std::string_view::npos) return false;
    if (text.find(" #") != std::string_view::npos) return false;
    return all_printable(text, "");
}

// Text of several lines whose look survives in a literal block.
bool fits_literal(std::string_view text) {
    if (text.find('\n') == std::string_view::npos || !all_printable(text, "\n\t")) return false;
    if (text.front() == ' ' || text.front() == '\t' || text.front() == '\n') return false;
    if (text.ends_with("\n\n")) return false;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        const std::string_view line = text.substr(at, end - at);
        if (!line.empty() && (line.find_first_not_of(" \t") == std::string_view::npos || line[0] == '\t')) return false;
        at = end + 1;
    }
    return true;
}

void append_quoted(std::string& out, std::string_view text) {
    out += '"';
    for (std::size_t i = 0; i < text.size();) {
        const std::size_t length = utf8_length(text, i);
        const char32_t code = length == 0 ? 0xFFFD : decode(text, i, length);
        if (code == '"' || code == '\\') {
            out += '\\';
            out += text[i];
        } else if (code == '\n') {
            out += "\\n";
        } else if (code == '\t') {
            out += "\\t";
        } else if (code == '\r') {
            out += "\\r";
        } else if (length == 0) {
            out += "\xEF\xBF\xBD";
        } else if (!is_printable(code)) {
            out += code < 0x100 ? fmt::format("\\x{:02x}", static_cast<unsigned>(code))
                                : fmt::format("\\u{:04x}", static_cast<unsigned>(code));
        } else {
            out.append(text, i, length);
        }
        i += std::max<std::size_t>(1, length);
    }
    out += '"';
}

void append_line_text(std::string& out, std::string_view text) {
    if (is_plain_safe(text)) {
        out += text;
    } else {
        append_quoted(out, text);
    }
}

std::string double_text(double number) {
    if (std::isnan(number)) return ".nan";
    if (std::isinf(number)) return number < 0 ? "-.inf" : ".inf";
    std::string text = to_json(Value(number));
    // Older readers want a point in front of the exponent.
    const std::size_t exponent = text.find('e');
    if (exponent != std::string::npos && text.find('.') == std::string::npos) text.insert(exponent, ".0");
    return text;
}

class Writer {
public:
    // Writes a value that begins on the present line, after "- ", "key:" or at the start; `indent` is that of
    // the lines below it.
    void write(const Value& value, std::size_t indent) {
        switch (value.type()) {
            case Type::kString: write_text(value.as_string(), indent); return;
            case Type::kDouble: out_ += double_text(value.as_double()); return;
            case Type::kArray: write_array(value.as_array(), indent); return;
            case Type::kObject: write_object(value.as_object(), indent); return;
            case Type::kNull:
            case Type::kBool:
            case Type::kInt: append_json(out_, value); return;
        }
        unreachable();
    }
    [[nodiscard]] std::string take() { return std::move(out_); }

private:
    void write_text(const std::string& text, std::size_t indent) {
        if (!fits_literal(text)) return append_line_text(out_, text);
        out_ += text.ends_with('\n') ? "|" : "|-";
        std::string_view rest = text;
        if (rest.ends_with('\n')) rest.remove_suffix(1);
        for (const std::string& line : split(rest, '\n')) {
            out_ += '\n';
            if (line.empty()) continue;
            out_.append(std::max<std::size_t>(indent, 2), ' ');
            out_ += line;
        }
    }

    void write_array(const Array& items, std::size_t indent) {
        if (items.empty()) out_ += "[]";
        for (const Value& item : items) {
            if (&item != &items.front()) new_line(indent);
            out_ += "- ";
            write(item, indent + 2);
        }
    }

    void write_object(const Object& members, std::size_t indent) {
        if (members.empty()) out_ += "{}";
        for (const Member& member : members) {
            if (&member != &members.front()) new_line(indent);
            write_key(member.key, indent);
            const bool on_next_line = member.value.size() > 0;
            if (on_next_line) {
                new_line(indent + 2);
            } else {
                out_ += ' ';
            }
            write(member.value, indent + 2);
        }
    }

    void write_key(const std::string& key, std::size_t indent) {
        const bool is_long = key.size() > kLongestSimpleKey;
        if (is_long) out_ += "? ";
        append_line_text(out_, key);
        if (is_long) new_line(indent);
        out_ += ':';
    }

    void new_line(std::size_t indent) {
        out_ += '\n';
        out_.append(indent, ' ');
    }

    std::string out_;
};

}  // namespace

std::string to_yaml(const Value& value) {
    Writer writer;
    writer.write(value, 0);
    return writer.take() + "\n";
}

}  // namespace pintle::json
