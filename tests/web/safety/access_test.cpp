#include "web/safety/access.hpp"

#include <gtest/gtest.h>

namespace batchd::web {
namespace {

const std::string kToken(32, 'a');

TEST(AccessTest, MakesTokensOf128Bits) {
    const std::string token = make_token().value();
    EXPECT_EQ(token.size(), 32U);
    EXPECT_EQ(token.find_first_not_of("0123456789abcdef"), std::string::npos);
    EXPECT_NE(token, make_token().value());
}

TEST(AccessTest, KnowsItsTokenAndSessionsAndNoOthers) {
    const Access access(kToken), other(std::string(32, 'b'));
    EXPECT_TRUE(access.is_token(kToken));
    EXPECT_FALSE(access.is_token(kToken.substr(1)));
    EXPECT_FALSE(access.is_token(""));
    const std::string session = access.open_session();
    EXPECT_TRUE(access.is_session(session));
    EXPECT_FALSE(other.is_session(session));
    EXPECT_FALSE(access.is_session(""));
    EXPECT_FALSE(access.is_session("."));
    EXPECT_FALSE(access.is_session(kToken));
    std::string forged = session;
    forged[0] = forged[0] == '0' ? '1' : '0';
    EXPECT_FALSE(access.is_session(forged));
}

TEST(AccessTest, BindsAFormToItsSession) {
    const Access access(kToken);
    const std::string one = access.open_session(), two = access.open_session();
    EXPECT_NE(one, two);
    EXPECT_TRUE(access.is_form_token(access.form_token(one), one));
    EXPECT_FALSE(access.is_form_token(access.form_token(one), two));
    EXPECT_FALSE(access.is_form_token("", one));
}

TEST(AccessTest, TellsNobodyItsTokenByWhatItGivesAway) {
    const Access access(kToken);
    const std::string session = access.open_session();
    EXPECT_EQ(session.find(kToken), std::string::npos);
    EXPECT_EQ(access.form_token(session).find(kToken), std::string::npos);
}

}  // namespace
}  // namespace batchd::web
