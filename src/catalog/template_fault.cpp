#include "catalog/template_fault.hpp"

#include <fmt/format.h>

namespace pintle::catalog {

std::vector<TemplateFault> faults_in(const std::string& file, const Error& error) {
    std::vector<TemplateFault> faults;
    add_faults(faults, file, error);
    return faults;
}

void add_faults(std::vector<TemplateFault>& to, const std::string& file, const Error& error) {
    if (error.details.empty()) to.push_back({file, {"", error.message, 0, 0}});
    for (const Fault& fault : error.details) to.push_back({file, fault});
}

std::string to_string(const TemplateFault& fault) {
    std::string text = fault.file;
    if (fault.fault.line > 0) text += fmt::format(":{}", fault.fault.line);
    if (fault.fault.line > 0 && fault.fault.column > 0) text += fmt::format(":{}", fault.fault.column);
    if (!fault.fault.path.empty()) text += ": " + fault.fault.path;
    return text + ": " + fault.fault.message;
}

}  // namespace pintle::catalog
