#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace pintle::catalog {

struct TreeEntry {
    enum class Kind { kFile, kFolder, kLink, kOther };
    std::string name;
    Kind kind = Kind::kFile;
    std::int64_t size_bytes = 0;  ///< Of a file.
};

/// The files of a catalog, wherever they are: a folder, a commit of a repository, or the program itself. Paths are
/// relative, with "/" between their parts; "" is the top.
///
/// Threading: one thread at a time. Failure: kNotFound for what is not there, kInvalid for what is no file,
/// kExhausted for more than `most_bytes`, kDenied for what would lead out.
class FileTree {
public:
    virtual ~FileTree() = default;
    /// By name.
    [[nodiscard]] virtual Result<std::vector<TreeEntry>> list(const std::string& folder) = 0;
    [[nodiscard]] virtual Result<std::string> read(const std::string& file, std::size_t most_bytes) = 0;
};

/// Files that are in memory. Borrows nothing.
class MemoryTree final : public FileTree {
public:
    explicit MemoryTree(std::map<std::string, std::string> files) : files_(std::move(files)) {}
    [[nodiscard]] Result<std::vector<TreeEntry>> list(const std::string& folder) override;
    [[nodiscard]] Result<std::string> read(const std::string& file, std::size_t most_bytes) override;

private:
    const std::map<std::string, std::string> files_;
};

/// `folder/name`; the one alone where the other is empty.
[[nodiscard]] std::string path_in(const std::string& folder, std::string_view name);

}  // namespace pintle::catalog
