#pragma once

#include <string>
#include <vector>

#include "base/error.hpp"

namespace pintle::catalog {

/// What is wrong with a template, or with what somebody wants of it, and in which of its files. Beside the files there
/// are `values` and `name`, which are what was asked for, and `project`, which is the document that was made.
struct TemplateFault {
    std::string file;
    Fault fault;
};

/// The faults of an error, or one that is its message.
[[nodiscard]] std::vector<TemplateFault> faults_in(const std::string& file, const Error& error);
void add_faults(std::vector<TemplateFault>& to, const std::string& file, const Error& error);

/// `values.yaml:4:9: src.wizard.kind: there is no kind …`
[[nodiscard]] std::string to_string(const TemplateFault& fault);

}  // namespace pintle::catalog
