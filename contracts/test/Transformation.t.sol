// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {ISupplyChain} from "../interfaces/ISupplyChain.sol";
import {ITransformations} from "../interfaces/ITransformations.sol";
import {MassBalance} from "../libraries/MassBalance.sol";
import {Actors} from "./Actors.sol";
import {vm} from "./Vm.sol";

/// transform
/// ├── given the caller holds the inputs
/// │  ├── it should give every input and output an entry of kind 3
/// │  ├── it should emit ProductsTransformed
/// │  ├── given a new output: it should make the caller its custodian
/// │  └── given a product on both sides: it should give it two entries
/// ├── given an input is somebody else's, unknown, packed, recalled or contains a recalled one
/// │  └── it should revert
/// ├── given an output is somebody else's or packed: it should revert
/// ├── given the caller is a delegate: it should revert
/// ├── when no input, no output, or too many: it should revert
/// └── when it lies ahead: it should revert
/// with masses
/// ├── it should move what is used from inputs to outputs
/// ├── it should let less be made than is used
/// ├── it should let what was made be used again
/// ├── when more is made than used, also of several outputs together: it should revert
/// ├── when more is used than left, also by naming an input twice: it should revert
/// ├── when a product on both sides: it should give before it takes
/// ├── when a product's mass fills 128 bits: it should be kept, when it exceeds them revert
/// └── when lengths differ: it should revert
/// declareMass
/// ├── it should keep the mass and emit MassDeclared
/// ├── given it was declared, or made of others: it should revert
/// ├── given somebody else's or a packed product: it should revert
/// └── when zero: it should revert
contract TransformationTest is Actors {
    bytes32 private constant DRESSING = keccak256("https://id.gs1.org/01/00860009999947/10/D1");
    bytes32 private constant PALLET = keccak256("https://id.gs1.org/00/008600099999000015");

    function setUp() public override {
        super.setUp();
        farmerRecords(LETTUCE);
        farmerRecords(DRESSING);
    }

    function test_GivesEveryInputAndOutputAnEntry() external {
        (bytes32 lettuce, bytes32 dressing) = (chain.head(LETTUCE), chain.head(DRESSING));
        vm.expectEmit(address(chain));
        emit ISupplyChain.EventRecorded(LETTUCE, FARMER, DOCUMENT, 2, NOW_MS, 3);
        vm.expectEmit(address(chain));
        emit ISupplyChain.EventRecorded(DRESSING, FARMER, DOCUMENT, 2, NOW_MS, 3);
        vm.expectEmit(address(chain));
        emit ISupplyChain.EventRecorded(SALAD, FARMER, DOCUMENT, 1, NOW_MS, 3);
        transformAs(FARMER, plain());
        vm.assertEq(chain.head(LETTUCE), grown(lettuce, 3, FARMER, address(0)));
        vm.assertEq(chain.head(DRESSING), grown(dressing, 3, FARMER, address(0)));
        vm.assertEq(chain.head(SALAD), grown(0, 3, FARMER, address(0)));
    }

    function test_EmitsProductsTransformed() external {
        declare(LETTUCE, 5);
        ITransformations.Transformation memory t = massed(3, 0, 2);
        vm.expectEmit(address(chain));
        emit ITransformations.ProductsTransformed(
            DOCUMENT, FARMER, t.inputs, t.outputs, t.used, t.made
        );
        transformAs(FARMER, t);
    }

    function test_GivenANewOutput_MakesTheCallerCustodian() external {
        transformAs(FARMER, plain());
        vm.assertEq(chain.custodianOf(SALAD), FARMER);
    }

    function test_GivenAProductOnBothSides_GivesItTwoEntries() external {
        ITransformations.Transformation memory t = plain();
        t.outputs = list(LETTUCE);
        transformAs(FARMER, t);
        vm.assertEq(uint256(chain.head(LETTUCE)) >> 192, 3);
    }

    function test_RevertGiven_AnInputIsSomebodyElses() external {
        expectNotCustodian(LETTUCE, FARMER, ATTACKER);
        transformAs(ATTACKER, plain());
    }

    function test_RevertGiven_AnInputIsUnknown() external {
        ITransformations.Transformation memory t = plain();
        t.inputs[1] = PALLET;
        expectNotCustodian(PALLET, address(0), FARMER);
        transformAs(FARMER, t);
    }

    function test_RevertGiven_AnInputIsPacked() external {
        packAs(PALLET, DRESSING);
        expectPacked(DRESSING, PALLET);
        transformAs(FARMER, plain());
    }

    function test_RevertGiven_AnInputIsRecalled() external {
        recall(DRESSING);
        expectRecalled(DRESSING, 2);
        transformAs(FARMER, plain());
    }

    function test_RevertGiven_AnInputContainsARecalledOne() external {
        packAs(PALLET, DRESSING);
        recall(DRESSING);
        ITransformations.Transformation memory t = plain();
        t.inputs[1] = PALLET;
        vm.expectRevert(abi.encodeWithSelector(ISupplyChain.ContainsRecalled.selector, PALLET, 1));
        transformAs(FARMER, t);
    }

    function test_RevertGiven_AnOutputIsSomebodyElses() external {
        vm.prank(CARRIER);
        chain.record(SALAD, DOCUMENT, NOW_MS, OBJECT);
        expectNotCustodian(SALAD, CARRIER, FARMER);
        transformAs(FARMER, plain());
    }

    function test_RevertGiven_AnOutputIsPacked() external {
        farmerRecords(SALAD);
        packAs(PALLET, SALAD);
        expectPacked(SALAD, PALLET);
        transformAs(FARMER, plain());
    }

    function test_RevertGiven_TheCallerIsADelegate() external {
        vm.prank(FARMER);
        chain.setDelegate(CARRIER, DEADLINE);
        expectNotCustodian(LETTUCE, FARMER, CARRIER);
        transformAs(CARRIER, plain());
    }

    function test_RevertWhen_NoInput() external {
        ITransformations.Transformation memory t = plain();
        t.inputs = new bytes32[](0);
        vm.expectRevert(abi.encodeWithSelector(ISupplyChain.EmptyBatch.selector));
        transformAs(FARMER, t);
    }

    function test_RevertWhen_NoOutput() external {
        ITransformations.Transformation memory t = plain();
        t.outputs = new bytes32[](0);
        vm.expectRevert(abi.encodeWithSelector(ISupplyChain.EmptyBatch.selector));
        transformAs(FARMER, t);
    }

    function test_RevertWhen_TooMany() external {
        ITransformations.Transformation memory t = plain();
        t.outputs = new bytes32[](499);
        vm.expectRevert(abi.encodeWithSelector(ISupplyChain.BatchTooLarge.selector, 501, 500));
        transformAs(FARMER, t);
    }

    function test_RevertWhen_ItLiesAhead() external {
        ITransformations.Transformation memory t = plain();
        t.occurredAt = NOW_MS + 1 days * 1000;
        vm.expectRevert(
            abi.encodeWithSelector(ISupplyChain.OccurredInFuture.selector, t.occurredAt, START)
        );
        transformAs(FARMER, t);
    }

    /* MASS */

    function test_Mass_MovesFromInputsToOutputs() external {
        declare(LETTUCE, 100);
        declare(DRESSING, 50);
        transformAs(FARMER, massed(100, 20, 120));
        assertMass(LETTUCE, 100, 0);
        assertMass(DRESSING, 50, 30);
        assertMass(SALAD, 120, 120);
    }

    function test_Mass_LetsLessBeMade(uint128 grams) external {
        declare(LETTUCE, 100);
        transformAs(FARMER, massed(100, 0, grams % 101));
        assertMass(SALAD, grams % 101, grams % 101);
    }

    function test_Mass_LetsWhatWasMadeBeUsedAgain() external {
        declare(LETTUCE, 100);
        transformAs(FARMER, massed(60, 0, 60));
        ITransformations.Transformation memory t = massed(60, 40, 100);
        (t.inputs, t.outputs) = (list(SALAD, LETTUCE), list(DRESSING));
        transformAs(FARMER, t);
        assertMass(SALAD, 60, 0);
        assertMass(LETTUCE, 100, 0);
        assertMass(DRESSING, 100, 100);
    }

    function test_Mass_RevertWhen_MoreIsMade(uint128 made) external {
        vm.assume(made > 70);
        declare(LETTUCE, 100);
        vm.expectRevert(abi.encodeWithSelector(MassBalance.MassCreated.selector, 70, made));
        transformAs(FARMER, massed(70, 0, made));
    }

    function test_Mass_RevertWhen_OutputsTogetherAreMore() external {
        declare(LETTUCE, 100);
        ITransformations.Transformation memory t = massed(100, 0, 60);
        (t.outputs, t.made) = (list(SALAD, PALLET), new uint128[](2));
        (t.made[0], t.made[1]) = (60, 60);
        vm.expectRevert(abi.encodeWithSelector(MassBalance.MassCreated.selector, 100, 120));
        transformAs(FARMER, t);
    }

    function test_Mass_RevertWhen_MoreIsUsed() external {
        declare(LETTUCE, 100);
        expectExceeded(LETTUCE, 101, 100);
        transformAs(FARMER, massed(101, 0, 1));
    }

    function test_Mass_RevertWhen_AnInputIsNamedTwice() external {
        declare(LETTUCE, 100);
        ITransformations.Transformation memory t = massed(60, 60, 120);
        t.inputs[1] = LETTUCE;
        expectExceeded(LETTUCE, 60, 40);
        transformAs(FARMER, t);
    }

    function test_Mass_GivenAProductOnBothSides_GivesBeforeItTakes() external {
        declare(LETTUCE, 100);
        ITransformations.Transformation memory t = massed(100, 0, 100);
        t.outputs = list(LETTUCE);
        transformAs(FARMER, t);
        assertMass(LETTUCE, 200, 100);

        t.used[0] = 101;
        expectExceeded(LETTUCE, 101, 100);
        transformAs(FARMER, t);
    }

    function test_Mass_WhenItFills128Bits_IsKept() external {
        uint128 most = type(uint128).max;
        declare(LETTUCE, 1);
        declare(DRESSING, most - 1);
        ITransformations.Transformation memory t = massed(1, 0, 1);
        t.outputs = list(DRESSING);
        transformAs(FARMER, t);
        assertMass(DRESSING, most, most);
    }

    function test_Mass_RevertWhen_ItExceeds128Bits() external {
        uint128 most = type(uint128).max;
        declare(LETTUCE, most);
        declare(DRESSING, most);
        ITransformations.Transformation memory t = massed(1, 0, 1);
        t.outputs = list(DRESSING);
        vm.expectRevert(
            abi.encodeWithSelector(MassBalance.MassTooLarge.selector, DRESSING, uint256(most) + 1)
        );
        transformAs(FARMER, t);
    }

    function test_Mass_RevertWhen_UsedAreTooFew() external {
        ITransformations.Transformation memory t = massed(0, 0, 0);
        t.used = new uint128[](1);
        expectMismatch(2, 1);
        transformAs(FARMER, t);
    }

    function test_Mass_RevertWhen_MadeAreMissing() external {
        ITransformations.Transformation memory t = massed(0, 0, 0);
        t.made = new uint128[](0);
        expectMismatch(1, 0);
        transformAs(FARMER, t);
    }

    function test_Mass_RevertWhen_UsedAreMissing() external {
        ITransformations.Transformation memory t = massed(0, 0, 0);
        t.used = new uint128[](0);
        expectMismatch(2, 0);
        transformAs(FARMER, t);
    }

    /* DECLARE */

    function test_Declare_KeepsTheMass(uint128 grams) external {
        vm.assume(grams != 0);
        vm.expectEmit(address(chain));
        emit ITransformations.MassDeclared(LETTUCE, FARMER, grams);
        declare(LETTUCE, grams);
        assertMass(LETTUCE, grams, grams);
    }

    function test_Declare_RevertGiven_ItWasDeclared() external {
        declare(LETTUCE, 5);
        expectDeclared(LETTUCE);
        declare(LETTUCE, 5);
    }

    function test_Declare_RevertGiven_ItWasDeclaredAndUsedUp() external {
        declare(LETTUCE, 5);
        transformAs(FARMER, massed(5, 0, 5));
        expectDeclared(LETTUCE);
        declare(LETTUCE, 5);
    }

    function test_Declare_RevertGiven_ItWasMadeOfOthers() external {
        declare(LETTUCE, 5);
        transformAs(FARMER, massed(5, 0, 5));
        expectDeclared(SALAD);
        declare(SALAD, 5);
    }

    function test_Declare_RevertGiven_SomebodyElses() external {
        expectNotCustodian(LETTUCE, FARMER, ATTACKER);
        vm.prank(ATTACKER);
        chain.declareMass(LETTUCE, 5);
    }

    function test_Declare_RevertGiven_APackedProduct() external {
        packAs(PALLET, LETTUCE);
        expectPacked(LETTUCE, PALLET);
        declare(LETTUCE, 5);
    }

    function test_Declare_RevertWhen_Zero() external {
        vm.expectRevert(abi.encodeWithSelector(ITransformations.NoMass.selector, LETTUCE));
        declare(LETTUCE, 0);
    }

    /* STORIES */

    /// @dev Lettuce and dressing become salad.
    function plain() private pure returns (ITransformations.Transformation memory t) {
        t.inputs = list(LETTUCE, DRESSING);
        t.outputs = list(SALAD);
        (t.dataHash, t.occurredAt) = (DOCUMENT, NOW_MS);
    }

    function massed(uint128 lettuce, uint128 dressing, uint128 salad)
        private
        pure
        returns (ITransformations.Transformation memory t)
    {
        t = plain();
        (t.used, t.made) = (new uint128[](2), new uint128[](1));
        (t.used[0], t.used[1], t.made[0]) = (lettuce, dressing, salad);
    }

    function transformAs(address actor, ITransformations.Transformation memory t) private {
        vm.prank(actor);
        chain.transform(t);
    }

    function declare(bytes32 product, uint128 grams) private {
        vm.prank(FARMER);
        chain.declareMass(product, grams);
    }

    function packAs(bytes32 parent, bytes32 child) private {
        vm.prank(FARMER);
        chain.pack(parent, list(child), DOCUMENT, NOW_MS);
    }

    function recall(bytes32 product) private {
        vm.prank(REGULATOR);
        chain.recall(product, DOCUMENT, NOW_MS, 2);
    }

    function assertMass(bytes32 product, uint128 made, uint128 left) private view {
        (uint128 actualMade, uint128 actualLeft) = chain.massOf(product);
        vm.assertEq(uint256(actualMade), made);
        vm.assertEq(uint256(actualLeft), left);
    }

    function expectExceeded(bytes32 product, uint128 used, uint128 left) private {
        vm.expectRevert(
            abi.encodeWithSelector(MassBalance.MassExceeded.selector, product, used, left)
        );
    }

    function expectMismatch(uint256 expected, uint256 actual) private {
        vm.expectRevert(
            abi.encodeWithSelector(ISupplyChain.CountMismatch.selector, expected, actual)
        );
    }

    function expectDeclared(bytes32 product) private {
        vm.expectRevert(abi.encodeWithSelector(ITransformations.MassIsDeclared.selector, product));
    }
}
