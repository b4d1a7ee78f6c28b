#include "core/scenario/scenario_file.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "base/text.hpp"

namespace pintle::core::scenario {
namespace {

constexpr std::array<std::string_view, 5> kKeywords{"Given", "When", "Then", "And", "But"};
constexpr std::string_view kScenario = "Scenario:";
constexpr std::string_view kBackground = "Background:";

std::optional<Step> step_of(std::string_view line, int number) {
    const std::size_t blank = line.find(' ');
    const std::string_view keyword = line.substr(0, blank);
    if (blank == std::string_view::npos || std::find(kKeywords.begin(), kKeywords.end(), keyword) == kKeywords.end()) {
        return std::nullopt;
    }
    return Step{std::string(keyword), std::string(trim(line.substr(blank))), number};
}

/// Reads line by line; knows where the next step belongs.
class Parser {
public:
    explicit Parser(std::string path) : file_{std::move(path), {}} {}

    Result<ScenarioFile> parse(std::string_view text) {
        for (const std::string& line : split(text, '\n')) {
            number_ += 1;
            const std::string_view content = trim(line);
            if (content.empty() || content.front() == '#') continue;
            TRY(take(content));
        }
        TRY(check_last());
        if (file_.scenarios.empty()) {
            return fault(number_, "there is no scenario here; begin one with \"Scenario: …\"");
        }
        return std::move(file_);
    }

private:
    Result<void> take(std::string_view line) {
        if (line.starts_with(kScenario)) return begin(std::string(trim(line.substr(kScenario.size()))));
        if (line == kBackground) return begin_background();
        std::optional<Step> step = step_of(line, number_);
        if (!step) {
            return fault(number_,
                fmt::format("expected Given, When, Then, And or But, Scenario: or Background:, got \"{}\"", line));
        }
        const bool is_background = in_background_ || file_.scenarios.empty();
        std::vector<Step>& steps = is_background ? background_ : file_.scenarios.back().steps;
        if (!in_background_ && file_.scenarios.empty()) {
            return fault(number_, "a step before the first \"Scenario:\" or \"Background:\"");
        }
        if (steps.size() == first_ && (step->keyword == "And" || step->keyword == "But")) {
            return fault(number_,
                fmt::format("\"{}\" continues a step, and there is none before it; begin with Given or When",
                step->keyword));
        }
        has_then_ = has_then_ || step->keyword == "Then";
        steps.push_back(std::move(*step));
        return {};
    }

    Result<void> begin_background() {
        if (in_background_ || !file_.scenarios.empty()) {
            return fault(number_, "\"Background:\" stands once, before all scenarios");
        }
        in_background_ = true;
        return {};
    }

    Result<void> begin(std::string name) {
        TRY(check_last());
        if (name.empty()) return fault(number_, "a scenario needs a name: a sentence that says what is so");
        for (const Scenario& other : file_.scenarios) {
            if (other.name == name) {
                return fault(number_, fmt::format("there is a scenario of this name already, in line {}", other.line));
            }
        }
        in_background_ = false;
        has_then_ = false;
        first_ = background_.size();
        file_.scenarios.push_back({std::move(name), number_, background_});
        return {};
    }

    Result<void> check_last() const {
        if (file_.scenarios.empty() || has_then_) return {};
        return fault(file_.scenarios.back().line, "the scenario checks nothing; it needs a Then");
    }

    [[nodiscard]] tl::unexpected<Error> fault(int line, std::string_view what) const {
        return fail(ErrorCode::kInvalid, "{}:{}: {}", file_.path, line, what);
    }

    ScenarioFile file_;
    std::vector<Step> background_;
    int number_ = 0;
    std::size_t first_ = 0;  ///< How many steps of the scenario are the background's.
    bool in_background_ = false;
    bool has_then_ = false;
};

}  // namespace

Result<ScenarioFile> parse_scenarios(std::string path, std::string_view text) {
    return Parser(std::move(path)).parse(text);
}

}  // namespace pintle::core::scenario
