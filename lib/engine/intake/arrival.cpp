#include "engine/intake/arrival.hpp"

#include "spool/claim.hpp"
#include "spool/inbox/inbox_name.hpp"
#include "spool/set_aside.hpp"

namespace batchd::engine {

Result<Arrival> finish_arrival(const spool::Layout& layout, const Path& inbox, const store::Job& job) {
    // By its name and inode alone: whatever was written to it since the claim is read with it.
    const spool::Claim claim{
        spool::file_name(job.name), {job.device, job.inode}, std::nullopt, layout.input(job.key), job.queue};
    const auto claimed = spool::claim_file(inbox, claim);
    if (claimed) return Arrival::here;
    // A thread of an intake that was stopped may have moved it between two looks.
    const auto here = file_exists(claim.destination);
    if (!here) return here.error();
    if (*here) return Arrival::here;
    const auto aside = spool::look_for_set_aside(layout.work_directory(job.key), inbox, job.name, job.key);
    if (!aside) return aside.error();
    if (*aside == spool::Aside::there) return claimed.error();
    return *aside == spool::Aside::away ? Arrival::away : Arrival::never;
}

}  // namespace batchd::engine
