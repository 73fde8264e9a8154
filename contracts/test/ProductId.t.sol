// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {ProductId} from "../libraries/ProductId.sol";
import {Actors} from "./Actors.sol";
import {vm} from "./Vm.sol";

/// ProductId
/// ├── it should give the ids of docs/reference/vectors/product_id.json
/// └── given a blinded id
///    ├── it should record under it like under any other
///    └── it should differ with every salt
contract ProductIdTest is Actors {
    string private constant URI = "https://id.gs1.org/01/00860009999923/10/ABC1234";

    function test_GivesTheIdsOfTheVectors() external pure {
        vm.assertEq(
            ProductId.plain(URI), 0x4c7acca13b3b10b8b32e42ffbc6f023b6287d9019b4db5ef2d372d1ac041ef35
        );
        vm.assertEq(
            ProductId.blinded(
                0x1e03e9b3fc6ac3e77b0db044e9fc5b30a49a4be916af214158573ded50e6a759, URI
            ),
            0x2588032fe9e5934e9a2e23af5dd1d32fdf33f659c182eccd7a29f08cea9063a1
        );
    }

    function test_GivenABlindedId_RecordsUnderIt() external {
        bytes32 product = ProductId.blinded(keccak256("a secret salt"), URI);
        farmerRecords(product);
        vm.assertEq(chain.custodianOf(product), FARMER);
        vm.assertEq(chain.head(ProductId.plain(URI)), bytes32(0));
    }

    function test_GivenAnotherSalt_Differs(bytes32 first, bytes32 second) external pure {
        vm.assume(first != second);
        vm.assertTrue(ProductId.blinded(first, URI) != ProductId.blinded(second, URI), "same id");
    }
}
