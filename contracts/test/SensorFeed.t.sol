// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {SensorFeed} from "../SensorFeed.sol";
import {ISensorOracle} from "../interfaces/ISensorOracle.sol";
import {Workers} from "./Workers.sol";
import {vm} from "./Vm.sol";

/// setFeed
/// ├── it should keep the configuration and emit FeedSet
/// ├── given an answer: it should keep it
/// ├── when the caller has no permission: it should revert
/// └── when the bounds are no range or the heartbeat is 0: it should revert
/// report, with a feed
/// ├── it should answer with the median
/// ├── given no feed: it should answer nothing
/// ├── given a newer answer: it should keep it
/// ├── given a value that moved by more than the deviation: it should replace the answer
/// ├── given half the heartbeat has passed: it should replace the answer
/// └── given neither: it should keep the answer
/// read
/// ├── it should give a fresh answer within the bounds
/// ├── given no feed: it should revert
/// ├── given no answer yet, or one older than the heartbeat: it should revert
/// └── given an answer at a bound or beyond: it should revert
/// SensorFeed
/// ├── it should speak AggregatorV3
/// ├── given read reverts: latestRoundData should revert with its reason
/// └── given another round than the newest: getRoundData should revert
contract SensorFeedTest is Workers {
    uint32 private constant HOUR = 3600;

    SensorFeed private feed;

    function setUp() public override {
        super.setUp();
        oracle.setFeed(LETTUCE, coldChain());
        feed = SensorFeed(
            vm.deployCode(
                "SensorFeed.sol:SensorFeed", abi.encode(oracle, LETTUCE, "Lettuce ABC1234, truck")
            )
        );
    }

    /* CONFIGURATION */

    function test_SetFeed_KeepsTheConfiguration() external {
        ISensorOracle.FeedConfig memory config = ISensorOracle.FeedConfig(-1, 1, 7, 60);
        vm.expectEmit(address(oracle));
        emit ISensorOracle.FeedSet(SALAD, config);
        oracle.setFeed(SALAD, config);
        (int64 minimum, int64 maximum, uint64 deviation, uint32 heartbeat) = oracle.feedOf(SALAD);
        vm.assertEq(
            keccak256(abi.encode(minimum, maximum, deviation, heartbeat)),
            keccak256(abi.encode(config))
        );
    }

    function test_SetFeed_KeepsTheAnswer() external {
        attest("first", 3900, NOW_MS);
        oracle.setFeed(LETTUCE, ISensorOracle.FeedConfig(0, 10_000, 0, 60));
        expectAnswer(3900, NOW_MS, 1);
    }

    function test_SetFeed_RevertWhen_NotPermitted() external {
        ISensorOracle.FeedConfig memory config = coldChain();
        vm.expectRevert(
            abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, ATTACKER)
        );
        vm.prank(ATTACKER);
        oracle.setFeed(LETTUCE, config);
    }

    function test_SetFeed_RevertWhen_TheBoundsAreNoRange(int64 minimum, int64 maximum) external {
        vm.assume(minimum >= maximum);
        expectInvalid(ISensorOracle.FeedConfig(minimum, maximum, 500, HOUR));
    }

    function test_SetFeed_RevertWhen_TheBoundsAreEqual() external {
        expectInvalid(ISensorOracle.FeedConfig(5, 5, 500, HOUR));
    }

    function test_SetFeed_RevertWhen_TheHeartbeatIsZero() external {
        expectInvalid(ISensorOracle.FeedConfig(-1, 1, 500, 0));
    }

    /* ANSWERS */

    function test_Report_AnswersWithTheMedian() external {
        ISensorOracle.Report memory r = measured("first", 3900, NOW_MS);
        ISensorOracle.Signature[] memory signatures = signed(r, 0, 1);
        vm.expectEmit(address(oracle));
        emit ISensorOracle.AnswerUpdated(LETTUCE, 3900, 1, NOW_MS);
        oracle.report(r, signatures);
        expectAnswer(3900, NOW_MS, 1);
    }

    function test_Report_GivenNoFeed_AnswersNothing() external {
        ISensorOracle.Report memory r = measured("first", 3900, NOW_MS);
        r.productId = SALAD;
        oracle.report(r, signed(r, 0, 1));
        (, uint64 measuredAt, uint32 round) = oracle.latestAnswer(SALAD);
        vm.assertEq(measuredAt + round, 0);
    }

    function test_Report_GivenANewerAnswer_KeepsIt() external {
        attest("second", 3900, NOW_MS);
        attest("same time", 9000, NOW_MS);
        attest("first", 9000, NOW_MS - 1);
        expectAnswer(3900, NOW_MS, 1);
    }

    function test_Report_GivenItMoved_Replaces() external {
        attest("first", 3900, NOW_MS);
        attest("second", 3399, NOW_MS + 1);
        expectAnswer(3399, NOW_MS + 1, 2);
        attest("third", 3900, NOW_MS + 2);
        expectAnswer(3900, NOW_MS + 2, 3);
    }

    function test_Report_GivenHalfTheHeartbeatPassed_Replaces() external {
        attest("first", 3900, NOW_MS);
        vm.warp(START + 1800);
        attest("second", 3900, NOW_MS + 1_800_000);
        expectAnswer(3900, NOW_MS + 1_800_000, 2);
    }

    function test_Report_GivenNeither_Keeps() external {
        attest("first", 3900, NOW_MS);
        vm.warp(START + 1800);
        attest("second", 4400, NOW_MS + 1_799_999);
        expectAnswer(3900, NOW_MS, 1);
    }

    function test_Report_AnyValueMoves(int64 first, int64 second) external {
        uint256 moved =
            first > second ? uint256(int256(first) - second) : uint256(int256(second) - first);
        attest("first", first, NOW_MS);
        attest("second", second, NOW_MS + 1);
        if (moved > 500) expectAnswer(second, NOW_MS + 1, 2);
        else expectAnswer(first, NOW_MS, 1);
    }

    /* READING */

    function test_Read_GivesAFreshAnswer() external {
        attest("first", 3900, NOW_MS);
        vm.warp(START + HOUR);
        (int64 value, uint64 measuredAt, uint32 round) = oracle.read(LETTUCE);
        vm.assertEq(value, 3900);
        vm.assertEq(measuredAt, NOW_MS);
        vm.assertEq(round, 1);
    }

    function test_Read_RevertGiven_NoFeed() external {
        vm.expectRevert(abi.encodeWithSelector(ISensorOracle.UnknownFeed.selector, SALAD));
        oracle.read(SALAD);
    }

    function test_Read_RevertGiven_NoAnswerYet() external {
        expectStale(0);
        oracle.read(LETTUCE);
    }

    /// @dev Venus, May 2022: LUNA fell below the floor of its feed, the feed went on saying the
    /// floor, and then nothing; the market went on lending against it.
    function test_Read_StalePrice_Venus() external {
        attest("last", 3900, NOW_MS);
        vm.warp(START + HOUR + 1);
        expectStale(NOW_MS);
        oracle.read(LETTUCE);
        vm.warp(START + HOUR);
        attest("at the floor", -30_000, NOW_MS + 1);
        expectAtBound(-30_000);
        oracle.read(LETTUCE);
    }

    function test_Read_RevertGiven_AnAnswerAtABound(int64 value) external {
        vm.assume(value <= -30_000 || value >= 60_000);
        attest("first", value, NOW_MS);
        expectAtBound(value);
        oracle.read(LETTUCE);
    }

    function test_Read_RevertGiven_AnAnswerAtTheUpperBound() external {
        attest("first", 60_000, NOW_MS);
        expectAtBound(60_000);
        oracle.read(LETTUCE);
    }

    function test_Read_GivesWhatIsJustWithinTheBounds() external {
        attest("low", -29_999, NOW_MS);
        (int64 low,,) = oracle.read(LETTUCE);
        vm.assertEq(low, -29_999);
        attest("high", 59_999, NOW_MS + 1);
        (int64 high,,) = oracle.read(LETTUCE);
        vm.assertEq(high, 59_999);
    }

    /* AGGREGATOR */

    function test_Aggregator_SpeaksAggregatorV3() external {
        attest("first", 3900, NOW_MS - 1);
        attest("second", 4900, NOW_MS);
        vm.assertEq(feed.decimals(), 3);
        vm.assertEq(feed.version(), 1);
        vm.assertEq(keccak256(bytes(feed.description())), keccak256("Lettuce ABC1234, truck"));
        vm.assertEq(address(feed.oracle()), address(oracle));
        vm.assertEq(feed.feedId(), LETTUCE);
        (uint80 round, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredIn) =
            feed.latestRoundData();
        vm.assertEq(round, 2);
        vm.assertEq(answer, 4900);
        vm.assertEq(startedAt, START);
        vm.assertEq(updatedAt, START);
        vm.assertEq(answeredIn, 2);
    }

    function test_Aggregator_GetRoundData_GivesTheNewestEvenWhenStale() external {
        attest("first", 3900, NOW_MS);
        vm.warp(START + 365 days);
        (uint80 round, int256 answer,, uint256 updatedAt,) = feed.getRoundData(1);
        vm.assertEq(round, 1);
        vm.assertEq(answer, 3900);
        vm.assertEq(updatedAt, START);
    }

    function test_Aggregator_RevertGiven_ReadReverts() external {
        expectStale(0);
        feed.latestRoundData();
        attest("first", 60_000, NOW_MS);
        expectAtBound(60_000);
        feed.latestRoundData();
    }

    function test_Aggregator_RevertGiven_AnotherRound(uint80 round) external {
        vm.assume(round != 1);
        attest("first", 3900, NOW_MS);
        expectNoData(round);
        feed.getRoundData(round);
    }

    function test_Aggregator_RevertGiven_NoRound() external {
        expectNoData(0);
        feed.getRoundData(0);
    }

    /* HELPERS */

    /// @dev Between -30 and 60 °C the sensor is to be believed; half a degree is news.
    function coldChain() private pure returns (ISensorOracle.FeedConfig memory) {
        return ISensorOracle.FeedConfig(-30_000, 60_000, 500, HOUR);
    }

    function attest(bytes32 batch, int64 value, uint64 at) private {
        ISensorOracle.Report memory r = measured(batch, value, at);
        oracle.report(r, signed(r, 0, 1));
    }

    function expectAnswer(int64 value, uint64 measuredAt, uint32 round) private view {
        (int64 foundValue, uint64 foundTime, uint32 foundRound) = oracle.latestAnswer(LETTUCE);
        vm.assertEq(foundValue, value);
        vm.assertEq(foundTime, measuredAt);
        vm.assertEq(foundRound, round);
    }

    function expectInvalid(ISensorOracle.FeedConfig memory config) private {
        vm.expectRevert(abi.encodeWithSelector(ISensorOracle.InvalidFeed.selector, SALAD));
        oracle.setFeed(SALAD, config);
    }

    function expectStale(uint64 measuredAt) private {
        vm.expectRevert(
            abi.encodeWithSelector(
                ISensorOracle.StaleAnswer.selector, LETTUCE, measuredAt, block.timestamp
            )
        );
    }

    function expectAtBound(int64 value) private {
        vm.expectRevert(
            abi.encodeWithSelector(ISensorOracle.AnswerAtBound.selector, LETTUCE, value)
        );
    }

    function expectNoData(uint80 round) private {
        vm.expectRevert(abi.encodeWithSelector(SensorFeed.NoDataPresent.selector, round));
    }
}
