#include "sim/backend.hpp"

namespace batchd::sim {

Backend::Backend(boost::asio::any_io_executor executor, const Path& directory, SimClock::Mode mode,
                 Settings initial, std::string api_key)
    : settings(std::move(initial)),
      clock(mode),
      files(directory / "files"),
      key(std::move(api_key)),
      runner(executor, {clock, settings, files, batches, ledger, directory / "batches"}) {
    make_directory(directory / "files").value();
    make_directory(directory / "batches").value();
}

}  // namespace batchd::sim
