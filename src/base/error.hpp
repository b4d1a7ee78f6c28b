#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/source_location.hpp"

namespace pintle {

/// What kind of failure happened. Small and stable: each code maps to one HTTP status, one CLI exit
/// code and one retry policy (see error.cpp), and clients may rely on the names.
enum class ErrorCode {
    kInvalid,      ///< The request is wrong as written; repeating it cannot help.
    kNotFound,     ///< The named thing does not exist, or the caller may not know that it does.
    kConflict,     ///< The thing exists, but its present state does not allow this.
    kDenied,       ///< The caller is known and may not do this.
    kUnauthorized, ///< The caller is not known.
    kExhausted,    ///< A limit is reached: size, rate, disk space.
    kUnavailable,  ///< Something outside is not there at the moment; trying again can help.
    kTimeout,      ///< It took longer than it may.
    kCancelled,    ///< Somebody asked to stop it.
    kCorrupt,      ///< Stored data does not read as what was written.
    kInternal,     ///< A fault of Pintle itself.
};

/// One precise fault inside a document or request.
struct Fault {
    std::string path;     ///< For example "tasks[1].resources[0].replicas"; empty for the whole document.
    std::string message;  ///< For example `expected a whole number ≥ 1, got "two"`.
    int line = 0;         ///< From 1; 0 when the source has no lines.
    int column = 0;       ///< From 1; 0 when unknown.
};

/// A failure as a value. `message` is a plain sentence for a person: what happened, where, what to do.
struct Error {
    ErrorCode code = ErrorCode::kInternal;
    std::string message;
    std::vector<Fault> details;
    SourceLocation where = SourceLocation::current();

    /// The same error with "doing: " put before its message.
    [[nodiscard]] Error context(std::string_view doing) const;
};

/// The name on the wire: "invalid", "not_found", …
[[nodiscard]] std::string_view to_string(ErrorCode code);
/// The reverse of to_string(); kInternal for a name it does not know.
[[nodiscard]] ErrorCode error_code_from(std::string_view name);
[[nodiscard]] int http_status(ErrorCode code);
/// 1 is a fault of Pintle, 2 a wrong request; see docs/user-guide.md, "Exit codes".
[[nodiscard]] int exit_code(ErrorCode code);

/// `path: message (line 3)`, as shown to people.
[[nodiscard]] std::string to_string(const Fault& fault);
/// The message and every detail on a line of its own.
[[nodiscard]] std::string describe(const Error& error);

}  // namespace pintle
