// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {SupplyChain} from "../SupplyChain.sol";
import {ISupplyChain} from "../interfaces/ISupplyChain.sol";
import {ITransformations} from "../interfaces/ITransformations.sol";
import {Actors} from "./Actors.sol";
import {SupplyReplay} from "./SupplyReplay.sol";
import {vm} from "./Vm.sol";

/// @title Whatever four people, their delegates, a regulator and the administrator do, in any order
/// @dev The fuzzer calls these; each then lets the reader read what was logged. Half of the time
/// the one who acts is the one who may.
contract SupplyActions is Actors, SupplyReplay {
    mapping(address actor => mapping(uint256 nonce => uint256)) private nonceUses;
    mapping(address actor => mapping(uint256 nonce => bool)) private voided;
    mapping(bytes32 product => ISupplyChain.Handover) private lastOffer;

    constructor() {
        super.setUp();
        vm.recordLogs();
    }

    /// @dev Once is enough, also when the fuzzer finds it.
    function setUp() public override {}

    function supplyChain() external view returns (SupplyChain) {
        return chain;
    }

    /* RECORDS */

    function record(uint8 who, uint8 what, bytes32 document, uint8 kind) external {
        bytes memory data =
            abi.encodeCall(chain.record, (product(what), document, NOW_MS, kind % 18));
        act(actor(who, what), data);
    }

    function recordBatch(uint8 who, uint8 first, uint8 second, bytes32 document) external {
        bytes32[] memory both = list(product(first), product(second));
        act(actor(who, first), abi.encodeCall(chain.recordBatch, (both, document, NOW_MS, 1)));
    }

    function recordRun(uint8 who, uint8 what, uint8 length, bytes32 document) external {
        ISupplyChain.Entry[] memory entries = new ISupplyChain.Entry[](length % 4);
        for (uint256 i; i < entries.length; ++i) {
            entries[i] = ISupplyChain.Entry(document, NOW_MS + uint64(i), uint8(i) + 1);
        }
        act(actor(who, what), abi.encodeCall(chain.recordRun, (product(what), entries)));
    }

    function recordMany(uint8 first, uint8 second, uint8 what, bytes32 document) external {
        ISupplyChain.Record[] memory records = new ISupplyChain.Record[](2);
        bytes[] memory consents = new bytes[](2);
        for (uint256 i; i < 2; ++i) {
            uint8 who = i == 0 ? first : second;
            bytes32 id = product(what % 6 + uint8(i));
            bytes32 expected = who < 200 ? chain.head(id) : bytes32(0);
            records[i] =
                ISupplyChain.Record(person(who), id, expected, document, NOW_MS, 1, DEADLINE);
            consents[i] = signRecord(key(who), records[i]);
        }
        act(RELAYER, abi.encodeCall(chain.recordSignedMany, (records, consents)));
    }

    function recordUnordered(uint8 who, uint8 what, uint8 nonce, bytes32 document) external {
        ISupplyChain.UnorderedRecord memory r = ISupplyChain.UnorderedRecord(
            person(who), product(what), nonce, document, NOW_MS, 1, DEADLINE
        );
        bytes32 structHash = keccak256(abi.encode(chain.UNORDERED_RECORD_TYPEHASH(), r));
        bytes memory consent = signStruct(key(who), structHash);
        if (!act(RELAYER, abi.encodeCall(chain.recordUnordered, (r, consent)))) return;
        if (++nonceUses[r.actor][nonce] > 1) fault = "a nonce used twice";
        if (voided[r.actor][nonce]) fault = "a voided nonce used";
    }

    function invalidateNonces(uint8 who, uint8 nonce) external {
        voided[person(who)][nonce] = true;
        act(person(who), abi.encodeCall(chain.invalidateNonces, (0, 1 << nonce)));
    }

    function correct(uint8 who, uint8 what, uint8 seq, bytes32 document) external {
        bytes memory data =
            abi.encodeCall(chain.correct, (product(what), seq % 8, document, NOW_MS));
        act(actor(who, what), data);
    }

    /* CUSTODY */

    function handover(uint8 giver, uint8 receiver, uint8 what, bytes32 document) external {
        ISupplyChain.Handover memory h = agreed(giver, receiver, what, document);
        bytes memory consent = signHandover(key(receiver), h);
        act(h.from, abi.encodeCall(chain.handover, (h, consent)));
    }

    function offer(uint8 giver, uint8 receiver, uint8 what, bytes32 document) external {
        ISupplyChain.Handover memory h = agreed(giver, receiver, what, document);
        if (act(h.from, abi.encodeCall(chain.offer, (h)))) lastOffer[h.productId] = h;
    }

    function answer(uint8 what, uint8 how) external {
        ISupplyChain.Handover memory h = lastOffer[product(what)];
        if (how % 4 == 2) act(h.from, abi.encodeCall(chain.cancel, (h)));
        else if (how % 4 == 3) act(h.to, abi.encodeCall(chain.reject, (h)));
        else act(h.to, abi.encodeCall(chain.accept, (h)));
    }

    function setDelegate(uint8 who, uint8 whom, bool ends) external {
        uint64 until = ends ? 0 : DEADLINE;
        act(person(who), abi.encodeCall(chain.setDelegate, (person(whom), until)));
    }

    function pack(uint8 who, uint8 parent, uint8 first, uint8 second) external {
        bytes32[] memory children = list(product(first), product(second));
        if (second % 2 == 0) children = list(product(first));
        bytes memory data =
            abi.encodeCall(chain.pack, (product(parent), children, DOCUMENT, NOW_MS));
        act(actor(who, first), data);
    }

    function unpack(uint8 who, uint8 child, uint8 other) external {
        bytes32 parent = chain.parentOf(product(child));
        bytes32[] memory children = list(product(child), product(other));
        if (other % 4 != 0) children = list(product(child));
        act(actor(who, child), abi.encodeCall(chain.unpack, (parent, children, DOCUMENT, NOW_MS)));
    }

    /* RECALL */

    function recall(uint8 who, uint8 what, bytes32 notice, uint8 level) external {
        address who_ = who % 3 == 0 ? REGULATOR : actor(who, what);
        act(who_, abi.encodeCall(chain.recall, (product(what), notice, NOW_MS, level % 5)));
    }

    function closeRecall(uint8 who, uint8 what, bytes32 notice) external {
        address who_ = who % 2 == 0 ? REGULATOR : actor(who, what);
        act(who_, abi.encodeCall(chain.closeRecall, (product(what), notice, NOW_MS)));
    }

    /* MASS */

    function declareMass(uint8 who, uint8 what, uint128 grams) external {
        act(actor(who, what), abi.encodeCall(chain.declareMass, (product(what), grams)));
    }

    function transform(uint8 who, uint8[4] calldata what, uint8[4] calldata share) external {
        ITransformations.Transformation memory t;
        t.inputs = list(product(what[0]), product(what[1]));
        t.outputs = list(product(what[2]), product(what[3]));
        (t.dataHash, t.occurredAt) = (DOCUMENT, NOW_MS);
        if (who % 4 != 0) (t.used, t.made) = (new uint128[](2), new uint128[](2));
        for (uint256 i; i < t.used.length; ++i) {
            (, uint128 left) = chain.massOf(t.inputs[i]);
            t.used[i] = left / 128 * (share[i] % 130);
            t.made[i] = t.used[i] / 128 * (share[i + 2] % 130);
        }
        act(actor(who, what[0]), abi.encodeCall(chain.transform, (t)));
    }

    /// @dev The logs of a call that failed are dropped: forge keeps them, a chain does not.
    function act(address who, bytes memory data) private returns (bool done) {
        vm.prank(who);
        (done,) = address(chain).call(data);
        replay(done);
    }

    /* WHO AND WHAT */

    function agreed(uint8 giver, uint8 receiver, uint8 what, bytes32 document)
        private
        view
        returns (ISupplyChain.Handover memory)
    {
        bytes32 id = product(what);
        return ISupplyChain.Handover(
            actor(giver, what), person(receiver), id, chain.head(id), document, NOW_MS, DEADLINE
        );
    }

    /// @dev Six products: few enough to be packed into each other.
    function product(uint8 what) private pure returns (bytes32) {
        return bytes32(uint256(what % 6));
    }

    function actor(uint8 who, uint8 what) private view returns (address) {
        address custodian = chain.custodianOf(product(what));
        return who < 128 && custodian != address(0) ? custodian : person(who);
    }

    /// @dev The regulator and the administrator of everything sign nothing here.
    function key(uint8 who) private pure returns (uint256) {
        return [FARMER_KEY, CARRIER_KEY, RETAILER_KEY, ATTACKER_KEY, 1, 1][who % 6];
    }

    function person(uint8 who) private view returns (address) {
        return [FARMER, CARRIER, RETAILER, ATTACKER, REGULATOR, address(this)][who % 6];
    }
}
