#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "base/text.hpp"
#include "cli/commands/commands.hpp"
#include "cli/project_file.hpp"
#include "cli/words.hpp"
#include "os/file.hpp"

namespace pintle::cli {
namespace {

/// The text while it is with the editor; removed at the end unless it is all that is left of the user's work.
class EditedFile {
public:
    static Result<EditedFile> create(const CliDeps& deps, const std::string& text) {
        std::string path = deps.env("TMPDIR").value_or("/tmp") + "/pintle-XXXXXX.yaml";
        const os::UniqueFd fd(::mkostemps(path.data(), 5, O_CLOEXEC));
        if (!fd) return fail(os::errno_error("create a file in", path, errno));
        EditedFile file(path);
        TRY(os::write_file_atomic(path, text, 0600, false));
        return file;
    }
    EditedFile(EditedFile&& other) noexcept : path_(std::exchange(other.path_, "")) {}
    EditedFile& operator=(EditedFile&&) = delete;
    ~EditedFile() {
        if (!path_.empty() && !kept_) ::unlink(path_.c_str());
    }
    [[nodiscard]] const std::string& path() const { return path_; }
    void keep() { kept_ = true; }

private:
    explicit EditedFile(std::string path) : path_(std::move(path)) {}
    std::string path_;
    bool kept_ = false;
};

std::string editor_of(const CliDeps& deps) {
    for (const char* name : {"VISUAL", "EDITOR"}) {
        if (const auto editor = deps.env(name); editor && !trim(*editor).empty()) return *editor;
    }
    return "vi";
}

/// The variable may hold options too, so the shell takes it apart.
Result<void> edit(const CliDeps& deps, const std::string& path) {
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

Result<SentProject> put(Context& context, const EditedFile& file, const std::string& revision) {
    ProjectFile document = TRY(read_project_file(file.path(), "", context.deps));
    document.name = "pintle.yaml";
    return send_project(context, document,
                        {.method = "PUT", .path = project_path(context), .headers = {{"If-Match", revision}}},
                        "Nothing was changed.");
}

Result<int> run(Context& context) {
    const json::Value project = TRY(context.api.get(project_path(context)));
    const std::string before = TRY(context.api.text({.path = project_path(context) + "/document?format=yaml"}));
    EditedFile file = TRY(EditedFile::create(context.deps, before));
    while (true) {
        TRY(edit(context.deps, file.path()));
        if (TRY(os::read_file(file.path())) == before) {
            if (!context.quiet) context.term.line("nothing was changed");
            return 0;
        }
        auto sent = put(context, file, text_of(project, "revision"));
        if (sent && !sent->project.is_null()) {
            return show(context, sent->project, text_of(sent->project, "name"), [&] {
                context.term.line(context.term.plain(fmt::format(
                    "saved {}, revision {}", text_of(sent->project, "name"), text_of(sent->project, "revision"))));
            });
        }
        if (sent && wants_to_go_on(context)) continue;
        file.keep();
        context.term.error_line("your text is kept in " + file.path());
        if (!sent) return fail(sent.error());
        return sent->exit_code;
    }
}

}  // namespace

Command project_edit_command() {
    return {{.words = {"project", "edit"},
             .summary = "Edit a project in $VISUAL or $EDITOR",
             .details =
                 "Faults are shown when the editor ends, and editing can go on. If somebody else changed the project\n"
                 "meanwhile, nothing is overwritten and your text is kept.",
             .positionals = {project_argument()},
             .examples = {"EDITOR=nano pintle project edit digits"}},
            run};
}

}  // namespace pintle::cli
