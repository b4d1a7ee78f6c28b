#pragma once

#include <functional>
#include <string>

#include "base/result.hpp"

namespace pintle::engine_process {

/// Python environments with the packages of a requirements.txt, each made once per content and Python version:
///
///     FOLDER/KEY/           a virtual environment; KEY/complete says that it is whole
///     FOLDER/KEY.lock       held while somebody makes it, in this process or another
///
/// Threading: any thread; callers with the same requirements wait for the first. Failure: a sentence with the last
/// lines that pip said. An environment left unfinished is made anew.
class PythonEnvironments {
public:
    using Progress = std::function<void(std::string)>;

    explicit PythonEnvironments(std::string folder) : folder_(std::move(folder)) {}
    /// The folder of the environment; blocks for as long as pip does.
    [[nodiscard]] Result<std::string> prepare(const std::string& requirements, const Progress& progress) const;

private:
    [[nodiscard]] Result<void> make(const std::string& path, const std::string& python, const std::string& requirements,
                                    const Progress& progress) const;

    std::string folder_;
};

/// A Python that can make environments.
struct Python {
    std::string program;
    std::string version;  ///< "3.11.2"
};
/// /usr/bin/python3, or else the one on PATH. kUnavailable with what to install when neither will do.
[[nodiscard]] Result<Python> find_python();

/// What names an environment. Pure.
[[nodiscard]] std::string environment_key(const Python& python, std::string_view requirements);
/// The last lines of what a program printed, at most `lines`, for an error message. Pure.
[[nodiscard]] std::string last_lines(std::string_view output, std::size_t lines);

}  // namespace pintle::engine_process
