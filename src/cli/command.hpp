#pragma once

#include <functional>
#include <string>
#include <vector>

#include "cli/api_client.hpp"
#include "cli/arguments.hpp"
#include "cli/deps.hpp"
#include "cli/terminal.hpp"

namespace pintle::cli {

enum class Format { kTable, kWide, kJson, kYaml };

struct Command;

/// What a command gets to work with, for one run of the program. Borrows everything.
struct Context {
    const CliDeps& deps;
    const Arguments& args;
    const std::vector<Command>& commands;
    Terminal& term;
    ApiClient& api;
    ServerWish wish;
    Format format = Format::kTable;
    bool quiet = false;

    [[nodiscard]] bool wide() const { return format == Format::kWide; }
    /// JSON or YAML was asked for: programs read this.
    [[nodiscard]] bool structured() const { return format == Format::kJson || format == Format::kYaml; }
};

/// One subcommand. Its run returns the exit code, or the error that run_cli() prints and turns into one.
struct Command {
    CommandSpec spec;
    std::function<Result<int>(Context&)> run;
};

/// Prints the API's answer as JSON or YAML when that was asked for, else lets `human` print it; with -q nothing.
/// Returns 0.
int show(Context& context, const json::Value& answer, const std::function<void()>& human);
/// The same, where -q prints `short_answer` on a line.
int show(Context& context, const json::Value& answer, const std::string& short_answer,
         const std::function<void()>& human);

/// A list and what is left of it, in the form of the API.
[[nodiscard]] json::Value as_answer(const ApiClient::Page& page);

/// Faults in a file as editors understand them: "pintle.yaml:14:19: tasks[1]…: expected …". `kind`, such as
/// "warning: ", goes before the message.
void print_faults(Terminal& term, const std::string& file, const std::vector<Fault>& faults,
                  std::string_view kind = "");
/// The faults in an answer's list.
[[nodiscard]] std::vector<Fault> faults_in(const json::Value& list);

/// Options that several commands have.
[[nodiscard]] Option set_option();
[[nodiscard]] Option follow_option();
[[nodiscard]] Option raw_option();
[[nodiscard]] std::vector<Option> global_options();

}  // namespace pintle::cli
