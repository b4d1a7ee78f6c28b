#include <fmt/format.h>

#include "form/go_format.hpp"
#include "form/go_quote.hpp"
#include "form/template_functions.hpp"
#include "json/json_text.hpp"
#include "json/yaml_text.hpp"

namespace pintle::form {
namespace {

using Value = TemplateValue;

Result<Value> html(const FunctionCall& call) {
    std::string out;
    for (const char c : go_sprint(call.args)) {
        switch (c) {
            case '\0': out += "\xef\xbf\xbd"; break;
            case '"': out += "&#34;"; break;
            case '\'': out += "&#39;"; break;
            case '&': out += "&amp;"; break;
            case '<': out += "&lt;"; break;
            case '>': out += "&gt;"; break;
            default: out += c;
        }
    }
    return call.made(std::move(out));
}

Result<Value> js(const FunctionCall& call) {
    const std::string text = go_sprint(call.args);
    std::string out;
    for (std::string_view rest = text; !rest.empty();) {
        const Character next = next_character(rest);
        const std::string_view raw = rest.substr(0, next.size);
        rest.remove_prefix(next.size);
        switch (next.code) {
            case '\\': out += "\\\\"; break;
            case '\'': out += "\\'"; break;
            case '"': out += "\\\""; break;
            case '<': out += "\\u003C"; break;
            case '>': out += "\\u003E"; break;
            case '&': out += "\\u0026"; break;
            case '=': out += "\\u003D"; break;
            default:
                if (next.code < 0x20) out += fmt::format("\\u{:04X}", next.code);
                else out += raw;
        }
    }
    return call.made(std::move(out));
}

Result<Value> urlquery(const FunctionCall& call) {
    std::string out;
    for (const char c : go_sprint(call.args)) {
        const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                              std::string_view("-_.~").find(c) != std::string_view::npos;
        if (is_plain) out += c;
        else if (c == ' ') out += '+';
        else out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    return call.made(std::move(out));
}

constexpr std::string_view kBase64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

Result<Value> b64enc(const FunctionCall& call) {
    const std::string text = TRY(call.text(0));
    std::string out;
    for (std::size_t i = 0; i < text.size(); i += 3) {
        std::uint32_t group = 0;
        for (std::size_t k = 0; k < 3; ++k)
            group = (group << 8) | (i + k < text.size() ? static_cast<unsigned char>(text[i + k]) : 0U);
        for (std::size_t k = 0; k < 4; ++k) out += i + k <= text.size() ? kBase64[(group >> (18 - 6 * k)) & 63] : '=';
    }
    return call.made(std::move(out));
}

Result<Value> b64dec(const FunctionCall& call) {
    std::string text = TRY(call.text(0));
    const auto bad = [] { return fail(ErrorCode::kInvalid, "b64dec: this is no base64"); };
    if (text.size() % 4 != 0) return bad();
    std::size_t padding = 0;
    while (padding < 2 && !text.empty() && text.back() == '=') {
        text.pop_back();
        ++padding;
    }
    std::string out;
    std::uint32_t bits = 0;
    int count = 0;
    for (const char c : text) {
        const std::size_t value = kBase64.find(c);
        if (value == std::string_view::npos) return bad();
        bits = (bits << 6) | static_cast<std::uint32_t>(value);
        count += 6;
        if (count < 8) continue;
        count -= 8;
        out += static_cast<char>((bits >> count) & 0xff);
    }
    return call.made(std::move(out));
}

// Go writes <, > and & as escapes, so that JSON may stand in HTML.
std::string for_html(const std::string& json) {
    std::string out;
    for (const char c : json) {
        if (c == '<') out += "\\u003c";
        else if (c == '>') out += "\\u003e";
        else if (c == '&') out += "\\u0026";
        else out += c;
    }
    return out;
}

Result<Value> to_json(const FunctionCall& call) { return call.made(for_html(json::to_json(call.args[0].to_json()))); }
Result<Value> to_raw_json(const FunctionCall& call) { return call.made(json::to_json(call.args[0].to_json())); }
Result<Value> to_pretty_json(const FunctionCall& call) {
    return call.made(for_html(json::to_json_pretty(call.args[0].to_json())));
}

Result<Value> from_json(const FunctionCall& call) {
    const std::string text = TRY(call.text(0));
    TRY(call.budget.make(text.size() * 16));
    return Value::from(TRY(json::parse_json(text)));
}

Result<Value> to_yaml(const FunctionCall& call) {
    std::string text = json::to_yaml(call.args[0].to_json());
    while (text.ends_with('\n')) text.pop_back();
    return call.made(std::move(text));
}

Result<Value> from_yaml(const FunctionCall& call) {
    const std::string text = TRY(call.text(0));
    TRY(call.budget.make(text.size() * 16));
    return Value::from(TRY(json::parse_yaml(text)));
}

}  // namespace

const std::vector<TemplateFunction>& encoding_functions() {
    static const std::vector<TemplateFunction> kTable{
        {"html", 0, -1, html},
        {"js", 0, -1, js},
        {"urlquery", 0, -1, urlquery},
        {"b64enc", 1, 1, b64enc},
        {"b64dec", 1, 1, b64dec},
        {"toJson", 1, 1, to_json},
        {"toRawJson", 1, 1, to_raw_json},
        {"toPrettyJson", 1, 1, to_pretty_json},
        {"fromJson", 1, 1, from_json},
        {"toYaml", 1, 1, to_yaml},
        {"fromYaml", 1, 1, from_yaml},
    };
    return kTable;
}

}  // namespace pintle::form
