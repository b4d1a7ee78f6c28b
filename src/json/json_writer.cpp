#include <array>
#include <charconv>
#include <cmath>

#include "base/check.hpp"
#include "json/json_text.hpp"
#include "json/source_text.hpp"

namespace pintle::json {
namespace {

template <class Number>
void append_number(std::string& out, Number number) {
    std::array<char, 32> buffer;
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number).ptr;
    out.append(buffer.data(), end);
}

void append_double(std::string& out, double number) {
    if (!std::isfinite(number)) {
        out += "null";
        return;
    }
    const std::size_t start = out.size();
    append_number(out, number);
    if (out.find_first_of(".e", start) == std::string::npos) out += ".0";
}

bool is_plain(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x20 && byte < 0x80 && c != '"' && c != '\\';
}

void append_escape(std::string& out, char c) {
    constexpr std::string_view kHex = "0123456789abcdef";
    switch (c) {
        case '"': out += "\\\""; return;
        case '\\': out += "\\\\"; return;
        case '\n': out += "\\n"; return;
        case '\r': out += "\\r"; return;
        case '\t': out += "\\t"; return;
        case '\b': out += "\\b"; return;
        case '\f': out += "\\f"; return;
        default: break;
    }
    out += "\\u00";
    out += kHex[static_cast<unsigned char>(c) >> 4];
    out += kHex[c & 15];
}

// Copies the longest stretch that needs no care at a time.
void append_text(std::string& out, std::string_view text) {
    out += '"';
    std::size_t start = 0;
    std::size_t i = 0;
    while (i < text.size()) {
        if (is_plain(text[i])) {
            ++i;
            continue;
        }
        if (static_cast<unsigned char>(text[i]) >= 0x80) {
            if (const std::size_t length = utf8_length(text, i)) {
                i += length;
                continue;
            }
            out.append(text, start, i - start);
            out += "\xEF\xBF\xBD";
        } else {
            out.append(text, start, i - start);
            append_escape(out, text[i]);
        }
        start = ++i;
    }
    out.append(text, start);
    out += '"';
}

class Writer {
public:
    Writer(std::string& out, bool pretty) : out_(out), pretty_(pretty) {}

    void write(const Value& value) {
        switch (value.type()) {
            case Type::kNull: out_ += "null"; return;
            case Type::kBool: out_ += value.as_bool() ? "true" : "false"; return;
            case Type::kInt: append_number(out_, value.as_int()); return;
            case Type::kDouble: append_double(out_, value.as_double()); return;
            case Type::kString: append_text(out_, value.as_string()); return;
            case Type::kArray: write_array(value.as_array()); return;
            case Type::kObject: write_object(value.as_object()); return;
        }
        unreachable();
    }

private:
    void write_array(const Array& items) {
        open('[');
        for (const Value& item : items) {
            separate(&item == &items.front());
            write(item);
        }
        close(']', items.empty());
    }

    void write_object(const Object& members) {
        open('{');
        for (const Member& member : members) {
            separate(&member == &members.front());
            append_text(out_, member.key);
            out_ += pretty_ ? ": " : ":";
            write(member.value);
        }
        close('}', members.empty());
    }

    void open(char bracket) {
        out_ += bracket;
        ++depth_;
    }
    void separate(bool first) {
        if (!first) out_ += ',';
        if (pretty_) new_line();
    }
    void close(char bracket, bool empty) {
        --depth_;
        if (pretty_ && !empty) new_line();
        out_ += bracket;
    }
    void new_line() {
        out_ += '\n';
        out_.append(2 * depth_, ' ');
    }

    std::string& out_;
    const bool pretty_;
    std::size_t depth_ = 0;
};

}  // namespace

std::string to_json(const Value& value) {
    std::string out;
    append_json(out, value);
    return out;
}

void append_json(std::string& out, const Value& value) { Writer(out, false).write(value); }

void append_json_text(std::string& out, std::string_view text) { append_text(out, text); }

void append_json_number(std::string& out, std::int64_t number) { append_number(out, number); }

std::string to_json_pretty(const Value& value) {
    std::string out;
    Writer(out, true).write(value);
    return out;
}

}  // namespace pintle::json
