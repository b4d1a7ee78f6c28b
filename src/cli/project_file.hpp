#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/deps.hpp"
#include "json/value.hpp"

namespace pintle::cli {

/// A folder that goes into one of the project's sources.
struct WantedUpload {
    std::string source;
    std::string folder;   ///< Ready to open.
    std::string written;  ///< As the file says it.
};

/// A project file on its way to the server: its text as the server is to get it, and what goes with it.
struct ProjectFile {
    std::string name;  ///< For messages: "pintle.yaml".
    std::string body;
    std::string content_type;
    std::vector<WantedUpload> uploads;
};

/// Reads the file ("-": standard input), puts the text of `summary_file` in its place and, when `new_name` is given,
/// that name. Lines stay where they are, so that the server's faults point at the user's own file; only a file whose
/// layout does not allow this is sent as JSON. What is wrong with the content is left for the server to say.
/// Fails when a file cannot be read, and for a summary_file or an upload that leads out of the file's folder.
[[nodiscard]] Result<ProjectFile> read_project_file(const std::string& path, const std::string& new_name,
                                                    const CliDeps& deps);

/// The `name` of ./pintle.yaml.
[[nodiscard]] Result<std::string> project_of_this_folder();

/// All of standard input, up to a limit.
[[nodiscard]] Result<std::string> read_input(const CliDeps& deps);

/// `text` with the line of the top-level member `key` replaced by `new_key: value`, or with that line appended when
/// there is none; nothing when the layout does not allow it. Checked by reading the result again.
[[nodiscard]] std::optional<std::string> with_member(const std::string& text, const json::Value& document,
                                                     const std::string& key, const std::string& new_key,
                                                     const std::string& value);

}  // namespace pintle::cli
