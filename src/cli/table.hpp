#pragma once

#include <string>
#include <vector>

#include "cli/terminal.hpp"

namespace pintle::cli {

/// Rows under titles, aligned by what a terminal shows. On a terminal the columns that may shrink do so until a row
/// fits; elsewhere nothing is cut. A column that is empty in every row is left out unless it is to stay.
///
/// Threading: one thread. Ownership: owns its cells. Failure: none.
class Table {
public:
    struct Column {
        std::string title;
        bool right = false;    ///< Aligned to the right, for numbers.
        bool shrinks = false;  ///< May be cut on a narrow terminal.
        bool stays = false;    ///< Shown even when empty.
    };
    struct Cell {
        Cell(std::string t) : text(std::move(t)) {}
        Cell(const char* t) : text(t) {}
        Cell(std::string t, Style s) : text(std::move(t)), style(s) {}
        std::string text;
        Style style = Style::kPlain;
    };

    explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}
    /// As many cells as there are columns.
    void add(std::vector<Cell> row);
    [[nodiscard]] std::size_t rows() const { return rows_.size(); }

    void print(Terminal& terminal, std::size_t indent = 0) const;

private:
    [[nodiscard]] std::vector<std::size_t> widths(const Terminal& terminal, std::size_t indent) const;

    std::vector<Column> columns_;
    std::vector<std::vector<Cell>> rows_;
};

}  // namespace pintle::cli
