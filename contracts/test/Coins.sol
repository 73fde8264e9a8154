// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @title Money for tests: one sane token and those that make escrows bleed
contract Coin is ERC20("Coin", "COIN") {
    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }
}

/// @dev Keeps a percentage of every transfer, as soon as it is told to.
contract FeeCoin is Coin {
    uint256 public percent = 1;

    function setPercent(uint256 next) external {
        percent = next;
    }

    function _update(address from, address to, uint256 amount) internal override {
        super._update(from, to, amount);
        if (from != address(0) && to != address(0)) super._update(to, address(0), fee(amount));
    }

    function fee(uint256 amount) private view returns (uint256) {
        return amount * percent / 100;
    }
}

/// @dev Refuses to move a blocked account's money, in either direction (as USDC does).
contract BlockingCoin is Coin {
    error Blocked(address account);

    mapping(address account => bool) public blocked;

    function setBlocked(address account) external {
        blocked[account] = true;
    }

    function _update(address from, address to, uint256 amount) internal override {
        if (blocked[from]) revert Blocked(from);
        if (blocked[to]) revert Blocked(to);
        super._update(from, to, amount);
    }
}

/// @dev Tells a listener of every transfer while it happens (as ERC-777 does).
contract CallingCoin is Coin {
    address private _listener;
    bytes private _call;
    bool private _calling;

    function listen(address listener, bytes calldata call_) external {
        (_listener, _call) = (listener, call_);
    }

    function _update(address from, address to, uint256 amount) internal override {
        super._update(from, to, amount);
        if (_listener == address(0) || _calling || from == address(0)) return;
        _calling = true;
        (bool done, bytes memory reason) = _listener.call(_call);
        _calling = false;
        if (!done) {
            assembly ("memory-safe") {
                revert(add(reason, 32), mload(reason))
            }
        }
    }
}

/// @dev Says false and moves nothing (as some early tokens do).
contract FalseCoin {
    function balanceOf(address) external pure returns (uint256) {
        return 0;
    }

    function transferFrom(address, address, uint256) external pure returns (bool) {
        return false;
    }
}

/// @dev Moves what it should and says nothing (as USDT does).
contract SilentCoin {
    mapping(address account => uint256) public balanceOf;

    function mint(address to, uint256 amount) external {
        balanceOf[to] += amount;
    }

    function transfer(address to, uint256 amount) external {
        balanceOf[msg.sender] -= amount;
        balanceOf[to] += amount;
    }

    function transferFrom(address from, address to, uint256 amount) external {
        balanceOf[from] -= amount;
        balanceOf[to] += amount;
    }
}

/// @dev Names any balance it likes.
contract LyingCoin {
    uint256 public balanceOf_;

    function balanceOf(address) external view returns (uint256) {
        return balanceOf_;
    }

    function transferFrom(address, address, uint256 amount) external returns (bool) {
        balanceOf_ += amount;
        return true;
    }

    function transfer(address, uint256) external pure returns (bool) {
        return true;
    }
}
