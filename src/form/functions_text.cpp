#include <algorithm>

#include <fmt/format.h>
#include <re2/re2.h>

#include "base/text.hpp"
#include "form/cast.hpp"
#include "form/go_format.hpp"
#include "form/go_quote.hpp"
#include "form/template_functions.hpp"

namespace pintle::form {
namespace {

using Kind = TemplateValue::Kind;
using Value = TemplateValue;

std::vector<std::string> characters_of(std::string_view text) {
    std::vector<std::string> out;
    while (!text.empty()) {
        const std::size_t size = next_character(text).size;
        out.emplace_back(text.substr(0, size));
        text.remove_prefix(size);
    }
    return out;
}

bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
char upper(char c) { return is_lower(c) ? static_cast<char>(c - 32) : c; }
char lower(char c) { return is_upper(c) ? static_cast<char>(c + 32) : c; }

// Latin, Greek and Cyrillic letters have their other case at a fixed distance; the rest has none here.
std::string in_case(std::string_view text, bool wants_upper) {
    std::string out;
    while (!text.empty()) {
        const Character c = next_character(text);
        std::uint32_t code = c.code;
        if (code < 0x80)
            code = static_cast<unsigned char>(wants_upper ? upper(static_cast<char>(code))
                                                          : lower(static_cast<char>(code)));
        else if (wants_upper && ((code >= 0xe0 && code <= 0xfe && code != 0xf7) ||
                                 (code >= 0x3b1 && code <= 0x3c9 && code != 0x3c2) || (code >= 0x430 && code <= 0x44f)))
            code -= 32;
        else if (wants_upper && code >= 0x450 && code <= 0x45f) code -= 80;
        else if (!wants_upper &&
                 ((code >= 0xc0 && code <= 0xde && code != 0xd7) || (code >= 0x391 && code <= 0x3a9 && code != 0x3a2) ||
                  (code >= 0x410 && code <= 0x42f)))
            code += 32;
        else if (!wants_upper && code >= 0x400 && code <= 0x40f) code += 80;
        else if (code >= 0x100 && code <= 0x17f && code != 0x130 && code != 0x131 && code != 0x138 && code != 0x149 &&
                 code != 0x178 && code != 0x17f) {
            const bool odd_is_upper = (code >= 0x139 && code <= 0x148) || (code >= 0x179 && code <= 0x17e);
            const bool is_upper_one = (code % 2 == 1) == odd_is_upper;
            if (wants_upper && !is_upper_one) --code;
            if (!wants_upper && is_upper_one) ++code;
        }
        append_utf8(out, code);
        text.remove_prefix(c.size);
    }
    return out;
}

// What sprig takes for a text: everything, as %v writes it.
std::string any_text(const Value& value) { return go_text(value); }

Result<Value> to_upper_case(const FunctionCall& call) { return call.made(in_case(TRY(call.text(0)), true)); }
Result<Value> to_lower_case(const FunctionCall& call) { return call.made(in_case(TRY(call.text(0)), false)); }

Result<Value> first_letters(const FunctionCall& call, bool wants_upper) {
    std::string out;
    bool at_start = true;
    for (const std::string& character : characters_of(TRY(call.text(0)))) {
        out += at_start ? in_case(character, wants_upper) : character;
        const char c = character[0];
        // Only a letter, digit or underscore goes on with the word, as in Go's strings.Title: "It'S".
        const bool in_word =
            is_upper(c) || is_lower(c) || is_digit(c) || c == '_' || static_cast<unsigned char>(c) >= 0x80;
        at_start = !in_word;
    }
    return call.made(std::move(out));
}

Result<Value> title(const FunctionCall& call) { return first_letters(call, true); }

Result<Value> untitle(const FunctionCall& call) {
    std::string out;
    bool at_start = true;
    for (const std::string& character : characters_of(TRY(call.text(0)))) {
        out += at_start ? in_case(character, false) : character;
        at_start = is_space(character[0]);
    }
    return call.made(std::move(out));
}

Result<Value> swapcase(const FunctionCall& call) {
    std::string out;
    for (const char c : TRY(call.text(0))) out += is_upper(c) ? lower(c) : upper(c);
    return call.made(std::move(out));
}

constexpr std::string_view kGoSpaces = " \t\n\v\f\r";

std::string trimmed(std::string_view text, std::string_view cut, bool left, bool right) {
    const std::vector<std::string> all = characters_of(text);
    const auto is_cut = [&](const std::string& c) {
        const auto set = characters_of(cut);
        return std::find(set.begin(), set.end(), c) != set.end();
    };
    std::size_t begin = 0;
    std::size_t end = all.size();
    while (left && begin < end && is_cut(all[begin])) ++begin;
    while (right && end > begin && is_cut(all[end - 1])) --end;
    std::string out;
    for (std::size_t i = begin; i < end; ++i) out += all[i];
    return out;
}

Result<Value> trim_of(const FunctionCall& call) { return call.made(trimmed(TRY(call.text(0)), kGoSpaces, true, true)); }
Result<Value> trim_all(const FunctionCall& call) {
    const std::string cut = TRY(call.text(0));
    return call.made(trimmed(TRY(call.text(1)), cut, true, true));
}
Result<Value> trim_prefix(const FunctionCall& call) {
    const std::string cut = TRY(call.text(0));
    const std::string text = TRY(call.text(1));
    return call.made(text.starts_with(cut) ? text.substr(cut.size()) : text);
}
Result<Value> trim_suffix(const FunctionCall& call) {
    const std::string cut = TRY(call.text(0));
    const std::string text = TRY(call.text(1));
    return call.made(text.ends_with(cut) ? text.substr(0, text.size() - cut.size()) : text);
}

Result<Value> repeat(const FunctionCall& call) {
    const std::int64_t count = TRY(call.whole(0));
    const std::string text = TRY(call.text(1));
    if (count < 0) return fail(ErrorCode::kInvalid, "repeat wants a count from 0, not {}", count);
    if (!text.empty() && count > (1LL << 40) / static_cast<std::int64_t>(text.size()))
        return fail(ErrorCode::kInvalid, "repeat makes far too much");
    TRY(call.budget.make(text.size() * static_cast<std::size_t>(count)));
    std::string out;
    for (std::int64_t i = 0; i < count && !text.empty(); ++i) out += text;
    return Value(std::move(out));
}

// Bytes, as in Go.
Result<Value> substr(const FunctionCall& call) {
    const std::int64_t start = TRY(call.whole(0));
    const std::int64_t end = TRY(call.whole(1));
    const std::string text = TRY(call.text(2));
    const auto size = static_cast<std::int64_t>(text.size());
    const std::int64_t from = start < 0 ? 0 : start;
    const std::int64_t to = end < 0 || end > size ? size : end;
    if (from > to)
        return fail(ErrorCode::kInvalid, "substr wants a start before the end, not {} and {} of {} bytes", start, end,
                    size);
    return call.made(text.substr(static_cast<std::size_t>(from), static_cast<std::size_t>(to - from)));
}

Result<Value> trunc(const FunctionCall& call) {
    const std::int64_t most = TRY(call.whole(0));
    const std::string text = TRY(call.text(1));
    const auto size = static_cast<std::int64_t>(text.size());
    if (most < 0 && size + most > 0) return call.made(text.substr(static_cast<std::size_t>(size + most)));
    if (most >= 0 && size > most) return call.made(text.substr(0, static_cast<std::size_t>(most)));
    return Value(text);
}

Result<Value> nospace(const FunctionCall& call) {
    std::string out;
    for (const char c : TRY(call.text(0))) {
        if (!is_space(c)) out += c;
    }
    return call.made(std::move(out));
}

Result<Value> contains(const FunctionCall& call) {
    const std::string part = TRY(call.text(0));
    return Value(TRY(call.text(1)).find(part) != std::string::npos);
}
Result<Value> has_prefix(const FunctionCall& call) {
    const std::string part = TRY(call.text(0));
    return Value(TRY(call.text(1)).starts_with(part));
}
Result<Value> has_suffix(const FunctionCall& call) {
    const std::string part = TRY(call.text(0));
    return Value(TRY(call.text(1)).ends_with(part));
}

Result<Value> joined(const FunctionCall& call, std::string (*each)(const Value&)) {
    std::string out;
    bool is_first = true;
    for (const Value& arg : call.args) {
        if (arg.is_nothing()) continue;
        out += (is_first ? "" : " ") + each(arg);
        is_first = false;
    }
    return call.made(std::move(out));
}

Result<Value> quote(const FunctionCall& call) {
    return joined(call, [](const Value& value) { return go_quote(any_text(value)); });
}
Result<Value> squote(const FunctionCall& call) {
    return joined(call, [](const Value& value) { return "'" + any_text(value) + "'"; });
}
// Ours: every value as one word of a POSIX shell, whatever stands in it.
Result<Value> shell_quote_of(const FunctionCall& call) {
    return joined(call, [](const Value& value) { return shell_quote(any_text(value)); });
}
Result<Value> cat(const FunctionCall& call) { return joined(call, any_text); }

std::string indented(std::int64_t count, const std::string& text) {
    const std::string pad(static_cast<std::size_t>(count), ' ');
    return pad + replace_all(text, "\n", "\n" + pad);
}

Result<Value> indent_with(const FunctionCall& call, const std::string& before) {
    const std::int64_t count = TRY(call.whole(0));
    const std::string text = TRY(call.text(1));
    if (count < 0 || count > 1000)
        return fail(ErrorCode::kInvalid, "{} wants from 0 to 1000 spaces, not {}", call.name, count);
    const auto lines = static_cast<std::size_t>(1 + std::count(text.begin(), text.end(), '\n'));
    TRY(call.budget.make(text.size() + lines * static_cast<std::size_t>(count)));
    return Value(before + indented(count, text));
}

Result<Value> indent(const FunctionCall& call) { return indent_with(call, ""); }
Result<Value> nindent(const FunctionCall& call) { return indent_with(call, "\n"); }

Result<Value> replace(const FunctionCall& call) {
    const std::string from = TRY(call.text(0));
    const std::string to = TRY(call.text(1));
    const std::string text = TRY(call.text(2));
    if (from.empty()) {
        std::string out = to;
        TRY(call.budget.make((to.size() + 4) * (text.size() + 1)));
        for (const std::string& character : characters_of(text)) out += character + to;
        return call.made(std::move(out));
    }
    std::size_t found = 0;
    for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + from.size())) ++found;
    TRY(call.budget.make(text.size() + found * to.size()));
    return Value(replace_all(text, from, to));
}

Result<Value> plural(const FunctionCall& call) {
    const std::string one = TRY(call.text(0));
    const std::string many = TRY(call.text(1));
    return Value(TRY(call.whole(2)) == 1 ? one : many);
}

Result<Value> to_string_of(const FunctionCall& call) { return call.made(any_text(call.args[0])); }

Result<Value> initials(const FunctionCall& call) {
    std::string out;
    bool at_start = true;
    for (const std::string& character : characters_of(TRY(call.text(0)))) {
        const bool space = is_space(character[0]);
        if (!space && at_start) out += character;
        at_start = space;
    }
    return call.made(std::move(out));
}

// Words of a name such as "FooBar", "foo_bar" or "foo bar", in small letters.
std::vector<std::string> words_of(const std::string& text) {
    std::vector<std::string> words(1);
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (is_space(c) || c == '_' || c == '-' || c == '.') {
            if (!words.back().empty()) words.emplace_back();
            continue;
        }
        const char before = i > 0 ? text[i - 1] : ' ';
        const char after = i + 1 < text.size() ? text[i + 1] : ' ';
        const bool begins =
            is_upper(c) && (is_lower(before) || is_digit(before) || (is_upper(before) && is_lower(after)));
        if (begins && !words.back().empty()) words.emplace_back();
        words.back() += lower(c);
    }
    if (words.back().empty()) words.pop_back();
    return words;
}

Result<Value> snakecase(const FunctionCall& call) { return call.made(join(words_of(TRY(call.text(0))), "_")); }
Result<Value> kebabcase(const FunctionCall& call) { return call.made(join(words_of(TRY(call.text(0))), "-")); }

// "foo_bar" is FooBar: only separators are looked at.
Result<Value> camelcase(const FunctionCall& call) {
    std::string out;
    bool at_start = true;
    for (const char c : TRY(call.text(0))) {
        if (c == '_' || c == '-' || is_space(c)) {
            at_start = true;
            continue;
        }
        out += at_start ? upper(c) : c;
        at_start = false;
    }
    return call.made(std::move(out));
}

Result<Value> wrap_with(const FunctionCall& call, std::size_t most, const std::string& newline,
                        const std::string& text) {
    std::string out;
    std::size_t column = 0;
    for (const std::string& word : split(text, ' ')) {
        const std::size_t size = characters_of(word).size();
        if (!out.empty() || column > 0) {
            if (column + 1 + size > most) {
                out += newline;
                column = 0;
            } else {
                out += ' ';
                ++column;
            }
        }
        out += word;
        column += size;
    }
    return call.made(std::move(out));
}

Result<Value> wrap(const FunctionCall& call) {
    const std::int64_t most = TRY(call.whole(0));
    return wrap_with(call, most < 1 ? 1 : static_cast<std::size_t>(most), "\n", TRY(call.text(1)));
}

Result<std::unique_ptr<RE2>> expression(const FunctionCall& call, std::size_t i) {
    const std::string pattern = TRY(call.text(i));
    RE2::Options options;
    options.set_log_errors(false);
    options.set_max_mem(1 << 20);
    auto regex = std::make_unique<RE2>(pattern, options);
    if (!regex->ok())
        return fail(ErrorCode::kInvalid, "{}: {} is no regular expression: {}", call.name, go_quote(pattern),
                    regex->error());
    return regex;
}

// Every match without overlap, at most `most` of them (-1: all), as (begin, size).
std::vector<std::pair<std::size_t, std::size_t>> matches(const RE2& regex, const std::string& text, std::int64_t most) {
    std::vector<std::pair<std::size_t, std::size_t>> out;
    std::size_t at = 0;
    std::size_t last_end = std::string::npos;
    while (at <= text.size() && (most < 0 || static_cast<std::int64_t>(out.size()) < most)) {
        re2::StringPiece found;
        if (!regex.Match(text, at, text.size(), RE2::UNANCHORED, &found, 1)) break;
        const auto begin = static_cast<std::size_t>(found.data() - text.data());
        // An empty match right behind another does not count.
        if (!(found.empty() && begin == last_end)) {
            out.emplace_back(begin, found.size());
            last_end = begin + found.size();
        }
        at = begin + found.size();
        if (found.empty()) at += at < text.size() ? next_character(std::string_view(text).substr(at)).size : 1;
    }
    return out;
}

Result<Value> regex_match(const FunctionCall& call) {
    const auto regex = TRY(expression(call, 0));
    return Value(RE2::PartialMatch(TRY(call.text(1)), *regex));
}

Result<Value> regex_find(const FunctionCall& call) {
    const auto regex = TRY(expression(call, 0));
    const std::string text = TRY(call.text(1));
    const auto found = matches(*regex, text, 1);
    return found.empty() ? Value(std::string()) : Value(text.substr(found[0].first, found[0].second));
}

Result<Value> regex_find_all(const FunctionCall& call) {
    const auto regex = TRY(expression(call, 0));
    const std::string text = TRY(call.text(1));
    Value::List out;
    for (const auto& [begin, size] : matches(*regex, text, TRY(call.whole(2))))
        out.emplace_back(text.substr(begin, size));
    return call.made(std::move(out));
}

Result<Value> regex_split(const FunctionCall& call) {
    const auto regex = TRY(expression(call, 0));
    const std::string text = TRY(call.text(1));
    const std::int64_t most = TRY(call.whole(2));
    Value::List out;
    if (most == 0) return Value(std::move(out));
    std::size_t from = 0;
    for (const auto& [begin, size] : matches(*regex, text, -1)) {
        if (most > 0 && static_cast<std::int64_t>(out.size()) == most - 1) break;
        if (begin + size == 0) continue;
        out.emplace_back(text.substr(from, begin - from));
        from = begin + size;
    }
    const bool ends_empty = !out.empty() && from == text.size() && !matches(*regex, text, -1).empty() &&
                            matches(*regex, text, -1).back().second == 0;
    if (!ends_empty) out.emplace_back(text.substr(from));
    return call.made(std::move(out));
}

// $1, ${1} and ${name} stand for groups, $$ for a dollar. A name goes as far as letters, digits and _ do.
std::string expanded(const RE2& regex, const std::string& pattern, const std::vector<re2::StringPiece>& groups) {
    std::string out;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        if (pattern[i] != '$' || i + 1 == pattern.size()) {
            out += pattern[i];
            continue;
        }
        if (pattern[i + 1] == '$') {
            out += '$';
            ++i;
            continue;
        }
        const bool braced = pattern[i + 1] == '{';
        std::size_t end = i + (braced ? 2 : 1);
        const std::size_t begin = end;
        while (end < pattern.size() &&
               (is_digit(pattern[end]) || is_lower(pattern[end]) || is_upper(pattern[end]) || pattern[end] == '_'))
            ++end;
        if (end == begin || (braced && (end == pattern.size() || pattern[end] != '}'))) {
            out += '$';
            continue;
        }
        const std::string name = pattern.substr(begin, end - begin);
        const auto number = parse_int(name);
        const auto named = regex.NamedCapturingGroups().find(name);
        const std::int64_t group = number ? *number : named == regex.NamedCapturingGroups().end() ? -1 : named->second;
        if (group >= 0 && group < static_cast<std::int64_t>(groups.size()))
            out += std::string(groups[static_cast<std::size_t>(group)]);
        i = braced ? end : end - 1;
    }
    return out;
}

Result<Value> regex_replace(const FunctionCall& call, bool literal) {
    const auto regex = TRY(expression(call, 0));
    const std::string text = TRY(call.text(1));
    const std::string to = TRY(call.text(2));
    std::string out;
    std::size_t from = 0;
    for (const auto& [begin, size] : matches(*regex, text, -1)) {
        std::vector<re2::StringPiece> groups(static_cast<std::size_t>(regex->NumberOfCapturingGroups()) + 1);
        regex->Match(text, begin, text.size(), RE2::ANCHOR_START, groups.data(), static_cast<int>(groups.size()));
        out += text.substr(from, begin - from) + (literal ? to : expanded(*regex, to, groups));
        TRY(call.budget.make(to.size() + size));
        from = begin + size;
    }
    return call.made(out + text.substr(from));
}

Result<Value> regex_replace_all(const FunctionCall& call) { return regex_replace(call, false); }
Result<Value> regex_replace_literal(const FunctionCall& call) { return regex_replace(call, true); }
Result<Value> regex_quote(const FunctionCall& call) {
    std::string out;
    for (const char c : TRY(call.text(0))) {
        if (std::string_view("\\.+*?()|[]{}^$").find(c) != std::string_view::npos) out += '\\';
        out += c;
    }
    return call.made(std::move(out));
}

Result<Value> print(const FunctionCall& call) { return call.made(go_sprint(call.args)); }
Result<Value> println(const FunctionCall& call) { return call.made(go_sprintln(call.args)); }
Result<Value> printf(const FunctionCall& call) {
    const std::string format = TRY(call.text(0));
    return call.made(TRY(go_sprintf(format, std::span(call.args).subspan(1), call.budget)));
}

}  // namespace

const std::vector<TemplateFunction>& text_functions() {
    static const std::vector<TemplateFunction> kTable{
        {"print", 0, -1, print},
        {"println", 0, -1, println},
        {"printf", 1, -1, printf},
        {"upper", 1, 1, to_upper_case},
        {"lower", 1, 1, to_lower_case},
        {"title", 1, 1, title},
        {"untitle", 1, 1, untitle},
        {"swapcase", 1, 1, swapcase},
        {"trim", 1, 1, trim_of},
        {"trimAll", 2, 2, trim_all},
        {"trimPrefix", 2, 2, trim_prefix},
        {"trimSuffix", 2, 2, trim_suffix},
        {"repeat", 2, 2, repeat},
        {"substr", 3, 3, substr},
        {"trunc", 2, 2, trunc},
        {"nospace", 1, 1, nospace},
        {"initials", 1, 1, initials},
        {"wrap", 2, 2, wrap},
        {"contains", 2, 2, contains},
        {"hasPrefix", 2, 2, has_prefix},
        {"hasSuffix", 2, 2, has_suffix},
        {"quote", 0, -1, quote},
        {"squote", 0, -1, squote},
        {"shellQuote", 0, -1, shell_quote_of},
        {"cat", 0, -1, cat},
        {"indent", 2, 2, indent},
        {"nindent", 2, 2, nindent},
        {"replace", 3, 3, replace},
        {"plural", 3, 3, plural},
        {"snakecase", 1, 1, snakecase},
        {"camelcase", 1, 1, camelcase},
        {"kebabcase", 1, 1, kebabcase},
        {"toString", 1, 1, to_string_of},
        {"regexMatch", 2, 2, regex_match},
        {"regexFind", 2, 2, regex_find},
        {"regexFindAll", 3, 3, regex_find_all},
        {"regexSplit", 3, 3, regex_split},
        {"regexReplaceAll", 3, 3, regex_replace_all},
        {"regexReplaceAllLiteral", 3, 3, regex_replace_literal},
        {"regexQuoteMeta", 1, 1, regex_quote},
    };
    return kTable;
}

}  // namespace pintle::form
