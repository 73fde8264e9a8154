// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IERC1155Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {IERC1155} from "@openzeppelin/contracts/token/ERC1155/IERC1155.sol";
import {
    IERC1155MetadataURI
} from "@openzeppelin/contracts/token/ERC1155/extensions/IERC1155MetadataURI.sol";
import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";

import {ICarbonToken} from "../interfaces/ICarbonToken.sol";
import {Carbon} from "./Carbon.sol";
import {vm} from "./Vm.sol";

/// @title A receiver that answers as it is told and notes what it was asked
contract Receiver {
    error Refused(uint256 why);

    bytes4 public single;
    bytes4 public batch;
    uint8 public mode; // 0 answer, 1 custom error, 2 nothing, 3 a sentence, 4 panic
    bytes public heard;

    constructor(bytes4 single_, bytes4 batch_, uint8 mode_) {
        (single, batch, mode) = (single_, batch_, mode_);
    }

    function onERC1155Received(
        address operator,
        address from,
        uint256 id,
        uint256 value,
        bytes calldata data
    ) external returns (bytes4) {
        heard = abi.encode(operator, from, id, value, data);
        fail();
        return single;
    }

    function onERC1155BatchReceived(
        address operator,
        address from,
        uint256[] calldata ids,
        uint256[] calldata values,
        bytes calldata data
    ) external returns (bytes4) {
        heard = abi.encode(operator, from, ids, values, data);
        fail();
        return batch;
    }

    function fail() private view {
        if (mode == 1) revert Refused(7);
        // solhint-disable-next-line reason-string
        if (mode == 2) revert();
        require(mode != 3, "not today");
        if (mode == 4) assert(false);
    }
}

/// What ERC-1155 demands and OpenZeppelin's own tests expect, on our token.
/// balanceOf, balanceOfBatch
/// ├── a stranger, and the zero address, hold nothing
/// ├── one account may be asked more than once
/// └── when accounts and ids differ in number: it should revert
/// setApprovalForAll
/// ├── it should set, emit, and can be taken back
/// └── when the operator is zero: it should revert
/// safeTransferFrom
/// ├── it should debit, credit and emit TransferSingle, for the holder or an operator
/// ├── it should ask a contract with operator, giver, id, value and data
/// ├── zero units, and to oneself, move nothing
/// ├── when more than the balance: it should revert
/// ├── when the receiver is zero: it should revert
/// ├── when the caller is not approved: it should revert
/// └── when the receiver answers wrongly, reverts, panics or does not know: it should revert as it did
/// safeBatchTransferFrom
/// ├── it should move each and emit TransferBatch, for the holder or an operator
/// ├── it should ask a contract once for all
/// ├── one id, or none, is still a batch
/// ├── when one is more than the balance: it should revert
/// ├── when ids and amounts differ in number: it should revert
/// ├── when the receiver is zero, or the caller not approved: it should revert
/// └── when the receiver answers wrongly or reverts: it should revert as it did
/// issue to a contract that refuses: it should revert
/// supportsInterface: ERC-165, ERC-1155, its metadata; nothing else
contract Erc1155Test is Carbon {
    bytes4 private constant SINGLE = 0xf23a6e61;
    bytes4 private constant BATCH = 0xbc197c81;

    uint256 private one;
    uint256 private two;

    function setUp() public override {
        super.setUp();
        one = issued();
        ICarbonToken.Issue memory i = range(101, 151);
        i.batch = 2;
        two = token.issue(i);
    }

    /* BALANCES */

    function test_Balance_OfAStrangerIsZero() external view {
        vm.assertEq(token.balanceOf(ATTACKER, one), 0);
        vm.assertEq(token.balanceOf(address(0), one), 0);
        vm.assertEq(token.balanceOf(FARMER, 7), 0);
        vm.assertEq(token.balanceOf(FARMER, one), 100);
    }

    function test_BalanceOfBatch_AnswersEach() external view {
        address[] memory accounts = new address[](4);
        uint256[] memory ids = new uint256[](4);
        (accounts[0], accounts[1], accounts[2], accounts[3]) = (FARMER, FARMER, RETAILER, FARMER);
        (ids[0], ids[1], ids[2], ids[3]) = (one, two, one, one);
        uint256[] memory found = token.balanceOfBatch(accounts, ids);
        vm.assertEq(found[0], 100);
        vm.assertEq(found[1], 50);
        vm.assertEq(found[2], 0);
        vm.assertEq(found[3], 100);
    }

    function test_BalanceOfBatch_RevertWhen_TheNumbersDiffer() external {
        expectLengths(2, 1);
        token.balanceOfBatch(new address[](1), new uint256[](2));
        expectLengths(1, 2);
        token.balanceOfBatch(new address[](2), new uint256[](1));
    }

    /* APPROVAL */

    function test_Approval_SetsAndTakesBack() external {
        vm.expectEmit(address(token));
        emit IERC1155.ApprovalForAll(FARMER, CARRIER, true);
        vm.prank(FARMER);
        token.setApprovalForAll(CARRIER, true);
        vm.assertTrue(token.isApprovedForAll(FARMER, CARRIER), "approved");
        vm.assertTrue(!token.isApprovedForAll(CARRIER, FARMER), "one way");
        vm.expectEmit(address(token));
        emit IERC1155.ApprovalForAll(FARMER, CARRIER, false);
        vm.prank(FARMER);
        token.setApprovalForAll(CARRIER, false);
        vm.assertTrue(!token.isApprovedForAll(FARMER, CARRIER), "taken back");
    }

    function test_Approval_RevertWhen_TheOperatorIsZero() external {
        vm.expectRevert(
            abi.encodeWithSelector(IERC1155Errors.ERC1155InvalidOperator.selector, address(0))
        );
        token.setApprovalForAll(address(0), true);
    }

    /* SINGLE TRANSFERS */

    function test_Transfer_DebitsAndCredits() external {
        vm.expectEmit(address(token));
        emit IERC1155.TransferSingle(FARMER, FARMER, RETAILER, one, 40);
        vm.prank(FARMER);
        token.safeTransferFrom(FARMER, RETAILER, one, 40, "");
        assertHeld(FARMER, one, 60);
        assertHeld(RETAILER, one, 40);
        assertHeld(FARMER, two, 50);
        assertSupply(one, 100, 0, 0);
    }

    function test_Transfer_ByAnOperator() external {
        vm.prank(FARMER);
        token.setApprovalForAll(CARRIER, true);
        vm.expectEmit(address(token));
        emit IERC1155.TransferSingle(CARRIER, FARMER, RETAILER, one, 40);
        vm.prank(CARRIER);
        token.safeTransferFrom(FARMER, RETAILER, one, 40, "");
        assertHeld(CARRIER, one, 0);
        assertHeld(RETAILER, one, 40);
    }

    function test_Transfer_AsksAContract() external {
        Receiver receiver = new Receiver(SINGLE, BATCH, 0);
        vm.prank(FARMER);
        token.safeTransferFrom(FARMER, address(receiver), one, 40, hex"c0ffee");
        vm.assertEq(
            keccak256(receiver.heard()), keccak256(abi.encode(FARMER, FARMER, one, 40, hex"c0ffee"))
        );
        assertHeld(address(receiver), one, 40);
    }

    function test_Transfer_OfNothingOrToOneselfMovesNothing() external {
        vm.startPrank(FARMER);
        vm.expectEmit(address(token));
        emit IERC1155.TransferSingle(FARMER, FARMER, RETAILER, one, 0);
        token.safeTransferFrom(FARMER, RETAILER, one, 0, "");
        token.safeTransferFrom(FARMER, FARMER, one, 100, "");
        vm.stopPrank();
        assertHeld(FARMER, one, 100);
        assertHeld(RETAILER, one, 0);
    }

    function test_Transfer_RevertWhen_MoreThanTheBalance() external {
        expectBalance(FARMER, 100, 101, one);
        vm.prank(FARMER);
        token.safeTransferFrom(FARMER, RETAILER, one, 101, "");
    }

    function test_Transfer_RevertWhen_TheReceiverIsZero() external {
        expectInvalidReceiver(address(0));
        vm.prank(FARMER);
        token.safeTransferFrom(FARMER, address(0), one, 1, "");
    }

    function test_Transfer_RevertWhen_TheCallerIsNotApproved() external {
        expectNotApproved();
        vm.prank(ATTACKER);
        token.safeTransferFrom(FARMER, ATTACKER, one, 1, "");
    }

    function test_Transfer_RevertWhen_TheReceiverAnswersWrongly() external {
        address receiver = address(new Receiver(0xc00c00c0, BATCH, 0));
        expectInvalidReceiver(receiver);
        vm.prank(FARMER);
        token.safeTransferFrom(FARMER, receiver, one, 1, "");
    }

    function test_Transfer_RevertWhen_TheReceiverReverts() external {
        for (uint8 mode = 1; mode <= 4; ++mode) {
            address receiver = address(new Receiver(SINGLE, BATCH, mode));
            expectRefusal(receiver, mode);
            vm.prank(FARMER);
            token.safeTransferFrom(FARMER, receiver, one, 1, "");
        }
        assertHeld(FARMER, one, 100);
    }

    function test_Transfer_RevertWhen_TheReceiverDoesNotKnow() external {
        expectInvalidReceiver(address(chain));
        vm.prank(FARMER);
        token.safeTransferFrom(FARMER, address(chain), one, 1, "");
    }

    /* BATCH TRANSFERS */

    function test_Batch_MovesEach() external {
        vm.expectEmit(address(token));
        emit IERC1155.TransferBatch(FARMER, FARMER, RETAILER, pair(one, two), pair(40, 50));
        vm.prank(FARMER);
        token.safeBatchTransferFrom(FARMER, RETAILER, pair(one, two), pair(40, 50), "");
        assertHeld(FARMER, one, 60);
        assertHeld(FARMER, two, 0);
        assertHeld(RETAILER, one, 40);
        assertHeld(RETAILER, two, 50);
    }

    function test_Batch_ByAnOperator() external {
        vm.prank(FARMER);
        token.setApprovalForAll(CARRIER, true);
        vm.expectEmit(address(token));
        emit IERC1155.TransferBatch(CARRIER, FARMER, RETAILER, pair(one, two), pair(1, 2));
        vm.prank(CARRIER);
        token.safeBatchTransferFrom(FARMER, RETAILER, pair(one, two), pair(1, 2), "");
    }

    function test_Batch_AsksAContractOnce() external {
        Receiver receiver = new Receiver(SINGLE, BATCH, 0);
        vm.prank(FARMER);
        token.safeBatchTransferFrom(
            FARMER, address(receiver), pair(one, two), pair(1, 2), hex"c0ffee"
        );
        vm.assertEq(
            keccak256(receiver.heard()),
            keccak256(abi.encode(FARMER, FARMER, pair(one, two), pair(1, 2), hex"c0ffee"))
        );
    }

    function test_Batch_OfNone() external {
        uint256[] memory none = new uint256[](0);
        vm.expectEmit(address(token));
        emit IERC1155.TransferBatch(FARMER, FARMER, RETAILER, none, none);
        vm.prank(FARMER);
        token.safeBatchTransferFrom(FARMER, RETAILER, none, none, "");
    }

    function test_Batch_RevertWhen_OneIsMoreThanTheBalance() external {
        expectBalance(FARMER, 50, 51, two);
        vm.prank(FARMER);
        token.safeBatchTransferFrom(FARMER, RETAILER, pair(one, two), pair(1, 51), "");
        expectBalance(FARMER, 40, 41, one);
        vm.prank(FARMER);
        token.safeBatchTransferFrom(FARMER, RETAILER, pair(one, one), pair(60, 41), "");
        assertHeld(FARMER, one, 100);
    }

    function test_Batch_RevertWhen_TheNumbersDiffer() external {
        expectLengths(2, 1);
        vm.prank(FARMER);
        token.safeBatchTransferFrom(FARMER, RETAILER, pair(one, two), new uint256[](1), "");
        expectLengths(1, 2);
        vm.prank(FARMER);
        token.safeBatchTransferFrom(FARMER, RETAILER, new uint256[](1), pair(1, 1), "");
    }

    function test_Batch_RevertWhen_TheReceiverIsZero() external {
        expectInvalidReceiver(address(0));
        vm.prank(FARMER);
        token.safeBatchTransferFrom(FARMER, address(0), pair(one, two), pair(1, 1), "");
    }

    function test_Batch_RevertWhen_TheCallerIsNotApproved() external {
        expectNotApproved();
        vm.prank(ATTACKER);
        token.safeBatchTransferFrom(FARMER, ATTACKER, pair(one, two), pair(1, 1), "");
    }

    function test_Batch_RevertWhen_TheReceiverAnswersWrongly() external {
        address receiver = address(new Receiver(SINGLE, SINGLE, 0));
        expectInvalidReceiver(receiver);
        vm.prank(FARMER);
        token.safeBatchTransferFrom(FARMER, receiver, pair(one, two), pair(1, 1), "");
    }

    function test_Batch_RevertWhen_TheReceiverReverts() external {
        for (uint8 mode = 1; mode <= 4; ++mode) {
            address receiver = address(new Receiver(SINGLE, BATCH, mode));
            expectRefusal(receiver, mode);
            vm.prank(FARMER);
            token.safeBatchTransferFrom(FARMER, receiver, pair(one, two), pair(1, 1), "");
        }
    }

    /* ISSUE, INTERFACES */

    function test_Issue_RevertWhen_TheReceiverRefuses() external {
        ICarbonToken.Issue memory i = range(201, 301);
        i.to = address(new Receiver(BATCH, BATCH, 0));
        expectInvalidReceiver(i.to);
        token.issue(i);
        i.to = address(0);
        expectInvalidReceiver(address(0));
        token.issue(i);
    }

    function test_SupportsInterface_OfItsStandards() external view {
        vm.assertTrue(token.supportsInterface(type(IERC165).interfaceId), "ERC-165");
        vm.assertTrue(token.supportsInterface(type(IERC1155).interfaceId), "ERC-1155");
        vm.assertTrue(token.supportsInterface(0xd9b67a26), "ERC-1155's published id");
        vm.assertTrue(token.supportsInterface(type(IERC1155MetadataURI).interfaceId), "metadata");
        vm.assertTrue(!token.supportsInterface(0xffffffff), "ERC-165 forbids it");
        vm.assertTrue(!token.supportsInterface(0x80ac58cd), "ERC-721");
    }

    /* HELPERS */

    function pair(uint256 first, uint256 second) private pure returns (uint256[] memory both) {
        both = new uint256[](2);
        (both[0], both[1]) = (first, second);
    }

    function assertHeld(address account, uint256 id, uint256 amount) private view {
        vm.assertEq(token.balanceOf(account, id), amount);
    }

    function expectLengths(uint256 ids, uint256 values) private {
        vm.expectRevert(
            abi.encodeWithSelector(IERC1155Errors.ERC1155InvalidArrayLength.selector, ids, values)
        );
    }

    function expectInvalidReceiver(address receiver) private {
        vm.expectRevert(
            abi.encodeWithSelector(IERC1155Errors.ERC1155InvalidReceiver.selector, receiver)
        );
    }

    function expectNotApproved() private {
        vm.expectRevert(
            abi.encodeWithSelector(
                IERC1155Errors.ERC1155MissingApprovalForAll.selector, ATTACKER, FARMER
            )
        );
    }

    /// @dev The receiver's own reason, or the standard's error where it gave none.
    function expectRefusal(address receiver, uint8 mode) private {
        if (mode == 1) vm.expectRevert(abi.encodeWithSelector(Receiver.Refused.selector, 7));
        if (mode == 2) expectInvalidReceiver(receiver);
        if (mode == 3) vm.expectRevert(abi.encodeWithSignature("Error(string)", "not today"));
        if (mode == 4) vm.expectRevert(abi.encodeWithSignature("Panic(uint256)", 1));
    }
}
