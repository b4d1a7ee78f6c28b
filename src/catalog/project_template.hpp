#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "catalog/chart.hpp"
#include "catalog/file_tree.hpp"
#include "catalog/wizard.hpp"

namespace pintle::catalog {

/// A file that is put into a source of the projects that are made of the template.
struct TemplateFile {
    std::string source;  ///< Of the project.
    std::string path;    ///< In the source.
    std::int64_t size_bytes = 0;
};

/// A template of projects, as a folder has it:
///
///     Chart.yaml                 what it is called, and what it is about
///     values.yaml                values with their wizard
///     README.md                  becomes the project's summary
///     ml-templates/config.yaml   the project's document, a template of Go's text/template over the values
///     task-form.yaml             a simple form, where the document has none; also in ml-templates/
///     task-template.yaml         and what makes a task of it
///     files/SOURCE/…             is put into the source of that name, which is a cluster storage
///
/// One that has faults is shown with them and makes no projects.
struct ProjectTemplate {
    std::string name;    ///< Made of its folder's; unique in its catalog.
    std::string folder;  ///< In its catalog.
    Chart chart;
    std::string icon;    ///< A picture of the template as a data: URL, or the URL that the chart has.
    std::string readme;
    std::string values_text;
    std::string config;
    std::string form_text;
    std::string form_template;
    TemplateDefaults defaults;
    std::vector<TemplateFile> files;
    std::vector<TemplateFault> faults;

    [[nodiscard]] bool sound() const { return faults.empty(); }
};

inline constexpr std::string_view kConfigFile = "ml-templates/config.yaml";
inline constexpr std::string_view kReadmeFile = "README.md";
inline constexpr std::string_view kFormFile = "task-form.yaml";
inline constexpr std::string_view kFormTemplateFile = "task-template.yaml";
inline constexpr std::string_view kFilesFolder = "files";
inline constexpr std::size_t kDocumentMost = 1u << 20;          ///< Bytes of each of them.
inline constexpr std::size_t kTemplateFilesMost = 2000;         ///< Below files/.
inline constexpr std::int64_t kTemplateFilesBytesMost = 32 << 20;

/// Reads the template of a folder, and makes a project of its defaults to see whether it can.
/// Never fails: what is wrong is in its faults.
[[nodiscard]] ProjectTemplate read_template(FileTree& tree, const std::string& folder, std::string name);

}  // namespace pintle::catalog
