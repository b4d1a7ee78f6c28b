#pragma once

#include <string>

#include "base/result.hpp"

namespace pintle::cli {

/// One end of a copy: a path here, or PROJECT/SOURCE:PATH. What begins with "/" or "." is always here, so a file here
/// whose name looks like a place in a source can be said as "./NAME".
struct FilePlace {
    bool is_remote = false;
    std::string project;
    std::string source;
    std::string path;  ///< "-" here means standard input or output.

    [[nodiscard]] bool is_pipe() const { return !is_remote && path == "-"; }
    bool operator==(const FilePlace&) const = default;
};

/// Pure. kInvalid for nothing.
[[nodiscard]] Result<FilePlace> parse_file_place(const std::string& text);

/// The name under which a copy of it is put into a folder; empty for "", "." and "..", of which the content is meant.
[[nodiscard]] std::string name_in_folder(std::string path);
/// "a/b", without an empty part between.
[[nodiscard]] std::string join_path(const std::string& folder, const std::string& name);

}  // namespace pintle::cli
