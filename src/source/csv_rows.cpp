#include "source/csv_rows.hpp"

namespace pintle::source {

void CsvRows::feed(std::string_view bytes) {
    for (const char byte : bytes) take(byte);
}

void CsvRows::end_field() {
    fields_.push_back(std::move(field_));
    field_.clear();
}

void CsvRows::take(char byte) {
    if (at_ == At::kQuoted) {
        if (byte == '"') at_ = At::kQuoteInQuoted;
        else field_ += byte;
        return;
    }
    if (byte == '"') {
        // Within quotes, two stand for one.
        if (at_ == At::kQuoteInQuoted) field_ += byte;
        at_ = At::kQuoted;
        return;
    }
    at_ = At::kField;
    if (byte != ',' && byte != '\n') {
        field_ += byte;
        return;
    }
    end_field();
    if (byte != '\n') return;
    on_row_(fields_);
    fields_.clear();
}

}  // namespace pintle::source
