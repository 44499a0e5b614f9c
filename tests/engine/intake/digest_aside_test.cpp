#include "engine/intake/digest_aside.hpp"

#include <future>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <boost/asio/post.hpp>

#include "base/disk/sha256.hpp"
#include "support/temp_dir.hpp"

namespace batchd::engine {
namespace {

struct DigestAsideTest : ::testing::Test {
    testing::TempDir dir;
    UniqueFd fd = open_file(dir.write("in", "some bytes"), O_RDONLY).value();
    std::string digest = sha256_of(fd.get()).value();
    boost::asio::thread_pool pool{1};
};

TEST_F(DigestAsideTest, IsTheDigestOfTheFile) {
    EXPECT_EQ(DigestAside(nullptr, fd.get()).get().value(), digest);
    EXPECT_EQ(DigestAside(&pool, fd.get()).get().value(), digest);
}

TEST_F(DigestAsideTest, IsMadeByItsOwnerWhereNoThreadIsFree) {
    std::promise<void> end;
    boost::asio::post(pool, [&] { end.get_future().wait(); });
    EXPECT_EQ(DigestAside(&pool, fd.get()).get().value(), digest);
    end.set_value();
    pool.join();
}

TEST_F(DigestAsideTest, WaitsForNoThreadWhenItIsNotWantedAnyMore) {
    std::promise<void> end;
    boost::asio::post(pool, [&] { end.get_future().wait(); });
    {
        const DigestAside unwanted(&pool, fd.get());
    }
    fd.reset();  // nobody reads it afterwards
    end.set_value();
    pool.join();
}

TEST_F(DigestAsideTest, PassesAnErrorOn) {
    const UniqueFd folder = open_file(dir.path(), O_RDONLY | O_DIRECTORY).value();
    EXPECT_EQ(DigestAside(&pool, folder.get()).get().error().code, boost::system::errc::is_a_directory);
}

}  // namespace
}  // namespace batchd::engine
