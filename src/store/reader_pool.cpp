#include "store/reader_pool.hpp"

#include "base/check.hpp"
#include "store/sqlite.hpp"

namespace pintle::store {

Result<std::unique_ptr<ReaderPool>> ReaderPool::open(const std::string& location, std::size_t readers) {
    check(readers > 0, "a pool has readers");
    std::unique_ptr<ReaderPool> pool(new ReaderPool(readers));
    for (std::size_t i = 0; i < readers; ++i) pool->idle_.force(TRY(StoreReader::open(location)));
    return pool;
}

// The queue is never closed, so a reader always comes.
ReaderPool::Loan::Loan(Readers& from) : idle(from), reader(*idle.pop()) {}

ReaderPool::Loan::~Loan() {
    if (reader->connection().in_transaction()) static_cast<void>(reader->connection().run("ROLLBACK"));
    idle.force(std::move(reader));
}

Result<void> ReaderPool::Loan::begin() { return reader->connection().run("BEGIN"); }

}  // namespace pintle::store
