#include "core/scenario/step_pattern.hpp"

#include <algorithm>

#include "base/check.hpp"
#include "base/text.hpp"

namespace pintle::core::scenario {
namespace {

constexpr std::string_view kEllipsis = "…";

bool is_word(const Token& token, std::string_view word) { return !token.quoted && token.text == word; }

bool is_mark(char c) { return c == ',' || c == ':'; }

std::optional<Duration> unit_of(std::string_view word) {
    if (word == "second" || word == "seconds") return std::chrono::seconds(1);
    if (word == "minute" || word == "minutes") return std::chrono::minutes(1);
    if (word == "hour" || word == "hours") return std::chrono::hours(1);
    return std::nullopt;
}

Tokens part_of(const Tokens& tokens, std::size_t at, std::size_t length) {
    const auto first = tokens.begin() + static_cast<std::ptrdiff_t>(at);
    return {first, first + static_cast<std::ptrdiff_t>(length)};
}

std::vector<std::size_t> when(bool fits, std::size_t length) {
    return fits ? std::vector<std::size_t>{length} : std::vector<std::size_t>{};
}

// How many tokens from `at` on may fill the place, the fewest first.
std::vector<std::size_t> lengths_for(std::string_view place, const Tokens& tokens, std::size_t at) {
    const std::size_t left = tokens.size() - at;
    if (left == 0) return {};
    const Token& first = tokens[at];
    if (place == "{name}") return when(first.quoted || !is_mark(first.text.front()), 1);
    if (place == "{text}") return when(first.quoted, 1);
    if (place == "{n}") return when(!first.quoted && parse_int(first.text), 1);
    if (place == "{time}") return when(left >= 2 && parse_int(first.text) && unit_of(tokens[at + 1].text), 2);
    if (place == "{who}" && !is_word(first, "the")) return {1};
    if (place == "{who}") return when(left >= 2 && is_word(tokens[at + 1], "operator"), 2);
    if (place == "{state}") {
        for (std::size_t length = std::min<std::size_t>(3, left); length > 0; --length) {
            if (domain::job_state_from(in_words(part_of(tokens, at, length)))) return {length};
        }
        return {};
    }
    check(place == "{...}", "a pattern has places of known kinds only");
    std::vector<std::size_t> lengths;
    for (std::size_t length = 1; length <= left; ++length) lengths.push_back(length);
    return lengths;
}

bool is_one_of(const std::string& part, const Token& token) {
    const std::vector<std::string> words = split(part, '|');
    return !token.quoted && std::find(words.begin(), words.end(), token.text) != words.end();
}

bool match_from(const std::vector<std::string>& parts, std::size_t part, const Tokens& tokens, std::size_t at,
    Arguments& found) {
    if (part == parts.size()) return at == tokens.size();
    const std::string& wanted = parts[part];
    if (wanted.front() == '{') {
        for (const std::size_t length : lengths_for(wanted, tokens, at)) {
            found.push(part_of(tokens, at, length));
            if (match_from(parts, part + 1, tokens, at + length, found)) return true;
            found.pop();
        }
        return false;
    }
    const bool may_miss = wanted.front() == '[';
    const std::string word = may_miss ? wanted.substr(1, wanted.size() - 2) : wanted;
    if (at < tokens.size() && is_one_of(word, tokens[at]) && match_from(parts, part + 1, tokens, at + 1, found)) {
        return true;
    }
    return may_miss && match_from(parts, part + 1, tokens, at, found);
}

}  // namespace

Result<Tokens> tokens_of(std::string_view text) {
    Tokens tokens;
    std::size_t at = 0;
    while (at < text.size()) {
        if (text[at] == ' ') {
            ++at;
        } else if (text[at] == '"') {
            std::string quoted;
            for (++at; at < text.size() && text[at] != '"'; ++at) {
                if (text[at] == '\\' && at + 1 < text.size()) ++at;
                quoted += text[at];
            }
            if (at == text.size()) return fail(ErrorCode::kInvalid, "a quotation mark has no other half");
            tokens.push_back({std::move(quoted), true});
            ++at;
        } else if (is_mark(text[at])) {
            tokens.push_back({std::string(1, text[at++]), false});
        } else {
            const std::size_t end = std::min(text.find_first_of(" \"", at), text.size());
            std::string_view word = text.substr(at, end - at);
            while (word.size() > 1 && is_mark(word.back())) word.remove_suffix(1);
            tokens.push_back({std::string(word), false});
            at += word.size();
        }
    }
    return tokens;
}

std::string in_words(const Tokens& tokens) {
    std::string text;
    for (const Token& token : tokens) {
        const bool joins = text.empty() || (!token.quoted && is_mark(token.text.front()));
        text += (joins ? "" : " ") + (token.quoted ? fmt::format("\"{}\"", token.text) : token.text);
    }
    return text;
}

std::vector<Tokens> list_of(const Tokens& tokens) {
    std::vector<Tokens> parts(1);
    for (const Token& token : tokens) {
        if (!is_word(token, ",") && !is_word(token, "and")) {
            parts.back().push_back(token);
        } else if (!parts.back().empty()) {
            parts.emplace_back();
        }
    }
    return parts;
}

int Arguments::number(std::size_t at) const { return static_cast<int>(*parse_int(text(at))); }
Duration Arguments::time(std::size_t at) const {
    return *parse_int(values_.at(at).front().text) * *unit_of(values_.at(at).back().text);
}
domain::JobState Arguments::state(std::size_t at) const { return *domain::job_state_from(in_words(values_.at(at))); }

StepPattern::StepPattern(std::string_view text) : text_(text) {
    const Result<Tokens> tokens = tokens_of(text);
    check(tokens.has_value(), "a pattern is well formed");
    for (const Token& token : *tokens) parts_.push_back(token.text);
}

std::optional<Arguments> StepPattern::match(const Tokens& tokens) const {
    Arguments found;
    return match_from(parts_, 0, tokens, 0, found) ? std::optional(std::move(found)) : std::nullopt;
}

std::size_t StepPattern::likeness(const Tokens& tokens) const {
    // The longest common row of words, doubled, less what either has beside it.
    std::vector<std::vector<std::size_t>> common(parts_.size() + 1, std::vector<std::size_t>(tokens.size() + 1));
    for (std::size_t i = 0; i < parts_.size(); ++i) {
        for (std::size_t j = 0; j < tokens.size(); ++j) {
            const bool is_place = parts_[i].front() == '{';
            const bool same = is_place ? !lengths_for(parts_[i], tokens, j).empty() : is_one_of(parts_[i], tokens[j]);
            const std::size_t weight = is_place ? 1 : 3;
            common[i + 1][j + 1] = std::max({common[i][j + 1], common[i + 1][j], common[i][j] + (same ? weight : 0)});
        }
    }
    return 100 + 2 * common.back().back() - std::min<std::size_t>(100, parts_.size());
}

bool reads_as(std::string_view expected, std::string_view text) {
    const std::size_t gap = expected.find(kEllipsis);
    if (gap == std::string_view::npos) return expected == text;
    if (!text.starts_with(expected.substr(0, gap))) return false;
    const std::string_view after = expected.substr(gap + kEllipsis.size());
    for (std::size_t at = gap; at <= text.size(); ++at) {
        if (reads_as(after, text.substr(at))) return true;
    }
    return false;
}

}  // namespace pintle::core::scenario
