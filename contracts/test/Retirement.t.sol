// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IERC1155} from "@openzeppelin/contracts/token/ERC1155/IERC1155.sol";
import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {Nonces} from "@openzeppelin/contracts/utils/Nonces.sol";

import {ICarbonToken} from "../interfaces/ICarbonToken.sol";
import {IFootprintRegistry} from "../interfaces/IFootprintRegistry.sol";
import {Carbon} from "./Carbon.sol";
import {vm} from "./Vm.sol";

/// @title A wallet that is a contract: it signs what it was told to
contract Wallet is IERC1271 {
    bytes32 private _approved;

    function approve(bytes32 digest) external {
        _approved = digest;
    }

    function isValidSignature(bytes32 digest, bytes calldata) external view returns (bytes4) {
        return digest == _approved ? IERC1271.isValidSignature.selector : bytes4(0);
    }

    function onERC1155Received(address, address, uint256, uint256, bytes calldata)
        external
        pure
        returns (bytes4)
    {
        return this.onERC1155Received.selector;
    }
}

/// retire
/// ├── it should burn, count and emit CreditRetired
/// ├── it should name the retirement by its first kilogram
/// ├── when the amount is zero: it should revert
/// ├── when the holder has less: it should revert
/// └── when the amount does not fit 64 bits: it should revert
/// retireAgainst
/// ├── it should retire and count against the footprint
/// ├── given no such footprint: it should revert and burn nothing
/// ├── when it exceeds the footprint: it should revert and burn nothing
/// └── when the amount is zero: it should revert
/// retireMany
/// ├── it should burn once and log each, against footprints or none
/// ├── it should name each by its first kilogram
/// ├── when it lists nothing: it should revert
/// ├── when one amount is zero: it should revert
/// ├── when the holder has less than their sum: it should revert
/// └── when one exceeds its footprint: it should revert and burn nothing
/// retireFor
/// ├── it should retire the signer's credits, whoever sends it
/// ├── it should count against the footprint it names
/// ├── given a wallet contract: it should retire what that approves
/// ├── given a replay: it should revert
/// ├── when the nonce is not the next: it should revert
/// ├── when expired: it should revert, and not at the deadline itself
/// ├── when signed by another: it should revert
/// ├── when the signature is malleable: it should revert
/// ├── when signed for another chain or contract: it should revert
/// └── when any field was altered: it should revert
contract RetirementTest is Carbon {
    uint256 private id;

    function setUp() public override {
        super.setUp();
        id = issued();
    }

    /* RETIRE */

    function test_Retire_BurnsAndCounts() external {
        vm.expectEmit(address(token));
        emit IERC1155.TransferSingle(FARMER, FARMER, address(0), id, 30);
        vm.expectEmit(address(token));
        emit ICarbonToken.CreditRetired(id, FARMER, 0, 1, 30, RETAILER, DOCUMENT);
        vm.prank(FARMER);
        token.retire(id, 30, RETAILER, DOCUMENT);
        vm.assertEq(token.balanceOf(FARMER, id), 70);
        assertSupply(id, 100, 30, 0);
    }

    function test_Retire_NamesItByItsFirstKilogram() external {
        vm.startPrank(FARMER);
        vm.assertEq(token.retire(id, 30, RETAILER, DOCUMENT), 1);
        vm.assertEq(token.retire(id, 1, RETAILER, DOCUMENT), 31);
        vm.assertEq(token.retire(id, 69, RETAILER, DOCUMENT), 32);
        vm.stopPrank();
        assertSupply(id, 100, 100, 0);
    }

    function test_Retire_RevertWhen_Zero() external {
        expectZeroAmount();
        vm.prank(FARMER);
        token.retire(id, 0, FARMER, DOCUMENT);
    }

    function test_Retire_RevertWhen_TheHolderHasLess() external {
        vm.prank(FARMER);
        token.safeTransferFrom(FARMER, RETAILER, id, 60, "");
        expectBalance(FARMER, 40, 41, id);
        vm.prank(FARMER);
        token.retire(id, 41, FARMER, DOCUMENT);
    }

    function test_Retire_RevertWhen_TheAmountDoesNotFit64Bits() external {
        uint256 amount = (1 << 64) + 1;
        expectBalance(FARMER, 100, amount, id);
        vm.prank(FARMER);
        token.retire(id, amount, FARMER, DOCUMENT);
    }

    /* RETIRE AGAINST A FOOTPRINT */

    function test_RetireAgainst_CountsAgainstTheFootprint() external {
        farmerPublishes(50);
        vm.expectEmit(address(token));
        emit ICarbonToken.CreditRetired(id, FARMER, LETTUCE, 1, 20, RETAILER, DOCUMENT);
        vm.expectEmit(address(token));
        emit ICarbonToken.FootprintCompensated(LETTUCE, FARMER, id, 20);
        vm.prank(FARMER);
        vm.assertEq(token.retireAgainst(id, 20, RETAILER, DOCUMENT, LETTUCE, FARMER), 1);
        vm.prank(FARMER);
        vm.assertEq(token.retireAgainst(id, 30, RETAILER, DOCUMENT, LETTUCE, FARMER), 21);
        assertRetired(50);
        assertSupply(id, 100, 50, 0);
    }

    function test_RetireAgainst_RevertGiven_NoFootprint() external {
        farmerPublishes(50);
        expectUnknownFootprint(LETTUCE, RETAILER);
        vm.prank(FARMER);
        token.retireAgainst(id, 1, RETAILER, DOCUMENT, LETTUCE, RETAILER);
        expectUnknownFootprint(0, FARMER);
        vm.prank(FARMER);
        token.retireAgainst(id, 1, RETAILER, DOCUMENT, 0, FARMER);
        vm.assertEq(token.balanceOf(FARMER, id), 100);
    }

    function test_RetireAgainst_RevertWhen_ItExceedsTheFootprint() external {
        farmerPublishes(50);
        vm.prank(FARMER);
        token.retireAgainst(id, 20, RETAILER, DOCUMENT, LETTUCE, FARMER);
        expectExceeded(50, 20, 31);
        vm.prank(FARMER);
        token.retireAgainst(id, 31, RETAILER, DOCUMENT, LETTUCE, FARMER);
        assertSupply(id, 100, 20, 0);
    }

    function test_RetireAgainst_RevertWhen_Zero() external {
        farmerPublishes(50);
        expectZeroAmount();
        vm.prank(FARMER);
        token.retireAgainst(id, 0, RETAILER, DOCUMENT, LETTUCE, FARMER);
    }

    /* RETIRE MANY */

    function test_RetireMany_BurnsOnceAndLogsEach() external {
        farmerPublishes(50);
        ICarbonToken.Portion[] memory portions = threePortions();
        vm.expectEmit(address(token));
        emit IERC1155.TransferSingle(FARMER, FARMER, address(0), id, 45);
        expectPortion(portions[0], 1);
        expectPortion(portions[1], 11);
        vm.expectEmit(address(token));
        emit ICarbonToken.FootprintCompensated(LETTUCE, FARMER, id, 15);
        expectPortion(portions[2], 26);
        vm.prank(FARMER);
        vm.assertEq(token.retireMany(id, portions), 1);
        assertSupply(id, 100, 45, 0);
        assertRetired(15);
    }

    function test_RetireMany_NamesEachByItsFirstKilogram() external {
        ICarbonToken.Portion[] memory portions = threePortions();
        (portions[1].productId, portions[1].publisher) = (0, address(0));
        vm.startPrank(FARMER);
        token.retire(id, 5, FARMER, DOCUMENT);
        expectPortion(portions[0], 6);
        expectPortion(portions[1], 16);
        expectPortion(portions[2], 31);
        vm.assertEq(token.retireMany(id, portions), 6);
        vm.assertEq(token.retire(id, 5, FARMER, DOCUMENT), 51);
        vm.stopPrank();
    }

    function test_RetireMany_RevertWhen_ItListsNothing() external {
        expectZeroAmount();
        vm.prank(FARMER);
        token.retireMany(id, new ICarbonToken.Portion[](0));
    }

    function test_RetireMany_RevertWhen_OneIsZero() external {
        ICarbonToken.Portion[] memory portions = threePortions();
        portions[2].amount = 0;
        expectZeroAmount();
        vm.prank(FARMER);
        token.retireMany(id, portions);
    }

    function test_RetireMany_RevertWhen_TheHolderHasLess() external {
        ICarbonToken.Portion[] memory portions = threePortions();
        portions[2].amount = 76;
        expectBalance(FARMER, 100, 101, id);
        vm.prank(FARMER);
        token.retireMany(id, portions);
        (portions[0].amount, portions[1].amount) = (type(uint64).max, type(uint64).max);
        expectBalance(FARMER, 100, 2 * uint256(type(uint64).max) + 76, id);
        vm.prank(FARMER);
        token.retireMany(id, portions);
    }

    function test_RetireMany_RevertWhen_OneExceedsItsFootprint() external {
        farmerPublishes(14);
        ICarbonToken.Portion[] memory portions = threePortions();
        expectExceeded(14, 0, 15);
        vm.prank(FARMER);
        token.retireMany(id, portions);
        assertSupply(id, 100, 0, 0);
    }

    /* RETIRE FOR */

    function test_RetireFor_RetiresForTheSigner() external {
        ICarbonToken.Retirement memory r = retirement(id, 30);
        bytes memory consent = signRetirement(FARMER_KEY, r);
        vm.expectEmit(address(token));
        emit IERC1155.TransferSingle(RELAYER, FARMER, address(0), id, 30);
        vm.expectEmit(address(token));
        emit ICarbonToken.CreditRetired(id, FARMER, 0, 1, 30, RETAILER, DOCUMENT);
        vm.prank(RELAYER);
        vm.assertEq(token.retireFor(r, consent), 1);
        vm.assertEq(token.nonces(FARMER), 1);
        assertSupply(id, 100, 30, 0);
    }

    function test_RetireFor_CountsAgainstTheFootprint() external {
        farmerPublishes(50);
        ICarbonToken.Retirement memory r = retirement(id, 30);
        (r.productId, r.publisher) = (LETTUCE, FARMER);
        bytes memory consent = signRetirement(FARMER_KEY, r);
        vm.expectEmit(address(token));
        emit ICarbonToken.CreditRetired(id, FARMER, LETTUCE, 1, 30, RETAILER, DOCUMENT);
        vm.expectEmit(address(token));
        emit ICarbonToken.FootprintCompensated(LETTUCE, FARMER, id, 30);
        vm.prank(RELAYER);
        token.retireFor(r, consent);
        assertRetired(30);
    }

    function test_RetireFor_GivenAWalletContract_RetiresWhatItApproves() external {
        Wallet wallet = new Wallet();
        vm.prank(FARMER);
        token.safeTransferFrom(FARMER, address(wallet), id, 60, "");
        ICarbonToken.Retirement memory r = retirement(id, 30);
        (r.holder, r.nonce) = (address(wallet), 0);
        expectInvalidConsent(address(wallet));
        token.retireFor(r, "");
        wallet.approve(retirementDigest(r));
        token.retireFor(r, "");
        vm.assertEq(token.balanceOf(address(wallet), id), 30);
    }

    function test_RetireFor_RevertGiven_AReplay() external {
        ICarbonToken.Retirement memory r = retirement(id, 30);
        bytes memory consent = signRetirement(FARMER_KEY, r);
        token.retireFor(r, consent);
        expectNonce(1);
        token.retireFor(r, consent);
    }

    function test_RetireFor_RevertWhen_TheNonceIsNotTheNext() external {
        ICarbonToken.Retirement memory r = retirement(id, 30);
        r.nonce = 1;
        bytes memory consent = signRetirement(FARMER_KEY, r);
        expectNonce(0);
        token.retireFor(r, consent);
    }

    function test_RetireFor_RevertWhen_Expired() external {
        ICarbonToken.Retirement memory r = retirement(id, 30);
        bytes memory consent = signRetirement(FARMER_KEY, r);
        vm.warp(DEADLINE + 1);
        vm.expectRevert(
            abi.encodeWithSelector(ICarbonToken.Expired.selector, DEADLINE, DEADLINE + 1)
        );
        token.retireFor(r, consent);
        vm.warp(DEADLINE);
        token.retireFor(r, consent);
    }

    function test_RetireFor_RevertWhen_SignedByAnother() external {
        ICarbonToken.Retirement memory r = retirement(id, 30);
        bytes memory consent = signRetirement(ATTACKER_KEY, r);
        expectInvalidConsent(FARMER);
        token.retireFor(r, consent);
    }

    function test_RetireFor_RevertWhen_TheSignatureIsMalleable() external {
        ICarbonToken.Retirement memory r = retirement(id, 30);
        bytes memory consent = malleated(FARMER_KEY, retirementDigest(r));
        expectInvalidConsent(FARMER);
        token.retireFor(r, consent);
    }

    function test_RetireFor_RevertWhen_SignedForAnotherChain() external {
        ICarbonToken.Retirement memory r = retirement(id, 30);
        vm.chainId(1);
        bytes memory consent = signRetirement(FARMER_KEY, r);
        vm.chainId(31_337);
        expectInvalidConsent(FARMER);
        token.retireFor(r, consent);
    }

    function test_RetireFor_RevertWhen_SignedForAnotherContract() external {
        ICarbonToken.Retirement memory r = retirement(id, 30);
        bytes32 structHash = keccak256(abi.encode(token.RETIREMENT_TYPEHASH(), r));
        bytes32 digest = digestOf(address(chain), "SmartRetail360 CarbonToken", structHash);
        expectInvalidConsent(FARMER);
        token.retireFor(r, signature(FARMER_KEY, digest));
    }

    function test_RetireFor_RevertWhen_AnyFieldWasAltered() external {
        ICarbonToken.Retirement memory signed = retirement(id, 30);
        bytes memory consent = signRetirement(FARMER_KEY, signed);
        for (uint256 n; n < 7; ++n) {
            ICarbonToken.Retirement memory r = retirement(id, 30);
            if (n == 0) r.id += 1;
            if (n == 1) r.amount += 1;
            if (n == 2) r.beneficiary = ATTACKER;
            if (n == 3) r.purposeHash = OTHER_DOCUMENT;
            if (n == 4) r.productId = LETTUCE;
            if (n == 5) r.publisher = ATTACKER;
            if (n == 6) r.deadline += 1;
            expectInvalidConsent(FARMER);
            token.retireFor(r, consent);
        }
        signed.holder = RETAILER;
        expectInvalidConsent(RETAILER);
        token.retireFor(signed, consent);
    }

    function test_RetireFor_HasTheTypehashOfItsFields() external view {
        vm.assertEq(
            token.RETIREMENT_TYPEHASH(),
            keccak256(
                "Retirement(address holder,uint256 id,uint64 amount,address beneficiary,bytes32 purposeHash,bytes32 productId,address publisher,uint256 nonce,uint64 deadline)"
            )
        );
    }

    /* FUZZ */

    function test_Supply_AddsUp(uint64 amount, uint64 moved, uint64 retired) external {
        uint64 start = 1_000;
        amount = amount % (type(uint64).max - start) + 1;
        moved = uint64(uint256(moved) % (uint256(amount) + 1));
        ICarbonToken.Issue memory i = range(start, start + amount);
        i.batch = 2;
        uint256 other = token.issue(i);
        vm.prank(FARMER);
        token.safeTransferFrom(FARMER, RETAILER, other, moved, "");
        retired = uint64(uint256(retired) % (uint256(moved) + 1));
        if (retired > 0) {
            vm.prank(RETAILER);
            token.retire(other, retired, FARMER, DOCUMENT);
        }
        assertSupply(other, amount, retired, 0);
        uint256 held = token.balanceOf(FARMER, other) + token.balanceOf(RETAILER, other);
        vm.assertEq(held, amount - retired);
    }

    /* HELPERS */

    /// @dev 10 for nobody's product, 15 for the lettuce, 20 for nobody's product.
    function threePortions() private view returns (ICarbonToken.Portion[] memory portions) {
        portions = new ICarbonToken.Portion[](3);
        portions[0] = ICarbonToken.Portion(10, RETAILER, DOCUMENT, 0, address(0));
        portions[1] = ICarbonToken.Portion(15, CARRIER, OTHER_DOCUMENT, LETTUCE, FARMER);
        portions[2] = ICarbonToken.Portion(20, FARMER, 0, 0, address(0));
    }

    function expectPortion(ICarbonToken.Portion memory p, uint256 firstKg) private {
        vm.expectEmit(address(token));
        emit ICarbonToken.CreditRetired(
            id, FARMER, p.productId, firstKg, p.amount, p.beneficiary, p.purposeHash
        );
    }

    function assertRetired(uint256 kg) private view {
        (, uint64 retired,,,) = footprints.footprintOf(LETTUCE, FARMER);
        vm.assertEq(retired, kg);
    }

    function expectZeroAmount() private {
        vm.expectRevert(abi.encodeWithSelector(ICarbonToken.ZeroAmount.selector));
    }

    function expectNonce(uint256 next) private {
        vm.expectRevert(abi.encodeWithSelector(Nonces.InvalidAccountNonce.selector, FARMER, next));
    }

    function expectInvalidConsent(address account) private {
        vm.expectRevert(abi.encodeWithSelector(ICarbonToken.InvalidSignature.selector, account));
    }

    function expectUnknownFootprint(bytes32 product, address publisher) private {
        vm.expectRevert(
            abi.encodeWithSelector(IFootprintRegistry.UnknownFootprint.selector, product, publisher)
        );
    }

    function expectExceeded(uint64 kg, uint64 retired, uint256 amount) private {
        vm.expectRevert(
            abi.encodeWithSelector(
                IFootprintRegistry.FootprintExceeded.selector, LETTUCE, FARMER, kg, retired, amount
            )
        );
    }
}
