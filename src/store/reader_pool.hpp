#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/bounded_queue.hpp"
#include "store/store_reader.hpp"

namespace pintle::store {

/// A few readers for many threads.
///
/// Threading: any thread; who finds every reader in use waits for one.
/// Ownership: owns the readers. They are opened at the start, so that a read cannot fail for want of one.
class ReaderPool {
public:
    [[nodiscard]] static Result<std::unique_ptr<ReaderPool>> open(const std::string& location, std::size_t readers = 4);

    /// `pool.with([&](StoreReader& reader) { return reader.find_job(id); })`: gives what the function gives, a
    /// Result. Everything it reads is of one moment. Keep nothing of the reader.
    template <class F>
    auto with(F&& use) -> decltype(use(std::declval<StoreReader&>())) {
        Loan loan(idle_);
        if (auto begun = loan.begin(); !begun) return fail(std::move(begun).error());
        return std::forward<F>(use)(*loan.reader);
    }

private:
    using Readers = BoundedQueue<std::unique_ptr<StoreReader>>;

    /// A reader in use, inside a read transaction that ends with the loan.
    struct Loan {
        explicit Loan(Readers& idle);
        ~Loan();
        [[nodiscard]] Result<void> begin();
        Readers& idle;
        std::unique_ptr<StoreReader> reader;
    };

    explicit ReaderPool(std::size_t readers) : idle_(readers) {}
    Readers idle_;
};

}  // namespace pintle::store
