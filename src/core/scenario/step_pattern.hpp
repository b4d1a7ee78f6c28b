#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "domain/job.hpp"

namespace pintle::core::scenario {

/// A word, a comma or colon, or a quoted text of a step.
struct Token {
    std::string text;
    bool quoted = false;
    bool operator==(const Token&) const = default;
};
using Tokens = std::vector<Token>;

/// A quotation mark within a quoted text is written \". Fails on a quotation mark without its other half.
[[nodiscard]] Result<Tokens> tokens_of(std::string_view text);
[[nodiscard]] std::string in_words(const Tokens& tokens);
/// Parts the tokens at commas and at the word "and".
[[nodiscard]] std::vector<Tokens> list_of(const Tokens& tokens);

/// What stood in the places of a pattern, in their order. The pattern has made sure that each reads as what it is.
class Arguments {
public:
    void push(Tokens tokens) { values_.push_back(std::move(tokens)); }
    void pop() { values_.pop_back(); }
    [[nodiscard]] const std::string& text(std::size_t at) const { return values_.at(at).back().text; }
    [[nodiscard]] int number(std::size_t at) const;
    [[nodiscard]] Duration time(std::size_t at) const;
    [[nodiscard]] domain::JobState state(std::size_t at) const;
    [[nodiscard]] const Tokens& rest(std::size_t at) const { return values_.at(at); }

private:
    std::vector<Tokens> values_;
};

/// The shape of a step: "the pool {name} has {n} GPU|GPUs". Places are
///   {name}   a quoted text or one word
///   {text}   a quoted text
///   {who}    "the operator", or a name
///   {n}      a whole number
///   {time}   "5 minutes", "1 hour", "30 seconds"
///   {state}  a job's state, such as Running or Waiting for GPUs
///   {...}    anything, at least one word
/// and words, of which a|b is one or the other and [a] may be missing.
class StepPattern {
public:
    explicit StepPattern(std::string_view text);
    [[nodiscard]] std::optional<Arguments> match(const Tokens& tokens) const;
    [[nodiscard]] const std::string& text() const { return text_; }
    /// How much of the step the pattern has, for finding the nearest one of a step that nothing matches.
    [[nodiscard]] std::size_t likeness(const Tokens& tokens) const;

private:
    std::string text_;
    std::vector<std::string> parts_;
};

/// Whether the text is as expected, where "…" stands for anything.
[[nodiscard]] bool reads_as(std::string_view expected, std::string_view text);

}  // namespace pintle::core::scenario
