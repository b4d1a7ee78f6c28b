#include "cli/editor.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <utility>

#include "base/text.hpp"
#include "os/file.hpp"
#include "os/unique_fd.hpp"

namespace pintle::cli {

Result<EditedFile> EditedFile::create(const CliDeps& deps, const std::string& text) {
    std::string path = deps.env("TMPDIR").value_or("/tmp") + "/pintle-XXXXXX.yaml";
    const os::UniqueFd fd(::mkostemps(path.data(), 5, O_CLOEXEC));
    if (!fd) return fail(os::errno_error("create a file in", path, errno));
    EditedFile file(path);
    TRY(os::write_file_atomic(path, text, 0600, false));
    return file;
}

EditedFile::EditedFile(EditedFile&& other) noexcept : path_(std::exchange(other.path_, "")), kept_(other.kept_) {}

EditedFile::~EditedFile() {
    if (!path_.empty() && !kept_) ::unlink(path_.c_str());
}

namespace {

std::string editor_of(const CliDeps& deps) {
    for (const char* name : {"VISUAL", "EDITOR"}) {
        if (const auto editor = deps.env(name); editor && !trim(*editor).empty()) return *editor;
    }
    return "vi";
}

}  // namespace

// The variable may hold options too, so the shell takes it apart.
Result<void> let_edit(const CliDeps& deps, const std::string& path) {
    const std::string editor = editor_of(deps);
    const int code = TRY(deps.run_program({"/bin/sh", "-c", editor + " \"$1\"", "sh", path}));
    if (code != 0)
        return fail(ErrorCode::kCancelled, "the editor \"{}\" ended with {}; nothing was changed", editor, code);
    return {};
}

bool wants_to_go_on(Context& context) {
    if (!context.deps.in_is_terminal) return false;
    context.term.write("Edit again? [Y/n] ");
    const auto answer = context.deps.read_line();
    return answer && (trim(*answer).empty() || to_lower(trim(*answer)).starts_with('y'));
}

}  // namespace pintle::cli
