#pragma once

#include <string>

#include "cli/command.hpp"

namespace pintle::cli {

/// A text while it is with the user's editor; removed at the end unless it is all that is left of their work.
///
/// Threading: one thread. Ownership: owns the file. Failure: kCancelled when the editor says that it failed.
class EditedFile {
public:
    static Result<EditedFile> create(const CliDeps& deps, const std::string& text);
    EditedFile(EditedFile&& other) noexcept;
    EditedFile& operator=(EditedFile&&) = delete;
    ~EditedFile();
    [[nodiscard]] const std::string& path() const { return path_; }
    void keep() { kept_ = true; }

private:
    explicit EditedFile(std::string path) : path_(std::move(path)) {}
    std::string path_;
    bool kept_ = false;
};

/// Opens $VISUAL or $EDITOR on the file and waits for its end.
[[nodiscard]] Result<void> let_edit(const CliDeps& deps, const std::string& path);
/// Asks at a terminal; elsewhere nobody wants to.
[[nodiscard]] bool wants_to_go_on(Context& context);

}  // namespace pintle::cli
